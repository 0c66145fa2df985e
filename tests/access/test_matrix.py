"""Every role, doing everything, everywhere: what is decided, who reads it where, what is kept.

The tables below are written by hand from what the product promises, not from the program's own:
where the two disagree, one of them is wrong.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot import actions
from storage.journal import Kept
from storage.tables import ClientRow
from tests.access.office import CANARIES, Office, canaries_in, give_to

pytestmark = pytest.mark.xdist_group("access matrix")

PEOPLE = {
    "advisor": "U0ANNA",
    "assistant": "U0PIA",
    "lead": "U0VOGT",
    "compliance": "U0CLARA",
    "admin": "U0IDA",
    "workspace_admin": "U0OWNER",
    "unlinked": "U0TOM",
    "ex_advisor": "U0EXNER",
    "guest": "U0LENA",
    "foreign": "U0EXT",
    "bot": "U0ROBOT",
}
OWN = {"lead": "vogt"}
"""Whose client is the own one; for all others Anna's."""
DECISIONS = """
              advisor  assistant  lead     compliance  admin    workspace_admin  unlinked  ex_advisor  guest    foreign  bot
see_own       shown    shown      shown    reason      refused  link             link      neutral     neutral  neutral  nothing
see_team      none     none       shown    reason      refused  link             link      neutral     neutral  neutral  nothing
see_other     none     none       none     reason      refused  link             link      neutral     neutral  neutral  nothing
list          shown    shown      shown    refused     refused  link             link      neutral     neutral  neutral  nothing
record        form     form       form     refused     refused  link             link      neutral     neutral  nothing  nothing
import        preview  preview    preview  refused     counts   link             link      neutral     neutral  neutral  nothing
export        file     refused    file     refused     refused  link             link      neutral     neutral  nothing  nothing
move          kept     kept       moved    refused     refused  link             link      neutral     neutral  nothing  nothing
team_post     refused  refused    form     refused     form     link             link      neutral     neutral  nothing  nothing
administer    refused  refused    refused  refused     form     link             link      neutral     neutral  nothing  nothing
erase         form     refused    form     refused     refused  link             link      neutral     neutral  nothing  nothing
see_log       form     refused    form     form        form     link             link      neutral     neutral  nothing  nothing
help          help     help       help     help        help     link             link      neutral     neutral  neutral  nothing
"""  # noqa: E501 -- a table
PLACES = """
           answer    modal    file
direct     here      modal    sent
C1PRIVATE  here      modal    sent
C1GUESTS   here      modal    sent
C1PUBLIC   here      modal    sent
C1GENERAL  here      modal    barred
C1GROUP    here      modal    barred
C1ORG      directly  modal    barred
C1SHARED   directly  barred   barred
C1PENDING  directly  barred   barred
C1ARCHIVED directly  barred   barred
C1WITHOUT  directly  barred   barred
"""
NAMING = ("record", "move", "erase")
"""Forms that name a client."""
SENT = "Die Antwort kommt als Direktnachricht."
BARRED = "Bitte hier per Direktnachricht"
NEUTRAL = (
    "Dieser Assistent ist für Mitglieder des Hauses.",
    "This assistant is for members of the firm.",
)
REFUSED = (
    "Ihre Rolle erlaubt das nicht.",
    "Das wurde Ihnen nicht übertragen.",
    "Sie verwalten Tierwise; das ist von den Kunden getrennt.",
    "Sie lesen einzelne Kunden, jeweils mit einem Grund",
    "Die Liste des Teams ist für die Leitung.",
)
LINK = "Sie haben hier noch keine Rolle"


def _table(text: str) -> dict[str, dict[str, str]]:
    head, *rows = (line.split() for line in text.strip().splitlines())
    return {name: dict(zip(head, row, strict=True)) for name, *row in rows}


DECIDED, WHERE = _table(DECISIONS), _table(PLACES)
CASES = [(role, action) for action in DECIDED for role in PEOPLE]


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that somebody could read: where, who, and what it says."""

    where: str
    audience: tuple[str, ...]
    said: str


def shown_since(office: Office, after: int) -> list[Shown]:
    """Return what the program showed, to whomever; answers to its own questions are no messages."""
    found = []
    for entry in office.entries(after):
        is_ours = entry["direction"] == "bot→workspace"
        said = entry["request"] if is_ours else entry["response"]
        if "audience" in entry and said and entry["ok"]:
            where = entry.get("place") or entry["name"]
            text = json.dumps(said, ensure_ascii=False)
            found.append(Shown(where, tuple(entry["audience"]), text))
    return found


def act(office: Office, user: str, role: str, action: str, place: str) -> None:
    """Do something as people do it, whether or not they were ever offered it."""
    own = OWN.get(role, "anna")
    client_id = office.clients[own]
    match action:
        case "see_own":
            office.command(user, place, f"/segment {CANARIES[own]}")
        case "see_team":
            office.command(user, place, f"/segment {CANARIES['jonas']}")
        case "see_other":
            office.command(user, place, f"/segment {CANARIES['emily']}")
        case "list":
            office.command(user, place, "/priorities")
        case "record":
            office.press(user, place, f"{actions.EDIT}:wallet", f"wallet:{client_id}")
        case "import":
            list_ = f"Kundennummer;Name\nK-9999;{CANARIES[own]}\n".encode()
            office.upload(user, place, "liste.csv", list_)
        case "export":
            office.press(
                user, place, f"{actions.SERVICE}:evidence_file", f"evidence_file:{client_id}:"
            )
        case "move":
            office.press(user, place, f"{actions.EDIT}:decision", f"decision:{client_id}")
        case "team_post":
            office.press(user, place, actions.TEAM_CHANNEL, "me")
        case "administer":
            office.press(user, place, actions.PERSON_NEW, "new")
        case "erase":
            office.press(user, place, actions.ERASURE_ASK, str(client_id))
        case "see_log":
            office.press(user, place, actions.CLIENT_LOG, "ask")
        case _:
            office.command(user, place, "/segment help")


def hand_over(office: Office, user: str, own: str) -> None:
    """Send the decision's form that is open, with Jonas as the new advisor."""
    to = str(office.member("jonas").member_id)
    chosen: Callable[[str], dict[str, Any]] = lambda value: {  # noqa: E731 -- one shape, twice
        "type": "static_select",
        "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value},
    }
    values = {
        "kind": {"kind": chosen("hand_over")},
        "reason": {"reason": {"type": "plain_text_input", "value": "passt besser"}},
        "to": {"to": chosen(to)},
    }
    office.submit(user, office.modals(user)[-1], values)


def test_the_table_has_all_combinations() -> None:
    assert len(CASES) * len(WHERE) == 13 * 11 * 11


@pytest.mark.parametrize(("role", "action"), CASES)
def test_everybody_everything_everywhere(office: Office, role: str, action: str) -> None:
    wrong = {}
    for place in WHERE:
        try:
            check(office, role, action, place)
        except AssertionError as error:
            wrong[place] = str(error).splitlines()[:3]
        office.close_modals(PEOPLE[role])
    assert wrong == {}


def check(office: Office, role: str, action: str, place: str) -> None:
    """Do it, and see what came of it."""
    user = PEOPLE[role]
    direct = "D" + user[1:]
    where = direct if place == "direct" else place
    decision, at = DECIDED[action][role], WHERE[place]
    if action == "import" and (place != "direct" or decision == "nothing"):
        decision = "nothing"  # a file in a channel is nobody's import
    before, noted = office.seen(), office.runtime.journal.head(office.firm_id).seq
    # When
    act(office, user, role, action, where)
    if action == "move" and decision in ("moved", "kept") and at["modal"] == "modal":
        check_move(office, user, role, may_move=decision == "moved")
    # Then nobody else reads anything, and no other client is named
    shown = shown_since(office, before)
    assert {person for each in shown for person in each.audience} <= {user}
    named = {key for each in shown for key in canaries_in(each.said)}
    own = {OWN.get(role, "anna")}
    if decision in ("reason", "nothing", "neutral", "link", "help", "refused", "none"):
        check_refusal(decision, shown, at, where=where, direct=direct)
        named -= {"anna", "jonas", "emily", "vogt"} if echoes(decision, shown) else set()
        assert named == set()
    elif decision in ("form", "moved", "kept") and action not in NAMING:
        assert named == set()
        check_modal(shown, at, where)
    elif decision in ("form", "moved", "kept"):
        assert named <= own
        check_modal(shown, at, where)
    elif decision == "file":
        check_file(shown, at, where=where, direct=direct)
    elif decision in ("preview", "counts"):
        # a lead reads also who of the team is not in the file
        assert named <= ({"anna", "jonas", "vogt", "exner"} if role == "lead" else own)
        assert {each.where for each in shown} == {direct}
    else:
        wanted = {"jonas"} if action == "see_team" else own
        assert named == wanted
        check_answer(shown, at, where=where, direct=direct)
    # And what was seen or refused is on record
    entries = list(office.runtime.journal.entries(office.firm_id, after=noted))
    check_journal(office, entries, user, decision, at, action)


def echoes(decision: str, shown: list[Shown]) -> bool:
    """Tell whether a name may stand there because the person just typed it."""
    return decision in ("none", "reason") and bool(shown)


def check_refusal(
    decision: str, shown: list[Shown], at: dict[str, str], *, where: str, direct: str
) -> None:
    if decision == "nothing":
        assert shown == []
    elif decision == "reason" and at["modal"] == "modal":
        assert [each.where for each in shown] == ["views.open"]
        assert "Wozu?" in shown[0].said
        assert "€" not in shown[0].said
    elif decision == "reason":
        assert BARRED in only(shown, where)
    elif decision == "none":
        check_answer(shown, at, where=where, direct=direct)
        said = next(each.said for each in shown if SENT not in each.said)
        assert "Kein Kunde" in said
    else:
        said = only(shown, where)
        wanted = {"neutral": NEUTRAL, "link": (LINK,), "refused": REFUSED, "help": ("",)}[decision]
        assert any(sentence in said for sentence in wanted)


def only(shown: list[Shown], where: str) -> str:
    """Return the one thing that was said, in the place where it was asked."""
    assert [each.where for each in shown] == [where]
    return shown[0].said


def check_answer(shown: list[Shown], at: dict[str, str], *, where: str, direct: str) -> None:
    if at["answer"] == "here":
        assert [each.where for each in shown] == [where]
    else:
        assert sorted(each.where for each in shown) == sorted([direct, where])
        here = next(each for each in shown if each.where == where)
        assert SENT in here.said


def check_modal(shown: list[Shown], at: dict[str, str], where: str) -> None:
    if at["modal"] == "barred":
        assert BARRED in only(shown, where)
    else:
        assert shown[0].where == "views.open"
        assert {each.where for each in shown} <= {"views.open", "view_submission", "views.publish"}


def check_file(shown: list[Shown], at: dict[str, str], *, where: str, direct: str) -> None:
    if at["file"] == "barred":
        assert BARRED in only(shown, where)
    else:
        assert [each.where for each in shown] == [direct, where]
        assert SENT in shown[-1].said


def check_move(office: Office, user: str, role: str, *, may_move: bool) -> None:
    """Try to give the client away, and put things back."""
    own = OWN.get(role, "anna")
    hand_over(office, user, own)
    with office.runtime.store.read(office.firm_id) as session:
        now = session.get_one(ClientRow, office.clients[own]).advisor_id
    to = "jonas" if may_move else own
    assert now == office.member(to).member_id
    give_to(office, own, own)


def check_journal(
    office: Office,
    entries: list[Kept],
    user: str,
    decision: str,
    at: dict[str, str],
    action: str,
) -> None:
    kinds = [each.kind for each in entries]
    member = next((m for m in office.members() if m.slack_user_id == user), None)
    actor = f"member:{member.member_id}" if member and member.is_active else f"account:{user}"
    assert {each.actor for each in entries} <= {actor}
    barred = {
        "reason": "modal", "form": "modal", "moved": "modal", "kept": "modal", "file": "file"
    }.get(decision)  # fmt: skip
    if decision in ("nothing", "help"):
        assert kinds == []
    elif decision in ("refused", "neutral", "link") or (barred and at[barred] == "barred"):
        assert kinds == ["denied"]
    elif decision == "none":
        assert set(kinds) <= {"view", "denied"}
        assert len(kinds) == 1
        assert entries[0].client_ids == ""
    elif decision in ("shown", "file", "preview") or action in NAMING:
        whose = {"see_team": "jonas"}.get(action) or key_of(user)
        seen = [each for each in entries if each.kind == "view"]
        assert seen
        assert all(each.names_client(office.clients[whose]) for each in seen)
    else:
        assert "denied" not in kinds


def key_of(user: str) -> str:
    return "vogt" if user == "U0VOGT" else "anna"
