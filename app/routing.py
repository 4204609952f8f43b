"""Which policy of several a question means, where it names none by its id: by number, title, place and subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.models import Message
from corpus.models import Policy
from corpus.terms import fold

_BRACKETS = re.compile(r"[〔\[(【〕\])】\s]")
_NO_WORD = re.compile(r"[\W_]+")
_ABOUT = re.compile(r"^关于")
# A shorter rest of a title is what many titles say.
_MIN_TITLE = 6


@dataclass(frozen=True)
class Router:
    """Tells the policies of a library apart, the first being the one that is meant where nothing tells."""

    policies: tuple[Policy, ...]

    def meant(self, question: str, history: Sequence[Message] = ()) -> tuple[Policy, ...]:
        """The policy that a question means, or several where it fits them alike; never empty.

        What it leaves open is looked for in the asker's earlier turns, the latest first.
        """
        if len(self.policies) < 2:
            return self.policies
        left: list[Policy] = []
        for said in [question, *(m.content for m in reversed(history) if m.role == "user")]:
            named = self._named(said)
            left = [p for p in left if p in named] or left or named
            if len(left) == 1:
                return (left[0],)
        return (self.policies[0],) if not left or self.policies[0] in left else tuple(left)

    def _named(self, said: str) -> list[Policy]:
        """The policies that a text fits best, in the order of the library; none where it fits none."""
        strengths = [marks.strength(said) for marks in self._marks]
        best = max(strengths)
        return [p for p, strength in zip(self.policies, strengths, strict=True) if strength == best and any(best)]

    @cached_property
    def _marks(self) -> tuple[_Marks, ...]:
        return tuple(_Marks.of(policy) for policy in self.policies)


@dataclass(frozen=True)
class _Marks:
    """What a policy is known by."""

    number: str
    titles: tuple[str, ...]
    place: re.Pattern[str]
    subject: re.Pattern[str]

    @classmethod
    def of(cls, policy: Policy) -> _Marks:
        title = _bare(policy.title)
        rest = title
        for name in sorted(policy.jurisdiction, key=len, reverse=True):
            rest = rest.removeprefix(_bare(name))
        titles = (title, _ABOUT.sub("", rest), _bare(policy.english_title or ""))
        return cls(
            number=_BRACKETS.sub("", fold(policy.doc_no or "")),
            titles=tuple(t for t in titles if len(t) >= _MIN_TITLE),
            place=_any_of(policy.jurisdiction),
            subject=_any_of(policy.subjects),
        )

    def strength(self, said: str) -> tuple[int, int]:
        """How surely a text is about the policy, the higher the surer: by number, by title, by place and subject, by
        one of them, not; then by how much of the text names its place, as 示例市南山区 is nearer than 示例市."""
        plain = fold(said)
        if self.number and self.number in _BRACKETS.sub("", plain):
            return 4, 0
        bare = _bare(said)
        if any(title in bare for title in self.titles):
            return 3, 0
        places = {match.group() for match in self.place.finditer(plain)}
        return bool(places) + bool(self.subject.search(plain)), sum(map(len, places))


def _bare(text: str) -> str:
    return _NO_WORD.sub("", fold(text))


def _any_of(names: Sequence[str]) -> re.Pattern[str]:
    """Any of the names; one in Latin letters as a whole word."""
    # The longest first, so that 示例市 is not taken for 示例.
    folded = [re.escape(fold(name)) for name in sorted(names, key=len, reverse=True) if name]
    words = [rf"(?<![a-z]){name}(?![a-z])" if name.isascii() else name for name in folded]
    return re.compile("|".join(words) or r"(?!)")
