"""Slack and the terminal give the same answers to the same questions."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.acceptance.conftest import Demo

pytestmark = pytest.mark.xdist_group("demo")


def terminal(demo: Demo, *words: str) -> Any:
    """Ask in the terminal, as a process of its own, in Anna's language."""
    address = demo.runtime.settings.database_url
    run = "from bot.cli import main; main()"
    command = [sys.executable, "-c", run, "--database", address, "--locale", "de-DE", *words]
    environment = {**os.environ, "COLUMNS": "200"}
    environment.pop("TIERWISE_FIRM", None)  # the demo has one firm
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def slack(demo: Demo, typed: str) -> str:
    """Ask in Slack as Anna Berger; return the newest answer's text without protection marks."""
    people = demo.sandbox.client
    assert people.say("U0ANNA", "D0ANNA", typed)["outcome"] == "acked"
    text = str(people.messages("U0ANNA", "D0ANNA")[-1]["text"])
    return text.replace("\N{WORD JOINER}", "").replace("&amp;", "&")


def test_a_look_up_says_the_same_in_slack_and_in_the_terminal(demo: Demo) -> None:
    told = slack(demo, "/segment Hubr")
    printed = terminal(demo, "segment", "Hubr", "--advisor", "berger", "--json")
    assert (printed["name"], printed["tier"], printed["quadrant"]) == ("Maria Huber", "A", "FIX")
    assert told.startswith("Maria Huber · A · FIX.")
    for sentence in (
        printed["next_step"],
        printed["worth"],
        *printed["tier_because"],
        *printed["tier_changes"],
        *printed["quadrant_because"],
        *printed["quadrant_changes"],
    ):
        assert sentence in told
    # 3.4 on grades of 1 to 6, best 1, is (6 - 3.4) / 5 = 52 of 100
    assert printed["satisfaction_index"] == "52.00"
    # 842,000 of 1,260,000 is 66.825… per cent, rounded down
    assert printed["share_pct"] == "66.82"


def test_the_weeks_names_are_the_same_in_slack_terminal_and_digest(demo: Demo) -> None:
    told = slack(demo, "/priorities")
    printed = terminal(demo, "priorities", "--advisor", "berger", "--json")
    digest = terminal(demo, "digest", "--advisor", "berger", "--preview", "--json")
    names = [each["name"] for each in printed["names"]]
    assert len(names) == 7
    assert [each["name"] for each in digest["names"]] == names
    places = [told.index(f"{name} · ") for name in names]
    assert places == sorted(places)
    for each in printed["names"]:
        assert f"{each['name']} · {each['tier']}: {each['worth']}" in told
    shown = json.dumps(digest["message"]["blocks"], ensure_ascii=False)
    assert all(name in shown.replace("&amp;", "&") for name in names)
    # The notification names nobody
    assert not [name for name in names if name in digest["message"]["text"]]


def test_the_hours_are_the_same_in_slack_and_in_the_terminal(demo: Demo) -> None:
    told = slack(demo, "/book kapazität").replace("\N{NO-BREAK SPACE}", " ")
    printed = terminal(demo, "capacity", "--advisor", "berger", "--json")
    assert printed["together"]["advisor_hours"] == "916.0"
    assert printed["utilisation_pct"] == "91.6"
    assert "916 h des Beraters sind im Jahr geplant: 92 % von 1.000 h, 102 % der 900 h" in told
    assert printed["tiers"]["N"]["revenue_per_hour"] == "500.00"
    assert "je Stunde 500 €" in told
    assert printed["single"] is None
    book = terminal(demo, "book", "--advisor", "berger", "--json")
    assert book["hours"] == printed


def test_the_hiring_sum_of_the_worked_example_in_the_terminal(demo: Demo) -> None:
    options = ("--pay", "95000", "--on-cost", "1.15", "--workplace", "0")
    printed = terminal(demo, "hire", "--advisor", "berger", "--tiers", "S,L,N", *options, "--json")
    assert (printed["answer"], printed["margin"]) == ("costs_more", "-4250.00")
    assert printed["break_even_pay"] == "91304.35"
    cut = printed["alternatives"][0]
    assert (cut["freed_hours"], cut["freed_hours_at_most"]) == ("12.5", "25.0")
