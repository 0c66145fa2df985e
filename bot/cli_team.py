"""`tierwise team`: the channel in which a team is told, as a lead chooses it in Slack."""

import json
import sys
from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from domain.access import Action, Place, may
from domain.team_posts import SHOWN, TeamChannel

if TYPE_CHECKING:
    from bot.cli import Host

console = Console(highlight=False)
team_app = typer.Typer(no_args_is_help=True, help="Teams and their channels.")
USAGE_ERROR = 2
REFUSED = 1


class Weekday(StrEnum):
    """Names the days as they are typed."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


def _time(typed: str) -> time:
    try:
        return datetime.strptime(typed, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise typer.BadParameter(f"“{typed}” is no time of day. Write it as 08:30.") from None


@team_app.command("channel")
def channel_command(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Key of the team's lead, whose right this is.")],
    channel: Annotated[
        str | None, typer.Option("--set", help="The channel's id, such as C0123ABCD.")
    ] = None,
    day: Annotated[Weekday, typer.Option(help="Day of the weekly post.")] = Weekday.MONDAY,
    at: Annotated[str, typer.Option(help="Time, on the firm's clocks.")] = "08:30",
    public: Annotated[
        bool, typer.Option("--public", help="The counts may stand in a public channel.")
    ] = False,
    off: Annotated[bool, typer.Option("--off", help="Take the channel away.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Show a team's channel, choose it (Slack is asked what it is), or take it away."""
    from bot.usecases import team as teams
    from bot.usecases.firms import find_member
    from bot.views import team
    from bot.views.notices import channel_for_leads

    host: Host = context.obj
    runtime = host.runtime()
    firm = host.firm(runtime)
    words, firm_id = host.words(firm), firm.id or 0
    lead = find_member(firm_id, by, runtime)
    if not may(lead, Action.TEAM_POSTS):
        _fail(channel_for_leads(words), code=REFUSED)
    if off:
        teams.drop_channel(firm_id, lead.team, runtime)
    elif channel is not None:
        place = _look_at(host, channel, firm.workspace_id)
        shown = teams.what_is_shown(firm_id, lead.team, place, runtime, in_public=public)
        if shown not in SHOWN:
            _fail(team.barred_sentence(place, words), code=REFUSED)
        kept = teams.choose_channel(
            firm_id,
            lead,
            runtime,
            team=lead.team,
            channel_id=channel,
            weekday=list(Weekday).index(day),
            at=_time(at),
            zone=ZoneInfo(firm.zone),
            in_public=public,
        )
        first = teams.next_post(firm_id, kept, runtime)
        if not as_json:
            console.print(team.chosen_sentence(kept, first, shown, place, words), markup=False)
            return
    chosen = teams.channel_of(firm_id, lead.team, runtime)
    if as_json:
        console.print_json(json.dumps(_values(lead.team, chosen), ensure_ascii=False))
    elif chosen is None:
        console.print(words.say("The team has no channel; nothing is posted."), markup=False)
    else:
        console.print(team.channel_line(chosen, words), markup=False)


def _look_at(host: "Host", channel_id: str, workspace_id: str) -> Place:
    from bot.clients import create_client
    from bot.listeners.people import People, post_place

    if host.settings.slack_bot_token is None:
        _fail("Not set: SLACK_BOT_TOKEN. Slack is asked what kind of channel this is.")
    client = create_client(host.settings)
    return post_place(client, People(client, workspace_id).profile, channel_id)


def _values(team: str, channel: TeamChannel | None) -> dict[str, Any]:
    if channel is None:
        return {"team": team, "channel": None}
    return {
        "team": team,
        "channel": channel.channel_id,
        "day": list(Weekday)[channel.weekday].value,
        "at": channel.at.isoformat("minutes"),
        "zone": channel.zone,
        "in_public": channel.in_public,
        "paused": channel.paused,
    }


def _fail(sentence: str, *, code: int = USAGE_ERROR) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(code)
