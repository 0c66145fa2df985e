"""Records in the terminal: the log, exports, erasure, terms, backup and the doctor."""

import csv
import json
import stat
from contextlib import closing
from datetime import date, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot import cli
from bot.cli_records import sentence_for
from bot.doctor import State, _clock
from bot.manifest import manifest
from bot.runtime import system_clock
from domain.access import Role
from sandbox.server import Sandbox
from storage.backup import back_up
from storage.firms import find_firm, save_member
from storage.heartbeats import beat
from storage.migrate import StoreVersionError
from storage.search import index_all
from storage.store import open_store
from storage.tables import ClientRow, FirmRow, HoldingRow, MemberRow, SatisfactionRow, WalletRow
from tests.firms import NOW, members_of, save_client, save_firm
from tests.older import older_store, rows_of

Address = str
NAME = "Xaveria Hübner"
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def address(sqlite_template: Path, tmp_path: Path) -> Address:
    """Give a firm with Anna's clients, one called like a formula, and Cora of compliance."""
    path = tmp_path / "data" / "store.db"
    path.parent.mkdir()
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    store = open_store(f"sqlite:///{path}")
    firm = save_firm(store, "T0001", "Nordlicht Vermögen")
    anna = members_of(store, firm)["anna"].member_id
    with store.write(firm.id) as session:
        save_member(session, key="cora", name="Cora Lindt", role=Role.COMPLIANCE, team="")
        xaveria = save_client(session, "N-4711", NAME, anna, revenue_cents=900_000)
        odd = save_client(session, "+1", FORMULA, anna, revenue_cents=-500)
        by: dict[str, Any] = {"recorded_by": "anna", "recorded_at": NOW}
        for client in (xaveria, odd):
            session.add(HoldingRow(client_id=client, managed_cents=123_45, held_on=NOW.date()))
            session.add(
                SatisfactionRow(
                    client_id=client,
                    score_hundredths=8250,
                    scale="csi",
                    measured_on=date(2026, 2, 1),
                    **by,
                )
            )
            session.add(
                WalletRow(
                    client_id=client,
                    source="stated",
                    known_on=date(2026, 2, 1),
                    share_bp=3050,
                    **by,
                )
            )
        index_all(session)
    store.close()
    return f"sqlite:///{path}"


def run(address: Address, *arguments: str, typed: str | None = None) -> Any:
    return CliRunner().invoke(
        cli.app,
        ["--database", address, *arguments],
        input=typed,
        env={"COLUMNS": "200"},
    )


def said(address: Address, *arguments: str) -> str:
    answer = run(address, *arguments)
    assert answer.exit_code == 0, (answer.output, answer.exception)
    return str(answer.output)


def refused(address: Address, *arguments: str) -> str:
    answer = run(address, *arguments)
    assert answer.exit_code != 0, answer.output
    return sentence_for(answer.exception) or answer.output


def values(address: Address, *arguments: str) -> Any:
    return json.loads(said(address, *arguments, "--json"))


def test_the_log_tells_who_looked_at_whom_and_the_operator_is_in_it(address: Address) -> None:
    said(address, "segment", "Xaveria")
    entries = values(address, "log", "show", "--client", "N-4711")
    looked = [each for each in entries if each["kind"] == "view"]
    assert [(each["who"], each["what"]) for each in looked] == [("operator", "segment")]
    assert looked[0]["clients"] == NAME
    acts = [each["what"] for each in values(address, "log", "show") if each["kind"] == "operate"]
    assert acts[:1] == ["tierwise segment"]


def test_each_reads_the_log_as_far_as_the_role_goes(address: Address) -> None:
    said(address, "segment", "Xaveria")
    assert values(address, "log", "show", "--as", "anna") == []
    everything = values(address, "log", "show", "--as", "cora")
    assert {each["who"] for each in everything} == {"operator"}


def test_the_log_is_verified_and_exported_with_its_seals(address: Address, tmp_path: Path) -> None:
    said(address, "segment", "Xaveria")
    whole = values(address, "log", "verify")
    assert whole["whole"]
    assert whole["flaws"] == []
    file = tmp_path / "log.jsonl"
    assert "The journal ends with" in said(address, "log", "export", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["seq"] for each in lines] == list(range(1, len(lines) + 1))
    assert [each["prev_hash"] for each in lines[1:]] == [each["hash"] for each in lines[:-1]]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "exists already" in refused(address, "log", "export", str(file))


def test_a_head_that_was_written_down_shows_a_cut_tail(address: Address) -> None:
    said(address, "segment", "Xaveria")
    head = values(address, "log", "verify")["head"]
    path = Path(address.removeprefix("sqlite:///")).with_suffix(".journal.db")
    path.unlink()
    assert values(address, "log", "verify")["whole"]
    answer = run(address, "log", "verify", "--head", head)
    assert answer.exit_code == 1
    assert "cut" in answer.output or "replaced" in answer.output


def test_all_that_is_stored_of_a_client_is_given_out_as_json_and_as_text(
    address: Address, tmp_path: Path
) -> None:
    said(address, "export", "client", "Xaveria", "--out", str(tmp_path))
    (file,) = tmp_path.glob("client-*.json")
    stored = json.loads(file.read_text())["stored"]
    assert stored["client"][0]["name"] == NAME
    assert {"holding", "satisfaction", "wallet"} <= stored.keys()
    assert FORMULA not in file.read_text()
    assert NAME in file.with_suffix(".txt").read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_book_is_imported_again_without_any_change(
    address: Address, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"book.{kind}"
    assert "2 clients" in said(address, "export", "book", str(file))
    found = values(address, "import", str(file), "--dry-run")["plan"]
    assert (found["new"]["count"], found["changed"]["count"]) == (0, 0), found
    assert found["unchanged"] == 2
    (entry,) = [e for e in values(address, "log", "show") if e["what"] == "export book"]
    assert entry["who"] == "operator"
    assert NAME in entry["clients"]


def test_no_cell_of_an_exported_book_is_calculated(address: Address, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    said(address, "export", "book", str(file))
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)
    assert any(cell == f"'{FORMULA}" for row in rows for cell in row)


def test_a_client_is_asked_for_approved_and_erased_and_no_file_keeps_the_name(
    address: Address,
) -> None:
    assert "--by KEY" in refused(address, "erase", "Xaveria")
    by_letter = ("--reason", "asked for by letter")
    assert "not, or no longer" in refused(address, "erase", "Xaveria", "--by", "jonas", *by_letter)
    said(address, "erase", "Xaveria", "--by", "anna", *by_letter)
    assert "may not" in refused(address, "erase", "Xaveria", "--approve", "anna")
    said(address, "erase", "Xaveria", "--approve", "cora")
    assert "not the client's name" in refused(address, "erase", "Xaveria", "--name", "Xaveria")
    done = json.loads(said(address, "erase", "Xaveria", "--name", NAME))
    assert len(done["proof"]) == 64
    folder = Path(address.removeprefix("sqlite:///")).parent
    left = [each.name for each in folder.iterdir() if "Hübner".encode() in each.read_bytes()]
    assert left == []
    assert values(address, "log", "verify")["whole"]
    assert "already erased on" in refused(address, "erase", NAME)
    assert "already erased on" in refused(address, "erase", "N-4711")


def test_an_erasure_is_withdrawn_by_who_asked_or_declined_by_compliance(address: Address) -> None:
    by_letter = ("--reason", "asked for by letter")
    assert "Nobody has approved" in refused(address, "erase", "Xaveria", "--withdraw", "anna")
    said(address, "erase", "Xaveria", "--by", "anna", *by_letter)
    said(address, "erase", "Xaveria", "--approve", "cora")
    assert "may not" in refused(address, "erase", "Xaveria", "--withdraw", "jonas")
    assert "Say why" in refused(address, "erase", "Xaveria", "--withdraw", "cora")
    assert "Withdrawn" in said(address, "erase", "Xaveria", "--withdraw", "anna")
    assert "--by KEY" in refused(address, "erase", "Xaveria", "--name", NAME)
    assert "--by KEY" in refused(address, "erase", "Xaveria", "--approve", "cora")
    said(address, "erase", "Xaveria", "--by", "anna", *by_letter)
    assert "--by KEY" in refused(address, "erase", "Xaveria", "--name", NAME)
    said(address, "erase", "Xaveria", "--withdraw", "cora", "--reason", "still a client")
    entries = values(address, "log", "show", "--client", "N-4711")
    told = [(each["fields"], each["reason"]) for each in entries if each["kind"] == "erase"]
    assert told[-1] == ("declined", "still a client")
    assert [fields for fields, _ in told[:3]] == ["requested", "approved", "withdrawn"]


def test_a_reason_that_names_the_client_is_not_kept(address: Address) -> None:
    reason = f"{NAME} hat darum gebeten"
    answer = refused(address, "erase", "Xaveria", "--by", "anna", "--reason", reason)
    assert "Say it without" in answer
    assert "Say why" in refused(address, "erase", "Xaveria", "--by", "anna")


def test_terms_are_listed_and_set_within_bounds(address: Address) -> None:
    assert values(address, "retention", "show")["journal"] == 60
    said(address, "retention", "set", "messages", "6")
    assert values(address, "retention", "show")["messages"] == 6
    assert "from 1 to 180" in refused(address, "retention", "set", "journal", "0")


def test_a_backup_is_restored_to_another_place_and_to_its_own(
    address: Address, tmp_path: Path
) -> None:
    file = tmp_path / "one.backup"
    said(address, "backup", str(file))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    said(other, "restore", str(file))
    assert NAME in said(other, "segment", "Xaveria")
    assert "--replace" in refused(address, "restore", str(file))
    assert "is now" in said(address, "restore", str(file), "--replace")
    assert NAME in said(address, "segment", "Xaveria")


def erase_xaveria(address: Address) -> None:
    said(address, "erase", "Xaveria", "--by", "anna", "--reason", "asked for by letter")
    said(address, "erase", "Xaveria", "--approve", "cora")
    said(address, "erase", "Xaveria", "--name", NAME)


def holding_files(folder: Path) -> list[str]:
    """List the files, but for backups and what was set aside, in which the name stands."""
    left = [each for each in folder.iterdir() if ".before-" not in each.name]
    return [each.name for each in left if "Hübner".encode() in each.read_bytes()]


def test_who_was_erased_after_a_backup_is_erased_again_when_it_is_restored(
    address: Address, tmp_path: Path
) -> None:
    # Given a backup from before she asked and one from after it, and a list without a name
    folder = tmp_path / "data"
    said(address, "backup", str(tmp_path / "one.backup"))
    said(address, "erase", "Xaveria", "--by", "anna", "--reason", "asked for by letter")
    said(address, "backup", str(tmp_path / "two.backup"))
    erase_xaveria(address)
    listed = folder / "store.erased.jsonl"
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    assert "Hübner" not in listed.read_text()
    assert "N-4711" not in listed.read_text()
    # When it is restored
    answer = said(address, "restore", str(tmp_path / "one.backup"), "--replace")
    assert answer.splitlines()[-1].endswith("store.erased.jsonl: 1")
    # Then nobody finds her, the records say so, and a second time changes nothing
    assert "already erased on" in refused(address, "erase", NAME)
    assert "already erased on" in refused(address, "erase", "N-4711")
    assert holding_files(folder) == []
    assert values(address, "log", "verify")["whole"]
    assert FORMULA in said(address, "segment", "HYPERLINK")
    assert said(address, "migrate").splitlines()[-1].endswith("store.erased.jsonl: 0")
    # And a disk that was lost with everything but the list is no worse
    elsewhere = f"sqlite:///{tmp_path / 'new' / 'store.db'}"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / listed.name).write_bytes(listed.read_bytes())
    answer = said(elsewhere, "restore", str(tmp_path / "two.backup"))
    assert answer.splitlines()[-1].endswith("store.erased.jsonl: 1")
    assert "already erased on" in refused(elsewhere, "erase", NAME)
    assert holding_files(tmp_path / "new") == []


def test_who_was_erased_after_a_backup_of_an_older_program_is_erased_again_by_migrating(
    address: Address, tmp_path: Path
) -> None:
    # Given a backup that an older program made, from before she was erased
    with closing(open_store(address)) as present:
        rows = rows_of(present)
    with closing(older_store("0012", rows, f"sqlite:///{tmp_path / 'older.db'}")) as store:
        back_up(store, tmp_path / "old.backup", at=NOW)
    erase_xaveria(address)
    # When it is restored, the program does not run on it before it is migrated
    answer = said(address, "restore", str(tmp_path / "old.backup"), "--replace")
    assert "version 0012" in answer
    assert "also erases again" in answer
    with pytest.raises(StoreVersionError, match="tierwise migrate"):
        raise run(address, "segment", "Xaveria").exception
    # Then that erases her
    assert said(address, "migrate").splitlines()[-1].endswith("store.erased.jsonl: 1")
    assert "already erased on" in refused(address, "erase", NAME)
    assert holding_files(tmp_path / "data") == []
    assert values(address, "log", "verify")["whole"]
    assert FORMULA in said(address, "segment", "HYPERLINK")
    # And where the list is lost, whoever restores is told
    elsewhere = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    answer = said(elsewhere, "restore", str(tmp_path / "old.backup"))
    assert "The list of erased clients is not at" in answer


def test_a_restore_without_the_list_says_what_it_cannot_know(
    address: Address, tmp_path: Path
) -> None:
    backup = tmp_path / "one.backup"
    said(address, "backup", str(backup))
    answer = said(f"sqlite:///{tmp_path / 'other.db'}", "restore", str(backup))
    assert "The list of erased clients is not at" in answer
    assert "or erase them again" in answer


def test_somebody_else_with_the_id_of_an_erased_client_is_not_erased(
    address: Address, tmp_path: Path
) -> None:
    erase_xaveria(address)
    listed = tmp_path / "data" / "store.erased.jsonl"
    (entry,) = map(json.loads, listed.read_text().splitlines())
    odd = values(address, "segment", "HYPERLINK")
    listed.write_text(json.dumps({**entry, "client": entry["client"] + 1}))
    answer = said(address, "migrate")
    assert f"not recognised by name or number: #{entry['client'] + 1}" in answer
    assert values(address, "segment", "HYPERLINK") == odd


def findings(address: Address) -> dict[str, str]:
    answer = run(address, "doctor", "--json")
    return {each["name"]: each["state"] for each in json.loads(answer.output)}


def test_the_doctor_names_what_is_wrong_and_what_to_do(address: Address) -> None:
    found = findings(address)
    assert {found[name] for name in ("files", "store", "journal", "zones", "messages")} == {"ok"}
    assert found["secrets"] == "fail"
    path = Path(address.removeprefix("sqlite:///"))
    path.chmod(0o644)
    answer = run(address, "doctor")
    assert answer.exit_code == 1
    assert f"chmod go-rwx {path}" in answer.output


def the_nights(address: Address, **changed: Any) -> tuple[str, str]:
    """Change the firm, then ask the doctor about its nights: the state, and what is said."""
    store = open_store(address)
    with store.write(None) as session:
        firm = session.exec(select(FirmRow).where(FirmRow.workspace_id == "T0001")).one()
        for name, value in changed.items():
            setattr(firm, name, value)
    store.close()
    found = json.loads(run(address, "doctor", "--json").output)
    (said,) = (
        each for each in found if each["name"] == "nights" and each["said"].startswith("T0001")
    )
    return said["state"], said["said"]


def test_the_doctor_tells_since_when_no_night_has_placed_a_book(address: Address) -> None:
    # Given a firm set up last week in a store on which no program has run
    long_ago = system_clock() - timedelta(days=7)
    assert the_nights(address, created_at=long_ago)[0] == "unknown"
    # When one has, the nights count
    store = open_store(address)
    with store.write(None) as session:
        beat(session, "w1", now=long_ago)
    store.close()
    state, said = the_nights(address)
    assert (state, "was not placed" in said, "never before" in said) == ("fail", True, True)
    state, said = the_nights(address, placed_on=long_ago.date())
    assert (state, f"the last time as of {long_ago:%Y-%m-%d}" in said) == ("fail", True)
    assert the_nights(address, placed_on=(long_ago + timedelta(days=7)).date())[0] == "ok"
    # A firm that was set up just now has had no night yet
    assert the_nights(address, placed_on=None, created_at=system_clock())[0] == "unknown"


def test_the_doctor_finds_a_changed_journal_and_a_store_that_is_not_there(
    address: Address, tmp_path: Path
) -> None:
    said(address, "segment", "Xaveria")
    path = Path(address.removeprefix("sqlite:///")).with_suffix(".journal.db")
    path.write_bytes(path.read_bytes().replace(b"tierwise segment", b"tierwise digests"))
    assert findings(address)["journal"] == "fail"
    assert findings(f"sqlite:///{tmp_path / 'nowhere.db'}")["store"] == "fail"


def examined(address: Address, *, token: str, api: str) -> dict[str, tuple[str, str]]:
    """Let the doctor look at the firm's Slack as well."""
    env = {"SLACK_BOT_TOKEN": token, "SLACK_API_URL": api, "COLUMNS": "200"}
    answer = CliRunner().invoke(cli.app, ["--database", address, "doctor", "--json"], env=env)
    return {each["name"]: (each["state"], each["said"]) for each in json.loads(answer.output)}


def test_the_doctor_asks_slack_for_token_clock_and_scopes(address: Address) -> None:
    with Sandbox(manifest()) as sandbox:
        found = examined(address, token=sandbox.bot_token, api=sandbox.api_url)
        assert found["scopes"] == ("ok", "T0001: as in the manifest.")
        assert found["clock"][0] == "ok"
        refused = examined(address, token="xoxb-other", api=sandbox.api_url)
        assert refused["slack"] == ("fail", "T0001: Slack refuses the token (invalid_auth).")
        assert "clock" not in refused
        api = sandbox.api_url
    state, said = examined(address, token="xoxb-other", api=api)["slack"]
    assert (state, said.partition(" (")[0]) == ("warn", "T0001: Slack cannot be reached")


@pytest.mark.parametrize(
    ("lacks", "has", "state", "said"),
    [
        ("files:write", None, "fail", "T0001: not granted: files:write. Put in the new manifest"),
        (None, "users:write", "warn", "T0001: granted and not needed: users:write."),
    ],
)
def test_the_doctor_names_scopes_that_lack_or_are_too_many(
    address: Address, lacks: str | None, has: str | None, state: str, said: str
) -> None:
    granted = manifest()
    scopes = {*granted["oauth_config"]["scopes"]["bot"], *([has] if has else [])} - {lacks}
    granted["oauth_config"]["scopes"]["bot"] = sorted(each for each in scopes if each)
    with Sandbox(granted) as sandbox:
        found = examined(address, token=sandbox.bot_token, api=sandbox.api_url)["scopes"]
    assert found[0] == state
    assert found[1].startswith(said)


@pytest.mark.parametrize(
    ("off", "state"),
    [
        (timedelta(seconds=30), State.OK),
        (timedelta(seconds=-31), State.WARN),
        (timedelta(minutes=4), State.WARN),
        (timedelta(minutes=4, seconds=1), State.FAIL),
    ],
)
def test_the_doctor_warns_of_a_clock_that_differs_before_signatures_are_refused(
    off: timedelta, state: State
) -> None:
    found = _clock({"date": format_datetime(NOW + off, usegmt=True)}, NOW)
    assert found.state is state
    assert f"{abs(off).total_seconds():.0f} s" in found.said
    assert _clock({}, NOW).state is State.WARN


def test_colleagues_are_never_erased_with_a_client_of_the_same_name(address: Address) -> None:
    store = open_store(address)
    with store.read(None) as session:
        firm = find_firm(session, "T0001")
    assert firm is not None
    with store.write(firm.id) as session:
        row = session.exec(select(ClientRow).where(ClientRow.external_id == "N-4711")).one()
        row.name = "Anna Berger"
        index_all(session)
    store.close()
    said(address, "erase", "N-4711", "--by", "anna", "--reason", "asked for")
    said(address, "erase", "N-4711", "--approve", "cora")
    said(address, "erase", "N-4711", "--name", "Anna Berger")
    store = open_store(address)
    with store.read(firm.id) as session:
        assert session.exec(select(MemberRow.name).where(MemberRow.key == "anna")).one()
    store.close()
