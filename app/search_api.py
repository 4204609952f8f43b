"""``GET /api/search``: what a query finds, with all that a hotline agent says, sends and forwards of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, Protocol, runtime_checkable

from fastapi import FastAPI, HTTPException, Query

from app.composing import sentence_spans
from app.cues import load_cues
from app.evidence import Candidate
from app.i18n import EN, ZH, ZH_HANT, Texts
from app.language import detect_language, to_traditional
from app.records_json import clause_json, provision_json
from app.spoken import Script, Speaker, english_spoken_amount, short_name, without_hotline
from app.ui.intake import check_question
from corpus import Library
from corpus.departments import Directory
from corpus.models import Clause, Policy, Provision, Role, Span
from corpus.money import chinese_amount
from corpus.terms import fold

DEFAULT_RESULTS = 9
MAX_RESULTS = 50
# As many lines of a clause as are read at a glance.
LINES = 2
# Shorter stretches shared with the query (的, 给) mark nothing worth seeing.
_MARKED_CHARS = 2
_WORD = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]")


@runtime_checkable
class Searches(Protocol):
    """What the route needs of the assistant."""

    @property
    def library(self) -> Library: ...

    def search(self, query: str, language: str, policy_id: str | None = None) -> tuple[Candidate, ...]: ...

    def meant(
        self, query: str, language: str, candidates: Sequence[Candidate], policy_id: str | None = None
    ) -> dict[str, tuple[Provision, ...]]: ...


def add_search(app: FastAPI, assistant: Callable[[], object], texts: Texts, max_question_chars: int = 2000) -> None:
    """Add the route. ``assistant`` may block until the assistant is ready; 503 when it cannot search."""
    cues = lru_cache(maxsize=1)(load_cues)

    @app.get("/api/search")
    def search(
        q: str = "",
        k: int = Query(DEFAULT_RESULTS, ge=1, le=MAX_RESULTS),
        policy: str | None = None,
        lang: Literal["auto", "zh", "zh-Hant", "en"] = "auto",
    ) -> dict[str, Any]:
        query = check_question(q, max_question_chars) if q.strip() else ""
        searching = assistant()
        if not isinstance(searching, Searches):
            raise HTTPException(503, "searching is not possible here")
        known = [one.id for one in searching.library.policies]
        if policy is not None and policy not in known:
            raise HTTPException(404, f"there is no policy {policy[:80]!r}; there is: {', '.join(known)}")
        chosen = searching.library.policy(policy)
        if not query:
            return {"query": q, "policy": chosen.id, "results": []}
        asked_in = detect_language(query)
        found = searching.search(query, asked_in, chosen.id)[:k]
        meant = searching.meant(query, asked_in, found, chosen.id)
        chinese = ZH_HANT if lang == ZH_HANT or (lang == "auto" and asked_in == ZH_HANT) else ZH
        cards = Cards(chosen, searching.library.directory, Speaker(chosen, texts, cues().attributes), texts, chinese)
        return {
            "query": query,
            "policy": chosen.id,
            "results": [cards.card(c, meant[c.clause.id], query) for c in found],
        }


class Cards:
    """Search results of one policy as JSON data. ``chinese`` is ``zh`` or ``zh-Hant``; what is said comes in that
    and in English, so that an agent can change between them with no request."""

    def __init__(self, policy: Policy, directory: Directory, speaker: Speaker, texts: Texts, chinese: str) -> None:
        self._policy = policy
        self._directory = directory
        self._speaker = speaker
        self._texts = texts
        self._chinese = chinese
        contact = policy.contact
        host = directory.named(contact.name) if contact else None
        self._host = host.key if host else contact.name if contact else None

    def card(self, found: Candidate, meant: Sequence[Provision], query: str) -> dict[str, Any]:
        """One result: the clause, its score, the provisions meant, the lines that matter and what to say."""
        clause = found.clause
        lines = self._lines(found, meant, query)
        quotes = self._quotes(lines[0], query) if lines and not clause.provisions else []
        departments = self._departments(clause)
        return {
            # The whole id, by which any route takes it.
            "clause": {
                **clause_json(clause, self._policy, self._directory),
                "id": clause.id,
                "policy": self._policy.id,
                "departments": departments,
            },
            "score": round(found.score, 4),
            "provisions": [{**provision_json(p), "shown": self._shown(p, clause)} for p in meant],
            "lines": [
                {"start": line.start, "end": line.end, "parts": self._parts(line, meant, query)} for line in lines
            ],
            "say": {
                "zh": self._said(clause, meant, self._chinese, quotes, departments),
                "en": self._said(clause, meant, EN, quotes, departments),
            },
        }

    def _said(
        self,
        clause: Clause,
        meant: Sequence[Provision],
        language: str,
        quotes: Sequence[str],
        departments: Sequence[dict[str, Any]],
    ) -> dict[str, Any]:
        script = self._speaker.script(clause, meant, language, quotes)
        transfer = self._transfer(departments, language)
        return {
            "spoken": script.spoken,
            "sms": script.sms,
            "unsaid": list(script.unsaid),
            "transfer": transfer,
            "copy": self._copy(clause, meant, script, language, transfer),
        }

    def _departments(self, clause: Clause) -> list[dict[str, Any]]:
        """The responsible departments; a number and hours stand with the host bureau alone."""
        contact = self._policy.contact
        listed = []
        for d in clause.departments:
            known = self._directory.by_key.get(d.key)
            is_host = contact is not None and self._host in (d.key, d.name)
            listed.append(
                {
                    "name": d.name,
                    "name_en": known.en if known else None,
                    "role": d.role.value,
                    "phone": without_hotline(contact.phone) if contact and is_host else None,
                    "hours": contact.hours if contact and is_host else None,
                }
            )
        return listed

    def _transfer(self, departments: Sequence[dict[str, Any]], language: str) -> list[str]:
        def say(key: str, **values: str) -> str:
            text = self._texts.text(f"spoken.{key}", language, **values).strip()
            return to_traditional(text) if language == ZH_HANT else text

        def names(role: Role) -> str:
            chosen = [d for d in departments if d["role"] == role.value]
            named = [(d["name_en"] if language == EN else None) or d["name"] for d in chosen]
            return ("; " if language == EN else "、").join(named)

        if not departments:
            return [say("transfer_none")]
        lines = []
        for role, key in ((Role.LEAD, "transfer_lead"), (Role.JOINT, "transfer_joint")):
            if names(role):
                lines.append(say(key, names=names(role)))
        for d in departments:
            if d["phone"]:
                name = (d["name_en"] if language == EN else None) or d["name"]
                lines.append(say("transfer_contact", name=name, phone=d["phone"], hours=d["hours"] or ""))
        return lines

    def _copy(
        self, clause: Clause, meant: Sequence[Provision], script: Script, language: str, transfer: Sequence[str]
    ) -> str:
        """What goes into a ticket or a mail: the sentence, the source's own words, where they stand."""
        policy = self._policy
        spans = list(dict.fromkeys(p.span for p in meant)) or [clause.body_span]
        quote = "".join(policy.source_text[s.start : s.end] for s in spans).strip()
        # A title that is the document's in full, its number, and the label as it stands there.
        source = f"《{policy.title}》{policy.doc_no or ''} {clause.label}"
        told = self._texts.each("spoken.copied", said=script.spoken, quote=quote, source=source)[language]
        after = [*transfer[:2], self._texts.text("page.disclaimer", language)]
        return "\n".join([told, *after])

    def _lines(self, found: Candidate, meant: Sequence[Provision], query: str) -> list[Span]:
        """The sentences that matter most, in the order of the text: those of the provisions meant, else those that
        share most words with the query."""
        clause = found.clause
        if meant:
            best = sorted(meant, key=lambda p: -found.provision_scores.get(p.id, 0.0))
            spans = list(dict.fromkeys(p.span for p in best))[:LINES]
        else:
            words = set(_WORD.findall(fold(query)))
            sentences = sentence_spans(self._policy.source_text, clause.body_span)
            spans = sorted(sentences, key=lambda s: -self._shared(s, words))[:LINES]
        return sorted(spans, key=lambda s: s.start) if meant else spans

    def _quotes(self, line: Span, query: str) -> list[str]:
        """A sentence, and that of its parts which shares most words with the query."""
        sentence = self._policy.source_text[line.start : line.end].strip()
        words = set(_WORD.findall(fold(query)))
        parts = re.split(r"[，,]", sentence)
        return [sentence, max(parts, key=lambda part: len(words & set(_WORD.findall(fold(part)))))]

    def _shown(self, provision: Provision, clause: Clause) -> dict[str, str | None]:
        """A sum as a page shows it: what it is for in short, and its words in Chinese and English."""
        amount = provision.amount
        return {
            "name": short_name(provision, clause, self._policy),
            "zh": chinese_amount(amount) if amount else None,
            "en": english_spoken_amount(amount) if amount else None,
        }

    def _shared(self, span: Span, words: set[str]) -> int:
        return len(words & set(_WORD.findall(fold(self._policy.source_text[span.start : span.end]))))

    def _parts(self, line: Span, meant: Sequence[Provision], query: str) -> list[dict[str, Any]]:
        """A line in pieces, those to mark told: the figures meant with their bounds, and the words of the query."""
        text = self._policy.source_text
        marks = list(_common(text[line.start : line.end], query))
        for p in meant:
            if p.amount and line.start <= p.amount.span.start < line.end:
                start = p.amount.span.start
                whole = chinese_amount(p.amount)
                if text[: p.amount.span.end].endswith(whole):
                    start = p.amount.span.end - len(whole)
                marks.append((start - line.start, p.amount.span.end - line.start))
        cuts = sorted({0, line.end - line.start, *(cut for mark in marks for cut in mark)})
        parts: list[dict[str, Any]] = []
        for start, end in pairwise(cuts):
            mark = any(a <= start and end <= b for a, b in marks)
            piece = text[line.start + start : line.start + end]
            if parts and parts[-1]["mark"] == mark:
                parts[-1]["text"] += piece
            else:
                parts.append({"text": piece, "mark": mark})
        return parts


def _common(text: str, query: str) -> Iterable[tuple[int, int]]:
    """Stretches of ``text`` that stand in the query too, longest first from each place."""
    plain, asked = fold(text), fold(query)
    if len(plain) != len(text):
        return
    at = 0
    while at < len(plain):
        end = at
        while end < len(plain) and plain[at : end + 1] in asked and not plain[end].isspace():
            end += 1
        if end - at >= (_MARKED_CHARS if not plain[at].isascii() else 4):
            yield at, end
            at = end
        else:
            at += 1
