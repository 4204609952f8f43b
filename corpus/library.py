"""The policies that are there: one folder each, with its source and what was added to it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.departments import DEPARTMENTS_FILE, Directory
from corpus.entries import Entry
from corpus.errors import BadData, CorpusError, UnknownClause, UnknownPolicy, UnreadableFile
from corpus.labels import clause_by_label
from corpus.models import Clause, Policy
from corpus.parser import PARSER_VERSION, parse_policy
from corpus.reader import read_source
from corpus.translation import translate
from corpus.wordings import lay_wordings

POLICIES_FOLDER = Path(__file__).with_name("policies")
GLOSSARY_FILE = Path(__file__).with_name("glossary.tsv")
# An id stands before the # of a clause's identity and in addresses of pages, and names a folder.
_POLICY_ID = re.compile(r"(?![.-])[\w.\-]+")
_DATA_SUFFIXES = {".txt", ".toml", ".html", ".htm", ".docx", ".pdf"}
# Policies may be added and removed while they are read; so many tries are enough for any person's pace.
_TRIES = 5


def read_policy(path: Path, directory: Directory, policy_id: str | None = None, raw: str | None = None) -> Policy:
    """Read one policy file, or the text ``raw`` that is already read from it. Raises UnreadableFile or NoPolicyText."""
    try:
        return parse_policy(read_source(path) if raw is None else raw, policy_id or path.stem, directory)
    except UnreadableFile:
        raise
    except CorpusError as error:
        raise type(error)(f"{path}: {error}") from error


@dataclass(frozen=True)
class Library:
    """All policies, and the departments they name.

    Those that come along stand first, each kind in the order of their ids: what is added never becomes the policy that
    is meant where none is named. ``added`` are the ids of those from the second folder.
    """

    policies: tuple[Policy, ...]
    directory: Directory
    digest: str
    added: frozenset[str] = frozenset()

    @classmethod
    def load(
        cls, folder: Path = POLICIES_FOLDER, directory: Directory | None = None, added: Path | None = None
    ) -> Library:
        """Read every policy folder, also those in ``added``, if there is such a folder. Raises CorpusError with one
        line when one cannot be read.

        ``digest`` changes whenever a source, a translation, a lay wording, the glossary, the departments or the
        parser does. Raises BadData where two policies have one id.
        """
        directory = directory or Directory.load()
        for _ in range(_TRIES):
            before = state_of(added)
            try:
                return cls._read(folder, directory, added)
            except (CorpusError, OSError):
                # One that is taken away between finding and reading it is no error.
                if state_of(added) == before:
                    raise
        return cls._read(folder, directory, added)

    @classmethod
    def _read(cls, folder: Path, directory: Directory, added: Path | None) -> Library:
        try:
            folders = _homes(folder)
        except OSError as error:
            raise UnreadableFile(
                f"the folder of policies {folder} cannot be read ({error.strerror or error}): "
                "check that it is there and may be read"
            ) from error
        if not folders:
            raise UnreadableFile(f"no policy in {folder}: each has a folder of its own with a policy.toml")
        added_folders = added_homes(added)
        homes: dict[str, Path] = {}
        files = [DEPARTMENTS_FILE, GLOSSARY_FILE]
        kinds: list[dict[str, Policy]] = []
        for paths in (folders, added_folders):
            kinds.append({})
            for path in paths:
                policy = load_policy(path, directory)
                if policy.id in homes:
                    raise _same_id(policy.id, homes[policy.id], path, was_added=paths is added_folders)
                kinds[-1][policy.id], homes[policy.id] = policy, path
                files += sorted(f for f in path.iterdir() if f.is_file() and f.suffix.lower() in _DATA_SUFFIXES)
        digest = _digest(f"parser {PARSER_VERSION}\n{directory.departments!r}", files)
        policies = tuple(kind[policy_id] for kind in kinds for policy_id in sorted(kind))
        return cls(policies, directory, digest, frozenset(kinds[1]))

    def policy(self, policy_id: str | None = None) -> Policy:
        """The policy with this id, or the first one. Raises UnknownPolicy."""
        if policy_id is None:
            return self.policies[0]
        for policy in self.policies:
            if policy.id == policy_id:
                return policy
        known = ", ".join(p.id for p in self.policies)
        raise UnknownPolicy(f"there is no policy {policy_id!r}: known are {known}")

    def clause(self, label: str, policy_id: str | None = None) -> Clause:
        """The clause a person means by ``十五``, ``(15)``, ``第15条`` or ``measure 15``. Raises UnknownClause."""
        policy = self.policy(policy_id)
        clause = clause_by_label(policy, label)
        if clause is None:
            first, last = policy.clauses[0], policy.clauses[-1]
            numbered = policy.numbered
            if numbered:
                first, last = numbered[0], numbered[-1]
            raise UnknownClause(f"{policy.id} has no clause {label!r}: it has {first.label} to {last.label}")
        return clause


def added_homes(added: Path | None) -> list[Path]:
    """The folders of the policies that were added; none where there is no such folder yet. Raises UnreadableFile."""
    try:
        return _homes(added) if added is not None and added.exists() else []
    except OSError as error:
        raise UnreadableFile(
            f"the added policies in {added} cannot be read ({error.strerror or error}): give this user permission"
        ) from error


def id_of(home: Path) -> str:
    """The id of the policy in a folder, without reading its text. Raises BadData."""
    data = Entry.read(home / "policy.toml")
    policy_id = data.text("id") if "id" in data else home.name
    if not is_id(policy_id):
        raise BadData(
            f"{data.place}: the id {policy_id!r} may only have letters, digits, hyphens and dots, and starts with a "
            "letter or digit; correct it"
        )
    return policy_id


def is_id(text: str) -> bool:
    """Whether a text may be the id of a policy."""
    return _POLICY_ID.fullmatch(text) is not None


def state_of(added: Path | None) -> object:
    """A value that changes whenever the added policies do; it costs no reading of them."""
    state: list[tuple[str, int]] = []
    if added is not None:
        # What is gone by now, or may not be read, is as good as not there; reading tells why.
        with suppress(OSError):
            for home in _homes(added):
                for file in sorted(home.iterdir()):
                    state.append((f"{home.name}/{file.name}", file.stat().st_mtime_ns))
    return tuple(state)


def _homes(folder: Path) -> list[Path]:
    # What starts with a dot is being made, or is being thrown away.
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and (p / "policy.toml").exists())


def _same_id(policy_id: str, one: Path, other: Path, was_added: bool) -> BadData:
    if was_added:
        return BadData(
            f"{other} was added and has the id {policy_id!r}, which {one} has too: "
            f"run policy-assistant remove {policy_id}"
        )
    return BadData(
        f"{one.name}/policy.toml and {other.name}/policy.toml in {one.parent} both have the id {policy_id!r}: "
        "give one of them another"
    )


def _digest(identity: str, files: Iterable[Path]) -> str:
    """The SHA-256 of a text and of the names and contents of files, in the order given, in hex digits."""
    hashed = hashlib.sha256(identity.encode())
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{file} cannot be read ({error.strerror or error})") from error
        hashed.update(f"{file.parent.name}/{file.name}\0".encode() + hashlib.sha256(content).digest())
    return hashed.hexdigest()


def load_policy(folder: Path, directory: Directory) -> Policy:
    """The policy in a folder. Raises CorpusError."""
    data = Entry.read(folder / "policy.toml")
    source = data.optional_text("source") or "source.txt"
    policy = replace(
        read_policy(folder / source, directory, id_of(folder)),
        jurisdiction=data.table("jurisdiction").texts("names"),
        subjects=data.texts("subjects"),
        source_url=data.optional_text("url"),
        file=data.optional_text("file") or source,
    )
    translation = folder / "en.toml"
    if translation.exists():
        english = Entry.read(translation)
        policy = replace(
            policy,
            translations=translate(policy.clauses, english),
            english_title=english.table("policy").optional_text("title"),
            english_sections={s.text("zh"): s.text("en") for s in english.tables("section")},
        )
    lay = folder / "lay.toml"
    if lay.exists():
        policy = replace(policy, wordings=lay_wordings(policy.clauses, Entry.read(lay)))
    return policy
