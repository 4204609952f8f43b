"""The policies that are there: one folder each, with its source and what was added to it."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.departments import Directory
from corpus.errors import BadData, CorpusError, UnknownClause, UnknownPolicy, UnreadableFile
from corpus.labels import clause_by_label
from corpus.models import Clause, Policy
from corpus.parser import PARSER_VERSION, parse_policy
from corpus.reader import read_text
from corpus.translation import read_additions, translate
from corpus.wordings import lay_wordings

POLICIES_FOLDER = Path(__file__).with_name("policies")


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

        ``digest`` changes whenever a source, a translation, the departments or the parser does.
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
        hashed = hashlib.sha256(f"parser {PARSER_VERSION}\n{directory!r}".encode())
        policies = []
        for path in folders:
            policies.append(_load_one(path, directory))
            for file in sorted(path.iterdir()):
                if file.is_file() and file.suffix in {".txt", ".toml", ".html"}:
                    hashed.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        return cls(tuple(policies), directory, hashed.hexdigest())

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


def _load_one(folder: Path, directory: Directory) -> Policy:
    try:
        data: dict[str, Any] = tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadData(f"{folder / 'policy.toml'} cannot be read: {error}") from error
    policy_id = data.get("id", folder.name)
    policy = read_policy(folder / data.get("source", "source.txt"), directory, policy_id)
    jurisdiction = data.get("jurisdiction", {})
    policy = replace(
        policy,
        jurisdiction=tuple(jurisdiction.get("names", ())),
        subjects=tuple(data.get("subjects", ())),
        source_url=data.get("url"),
    )
    translation = folder / "en.toml"
    if translation.exists():
        english = read_additions(translation)
        policy = replace(
            policy,
            translations=translate(policy.clauses, english),
            english_title=english.get("policy", {}).get("title"),
            english_sections={s["zh"]: s["en"] for s in english.get("section", [])},
        )
    lay = folder / "lay.toml"
    if lay.exists():
        policy = replace(policy, wordings=lay_wordings(policy.clauses, read_additions(lay)))
    return policy
