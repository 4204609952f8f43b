"""Settings: the only reader of the environment and of ``.env``. Everything below takes plain arguments."""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLICY_"
ENV_FILE = ".env"
# Kubernetes puts the addresses of services into the environment under these names, of a service named ``policy`` too.
_INJECTED = re.compile(
    rf"{PREFIX}(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)


_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]+")


class SettingsError(Exception):
    """A setting is unknown or has a value that cannot be used; the message names it."""


class Settings(BaseSettings):
    """Every setting with its default. Read once, at the edge, and passed down."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="ignore", frozen=True
    )

    llm_base_url: str | None = Field(
        None, description="OpenAI-compatible server that words answers; unset: extractive answers"
    )
    llm_model: str | None = Field(None, description="Model name at that server")
    llm_api_key: SecretStr | None = Field(None, description="Key for that server")
    llm_connect_seconds: float = Field(3.0, gt=0, le=300, description="Longest wait for a connection to that server")
    llm_first_word_seconds: float = Field(
        20.0, gt=0, le=3600, description="Longest wait for the first word of a reply, and for each next one"
    )
    llm_total_seconds: float = Field(45.0, gt=0, le=3600, description="Longest time that an answer waits for it")
    llm_max_tokens: int = Field(1024, ge=16, le=100_000, description="Longest reply, in tokens of the model")
    llm_concurrency: int = Field(4, ge=1, le=1000, description="Replies asked for at the same time")
    llm_temperature: float = Field(0.0, ge=0, le=2, description="How freely the model words")
    embedder: str = Field("bundled", description="bundled | sentence-transformers:NAME_OR_PATH | openai:MODEL@URL")
    data_dir: Path = Field(Path("var"), description="Where the index and the records are kept")
    corpus_dir: Path | None = Field(None, description="Folder of policies; unset: those that come with the product")
    chroma_url: str | None = Field(None, description="A Chroma server; unset: Chroma inside the process")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the records; unset: SQLite under the data dir"
    )
    retention_days: int = Field(
        180, ge=0, le=36_500, description="Days that questions, feedback and calls are kept; 0: for good"
    )
    admin_password: SecretStr | None = Field(None, description="Opens the desk; unset: closed")
    api_keys: SecretStr | None = Field(
        None, description="Comma-separated keys of the API; unset: open on loopback only"
    )
    rate_limit: int = Field(
        120,
        ge=1,
        le=100_000,
        description="Requests a minute for one key, browser session or address; programs on this machine that need "
        "no key are held to it only when it is set",
    )
    page_secret: SecretStr | None = Field(
        None, description="Signs the cookies of the pages, the same for every process; unset: one kept in the data dir"
    )
    allowed_hosts: str = Field(
        "", description="Comma-separated host names to answer under; empty: on loopback its own names, else any"
    )
    cors_origins: str = Field("", description="Comma-separated origins whose pages may use the API; empty: none")
    root_path: str = Field("", description="Path under which a proxy serves the app")
    trusted_proxies: str = Field(
        "", description="Comma-separated addresses and networks of proxies whose forwarded headers are believed"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    listen_port: int = Field(7860, ge=1, le=65535, description="Port to listen on")
    max_question_chars: int = Field(2000, ge=50, le=100_000, description="Longest question that is answered")
    threads: int = Field(
        0,
        ge=0,
        le=256,
        description="Texts that the bundled embedder works on at once, and with them questions that the server does; "
        "0: as many as there are cores",
    )
    max_running: int = Field(
        0, ge=0, le=1000, description="Questions that the server works on at once; 0: from the threads"
    )
    max_waiting: int = Field(256, ge=0, le=10_000, description="Questions that wait for their turn; more get 429")
    max_connections: int = Field(1000, ge=1, le=100_000, description="Open connections; more get 429")
    request_timeout: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Seconds in which a request has to be there whole, get its turn, and then be answered",
    )
    today: str | None = Field(None, description="Date to answer from, YYYY-MM-DD; unset: today in Asia/Shanghai")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="What is logged on stderr; INFO has a line for every request"
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the lines on stderr")

    @field_validator("api_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        from app.access.keys import parse_keys

        if value is None or not value.get_secret_value().strip():
            return None
        parse_keys(value.get_secret_value())
        return value

    @field_validator("page_secret")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if len(value.get_secret_value()) < 32:
            raise ValueError("is shorter than 32 characters, and could be guessed")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        from app.access.networks import Networks

        Networks.parse(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for origin in listed(value):
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin such as https://example.org (no path, and * is not taken)")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_host_names(cls, value: str) -> str:
        for name in listed(value):
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no host name such as policy.example.org (no scheme and no port)")
        return value

    @field_validator("today")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        from datetime import date

        if value:
            date.fromisoformat(value)
        return value or None

    @field_validator("llm_base_url")
    @classmethod
    def _is_server(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("has to start with http:// or https://, such as http://127.0.0.1:11434/v1")
        return value or None

    @field_validator("root_path")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if value and not value.startswith("/"):
            raise ValueError("has to start with /")
        return value.rstrip("/")


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and ``.env``, with overrides from the command line (None: not given).

    Raises SettingsError naming the variable that is unknown or has a bad value, or ``.env`` when it cannot be read.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not _INJECTED.fullmatch(name):
            raise SettingsError(f"unknown setting {name}: known are {', '.join(sorted(known))}")
    for name in _names_in_env_file():
        # Names in the file are read in either case; nobody injects any there.
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(f"unknown setting {name} in {ENV_FILE}: known are {', '.join(sorted(known))}")
    try:
        settings = Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        is_secret = field in Settings.model_fields and "Secret" in str(Settings.model_fields[field].annotation)
        given = "********" if is_secret else repr(first.get("input"))
        raise SettingsError(f"{PREFIX}{field.upper()}={given}: {first['msg']}") from None
    if bool(settings.llm_base_url) != bool(settings.llm_model):
        missing = f"{PREFIX}LLM_{'MODEL' if settings.llm_base_url else 'BASE_URL'}"
        raise SettingsError(f"{missing} is not set: a language model needs both its server's address and its name")
    return settings


def listed(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated setting, without empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _names_in_env_file() -> list[str]:
    """The variables that ``.env`` sets, in its order; none where there is no such file."""
    path = Path(ENV_FILE)
    try:
        if not path.is_file():
            return []
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{ENV_FILE} is not UTF-8: save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(
            f"{ENV_FILE} in this folder cannot be read ({error.strerror or error}): give this user permission to read "
            "it or start in another folder"
        ) from None
    from dotenv.parser import parse_stream

    names = []
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            raise SettingsError(f"{ENV_FILE}, line {binding.original.line}, is no setting: write NAME=value")
        if binding.key:
            names.append(binding.key)
    return names


def described(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Rows (variable, value, default, meaning), secrets masked."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "********" if isinstance(value, SecretStr) else "" if value is None else str(value)
        default = "" if field.default is None else str(field.default)
        rows.append((f"{PREFIX}{name.upper()}", shown, default, field.description or ""))
    return rows
