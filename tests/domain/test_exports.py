"""A file of the whole firm: when somebody else may confirm it, and until when it is fetched."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.exports import ExportRequest, Stage

ASKED = datetime(2026, 11, 24, 9, tzinfo=UTC)
DECIDED = ASKED + timedelta(days=2)
IDA, CLARA = 1, 2


def a_request(*, is_confirmed=None, fetched_at=None):
    decided = {} if is_confirmed is None else {"decided_by": CLARA, "decided_at": DECIDED}
    return ExportRequest(
        request_id=7, asked_by=IDA, asked_at=ASKED, reason="Prüfung",
        is_confirmed=bool(is_confirmed), fetched_at=fetched_at, **decided,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "now", "stage"),
    [
        (a_request(), ASKED + timedelta(days=7, seconds=-1), Stage.WAITS),
        (a_request(), ASKED + timedelta(days=7), Stage.LAPSED),
        (a_request(is_confirmed=True), DECIDED + timedelta(hours=24, seconds=-1), Stage.CONFIRMED),
        (a_request(is_confirmed=True), DECIDED + timedelta(hours=24), Stage.LAPSED),
        (a_request(is_confirmed=True, fetched_at=DECIDED), DECIDED, Stage.FETCHED),
        (a_request(is_confirmed=True, fetched_at=DECIDED), DECIDED + timedelta(9), Stage.FETCHED),
        (a_request(is_confirmed=False), DECIDED + timedelta(days=9), Stage.DECLINED),
    ],
)
def test_a_request_stands_so_at_an_instant(request_, now, stage):
    assert request_.stage(now) is stage


def test_somebody_else_confirms_then_who_asked_fetches():
    assert not a_request().awaits(IDA, ASKED)
    assert a_request().awaits(CLARA, ASKED)
    assert a_request(is_confirmed=True).awaits(IDA, DECIDED)
    assert not a_request(is_confirmed=True).awaits(CLARA, DECIDED)
    for over in (a_request(is_confirmed=False), a_request(is_confirmed=True, fetched_at=DECIDED)):
        assert not over.awaits(IDA, DECIDED)
        assert not over.awaits(CLARA, DECIDED)
