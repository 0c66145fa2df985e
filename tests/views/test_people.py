"""Who has which role, on the screen: the admin's Home, the forms, compliance's question."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import AdminReport, PeopleReport
from bot.views import people
from bot.words import Words
from domain.access import Grant, Member, Role
from tests.views.examples import ODD_NAME
from tests.views.judges import assert_blocks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
UNTIL = datetime(2026, 12, 31, 17, tzinfo=UTC)
ANNA = Member(member_id=1, key="anna", name="Anna Berger", role=Role.ADVISOR, team="Nord")
PIA = Member(
    member_id=2,
    key="pia",
    name=ODD_NAME,
    role=Role.ASSISTANT,
    team="Nord",
    slack_user_id="U0PIA",
    grants=(Grant(advisor_id=1, until=UNTIL, may_record=True, may_get_digest=True),),
)
IDA = Member(member_id=3, key="ida", name="Ida Frank", role=Role.LEAD, team="", is_admin=True)
FEW = PeopleReport(members=(ANNA, PIA, IDA), now=NOW)
MANY = PeopleReport(
    members=tuple(
        Member(member_id=n, key=f"m{n}", name=f"Member {n}", role=Role.ADVISOR, team="t")
        for n in range(200)
    ),
    now=NOW,
)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(
            AdminReport(people=FEW, consent=None, rules_reserved=False, erasures=0, exports=0),
            id="a few people",
        ),
        pytest.param(
            AdminReport(
                people=MANY, consent=("Ida Frank", NOW), rules_reserved=True, erasures=2, exports=3
            ),
            id="too many",
        ),
        pytest.param(
            AdminReport(
                people=PeopleReport(members=(IDA,), now=NOW),
                consent=None,
                rules_reserved=False,
                erasures=0,
                exports=0,
            ),
            id="one person",
        ),
    ],
)
def test_an_admins_home(report: AdminReport, words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.admin_home(report, words, BERLIN)
    assert_blocks(view, view["type"])
    assert view == snapshot


@pytest.mark.parametrize("member", [ANNA, PIA], ids=["not linked", "assistant with a grant"])
def test_a_persons_form(member: Member, words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.person_modal(member, FEW, words, BERLIN)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_the_form_of_a_grant(words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.grant_modal(PIA, date(2026, 12, 8), BERLIN, words)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_somebody_new(words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.new_person_modal(words)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_a_code_to_hand_over(words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.code_modal("ABCD-EFGH-JKLM", ODD_NAME, UNTIL, words)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_the_question_for_a_code(words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.code_form(words)
    assert_blocks(view, view["type"])
    assert view == snapshot


@pytest.mark.parametrize("whom", [False, True], ids=["of a client", "of any client"])
def test_the_question_for_a_reason(whom: bool, words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.reason_modal("{}", words, whom=whom)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_compliances_home(words: Words, snapshot: SnapshotAssertion) -> None:
    view = people.reader_home(erasures=0, exports=1, words=words)
    assert_blocks(view, view["type"])
    assert view == snapshot
