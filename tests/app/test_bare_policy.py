"""A policy that is nothing but its source text: no translation, no lay wordings, no glossary of its own."""

from __future__ import annotations

import pytest

from app.assistant import Assistant
from app.models import Answer, Status
from tests.conftest import OpenPolicy

_SOURCE = """云岭县扶持竹编工艺暂行办法

第一条 本办法所称“竹编工坊”，是指在本县登记、专职编织人员占六成以上、年编织成品不少于800件的生产单位。\
本办法所称竹编师傅，是指年龄不超过60周岁、持有县级以上技艺证书的个人。
第二条 对每带出一名学徒的竹编师傅，给予2万元补贴，同一师傅每年最高不超过8万元。\
在工坊实习满半年的学徒，给予每人每月900元生活补贴，补贴期限不超过5个月。住在山区的学徒，给予每人每年1200元交通补贴。
第三条 对参加国家级展会、展位不小于18平方米的竹编工坊，给予最高12万元补贴。（责任单位：县文旅局）
第四条 领取补贴后弃置工坊、转让场地的，县财政收回全部款项，三年内不再受理其申请。
第五条 学徒首次入户本县的，由所在乡镇协助办理手续。具体细则由县文旅局和县财政局共同制定。
第六条 同一事项符合本县其他扶持政策的，按就高原则执行，不重复享受。
第七条 申请人于每年10月向县文旅局提出申请，提交申请表、身份证复印件，县文旅局自受理之日起12日内审定。
第八条 本办法自2024年3月1日起施行，有效期三年。
"""


@pytest.fixture(scope="module")
def assistant(open_policy: OpenPolicy) -> Assistant:
    return open_policy("bamboo", _SOURCE, ["云岭县", "云岭", "Yunling"], ["竹编"])


def _cited(answer: Answer) -> set[str]:
    return {c.label for c in answer.citations}


def test_what_counts_as_something_is_told_by_its_definition(assistant: Assistant) -> None:
    answer = assistant.ask("怎样才算竹编工坊")
    assert answer.status is Status.ANSWERED
    assert _cited(answer) == {"第一条"}
    assert "六成以上" in answer.answer


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("学徒的交通补贴有多少", "1200元", "900元"),
        ("学徒实习每个月补多少", "900元", "1200元"),
    ],
)
def test_sums_without_a_name_go_by_the_words_of_their_sentences(
    assistant: Assistant, question: str, said: str, unsaid: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert said in answer.answer
    assert unsaid not in answer.answer


def test_a_rule_that_grants_nothing_is_found(assistant: Assistant) -> None:
    answer = assistant.ask("工坊弃置了、场地转让了，款项要不要收回？")
    assert "第四条" in _cited(answer)


def test_a_sum_of_the_askers_own_is_no_condition_on_the_table(assistant: Assistant) -> None:
    answer = assistant.ask("我们工坊投了300万去国家级展会，能补多少")
    assert "12万元" in answer.answer


def test_a_matter_of_the_text_is_no_other_task(assistant: Assistant) -> None:
    answer = assistant.ask("学徒首次入户找谁协助")
    assert answer.status is not Status.OUT_OF_SCOPE


def test_another_city_is_not_answered_for(assistant: Assistant) -> None:
    answer = assistant.ask("深圳给竹编工坊什么补贴")
    assert answer.status is Status.OUT_OF_SCOPE


def test_the_place_of_the_policy_is_no_misspelt_other_one(assistant: Assistant) -> None:
    answer = assistant.ask("What subsidy does a bamboo workshop in Yunling get for a national trade fair?")
    assert answer.status is Status.ANSWERED
    assert "第三条" in _cited(answer)


def test_an_english_note_without_a_translation_says_nothing_of_its_own(assistant: Assistant) -> None:
    answer = assistant.ask("How much for bamboo workshops that exhibit at a national fair?")
    (note,) = [n for n in answer.notes if n.kind == "no_double_funding"]
    assert note.label == "第六条"
    assert "按就高原则执行，不重复享受" in note.text


def test_what_the_title_says_is_no_subject_when_the_most_is_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("云岭竹编办法里最高给多少")
    assert _cited(answer) == {"第三条"}
    assert "12万元" in answer.answer


def test_departments_in_running_text_are_cited_where_they_stand(assistant: Assistant) -> None:
    answer = assistant.ask("入户手续的细则由哪两个部门定")
    assert answer.status is Status.ANSWERED
    assert "县文旅局" in answer.answer
    assert "县财政局" in answer.answer
    assert _cited(answer) == {"第五条"}
    assert answer.checks.passed


def test_a_question_back_names_no_labels_where_measures_have_no_titles(assistant: Assistant) -> None:
    answer = assistant.ask("能给多少钱")
    assert answer.status is Status.CLARIFY
    assert answer.answer
    assert "第" not in answer.answer


def test_the_only_place_that_tells_a_number_is_found_in_far_off_words(assistant: Assistant) -> None:
    answer = assistant.ask("摊子要多少平米")
    assert answer.status is Status.ANSWERED
    assert "18平方米" in answer.answer


def test_a_sum_is_told_with_how_long_it_is_given(assistant: Assistant) -> None:
    answer = assistant.ask("学徒实习每个月补多少")
    assert "补贴期限不超过5个月" in answer.answer


def test_english_words_are_known_by_the_glosses_of_the_text(assistant: Assistant) -> None:
    answer = assistant.ask("How much is the transport subsidy for apprentices who live in the mountains?")
    assert answer.status is Status.ANSWERED
    assert {int(f.value) for f in answer.facts if f.kind == "amount" and f.value is not None} == {1_200}


def test_words_that_the_text_has_are_looked_for_everywhere(assistant: Assistant) -> None:
    answer = assistant.ask("哪几条里提到学徒")
    assert _cited(answer) == {"第二条", "第五条"}


@pytest.mark.parametrize("question", ["申请要准备哪些材料？", "每年几月份报名？", "去哪里申请？", "审批要多久？"])
def test_how_to_apply_is_told_from_the_clause_that_says_it(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert _cited(answer) == {"第七条"}
