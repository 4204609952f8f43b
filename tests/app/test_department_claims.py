"""Which departments a line affirms and which it denies, in lists and phrases of both languages."""

from __future__ import annotations

import pytest

from app.department_claims import department_claims, said_twice
from corpus.departments import Department, Directory

DIRECTORY = Directory(
    tuple(
        Department(name, name, name, "", en, en, "")
        for name, en in (("市水务局", "Water Bureau"), ("市教育局", "Education Bureau"), ("市体育局", "Sports Bureau"))
    )
)


def denied(line: str) -> list[str]:
    claims = department_claims(line, DIRECTORY.mentions(line))
    return [c.mention.department.name for c in claims if c.denied]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("由市水务局负责、责任单位中没有市教育局的共3条:", ["市教育局"]),
        ("由市水务局负责、责任单位中没有市教育局、市体育局的共3条:", ["市教育局", "市体育局"]),
        ("不是,市水务局不在(三)的责任单位之列。", ["市水务局"]),
        ("不是,由市水务局负责。", []),
        ("市水务局、市教育局都不是(三)的责任单位。", ["市水务局", "市教育局"]),
        ("(三)没有写明期限,请向责任单位市水务局核实。", []),
        ("没有写明市水务局的电话。", []),
        ("No, the Water Bureau (市水务局) is not among the departments responsible.", ["市水务局", "市水务局"]),
        ("No, the Water Bureau is responsible.", []),
        (
            "3 of the 9 measures name the Water Bureau and do not name the Education Bureau and the Sports Bureau:",
            ["市教育局", "市体育局"],
        ),
    ],
)
def test_what_is_denied(line: str, expected: list[str]) -> None:
    assert denied(line) == expected


def test_who_leads_and_who_is_alone_is_read_by_phrase() -> None:
    line = "由市水务局牵头,仅由市教育局负责,市体育局"
    claims = department_claims(line, DIRECTORY.mentions(line))
    assert [(c.leading, c.alone) for c in claims] == [(True, False), (False, True), (False, False)]


def test_a_name_in_brackets_is_the_same_department_again() -> None:
    line = "the Water Bureau (市水务局) and the Sports Bureau (市教育局), 市体育局"
    pairs = [(a.department.name, b.department.name) for a, b in said_twice(line, DIRECTORY.mentions(line))]
    assert pairs == [("市水务局", "市水务局"), ("市体育局", "市教育局")]
