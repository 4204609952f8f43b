"""Which policies an installation has: those that come along, or those of POLICY_CORPUS_DIR, and those it added."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus import Library, Shelf
from corpus.library import POLICIES_FOLDER, state_of

if TYPE_CHECKING:
    from app.settings import Settings


def library_of(settings: Settings) -> Library:
    """All policies, the added ones last. Raises CorpusError."""
    shelf = shelf_of(settings)
    return Library.load(shelf.shipped, added=None if _by_hand(shelf) else shelf.folder)


def shelf_of(settings: Settings) -> Shelf:
    """Where the added policies are kept. Nothing is opened yet."""
    return Shelf(settings.data_dir / "policies", settings.corpus_dir or POLICIES_FOLDER)


def is_kept_by_hand(settings: Settings) -> bool:
    """Whether POLICY_CORPUS_DIR names the very folder of the added policies: it is then in somebody else's care."""
    return _by_hand(shelf_of(settings))


def library_state(settings: Settings) -> object:
    """A value that changes whenever policies are added, replaced or removed; cheap enough to ask for all the time."""
    return state_of(settings.data_dir / "policies")


def _by_hand(shelf: Shelf) -> bool:
    return Path(shelf.folder).resolve() == Path(shelf.shipped).resolve()
