"""Which of several policies a question means: by number, title, place and subject, else as before, else the first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.models import Message
from app.routing import Router
from corpus.departments import Directory
from corpus.models import Policy
from corpus.parser import parse_policy


def policy(policy_id: str, title: str, places: tuple[str, ...], subjects: tuple[str, ...], number: str = "") -> Policy:
    read = parse_policy(f"{title}\n第一条 支持甲。\n第二条 支持乙。\n", policy_id, Directory.load())
    return replace(read, jurisdiction=places, subjects=subjects, doc_no=number or None)


FIRST = policy(
    "first", "青石市关于支持新能源产业发展的若干措施", ("青石市", "青石", "Qingshi"), ("新能源", "new energy")
)
ROBOTS = policy(
    "robots", "示例市机器人产业促进办法", ("示例市", "示例", "Shili"), ("机器人", "robots"), "示府〔2024〕7号"
)
GREEN = policy("green", "示例市绿色建筑扶持办法", ("示例市", "示例", "Shili"), ("绿色建筑",), "示建规〔2025〕3 号")
DISTRICT = policy("district", "青石市南湾区文旅办法", ("南湾区", "南湾", "青石市", "青石"), ("文旅",))
ROUTER = Router((FIRST, DISTRICT, GREEN, ROBOTS))


def meant(question: str, *before: str) -> list[str]:
    history = [m for said in before for m in (Message("user", said), Message("assistant", "示例市机器人产业促进办法"))]
    return [p.id for p in ROUTER.meant(question, history)]


@pytest.mark.parametrize(
    ("question", "policies"),
    [
        ("最高给多少？", ["first"]),
        ("示府[2024] 7号里最高给多少", ["robots"]),
        ("示建规（2025）3号由谁解释", ["green"]),
        ("《机器人产业促进办法》什么时候生效", ["robots"]),
        ("示例市的绿色建筑怎么补贴", ["green"]),
        ("機器人企業能拿多少補貼", ["robots"]),
        ("What do robots get in Shili?", ["robots"]),
        ("Does the shilin district pay?", ["first"]),
        ("示例市有什么补贴", ["green", "robots"]),
        ("南湾区有什么补贴", ["district"]),
        ("青石市南湾区给多少", ["district"]),
        ("青石市给多少", ["first"]),
        ("我们在示例市，青石市的新能源补贴有多少", ["first"]),
        ("", ["first"]),
    ],
)
def test_a_question_means_the_policy_that_it_names_best(question: str, policies: list[str]) -> None:
    assert meant(question) == policies


def test_what_a_question_leaves_open_the_conversation_settles() -> None:
    assert meant("谁负责？", "绿色建筑补多少", "怎么申请？") == ["green"]
    assert meant("示例市还有什么补贴", "绿色建筑补多少") == ["green"]
    assert meant("机器人呢？", "绿色建筑补多少") == ["robots"]
    assert meant("谁负责？", "最高多少") == ["first"]


def test_the_only_policy_is_always_meant() -> None:
    assert Router((FIRST,)).meant("示例市机器人产业促进办法") == (FIRST,)
