"""A team's weekly post, the form in which its channel is chosen, and what a lead reads of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import actions
from bot.service_reports import TeamSummary
from bot.views.blocks import Block, button, context, cut, escape, header, section
from bot.views.blocks import actions as row
from bot.views.inputs import checks, clock, field, select
from bot.views.modals import form_frame
from bot.words import Words, say
from domain.access import FEWEST_TOGETHER, Place, Showing
from domain.team_posts import POST_AT, Tally, TeamChannel

CHANNEL, DAY, AT, IN_PUBLIC = "channel", "day", "at", "in_public"
WEEKDAYS = 5
NAMED, NAME_CHARS = 12, 60
"""So many advisors are named in the summary, and so much of a name."""
BARRED_SENTENCES = {
    Place.DIRECT: say("This is no channel."),
    Place.PUBLIC: say(
        "This channel is public. Tick “Public channels” below if the counts may stand there."
    ),
    Place.GENERAL: say("Everybody is in this channel; choose one of the team's own."),
    Place.GROUP: say("This is a direct message among several; choose a channel."),
    Place.ORGANISATION: say("Other workspaces share this channel."),
    Place.SHARED: say("Another firm shares this channel, or is about to."),
    Place.UNKNOWN: say(
        "Tierwise is not in this channel, or it is archived. Type /invite @Tierwise there."
    ),
}


@dataclass(frozen=True, slots=True)
class Post:
    """What is said: `text` for notifications and screen readers, `blocks` for the eye."""

    text: str
    blocks: list[Block]


def team_post(
    team: str, total: Tally | None, words: Words, *, monday: date, late: bool = False
) -> Post:
    """Write a team's post: its counts or, without any, one sentence; and a button."""
    day = words.long_day(monday)
    if total is None:
        title = words.say("The week from {day}", day=day)
        said = words.say("The week's list is ready.")
    else:
        title = words.say("Team {team}: the week from {day}", team=team, day=day)
        tally = tally_said(total, words)
        said = tally[:1].upper() + tally[1:]
    if late:
        title = words.say("{title} (late)", title=title)
    return Post(
        text=escape(f"{title}. {said}"),
        blocks=[
            header(title),
            section(f"*{escape(said)}*"),
            row(button(words.say("Open my list"), actions.OPEN_LIST, "me", primary=True)),
            context(words.say("Each list opens for the person who clicks; no client stands here.")),
        ],
    )


def team_lines(team: TeamSummary, words: Words) -> Iterator[str]:
    """Say what a team's books ask for: together, and one by one where they may be compared."""
    if team.books == 0:
        yield words.say("No clients yet. Import a book to begin.")
    elif team.total is None:
        yield words.say(
            "The counts of fewer than {n} books together would tell single advisors.",
            n=words.number(FEWEST_TOGETHER),
        )
    else:
        yield tally_said(team.total, words)
    for name, tally in team.single[:NAMED]:
        yield f"{cut(name, NAME_CHARS)}: {tally_said(tally, words)}"
    more = len(team.single) - NAMED
    if more > 0:
        yield words.say_n("… and {n} more", "… and {n} more", more)
    if team.failed:
        yield words.say_n(
            "{n} message of the last seven days did not go out.",
            "{n} messages of the last seven days did not go out.",
            team.failed,
        )


def tally_said(tally: Tally, words: Words) -> str:
    """Say in one line how much of a book asks for something."""
    grow, fix, decisions, overdue = tally.grow, tally.fix, tally.decisions, tally.overdue
    parts = [
        (grow, words.say_n("{n} to grow", "{n} to grow", grow)),
        (fix, words.say_n("{n} to fix", "{n} to fix", fix)),
        (decisions, words.say_n("{n} open decision", "{n} open decisions", decisions)),
        (overdue, words.say_n("{n} service overdue", "{n} services overdue", overdue)),
    ]
    said = " · ".join(sentence for count, sentence in parts if count)
    return said or words.say("nothing is pressing")


def channel_modal(
    team: str,
    channel: TeamChannel | None,
    words: Words,
    *,
    zone: str,
    paused: str | None = None,
) -> dict[str, Any]:
    """Ask for a team's channel, and when it is told what; `paused` says why nothing is said."""
    weekdays = [(str(n), words.weekday(n)) for n in range(WEEKDAYS)]
    about = words.say(
        "Once a week the team is told how many clients ask for something, and gets a button that "
        "opens each person's own list. No client is ever named in a channel."
    )
    title = words.say("Team {team}", team=team)
    public = [(IN_PUBLIC, words.say("The team's counts may stand in a public channel"))]
    is_public = channel is not None and channel.in_public
    frame = form_frame(words.say("Team channel"), words)
    warning = [section(escape(_paused_sentence(paused, words)))] if paused else []
    return {
        **frame,
        "callback_id": actions.TEAM_CHANNEL_MODAL,
        "blocks": [
            section(f"*{escape(title)}*\n{escape(about)}"),
            *warning,
            field(
                CHANNEL,
                words.say("Channel"),
                _channels(channel.channel_id if channel else None),
                hint=words.say("Tierwise must be in it: /invite @Tierwise. Empty: no posts."),
                optional=True,
            ),
            field(
                DAY,
                words.say("Day"),
                select(weekdays, initial=str(channel.weekday if channel else 0)),
            ),
            field(
                AT,
                words.say("Time"),
                clock(channel.at if channel else POST_AT),
                hint=words.say("On the clocks of {zone}.", zone=zone),
            ),
            field(
                IN_PUBLIC,
                words.say("Public channels"),
                checks(public, initial=[IN_PUBLIC] if is_public else []),
                optional=True,
            ),
        ],
    }


def chosen_sentence(
    channel: TeamChannel, first_day: date, shown: Showing, place: Place, words: Words
) -> str:
    """Confirm a channel: from when on, and what it is told."""
    begins = words.say(
        "The first post comes on {day} at {time}.",
        day=words.long_day(first_day),
        time=words.time(channel.at),
    )
    if shown is Showing.COUNTS:
        counts = words.say("It says how many clients ask for something.")
        return f"{begins} {counts}"
    if place is Place.GUESTS:
        why = words.say("Not all in this channel are of the firm, or they are too many to ask")
    else:
        why = words.say("The counts of so few books would tell single advisors")
    said = words.say("the post only says that the list is ready.")
    return f"{begins} {why}: {said}"


def channel_line(channel: TeamChannel, words: Words) -> str:
    """Say where and when a team is told."""
    return words.say(
        "Team {team}: {channel}, {day} at {time} ({zone})",
        team=channel.team,
        channel=channel.channel_id,
        day=words.weekday(channel.weekday),
        time=words.time(channel.at),
        zone=channel.zone,
    )


def barred_sentence(place: Place, words: Words) -> str:
    """Say why a place cannot be a team's channel."""
    return words.say(BARRED_SENTENCES[place])


def _paused_sentence(reason: str, words: Words) -> str:
    return words.say(
        "⚠ Nothing is posted any more: {reason} Save again once that is mended, or choose another.",
        reason=reason,
    )


def _channels(chosen: str | None) -> Block:
    element: Block = {
        "type": "conversations_select",
        "filter": {
            "include": ["private", "public"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    return {**element, "initial_conversation": chosen} if chosen else element
