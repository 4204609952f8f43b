"""A policy as searchable chunks: clause by clause and provision by provision, in each language it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.departments import note_spans
from corpus.models import Clause, ClauseTranslation, Policy, Provision
from index.models import Chunk, Grain

# Changes when the same policy would give other chunks; an index built by another version is rebuilt.
SPLITTER_VERSION = 4
# A stretch that no provision covers is worth a chunk from this many characters on.
_LEAST = 6
# What is said around the measures, not by them.
_OUTSIDE = ("notice", "imprint")
_LINE = re.compile(r"[^。\n]+。?")


def chunks_of(policy: Policy) -> list[Chunk]:
    """The chunks of ``policy`` in the order of its text: the Chinese of every clause and provision, then the
    English where a reference translation is at hand. Ids are the clause's or provision's with the language."""
    return [*_chinese(policy), *_english(policy), *_lay(policy)]


def _lay(policy: Policy) -> Iterator[Chunk]:
    for n, wording in enumerate(policy.wordings):
        yield Chunk(
            id=f"{wording.provision_id or wording.clause_id}/{wording.language}/lay{n}",
            policy_id=policy.id,
            clause_id=wording.clause_id,
            grain=Grain.PROVISION,
            language=wording.language,
            text=wording.text,
            provision_id=wording.provision_id,
        )


def _chinese(policy: Policy) -> Iterator[Chunk]:
    for clause in policy.clauses:
        yield Chunk(
            id=f"{clause.id}/zh",
            policy_id=policy.id,
            clause_id=clause.id,
            grain=Grain.CLAUSE,
            language="zh",
            text=_without_title(clause, policy),
            heading=_heading(clause.section, clause.title),
        )
        for provision in clause.provisions:
            yield Chunk(
                id=f"{provision.id}/zh",
                policy_id=policy.id,
                clause_id=clause.id,
                grain=Grain.PROVISION,
                language="zh",
                text=_provision_text(provision),
                heading=clause.title,
                provision_id=provision.id,
            )
        yield from _between_provisions(clause, policy)


def _between_provisions(clause: Clause, policy: Policy) -> Iterator[Chunk]:
    """The sentences of a clause that no provision has words of: what a term means, who may apply, what has to
    be given back. They are found by what they say, as provisions are."""
    if clause.path in _OUTSIDE:
        return
    lines = _LINE.finditer(policy.source_text, clause.body_span.start, clause.end)
    notes = {clause.start + start for start, _ in note_spans(clause.text)}
    for line in lines:
        spans = [p.span for p in clause.provisions]
        covered = line.start() in notes or any(s.start < line.end() and line.start() < s.end for s in spans)
        if not covered and len(line.group()) >= _LEAST:
            yield Chunk(
                id=f"{clause.id}/zh/{line.start()}",
                policy_id=policy.id,
                clause_id=clause.id,
                grain=Grain.PROVISION,
                language="zh",
                text=line.group(),
                heading=clause.title,
            )


def _english(policy: Policy) -> Iterator[Chunk]:
    for clause in policy.clauses:
        translation = policy.translations.get(clause.id)
        if translation is None:
            continue
        yield Chunk(
            id=f"{clause.id}/en",
            policy_id=policy.id,
            clause_id=clause.id,
            grain=Grain.CLAUSE,
            language="en",
            text=translation.text,
            heading=translation.title,
        )
        yield from _english_provisions(policy.id, clause.provisions, translation)


def _english_provisions(
    policy_id: str, provisions: Sequence[Provision], translation: ClauseTranslation
) -> Iterator[Chunk]:
    for provision in provisions:
        phrase = translation.provisions.get(provision.id)
        if phrase:
            yield Chunk(
                id=f"{provision.id}/en",
                policy_id=policy_id,
                clause_id=translation.clause_id,
                grain=Grain.PROVISION,
                language="en",
                text=phrase,
                heading=translation.title,
                provision_id=provision.id,
            )


def _without_title(clause: Clause, policy: Policy) -> str:
    # The heading carries the title; the body begins after it.
    return policy.source_text[clause.body_span.start : clause.end]


def _provision_text(provision: Provision) -> str:
    # The sentence is shared by all items of a list; what the item is for comes first and sets it apart.
    return f"{provision.what}。{provision.text}" if provision.what else provision.text


def _heading(*parts: str | None) -> str:
    return " ".join(dict.fromkeys(part for part in parts if part))
