"""The rule book in Slack: each value with what it is and whose it is."""

from bot.views.blocks import Block, context, escape, header, section
from bot.views.rules import flat_values, notes
from bot.words import Words
from domain.rulebook import RuleBook
from domain.rulefile import to_plain

CHARS = 2800
"""So much stands in one paragraph; Slack takes 3,000."""


def rules_card(rules: RuleBook, words: Words) -> list[Block]:
    """Show a rule book."""
    blocks = [header(_title(rules, words))]
    paragraph = ""
    for line in _lines(rules, words):
        if len(paragraph) + len(line) > CHARS:
            blocks.append(section(paragraph))
            paragraph = ""
        paragraph += line + "\n"
    blocks.append(section(paragraph.rstrip()))
    hows = (
        words.say("The service model in full: tierwise rules show, in the terminal."),
        words.say("Changed in the terminal: tierwise rules export, preview, import."),
    )
    return [*blocks, *map(context, hows)]


def rules_text(rules: RuleBook, words: Words) -> str:
    """Say a rule book as text."""
    return "\n".join((_title(rules, words), *(x.replace("*", "") for x in _lines(rules, words))))


def _title(rules: RuleBook, words: Words) -> str:
    return words.say(
        "Rule book {version} of {day}", version=rules.version, day=words.day(rules.valid_from)
    )


def _lines(rules: RuleBook, words: Words) -> list[str]:
    said = notes(words)
    return [
        f"*{escape(key)}* {escape(str(value))}" + (f" · {escape(said[key])}" if key in said else "")
        for key, value in flat_values(to_plain(rules))
        if key not in ("version", "valid_from") and not key.startswith("services.")
    ]
