"""App Home: the page for everybody who opens it."""

from typing import Any

from bot import actions
from bot.reports import WeekReport
from bot.views import lists, notices
from bot.views.blocks import Block, button, context, divider, escape, header, section
from bot.views.blocks import actions as row
from bot.words import Words


def home(report: WeekReport, words: Words) -> dict[str, Any]:
    """Show a linked member the week's list, and what can be typed."""
    return _page([*lists.priorities(report, words), divider(), *_how_to(words)])


def closed_home(slack_user_id: str, words: Words, *, is_member: bool) -> dict[str, Any]:
    """Tell a person without a role how to get one, and nothing to people from outside."""
    if not is_member:
        return _page([section(escape(notices.not_a_member(words)))])
    return _page(
        [
            header(words.say("Welcome to Tierwise")),
            section(escape(words.say("Which clients matter to you, why, and what to do next."))),
            section(notices.not_linked(slack_user_id, words)),
        ]
    )


def _how_to(words: Words) -> list[Block]:
    commands = (
        ("/segment Huber", words.say("looks up a client")),
        ("/priorities", words.say("lists who comes first this week")),
    )
    return [
        section("\n".join(f"`{typed}` {escape(does)}" for typed, does in commands)),
        row(button(words.say("Settings"), actions.SETTINGS, "me")),
        context(words.say("Every Monday at 8:00 your list comes as a direct message.")),
    ]


def _page(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": blocks}
