"""Policies, clauses and provisions as plain JSON data, as the command line prints them."""

from __future__ import annotations

from typing import Any

from corpus.departments import Directory
from corpus.models import Clause, Policy, Provision


def policy_summary(policy: Policy) -> dict[str, Any]:
    """What identifies a policy and when it is in force."""
    v = policy.validity
    return {
        "id": policy.id,
        "title": policy.title,
        "title_en": policy.english_title,
        "doc_no": policy.doc_no,
        "issuers": list(policy.issuers),
        "published": _day(policy.published),
        "effective_from": _day(v.effective_from),
        "effective_to": _day(v.effective_to),
        "effective_to_is_derived": v.derived,
        "clauses": len(policy.numbered),
        "source": policy.source_url or policy.file,
    }


def policy_json(policy: Policy, directory: Directory) -> dict[str, Any]:
    """A policy as it was read. Offsets are code points into ``source_text``, end exclusive."""
    v = policy.validity
    contact = policy.contact
    return {
        "title": policy.title,
        "doc_no": policy.doc_no,
        "issuers": list(policy.issuers),
        "published": _day(policy.published),
        "issued": _day(policy.issued),
        "effective_from": _day(v.effective_from),
        "effective_to": _day(v.effective_to),
        "term_years": v.term_years,
        "source_text": policy.source_text,
        "facts": {
            key: {"text": f.value, "clause": policy.clause(f.clause_id).label, "start": f.span.start, "end": f.span.end}
            for key, f in policy.facts.items()
        },
        "sections": [
            {"label": s.label, "title": s.title, "start": s.start, "end": s.end, "clauses": list(s.clause_ids)}
            for s in policy.sections
        ],
        "clauses": [clause_json(c, policy, directory) for c in policy.clauses],
        "contact": None
        if contact is None
        else {
            "name": contact.name,
            "phone": contact.phone,
            "hours": contact.hours,
            "email": contact.email,
            "address": contact.address,
            "start": contact.start,
            "end": contact.end,
        },
        "left_out": [
            {"raw_start": x.raw_start, "raw_end": x.raw_end, "text": x.text, "reason": x.reason}
            for x in policy.left_out
        ],
    }


def clause_json(clause: Clause, policy: Policy, directory: Directory) -> dict[str, Any]:
    """One clause with its departments, provisions and reference translation."""
    translation = policy.translations.get(clause.id)
    return {
        "id": clause.id if clause.number is not None else f"#{clause.path}",
        "label": clause.label,
        "number": clause.number,
        "title": clause.title,
        "text": clause.text,
        "start": clause.start,
        "end": clause.end,
        "section": clause.section,
        "departments": [
            {
                "name": d.name,
                "role": d.role.value,
                "name_en": known.en if (known := directory.by_key.get(d.key)) else None,
                "start": d.span.start,
                "end": d.span.end,
            }
            for d in clause.departments
        ],
        "provisions": [provision_json(p) for p in clause.provisions],
        "title_en": translation.title if translation else None,
        "text_en": translation.text if translation else None,
    }


def provision_json(p: Provision) -> dict[str, Any]:
    """One provision. ``value`` is in yuan; None where it names no sum."""
    a, r = p.amount, p.ratio
    return {
        "id": p.id,
        "what": p.what,
        "text": p.text,
        "start": p.span.start,
        "end": p.span.end,
        "amount": None
        if a is None
        else {
            "value": a.value,
            "value_min": a.value_min,
            "text": a.text,
            "qualifier": a.qualifier.value,
            "currency": a.currency,
            "start": a.span.start,
            "end": a.span.end,
        },
        "per": p.per,
        "ratio": None if r is None else {"text": r.text, "open": r.is_open, "percent": r.percent},
        "modes": list(p.modes),
        "matching": p.matching,
    }


def _day(day: object) -> str | None:
    return str(day) if day else None
