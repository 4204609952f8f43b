"""The policies that an installation added: each a folder, made whole beside its place and then put there at once.

``<folder>/<id>/policy.toml`` names the text, ``source-<digest>.txt``, and says of the policy what its text tells of
its place and subject; ``original-<digest>.pdf`` is the file as it came. A policy that is replaced gets new files beside
the old ones, and its ``policy.toml`` names the new ones from one moment to the next.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from corpus.departments import Directory
from corpus.describing import places_of, subjects_of
from corpus.durable import locked, replace_file, sync, sync_tree
from corpus.entries import Entry
from corpus.errors import BadData, NotAdded, UnreadableFile
from corpus.glossary import load_glossary
from corpus.library import GLOSSARY_FILE, Library, added_homes, id_of, is_id, load_policy, read_policy
from corpus.models import Policy
from corpus.reader import read_source

_MAX_ID = 60
# Folders in the making and on their way out; the lock tells that nobody works on those that are found.
_PASSING = (".adding-", ".removing-")
_WRITTEN_BY_US = re.compile(r"(?:source|original)-[0-9a-f]{12}\..+")


class Fate(StrEnum):
    """What became of a policy that was to be added."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "already there"


@dataclass(frozen=True)
class Shelf:
    """The folder of the added policies, beside those in ``shipped``, which it never changes."""

    folder: Path
    shipped: Path

    def add(
        self, path: Path, directory: Directory, policy_id: str | None = None, replace: bool = False
    ) -> tuple[Fate, Policy]:
        """Add the policy in a file, or take it in place of the one with its id. Without ``policy_id`` the file's name
        gives it, else the title.

        A text that is there already is left alone, whatever it is to be called. Raises UnreadableFile, NoPolicyText or
        NotAdded, each before anything is changed.
        """
        raw = read_source(path)
        read = read_policy(path, directory, "new", raw)
        policy_id = policy_id or _id_from(path.stem) or _id_from(read.title)
        if not policy_id or not is_id(policy_id) or len(policy_id) > _MAX_ID:
            raise NotAdded(
                f"{path}: {policy_id!r} can be no id: give one of at most {_MAX_ID} letters, digits, hyphens and dots "
                "that starts with a letter or digit, with --id"
            )
        with self._changing():
            library = Library.load(self.shipped, directory, self.folder)
            same = next((p for p in library.policies if p.source_text == read.source_text), None)
            if same is not None:
                return Fate.UNCHANGED, same
            there = next((p for p in library.policies if p.id == policy_id), None)
            if there is not None and policy_id not in library.added:
                raise NotAdded(
                    f"{path}: the id {policy_id!r} is that of a policy that comes along: choose another with --id"
                )
            if there is not None and not replace:
                raise NotAdded(
                    f"{path}: another text has the id {policy_id!r} (《{there.title}》): take its place with "
                    "--replace, or choose another id with --id"
                )
            home = self._home(policy_id)
            with self._made(path, raw, read, policy_id, home) as made:
                policy = load_policy(made, directory)
                if home is None:
                    made.rename(self.folder / policy_id)
                    sync(self.folder)
                else:
                    _take_over(made, home)
            return (Fate.ADDED if home is None else Fate.REPLACED), policy

    def remove(self, policy_id: str) -> None:
        """Remove a policy that was added. Raises NotAdded, which says why, when there is none of this id."""
        with self._changing():
            home = self._home(policy_id)
            if home is None:
                added = [_name(h) for h in added_homes(self.folder)]
                comes_along = any(_name(h) == policy_id for h in added_homes(self.shipped))
                why = "comes along with the product and stays" if comes_along else "is not there"
                known = f"added are {', '.join(added)}" if added else "none was added"
                raise NotAdded(f"the policy {policy_id!r} {why}: only added ones can be removed; {known}")
            leaving = self.folder / f"{_PASSING[1]}{secrets.token_hex(4)}"
            home.rename(leaving)
            sync(self.folder)
            shutil.rmtree(leaving, ignore_errors=True)

    def _home(self, policy_id: str) -> Path | None:
        # By what the folders say of themselves: one whose text can't be read any more has to be removable.
        return next((home for home in added_homes(self.folder) if _name(home) == policy_id), None)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Context in which no other process changes the folder; what a killed one left half-made is thrown away."""
        try:
            with ExitStack() as held:
                self.folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(locked(self.folder / ".lock"))
                for leftover in self.folder.iterdir():
                    if leftover.name.startswith(_PASSING):
                        shutil.rmtree(leftover, ignore_errors=True)
                yield
        except OSError as error:
            raise NotAdded(
                f"the added policies in {self.folder} can't be changed ({error.strerror or error}): make the folder "
                "writable or set POLICY_DATA_DIR"
            ) from error

    @contextmanager
    def _made(self, path: Path, raw: str, read: Policy, policy_id: str, home: Path | None) -> Iterator[Path]:
        """A folder with all that the policy's is to hold, on disk, under a name that nobody reads; it goes when it was
        not put in its place. What a person put into the old one is in it too."""
        made = self.folder / f"{_PASSING[0]}{secrets.token_hex(4)}"
        try:
            made.mkdir()
            known = Entry({}, "")
            for file in sorted(home.iterdir()) if home else ():
                if file.name == "policy.toml":
                    known = Entry.read(file)
                elif file.is_file() and not _WRITTEN_BY_US.fullmatch(file.name):
                    shutil.copyfile(file, made / file.name)
            text = raw.encode("utf-8", "replace")
            digest = hashlib.sha256(text).hexdigest()[:12]
            (made / f"source-{digest}.txt").write_bytes(text)
            original = path.read_bytes()
            if original != text:
                (made / f"original-{digest}{path.suffix.lower() or '.txt'}").write_bytes(original)
            described = _described(read, policy_id, f"source-{digest}.txt", path.name, known)
            (made / "policy.toml").write_text(described, encoding="utf-8")
            sync_tree(made)
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _take_over(made: Path, home: Path) -> None:
    """Put new files beside the old ones of a policy, then name them; what is named no more goes."""
    new = {file.name for file in made.iterdir()}
    for name in sorted(new - {"policy.toml"}):
        if _WRITTEN_BY_US.fullmatch(name):
            (made / name).replace(home / name)
    sync(home)
    replace_file(home / "policy.toml", (made / "policy.toml").read_text(encoding="utf-8"))
    for file in home.iterdir():
        if _WRITTEN_BY_US.fullmatch(file.name) and file.name not in new:
            file.unlink()


def _described(read: Policy, policy_id: str, source: str, file: str, known: Entry) -> str:
    """The text of ``policy.toml``: what a person wrote into the one before stays."""
    names = known.table("jurisdiction").texts("names") or places_of(read)
    subjects = known.texts("subjects") or subjects_of(read, load_glossary(GLOSSARY_FILE))
    url = known.optional_text("url")
    return "\n".join(
        [
            "# What the text does not say of itself; put right here what was worked out wrongly.",
            f"id = {_toml(policy_id)}",
            f"source = {_toml(source)}",
            f"file = {_toml(file)}",
            *([f"url = {_toml(url)}"] if url else []),
            f"subjects = [{', '.join(map(_toml, subjects))}]",
            "",
            "[jurisdiction]",
            f"names = [{', '.join(map(_toml, names))}]",
            "",
        ]
    )


def _toml(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL, and a name of a file may hold bytes that are no text."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", " ")


def _id_from(words: str) -> str:
    """Words as an id; empty where nothing of them can stand in one."""
    return re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFKC", words))[:_MAX_ID].strip("-._")


def _name(home: Path) -> str:
    try:
        return id_of(home)
    except (BadData, UnreadableFile):
        return home.name
