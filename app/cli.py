"""The command line: parse, call, show. Exit codes: 0 done; 1 could not be done, with one line; 2 usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings

PROG = "policy-assistant"


class CannotDo(Exception):
    """Something expected stands in the way; the message is one line and says what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    # numpy's OpenBLAS has a thread for each core, which after each small product spins for longer than the product
    # took: half of a busy machine. It reads this when numpy is loaded, which no command has done yet.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser()
    args = parser.parse_args(argv)
    if not getattr(args, "run", None):
        parser.print_help(sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):
        # A lone surrogate in an argument, or a terminal that is not UTF-8, is no reason for a traceback.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    from app.logs import configure
    from app.settings import SettingsError, load_settings
    from corpus.errors import CorpusError
    from index.errors import PolicyIndexError

    try:
        settings = load_settings(**{name: getattr(args, name, None) for name in ("host", "listen_port", "data_dir")})
        configure(settings.log_level, settings.log_format)
        code: int = args.run(args, settings)
        return code
    except (CannotDo, CorpusError, PolicyIndexError, SettingsError) as error:
        print(f"{PROG}: {_one_line(error)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing is wrong here.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print(f"{PROG}: stopped", file=sys.stderr)
        return 130


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG, description="Answers questions about public policy in Chinese and English, citing the exact clause."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    from app import commands as do

    ask = command("ask", do.ask, "answer one question")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--history", metavar="FILE.json", help='earlier turns: [{"role": "user", "content": "…"}, …]')
    ask.add_argument("--policy", metavar="ID")
    ask.add_argument("--lang", choices=("auto", "zh", "zh-Hant", "en"), default="auto", help="language of the answer")
    ask.add_argument("--no-llm", action="store_true", help="extractive answers, whatever the settings say")
    ask.add_argument("--explain", action="store_true", help="also say what was understood and why")
    _json(ask)

    batch = command("batch", do.batch, "answer a file of questions, one JSON object a line")
    batch.add_argument("input", metavar="IN.jsonl")
    batch.add_argument("output", metavar="OUT.jsonl")
    batch.add_argument("--no-llm", action="store_true", help="extractive answers, whatever the settings say")
    batch.add_argument("--jobs", type=_positive, default=1, metavar="N", help="questions answered at the same time")
    batch.add_argument("--limit", type=_positive, metavar="N", help="only the first N lines")
    batch.add_argument("--resume", action="store_true", help="go on after the lines that OUT.jsonl already has")
    batch.add_argument("--explain", action="store_true", help="with a trace in each answer")

    search = command("search", do.search, "rank the clauses that fit a query")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("-k", type=_positive, default=5, metavar="N", help="how many (default 5)")
    search.add_argument("--policy", metavar="ID")
    _json(search)

    clause = command("clause", do.clause, "show one clause: 十五, （十五）, (15), 第15条, measure 15")
    clause.add_argument("label", metavar="LABEL")
    clause.add_argument("--policy", metavar="ID")
    _json(clause)

    measures = command("measures", do.measures, "the table of provisions")
    measures.add_argument("--department", metavar="NAME", help="responsible department, by any of its names")
    measures.add_argument("--field", metavar="NAME", help="field or material that the clause names")
    measures.add_argument("--min-amount", type=_yuan, metavar="YUAN")
    measures.add_argument("--max-amount", type=_yuan, metavar="YUAN")
    measures.add_argument("--policy", metavar="ID")
    measures.add_argument("--format", choices=("table", "csv", "json"), default="table")

    parse = command("parse", do.parse, "show how a policy file is read; nothing is stored")
    parse.add_argument("file", metavar="FILE")
    _json(parse)

    add = command("add", do.add, "add policies to the library: txt, html, docx or pdf")
    add.add_argument("files", nargs="+", metavar="FILE")
    add.add_argument("--id", metavar="ID", help="what to call it; else the file's name")
    add.add_argument("--replace", action="store_true", help="take the place of an added policy with the same id")

    remove = command("remove", do.remove, "remove a policy that was added")
    remove.add_argument("id", metavar="ID")

    policies = command("policies", do.policies, "the policies that are there")
    _json(policies)

    index = command("index", do.index, "bring the index up to date with the library")
    index.add_argument("--rebuild", action="store_true", help="build it anew even where it fits")

    settings = command("settings", do.settings, "all settings with their values and defaults, secrets masked")
    _json(settings)

    serve = command("serve", do.serve, "start the page and the API")
    serve.add_argument("--host", metavar="H")
    serve.add_argument("--port", dest="listen_port", type=int, metavar="P")

    evaluate = command("eval", do.evaluate, "measure answers or retrieval")
    kinds = evaluate.add_subparsers(title="what", dest="what", required=True, metavar="answers|retrieval")
    answers = kinds.add_parser("answers", help="score answers against gold questions")
    answers.add_argument("gold", metavar="GOLD.jsonl")
    answers.add_argument("--answers", metavar="OUT.jsonl", help="score these instead of asking")
    answers.add_argument("--report", metavar="DIR", help="leave answers, totals and a page there")
    answers.add_argument("--no-llm", action="store_true", help="extractive answers, whatever the settings say")
    answers.add_argument("--sample", type=_positive, metavar="N", help="only N questions, evenly over the kinds")
    answers.add_argument("--fail-under", type=float, metavar="PERCENT", help="exit 1 below this share fully right")
    retrieval = kinds.add_parser("retrieval", help="nDCG, MRR and recall on a BEIR folder")
    retrieval.add_argument("--beir", required=True, metavar="DIR")
    retrieval.add_argument("--embedder", metavar="SPEC", help="bundled | sentence-transformers:NAME | openai:MODEL@URL")
    retrieval.add_argument("--run", dest="run_file", metavar="FILE.trec", help="write the run in TREC format")
    _json(retrieval)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _yuan(text: str) -> int:
    from app.measures import yuan

    try:
        return yuan(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
