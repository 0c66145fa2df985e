"""Block Kit's limits as data; `validate` walks a payload along it.

Read a line as: this field takes this. ``needs`` must be there, ``may`` can, anything else is
refused. Sources: the pages below https://docs.slack.dev/reference/block-kit .
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_MESSAGE_CHARACTERS = 13_200  # over all blocks; only the chat methods refuse
MAX_VIEW_BYTES = 250_000
MAX_MARKDOWN = 12_000  # over all markdown blocks of a message
MAX_CHARTS = 2
MAX_TABLES = 1


@dataclass(frozen=True, slots=True)
class Str:
    """A string."""

    most: int = 3000
    least: int = 0
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text object; ``plain`` refuses mrkdwn."""

    most: int = 3000
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    least: int = 0
    most: int = 10**12


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: Any
    most: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Typed:
    """An object whose ``type`` picks its shape in a table; only these types are allowed."""

    table: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object; ``some_of`` asks for at least one of these fields."""

    needs: dict[str, Any] = field(default_factory=dict)
    may: dict[str, Any] = field(default_factory=dict)
    some_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anything:
    """Not looked into."""


def plain(most: int) -> Text:
    """Return the rule of a plain_text object."""
    return Text(most, plain=True)


ID = Str(255)
URL = Str(3000, least=1)
FLAG = Flag()
DAY = Str(10, pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
CLOCK_TIME = Str(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
NUMERAL = Str(100, pattern=r"-?\d+(\.\d+)?")
STYLE = OneOf(("primary", "danger"))

OPTION = Shape(
    needs={"text": plain(75), "value": Str(150)},
    may={"description": plain(75), "url": URL},
)
TEXT_OPTION = Shape(
    needs={"text": Text(75), "value": Str(150)},
    may={"description": Text(75)},
)
GROUP = Shape(needs={"label": plain(75), "options": Many(OPTION, 100)})
CONFIRM = Shape(
    needs={"title": plain(100), "text": Text(300), "confirm": plain(30), "deny": plain(30)},
    may={"style": STYLE},
)
DISPATCH = Shape(
    may={
        "trigger_actions_on": Many(OneOf(("on_enter_pressed", "on_character_entered")), 2),
    }
)
FILTER = Shape(
    may={
        "include": Many(OneOf(("im", "mpim", "private", "public")), 4),
        "exclude_external_shared_channels": FLAG,
        "exclude_bot_users": FLAG,
    }
)

_ACTION = {"action_id": ID}
_ASKED = {**_ACTION, "confirm": CONFIRM}
_FOCUS = {"focus_on_load": FLAG}
_HINT = {"placeholder": plain(150), **_FOCUS}
_SELECT = {**_ASKED, **_HINT}
_MULTI = {**_SELECT, "max_selected_items": Number(1, 10**6)}
_TYPED_IN = {**_ACTION, **_HINT, "dispatch_action_config": DISPATCH}
_LISTED = {"options": Many(OPTION, 100), "option_groups": Many(GROUP, 100)}
_PLACES = {"filter": FILTER, "default_to_current_conversation": FLAG}
_MARKED = {"is_decimal_allowed": FLAG}

IMAGE = Shape(
    needs={"alt_text": Str(2000)},
    may={"image_url": URL, "slack_file": Anything()},
    some_of=("image_url", "slack_file"),
)

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        needs={"text": plain(75)},
        may={
            **_ASKED,
            "url": URL,
            "value": Str(2000),
            "style": STYLE,
            "accessibility_label": Str(75),
        },
    ),
    "checkboxes": Shape(
        needs={"options": Many(TEXT_OPTION, 10)},
        may={**_ASKED, **_FOCUS, "initial_options": Many(TEXT_OPTION, 10)},
    ),
    "radio_buttons": Shape(
        needs={"options": Many(TEXT_OPTION, 10)},
        may={**_ASKED, **_FOCUS, "initial_option": TEXT_OPTION},
    ),
    "overflow": Shape(needs={"options": Many(OPTION, 5)}, may=_ASKED),
    "datepicker": Shape(may={**_SELECT, "initial_date": DAY}),
    "timepicker": Shape(may={**_SELECT, "initial_time": CLOCK_TIME, "timezone": Str(100)}),
    "datetimepicker": Shape(may={**_ASKED, **_FOCUS, "initial_date_time": Number(10**9, 10**10)}),
    "static_select": Shape(
        may={**_SELECT, **_LISTED, "initial_option": OPTION}, some_of=tuple(_LISTED)
    ),
    "multi_static_select": Shape(
        may={**_MULTI, **_LISTED, "initial_options": Many(OPTION, 100)}, some_of=tuple(_LISTED)
    ),
    "external_select": Shape(
        may={**_SELECT, "initial_option": OPTION, "min_query_length": Number()}
    ),
    "multi_external_select": Shape(
        may={**_MULTI, "initial_options": Many(OPTION, 100), "min_query_length": Number()}
    ),
    "users_select": Shape(may={**_SELECT, "initial_user": Str()}),
    "multi_users_select": Shape(may={**_MULTI, "initial_users": Many(Str(), 100)}),
    "channels_select": Shape(
        may={**_SELECT, "initial_channel": Str(), "response_url_enabled": FLAG}
    ),
    "multi_channels_select": Shape(may={**_MULTI, "initial_channels": Many(Str(), 100)}),
    "conversations_select": Shape(
        may={**_SELECT, **_PLACES, "initial_conversation": Str(), "response_url_enabled": FLAG}
    ),
    "multi_conversations_select": Shape(
        may={**_MULTI, **_PLACES, "initial_conversations": Many(Str(), 100)}
    ),
    "plain_text_input": Shape(
        may={
            **_TYPED_IN,
            "initial_value": Str(3000),
            "multiline": FLAG,
            "min_length": Number(0, 3000),
            "max_length": Number(1, 3000),
        }
    ),
    "number_input": Shape(
        needs=_MARKED,
        may={**_TYPED_IN, **dict.fromkeys(("initial_value", "min_value", "max_value"), NUMERAL)},
    ),
    "email_text_input": Shape(may={**_TYPED_IN, "initial_value": Str()}),
    "url_text_input": Shape(may={**_TYPED_IN, "initial_value": Str()}),
    "rich_text_input": Shape(
        may={
            **_TYPED_IN,
            "initial_value": Anything(),
            "min_lines": Number(),
            "max_lines": Number(),
        }
    ),
    "file_input": Shape(
        may={**_ACTION, "filetypes": Many(Str(20), 100), "max_files": Number(1, 10)}
    ),
    "image": IMAGE,
    "workflow_button": Shape(
        needs={"text": plain(75), "workflow": Anything()},
        may={**_ASKED, "style": STYLE, "accessibility_label": Str(75)},
    ),
    "feedback_buttons": Shape(
        needs={"positive_button": Anything(), "negative_button": Anything()}, may=_ACTION
    ),
    "icon_button": Shape(
        needs={"icon": Str(100), "text": plain(75)},
        may={
            **_ASKED,
            "value": Str(2000),
            "accessibility_label": Str(75),
            "visible_to_user_ids": Many(Str(), 100),
        },
    ),
}

_SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
_MULTIS = tuple(f"multi_{name}" for name in _SELECTS)
_CHOICES = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
_BUTTONS = ("button", "overflow", "workflow_button")
_INPUTS = (
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "rich_text_input",
    "file_input",
    "datetimepicker",
)

ACCESSORY = Typed("element", ("image", *_BUTTONS, *_SELECTS, *_MULTIS, *_CHOICES))
IN_ACTIONS = Typed(
    "element",
    (*_BUTTONS, *_SELECTS, *_MULTIS, *_CHOICES, "datetimepicker", "rich_text_input"),
)
IN_INPUT = Typed("element", (*_INPUTS, *_SELECTS, *_MULTIS, *_CHOICES))
IN_CONTEXT = Typed("context", ("plain_text", "mrkdwn", "image"))

CONTEXT_ELEMENTS: dict[str, Any] = {
    "plain_text": Text(2000),
    "mrkdwn": Text(2000),
    "image": IMAGE,
}

_STYLED = {"style": Anything()}
RICH_PARTS: dict[str, Shape] = {
    "text": Shape(needs={"text": Str(3000, least=1)}, may=_STYLED),
    "link": Shape(needs={"url": URL}, may={**_STYLED, "text": Str(), "unsafe": FLAG}),
    "emoji": Shape(
        needs={"name": Str()}, may={**_STYLED, "unicode": Str(), "url": URL, "skin_tone": Number()}
    ),
    "user": Shape(needs={"user_id": Str()}, may=_STYLED),
    "channel": Shape(needs={"channel_id": Str()}, may=_STYLED),
    "usergroup": Shape(needs={"usergroup_id": Str()}, may=_STYLED),
    "team": Shape(needs={"team_id": Str()}, may=_STYLED),
    "broadcast": Shape(needs={"range": OneOf(("here", "channel", "everyone"))}, may=_STYLED),
    "color": Shape(needs={"value": Str()}, may=_STYLED),
    "date": Shape(
        needs={"timestamp": Number(), "format": Str()},
        may={**_STYLED, "url": URL, "fallback": Str()},
    ),
}
_PART = Typed("rich part", tuple(RICH_PARTS))
_PARTS = {"elements": Many(_PART, 500, least=0)}
RICH_ELEMENTS: dict[str, Shape] = {
    "rich_text_section": Shape(needs=_PARTS),
    "rich_text_preformatted": Shape(needs=_PARTS, may={"border": Number(0, 1), "language": Str()}),
    "rich_text_quote": Shape(needs=_PARTS, may={"border": Number(0, 1)}),
    "rich_text_list": Shape(
        needs={
            "elements": Many(Typed("rich element", ("rich_text_section",)), 500),
            "style": OneOf(("bullet", "ordered")),
        },
        may={"indent": Number(0, 8), "border": Number(0, 1), "offset": Number()},
    ),
}
RICH_TEXT = Shape(needs={"elements": Many(Typed("rich element", tuple(RICH_ELEMENTS)), 500)})

CELLS: dict[str, Any] = {
    "raw_text": Shape(needs={"text": Str(3000, least=1)}),
    "raw_number": Shape(needs={"value": Anything()}, may={"text": Str()}),
    "rich_text": RICH_TEXT,
}
_ROW = Many(Typed("cell", tuple(CELLS)), 20)

_IN_CONTAINER = (
    *("actions", "context", "divider", "file", "header", "image"),
    *("input", "rich_text", "section", "table", "video"),
)

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        may={
            "text": Text(3000),
            "fields": Many(Text(2000), 10),
            "accessory": ACCESSORY,
            "expand": FLAG,
        },
        some_of=("text", "fields"),
    ),
    "header": Shape(needs={"text": plain(150)}),
    "divider": Shape(),
    "context": Shape(needs={"elements": Many(IN_CONTEXT, 10)}),
    "actions": Shape(needs={"elements": Many(IN_ACTIONS, 25)}),
    "context_actions": Shape(
        needs={"elements": Many(Typed("element", ("feedback_buttons", "icon_button")), 5)}
    ),
    "input": Shape(
        needs={"label": plain(2000), "element": IN_INPUT},
        may={"hint": plain(2000), "optional": FLAG, "dispatch_action": FLAG},
    ),
    "image": Shape(
        needs={"alt_text": Str(2000)},
        may={"image_url": URL, "slack_file": Anything(), "title": plain(2000)},
        some_of=("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "markdown": Shape(needs={"text": Str(12_000, least=1)}),
    "table": Shape(needs={"rows": Many(_ROW, 100)}, may={"column_settings": Many(Anything(), 20)}),
    "data_table": Shape(
        needs={"rows": Many(_ROW, 201, least=2), "caption": Str(3000, least=1)},
        may={"page_size": Number(1, 100), "row_header_column_index": Number(0, 19)},
    ),
    "data_visualization": Shape(needs={"title": Str(50, least=1), "chart": Anything()}),
    "alert": Shape(
        needs={"text": Text(200)},
        may={"level": OneOf(("default", "info", "warning", "error", "success"))},
    ),
    "card": Shape(
        may={
            "hero_image": Anything(),
            "icon": Anything(),
            "title": Text(150),
            "subtitle": Text(150),
            "body": Text(200),
            "subtext": Text(200),
            "actions": Many(Typed("element", _BUTTONS), 3),
        },
        some_of=("hero_image", "title", "body", "actions"),
    ),
    "carousel": Shape(needs={"elements": Many(Typed("block", ("card",)), 10)}),
    "container": Shape(
        needs={"child_blocks": Many(Typed("block", _IN_CONTAINER), 10)},
        may={
            "title": plain(150),
            "rich_text_title": Anything(),
            "subtitle": Text(150),
            "width": Str(),
            "icon": Anything(),
            "is_collapsible": FLAG,
            "default_collapsed": FLAG,
            "has_header_divider": FLAG,
        },
    ),
    "plan": Shape(needs={"title": Str()}, may={"tasks": Many(Anything(), 50)}),
    "task_card": Shape(
        needs={"task_id": Str(), "title": Str(), "status": Str()},
        may={"details": Anything(), "output": Anything(), "sources": Many(Anything(), 100)},
    ),
    "file": Shape(needs={"external_id": Str(), "source": Str()}),
    "video": Shape(
        needs={"alt_text": Str(), "title": plain(200), "thumbnail_url": URL, "video_url": URL},
        may={
            "author_name": Str(50),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": Str(),
            "title_url": URL,
        },
    ),
}

TABLES: dict[str, dict[str, Any]] = {
    "block": BLOCKS,
    "element": ELEMENTS,
    "context": CONTEXT_ELEMENTS,
    "rich element": RICH_ELEMENTS,
    "rich part": RICH_PARTS,
    "cell": CELLS,
}

SURFACES: dict[str, tuple[str, ...]] = {
    "message": tuple(name for name in BLOCKS if name != "alert"),
    "modal": (
        *("actions", "alert", "card", "context", "divider", "header"),
        *("image", "input", "rich_text", "section", "video"),
    ),
    "home": (
        *("actions", "card", "carousel", "container", "context", "data_table"),
        *("data_visualization", "divider", "header", "image", "input", "rich_text"),
        *("section", "table", "video"),
    ),
}

_VIEW = {"callback_id": ID, "private_metadata": Str(3000), "external_id": ID}
VIEWS: dict[str, Shape] = {
    "modal": Shape(
        needs={"title": plain(24), "blocks": Many(Typed("block", SURFACES["modal"]), 100, 0)},
        may={
            **_VIEW,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": FLAG,
            "notify_on_close": FLAG,
        },
    ),
    "home": Shape(
        needs={"blocks": Many(Typed("block", SURFACES["home"]), 100, 0)},
        may=_VIEW,
    ),
}
MESSAGE_BLOCKS = Many(Typed("block", SURFACES["message"]), MAX_BLOCKS["message"], 0)
SUGGESTIONS = Shape(
    may={"options": Many(OPTION, 100, 0), "option_groups": Many(GROUP, 100, 0)},
    some_of=("options", "option_groups"),
)
