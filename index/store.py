"""Where the index lies: Chroma, embedded in a folder or behind a server, in generations.

A generation is written beside the one in use and becomes current by one atomic step; it never changes after
that. Readers take what they need into memory and let go of the files, so a generation may be replaced, and
later removed, while others work with it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np

from corpus.durable import locked, replace_file, sync_tree
from index.errors import IndexUnavailable
from index.snapshot import read_snapshot, state_of, write_snapshot
from index.tables import FINGERPRINT_TOLERANCE, Table, digest_of, document_of, fingerprint_of, metadata_of, record_from

# The layout of what is stored; an index of another format is rebuilt.
FORMAT = 1
# A generation of a server that is neither current nor the one before may be one that is just being written.
ABANDONED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from. Two that agree in all but ``created`` and what proves that
    what is read is what was written (``counts``, ``digest``, ``fingerprints``) give the same index."""

    corpus: str
    embedder: str
    dimension: int
    splitter: int
    versions: dict[str, str]
    floor: float
    ceiling: float
    counts: dict[str, int]
    digest: str
    fingerprints: dict[str, float]
    created: str
    format: int = FORMAT


class DamagedError(Exception):
    """What is stored can't be read or is not what was written. The index rebuilds it; nobody else sees this."""


class Store(Protocol):
    """One place that holds generations."""

    def read_manifest(self) -> Manifest | None:
        """The manifest of the current generation; None when there is none. DamagedError when it can't be read."""

    def read(self) -> tuple[Manifest, dict[str, Table]] | None:
        """The current generation, tables by collection name; None when there is none. DamagedError,
        IndexUnavailable."""

    def write(self, manifest: Manifest, tables: Mapping[str, Table]) -> None:
        """Write a generation and make it current. IndexUnavailable when that is impossible."""

    def building(self) -> Any:
        """Context in which no other process that uses this store builds."""


def store_at(data_dir: Path, chroma_url: str | None = None, namespace: str = "policies") -> Store:
    """The store under ``data_dir``, or on the Chroma server at ``chroma_url``, where ``namespace`` keeps the
    collections of one index apart from others. Nothing is opened yet."""
    return ServerStore(chroma_url, namespace) if chroma_url else EmbeddedStore(data_dir / "index")


# --- collections: the same for both backends ----------------------------------------------------------------


def _write_collection(client: Any, name: str, table: Table) -> None:
    # embedding_function=None: Chroma's default one downloads a model.
    collection = client.create_collection(
        name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}, metadata={"created": _now()}
    )
    batch = client.get_max_batch_size()
    for start in range(0, len(table.records), batch):
        records = table.records[start : start + batch]
        collection.add(
            ids=[record.chunk.id for record in records],
            embeddings=table.vectors[start : start + batch],
            documents=[document_of(record) for record in records],
            metadatas=[metadata_of(record) for record in records],
        )


def _read_collection(client: Any, name: str, dimension: int) -> Table:
    collection = client.get_collection(name, embedding_function=None)
    found = collection.get(include=["embeddings", "documents", "metadatas"])
    rows = zip(found["ids"], found["documents"], found["metadatas"], strict=True)
    records = [record_from(id_, document, metadata) for id_, document, metadata in rows]
    order = sorted(range(len(records)), key=lambda i: records[i].position)
    vectors = np.asarray(found["embeddings"], dtype=np.float32).reshape(-1, dimension)
    return Table(tuple(records[i] for i in order), vectors[order])


def _parse_manifest(text: str) -> Manifest:
    try:
        return Manifest(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise DamagedError(f"manifest: {error}") from error


@contextmanager
def _damage(what: str) -> Iterator[None]:
    """Whatever Chroma raises over broken files is damage; its Rust half panics with a BaseException."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, DamagedError, IndexUnavailable):
        raise
    except BaseException as error:
        raise DamagedError(f"{what}: {error}") from error


def _checked(manifest: Manifest, tables: dict[str, Table]) -> tuple[Manifest, dict[str, Table]]:
    counts = {name: len(table.records) for name, table in tables.items()}
    if counts != manifest.counts or digest_of(tables) != manifest.digest:
        raise DamagedError("the texts are not those that were written")
    for name, table in tables.items():
        if not abs(fingerprint_of(table) - manifest.fingerprints[name]) < FINGERPRINT_TOLERANCE:
            raise DamagedError(f"the vectors of {name} are not those that were written")
    return manifest, tables


def _settings(**more: Any) -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False, **more)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _new_generation() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


# --- embedded -----------------------------------------------------------------------------------------------


class EmbeddedStore:
    """Generations as folders: ``<root>/<generation>/{manifest.json, chroma/, snapshot.npz}``, and the file
    ``<root>/current`` that names one. The generation before is kept; older ones go when a new one is written. The
    snapshot is a reader's copy of the database, made by whoever reads the database first."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read_manifest(self) -> Manifest | None:
        generation = self._current()
        if generation is None:
            return None
        try:
            return _parse_manifest((self._root / generation / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedError(f"manifest: {error}") from error

    def read(self) -> tuple[Manifest, dict[str, Table]] | None:
        manifest = self.read_manifest()
        generation = self._current()
        if manifest is None or generation is None:
            return None
        folder = self._root / generation / "chroma"
        snapshot = self._root / generation / "snapshot.npz"
        with _damage(str(folder)):
            tables = read_snapshot(snapshot, state_of(folder))
            if tables is not None:
                with suppress(DamagedError):
                    return _checked(manifest, tables)
            found = _checked(manifest, _read_database(folder, manifest))
            # Reading changes the database's files, so that their state is taken afterwards.
            write_snapshot(snapshot, found[1], state_of(folder))
            return found

    def write(self, manifest: Manifest, tables: Mapping[str, Table]) -> None:
        generation = _new_generation()
        temporary = self._root / f".building-{generation}"
        try:
            (temporary / "chroma").mkdir(parents=True)
            _write_folder(temporary / "chroma", tables)
            text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2, sort_keys=True)
            (temporary / "manifest.json").write_text(text, encoding="utf-8")
            sync_tree(temporary)
            temporary.rename(self._root / generation)
            self._switch_to(generation)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise _unwritable(self._root, error) from error

    @contextmanager
    def building(self) -> Iterator[None]:
        with ExitStack() as held:
            try:
                self._root.mkdir(parents=True, exist_ok=True)
                held.enter_context(locked(self._root / "build.lock"))
            except OSError as error:
                raise _unwritable(self._root, error) from error
            # With the lock in hand, whatever is half-built was left by a process that died.
            for leftover in self._root.glob(".building-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            yield

    def _current(self) -> str | None:
        try:
            name = (self._root / "current").read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError as error:
            raise DamagedError(f"current: {error}") from error
        except OSError as error:
            raise IndexUnavailable(
                f"the index in {self._root} can't be read ({error.strerror}); check who owns it"
            ) from error
        if not re.fullmatch(r"[0-9A-Za-z-]+", name):
            raise DamagedError(f"current: {name!r}")
        return name

    def _switch_to(self, generation: str) -> None:
        with suppress(DamagedError):
            previous = self._current()
            self._remove_all_but({generation, previous or generation})
        replace_file(self._root / "current", generation + "\n")

    def _remove_all_but(self, kept: set[str]) -> None:
        for folder in self._root.iterdir():
            if folder.is_dir() and (folder / "manifest.json").exists() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def _read_database(folder: Path, manifest: Manifest) -> dict[str, Table]:
    if os.access(folder, os.W_OK) and os.access(folder / "chroma.sqlite3", os.W_OK):
        return _read_folder(folder, manifest)
    # Chroma opens its database for writing even to read it; from a read-only volume it reads a copy.
    with tempfile.TemporaryDirectory(prefix="policy-index-") as copy:
        _copy_contents(folder, Path(copy))
        return _read_folder(Path(copy), manifest)


def _copy_contents(source: Path, target: Path) -> None:
    # Not shutil.copytree: it would make the copy as read-only as the original.
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)


def _read_folder(folder: Path, manifest: Manifest) -> dict[str, Table]:
    if not (folder / "chroma.sqlite3").is_file():
        # Chroma would make an empty database where there is none.
        raise DamagedError(f"{folder}: no database")
    with _embedded_client(folder) as client:
        return {name: _read_collection(client, name, manifest.dimension) for name in manifest.counts}


def _write_folder(folder: Path, tables: Mapping[str, Table]) -> None:
    with _embedded_client(folder) as client:
        for name, table in tables.items():
            _write_collection(client, name, table)


@contextmanager
def _embedded_client(folder: Path) -> Iterator[Any]:
    import chromadb

    client: Any = chromadb.PersistentClient(path=str(folder), settings=_settings())
    try:
        yield client
    finally:
        client.close()


def _unwritable(root: Path, error: OSError) -> IndexUnavailable:
    return IndexUnavailable(
        f"the index can't be written in {root} ({error.strerror or error}); make it writable or set POLICY_DATA_DIR"
    )


# --- server -------------------------------------------------------------------------------------------------


class ServerStore:
    """Generations as collections of a Chroma server: ``<namespace>.<generation>.<name>``, and the collection
    ``<namespace>.current`` whose metadata name one. Processes that build at once write a generation each; the
    last to finish is current."""

    def __init__(self, url: str, namespace: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise IndexUnavailable(f"POLICY_CHROMA_URL is {url!r}; it has to be like http://HOST:8000")
        self._url = url
        self._host, self._ssl = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._ssl else 8000)
        self._namespace = namespace

    def read_manifest(self) -> Manifest | None:
        found = self._pointer(self._client())
        return found[1] if found else None

    def read(self) -> tuple[Manifest, dict[str, Table]] | None:
        client = self._client()
        found = self._pointer(client)
        if found is None:
            return None
        generation, manifest = found
        with _damage(f"{self._url} {generation}"):
            tables = {
                name: _read_collection(client, self._name(generation, name), manifest.dimension)
                for name in manifest.counts
            }
        return _checked(manifest, tables)

    def write(self, manifest: Manifest, tables: Mapping[str, Table]) -> None:
        client = self._client()
        generation = _new_generation()
        try:
            for name, table in tables.items():
                _write_collection(client, self._name(generation, name), table)
            previous = self._generation(client)
            pointer = client.get_or_create_collection(f"{self._namespace}.current", embedding_function=None)
            pointer.modify(metadata={"generation": generation, "manifest": json.dumps(asdict(manifest))})
            self._remove_abandoned(client, {generation, previous or generation})
        except Exception as error:
            raise self._unavailable(error) from error

    @contextmanager
    def building(self) -> Iterator[None]:
        yield

    def _client(self) -> Any:
        import chromadb

        try:
            return chromadb.HttpClient(host=self._host, port=self._port, ssl=self._ssl, settings=_settings())
        except Exception as error:
            raise self._unavailable(error) from error

    def _pointer(self, client: Any) -> tuple[str, Manifest] | None:
        generation = self._generation(client)
        if generation is None:
            return None
        metadata = client.get_collection(f"{self._namespace}.current", embedding_function=None).metadata
        return generation, _parse_manifest(str(metadata.get("manifest")))

    def _generation(self, client: Any) -> str | None:
        from chromadb.errors import NotFoundError

        try:
            metadata = client.get_collection(f"{self._namespace}.current", embedding_function=None).metadata or {}
        except NotFoundError:
            return None
        except Exception as error:
            raise self._unavailable(error) from error
        generation = metadata.get("generation")
        return str(generation) if generation else None

    def _remove_abandoned(self, client: Any, kept: set[str]) -> None:
        before = (datetime.now(UTC) - ABANDONED_AFTER).isoformat(timespec="seconds")
        for collection in client.list_collections():
            namespace, _, rest = collection.name.partition(".")
            generation = rest.partition(".")[0]
            created = str((collection.metadata or {}).get("created", ""))
            if namespace == self._namespace and rest != "current" and generation not in kept and created < before:
                client.delete_collection(collection.name)

    def _name(self, generation: str, name: str) -> str:
        return f"{self._namespace}.{generation}.{name}"

    def _unavailable(self, error: Exception) -> IndexUnavailable:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        return IndexUnavailable(
            f"the Chroma server {self._url} failed ({reason}); check POLICY_CHROMA_URL and that it runs"
        )
