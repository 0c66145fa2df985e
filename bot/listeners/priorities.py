"""`/priorities`: the week's list of one's own book or, for a lead, of the team's."""

from bot.listeners.calls import Call, Reply, Say, whole
from bot.usecases import lookup
from bot.usecases.priorities import week_of
from bot.views import lists, notices
from domain.access import Action, Scope, scope_of

MINE = ("", "me", "ich")
TEAM = ("team",)
HELP = ("help", "hilfe", "?", "-h", "--help")


def handle_priorities(call: Call) -> Reply:
    """Answer with the first page of the list that was asked for."""
    word = lookup.tidy(call.text).casefold()
    is_lead = scope_of(call.member, Action.SEE_PRIORITIES) is Scope.TEAM
    if word in HELP:
        return Say(text=notices.priorities_help(call.words, is_lead=is_lead))
    if word not in (*MINE, *TEAM):
        return Say(text=notices.priorities_help(call.words, is_lead=is_lead, unknown=word))
    return _page(call, team=word in TEAM, start=0)


def handle_more(call: Call) -> Reply:
    """Turn the page: the button's value names the list and where the page starts."""
    whose, _, start = call.text.partition(":")
    return _page(call, team=whose in TEAM, start=whole(start or "0"), replace=bool(start))


def _page(call: Call, *, team: bool, start: int, replace: bool = False) -> Reply:
    if team and scope_of(call.member, Action.SEE_PRIORITIES) is not Scope.TEAM:
        return Say(text=notices.leads_only(call.words))
    report = week_of(call.firm_id, call.member, call.runtime, today=call.today, team=team)
    return Say(
        text=lists.priorities_text(report, call.words, start=start),
        blocks=lists.priorities(report, call.words, start=start),
        replace=replace,
        about_clients=True,
    )
