"""A copy of the founding policy with every figure changed: answers follow the copy, and never say an old figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from app.amounts import money_in
from app.assistant import Assistant
from app.models import Answer, Status
from app.settings import load_settings
from corpus.library import Library
from corpus.models import Policy

# 万元 to 万元; no new figure is an old one.
FIGURES = {
    "5000": "7300", "3000": "4100", "1500": "1900", "1000": "1250", "500": "610", "300": "370", "200": "230",
    "100": "130", "50": "70", "30": "34", "20": "26", "10": "14",
}  # fmt: skip
QUESTIONS = {
    "参与制定国家标准能拿多少钱？": [700_000],
    "How much do we get for taking part in writing a national standard?": [700_000],
    "參與制定國際標準能拿多少錢？": [1_300_000],
    "首批次新材料产品最高资助多少？": [12_500_000],
    "How much for first-batch new material products?": [12_500_000],
    "国家制造业单项冠军产品奖励多少？": [2_300_000],
    "What is the reward for a national Little Giant?": [700_000],
    "资助上限最高的是哪些措施？": [73_000_000] * 3,
    "Which measures have the highest funding cap?": [73_000_000] * 3,
    "哪些措施的资助上限是7300万元？": [73_000_000] * 3,
    "固态电解质项目最高资助多少？": [41_000_000],
}


def altered(source: str) -> str:
    return re.sub(r"(?<!\d)(\d+)(?=万元)", lambda m: FIGURES[m.group(1)], source)


@pytest.fixture(scope="module")
def copy(founding_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of policies that holds the altered copy."""
    folder = tmp_path_factory.mktemp("altered")
    home = Path(copytree(founding_folder, folder / founding_folder.name))
    source = (home / "source.txt").read_text(encoding="utf-8")
    (home / "source.txt").write_text(altered(source), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def other(
    copy: Path, data_dir: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Assistant:
    cache = getattr(request.config, "cache", None)
    folder = Path(cache.mkdir("policy-data-altered")) if cache else tmp_path_factory.mktemp("altered-data")
    if not (folder / "index").exists():
        # Texts that are the same in both need not be embedded again.
        copytree(data_dir / "index", folder / "index")
    return Assistant.open(load_settings(data_dir=folder, corpus_dir=copy, today="2026-03-02", embedder="bundled"))


def said(answer: Answer) -> Iterator[int]:
    """Every sum that any part of an answer shows."""
    for text in (answer.answer, *(c.quote for c in answer.citations), *(n.text for n in answer.notes)):
        for mention in money_in(text):
            yield mention.value
    for fact in answer.facts:
        if fact.kind == "amount" and isinstance(fact.value, int):
            yield fact.value


def test_the_copy_has_the_same_clauses_and_other_sums(copy: Path, founding: Policy) -> None:
    policy = Library.load(copy).policies[0]
    assert [c.title for c in policy.clauses] == [c.title for c in founding.clauses]
    for ours, theirs in zip(policy.numbered, founding.numbered, strict=True):
        for mine, his in zip(ours.provisions, theirs.provisions, strict=True):
            assert mine.what == his.what
            if his.amount is None:
                assert mine.amount is None
                continue
            assert mine.amount is not None
            assert mine.amount.text == altered(his.amount.text)
            assert mine.amount.qualifier is his.amount.qualifier
    assert Library.load(copy).digest != Library.load().digest


def test_the_reference_english_of_the_copy_gives_the_new_figures(copy: Path) -> None:
    policy = Library.load(copy).policies[0]
    new = {p.amount.value for c in policy.numbered for p in c.provisions if p.amount}
    for clause in policy.numbered:
        text = policy.translations[clause.id].text
        assert {m.value for m in money_in(text)} <= new


@pytest.mark.parametrize(("question", "sums"), QUESTIONS.items())
def test_an_answer_gives_the_new_figure_and_no_old_one(other: Assistant, question: str, sums: list[int]) -> None:
    answer = other.ask(question)
    assert answer.status is Status.ANSWERED
    assert answer.checks.passed
    assert [f.value for f in answer.facts if f.kind == "amount"] == sums
    old = {int(figure) * 10_000 for figure in FIGURES}
    shown = set(said(answer))
    assert shown >= set(sums)
    assert not shown & old
    for citation in answer.citations:
        assert other.policy().source_text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("question", ["哪些措施的资助上限是5000万元？", "Which measures are capped at RMB 50 million?"])
def test_an_old_figure_is_not_found_in_the_copy(other: Assistant, question: str) -> None:
    answer = other.ask(question)
    assert [f.value for f in answer.facts if f.kind == "amount"] == []
    assert answer.status is not Status.ANSWERED or not any(c.number for c in answer.citations)


def test_an_answer_for_one_text_does_not_pass_for_the_other(other: Assistant, assistant: Assistant) -> None:
    question = "参与制定国家标准能拿多少钱？"
    ours, theirs = assistant.ask(question), other.ask(question)
    assert not other.check(ours.answer, theirs).passed
    assert not assistant.check(theirs.answer, ours).passed


def test_other_dates_and_departments_are_followed_too(tmp_path: Path, founding_folder: Path) -> None:
    home = Path(copytree(founding_folder, tmp_path / founding_folder.name))
    source = (home / "source.txt").read_text(encoding="utf-8")
    source = source.replace("自2023年9月13日起实施，有效期5年", "自2024年6月1日起实施，有效期3年").replace(
        "(责任单位: 市市场监管局、工业和信息化局)", "(责任单位: 市商务局、财政局)"
    )
    (home / "source.txt").write_text(source, encoding="utf-8")
    policy = Library.load(tmp_path).policies[0]
    assert (policy.validity.effective_from, policy.validity.effective_to) == (date(2024, 6, 1), date(2027, 5, 31))
    clause = next(c for c in policy.numbered if c.number == 19)
    assert [(d.name, d.role.value) for d in clause.departments] == [("市商务局", "lead"), ("市财政局", "joint")]
