"""`/book`: a whole book at a glance, and the rule book behind it; pandas is loaded on demand."""

from bot.listeners.calls import Call, Reply, Say
from bot.usecases import lookup
from bot.views import notices
from domain.access import Action, Scope, may, scope_of

MINE = ("", "me", "ich")
TEAM = ("team",)
RULES = ("rules", "regeln", "regelwerk")
CAPACITY = ("capacity", "hours", "hire", "kapazität", "kapazitaet", "stunden", "einstellen")
PRACTICE = ("practice", "checklist", "praxis", "checkliste")
CHANNEL = ("channel", "kanal")
IMPORT = ("import", "importieren", "einlesen")
HELP = ("help", "hilfe", "?", "-h", "--help")


def handle_book(call: Call) -> Reply:
    """Answer with the part of the book that was asked for."""
    word, is_team = _asked(lookup.tidy(call.text).casefold())
    is_lead = scope_of(call.member, Action.SEE_PRIORITIES) is Scope.TEAM
    if word in RULES:
        from bot.usecases.rules import rules_in_force
        from bot.views import rules_card

        rules = rules_in_force(call.firm_id, call.runtime)
        return Say(
            text=rules_card.rules_text(rules, call.words),
            blocks=rules_card.rules_card(
                rules,
                call.words,
                may_try=may(call.member, Action.TRY_RULES),
                may_keep=may(call.member, Action.CHANGE_RULES),
            ),
        )
    if word in IMPORT:
        return Say(text=notices.import_help(call.words, is_lead=is_lead))
    if word in CHANNEL:
        from bot.listeners.team import handle_team_channel

        return handle_team_channel(call)
    if is_team and not is_lead:
        return Say(text=notices.leads_only(call.words, own="/book"))
    if word in CAPACITY:
        call.demand(Action.SEE_HOURS)
        from bot.listeners.capacity import handle_capacity

        return handle_capacity(call, team=is_team)
    if word in PRACTICE:
        from bot.listeners.practice import handle_practice

        return handle_practice(call)
    if word not in MINE:
        unknown = "" if word in HELP else word
        return Say(text=notices.book_help(call.words, is_lead=is_lead, unknown=unknown))
    return _book(call, team=is_team)


def _asked(text: str) -> tuple[str, bool]:
    """Return the part of the book that was asked for, and whether the team's."""
    words = text.split()
    return " ".join(each for each in words if each not in TEAM), any(e in TEAM for e in words)


def _book(call: Call, *, team: bool) -> Reply:
    call.demand(Action.SEE_PRIORITIES)
    from bot.usecases.book import book_of
    from bot.views import book

    report = book_of(call.firm_id, call.member, call.runtime, today=call.today, team=team)
    return Say(
        text=book.book_text(report, call.words),
        blocks=book.book(report, call.words),
        about_clients=True,
    )
