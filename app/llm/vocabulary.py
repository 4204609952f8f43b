"""Which words a model may bring into a sentence of its own, and which it may not leave out."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from corpus.stemming import stem

WORDS_FILE = Path(__file__).with_name("words.toml")
_LONGEST = 24


@dataclass(frozen=True)
class Vocabulary:
    """The words of ``words.toml``, ready to be used. Texts are in their plain form."""

    free: frozenset[str]
    free_stems: frozenset[str]
    bound: frozenset[str]
    bound_stems: frozenset[str]
    joining: frozenset[str]
    limits: tuple[re.Pattern[str], ...]
    denial: re.Pattern[str]
    bounds_that_deny: re.Pattern[str]
    lead_after: re.Pattern[str]
    lead_before: re.Pattern[str]
    lead_word: re.Pattern[str]

    @classmethod
    def load(cls, path: Path = WORDS_FILE) -> Vocabulary:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        flags = re.IGNORECASE
        return cls(
            free=frozenset(data["free"]["zh"].split()),
            free_stems=frozenset(stem(w) for w in data["free"]["en"].split()),
            bound=frozenset(data["bound"]["zh"].split()),
            bound_stems=frozenset(stem(w) for w in data["bound"]["en"].split()),
            joining=frozenset(data["joining"]["zh"].split()),
            limits=tuple(re.compile(p, flags) for p in (*data["limits"]["zh"], *data["limits"]["en"])),
            denial=re.compile(f"{data['denials']['zh']}|{data['denials']['en']}", flags),
            bounds_that_deny=re.compile(f"{data['bounds_that_deny']['zh']}|{data['bounds_that_deny']['en']}", flags),
            lead_after=re.compile(data["leads"]["after"], flags),
            lead_before=re.compile(data["leads"]["before"], flags),
            lead_word=re.compile(data["leads"]["word"], flags),
        )

    def telling(self, grams: frozenset[str]) -> frozenset[str]:
        """Those of a statement's bigrams and latin words that are no free words."""
        return frozenset(
            g for g in grams if (stem(g) not in self.free_stems if g.isascii() else not any(g in w for w in self.free))
        )

    def denials(self, text: str) -> int:
        """How many words of a text deny; bounds are none."""
        return len(self.denial.findall(self.bounds_that_deny.sub(" ", text)))

    def limits_left_out(self, of: str, text: str) -> list[str]:
        """The limiting words of one text that another does not have."""
        left = []
        for pattern in self.limits:
            has = {m.group().lower() for m in pattern.finditer(text)}
            left += [m.group() for m in pattern.finditer(of) if m.group().lower() not in has]
        return list(dict.fromkeys(left))

    def strange(self, rest: str, source: str, is_bounded: bool) -> list[str]:
        """The words of a text that neither ``source`` has nor are free; ``is_bounded`` frees the words of bounds."""
        known = self.free_stems | {stem(w) for w in _latin(source)}
        known = known | self.bound_stems if is_bounded else known
        found = [w for w in _latin(rest) if stem(w) not in known]
        free = self.free | self.bound if is_bounded else self.free
        for run in re.findall(r"[\u3400-\u9fff]+", rest):
            found += self._strange_run(run, source, free)
        return found

    def _strange_run(self, run: str, source: str, free: frozenset[str]) -> list[str]:
        """The characters of a run that no word reaches: pieces of the source of two characters or more, free words,
        joining words of the source."""
        # The fewest characters that stay uncovered up to each place, and the last step there.
        best: list[tuple[int, int, bool]] = [(0, 0, True)]
        for end in range(1, len(run) + 1):
            options = [(best[end - 1][0] + 1, end - 1, False)]
            for start in range(max(0, end - _LONGEST), end):
                piece = run[start:end]
                known = piece in free or (
                    piece in source if len(piece) > 1 else piece in self.joining and piece in source
                )
                if known:
                    options.append((best[start][0], start, True))
            best.append(min(options, key=lambda o: (o[0], -o[1])))
        found, at, pending = [], len(run), ""
        while at:
            _, start, covered = best[at]
            if covered:
                found += [pending] if pending else []
                pending = ""
            else:
                pending = run[start:at] + pending
            at = start
        return [*found, *([pending] if pending else [])][::-1]


def _latin(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:['’][a-z]+)?", text.lower())
