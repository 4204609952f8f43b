"""The fields a policy says it supports, and where a text names one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from corpus.glossary import Glossary
from corpus.models import Clause, Policy, Provision, Span
from corpus.terms import fold

# What a list of fields may leave out at the end of each: 生物医用 for 生物医用材料.
_HEAD = re.compile(r"(?:新?材料|产业|领域|行业|技术)$")
# A name without its head counts only where the word ends: 新能源、 names the field, 新能源汽车 doesn't.
_WORD_ENDS = r"(?=$|[、，。；,;)）”》等和及与]|新?材料|领域|产业|行业)"
# The rest of a list that goes on, up to its 等: such a list leaves open what else belongs to it.
_OPEN_LIST = re.compile(r"(?:新?材料|领域|产业|行业)?(?:、[^，。；、]{1,20})*?等(?!级)")


@dataclass(frozen=True, slots=True)
class FieldMention:
    """A field of the policy named in a text. ``is_open`` when it stands in a list that ends in 等."""

    field: str
    span: Span
    is_open: bool


@dataclass(frozen=True)
class PolicyFields:
    """The fields that a policy lists as those it supports; none where it lists none."""

    policy: Policy
    glossary: Glossary

    @cached_property
    def names(self) -> tuple[str, ...]:
        """As the policy writes them, in its order."""
        listed = self.policy.facts.get("fields")
        if listed is None:
            return ()
        return tuple(dict.fromkeys(name for name in re.split(r"[、，和及]", listed.value.strip()) if len(name) > 1))

    def english(self, name: str) -> str | None:
        """The English name of a field, where the glossary has one."""
        return next((t.en[0] for t in self.glossary.terms if t.zh == name and t.en), None)

    def called(self, text: str) -> str | None:
        """The field that goes by this name, Chinese or English, in full, without its head or as people say it."""
        wanted = fold(text).strip()
        return next((name for name in self.names if wanted in self._spoken[name]), None) if wanted else None

    def mentions(self, text: str, offset: int = 0) -> list[FieldMention]:
        """Every field that ``text`` names, in order; spans are moved by ``offset``."""
        return [
            FieldMention(name, Span(offset + m.start(), offset + m.end()), bool(_OPEN_LIST.match(text, m.end())))
            for m in self._pattern.finditer(text)
            for name in [self._written[m.group()]]
        ]

    def of_clause(self, clause: Clause) -> list[FieldMention]:
        """Those named anywhere in a clause."""
        return self.mentions(clause.text, clause.start)

    def of_provision(self, clause: Clause, provision: Provision) -> list[FieldMention]:
        """Those that the sentence of a provision names, or else the title of its clause."""
        text, title = self.policy.source_text, clause.title_span
        own = self.mentions(text[provision.span.start : provision.span.end], provision.span.start)
        return own or self.mentions(text[title.start : title.end], title.start)

    @cached_property
    def _written(self) -> dict[str, str]:
        """How a text may write a field: its name, the name without its head, the glossary's other term for it."""
        written: dict[str, str] = {}
        for name in self.names:
            own = next((t for t in self.glossary.terms if t.zh == name), None)
            same = [
                t.zh
                for t in self.glossary.terms
                if own is not None and t.kind == own.kind and t.en[:1] and t.en[0] == own.en[0]
            ]
            for form in (name, *same, _HEAD.sub("", name)):
                if len(form) > 1:
                    written.setdefault(form, name)
        return written

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted(self._written, key=len, reverse=True)
        return re.compile("|".join(re.escape(f) + ("" if _is_whole(f) else _WORD_ENDS) for f in forms) or r"(?!)")

    @cached_property
    def _spoken(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(map(fold, self._all_forms(name))) for name in self.names}

    def _all_forms(self, name: str) -> Iterable[str]:
        yield from (form for form, field in self._written.items() if field == name)
        for term in self.glossary.terms:
            if self._written.get(term.zh) == name:
                yield from (*term.en, *term.also_zh, *term.also_en)


def _is_whole(form: str) -> bool:
    return _HEAD.search(form) is not None
