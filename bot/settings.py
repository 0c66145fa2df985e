"""Settings: read once from the environment or `.env` into one frozen value."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can set; the names in capitals are the environment's."""

    model_config = SettingsConfigDict(
        env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    database_url: str = Field(
        default="sqlite:///tierwise.db", validation_alias="TIERWISE_DATABASE_URL"
    )
    mode: Literal["socket", "http"] = Field(default="socket", validation_alias="TIERWISE_MODE")
    http_host: str = Field(default="127.0.0.1", validation_alias="TIERWISE_HTTP_HOST")
    http_port: int = Field(default=3000, validation_alias="TIERWISE_HTTP_PORT")
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
    slack_api_url: str = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")

    bucket_s: float = Field(default=300, gt=0, validation_alias="TIERWISE_BUCKET_S")
    """How often a fleet is offered the same delivery again, which heals what dead replicas left."""
    dispatcher: Literal["local", "fleet"] = Field(
        default="local", validation_alias="TIERWISE_DISPATCHER"
    )
    """Who carries deliveries: threads of this process, or a queue that replicas share."""

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

    def missing(self) -> list[str]:
        """Name the variables without which the bot cannot talk to Slack in this mode."""
        needed = {"SLACK_BOT_TOKEN": self.slack_bot_token}
        if self.mode == "socket":
            needed["SLACK_APP_TOKEN"] = self.slack_app_token
        else:
            needed["SLACK_SIGNING_SECRET"] = self.slack_signing_secret
        return [
            name
            for name, secret in needed.items()
            if secret is None or not secret.get_secret_value().strip()
        ]
