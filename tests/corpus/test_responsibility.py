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
        ("支持书店。（市文旅局、市财政局）", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店。（市文旅局、高新区管委会）\n支持报亭。", [("市文旅局", "lead"), ("高新区管委会", "joint")]),
        ("支持书店。（含报亭、文化中心）举办展会。", []),
        ("支持书店。（报亭、书摊）", []),
        ("细则由市文旅局会同市财政局制定。", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("细则由市文旅局和市财政局共同制定。", [("市文旅局", "lead"), ("市财政局", "joint")]),
        ("支持书店（由市文旅局认定的除外）。", []),
        ("本措施由市文旅局负责解释。", []),
        ("书店由企业负责维护。", []),
    ],
)  # fmt: skip
def test_who_is_responsible(text: str, wanted: list[tuple[str, str]]) -> None:
    assert named(text) == wanted


def test_a_short_name_is_known_by_the_characters_it_keeps() -> None:
    directory = DIRECTORY.for_policy("", ["市人力资源和社会保障局", "市市场监督管理局", "市水利局", "市水务局"])
    assert [m.department.name for m in directory.mentions("市人社局管哪几条")] == ["市人力资源和社会保障局"]
    assert [m.department.name for m in directory.mentions("市水局管哪几条")] == []
    assert [m.department.name for m in directory.mentions("省人社厅管哪几条")] == []
