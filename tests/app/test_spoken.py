"""What is read out and sent of a clause: its length, its figures, what it says is not in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import pytest
from cn2an import cn2an

from app.amounts import money_in
from app.cues import load_cues
from app.i18n import LANGUAGES, load_texts
from app.spoken import SMS_CHARS, SPOKEN_CHARS, Script, Speaker, spoken_figures, spoken_label, without_hotline
from corpus.library import Library
from corpus.models import Clause, Policy, Provision
from tests.conftest import SMALL_POLICY, write_policy

BRACKETS = set("()（）[]【】〔〕{}《》〈〉<>")
SPOKEN_SUM = re.compile(r"(?P<figure>[零一二三四五六七八九十百千万亿]+)元")
ENGLISH_SUM = re.compile(r"(?P<bound>up to )?RMB (?P<figure>[\d.,]*\d)(?P<scale> [mb]illion)?", re.IGNORECASE)
SCALES = {"": 1, " million": 10**6, " billion": 10**9}
# What becomes of a figure of 万元 in a copy of the policy.
ALTERED: dict[str, Callable[[int], str]] = {
    "as it is": lambda figure: f"{figure}万元",
    "a little more": lambda figure: f"{figure + 7}万元",
    "with a fraction": lambda figure: f"{figure}.5万元",
    "with thousands separated": lambda figure: f"{figure * 37:,}万元",
    "in hundreds of millions": lambda figure: f"{figure / 100:g}亿元",
    "in yuan": lambda figure: f"{figure * 10_000}元",
}
LONG_NAME = (
    "在本市开展超长距离跨区域无人机物流配送并且连续三年稳定运营覆盖全部行政区同时服务偏远乡镇卫生院学校养老机构的领军"
)
ARTICLES = f"""示例市低空经济发展办法

第一条 支持整机研发（含适航取证）。对新认定的整机企业（不含分支机构），按投入的30%给予最高1.5亿元资助。

第二条 支持起降点建设。对建成并通过验收的起降点，每个起降点给予20万元至50万元补助。

第三条 对{LONG_NAME}企业和示范企业，分别给予不超过800万元和600万元奖励。

第四条 本办法自2024年5月1日起施行，有效期3年。
"""


@pytest.fixture(scope="module", params=[*ALTERED, "small", "articles"])
def policy(request: pytest.FixtureRequest, founding_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    folder = tmp_path_factory.mktemp("policies")
    if request.param in ALTERED:
        change = ALTERED[request.param]
        source = (founding_folder / "source.txt").read_text(encoding="utf-8")
        home = write_policy(
            folder, founding_folder.name, re.sub(r"(?<!\d)(\d+)万元", lambda m: change(int(m[1])), source)
        )
        for name in ("policy.toml", "en.toml"):
            (home / name).write_text((founding_folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    else:
        write_policy(folder, "other", SMALL_POLICY if request.param == "small" else ARTICLES)
    return Library.load(folder).policies[0]


def speaker_of(policy: Policy) -> Speaker:
    return Speaker(policy, load_texts(), load_cues().attributes)


def chosen(clause: Clause) -> list[Sequence[Provision]]:
    """All provisions, none, each alone, each pair."""
    pairs = [list(pair) for pair in combinations(clause.provisions, 2)]
    return [(), clause.provisions, *([p] for p in clause.provisions), *pairs]


def scripts(policy: Policy, language: str) -> list[tuple[Clause, Sequence[Provision], Script]]:
    speaker = speaker_of(policy)
    return [
        (clause, meant, speaker.script(clause, meant, language))
        for clause in policy.clauses
        for meant in chosen(clause)
    ]


def bounds(words: str) -> tuple[bool, bool]:
    return "最高" in words, "不超过" in words


def granted(clause: Clause, meant: Sequence[Provision]) -> set[tuple[tuple[bool, bool], int]]:
    found = set()
    for p in meant or clause.provisions:
        if p.amount:
            found.add((bounds(p.amount.qualifier.value), p.amount.value))
            if p.amount.value_min is not None:
                found.add((bounds(p.amount.qualifier.value), p.amount.value_min))
    return found


def before(text: str, at: int) -> str:
    return re.split(r"[，；、。]", text[:at])[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_said_or_sent_is_longer_than_its_limit(policy: Policy, language: str) -> None:
    for clause, meant, script in scripts(policy, language):
        assert 0 < len(script.spoken) <= SPOKEN_CHARS[language], (clause.label, [p.id for p in meant], script.spoken)
        assert 0 < len(script.sms) <= SMS_CHARS[language], (clause.label, script.sms)


def test_every_figure_read_out_is_one_of_the_provisions_meant_with_its_bound(policy: Policy) -> None:
    for clause, meant, script in scripts(policy, "zh"):
        assert not re.search(r"\d\s*[万亿]?元", script.spoken), script.spoken
        for said in SPOKEN_SUM.finditer(script.spoken):
            value = cn2an(said["figure"], "smart")
            assert (bounds(before(script.spoken, said.start())), value) in granted(clause, meant), script.spoken


def test_every_figure_sent_is_one_of_the_provisions_meant_with_its_bound(policy: Policy) -> None:
    for clause, meant, script in scripts(policy, "zh"):
        for mention in money_in(script.sms):
            said = (bounds(before(script.sms, mention.start)), mention.value)
            assert said in granted(clause, meant), script.sms


def test_every_figure_said_in_english_is_one_of_the_provisions_meant_with_its_bound(policy: Policy) -> None:
    for clause, meant, script in scripts(policy, "en"):
        known = {(any(bound), value) for bound, value in granted(clause, meant)}
        for text in (script.spoken, script.sms):
            for said in ENGLISH_SUM.finditer(text):
                value = round(float(said["figure"].replace(",", "")) * SCALES[(said["scale"] or "").lower()])
                assert (bool(said["bound"]), value) in known, text


def test_a_sum_that_alone_is_meant_is_always_said(policy: Policy) -> None:
    for clause, meant, script in scripts(policy, "zh"):
        if len(meant) == 1 and meant[0].amount:
            assert SPOKEN_SUM.search(script.spoken), (clause.label, script.spoken)
            assert money_in(script.sms), (clause.label, script.sms)


def test_what_is_read_out_has_no_brackets_and_the_source_comes_last(policy: Policy) -> None:
    for clause, _, script in scripts(policy, "zh"):
        assert not BRACKETS & set(script.spoken), script.spoken
        assert script.spoken.endswith(f"{spoken_label(clause)}。")
        assert script.sms.endswith(f"{spoken_label(clause)}。")
    for clause, _, script in scripts(policy, "en"):
        assert not BRACKETS & set(script.spoken), script.spoken
        if clause.number is not None:
            assert script.spoken.endswith(f" {clause.number}.")


# ---- the founding policy, word by word ----


def said(policy: Policy, number: int, *provisions: int, language: str = "zh") -> Script:
    clause = next(c for c in policy.numbered if c.number == number)
    return speaker_of(policy).script(clause, [clause.provisions[n - 1] for n in provisions], language)


def test_of_a_longer_list_the_count_and_the_first_three(founding: Policy) -> None:
    assert said(founding, 19).spoken == (
        "共五项，其中主导或参与国际标准不超过一百万元，国家标准不超过五十万元，行业标准不超过三十万元，依据本措施第十九条。"
    )
    assert said(founding, 16).spoken.startswith("共六项，其中获得国家“制造业单项冠军示范企业”三百万元，")


def test_a_part_of_a_list_is_not_called_the_whole(founding: Policy) -> None:
    assert said(founding, 19, 2, 3).spoken.startswith("相关二项，")


def test_one_item_is_said_with_its_bound_in_words(founding: Policy) -> None:
    assert (
        said(founding, 19, 3).spoken
        == "主导或参与国家标准制定或者修订单位，给予不超过五十万元资助，依据本措施第十九条。"
    )
    assert "给予三百万元奖励" in said(founding, 16, 2).spoken
    assert said(founding, 19, 3).sms.endswith("给予不超过50万元资助。依据深工信规〔2023〕11号第十九条。")


def test_the_condition_beside_a_sum_is_said_with_it(founding: Policy) -> None:
    assert "经认定后予以最高五百万元资助" in said(founding, 7, 1).spoken
    assert "对获奖者予以最高不超过一百万元奖励" in said(founding, 7, 2).spoken
    assert "按一定比例，给予最高五千万元资助" in said(founding, 3).spoken


def test_a_share_is_read_out(founding: Policy) -> None:
    assert "按不超过一比一的比例给予配套" in said(founding, 9, 2).spoken


def test_what_the_text_leaves_open_stands_in_lines_of_their_own(founding: Policy) -> None:
    lines = said(founding, 3).unsaid
    assert lines[0] == "比例：原文只写“按一定比例”，没有写具体数字"
    assert any("上限" in line for line in lines)
    assert any("需要提交的材料" in line for line in lines)
    assert "金额：原文没有写" in said(founding, 5).unsaid
    assert not any("上限" in line for line in said(founding, 16, 2).unsaid)
    assert said(founding, 3, language="en").unsaid[0].startswith("Share: the text only says")


def test_a_part_without_provisions_is_said_in_its_own_words_where_they_fit(founding: Policy) -> None:
    closing = founding.clause(f"{founding.id}#closing")
    script = speaker_of(founding).script(closing, (), "zh", ["一" * 90, "本措施自2023年9月13日起实施，有效期5年。"])
    assert script.spoken == "本措施自2023年9月13日起实施，有效期5年，依据本措施附则。"


def test_traditional_characters_throughout(founding: Policy) -> None:
    script = said(founding, 19, 3, language="zh-Hant")
    assert script.spoken == "主導或參與國家標準制定或者修訂單位，給予不超過五十萬元資助，依據本措施第十九條。"
    assert all("没有" not in line for line in script.unsaid)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("5000万元", "五千万元"), ("1.5亿元", "一亿五千万元"), ("10万元", "十万元"),
        ("20万元至50万元", "二十万元至五十万元"),
        ("20-50万元", "二十至五十万元"), ("1,250万元", "一千二百五十万元"), ("3D打印", "3D打印"), ("2023年", "2023年"),
    ],
)  # fmt: skip
def test_figures_as_they_are_read(written: str, read: str) -> None:
    assert spoken_figures(written) == read


@pytest.mark.parametrize(
    ("phone", "own"),
    [
        ("12345 0755-88102553", "0755-88102553"), ("12345", None), ("0755-12345", None), (None, None), ("", None),
        ("0755-12345678、12345", "0755-12345678"), ("12345转3；0755-82100000", "0755-82100000"),
    ],
)  # fmt: skip
def test_the_hotline_is_never_sent_to_itself(phone: str | None, own: str | None) -> None:
    assert without_hotline(phone) == own
