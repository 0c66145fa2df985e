"""Bot tokens at rest: sealed with keys that the store does not have, one token a workspace."""

from copy import copy
from datetime import UTC, datetime
from logging import Logger, getLogger
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore

from storage.installs import (
    forget_bots,
    forget_old_states,
    forget_older,
    put_sealed,
    sealed_token,
    sealed_tokens,
)
from storage.store import WORKER_PATIENCE_S, Store

log = structlog.get_logger()

STATE_S = 600
"""How long somebody may take from the install page to Slack's consent and back."""
QUIET: Logger = getLogger("tierwise.oauth")
"""For the SDK, which would log codes and states."""
QUIET.disabled = True


class TokenKeyError(OSError):
    """The keys of the settings are none, or not those with which the stored tokens are sealed."""


class Vault:
    """Seals and opens tokens: the first key seals, each of them opens."""

    def __init__(self, keys: SecretStr | None) -> None:
        written = keys.get_secret_value() if keys else ""
        try:
            self._keys = MultiFernet([Fernet(each.strip()) for each in written.split(",")])
        except ValueError:
            raise TokenKeyError(
                "TIERWISE_TOKEN_KEY is no key. Make one: tierwise firm new-key"
            ) from None

    def seal(self, token: str) -> str:
        """Make a token unreadable for whoever has the store alone."""
        return self._keys.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return a token; raises InvalidToken if no key fits."""
        return self._keys.decrypt(sealed.encode()).decode()

    def renew(self, sealed: str) -> str:
        """Seal a token anew, with the first key."""
        return self._keys.rotate(sealed.encode()).decode()


class Tokens(InstallationStore):
    """The bots' tokens, sealed, in the tables of slack_sdk's store; of whoever installed, nothing.

    Raises TokenKeyError when it is made with keys that do not fit.
    """

    def __init__(self, client_id: str, store: Store, keys: SecretStr | None) -> None:
        self._client_id = client_id
        self._store = store
        self._vault = Vault(keys)
        patient = store.engine.execution_options(patience_s=WORKER_PATIENCE_S)
        self._bots = SQLAlchemyInstallationStore(client_id, patient, logger=QUIET)
        with store.read(None) as session:
            for workspace_id, sealed in sealed_tokens(session).values():
                self._open(sealed, workspace_id)

    @property
    def logger(self) -> Logger:
        """Return a logger that says nothing."""
        return QUIET

    def of_workspace(self, workspace_id: str) -> str | None:
        """Return the token of the bot in a workspace; None: it is not installed there."""
        with self._store.read(None) as session:
            sealed = sealed_token(session, self._client_id, workspace_id)
        return self._open(sealed, workspace_id) if sealed else None

    def save(self, installation: Installation) -> None:
        """Keep the bot of an installation."""
        self.save_bot(installation.to_bot())

    def save_bot(self, bot: Bot) -> None:
        """Keep a bot's token in place of all that its workspace had before."""
        sealed = copy(bot)
        sealed.bot_token = self._vault.seal(bot.bot_token)
        sealed.bot_refresh_token = None  # the manifest turns rotation off
        self._bots.save_bot(sealed)
        with self._store.write(None, patience_s=WORKER_PATIENCE_S) as session:
            forget_older(session, self._client_id, workspace_of(bot))

    def delete(self, workspace_id: str) -> None:
        """Delete what was kept of a workspace."""
        with self._store.write(None, patience_s=WORKER_PATIENCE_S) as session:
            forget_bots(session, workspace_id)

    def renew(self) -> int:
        """Seal all tokens anew with the first key; return how many."""
        with self._store.write(None, patience_s=WORKER_PATIENCE_S) as session:
            known = sealed_tokens(session)
            put_sealed(
                session, [(row, self._vault.renew(each)) for row, (_, each) in known.items()]
            )
        return len(known)

    def _open(self, sealed: str, workspace_id: str) -> str:
        try:
            return self._vault.open(sealed)
        except InvalidToken:
            raise TokenKeyError(
                f"TIERWISE_TOKEN_KEY does not fit the stored token of {workspace_id}. "
                "Add the key with which it was sealed, separated by a comma."
            ) from None


class States(SQLAlchemyOAuthStateStore):
    """Installations under way, in the tables of slack_sdk's store."""

    def __init__(self, store: Store) -> None:
        engine = store.engine.execution_options(patience_s=WORKER_PATIENCE_S)
        super().__init__(STATE_S, engine, logger=QUIET)
        self._store = store

    def issue(self, *args: Any, **kwargs: Any) -> str:
        """Begin an installation; those that nobody finished are forgotten."""
        with self._store.write(None, patience_s=WORKER_PATIENCE_S) as session:
            forget_old_states(session, now=datetime.now(UTC))
        state: str = super().issue(*args, **kwargs)
        return state


def workspace_of(installed: Bot | Installation) -> str:
    """Return the id of the workspace, or of the organisation that installed for all of its own."""
    workspace_id = installed.enterprise_id if installed.is_enterprise_install else installed.team_id
    if not workspace_id:
        raise ValueError("Slack did not say which workspace this is")
    return workspace_id
