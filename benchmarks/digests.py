"""Monday messages of advisors with 120 clients each: how many a minute, and what writing costs."""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from slack_sdk.models.blocks import Block

from benchmarks.firms import NOW, PER_ADVISOR, build_firm, names_of
from benchmarks.measure import Extent, Figure, in_turns
from bot.runtime import Runtime
from bot.service_reports import DigestReport
from bot.settings import Settings
from bot.usecases.capacity import follow_book
from bot.usecases.digest import digest_of
from bot.views import digest
from bot.words import Words
from domain.access import Member
from storage.firms import list_members

ADVISORS = 40
SLACK_PER_MINUTE = 300
"""Slack takes "several hundred messages a minute" of an app in one workspace."""
WORDS = Words("de-DE", "EUR")


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare with the messages' mere JSON, with the SDK's classes, and with what Slack takes."""
    with TemporaryDirectory() as folder:
        store, firm_id = build_firm(Path(folder), names_of(extent.size))
        runtime = Runtime(settings=Settings(), store=store, clock=lambda: NOW)
        with store.read(firm_id) as session:
            members = [each for each in list_members(session) if each.key != "lead"][:ADVISORS]
        reports = [digest_of(firm_id, each, runtime, now=NOW) for each in members]
        messages = [written(each) for each in reports]
        taken = in_turns(
            {
                "ours": lambda: [json.dumps(written(each)) for each in reports],
                "floor": lambda: [json.dumps(each) for each in messages],
                "classes": lambda: [json.dumps(by_classes(each)) for each in messages],
            },
            extent.rounds,
        )
        per_minute = 60 / _seconds_each(runtime, firm_id, members, extent.rounds)
        store.close()
    what = f"{len(reports)} from their reports to JSON"
    for beside, theirs, most in (
        ("json.dumps of the ready messages", taken["floor"], 2.0),
        ("the same blocks as classes of slack_sdk", taken["classes"], 1 / 15),
    ):
        yield Figure(
            topic="digests", what=what, ours=taken["ours"], beside=beside, theirs=theirs, most=most
        )
    yield Figure(
        topic="digests",
        what=f"of {PER_ADVISOR} clients, from the store, on one core",
        ours=per_minute,
        beside="what Slack takes of one workspace",
        theirs=SLACK_PER_MINUTE,
        most=1,
        unit="a minute",
        at_least=True,
    )


def written(report: DigestReport) -> dict[str, Any]:
    """Write a message as it is sent."""
    return {"text": digest.digest_text(report, WORDS), "blocks": digest.digest(report, WORDS)}


def by_classes(message: dict[str, Any]) -> dict[str, Any]:
    """Build the same blocks with the classes of slack_sdk, which check what they are given."""
    blocks = Block.parse_all(message["blocks"])
    return {"text": message["text"], "blocks": [each.to_dict() for each in blocks]}


def _seconds_each(runtime: Runtime, firm_id: int, members: list[Member], rounds: int) -> float:
    """Return the processor's time for a message, from the store to its JSON and its figures."""
    turns = cycle(members)

    def write() -> float:
        member, start = next(turns), process_time()
        report = digest_of(firm_id, member, runtime, now=NOW)
        follow_book(firm_id, member.member_id, report.book, runtime, today=NOW.date())
        json.dumps(written(report))
        return process_time() - start

    return in_turns({"ours": write}, 10 * rounds)["ours"]
