"""The database of the records: opened, and brought to the current tables by whoever opens it first."""

# The name of the error says what happened, as those of corpus.errors do.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

FILE_NAME = "records.sqlite3"
# How long a writer waits for another one.
BUSY_SECONDS = 10
WRITES = "records_writes"
# Any number that no other program is likely to lock by.
_MIGRATION_LOCK = 7_025_118_302


class RecordsUnavailable(Exception):
    """The records can't be opened, read or written; the message says why and what to do."""


def database_url(data_dir: Path, url: str | None) -> str:
    """``url``, or that of the SQLite file under the data dir."""
    return url or URL.create("sqlite", database=str(data_dir / FILE_NAME)).render_as_string(hide_password=False)


def open_engine(url: str) -> Engine:
    """An engine over a database whose tables are current. Processes that open at once migrate once.
    RecordsUnavailable, without the password that may stand in the address."""
    try:
        parsed = make_url(url)
        shown = parsed.render_as_string(hide_password=True)
    except ArgumentError as error:
        raise RecordsUnavailable(
            "POLICY_DATABASE_URL is no database address; write it like sqlite:////path/to/file or "
            "postgresql+psycopg://user:password@host/name"
        ) from error
    try:
        engine = _engine(parsed)
        migrate(engine)
        return engine
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise RecordsUnavailable(f"the driver for {shown} is not installed ({error}); install it with pip") from error
    except CommandError as error:
        raise RecordsUnavailable(
            f"the records at {shown} come from a newer version of the product ({error}); update it"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise RecordsUnavailable(
            f"the records at {shown} can't be opened ({reason}); check POLICY_DATABASE_URL and "
            "that the place can be written"
        ) from error


def migrate(engine: Engine) -> None:
    """Bring the tables up to the current ones."""
    with locked(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "app.records:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def locked(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other process migrates; committed at the end."""
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        yield connection


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # Python's own BEGIN comes too late: tables would be made outside of the transaction.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A writer takes its lock at once: one that begins by reading could not get it any more.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
