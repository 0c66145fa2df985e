"""`/book`: a whole book at a glance, and the rule book behind it; pandas is loaded on demand."""

from bot.listeners.calls import Call, Reply, Say
from bot.usecases import lookup
from bot.views import notices
from domain.access import Action, Scope, scope_of

MINE = ("", "me", "ich")
TEAM = ("team",)
RULES = ("rules", "regeln", "regelwerk")
HELP = ("help", "hilfe", "?", "-h", "--help")


def handle_book(call: Call) -> Reply:
    """Answer with the part of the book that was asked for."""
    word = lookup.tidy(call.text).casefold()
    is_lead = scope_of(call.member, Action.SEE_PRIORITIES) is Scope.TEAM
    if word in RULES:
        from bot.usecases.rule_drafts import may_change_rules
        from bot.usecases.rules import rules_in_force
        from bot.views import rules_card

        rules = rules_in_force(call.firm_id, call.runtime)
        return Say(
            text=rules_card.rules_text(rules, call.words),
            blocks=rules_card.rules_card(
                rules, call.words, may_change=may_change_rules(call.member)
            ),
        )
    if word in HELP or word not in (*MINE, *TEAM):
        unknown = "" if word in HELP else word
        return Say(text=notices.book_help(call.words, is_lead=is_lead, unknown=unknown))
    if word in TEAM and not is_lead:
        return Say(text=notices.leads_only(call.words))
    return _book(call, team=word in TEAM)


def _book(call: Call, *, team: bool) -> Reply:
    from bot.usecases.book import book_of
    from bot.views import book

    report = book_of(call.firm_id, call.member, call.runtime, today=call.today, team=team)
    return Say(
        text=book.book_text(report, call.words),
        blocks=book.book(report, call.words),
        about_clients=True,
    )
