"""The settings of the process, read once from the environment.

The names are an interface: the `.env` file is rendered with them, and other programs rely on
them. Nothing else in the app reads the environment, except the first poll, which must not wait for
the import of pydantic (see `app.telegram.receive.first_poll`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.languages import ENGLISH, SUMMARIES

HostPort = tuple[str, int]

# Characters of the operator's line in digests.
MAX_NOTICE = 200

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_HOST = re.compile(r"[A-Za-z0-9._:-]+")

# An empty value counts as not set, because Compose passes empty variables on. Only the class that
# is used is built.
_CONFIG = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, defer_build=True)


class SettingsError(Exception):
    """The environment is invalid; the message is one line that says what to do."""


class DatabaseSettings(BaseSettings):
    """The settings that migrations need."""

    model_config = _CONFIG

    database_url: SecretStr = Field(
        description="such as postgresql+asyncpg://hn_pal:password@postgres:5432/hn_pal"
    )

    @field_validator("database_url")
    @classmethod
    def _postgresql_url(cls, value: SecretStr) -> SecretStr:
        if _parts(value.get_secret_value()).scheme not in ("postgresql", "postgresql+asyncpg"):
            raise ValueError("must begin with postgresql+asyncpg://")
        return value

    @property
    def postgresql_dsn(self) -> str:
        """The database's address for asyncpg and libpq, without SQLAlchemy's driver name."""
        return f"postgresql://{self.database_url.get_secret_value().partition('://')[2]}"


def _http_address(value: SecretStr | None) -> SecretStr | None:
    """An address that is kept as it is: it may hold a secret, and a query."""
    if value is not None:
        parts = _parts(value.get_secret_value())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http:// or https:// address")
    return value


def _http_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = _parts(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    return value.rstrip("/")


class ModelSettings(BaseSettings):
    """The settings that the language model needs."""

    model_config = _CONFIG

    stories_per_day: int = Field(default=60, ge=1, le=500)
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-5-mini"
    # The defaults depend on the server, see app.llm.servers.
    llm_deadline_seconds: float | None = Field(default=None, ge=1, le=3600)
    llm_concurrency: int | None = Field(default=None, ge=1, le=64)
    llm_context_tokens: int | None = Field(default=None, ge=1024)
    llm_daily_budget_usd: Decimal = Field(default=Decimal("1.00"), ge=0)
    llm_monthly_budget_usd: Decimal = Field(default=Decimal("20.00"), ge=0)
    llm_questions_percent: int = Field(default=40, ge=0, le=100, description="of both budgets")
    # For models that app.llm.prices does not list, and for changed prices.
    llm_input_usd_per_million: Decimal | None = Field(default=None, ge=0)
    llm_output_usd_per_million: Decimal | None = Field(default=None, ge=0)

    # The languages of summaries; None: English and those of the interface.
    summary_languages: Annotated[frozenset[str] | None, NoDecode] = None

    _url = field_validator("openai_base_url")(_http_url)

    @field_validator("summary_languages", mode="before")
    @classmethod
    def _languages(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        codes = {code.strip().lower() for code in value.split(",") if code.strip()}
        if codes == {"all"}:
            return frozenset(SUMMARIES)
        if unknown := sorted(codes - SUMMARIES.keys()):
            known = ",".join(SUMMARIES)
            raise ValueError(f"{unknown[0]!r} must be all, or some of {known}")
        return frozenset(codes | {ENGLISH})


class Settings(DatabaseSettings, ModelSettings):
    """All settings. Money is in US dollars, durations are in seconds, sizes in bytes."""

    telegram_bot_token: SecretStr = Field(description="get one from @BotFather")
    telegram_api_url: str = "https://api.telegram.org"
    # Telegram's limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this);
    # a self-hosted Bot API server may allow more. 0 means no limit.
    telegram_messages_per_second: float = Field(default=30, ge=0)
    telegram_chat_messages_per_second: float = Field(default=1, ge=0)
    telegram_group_messages_per_minute: float = Field(default=20, ge=0)
    # An id has at most 52 significant bits (https://core.telegram.org/bots/api#chat).
    admin_chat_id: int | None = Field(default=None, gt=-(2**52), lt=2**52)
    # The persons who may use the operator's commands there; empty: the admins of that chat.
    admin_user_ids: Annotated[frozenset[int], NoDecode] = frozenset()

    doubt_probes: Literal["on", "off"] = "on"

    # A secret: anybody with the address can send heartbeats.
    heartbeat_url: SecretStr | None = None
    metrics_file: Path | None = None

    hn_api_url: str = "https://hacker-news.firebaseio.com/v0"
    fetch_private_hosts: Annotated[frozenset[HostPort], NoDecode] = frozenset()
    fetch_about_url: str = "https://github.com/hnpal/hnpal"
    # The proxy makes the connections, so it must itself refuse private addresses.
    fetch_proxy: str | None = None
    # A text for everybody, or a JSON object with texts by language.
    digest_notice: Annotated[Mapping[str, str], NoDecode] = Field(default_factory=dict)

    langfuse_public_key: SecretStr | None = None
    langfuse_secret_key: SecretStr | None = None
    langfuse_host: str = "https://cloud.langfuse.com"

    redis_url: SecretStr | None = None
    data_dir: Path = Path("data")
    article_store_bytes: int = Field(default=512 * 1024**2, ge=1024**2)

    questions_per_day: int = Field(default=20, ge=0, description="that one person may ask")

    hnpal_commit: str = "unknown"
    environment: Literal["production", "development", "rehearsal", "demo", "test"] = "production"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("digest_notice", mode="before")
    @classmethod
    def _notices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        texts: object = {ENGLISH: value}
        if value.lstrip().startswith("{"):
            try:
                texts = json.loads(value)
            except ValueError:
                raise ValueError('must be a text, or a JSON object such as {"en": …}') from None
        if not isinstance(texts, dict) or not all(isinstance(one, str) for one in texts.values()):
            raise ValueError("must have a text for each language")
        if unknown := sorted(texts.keys() - SUMMARIES.keys()):
            raise ValueError(f"{unknown[0]!r} is no language")
        if any(len(one) > MAX_NOTICE for one in texts.values()):
            raise ValueError(f"must have at most {MAX_NOTICE} characters")
        return texts

    def notice_in(self, language: str) -> str:
        """The line for the digests of readers of a language; that in English if it has none."""
        return self.digest_notice.get(language) or self.digest_notice.get(ENGLISH, "")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("telegram_bot_token")
    @classmethod
    def _token_has_two_parts(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("must look like 123456789:ABC…, as @BotFather gave it")
        return value

    _urls = field_validator("telegram_api_url", "hn_api_url", "langfuse_host", "fetch_about_url")(
        _http_url
    )

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = _parts(value.get_secret_value())
            if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path):
                raise ValueError("must be an address such as redis://redis:6379/0")
        return value

    _heartbeat_url = field_validator("heartbeat_url")(_http_address)

    @field_validator("metrics_file")
    @classmethod
    def _metrics_file(cls, value: Path | None) -> Path | None:
        # node_exporter's text file collector reads no other.
        if value is not None and (not value.is_absolute() or value.suffix != ".prom"):
            raise ValueError("must be an absolute path that ends in .prom")
        return value

    @field_validator("admin_user_ids", mode="before")
    @classmethod
    def _user_ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        entries = [entry.strip() for entry in value.split(",") if entry.strip()]
        # Python also accepts digits of other scripts as numbers.
        if not all(entry.isascii() and entry.isdigit() for entry in entries):
            raise ValueError("must be ids of people, such as 123456789,987654321")
        return frozenset(map(int, entries))

    @field_validator("fetch_private_hosts", mode="before")
    @classmethod
    def _host_ports(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return frozenset(_host_port(entry.strip()) for entry in value.split(",") if entry.strip())

    @model_validator(mode="after")
    def _both_langfuse_keys(self) -> Self:
        if (self.langfuse_public_key is None) != (self.langfuse_secret_key is None):
            raise ValueError("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY: set both, or neither")
        return self

    def secrets(self) -> list[str]:
        """All secret values, which are removed from logs."""
        values = [getattr(self, name) for name in type(self).model_fields]
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        addresses = [
            value.get_secret_value() for value in (self.database_url, self.redis_url) if value
        ]
        passwords = [urlsplit(address).password or "" for address in addresses]
        return [one for one in (*secrets, *passwords, *map(unquote, passwords)) if one]

    @property
    def articles_dir(self) -> Path:
        return self.data_dir / "articles"

    @property
    def outgoing_dir(self) -> Path:
        """Files that are waiting to be sent to one reader each; never published."""
        return self.data_dir / "outgoing"

    @property
    def exports_dir(self) -> Path:
        return self.data_dir / "exports"


def _parts(url: str) -> SplitResult:
    """Split an address whose port must be a number. The error quotes nothing of the address: what
    looks like a port may be part of a password.
    """
    try:
        parts = urlsplit(url)
        possible = parts.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise ValueError(
            "has no valid host and port; in a password, write signs such as / and @ as %2F, %40"
        )
    return parts


def _host_port(entry: str) -> HostPort:
    try:
        parts = urlsplit(f"//{entry}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.netloc != entry or not _HOST.fullmatch(host):
        raise ValueError(f"{entry!r} must be host:port")
    return host, port


def load_settings() -> Settings:
    """Read all settings from the environment.

    Raises:
        SettingsError: the message is one line naming each invalid variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error))) from None


def load_model_settings() -> ModelSettings:
    """Read only the settings of the language model.

    Raises:
        SettingsError: the message is one line naming each invalid variable, never its value.
    """
    try:
        return ModelSettings()
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error))) from None


def load_dsn() -> str:
    """Read only `DATABASE_URL`; returns the address for asyncpg.

    Raises:
        SettingsError: the message is one line that never quotes the value.
    """
    try:
        return DatabaseSettings().postgresql_dsn
    except ValidationError as error:
        raise SettingsError("; ".join(_complaints(error))) from None


def _complaints(error: ValidationError) -> list[str]:
    complaints = []
    for problem in error.errors(include_input=False, include_url=False):
        said = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:  # of several settings, which the message names
            complaints.append(said)
            continue
        name = str(problem["loc"][0])
        hint = Settings.model_fields[name].description
        if problem["type"] == "missing":
            complaint = f"{name.upper()} is not set"
        else:
            complaint = f"{name.upper()} {said}"
        complaints.append(f"{complaint} ({hint})" if hint else complaint)
    return complaints
