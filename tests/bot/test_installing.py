"""Installing over OAuth: nobody gets in by another browser, and only with the right keys."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr, ValidationError
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from typer.testing import CliRunner

from bot.cli import app
from bot.manifest import scopes
from bot.settings import Settings
from bot.tokens import TokenKeyError, Tokens
from sandbox.world import TEAM
from storage.tables import Table
from tests.bot.hosting import SOUTH, Hosting, open_hosting


@pytest.fixture(scope="module")
def hosting(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosting]:
    with open_hosting(tmp_path_factory.mktemp("hosting"), sqlite_template) as opened:
        yield opened


def bots(hosting: Hosting) -> list[str]:
    with hosting.runtime.store.read(None) as session:
        found = session.connection().execute(sa.text("SELECT team_id FROM slack_bots"))
        return sorted(found.scalars())


def test_the_tables_have_all_columns_that_the_sdk_writes() -> None:
    metadata = sa.MetaData()
    theirs = (
        SQLAlchemyInstallationStore.build_bots_table(metadata, "slack_bots"),
        SQLAlchemyOAuthStateStore.build_oauth_states_table(metadata, "slack_oauth_states"),
    )
    for table in theirs:
        ours = Table.metadata.tables[table.name].c
        assert {each.name for each in table.c} == {each.name for each in ours}


def test_the_page_asks_in_the_browser_s_language_and_for_the_scopes_of_the_manifest(
    hosting: Hosting,
) -> None:
    address = f"{hosting.url}/slack/install"
    assert "Zu Slack hinzufügen" in hosting.visit(address).html
    page = hosting.visit(address, language="fr-FR")
    assert "Add to Slack" in page.html
    assert "<script" not in page.html
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    link, cookie = hosting.begin()
    assert f"&scope={','.join(scopes())}&" in link
    assert link.endswith("&user_scope=")
    assert cookie.split("=")[1] in link


def test_whoever_says_no_installs_nothing(hosting: Hosting) -> None:
    link, cookie = hosting.begin()
    back = hosting.sandbox.client.consent(link, f"{SOUTH}/U0VOGT", allow=False)
    page = hosting.visit(back, cookie=cookie)
    assert "Tierwise wurde nicht installiert" in page.html
    assert "access_denied" in page.html
    assert SOUTH not in bots(hosting)


def test_a_link_from_somebody_else_s_browser_installs_nothing(hosting: Hosting) -> None:
    link, _cookie = hosting.begin()
    back = hosting.sandbox.client.consent(link, f"{SOUTH}/U0VOGT")
    _other, theirs = hosting.begin()
    assert hosting.visit(back, cookie=theirs).status == 400
    assert hosting.visit(back).status == 400
    assert SOUTH not in bots(hosting)


def test_a_state_serves_once_and_not_for_ever(hosting: Hosting) -> None:
    link, cookie = hosting.begin()
    back = hosting.sandbox.client.consent(link, f"{TEAM}/U0VOGT")
    assert hosting.visit(back, cookie=cookie).status == 200
    assert hosting.visit(back, cookie=cookie).status == 401
    # One that nobody used in ten minutes is worth nothing
    link, cookie = hosting.begin()
    back = hosting.sandbox.client.consent(link, f"{TEAM}/U0VOGT")
    with hosting.runtime.store.write(None) as session:
        old = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=1)
        session.connection().execute(
            sa.text("UPDATE slack_oauth_states SET expire_at = :old"), {"old": old}
        )
    assert hosting.visit(back, cookie=cookie).status == 401
    # And goes with the next that is begun
    hosting.begin()
    with hosting.runtime.store.read(None) as session:
        left = session.connection().execute(sa.text("SELECT count(*) FROM slack_oauth_states"))
        assert left.scalar_one() == 1


@pytest.mark.parametrize("query", ["", "code=x", "state=x&code=y", "error=%3Cscript%3E", "%FF=%00"])
def test_nonsense_installs_nothing_and_is_not_repeated(hosting: Hosting, query: str) -> None:
    before = bots(hosting)
    page = hosting.visit(f"{hosting.url}/slack/oauth_redirect?{query}")
    assert page.status < 500
    assert "<script" not in page.html
    assert "Traceback" not in page.html
    assert bots(hosting) == before


def test_a_late_word_that_the_app_was_removed_deletes_nobody(hosting: Hosting) -> None:
    # Given a firm that is installed, and an old event that says it is not
    hosting.install(TEAM)
    firm_id = hosting.firm_id(TEAM)
    event = {"type": "event_callback", "team_id": TEAM, "event": {"type": "app_uninstalled"}}
    hosting.service.leaving.note(event)
    # Then Slack itself was asked, and the firm is still there
    assert hosting.firm_id(TEAM) == firm_id
    firm = hosting.firm(TEAM)
    assert firm is not None
    assert firm.disconnected_at is None


def test_with_another_key_it_does_not_start_and_says_which_workspace(hosting: Hosting) -> None:
    hosting.install(TEAM)
    client_id, store = hosting.runtime.settings.slack_client_id, hosting.runtime.store
    other = Fernet.generate_key().decode()
    with pytest.raises(TokenKeyError, match=f"does not fit the stored token of {TEAM}"):
        Tokens(client_id, store, SecretStr(other))
    for none in (None, SecretStr(""), SecretStr("short"), SecretStr("ä" * 44)):
        with pytest.raises(TokenKeyError, match="is no key"):
            Tokens(client_id, store, none)
    # With both keys, all tokens can be sealed anew, and the old key can go
    known = hosting.runtime.settings.token_key
    assert known is not None
    both = SecretStr(f"{other},{known.get_secret_value()}")
    assert Tokens(client_id, store, both).renew() == len(bots(hosting))
    opened = Tokens(client_id, store, SecretStr(other))
    assert opened.of_workspace(TEAM) == hosting.sandbox.workspaces[TEAM].bot_token
    assert Tokens(client_id, store, SecretStr(f"{known.get_secret_value()},{other}")).renew()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"SLACK_CLIENT_ID": "1.2"}, "needs TIERWISE_MODE=http"),
        (
            {"SLACK_CLIENT_ID": "1.2", "TIERWISE_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1"},
            "SLACK_CLIENT_ID for several",
        ),
    ],
)
def test_one_way_to_tokens_is_chosen(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings.model_validate(settings)


def test_for_several_firms_other_settings_are_needed() -> None:
    chosen = Settings.model_validate({"SLACK_CLIENT_ID": "1.2", "TIERWISE_MODE": "http"})
    assert chosen.missing() == [
        "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "TIERWISE_TOKEN_KEY",
    ]  # fmt: skip


def test_the_operator_lists_changes_and_removes_firms(hosting: Hosting) -> None:
    def command(*typed: str, code: int = 0) -> str:
        address = hosting.runtime.settings.database_url
        result = CliRunner().invoke(app, ["--database", address, *typed], env={"COLUMNS": "200"})
        assert result.exit_code == code, result.output
        return result.output

    hosting.install(SOUTH)
    assert f"{SOUTH}  Südstern Beratung  EUR  Europe/Berlin  connected" in command("firm", "list")
    chosen = ("--firm", SOUTH, "firm", "change")
    assert "CHF, Europe/Zurich" in command(*chosen, "--currency", "chf", "--zone", "Europe/Zurich")
    assert "no time zone" in command(*chosen, "--zone", "Mars", code=2)
    assert "reserved for admins" in command(*chosen, "--reserve-rules")
    assert "reserved for admins" in command(*chosen, "--name", "Südstern")
    assert "by leads and admins" in command(*chosen, "--open-rules")
    hosting.staff(SOUTH, "Kundennummer;Kunde;Berater\n1;Otto Sailer;anna\n")
    assert "it stays" in command(*chosen, "--currency", "EUR", code=2)
    assert "is deleted" in command("firm", "remove", SOUTH, "--yes")
    assert hosting.firm(SOUTH) is None
    assert SOUTH not in bots(hosting)
    key = command("firm", "new-key").strip()
    assert Fernet(key)
