"""The glossary: policy terms in Chinese and English, with the words people use when they mean them.

``glossary.tsv``: a header line ``zh en also_zh also_en kind`` (tab separated), lists inside a cell separated by
``; ``, lines that start with ``#`` are comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import BadData
from corpus.terms import english_stems, fold

COLUMNS = ("zh", "en", "also_zh", "also_en", "kind")


@dataclass(frozen=True, slots=True)
class Term:
    """One row. ``zh`` as it stands in a policy; ``en`` its renderings, preferred first; ``also_*`` what else
    people call it, not necessarily the same thing but what they mean by it."""

    zh: str
    en: tuple[str, ...]
    also_zh: tuple[str, ...]
    also_en: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of a question that the glossary knows: ``tokens[start:end]`` of what was looked through, and
    what a policy may say in its place, best first."""

    start: int
    end: int
    candidates: tuple[str, ...]


class PhraseTable:
    """Phrases, each with its candidates, found in a sequence of tokens. The longest wins, left to right.

    A phrase is its tokens joined by ``joint``: a space between English stems, nothing between Chinese words, so
    that a phrase is met only where it begins and ends with a word, however it is cut inside.
    """

    def __init__(self, entries: Mapping[str, tuple[str, ...]], joint: str, longest: int | None = None) -> None:
        """``longest``: no phrase has more characters, where that is known without going through all of them."""
        self._entries = entries
        self._joint = joint
        self._longest = max(map(len, entries), default=0) if longest is None else longest

    def matches(self, tokens: Sequence[str]) -> Iterator[Match]:
        """The phrases met in ``tokens``, in order, without overlaps."""
        start = 0
        while start < len(tokens):
            match = self._longest_from(tokens, start)
            if match is not None:
                yield match
            start = match.end if match is not None else start + 1

    def _longest_from(self, tokens: Sequence[str], start: int) -> Match | None:
        found = None
        phrase = ""
        for end in range(start + 1, len(tokens) + 1):
            phrase += (self._joint if phrase else "") + tokens[end - 1]
            if len(phrase) > self._longest:
                break
            if phrase in self._entries:
                found = Match(start, end, self._entries[phrase])
        return found


class Glossary:
    """The rows, and what they say in each direction. Empty by default; never changes."""

    def __init__(self, terms: Sequence[Term] = ()) -> None:
        self.terms = tuple(terms)

    def chinese_words(self) -> tuple[str, ...]:
        """Every Chinese expression of the glossary: words for the tokenizer to keep whole."""
        return tuple(dict.fromkeys(word for term in self.terms for word in (term.zh, *term.also_zh)))

    def english_to_chinese(self) -> PhraseTable:
        """Bilingual dictionary: the stems of an English phrase (``english_stems``) to Chinese candidates, the
        official term first, lay names after all official ones."""
        official: dict[str, list[str]] = {}
        lay: dict[str, list[str]] = {}
        for term in self.terms:
            for phrase in (*term.en, *term.also_en):
                if key := _english_key(phrase):
                    official.setdefault(key, []).append(term.zh)
                    lay.setdefault(key, []).extend(term.also_zh)
        return PhraseTable({key: tuple(dict.fromkeys(official[key] + lay[key])) for key in official}, " ")

    def chinese_to_english(self) -> PhraseTable:
        """The other way round, over words as ``Tokenizer.words`` gives them: a term or a lay name of it to the
        renderings of the term, preferred first."""
        entries: dict[str, list[str]] = {}
        for term in self.terms:
            for word in (term.zh, *term.also_zh):
                entries.setdefault(fold(word), []).extend(term.en)
        return PhraseTable({word: tuple(dict.fromkeys(phrases)) for word, phrases in entries.items()}, "")

    def lay_to_official_chinese(self) -> PhraseTable:
        """What people say to what the policy says, over words as ``Tokenizer.words`` gives them: a lay expression
        to the official terms it stands for."""
        return _expansion(((fold(lay), term.zh) for term in self.terms for lay in term.also_zh), "")

    def lay_to_official_english(self) -> PhraseTable:
        """The same in English, over ``english_stems``: a lay phrase to the preferred renderings of the terms meant."""
        return _expansion(((_english_key(lay), term.en[0]) for term in self.terms for lay in term.also_en), " ")


def _english_key(phrase: str) -> str:
    return " ".join(english_stems(phrase))


def _expansion(pairs: Iterable[tuple[str, str]], joint: str) -> PhraseTable:
    entries: dict[str, list[str]] = {}
    for key, official in pairs:
        if key:
            entries.setdefault(key, []).append(official)
    return PhraseTable({key: tuple(dict.fromkeys(officials)) for key, officials in entries.items()}, joint)


def load_glossary(path: Path) -> Glossary:
    """The glossary in ``path``. BadData names the file and line of a row that is not as it has to be."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"glossary {path}: cannot be read ({error}); it has to be a UTF-8 file") from error
    header: tuple[str, ...] | None = None
    terms: list[Term] = []
    first_seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        where = f"glossary {path}, line {number}"
        if header is None:
            if cells != COLUMNS:
                raise BadData(f"{where}: the header has to be {' '.join(COLUMNS)}, tab separated, not {line!r}")
            header = cells
            continue
        term = _term(cells, where)
        key = fold(term.zh)
        if key in first_seen:
            raise BadData(f"{where}: {term.zh} stands in line {first_seen[key]} already; merge the two rows")
        first_seen[key] = number
        terms.append(term)
    if header is None:
        raise BadData(f"glossary {path}: empty; the first line has to be {' '.join(COLUMNS)}, tab separated")
    return Glossary(terms)


def _term(cells: tuple[str, ...], where: str) -> Term:
    # Editors drop tabs at the end of a line, so trailing cells may be missing; more than five are a mistake.
    if len(cells) > len(COLUMNS):
        raise BadData(f"{where}: {len(cells)} cells where {len(COLUMNS)} belong ({' '.join(COLUMNS)})")
    zh, en, also_zh, also_en, kind = cells + ("",) * (len(COLUMNS) - len(cells))
    if not zh or not en:
        raise BadData(f"{where}: zh and en may not be empty")
    return Term(zh, _list(en), _list(also_zh), _list(also_en), kind or "general")


def _list(cell: str) -> tuple[str, ...]:
    return tuple(item for item in (part.strip() for part in cell.replace("；", ";").split(";")) if item)
