"""Code owns no fact of any one policy: what it says of a policy comes from the policy's own folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
import corpus
import index
from corpus.models import Policy
from corpus.numerals import chinese_to_int

PACKAGES = (app, corpus, index)


def modules() -> list[Path]:
    return sorted(file for package in PACKAGES for file in Path(str(package.__file__)).parent.rglob("*.py"))


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants of the code; documentation is not code and may give examples."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def found(file: Path, wanted: re.Pattern[str]) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        f"{file.name}:{node.lineno}: {match.group()}"
        for node in strings(tree)
        for match in [wanted.search(str(node.value))]
        if match
    ]


def test_there_is_code_to_look_at() -> None:
    names = {file.name for file in modules()}
    assert {"assistant.py", "parser.py", "store.py", "responder.py"} <= names


@pytest.mark.parametrize("file", modules(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_sum_of_the_policy_stands_in_the_code(file: Path, founding: Policy) -> None:
    # An example in a message about the command line (500万) is no sum of a provision: amounts are with 元.
    sums = {p.amount.text for c in founding.numbered for p in c.provisions if p.amount}
    wanted = re.compile("|".join(rf"(?<!\d){re.escape(text)}" for text in sorted(sums)))
    assert found(file, wanted) == []


@pytest.mark.parametrize("file", modules(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_department_of_the_policy_stands_in_the_code(file: Path, founding: Policy) -> None:
    names = {d.name.removeprefix("市") for c in founding.numbered for d in c.departments}
    # 各区政府 and the like are how any list speaks of districts, not names of bodies.
    wanted = re.compile("|".join(re.escape(name) for name in names if not re.search("区", name)))
    assert found(file, wanted) == []


@pytest.mark.parametrize("file", modules(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_clause_of_the_policy_is_named_in_the_code(file: Path, founding: Policy) -> None:
    # By its label, its title, its id or its document number; (一) may stand for any first label, and the help of the
    # command line shows by an example how a label may be written.
    if file.name == "cli.py":
        pytest.skip("help text")
    names = [c.title for c in founding.numbered] + [founding.title, founding.id, str(founding.doc_no)]
    numerals = [c.label.strip("()") for c in founding.numbered if (chinese_to_int(c.label.strip("()")) or 0) > 1]
    labels = [rf"[(（]{numeral}[)）]|第{numeral}条" for numeral in numerals]
    assert found(file, re.compile("|".join([*map(re.escape, names), *labels]))) == []


@pytest.mark.parametrize("file", modules(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_number_stands_in_the_code_that_is_a_sum_in_yuan(file: Path, founding: Policy) -> None:
    sums = {p.amount.value for c in founding.numbered for p in c.provisions if p.amount and p.amount.value % 1_000_000}
    sums |= {50_000_000, 30_000_000, 15_000_000, 3_000_000, 2_000_000}
    tree = ast.parse(file.read_text(encoding="utf-8"))
    numbers = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    }
    # A hundred thousand is also a round limit of other things.
    assert not numbers & (sums - {100_000})
