"""What fits us: which sentence decides, and that silence decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.fitting import Answers, Decision, Fit, Fitter, Question, Stage, Verdict, Where
from app.organisations import Organisation
from corpus import read_policy
from corpus.departments import Directory
from corpus.glossary import Glossary, load_glossary
from corpus.library import GLOSSARY_FILE
from corpus.models import Policy

ROBOTS = """示例市机器人产业促进办法

示例市为促进机器人产业发展，制定本办法。

第一条 本办法适用于在本市注册、具有独立法人资格的企业。

第二条 支持机器人整机研发。对新认定的整机攻关项目，给予最高80万元资助。（责任单位：市科技局）

第三条 支持高校建设实验室。对高校开展机器人基础研究的，给予不超过45万元补助。（责任单位：市科技局）

第四条 奖励示范单位。对获得国家“机器人示范工厂”称号的，给予20万元奖励。（责任单位：市商务局）

第五条 本办法自2024年5月1日起施行，有效期3年。
"""


@pytest.fixture(scope="module")
def founding(founding_policy: Policy) -> Fitter:
    return Fitter(founding_policy, load_glossary(GLOSSARY_FILE))


@pytest.fixture(scope="module")
def robots(tmp_path_factory: pytest.TempPathFactory) -> Fitter:
    file = tmp_path_factory.mktemp("robots") / "robots.txt"
    file.write_text(ROBOTS, encoding="utf-8")
    return Fitter(read_policy(file, Directory.load()), Glossary())


def by_path(fitter: Fitter, answers: Answers) -> dict[str, Fit]:
    return {fit.provision.id.split("#")[1]: fit for fit in fitter.fit(answers)}


def only(fit: Fit) -> Decision:
    (decision,) = fit.decisions
    return decision


def sentence(fitter: Fitter, decision: Decision) -> str:
    return fitter.policy.source_text[decision.span.start : decision.span.end]


EVERY_ANSWER = [
    *(Answers(field=name) for name in ("新能源材料", "绿色建筑材料", "前沿新材料")),
    *(Answers(organisation=kind) for kind in Organisation),
    *(Answers(stage=stage) for stage in Stage),
    *(Answers(where=where) for where in Where),
    Answers(honours=frozenset()),
]


@pytest.mark.parametrize("answers", EVERY_ANSWER, ids=str)
def test_every_decision_names_a_sentence_of_the_text_and_words_in_it(founding: Fitter, answers: Answers) -> None:
    for fit in founding.fit(answers):
        decision = only(fit)
        assert fit.verdict is decision.verdict
        assert sentence(founding, decision).strip()
        clause = founding.policy.clause(decision.clause_id)
        assert clause.start <= decision.span.start < decision.span.end <= clause.end
        for word in decision.words:
            assert decision.span.start <= word.start < word.end <= decision.span.end
        # What excludes has to be said.
        if decision.verdict is not Verdict.UNSPECIFIED:
            assert decision.words


def test_nothing_answered_decides_nothing(founding: Fitter) -> None:
    fits = founding.fit(Answers())
    assert {fit.verdict for fit in fits} == {Verdict.UNSPECIFIED}
    assert all(fit.decisions == () for fit in fits)


def test_a_field_excludes_only_where_the_clause_names_fields_and_not_this_one(founding: Fitter) -> None:
    fits = by_path(founding, Answers(field="前沿新材料"))
    assert only(fits["7.1"]).verdict is Verdict.POSSIBLE
    assert only(fits["1.1"]).verdict is Verdict.UNRELATED
    # No field is named.
    for path in ("3.1", "16.6", "19.3", "20.3"):
        assert only(fits[path]).reason == "field_silent"
    # A list that ends in 等 leaves open what else belongs to it.
    assert only(fits["14.2"]).reason == "field_open_list"
    assert only(fits["14.2"]).verdict is Verdict.UNSPECIFIED


@pytest.mark.parametrize("name", ["绿色建筑材料", "绿色建材", "green building materials"])
def test_a_field_goes_by_its_other_names(founding: Fitter, name: str) -> None:
    decision = only(by_path(founding, Answers(field=name))["13.1"])
    assert decision.verdict is Verdict.POSSIBLE
    (word,) = decision.words
    assert founding.policy.source_text[word.start : word.end] == "绿色建材"


def test_an_organisation_is_held_against_those_whom_the_sentence_names(founding: Fitter) -> None:
    fits = by_path(founding, Answers(organisation=Organisation.UNIVERSITY))
    assert only(fits["2.1"]).reason == "organisation_named"
    assert only(fits["19.3"]).reason == "organisation_any"
    assert only(fits["13.2"]).verdict is Verdict.UNRELATED
    # The enterprises that a platform serves are not those who may build it.
    assert only(fits["3.1"]).verdict is Verdict.UNSPECIFIED
    # 龙头企业、上市公司等 is an open list.
    assert only(fits["20.1"]).reason == "organisation_open_list"


def test_a_stage_between_two_that_are_named_is_not_excluded(founding: Fitter) -> None:
    fits = by_path(founding, Answers(stage=Stage.PILOT))
    assert only(fits["14.1"]).verdict is Verdict.POSSIBLE
    assert only(fits["14.2"]).verdict is Verdict.UNRELATED
    assert only(fits["1.1"]).reason == "stage_not_excluded"
    assert only(fits["13.2"]).verdict is Verdict.UNSPECIFIED


def test_honours_are_those_that_provisions_ask_for(founding: Fitter) -> None:
    texts = {honour.id: honour.text for honour in founding.honours}
    assert texts["16.6"] == "国家专精特新“小巨人”"
    assert texts["7.2"] == "市科学技术奖"
    held = by_path(founding, Answers(honours=frozenset({"16.6"})))
    assert only(held["16.6"]).verdict is Verdict.POSSIBLE
    assert "小巨人" in sentence(founding, only(held["16.6"]))
    # The national title doesn't bring the city's with it, nor the other way round.
    assert only(held["16.7"]).verdict is Verdict.UNRELATED
    assert only(held["1.1"]).verdict is Verdict.UNSPECIFIED
    none = by_path(founding, Answers(honours=frozenset()))
    assert {path for path, fit in none.items() if fit.verdict is Verdict.UNRELATED} == {
        path for honour in founding.honours for path in [p.split("#")[1] for p in honour.provisions]
    }


def test_where_follows_the_words_of_the_place(founding: Fitter) -> None:
    coming = by_path(founding, Answers(where=Where.COMING))
    assert only(coming["12.1"]).verdict is Verdict.POSSIBLE
    away = by_path(founding, Answers(where=Where.ELSEWHERE))
    assert {path for path, fit in away.items() if fit.verdict is Verdict.UNRELATED} == {"5.1", "6.1", "11.1", "12.1"}
    here = by_path(founding, Answers(where=Where.HERE))
    assert only(here["6.1"]).verdict is Verdict.POSSIBLE
    assert only(here["12.1"]).reason == "where_brought_in"
    # 获深圳市…认定 is an honour that the city gives, not a place to be in.
    assert only(here["16.7"]).verdict is Verdict.UNSPECIFIED


def test_one_answer_that_excludes_outweighs_others_that_fit(founding: Fitter) -> None:
    fit = by_path(founding, Answers(field="电子信息材料", organisation=Organisation.FINANCE))["2.1"]
    assert [d.verdict for d in fit.decisions] == [Verdict.POSSIBLE, Verdict.UNRELATED]
    assert fit.verdict is Verdict.UNRELATED


# ---- another policy ----


def test_a_policy_without_fields_says_nothing_of_any(robots: Fitter) -> None:
    assert robots.fields.names == ()
    assert {fit.verdict for fit in robots.fit(Answers(field="新能源材料"))} == {Verdict.UNSPECIFIED}


def test_another_policy_is_read_by_its_own_words(robots: Fitter) -> None:
    assert [honour.text for honour in robots.honours] == ["国家“机器人示范工厂”"]
    fits = robots.fit(Answers(organisation=Organisation.UNIVERSITY))
    verdicts = {fit.provision.amount.value: only(fit) for fit in fits if fit.provision.amount}
    assert verdicts[450_000].verdict is Verdict.POSSIBLE
    # The sentence names nobody; that of the whole policy does.
    assert verdicts[800_000].verdict is Verdict.UNRELATED
    assert sentence(robots, verdicts[800_000]) == "本办法适用于在本市注册、具有独立法人资格的企业。"


def test_where_a_whole_policy_is_for_those_registered_there_its_sentence_decides(robots: Fitter) -> None:
    for where, verdict in ((Where.HERE, Verdict.POSSIBLE), (Where.ELSEWHERE, Verdict.UNRELATED)):
        granted = [only(fit) for fit in robots.fit(Answers(where=where)) if fit.provision.amount]
        assert granted
        assert all(decision.verdict is verdict for decision in granted)
        assert all("在本市注册" in sentence(robots, decision) for decision in granted)


def test_a_word_that_is_taken_out_of_the_text_no_longer_decides(
    founding_policy: Policy, tmp_path: Path, founding: Fitter
) -> None:
    file = tmp_path / "altered.txt"
    file.write_text(
        founding_policy.source_text.replace(
            "支持上游材料企业、高校、科研院所围绕清单内重点材料", "支持围绕清单内重点材料"
        ),
        encoding="utf-8",
    )
    altered = Fitter(read_policy(file, Directory.load()), load_glossary(GLOSSARY_FILE))
    (decision,) = by_path(altered, Answers(organisation=Organisation.UNIVERSITY))["2.1"].decisions
    assert decision.verdict is Verdict.UNSPECIFIED
    assert decision.question is Question.ORGANISATION
