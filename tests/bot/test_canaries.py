"""What people type, are called and own never enters a log, however talkative it is."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copy

TALK = """
import logging
import sqlite3
import sys
from io import BytesIO
from pathlib import Path

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)  # as talkative as it gets
from bot.gate import Gate
from bot.logs import set_up_logs
from sandbox.faults import Fault
from tests.bot.office import ANNA, LENA, TOM, VOGT, open_office

set_up_logs(least=logging.DEBUG)
path = Path(sys.argv[1])
with open_office(path) as office:
    office.ask(ANNA, "/segment Maria Huber")
    office.ask(VOGT, "/segment Bergmann")
    office.ask(VOGT, "/priorities team")
    office.ask(VOGT, "/due team")
    office.ask(VOGT, "/book team")
    office.ask(ANNA, "/segment Kanarienvogel Emil")
    office.ask(ANNA, "/segment Oliver Hughes")
    office.ask(TOM, "/segment Zeisig & Fink")
    office.ask(LENA, "/due Gimpel Gans")
    office.home(ANNA, "Maria Huber")
    for fault in (Fault(status=500), Fault(drop=True)):
        office.sandbox.faults.order("conversations.info", fault)
        office.ask(ANNA, "/segment Clara Wendt")
    with sqlite3.connect(path) as store:
        store.execute("ALTER TABLE wallet RENAME TO away")
    office.ask(ANNA, "/segment Otto Winter")
    from slack_bolt import App
    secret = "0123456789abcdef"
    app = App(signing_secret=secret, token="xoxb-canary", token_verification_enabled=False)
    body = b"command=/segment&text=Stieglitz+Gerda&token=xoxb-canary"
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/slack/events", "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body), "HTTP_X_SLACK_SIGNATURE": "v0=Dompfaff",
        "HTTP_X_SLACK_REQUEST_TIMESTAMP": "1764000000",
    }
    answered = []
    list(Gate(app, secret, {})(environ, lambda status, headers: answered.append(status)))
    assert answered[0].startswith("401"), answered
    logging.getLogger("slack_bolt.App").debug("Dompfaff")
    logging.getLogger("slack_sdk.web.base_client").debug("Dompfaff")
print("done")
"""
CANARIES = (
    "Maria", "Huber", "Bergmann", "Lindenhof", "Lechner", "Wendt", "Kammerer", "Amsel", "Sommer",
    "Winter", "Hughes", "Fairfax", "Steiner", "Kanarienvogel", "Zeisig", "Gimpel", "Stieglitz",
    "Dompfaff", "xoxb-canary", "9000", "16000",
)  # fmt: skip


def test_no_log_holds_what_people_are_called_or_type_or_own(
    sqlite_template: Path, tmp_path: Path
) -> None:
    copy(sqlite_template, tmp_path / "store.db")
    (tmp_path / "store.db").chmod(0o600)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TALK, "store.db"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines()[-1:] == ["done"], done.stderr[-3000:]
    assert '"unexpected"' in done.stderr
    assert [canary for canary in CANARIES if canary in done.stderr] == []
