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
    llm_total_seconds: float = Field(60.0, gt=0, le=3600, description="Longest time for a whole reply")
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
    rate_limit: int = Field(120, ge=1, le=100_000, description="Requests a minute for one key or browser session")
    root_path: str = Field("", description="Path under which a proxy serves the app")
    trusted_proxies: str = Field("", description="Comma-separated addresses whose forwarded headers are believed")
    host: str = Field("127.0.0.1", description="Address to listen on")
    listen_port: int = Field(7860, ge=1, le=65535, description="Port to listen on")
    max_question_chars: int = Field(2000, ge=50, le=100_000, description="Longest question that is answered")
    threads: int = Field(0, ge=0, le=256, description="Threads of the embedder; 0: as many as there are cores")
    today: str | None = Field(None, description="Date to answer from, YYYY-MM-DD; unset: today in Asia/Shanghai")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="What is logged on stderr")

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
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise SettingsError(f"{name}={first.get('input')!r}: {first['msg']}") from None
    if bool(settings.llm_base_url) != bool(settings.llm_model):
        missing = f"{PREFIX}LLM_{'MODEL' if settings.llm_base_url else 'BASE_URL'}"
        raise SettingsError(f"{missing} is not set: a language model needs both its server's address and its name")
    return settings


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
