"""The documents say what is there: settings, commands, options, targets, routes and fields, in both languages."""

from __future__ import annotations

import argparse
import dataclasses
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli import _parser
from app.models import Answer, Checks, Citation, ContactShown, FactStated, Note, SeeAlso, Status
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
READMES = ("README.md", "README.en.md")
GUIDES = tuple(sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
DOCUMENTS = (*READMES, *GUIDES, "CONTRIBUTING.md", "CHANGELOG.md")
COMMANDS = {"README.md": "## 命令\n", "README.en.md": "## Commands\n"}
NOT_IN_USE = {"README.md": "未启用", "README.en.md": "Not in use yet"}
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w/-])--?[a-z][a-z-]*")


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """Table rows as cells; an escaped bar is no border."""
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith("| ")
    ]


def code(text: str) -> set[str]:
    """What stands between backticks, fenced blocks left out."""
    return set(re.findall(r"`([^`\n]+)`", FENCE.sub("", text)))


# ---- settings ----


def setting_names() -> set[str]:
    return {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("readme", READMES)
def test_settings_are_documented_with_their_defaults(readme: str) -> None:
    table = {name: cells for cells in rows(read(readme)) for name in re.findall(r"`(POLICY_\w+)`", cells[0])}
    assert set(table) == setting_names()
    for name, field in Settings.model_fields.items():
        if field.default not in (None, ""):
            assert f"`{field.default}`" in table[PREFIX + name.upper()][1]


@pytest.mark.parametrize("readme", READMES)
def test_settings_said_to_be_not_in_use_are_those_that_nothing_reads(readme: str) -> None:
    reading = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    unread = {PREFIX + name.upper() for name in Settings.model_fields if not re.search(rf"settings\.{name}\b", reading)}
    marked = {
        name
        for cells in rows(read(readme))
        if NOT_IN_USE[readme] in cells[-1]
        for name in re.findall(r"`(POLICY_\w+)`", cells[0])
    }
    assert marked == unread


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_a_setting_that_is_not_there(document: str) -> None:
    assert set(re.findall(r"\bPOLICY_[A-Z_]+[A-Z]", read(document))) <= setting_names()


# ---- commands ----


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command of the command line by its name: ``ask``, ``eval answers``."""

    def walk(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            yield name, parser
        for group in groups:
            for word, inner in group.choices.items():
                yield from walk(inner, f"{name} {word}".strip())

    return dict(walk(_parser(), ""))


def documented_commands(readme: str) -> dict[str, str]:
    """The usage of each command as its table has it."""
    section = read(readme).split(COMMANDS[readme])[1].split("\n## ")[0]
    usages = [cells[0].strip("`") for cells in rows(section) if cells[0].startswith("`") and "`make " not in cells[0]]
    return {" ".join(re.findall(r"^eval \w+|^\w+", usage)): usage for usage in usages}


@pytest.mark.parametrize("readme", READMES)
def test_commands_and_their_options_are_documented(readme: str) -> None:
    documented = documented_commands(readme)
    assert set(documented) == set(commands())
    for name, parser in commands().items():
        usage = documented[name]
        actions = [a for a in parser._actions if not isinstance(a, argparse._HelpAction)]
        assert set(OPTION.findall(usage)) == {option for a in actions for option in a.option_strings}, name
        for action in actions:
            if action.choices:
                assert "|".join(map(str, action.choices)) in usage
            elif action.metavar:
                assert str(action.metavar) in usage


@pytest.mark.parametrize("document", [*READMES, *GUIDES])
def test_no_document_names_an_option_that_is_not_there(document: str) -> None:
    there = {option for parser in commands().values() for action in parser._actions for option in action.option_strings}
    named = {option for span in code(read(document)) for option in OPTION.findall(span)}
    assert {option for option in named if option.startswith("--")} <= there


@pytest.mark.parametrize("readme", READMES)
def test_targets_of_make_are_documented(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE)) - {"help"}
    documented = {cells[0].strip("`") for cells in rows(read(readme)) if "`make " in cells[0]}
    assert documented == {f"make {target}" for target in targets}


# ---- answers and the API ----


@pytest.mark.parametrize("readme", READMES)
def test_fields_and_statuses_of_an_answer_are_documented(readme: str) -> None:
    records = (Answer, Citation, FactStated, Note, SeeAlso, ContactShown, Checks)
    fields = {field.name for record in records for field in dataclasses.fields(record)}
    assert fields <= code(read(readme))
    statuses = {cells[0].strip("`") for cells in rows(read(readme)) if len(cells) == 2}
    assert {status.value for status in Status} <= statuses


@pytest.fixture(scope="module")
def routes() -> set[str]:
    """Method and path of every route of the API."""
    from app.server import create_app

    class Nobody:
        """An assistant that is never asked."""

        policies = ()

    paths = create_app(Nobody()).openapi()["paths"]  # type: ignore[arg-type]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


@pytest.mark.parametrize("readme", READMES)
def test_routes_are_documented(readme: str, routes: set[str]) -> None:
    documented = {
        span
        for cells in rows(read(readme))
        for span in re.findall(r"`([^`]+)`", cells[0])
        if re.match(r"(?:GET|POST) /", span)
    }
    assert documented == routes | {"GET /openapi.json"}


# ---- links and examples ----


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_are_there(document: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", FENCE.sub("", read(document)))
    missing = [t for t in targets if "://" not in t and not (ROOT / document).parent.joinpath(t).exists()]
    assert missing == []


def runnable(document: str) -> str:
    """The blocks of a document that are marked ``sh run``, as one script."""
    blocks = [m["body"] for m in FENCE.finditer(read(document)) if m["info"].split() == ["sh", "run"]]
    return "\n".join(blocks)


Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(environment: dict[str, str], data_dir: Path, tmp_path: Path) -> Shell:
    """Run a script as a reader would in a checkout, which stands in a folder of its own with an index of its own."""
    for name in ("corpus", "eval"):
        (tmp_path / name).symlink_to(ROOT / name, target_is_directory=True)
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    for name, arguments in (("python", ""), ("policy-assistant", "-m app")):
        (bin_folder / name).write_text(f"#!/bin/sh\nexec '{sys.executable}' {arguments} \"$@\"\n", encoding="utf-8")
        (bin_folder / name).chmod(0o755)
    own = {**environment, "POLICY_DATA_DIR": str(shutil.copytree(data_dir, tmp_path / "var"))}

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, timeout=300)

    return run


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if runnable(d)])
def test_documented_commands_run(document: str, shell: Shell) -> None:
    done = shell(runnable(document))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_commands_that_are_run_are_in_every_document_meant_to_have_them() -> None:
    assert {d for d in DOCUMENTS if runnable(d)} >= {*READMES, "docs/how-to-add-a-policy.md"}


def test_the_answer_shown_is_the_answer_given(shell: Shell) -> None:
    text = read("README.md")
    shown = next(m for m in FENCE.finditer(text) if m["info"] == "text")
    question = re.findall(r'ask "([^"]+)"', text[: shown.start()])[-1]
    given = shell(f".venv/bin/policy-assistant ask '{question}'").stdout.splitlines()
    assert [line for line in shown["body"].splitlines() if line != "…"] == given[: shown["body"].count("\n") - 1]


def test_the_help_of_the_command_line_lists_the_documented_commands(shell: Shell) -> None:
    listed = set(re.findall(r"^    ([a-z]+) ", shell(".venv/bin/policy-assistant --help").stdout, re.MULTILINE))
    assert listed == {name.split()[0] for name in documented_commands("README.md")}
