"""The form in which a person chooses what to be told, how often, when, and when not."""

from typing import Any

from bot import actions
from bot.views.blocks import section
from bot.views.inputs import Choice, checks, clock, day, field, select
from bot.views.modals import form_frame
from bot.views.reminder import notice_name
from bot.words import Words
from domain.notices import Choices, Notice, Often

DIGEST, DIGEST_DAY, DIGEST_AT = "digest", "digest_day", "digest_at"
WEEKLY_DAY, AT = "weekly_day", "at"
AWAY_FROM, AWAY_UNTIL = "away_from", "away_until"
WEEKDAYS = 5


def notices_modal(choices: Choices, holidays: str, words: Words, *, zone: str) -> dict[str, Any]:
    """Ask what a person wants to be told, by the clocks of a zone."""
    weekdays = [(str(n), words.weekday(n)) for n in range(WEEKDAYS)]
    often: list[Choice] = [
        (Often.DAILY, words.say("When it comes up")),
        (Often.WEEKLY, words.say("Once a week")),
        (Often.NEVER, words.say("Only in the digest")),
    ]
    wanted: list[Choice] = [(DIGEST, words.say("Send me the digest once a week"))]
    ticked = [DIGEST] if choices.digest else []
    return {
        **form_frame(words.say("Messages and times"), words),
        "callback_id": actions.NOTICES_MODAL,
        "blocks": [
            field(DIGEST, words.say("Digest"), checks(wanted, initial=ticked), optional=True),
            field(
                DIGEST_DAY,
                words.say("Day of the digest"),
                select(weekdays, initial=str(choices.digest_weekday)),
            ),
            field(
                DIGEST_AT,
                words.say("Time of the digest"),
                clock(choices.digest_at),
                hint=words.say("On the clocks of {zone}.", zone=zone),
            ),
            *(
                field(
                    kind,
                    notice_name(kind, words),
                    select(often, initial=choices.often.get(kind, Often.DAILY)),
                )
                for kind in Notice
            ),
            field(
                WEEKLY_DAY,
                words.say("Day of what comes once a week"),
                select(weekdays, initial=str(choices.weekday)),
            ),
            field(AT, words.say("Time of reminders"), clock(choices.at)),
            field(
                AWAY_FROM,
                words.say("Say nothing from"),
                day(choices.away_from),
                hint=words.say("Holiday or pause: the first day."),
                optional=True,
            ),
            field(
                AWAY_UNTIL,
                words.say("Say nothing until"),
                day(choices.away_until),
                hint=words.say("The last day. What came up meanwhile is said on the day after."),
                optional=True,
            ),
            section(_holidays(holidays, words)),
        ],
    }


def _holidays(place: str, words: Words) -> str:
    if not place:
        return words.say("No public holidays are set; messages come from Monday to Friday.")
    return words.say(
        "On public holidays ({place}) a message moves to the next working day.", place=place
    )
