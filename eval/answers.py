"""Answer evaluation: generate answers over a gold file, then score them. Two steps joined by a file.

``python -m eval.answers GOLD.jsonl ANSWERS.jsonl`` scores answers that are already there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from app.models import Answer, Message
from corpus.departments import Directory
from corpus.models import Policy
from eval.gold import GoldError, GoldItem, load_gold, read_jsonl, sampled, warnings_of
from eval.scoring import Summary, score_answer, summarise


class Asks(Protocol):
    """Whatever answers questions."""

    def ask(
        self, question: str, history: Sequence[Message] = (), policy: str | None = None, language: str = "auto"
    ) -> Answer:
        """One answer, in the language of the question."""
        ...


def run_answers(
    gold_path: Path,
    answers: Asks | Path,
    report_dir: Path | None = None,
    policy: Policy | None = None,
    directory: Directory | None = None,
    settings: Mapping[str, Any] | None = None,
    sample: int | None = None,
) -> Summary:
    """Score a run and, with ``report_dir``, leave it there with all that is needed to judge it.

    ``answers`` is an assistant that is asked every item, or a file with one answer object a line, matched by
    ``id``. With an assistant the answers are written to ``report_dir/answers.jsonl`` first. ``settings`` are kept
    beside the totals; with ``sample`` only so many items are used, evenly over the kinds. Raises GoldError when a file
    can't be used.
    """
    items = load_gold(gold_path)
    if sample is not None:
        items = sampled(items, sample)
    if isinstance(answers, Path):
        chosen = {item.id for item in items}
        given = {key: answer for key, answer in load_answers(answers).items() if sample is None or key in chosen}
    else:
        generated = list(generate(items, answers, policy.id if policy else None))
        if report_dir is not None:
            write_jsonl(report_dir / "answers.jsonl", generated)
        given = {answer["id"]: answer for answer in generated}
    summary = score_run(items, given, directory or Directory.load(), policy)
    if report_dir is not None:
        from eval.reports import write_report

        write_report(report_dir, items, given, summary, {"gold": gold_path.name, **(settings or {})}, policy)
    return summary


def generate(items: Iterable[GoldItem], assistant: Asks, policy_id: str | None = None) -> Iterator[dict[str, Any]]:
    """Ask every item; one answer object with its ``id`` each, in order.

    An exception becomes an answer of status ``error``: one defect must not hide what the other items show.
    """
    for item in items:
        try:
            data = assistant.ask(item.question, item.history, policy_id).as_dict()
        except Exception as error:
            data = {"question": item.question, "status": "error", "error": f"{type(error).__name__}: {error}"}
        yield {"id": item.id, **data}


def load_answers(path: Path) -> dict[str, dict[str, Any]]:
    """Answer objects by id. Lines without an id (questions that could not be read) are skipped.

    Raises GoldError when a line is no object or an id stands twice.
    """
    answers: dict[str, dict[str, Any]] = {}
    for number, data in read_jsonl(path):
        if not isinstance(data, dict):
            raise GoldError(f"{path}:{number}: an answer is a JSON object, not {type(data).__name__}")
        key = data.get("id")
        if key is None:
            continue
        if str(key) in answers:
            raise GoldError(f"{path}:{number}: id {key!r} is answered twice; give one answer an id")
        answers[str(key)] = data
    return answers


def score_run(
    items: Sequence[GoldItem],
    answers: Mapping[str, Mapping[str, Any]],
    directory: Directory,
    policy: Policy | None = None,
) -> Summary:
    """Score given answers against the items, in the items' order."""
    warnings = warnings_of(items, policy)
    left = len(set(answers) - {item.id for item in items})
    if left:
        warnings.append(f"{left} answers have an id that no gold item has; they are not scored")
    return summarise([score_answer(item, answers.get(item.id), directory, policy) for item in items], warnings)


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line, UTF-8, folders made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Score answers that are there: the table on stdout, the failures in a file. 0 when it could be done."""
    from corpus import CorpusError, Library
    from eval.reports import failures_text, markdown_table

    parser = argparse.ArgumentParser(prog="python -m eval.answers", description="Score answers against a gold file.")
    parser.add_argument("gold", type=Path, metavar="GOLD.jsonl")
    parser.add_argument("answers", type=Path, metavar="ANSWERS.jsonl")
    parser.add_argument("--policy", help="id of the policy asked about (default: the first of the library)")
    parser.add_argument("--report", type=Path, metavar="DIR", help="also write the whole report there")
    parser.add_argument("--totals-only", action="store_true", help="write no file: for questions nobody may look at")
    options = parser.parse_args(argv)
    try:
        library = Library.load()
        policy = library.policy(options.policy)
        report = None if options.totals_only else options.report
        summary = run_answers(options.gold, options.answers, report, policy, library.directory)
        print(markdown_table(summary))
        if not options.totals_only:
            target = options.answers.with_suffix(".failures.txt")
            target.write_text(
                failures_text(load_gold(options.gold), load_answers(options.answers), summary), encoding="utf-8"
            )
            print(f"\nfailures: {target}")
    except (GoldError, CorpusError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
