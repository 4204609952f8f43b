"""Who is responsible is read from notes of any wording, and from running text where there is no note."""

from __future__ import annotations

import pytest

from corpus.departments import Directory

DIRECTORY = Directory(())


def named(text: str) -> list[tuple[str, str]]:
    found = DIRECTORY.responsible(text, 0)
    for d in found:
        assert text[d.span.start : d.span.end] in d.name
    return [(d.name, d.role.value) for d in found]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("支持书店。（市文旅局牵头，市财政局配合）", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店。（市文旅局、市财政局按职责分工负责）", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店。［责任单位：市文旅局］", [("市文旅局", "lead")]),
        ("支持书店。【责任单位：市文旅局、财政局】", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店。责任单位：市文旅局、市财政局。", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店。（责任单位：市文旅局，各县、区政府）", [("市文旅局", "lead"), ("各县、区政府", "joint")]),
        ("支持书店。（责任单位：市文旅局、人民银行示例支行、甲乙银保监分局）",
         [("市文旅局", "lead"), ("人民银行示例支行", "joint"), ("甲乙银保监分局", "joint")]),
        ("支持书店。（责任单位：省文旅厅、省财政厅按职责分工负责）", [("省文旅厅", "lead"), ("省财政厅", "joint")]),
        ("细则由市文旅局会同市财政局制定。", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("细则由市文旅局和市财政局共同制定。", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店（由市文旅局认定的除外）。", []),
        ("本措施由市文旅局负责解释。", []),
        ("书店由企业负责维护。", []),
    ],
)  # fmt: skip
def test_who_is_responsible(text: str, wanted: list[tuple[str, str]]) -> None:
    assert named(text) == wanted
