"""Settings: read once from the environment or `.env` into one frozen value."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_FORMS = {
    "SLACK_BOT_TOKEN": r"xoxb-.*",
    "SLACK_APP_TOKEN": r"xapp-.*",
    "SLACK_SIGNING_SECRET": r"\S{16,}",
    "SLACK_CLIENT_ID": r"\d+\.\d+",
    "SLACK_CLIENT_SECRET": r"\S{16,}",
}
PLACEHOLDER = re.compile(
    r"…|\.\.\.|<|\byour|change.?me|placeholder|example|secret|token|(.)\1{7}|^x...-.{0,3}$", re.I
)
"""What stands in a template until somebody replaces it; a secret of Slack's has none of that."""
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """What an operator can set; the names in capitals are the environment's."""

    model_config = SettingsConfigDict(
        env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    database_url: str = Field(
        default="sqlite:///tierwise.db", validation_alias="TIERWISE_DATABASE_URL"
    )
    erased_list_file: str = Field(default="", validation_alias="TIERWISE_ERASED_LIST")
    """Where the list of erased clients is kept; empty: beside an SQLite file, else nowhere."""
    mode: Literal["socket", "http"] = Field(default="socket", validation_alias="TIERWISE_MODE")
    http_host: str = Field(default="127.0.0.1", validation_alias="TIERWISE_HTTP_HOST")
    http_port: int = Field(default=3000, ge=1, le=65_535, validation_alias="TIERWISE_HTTP_PORT")
    metrics_port: int | None = Field(
        default=None, ge=1, le=65_535, validation_alias="TIERWISE_METRICS_PORT"
    )
    """Where this machine's own watch reads health and measurements; none, unless set."""
    requests_per_minute: int = Field(
        default=60, ge=10, validation_alias="TIERWISE_REQUESTS_PER_MINUTE"
    )
    """How much one person may ask; half of it at once."""
    tick_s: float = Field(default=60, gt=0, validation_alias="TIERWISE_TICK_S")
    """How often the clock asks what is due, in seconds."""
    call_timeout_s: int = Field(default=10, gt=0, validation_alias="TIERWISE_CALL_TIMEOUT_S")
    """How long one call to Slack may take."""
    fence_s: float = Field(default=5, gt=0, validation_alias="TIERWISE_FENCE_S")
    """Whoever took longer from claim to post, or slept between, posts nothing: another may have."""
    settle_s: float = Field(default=60, gt=0, validation_alias="TIERWISE_SETTLE_S")
    """After an attempt without an answer, how long its message may take to appear.

    Measured with a message visible 2.5 s after its sender was killed, 24 to 40 of 60 were doubled
    without this wait and none with it.
    """

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias="SLACK_SIGNING_SECRET"
    )
    slack_client_id: str = Field(default="", validation_alias="SLACK_CLIENT_ID")
    """With it, workspaces install the app by themselves, each a firm of its own."""
    slack_client_secret: SecretStr | None = Field(
        default=None, validation_alias="SLACK_CLIENT_SECRET"
    )
    token_key: SecretStr | None = Field(default=None, validation_alias="TIERWISE_TOKEN_KEY")
    """Seals the tokens of those workspaces; several, separated by commas, while it is changed."""
    slack_api_url: str = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")

    bucket_s: float = Field(default=300, gt=0, validation_alias="TIERWISE_BUCKET_S")
    """How often a fleet is offered the same delivery again, which heals what dead replicas left."""
    dispatcher: Literal["local", "fleet"] = Field(
        default="local", validation_alias="TIERWISE_DISPATCHER"
    )
    """Who carries deliveries: threads of this process, or a queue that replicas share."""

    @model_validator(mode="after")
    def _known_database(self) -> Self:
        if not re.match(r"(sqlite|postgresql)(\+\w+)?://", self.database_url):
            raise ValueError("TIERWISE_DATABASE_URL must begin with sqlite:/// or postgresql://")
        return self

    @model_validator(mode="after")
    def _fleet_has_postgresql(self) -> Self:
        if self.dispatcher == "fleet" and not self.database_url.startswith("postgresql"):
            raise ValueError("TIERWISE_DISPATCHER=fleet needs PostgreSQL")
        return self

    @model_validator(mode="after")
    def _settle_last(self) -> Self:
        if self.settle_s <= self.fence_s + self.call_timeout_s:
            raise ValueError("TIERWISE_SETTLE_S must exceed fence and call time-out together")
        return self

    @model_validator(mode="after")
    def _tokens_travel_encrypted(self) -> Self:
        slack = urlsplit(self.slack_api_url)
        if slack.scheme != "https" and not (
            slack.scheme == "http" and slack.hostname in THIS_MACHINE
        ):
            raise ValueError("SLACK_API_URL must begin with https://")
        return self

    @model_validator(mode="after")
    def _one_way_to_tokens(self) -> Self:
        if self.slack_client_id and self.mode != "http":
            raise ValueError("SLACK_CLIENT_ID needs TIERWISE_MODE=http")
        if self.slack_client_id and self.slack_bot_token is not None:
            raise ValueError("SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for several")
        return self

    @model_validator(mode="after")
    def _two_ports(self) -> Self:
        if self.mode == "http" and self.metrics_port == self.http_port:
            raise ValueError("TIERWISE_METRICS_PORT and TIERWISE_HTTP_PORT must differ")
        return self

    @property
    def erased_list(self) -> Path | None:
        """Return where the list of erased clients is kept; None: nowhere."""
        if self.erased_list_file:
            return Path(self.erased_list_file)
        beside = re.match(r"sqlite(?:\+\w+)?:///([^?]+)", self.database_url)
        return Path(beside[1]).with_suffix(".erased.jsonl") if beside else None

    def missing(self) -> list[str]:
        """Name the variables without which the bot cannot talk to Slack in this mode."""
        return [name for name, secret in self._needed().items() if not _plain(secret).strip()]

    def implausible(self) -> list[str]:
        """Name the variables that hold something else than Slack's own, such as a placeholder."""
        return [
            name
            for name, secret in self._needed().items()
            if name in SECRET_FORMS
            and (
                not re.fullmatch(SECRET_FORMS[name], _plain(secret))
                or PLACEHOLDER.search(_plain(secret))
            )
        ]

    def _needed(self) -> dict[str, SecretStr | None]:
        if self.slack_client_id:
            return {
                "SLACK_CLIENT_ID": SecretStr(self.slack_client_id),
                "SLACK_CLIENT_SECRET": self.slack_client_secret,
                "SLACK_SIGNING_SECRET": self.slack_signing_secret,
                "TIERWISE_TOKEN_KEY": self.token_key,
            }
        by_mode = {
            "socket": {"SLACK_APP_TOKEN": self.slack_app_token},
            "http": {"SLACK_SIGNING_SECRET": self.slack_signing_secret},
        }
        return {"SLACK_BOT_TOKEN": self.slack_bot_token, **by_mode[self.mode]}


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
