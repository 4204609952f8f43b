"""What each command does. Heavy imports stand where they are used, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.models import Answer, Message
    from app.settings import Settings
    from corpus import Library
    from corpus.models import Policy


def _print_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def _library(settings: Settings) -> Library:
    from app.library import library_of

    return library_of(settings)


def _assistant(settings: Settings, without_model: bool = False) -> Assistant:
    from app.assistant import Assistant

    if without_model:
        settings = settings.model_copy(update={"llm_base_url": None, "llm_model": None})
    return Assistant.open(settings)


# -- answers ------------------------------------------------------------------------------------------------------


def ask(args: argparse.Namespace, settings: Settings) -> int:
    history = _history(args.history) if args.history else ()
    assistant = _assistant(settings, args.no_llm)
    if args.json or assistant.model is None:
        answer = assistant.ask(args.question, history, args.policy, args.lang, args.explain)
    else:
        answer = _spoken(assistant.stream(args.question, history, args.policy, args.lang, args.explain))
    if args.json:
        _print_json(answer.as_dict())
    else:
        _show(answer, assistant.policies, said=assistant.model is not None)
    return 1 if answer.status == "error" else 0


def _history(path: str) -> tuple[Message, ...]:
    from app.batch import messages
    from app.cli import CannotDo
    from corpus.reader import read_text

    try:
        return messages(json.loads(read_text(Path(path))))
    except json.JSONDecodeError as error:
        raise CannotDo(f"{path} is not JSON (line {error.lineno}: {error.msg}); it has to be a list of turns") from None
    except RecursionError:
        raise CannotDo(f"{path} is nested too deeply; it has to be a list of turns") from None
    except ValueError as error:
        raise CannotDo(f"{path}: {error}") from None


def _spoken(pieces: Iterator[str | Answer]) -> Answer:
    """Print the pieces as they come; the Answer that comes last."""
    for piece in pieces:
        if not isinstance(piece, str):
            print()
            return piece
        print(piece, end="", flush=True)
    raise AssertionError("a stream ends with its answer")


def _show(answer: Answer, policies: Sequence[Policy], said: bool = False) -> None:
    """The answer and what it rests on, with the title of its policy where there are several; its text is left out
    where it was ``said`` already."""
    if not said:
        print(answer.answer)
    for note in answer.notes:
        print(f"※ {note.text} [{note.label}]")
    if answer.citations:
        print()
        cited = {citation.policy for citation in answer.citations}
        for policy in policies if len(policies) > 1 else ():
            if policy.id in cited:
                print(f"《{policy.title}》")
    for citation in answer.citations:
        print(f"{citation.label} {citation.title}\n    {citation.quote.strip()}")
    if answer.see_also:
        print("→ " + "  ".join(f"{s.label} {s.title}" for s in answer.see_also))
    if answer.trace is not None:
        print()
        _print_json(answer.trace)


def batch(args: argparse.Namespace, settings: Settings) -> int:
    from app.batch import run_batch

    run_batch(
        Path(args.input),
        Path(args.output),
        lambda: _assistant(settings, args.no_llm),
        jobs=args.jobs,
        limit=args.limit,
        resume=args.resume,
        explain=args.explain,
        settings=settings,
    )
    return 0


# -- looking things up ------------------------------------------------------------------------------------------------


def search(args: argparse.Namespace, settings: Settings) -> int:
    from app.language import detect_language

    assistant = _assistant(settings)
    policy = assistant.policy(args.policy)
    hits = assistant.search(args.query, detect_language(args.query), policy.id)[: args.k]
    rows = [
        {
            "policy": policy.id,
            "id": h.clause.id,
            "label": h.clause.label,
            "number": h.clause.number,
            "title": h.clause.title,
            "score": round(h.score, 4),
            "text": h.clause.text,
            "start": h.clause.start,
            "end": h.clause.end,
        }
        for h in hits
    ]
    if args.json:
        _print_json(rows)
    else:
        for row in rows:
            print(f"{row['score']:.3f}  {row['label']} {row['title']}")
    return 0


def clause(args: argparse.Namespace, settings: Settings) -> int:
    from app.records_json import clause_json

    library = _library(settings)
    policy = library.policy(args.policy)
    found = library.clause(args.label, args.policy)
    if args.json:
        _print_json(clause_json(found, policy, library.directory))
        return 0
    print(found.text)
    translation = policy.translations.get(found.id)
    if translation:
        print(f"\n{translation.title}. {translation.text}\n(reference translation; the Chinese text prevails)")
    return 0


def measures(args: argparse.Namespace, settings: Settings) -> int:
    from app.cli import CannotDo
    from app.measures import as_csv, as_table, measure_rows, named_department
    from corpus.glossary import load_glossary
    from corpus.library import GLOSSARY_FILE

    library = _library(settings)
    policy = library.policy(args.policy)
    department = None
    if args.department:
        department = named_department(library.directory, args.department)
        if department is None:
            known = "、".join(dict.fromkeys(d.name for c in policy.clauses for d in c.departments))
            raise CannotDo(f"no department is known as {args.department!r}; the policy names {known}")
    rows = measure_rows(
        policy,
        department,
        args.field,
        args.min_amount,
        args.max_amount,
        glossary=load_glossary(GLOSSARY_FILE),
        directory=library.directory,
    )
    if args.format == "json":
        _print_json(rows)
    elif args.format == "csv":
        sys.stdout.write(as_csv(rows))
    else:
        print(as_table(rows, len(policy.numbered)))
    return 0


def parse(args: argparse.Namespace, settings: Settings) -> int:
    from app.records_json import policy_json
    from corpus import read_policy
    from corpus.departments import Directory

    directory = Directory.load()
    policy = read_policy(Path(args.file), directory)
    if args.json:
        _print_json(policy_json(policy, directory))
        return 0
    print(policy.title)
    for name, value in (
        ("文号", policy.doc_no),
        ("印发", "、".join(policy.issuers)),
        ("实施", policy.validity.effective_from),
        ("至", policy.validity.effective_to),
    ):
        if value:
            print(f"  {name} {value}")
    for found in policy.clauses:
        sums = sum(p.amount is not None for p in found.provisions)
        print(
            f"{found.label} {'' if found.label.endswith(found.title) else found.title}  [{found.start}:{found.end}]"
            + (f"  {sums} 项金额" if sums else "")
        )
    return 0


# -- the library --------------------------------------------------------------------------------------------------


def add(args: argparse.Namespace, settings: Settings) -> int:
    from app.cli import PROG, CannotDo
    from app.library import shelf_of
    from corpus import CorpusError, Fate
    from corpus.departments import Directory

    if args.id and len(args.files) > 1:
        raise CannotDo("--id names one policy: add files one by one, or leave it out")
    _check_shelf(settings)
    shelf, directory = shelf_of(settings), Directory.load()
    changed, failed = False, 0
    for file in args.files:
        try:
            fate, policy = shelf.add(Path(file), directory, args.id, args.replace)
        except CorpusError as error:
            print(f"{PROG}: {' '.join(str(error).split())}", file=sys.stderr)
            failed += 1
            continue
        changed = changed or fate is not Fate.UNCHANGED
        sums = sum(p.amount is not None for c in policy.clauses for p in c.provisions)
        print(f"{fate.value}: {policy.id}  {policy.title}  {policy.doc_no or ''}".rstrip())
        if fate is not Fate.UNCHANGED:
            print(
                f"    {len(policy.numbered)} clauses, {sums} sums; place: {'、'.join(policy.jurisdiction) or '-'}; "
                f"subject: {'、'.join(policy.subjects) or '-'}"
            )
    if changed:
        _brought_up_to_date(settings)
    return 1 if failed else 0


def remove(args: argparse.Namespace, settings: Settings) -> int:
    from app.library import shelf_of

    _check_shelf(settings)
    shelf_of(settings).remove(args.id)
    print(f"removed: {args.id}")
    _brought_up_to_date(settings)
    return 0


def _check_shelf(settings: Settings) -> None:
    from app.cli import CannotDo
    from app.library import is_kept_by_hand

    if is_kept_by_hand(settings):
        raise CannotDo(
            f"POLICY_CORPUS_DIR is {settings.corpus_dir}, where added policies would go: put folders there by hand, or "
            "name another folder"
        )


def _brought_up_to_date(settings: Settings) -> None:
    """Bring the index up to date: of what is there already nothing is embedded again."""
    from app.assistant import Assistant

    Assistant.open(settings)


def policies(args: argparse.Namespace, settings: Settings) -> int:
    from app.records_json import policy_summary

    library = _library(settings)
    rows = [{**policy_summary(p), "added": p.id in library.added} for p in library.policies]
    if args.json:
        _print_json(rows)
    else:
        for row in rows:
            validity = f"{row['effective_from'] or ''}–{row['effective_to'] or ''}"
            origin = f"{row['source']}{' (added)' if row['added'] else ''}"
            print(f"{row['id']}  {row['title']}  {row['doc_no'] or ''}  {validity}  {row['clauses']} 条  {origin}")
    return 0


# -- running it ---------------------------------------------------------------------------------------------------


def index(args: argparse.Namespace, settings: Settings) -> int:
    from app.assistant import Assistant

    assistant = Assistant.open(settings, progress=sys.stderr.isatty(), rebuild=args.rebuild)
    manifest = assistant.index.manifest
    chunks = sum(manifest.counts.values())
    print(f"{manifest.embedder}: {chunks} chunks of {len(assistant.policies)} policies are up to date")
    return 0


def settings(args: argparse.Namespace, settings: Settings) -> int:
    from app.settings import described

    rows = described(settings)
    if args.json:
        _print_json([dict(zip(("name", "value", "default", "meaning"), row, strict=True)) for row in rows])
    else:
        for name, value, default, meaning in rows:
            print(f"{name}={value}\n    {meaning}" + (f" (default {default})" if default and default != value else ""))
    return 0


def serve(args: argparse.Namespace, settings: Settings) -> int:
    from functools import partial

    from app.access.configured import access_from, capacity_from
    from app.cli import CannotDo
    from app.library import library_state
    from app.metrics import Metrics
    from app.records import Records, RecordsUnavailable, database_url
    from app.server import serve as start

    today = None
    if settings.today:
        from datetime import date

        day = date.fromisoformat(settings.today)
        today = lambda: day  # noqa: E731
    try:
        records = Records.open(database_url(settings.data_dir, settings.database_url), settings.retention_days)
    except RecordsUnavailable as error:
        raise CannotDo(str(error)) from error
    password = settings.admin_password.get_secret_value() if settings.admin_password else None
    metrics = Metrics()

    def counted() -> Assistant:
        assistant = _assistant(settings)
        if assistant.model is not None:
            assistant.model.on_withheld = metrics.withheld
            assistant.model.on_fault = metrics.model_fault
        return assistant

    try:
        start(
            counted,
            host=settings.host,
            port=settings.listen_port,
            root_path=settings.root_path,
            max_question_chars=settings.max_question_chars,
            today=today,
            records=records,
            admin_password=password,
            access=access_from(settings),
            capacity=capacity_from(settings, has_model=settings.llm_base_url is not None),
            max_connections=settings.max_connections,
            metrics=metrics,
            state=partial(library_state, settings),
        )
    except OSError as error:
        raise CannotDo(str(error)) from error
    finally:
        records.close()
    return 0


def evaluate(args: argparse.Namespace, settings: Settings) -> int:
    return _answers(args, settings) if args.what == "answers" else _retrieval(args, settings)


def _answers(args: argparse.Namespace, settings: Settings) -> int:
    from app.cli import CannotDo
    from eval.answers import run_answers
    from eval.gold import GoldError
    from eval.models import ModelTally
    from eval.reports import markdown_table

    library = _library(settings)
    source: Any = Path(args.answers) if args.answers else _assistant(settings, args.no_llm)
    model = None if args.answers else source.model
    tally = ModelTally.of(model) if model is not None else None
    try:
        summary = run_answers(
            Path(args.gold),
            source,
            Path(args.report) if args.report else None,
            library.policy(),
            library.directory,
            {"model": model.name} if model is not None else None,
            args.sample,
        )
    except GoldError as error:
        raise CannotDo(str(error)) from error
    print(markdown_table(summary))
    if tally is not None:
        print(f"\n{tally.told()}")
    share = 100 * (summary.overall.right.share or 0.0)
    if args.fail_under is not None and share < args.fail_under:
        print(f"fully right {share:.1f} %, below {args.fail_under} %", file=sys.stderr)
        return 1
    return 0


def _retrieval(args: argparse.Namespace, settings: Settings) -> int:
    from app.cli import CannotDo
    from eval.retrieval import BadBeirFolder, format_report, run

    run_file = Path(args.run_file) if args.run_file else None
    try:
        result = run(Path(args.beir), args.embedder or settings.embedder, run_file, None)
    except BadBeirFolder as error:
        raise CannotDo(str(error)) from error
    except ModuleNotFoundError as error:
        raise CannotDo(f"{error.name} is not installed; run: .venv/bin/pip install ir-measures") from error
    if args.json:
        _print_json(result)
    else:
        print(format_report(result))
    return 0


__all__: Sequence[str] = [
    "add",
    "ask",
    "batch",
    "clause",
    "evaluate",
    "index",
    "measures",
    "parse",
    "policies",
    "remove",
    "search",
    "serve",
    "settings",
]
