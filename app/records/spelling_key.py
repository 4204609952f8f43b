"""When two questions are the same but for their spelling."""

from __future__ import annotations

import hashlib

from corpus.terms import fold


def spelling_key(question: str) -> str:
    """The letters and figures of a question: without width, case, punctuation, spaces, traditional characters.
    A question of signs alone is its own key."""
    folded = fold(question)
    return "".join(character for character in folded if character.isalnum()) or folded.strip()


def question_digest(question: str) -> str:
    """The same for questions with one ``spelling_key``; of fixed length."""
    return hashlib.sha256(spelling_key(question).encode()).hexdigest()
