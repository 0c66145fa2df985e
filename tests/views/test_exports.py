"""A file of the whole firm on the screen: who asked, how each request stands, what is next."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.reports import ExportsReport
from bot.views import exports
from bot.words import Words
from domain.exports import ExportRequest
from tests.views.examples import ODD_NAME
from tests.views.judges import assert_blocks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAY = timedelta(days=1)
IDA, CLARA = 1, 2
STAGES: tuple[dict[str, Any], ...] = (
    {},
    {"decided_by": CLARA, "decided_at": NOW, "is_confirmed": True},
    {"decided_by": CLARA, "decided_at": NOW, "is_confirmed": True, "fetched_at": NOW},
    {"decided_by": CLARA, "decided_at": NOW},
    {"decided_by": IDA, "decided_at": NOW},
    {"decided_by": CLARA, "decided_at": NOW - DAY, "is_confirmed": True},
)
ALL = tuple(
    ExportRequest(request_id=n, asked_by=IDA, asked_at=NOW - 2 * DAY, reason=ODD_NAME, **each)
    for n, each in enumerate(STAGES)
)


@pytest.mark.parametrize("reader", [IDA, CLARA], ids=["who asked", "somebody else"])
@pytest.mark.parametrize("found", [(), ALL, (ALL * 4)[:20]], ids=["none", "each stage", "many"])
def test_the_list_of_files_of_the_firm(
    found: tuple[ExportRequest, ...], reader: int, words: Words, snapshot: SnapshotAssertion
) -> None:
    names = {IDA: ODD_NAME, CLARA: "Clara Falk"}
    report = ExportsReport(requests=found, names=names, reader_id=reader, now=NOW)
    view = exports.exports_modal(report, words, BERLIN, may_ask=reader == IDA)
    assert_blocks(view, view["type"])
    assert view == snapshot


def test_the_form_that_asks_for_a_file_of_the_firm(
    words: Words, snapshot: SnapshotAssertion
) -> None:
    view = exports.ask_modal(words)
    assert_blocks(view, view["type"])
    assert view == snapshot
