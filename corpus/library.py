"""The policies that are there: one folder each, with its source and what was added to it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.departments import DEPARTMENTS_FILE, Directory
from corpus.entries import Entry
from corpus.errors import BadData, CorpusError, UnknownClause, UnknownPolicy, UnreadableFile
from corpus.labels import clause_by_label
from corpus.models import Clause, Policy
from corpus.parser import PARSER_VERSION, parse_policy
from corpus.reader import read_text
from corpus.translation import translate
from corpus.wordings import lay_wordings

POLICIES_FOLDER = Path(__file__).with_name("policies")
GLOSSARY_FILE = Path(__file__).with_name("glossary.tsv")
# An id stands before the # of a clause's identity and in addresses of pages.
_POLICY_ID = re.compile(r"[\w.\-]+")


def read_policy(path: Path, directory: Directory, policy_id: str | None = None) -> Policy:
    """Read one policy file. Raises UnreadableFile or NoPolicyText."""
    try:
        return parse_policy(read_text(path), policy_id or path.stem, directory)
    except UnreadableFile:
        raise
    except CorpusError as error:
        raise type(error)(f"{path}: {error}") from error


@dataclass(frozen=True)
class Library:
    """All policies, in the order of their ids, and the departments they name."""

    policies: tuple[Policy, ...]
    directory: Directory
    digest: str

    @classmethod
    def load(cls, folder: Path = POLICIES_FOLDER, directory: Directory | None = None) -> Library:
        """Read every policy folder. Raises CorpusError with one line when one cannot be read.

        ``digest`` changes whenever a source, a translation, a lay wording, the glossary, the departments or the
        parser does. Raises BadData where two policies have one id.
        """
        directory = directory or Directory.load()
        try:
            folders = sorted(p for p in folder.iterdir() if (p / "policy.toml").exists())
        except OSError as error:
            raise UnreadableFile(
                f"the folder of policies {folder} cannot be read ({error.strerror or error}): "
                "check that it is there and may be read"
            ) from error
        if not folders:
            raise UnreadableFile(f"no policy in {folder}: each has a folder of its own with a policy.toml")
        policies: dict[str, Policy] = {}
        homes: dict[str, Path] = {}
        files = [DEPARTMENTS_FILE, GLOSSARY_FILE]
        for path in folders:
            policy = _load_one(path, directory)
            if policy.id in policies:
                raise BadData(
                    f"{homes[policy.id].name}/policy.toml and {path.name}/policy.toml in {folder} both have the id "
                    f"{policy.id!r}: give one of them another"
                )
            policies[policy.id], homes[policy.id] = policy, path
            files += sorted(f for f in path.iterdir() if f.is_file() and f.suffix in {".txt", ".toml", ".html"})
        digest = _digest(f"parser {PARSER_VERSION}\n{directory.departments!r}", files)
        return cls(tuple(policies[policy_id] for policy_id in sorted(policies)), directory, digest)

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


def _load_one(folder: Path, directory: Directory) -> Policy:
    data = Entry.read(folder / "policy.toml")
    policy_id = data.text("id") if "id" in data else folder.name
    if not _POLICY_ID.fullmatch(policy_id):
        raise BadData(f"{data.place}: the id {policy_id!r} may only have letters, digits, hyphens and dots; correct it")
    policy = read_policy(folder / (data.optional_text("source") or "source.txt"), directory, policy_id)
    policy = replace(
        policy,
        jurisdiction=data.table("jurisdiction").texts("names"),
        subjects=data.texts("subjects"),
        source_url=data.optional_text("url"),
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
