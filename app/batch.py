"""Many questions from a file, one JSON object a line, answered in order."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.assistant import Assistant
from app.cli import CannotDo
from app.models import Message
from app.settings import Settings, described
from corpus.errors import CorpusError

LANGUAGES = ("auto", "zh", "zh-Hant", "en")


def messages(data: object) -> tuple[Message, ...]:
    """Earlier turns from JSON data. ValueError says what is wrong with it."""
    if not isinstance(data, list):
        raise ValueError('the history has to be a list of {"role", "content"}')
    turns = []
    for n, item in enumerate(data, 1):
        if (
            not isinstance(item, dict)
            or not isinstance(item.get("role"), str)
            or not isinstance(item.get("content"), str)
        ):
            raise ValueError(f'turn {n} of the history has to be {{"role": "user" or "assistant", "content": text}}')
        turns.append(Message(item["role"], item["content"]))
    return tuple(turns)


def run_batch(
    source: Path,
    target: Path,
    open_assistant: Callable[[], Assistant],
    *,
    jobs: int = 1,
    limit: int | None = None,
    resume: bool = False,
    explain: bool = False,
    settings: Settings | None = None,
) -> None:
    """Answer every line of ``source`` into ``target``, in the same order; a manifest is left beside it.

    A line that cannot be read becomes an error line and the run goes on. Raises CannotDo when a file cannot be
    read or written, or when the questions would be written over.
    """
    lines = _lines(source, limit)
    for written in (target, _manifest_path(target)):
        _refuse_same_file(source, written)
    done = _answered(target) if resume else 0
    if done > len(lines):
        raise CannotDo(f"{target} has {done} lines, {source} only {len(lines)}: it belongs to another run; remove it")
    assistant = open_assistant()
    from tqdm import tqdm

    try:
        with target.open("a" if resume else "w", encoding="utf-8") as out, ThreadPoolExecutor(jobs) as pool:
            work: Iterator[dict[str, Any]] = (
                pool.map(lambda line: answer_line(line, assistant, explain), lines[done:])
                if jobs > 1
                else (answer_line(line, assistant, explain) for line in lines[done:])
            )
            for answer in tqdm(
                work, total=len(lines), initial=done, unit="q", desc="batch", file=sys.stderr, leave=False
            ):
                out.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
                out.flush()
    except OSError as error:
        raise CannotDo(f"{target} cannot be written ({error.strerror or error}): check the folder") from error
    _write_manifest(source, target, len(lines), assistant, settings)


def _lines(source: Path, limit: int | None) -> list[str]:
    from corpus.reader import read_text

    text = read_text(source)
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[:limit] if limit else lines


def _refuse_same_file(source: Path, written: Path) -> None:
    """Raises CannotDo where ``written`` is ``source``, by whatever name or link."""
    try:
        same = written.samefile(source)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotDo(f"{written} cannot be written ({error.strerror or error}): check the folder") from error
    if same:
        raise CannotDo(f"{written} is the file of questions {source}: name another file for the answers")


def _answered(target: Path) -> int:
    """How many whole lines ``target`` has; what a stopped run left half written is cut off."""
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise CannotDo(f"{target} cannot be read ({error.strerror or error})") from error
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        try:
            target.write_bytes(whole)
        except OSError as error:
            raise CannotDo(f"{target} cannot be written ({error.strerror or error}): check the folder") from error
    return whole.count(b"\n")


def answer_line(line: str, assistant: Assistant, explain: bool = False) -> dict[str, Any]:
    """The answer object of one line, with its ``id``."""
    try:
        item = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return _error(None, f"not JSON: {error}")
    if not isinstance(item, dict):
        return _error(None, "not a JSON object")
    identity = item.get("id")
    question, language, policy = item.get("question"), item.get("lang") or "auto", item.get("policy")
    if not isinstance(question, str):
        return _error(identity, "it has no question (a text)")
    if language not in LANGUAGES:
        return _error(identity, f"lang has to be one of {', '.join(LANGUAGES)}, not {language!r}")
    if policy is not None and not isinstance(policy, str):
        return _error(identity, "policy has to be an id (a text)")
    try:
        history = messages(item.get("history") or [])
        answer = assistant.ask(question, history, policy, language, explain)
    except (ValueError, CorpusError) as error:
        return _error(identity, str(error))
    return {"id": identity, **answer.as_dict()}


def _error(identity: object, why: str) -> dict[str, Any]:
    return {"id": identity, "status": "error", "error": why}


def _write_manifest(source: Path, target: Path, lines: int, assistant: Assistant, settings: Settings | None) -> None:
    manifest = {
        "version": version("policy-assistant"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "input": source.name,
        "input_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "lines": lines,
        "corpus": assistant.library.digest,
        "embedder": assistant.index.manifest.embedder,
        "model": assistant.model.name if assistant.model else None,
        "settings": {name: value for name, value, _, _ in described(settings)} if settings else {},
    }
    path = _manifest_path(target)
    try:
        path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotDo(f"{path} cannot be written ({error.strerror or error}): check the folder") from error


def _manifest_path(target: Path) -> Path:
    return target.with_name(target.name + ".manifest.json")
