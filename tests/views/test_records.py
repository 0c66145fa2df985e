"""Records on the screen: status, erasures, the proof of one, who saw a client."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import ClientLog, ErasedReport, ErasureReport, Looked, StatusReport
from bot.views import records
from bot.words import Words
from tests.views.examples import ODD_NAME
from tests.views.judges import assert_blocks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def an_erasure(number: int, *, days: int = 0) -> ErasureReport:
    """Make one that was asked for, and days later approved and erased."""
    return ErasureReport(
        client_id=number,
        asked_by_id=1,
        requested_by=ODD_NAME,
        requested_at=NOW,
        reason="<!channel> wünscht es",
        approved_by="Clara Falk" if days > 0 else None,
        approved_at=NOW + timedelta(days=1) if days > 0 else None,
        erased_at=NOW + timedelta(days=2) if days > 1 else None,
        proof="0123456789abcdef" * 4 if days > 1 else None,
    )


MANY = tuple(an_erasure(number, days=number % 3) for number in range(30))


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(
            StatusReport(
                waiting=(), overdue=0, placed_on=date(2026, 11, 24), nights_missed=0, head=0
            ),
            id="quiet",
        ),
        pytest.param(
            StatusReport(
                waiting=tuple(("weekly", "held", f"reason {n}", n) for n in range(1, 13)),
                overdue=2,
                placed_on=None,
                nights_missed=12,
                head=12345,
            ),
            id="trouble",
        ),
        pytest.param(
            StatusReport(
                waiting=(), overdue=0, placed_on=date(2026, 11, 21), nights_missed=3, head=7
            ),
            id="nights missed",
        ),
        pytest.param(
            StatusReport(waiting=(), overdue=0, placed_on=None, nights_missed=None, head=1),
            id="just set up",
        ),
    ],
)
def test_how_messages_stand(
    report: StatusReport, words: Words, snapshot: SnapshotAssertion
) -> None:
    reasons = {reason: ODD_NAME for _, _, reason, _ in report.waiting}
    state = "fail" if report.overdue else "ok"
    checks = [(name, state) for name in ("slack", "clock", "scopes")]
    view = records.status_modal(report, reasons, checks, words)
    assert_blocks(view, view["type"])
    assert view == snapshot


@pytest.mark.parametrize("found", [(), MANY[:3], MANY], ids=["none", "three", "too many"])
def test_the_list_of_erasures(
    found: Sequence[ErasureReport], words: Words, snapshot: SnapshotAssertion
) -> None:
    view = records.erasures_modal(found, words, BERLIN, may_approve=True, may_erase=True)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_the_forms_of_an_erasure(words: Words, snapshot: SnapshotAssertion) -> None:
    declined = replace(
        an_erasure(12), ended_by="Clara Falk", ended_at=NOW + timedelta(days=1), reason=ODD_NAME
    )
    views = [
        records.ask_modal(12, ODD_NAME, words, BERLIN),
        records.ask_modal(12, ODD_NAME, words, BERLIN, before=declined),
        records.asked_modal(an_erasure(12), ODD_NAME, words, BERLIN, may_withdraw=True),
        records.asked_modal(an_erasure(12, days=1), ODD_NAME, words, BERLIN, may_withdraw=False),
        records.decline_modal(an_erasure(12, days=1), words, BERLIN),
        records.approve_modal(an_erasure(12), ODD_NAME, words, BERLIN),
        records.erase_modal(an_erasure(12, days=1), words, BERLIN),
        records.number_modal(words),
    ]
    for view in views:
        assert_blocks(view, view["type"])
    assert views == snapshot


@pytest.mark.parametrize("is_clean", [True, False], ids=["clean", "left over"])
def test_the_proof_of_an_erasure(
    words: Words, snapshot: SnapshotAssertion, *, is_clean: bool
) -> None:
    done = ErasedReport(
        asked=an_erasure(12, days=2),
        counts={"client": 1, "wallet": 3},
        kept_until=date(2036, 11, 26),
        is_clean=is_clean,
        messages_gone=1,
        messages_left=0 if is_clean else 3,
        exports=() if is_clean else ((NOW, "export client"),),
    )
    view = records.erased_modal(done, words, BERLIN)
    assert_blocks(view, view["type"])
    assert view == snapshot


@pytest.mark.parametrize("people", [0, 1, 60], ids=["nobody", "one", "too many"])
def test_who_saw_a_client(people: int, words: Words, snapshot: SnapshotAssertion) -> None:
    looked = [
        Looked(who=f"member:{n}" if n else ODD_NAME, kinds={"view": 3, "change": 1}, last=NOW)
        for n in range(people)
    ]
    newest = ((NOW, "operator", "export", "export client"), (NOW, "clock", "message", "weekly"))
    report = ClientLog(
        client_id=12,
        name=ODD_NAME if people else None,
        people=tuple(looked),
        newest=newest if people else (),
    )
    view = records.log_modal(report, words, BERLIN)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_who_was_erased_is_called_by_the_number_once(words: Words) -> None:
    report = ClientLog(client_id=61, name="#61", people=(), newest=())
    heading = records.log_modal(report, words, BERLIN)["blocks"][0]["text"]["text"]
    assert heading.strip("*") == "#61"


def test_where_a_client_was_seen_is_said_in_words(words: Words) -> None:
    ways = ("service:evidence", "/segment", "home", "erase", "unheard_of")
    newest = tuple((NOW, "clock", "erase" if each == "erase" else "view", each) for each in ways)
    seen = (Looked(who="clock", kinds={"view": 4}, last=NOW),)
    view = records.log_modal(
        ClientLog(client_id=61, name=None, people=seen, newest=newest), words, BERLIN
    )
    said = [line.split(" · ")[2:] for line in view["blocks"][-1]["text"]["text"].splitlines()]
    german = [
        ["gesehen", "Leistungen"], ["gesehen", "/segment"], ["gesehen", "Startseite"],
        ["Löschung"], ["gesehen", "unheard\N{WORD JOINER}_\N{WORD JOINER}of"],
    ]  # fmt: skip
    english = [
        ["seen", "services"], ["seen", "/segment"], ["seen", "Home"],
        ["erasure"], ["seen", "unheard\N{WORD JOINER}_\N{WORD JOINER}of"],
    ]  # fmt: skip
    assert said == (german if words.language == "de" else english)
