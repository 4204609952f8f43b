"""One ask in many wordings and languages: do they come out alike, and right?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.models import Answer
from corpus.departments import Directory
from corpus.terms import fold
from eval.answers import Asks
from eval.attacks.stability import Ask, Changed, Signature, ask_safely, differences, signature
from eval.gold import ANSWERING, REFUSING, GoldError, normal_label, read_jsonl
from eval.scoring import Rate


@dataclass(frozen=True, slots=True)
class ParaphraseGroup:
    """Wordings of one ask, and what the answer to each must have: labels, yuan, department names."""

    id: str
    kind: str
    wordings: tuple[Ask, ...]
    status: str
    clauses: tuple[str, ...]
    amounts: tuple[int, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupResult:
    """``agreeing`` wordings share the most frequent signature; ``right`` ones have all that the group expects.

    ``outliers`` are the wordings that don't agree, with the differences from the most frequent signature.
    """

    id: str
    agreeing: Rate
    right: Rate
    outliers: tuple[Changed, ...]


def load_paraphrases(path: Path) -> tuple[ParaphraseGroup, ...]:
    """Groups of a JSON Lines file: ``{"id", "kind", "expect", "wordings": [{"lang", "question"}, …]}``.

    Raises GoldError when a line is malformed or a group has fewer than two wordings.
    """
    groups = []
    for number, data in read_jsonl(path):
        where = f"{path}:{number}"
        try:
            expect, wordings = data["expect"], tuple(Ask(w["question"], w["lang"]) for w in data["wordings"])
            group = ParaphraseGroup(
                id=data["id"],
                kind=data.get("kind", "other"),
                wordings=wordings,
                status=expect["status"],
                clauses=tuple(map(normal_label, expect.get("clauses", ()))),
                amounts=tuple(expect.get("amounts", ())),
                departments=tuple(expect.get("departments", ())),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise GoldError(
                f"{where}: a group has id, expect.status and wordings, lang and question ({error})"
            ) from error
        if len(wordings) < 2 or group.status not in ANSWERING | REFUSING:
            raise GoldError(f"{where}: a group needs at least two wordings and a known expect.status")
        groups.append(group)
    return tuple(groups)


def try_paraphrases(
    assistant: Asks, groups: Sequence[ParaphraseGroup], directory: Directory, policy_id: str | None = None
) -> tuple[GroupResult, ...]:
    """Ask every wording and see how many of a group come out alike, and how many right. Languages are mixed."""
    results = []
    for group in groups:
        signatures: list[Signature | str] = []
        right = 0
        for ask in group.wordings:
            answer = ask_safely(assistant, ask, policy_id)
            if isinstance(answer, str):
                signatures.append(answer)
                continue
            signatures.append(signature(answer, directory, typed_only=True))
            right += _as_expected(answer, group, directory)
        whole = [s for s in signatures if isinstance(s, Signature)]
        usual = Counter(whole).most_common(1)[0][0] if whole else None
        outliers = []
        for ask, found in zip(group.wordings, signatures, strict=True):
            if isinstance(found, str) or usual is None:
                outliers.append(Changed(group.id, ask.question, (f"could not be asked: {found}",)))
            elif found != usual:
                outliers.append(Changed(group.id, ask.question, differences(usual, found)))
        of = len(group.wordings)
        results.append(GroupResult(group.id, Rate(of - len(outliers), of), Rate(right, of), tuple(outliers)))
    return tuple(results)


def _as_expected(answer: Answer, group: ParaphraseGroup, directory: Directory) -> bool:
    found = signature(answer, directory)
    values = {(fact[0], fact[2]) for fact in found.facts}
    # Naming a department in the text is enough, as it is for gold items.
    named = {("department", mention.department.key) for mention in directory.mentions(fold(answer.answer))}
    keys = {known.key if (known := directory.named(name)) else fold(name) for name in group.departments}
    return (
        found.status == group.status
        and set(group.clauses) <= found.citations
        and all(("amount", str(value)) in values for value in group.amounts)
        and all(("department", key) in values | named for key in keys)
    )


def show_paraphrases(results: Sequence[GroupResult]) -> str:
    """Agreement and rightness by group, then every outlier."""
    wordings = sum(r.agreeing.of for r in results)
    alike, right = sum(r.agreeing.hits for r in results), sum(r.right.hits for r in results)
    stable = sum(r.agreeing.hits == r.agreeing.of for r in results)
    lines = [
        f"paraphrases: {alike} of {wordings} alike, {right} right; {stable} of {len(results)} groups wholly stable"
    ]
    for result in results:
        lines.append(f"  {result.id:12} alike {result.agreeing.hits}/{result.agreeing.of}, right {result.right.hits}")
        lines += [f"    {o.question}: {'; '.join(o.differences)}" for o in result.outliers]
    return "\n".join(lines)


def paraphrases_dict(results: Sequence[GroupResult]) -> list[dict[str, Any]]:
    """The results as plain JSON-ready data, a group each."""
    return [
        {
            "id": result.id,
            "agreeing": result.agreeing.as_dict(),
            "right": result.right.as_dict(),
            "outliers": [asdict(outlier) for outlier in result.outliers],
        }
        for result in results
    ]
