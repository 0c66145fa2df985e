"""Monday messages of advisors with 120 clients each: how many a minute, and what writing costs."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from slack_sdk.models.blocks import Block

from benchmarks.firms import NOW, PER_ADVISOR, build_firm, names_of
from benchmarks.measure import Extent, Figure
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
EVERYBODY = 1_000_000
"""In a firm of so many clients each advisor's digest is written: 10,000 with ``SIZE=1200000``."""
SLACK_PER_MINUTE = 300
"""Slack takes "several hundred messages a minute" of an app in one workspace."""
WORDS = Words("de-DE", "EUR")
Steps = Counter[str]
"""The processor's seconds by step."""


def figures(extent: Extent) -> Iterator[Figure]:
    """Compare with the messages' mere JSON, with the SDK's classes, and with what Slack takes."""
    with TemporaryDirectory() as folder:
        store, firm_id = build_firm(Path(folder), names_of(extent.size))
        runtime = Runtime(settings=Settings(), store=store, clock=lambda: NOW)
        with store.read(firm_id) as session:
            members = [each for each in list_members(session) if each.key != "lead"]
        if extent.size < EVERYBODY:
            members = members[:ADVISORS] * extent.rounds
        chance = Random(1)
        _steps(members[0], firm_id, runtime, chance)  # unmeasured
        taken = sum((_steps(each, firm_id, runtime, chance) for each in members), Steps())
        store.close()
    what = f"{len(members):,} from their reports to JSON"
    for beside, theirs, most, first in (
        ("json.dumps of the ready messages", taken["floor"], 5, 2.0),
        ("the same blocks as classes of slack_sdk", taken["classes"], 0.2, 1 / 15),
    ):
        yield Figure(
            topic="digests",
            what=what,
            ours=taken["ours"],
            beside=beside,
            theirs=theirs,
            most=most,
            first=first,
        )
    yield Figure(
        topic="digests",
        what=f"of {PER_ADVISOR} clients, from the store, on one core",
        ours=60 * len(members) / (taken["read"] + taken["ours"]),
        beside="what Slack takes of one workspace",
        theirs=SLACK_PER_MINUTE,
        most=1,
        unit="a minute",
        at_least=True,
    )


def _steps(member: Member, firm_id: int, runtime: Runtime, chance: Random) -> Steps:
    """Take each step of one member's digest, and write the same message the other ways."""
    taken = Steps()
    start = process_time()
    report = digest_of(firm_id, member, runtime, now=NOW)
    follow_book(firm_id, member.member_id, report.book, runtime, today=NOW.date())
    taken["read"] = process_time() - start
    ready = written(report)
    ways = {
        "ours": lambda: json.dumps(written(report)),
        "floor": lambda: json.dumps(ready),
        "classes": lambda: json.dumps(by_classes(ready)),
    }
    for name in chance.sample(list(ways), len(ways)):
        start = process_time()
        ways[name]()
        taken[name] = process_time() - start
    return taken


def written(report: DigestReport) -> dict[str, Any]:
    """Write a message as it is sent."""
    return {"text": digest.digest_text(report, WORDS), "blocks": digest.digest(report, WORDS)}


def by_classes(message: dict[str, Any]) -> dict[str, Any]:
    """Build the same blocks with the classes of slack_sdk, which check what they are given."""
    blocks = Block.parse_all(message["blocks"])
    return {"text": message["text"], "blocks": [each.to_dict() for each in blocks]}
