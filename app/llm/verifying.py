"""Whether a model's sentence says what a statement of the extractive answer says: no more, no less, nothing else.

A sentence passes when it makes exactly the claims of one statement (sums with their bounds, departments with their
parts, days, labels, numbers), denies as often, keeps every word that limits, brings in no word that states something,
and has most of the statement's words. One that joins several statements passes when it can be parted at its commas so
that each part does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.language import to_traditional
from app.llm.statements import ClaimReader, Claims, Statement, grams, plain_form
from app.llm.vocabulary import Vocabulary

# Of a statement's words a wording has at least this share: what is left out is left unsaid.
_KEPT = 0.7
# Of fewer words no share can be taken; their claims are compared all the same.
_FEW = 3
# A part resembles the statement that it shares this much with; below it is about nothing that is there.
_ABOUT = 0.15
_MARKS = set("，。、；：！“”‘’「」『』《》〈〉（）()【】[]—…·-–,.;:!'\"/%&+ \n")
_QUOTED = re.compile(r"「([^」]*)」|“([^”]*)”|《([^》]*)》|\"([^\"]*)\"")
_COMMA = re.compile(r"(?<=[，；;])|(?<=,)\s+|(?<=;)\s+|\s+(?=and\b)")
_WIDE = {**{c: c - 0xFEE0 for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05)}}
_WIDE_LABEL = re.compile(r"（([一二三四五六七八九十百]+)）")
_MALFORMED = re.compile(r"[(（「“《]\s*[)）」”》]|\b([a-z]+(?: [a-z]+)?) \1\b|([\u4e00-\u9fff]{2,})\2", re.IGNORECASE)
_MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one sentence. ``text`` is as it may be shown, with labels where the model left them out; empty
    when it may not. ``says`` are the statements it words, by their index; when it failed, the one it is likely about.
    One that is ``copied`` has the statement's own words.
    """

    text: str
    says: tuple[int, ...]
    failed: tuple[str, ...] = ()
    copied: bool = False

    @property
    def passed(self) -> bool:
        return not self.failed


class Verifies(Protocol):
    """Judges a sentence by the statements that are still to be worded."""

    def verify(self, sentence: str, statements: Sequence[Statement], left: Sequence[int]) -> Verdict: ...


class SentenceVerifier:
    """Verifies sentences in one language. ``refs`` says how a text of this answer refers to each label; ``titles``
    are the titles of the cited clauses, whose words may always be used."""

    def __init__(
        self,
        reader: ClaimReader,
        vocabulary: Vocabulary,
        language: str,
        refs: dict[str, str],
        titles: Sequence[str] = (),
    ) -> None:
        self._reader = reader
        self._vocabulary = vocabulary
        self._language = language
        self._refs = refs
        self._titles = "\n".join(plain_form(t) for t in titles)

    def verify(self, sentence: str, statements: Sequence[Statement], left: Sequence[int]) -> Verdict:
        """Whether a sentence words some of the statements ``left`` (their indices)."""
        text = _WIDE_LABEL.sub(r"(\1)", sentence.translate(_WIDE)).strip()
        plain = plain_form(text)
        claims = self._reader.read(plain)
        about = _about(claims, plain, statements, left)
        form = self._form(text)
        if form:
            return Verdict("", about, (form,))
        if not about:
            return Verdict("", (), ("subject: nothing that is left to say",))
        if _squeezed(plain) == _squeezed(statements[about[0]].plain):
            return Verdict(statements[about[0]].text, about, copied=True)
        failed = self._against(statements[about[0]], text, plain, claims)
        if not failed:
            return self._finished([(text, about[0])], statements)
        parts = [p for p in _COMMA.split(text) if p]
        if 1 < len(parts) <= _MOST_PARTS and len(left) > 1:
            parted = self._parted(parts, statements, left)
            if parted is not None:
                return self._finished(parted, statements)
        return Verdict("", about, tuple(failed))

    def _form(self, text: str) -> str:
        """What is wrong with a sentence whatever it says; empty when nothing is."""
        if re.search(r"[?？]", text):
            return "form: a question"
        if "://" in text or "www." in text.lower() or "@" in text:
            return "form: an address"
        if _MALFORMED.search(text):
            return "form: a word twice, or empty brackets"
        strange = [
            c for c in text if c not in _MARKS and not (c.isascii() and c.isalnum()) and not "\u3400" <= c <= "\u9fff"
        ]
        if strange:
            return f"form: {unicodedata.name(strange[0], 'an unknown character').lower()}"
        bare = re.sub(r"[(（「“《][^)）」”》]*[)）」”》]", "", text)
        han, latin = len(re.findall(r"[\u3400-\u9fff]", bare)), len(re.findall(r"[A-Za-z]{2,}", bare))
        if self._language == "en" and han:
            return "language: Chinese outside of brackets and quotations"
        if self._language != "en" and (latin > han or not han):
            return "language: not Chinese"
        return ""

    def _against(self, statement: Statement, text: str, plain: str, claims: Claims) -> list[str]:
        """What a text says otherwise than a statement, one line each."""
        own, words = statement.claims, self._vocabulary
        failed = []
        if claims.amounts != own.amounts:
            failed.append(_differing("amount", claims.amounts, own.amounts))
        if claims.departments != own.departments:
            failed.append(_differing("department", frozenset(claims.departments), frozenset(own.departments)))
        if claims.dates != own.dates:
            failed.append(_differing("date", claims.dates, own.dates))
        if not claims.labels <= own.labels:
            failed.append(_differing("label", claims.labels, own.labels))
        if claims.numbers != own.numbers:
            failed.append(_differing("number", claims.numbers, own.numbers))
        if claims.denials != own.denials:
            failed.append("denial: more or fewer than the text has")
        if claims.loose_lead and not own.loose_lead:
            failed.append("department: it is not clear which one leads")
        failed += [f"limit: {w} is left out" for w in words.limits_left_out(own.rest, claims.rest)]
        source = f"{statement.plain}\n{self._titles}"
        bounded = any(b for _, b in own.amounts)
        strange = words.strange(_without_parts(claims.rest, self._refs), source, bounded)
        if strange:
            failed.append(f"word: {', '.join(strange[:5])}")
        telling = words.telling(statement.words)
        if len(telling) >= _FEW and len(telling & grams(claims.rest)) < _KEPT * len(telling):
            failed.append("incomplete: too little of what the text says")
        quoted = plain_form(statement.text)
        for match in _QUOTED.finditer(text):
            quote = plain_form(next(g for g in match.groups() if g is not None))
            if quote not in quoted and quote not in self._titles:
                failed.append("quotation: not the words of the text")
        return failed

    def _parted(
        self, parts: Sequence[str], statements: Sequence[Statement], left: Sequence[int]
    ) -> list[tuple[str, int]] | None:
        """The parts put together into stretches that each word one statement, none twice; None when they can't be."""
        reached: dict[int, list[tuple[str, int]]] = {0: []}
        for end in range(1, len(parts) + 1):
            for start in range(end):
                before = reached.get(start)
                if before is None or end in reached:
                    continue
                stretch = "".join(f"{p} " if p.rstrip().endswith((",", ";")) else p for p in parts[start:end])
                bare = re.sub(r"^(?:and|且|并)\s*", "", stretch.strip())
                said = {i for _, i in before}
                plain = plain_form(bare)
                claims = self._reader.read(plain)
                for i in _about(claims, plain, statements, [i for i in left if i not in said])[:1]:
                    if not self._against(statements[i], bare, plain, claims):
                        reached[end] = [*before, (stretch, i)]
        return reached.get(len(parts))

    def _finished(self, parts: Sequence[tuple[str, int]], statements: Sequence[Statement]) -> Verdict:
        """The sentence as it is shown: every stretch carries the label of its statement, once."""
        said = ""
        for n, (text, index) in enumerate(parts):
            labels = statements[index].labels
            follows = n + 1 < len(parts) and statements[parts[n + 1][1]].labels == labels
            missing = [label for label in labels if label not in text]
            said += text if follows or not missing else self._labelled(text, missing[0])
        said = said.strip()
        if not said.endswith(("。", ".", "！", "!")):
            said = said.rstrip("，,；;、：: ") + ("." if self._language == "en" else "。")
        if self._language == "zh-Hant":
            said = self._traditional(said, [statements[i].text for _, i in parts])
        elif self._language == "en":
            said = said[:1].upper() + said[1:]
        own = statements[parts[0][1]].plain
        if len(parts) == 1 and _squeezed(plain_form(said)) == _squeezed(own):
            return Verdict(statements[parts[0][1]].text, (parts[0][1],), copied=True)
        return Verdict(said, tuple(i for _, i in parts))

    def _labelled(self, text: str, label: str) -> str:
        end = re.search(r"[。.！!，,；;、\s]*$", text)
        at = end.start() if end else len(text)
        ref = self._refs.get(label, label)
        name = ref.removesuffix(label).strip()
        if name and (named := re.search(rf"\b{re.escape(name)}\b", text)):
            # Measure 3 is there, its label in the source is not.
            return f"{text[: named.start()]}{ref}{text[named.end() :]}"
        return f"{text[:at]} ({ref}){text[at:]}" if self._language == "en" else f"{text[:at]}{ref}{text[at:]}"

    @staticmethod
    def _traditional(text: str, sources: Sequence[str]) -> str:
        """In traditional characters but for words of the source, which stay as the extractive answer has them."""
        shown, at = [], 0
        for match in re.finditer(r"[「“《(（][^」”》)）]*[」”》)）]", text):
            kept = match.group() if any(match.group() in s for s in sources) else to_traditional(match.group())
            shown += [to_traditional(text[at : match.start()]), kept]
            at = match.end()
        return "".join([*shown, to_traditional(text[at:])])


def _squeezed(plain: str) -> str:
    """A text by its letters and figures alone."""
    return re.sub(r"[\W_]", "", plain).lower()


def _about(claims: Claims, plain: str, statements: Sequence[Statement], left: Sequence[int]) -> tuple[int, ...]:
    """The statement that a text is likely about; empty when it is like none."""
    own = grams(claims.rest)
    best, most = None, 0.0
    for i in left:
        s = statements[i]
        shared = len(own & s.words) / max(1, min(len(own), len(s.words))) if s.words else 0.0
        shared += 0.5 * bool(claims.amounts and {v for v, _ in claims.amounts} & {v for v, _ in s.claims.amounts})
        shared += 0.5 * bool({k for k, _ in claims.departments} & {k for k, _ in s.claims.departments})
        if shared > most:
            best, most = i, shared
    return (best,) if best is not None and most >= _ABOUT else ()


def _differing(kind: str, said: frozenset[object] | frozenset[str], own: frozenset[object] | frozenset[str]) -> str:
    more, less = sorted(map(_shown, said - own)), sorted(map(_shown, own - said))
    parts = [f"{', '.join(more)} is not in the text"] if more else []
    parts += [f"{', '.join(less)} is missing"] if less else []
    parts = parts or ["not in the order of the text"]
    return f"{kind}: {'; '.join(parts)}"


def _shown(claim: object) -> str:
    if isinstance(claim, tuple) and len(claim) == 2 and isinstance(claim[1], bool):
        return f"{claim[0]}{'*' if claim[1] else ''}"
    return "-".join(map(str, claim)) if isinstance(claim, tuple) else str(claim)


def _without_parts(rest: str, refs: dict[str, str]) -> str:
    """The text without references to parts of the document that have no number."""
    for label, ref in refs.items():
        rest = rest.replace(plain_form(ref), "\n").replace(plain_form(label), "\n")
    return rest
