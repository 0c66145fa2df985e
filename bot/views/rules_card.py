"""The rule book in Slack, part by part, and for who may change it a button beside each."""

from bot import actions
from bot.views.blocks import Block, button, context, escape, header, section
from bot.views.blocks import actions as row
from bot.views.rule_labels import Section, key_name, keys_in, section_name, shown
from bot.views.service_model import service_lines, service_matrix
from bot.words import Words
from domain.rule_drafts import flat
from domain.rulebook import RuleBook
from domain.rulefile import to_plain


def rules_card(rules: RuleBook, words: Words, *, may_try: bool, may_keep: bool) -> list[Block]:
    """Show a rule book; who may see a change's effect and not save it reads so."""
    label = words.say("Change") if may_keep else words.say("Try out")
    blocks = [header(_title(rules, words))]
    for part in Section:
        name = section_name(part, words)
        change = button(label, f"{actions.RULES_SECTION}:{part}", part.value, about=name)
        beside = change if may_try else None
        if part is Section.SERVICES:
            blocks += service_matrix(rules, words, change=beside)
            continue
        lines = (f"*{escape(name)}*", *map(escape, _lines(part, rules, words)))
        blocks.append(section("\n".join(lines), accessory=beside))
    blocks.append(row(button(words.say("History of the rules"), actions.RULES_HISTORY, "rules")))
    reserved = [context(try_only(words))] if may_try and not may_keep else []
    return [*blocks, *reserved, *(context(each) for each in _more(words))]


def try_only(words: Words) -> str:
    """Say that a change can be worked out and not saved."""
    return words.say(
        "The rule book is reserved: you see what a change would do; who administers Tierwise "
        "saves it."
    )


def rules_text(rules: RuleBook, words: Words) -> str:
    """Say a rule book as text."""
    lines = [_title(rules, words)]
    for part in Section:
        if part is Section.SERVICES:
            lines += [words.say("Service model:"), *service_lines(rules, words)]
            continue
        lines += [section_name(part, words) + ":", *_lines(part, rules, words)]
    return escape("\n".join((*lines, *_more(words))))


def _title(rules: RuleBook, words: Words) -> str:
    return words.say(
        "Rule book {version} of {day}", version=rules.version, day=words.day(rules.valid_from)
    )


def _lines(part: Section, rules: RuleBook, words: Words) -> list[str]:
    values = flat(to_plain(rules))
    return [
        f"{key_name(key, words)}: {shown(key, values[key], words)}" for key in keys_in(part, rules)
    ]


def _more(words: Words) -> list[str]:
    return [
        words.say(
            "Tiers are Commonwealth's (ABSLN), fields maix-analytics'; the figures are the firm's "
            "own. Whose each value is: tierwise rules show, in the terminal."
        ),
        words.say("The service model in full: tierwise rules show, in the terminal."),
    ]
