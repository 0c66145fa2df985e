"""A team's channel: chosen by a lead, looked at before it is kept; and the button of its posts."""

from bot.digests.reasons import reason_said
from bot.listeners.calls import Call, FieldErrors, OpenModal, Reply, Say, UpdateModal
from bot.listeners.entered import Entered
from bot.usecases import team as teams
from bot.usecases.priorities import week_of
from bot.views import lists, modals, notices, team
from domain.access import Action, Scope, scope_of
from domain.team_posts import POST_AT, SHOWN


def handle_team_channel(call: Call) -> Reply:
    """Open the form in which a lead chooses the team's channel."""
    if not may_choose(call):
        return Say(text=notices.channel_for_leads(call.words))
    channel = teams.channel_of(call.firm_id, call.member.team, call.runtime)
    reason = reason_said(channel.paused, call.words) if channel and channel.paused else None
    return OpenModal(
        view=team.channel_modal(
            call.member.team, channel, call.words, zone=call.zone.key, paused=reason
        )
    )


def handle_team_channel_modal(call: Call) -> Reply:
    """Keep the channel if the team may be told there, or take it away."""
    words = call.words
    if not may_choose(call):
        return Say(text=notices.channel_for_leads(words))
    entered = Entered(call.state, words)
    channel_id = entered.conversation(team.CHANNEL)
    if channel_id is None:
        teams.drop_channel(call.firm_id, call.member.team, call.runtime)
        said = words.say("The team has no channel; nothing is posted.")
        return UpdateModal(view=modals.message_modal(words.say("Saved"), said, words))
    in_public = team.IN_PUBLIC in entered.ticked(team.IN_PUBLIC)
    place = call.look_at(channel_id)
    shown = teams.what_is_shown(
        call.firm_id, call.member.team, place, call.runtime, in_public=in_public
    )
    if shown not in SHOWN:
        return FieldErrors(sentences={team.CHANNEL: team.barred_sentence(place, words)})
    day = entered.mark(team.DAY)
    kept = teams.choose_channel(
        call.firm_id,
        call.member,
        call.runtime,
        team=call.member.team,
        channel_id=channel_id,
        weekday=day if day is not None and day < team.WEEKDAYS else 0,
        at=entered.time(team.AT) or POST_AT,
        zone=call.zone,
        in_public=in_public,
    )
    first = teams.next_post(call.firm_id, kept, call.runtime)
    said = team.chosen_sentence(kept, first, shown, place, words)
    return UpdateModal(view=modals.message_modal(words.say("Saved"), said, words))


def handle_open_list(call: Call) -> Reply:
    """Open the list of whoever clicks, with that person's rights."""
    report = week_of(call.firm_id, call.member, call.runtime, today=call.today)
    view = modals.page_frame(call.words.say("My list"), call.words)
    return OpenModal(view={**view, "blocks": lists.priorities(report, call.words)})


def may_choose(call: Call) -> bool:
    """Tell whether the caller may choose what the team's channel is told."""
    return scope_of(call.member, Action.TEAM_POSTS) is not Scope.NOTHING
