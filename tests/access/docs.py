"""Writes the tables of docs/security.md from the program's own; `python -m tests.access.docs`."""

from pathlib import Path

from domain.access import (
    RIGHTS,
    SHOWINGS,
    WELCOMES,
    Action,
    Content,
    Place,
    Proviso,
    Right,
    Role,
    Scope,
)

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
ACTIONS = {
    Action.SEE_CLIENT: "see a client",
    Action.SEE_PRIORITIES: "lists: priorities, what is due, events, the book",
    Action.GET_DIGEST: "Monday message and reminders",
    Action.RECORD: "record and overrule",
    Action.IMPORT: "import a client list",
    Action.EXPORT: "a client's data as a file",
    Action.CONFIRM_EXPORT: "confirm or decline another's file of the whole firm",
    Action.RUN_EVENTS: "change and cancel client events",
    Action.MOVE_CLIENT: "move a client to another advisor",
    Action.SEE_HOURS: "hours of single advisors ¹",
    Action.TEAM_POSTS: "choose the team's channel",
    Action.TRY_RULES: "work out a change of the rule book, and see its effect",
    Action.CHANGE_RULES: "save a change of the rule book ²",
    Action.TICK_PRACTICE: "tick the practice checklist off",
    Action.SEE_PEOPLE: "see roles, links, grants",
    Action.ADMINISTER: "change roles, links, grants, settings",
    Action.REQUEST_ERASURE: "ask for an erasure",
    Action.APPROVE_ERASURE: "approve an erasure",
    Action.ERASE: "erase",
    Action.SEE_LOG: "see the journal",
    Action.EXPORT_LOG: "export the journal",
    Action.HELP: "help, own settings",
}
SCOPES = {
    Scope.NOTHING: "–",
    Scope.OWN: "own",
    Scope.GRANTED: "as granted",
    Scope.TEAM: "team",
    Scope.FIRM: "firm",
}
PROVISOS = {
    Proviso.REASON: "for a reason that is kept",
    Proviso.SECOND_PERSON: "a second person confirms",
    Proviso.APPROVAL: "after approval",
    Proviso.IDS_ONLY: "numbers for names",
}
PLACES = {
    Place.DIRECT: "direct message, Home",
    Place.PRIVATE: "private channel of the firm's people",
    Place.GUESTS: "the same with a guest",
    Place.PUBLIC: "public channel",
    Place.GENERAL: "the channel everybody is in",
    Place.GROUP: "group message",
    Place.ORGANISATION: "shared within the organisation",
    Place.SHARED: "shared with another firm, or about to be",
    Place.UNKNOWN: "archived, without the bot, unknown",
}


def tables() -> str:
    """Return the tables as they are to stand on the page."""
    roles = [
        ["", *Role],
        *(
            [ACTIONS[action], *(_right(row[role]) for role in Role)]
            for action, row in RIGHTS.items()
        ),
    ]
    strangers = [["Slack says", "is told"], *([each, told] for each, told in WELCOMES.items())]
    places = [
        ["", *Content],
        *([PLACES[place], *(row[each] for each in Content)] for place, row in SHOWINGS.items()),
    ]
    return "\n\n".join(_table(each) for each in (roles, strangers, places))


def between(page: str) -> str:
    """Return what stands between the marks of a page."""
    return page.partition(BEGIN)[2].partition(END)[0].strip()


def _right(right: Right) -> str:
    said = SCOPES[right.scope]
    return f"{said}, {PROVISOS[right.proviso]}" if right.proviso else said


def _table(rows: list[list[str]]) -> str:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.partition(END)[2]}", "utf-8")
