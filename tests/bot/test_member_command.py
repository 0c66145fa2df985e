"""`tierwise member`: roles, grants and codes from the host."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cli import main

Run = Any
BERLIN = ZoneInfo("Europe/Berlin")
LAST_DAY = datetime.now(BERLIN).date() + timedelta(days=30)
AFTER = LAST_DAY + timedelta(days=1)


@pytest.fixture
def run(
    sqlite_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Give what runs a command of Tierwise on a firm's store and returns what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERWISE_DATABASE_URL", sqlite_address)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("bot.logs.set_up_logs", lambda: None)  # this process has its own

    def command(*words: str, fails: bool = False) -> str:
        monkeypatch.setattr("sys.argv", ["tierwise", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert bool(ended.value.code) is fails, said
        return said.err if fails else said.out

    command("firm", "add", "T0001", "Birkenhof")
    command("member", "add", "anna", "Anna Berger", "--team", "nord")
    command("member", "add", "pia", "Pia Sommer", "--role", "assistant", "--team", "nord")
    return command


def members(run: Run) -> dict[str, Any]:
    return {each["key"]: each for each in json.loads(run("member", "list", "--json"))}


def test_a_grant_is_given_to_the_end_of_a_local_day_seen_and_revoked(run: Run) -> None:
    said = run("member", "grant", "pia", "anna", "--until", str(LAST_DAY), "--record", "--digest")
    assert said == f"Pia Sommer acts for Anna Berger until {AFTER} 00:00.\n"
    (grant,) = members(run)["pia"]["grants"]
    assert grant == {
        "advisor": "anna",
        "until": datetime.combine(AFTER, time(), BERLIN).astimezone(UTC).isoformat(),
        "may_record": True,
        "may_get_digest": True,
        "may_import": False,
    }
    listed = " ".join(run("member", "list").split())  # however wide the terminal is
    assert f"Anna Berger until {AFTER} 00:00 (see, record, digest)" in listed
    assert run("member", "revoke", "pia", "anna") == "pia no longer acts for anna.\n"
    assert members(run)["pia"]["grants"] == []
    assert "was not granted anything" in run("member", "revoke", "pia", "anna", fails=True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pia", "anna", "--until", "31.12.2026"), "“31.12.2026” is no day."),
        (("pia", "anna", "--until", "2020-01-01"), "This day is over."),
        (("pia", "anna", "--until", "2090-01-01"), "At most 366 days ahead"),
        (("anna", "pia", "--until", str(LAST_DAY)), "Anna Berger is no assistant."),
        (("pia", "xaver", "--until", str(LAST_DAY)), "There is no member “xaver”."),
    ],
)
def test_a_grant_that_cannot_be_is_refused_in_one_sentence(
    run: Run, words: tuple[str, ...], sentence: str
) -> None:
    assert sentence in run("member", "grant", *words, fails=True)


def test_a_code_is_shown_once_and_only_for_who_is_not_linked(run: Run) -> None:
    assert "presses “I have a code” and enters" in run("member", "code", "anna")
    made = json.loads(run("member", "code", "anna", "--for", "U0ANNA", "--json"))
    assert made["key"] == "anna"
    assert len(made["code"]) == len("ABCD-EFGH-JKLM")
    run("member", "link", "anna", "U0ANNA")
    assert "is linked to U0ANNA" in run("member", "code", "anna", fails=True)


def test_who_leaves_is_listed_as_such_and_comes_back_without_rights(run: Run) -> None:
    run("member", "link", "anna", "U0ANNA")
    assert "has left" in run("member", "leave", "anna")
    assert (
        members(run)["anna"] | {"is_active": False, "slack_user_id": None} == members(run)["anna"]
    )
    assert "has left" in run("member", "code", "anna", fails=True)
    run("member", "add", "anna", "Anna Berger", "--team", "nord")
    assert members(run)["anna"]["is_active"]
    assert members(run)["anna"]["slack_user_id"] is None


def test_holding_both_is_for_a_firm_of_one_person_and_is_shown(run: Run) -> None:
    refused = run("member", "add", "anna", "Anna Berger", "--admin", fails=True)
    assert "that is for a firm of one person" in refused
    run("member", "leave", "pia")
    assert "is advisor and admin" in run("member", "add", "anna", "Anna Berger", "--admin")
    assert "Anna Berger holds clients and administration." in run("member", "list")
    run("member", "add", "pia", "Pia Sommer", "--role", "assistant")
    assert "others could hold the one" in run("member", "list")
