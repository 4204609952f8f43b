"""The chat page: what its HTML says, and what a reader's browser makes of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, Route, expect

from app.i18n import EN, LANGUAGES, IncompleteTexts, Texts, load_texts
from app.models import Checks, Message
from app.ui.answer_parts import parts_of
from app.ui.cards import card_html
from app.ui.document import document_html
from app.ui.home import masthead_html
from app.ui.markup import Wording
from app.ui.page import PageCalls
from corpus.models import Policy, Span
from tests.app.conftest import TODAY, WrittenAnswers
from tests.axe import violations
from tests.browser import Visit, open_tab, visit

STANDARD = "参与制定国家标准能拿多少钱？"
ATTACK = "<img src=x onerror=\"document.title='run'\"> **粗体** [链接](http://example.com) <script>alert(1)</script>"


@pytest.fixture(scope="module")
def texts() -> Texts:
    return load_texts()


@pytest.fixture(scope="module")
def calls(written_answers: WrittenAnswers, texts: Texts) -> PageCalls:
    return PageCalls(lambda: written_answers, texts, max_question_chars=50, today=lambda: TODAY)


# ---- the HTML ----


def test_every_text_is_there_in_every_language_with_the_same_values(texts: Texts) -> None:
    each = texts.each("refused.too_long", length="3,000", limit="2,000")
    assert set(each) == set(LANGUAGES)
    assert all("3,000" in text and "2,000" in text for text in each.values())


def test_a_text_that_lacks_a_language_is_named() -> None:
    from app.i18n import _complete

    with pytest.raises(IncompleteTexts, match=r"page\.name lacks zh-Hant"):
        _complete("page.name", {"zh": "政策问答", "en": "Policy Assistant"})


def test_the_masthead_says_until_when_the_policy_is_in_force_and_when_it_no_longer_is(
    founding_policy: Policy, texts: Texts
) -> None:
    english = Wording(texts, EN)
    before = masthead_html([founding_policy], english, date(2028, 9, 12))
    assert "深工信规〔2023〕11号" in before
    assert ">In force from 13 September 2023 until 12 September 2028<" in before
    after = masthead_html([founding_policy], english, date(2028, 9, 13))
    assert ">Expired on 12 September 2028<" in after
    assert ">In force" not in after


def test_the_panel_shows_the_whole_text_and_marks_exactly_the_cited_words(
    founding_policy: Policy, texts: Texts
) -> None:
    clause = founding_policy.clause("sz-new-materials-2023#19")
    start = founding_policy.source_text.index("50万元", clause.start)
    html = document_html(founding_policy, [Span(start, start + 4)], Wording(texts))
    assert html.count("<mark>") == 1
    assert "100万元、<mark>50万元</mark>、30万元" in html
    for one in founding_policy.clauses:
        assert f'data-clause="{one.id}"' in html


def test_overlapping_citations_are_marked_once_and_no_character_is_lost(founding_policy: Policy, texts: Texts) -> None:
    clause = founding_policy.clause("sz-new-materials-2023#3")
    body = clause.body_span
    html = document_html(
        founding_policy, [Span(body.start, body.start + 9), Span(body.start + 5, body.start + 20)], Wording(texts)
    )
    marked = html.replace("</mark><mark>", "").split("<mark>")[1].split("</mark>")[0]
    assert marked == founding_policy.source_text[body.start : body.start + 20]


def test_an_answer_lists_what_was_checked_only_when_the_checks_passed(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    answer = written_answers.ask(STANDARD)
    wording = Wording(texts)
    assert ">已与原文核对：金额、金额限定语、条款编号<" in card_html(answer, wording, written_answers.policies)
    failed = replace(answer, checks=Checks(passed=False, failed=("amount",), checked=("amount", "label")))
    shown = card_html(failed, wording, written_answers.policies)
    assert "已与原文核对" not in shown
    assert ">部分表述未能与原文逐项核对" in shown
    unchecked = replace(answer, checks=Checks(passed=True))
    assert "已与原文核对" not in card_html(unchecked, wording, written_answers.policies)


def test_a_card_keeps_its_order_and_adds_what_the_clause_says_of_departments_and_shares(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    citation = written_answers.ask("哪些条款的资助上限最高？").citations[0]
    answer = replace(
        written_answers.ask(STANDARD),
        answer="对面向我市新材料企业的平台，给予最高5000万元资助(三)。",
        citations=(citation,),
        see_also=(),
    )
    html = card_html(answer, Wording(texts), written_answers.policies)
    order = ["最高<strong>5000万元</strong>", "part departments", "part left_open", 'class="notes"', 'class="chips']
    places = [html.index(words) for words in order]
    assert places == sorted(places)
    assert "市工业和信息化局（牵头）、市科技创新委" in html
    assert "具体比例原文未规定，只写“按一定比例”" in html
    english = replace(answer, language="en", answer="Up to RMB 50 million (5000万元), under Measure 3 (三).")
    shown = card_html(
        english, Wording(texts), written_answers.policies, english_names=lambda policy, name: "The Bureau"
    )
    assert "The Bureau (市工业和信息化局) (lead)" in shown
    assert shown.index("RMB 50 million") < shown.index("<blockquote") < shown.index("The Bureau")


def test_every_english_statement_has_the_words_it_rests_on_beside_it(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    answer = replace(
        written_answers.ask(STANDARD),
        language="en",
        answer="Up to RMB 500,000 (50万元), Measure 19 (十九).\nResponsible: the bureau (市市场监管局) (十九).",
    )
    html = card_html(answer, Wording(texts, EN), written_answers.policies)
    first, second = (part.split("</blockquote>")[0] for part in html.split('<div class="originals">')[1:])
    assert answer.citations[0].quote in first
    assert answer.citations[1].quote in second
    assert html.count("the Chinese text prevails") >= 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "(十八)完善体系：支持组建基地(十八)。\n组建基地：最高1000万元(十八)。\n责任单位：市局(十八)。\n(十八)没有规定具体比例。",
            [
                "组建基地：最高1000万元(十八)。",
                "(十八)完善体系：支持组建基地(十八)。",
                "责任单位：市局(十八)。",
                "(十八)没有规定具体比例。",
            ],
        ),
        ("责任单位：市局(十八)。\n原文没有规定材料。", ["责任单位：市局(十八)。", None, None, "原文没有规定材料。"]),
        (
            "(十八)没有规定国家级的。原文写到的有：\n- 市级，最高1000万元",
            ["(十八)没有规定国家级的。原文写到的有：", None, None, None],
        ),
        ("", [None, None, None, None]),
    ],
)
def test_the_lines_of_an_answer_go_where_they_belong(
    written_answers: WrittenAnswers, text: str, wanted: list[str | None]
) -> None:
    (citation, *_) = written_answers.ask(STANDARD).citations
    answer = replace(written_answers.ask(STANDARD), answer=text, citations=(replace(citation, label="(十八)"),))
    parts = parts_of(answer)
    found = [
        block[0].line if block else None for block in (parts.direct, parts.conditions, parts.departments, parts.open)
    ]
    assert found == wanted


def test_a_clause_cited_twice_has_one_chip_that_opens_both_places(
    written_answers: WrittenAnswers, texts: Texts
) -> None:
    answer = written_answers.ask(STANDARD)
    assert len(answer.citations) == 2
    html = card_html(answer, Wording(texts), written_answers.policies)
    spans = [[citation.start, citation.end] for citation in answer.citations]
    assert html.count('class="chip"') == 1
    assert f'data-spans="{spans}"' in html


def test_figures_are_emphasised_whole_in_both_languages(written_answers: WrittenAnswers, texts: Texts) -> None:
    answer = replace(
        written_answers.ask(STANDARD),
        citations=(),
        answer="不超过1500万元，其中50万元；up to RMB 1.5 million, at 1:1.",
    )
    html = card_html(answer, Wording(texts), written_answers.policies)
    for figure in ("1500万元", "50万元", "RMB 1.5 million", "1:1"):
        assert f"<strong>{figure}</strong>" in html


def test_words_of_answers_notes_and_titles_are_escaped(written_answers: WrittenAnswers, texts: Texts) -> None:
    answer = written_answers.ask(STANDARD)
    citation = replace(answer.citations[0], label="(<b>)", title=ATTACK, quote=ATTACK)
    note = replace(answer.notes[0], text=ATTACK, label=ATTACK)
    nasty = replace(
        answer, language="en", answer=ATTACK, standalone_question=ATTACK, citations=(citation,), notes=(note,)
    )
    html = card_html(nasty, Wording(texts), written_answers.policies)
    assert "<img" not in html
    assert "<script" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("问" * 51, "共 51 个字符，最多 50 个"),
        ("   ", "请先输入问题"),
        ("国家\0标准", "无法识别的字符"),
        ("国家\ud800标准", "无法识别的字符"),
        (None, "无法识别的字符"),
    ],
)
def test_a_question_that_cannot_be_taken_is_refused_with_a_sentence(
    calls: PageCalls, question: object, wanted: str
) -> None:
    reply = calls.ask({"question": question, "history": [], "language": "zh"})
    assert wanted in reply["trouble"]
    assert "card" not in reply


@pytest.mark.parametrize("history", ["user", [1], [{"role": "system", "content": "x"}], [{"role": "user"}], {}, 7])
def test_a_history_that_cannot_be_read_is_refused(calls: PageCalls, history: object) -> None:
    assert "对话记录无法识别" in calls.ask({"question": STANDARD, "history": history})["trouble"]


@pytest.mark.parametrize("spans", [None, "x", [[1]], [[5, 2]], [["a", "b"]], [[0, 10**9]], [[True, 3]], [[-3, 4]]])
def test_a_place_that_is_not_one_is_shown_without_a_mark(calls: PageCalls, spans: object) -> None:
    reply = calls.document({"policy": "sz-new-materials-2023", "spans": spans})
    assert "(十九) 推进建立统一的新材料检测和认证标准" in reply["html"]
    assert "<mark>" not in reply["html"]


def test_an_unknown_policy_is_said_to_be_unknown(calls: PageCalls) -> None:
    assert "There is no such clause" in calls.document({"policy": ["x"], "language": "en"})["trouble"]


def test_a_failure_is_a_plain_sentence_and_its_traceback_is_logged(
    calls: PageCalls, caplog: pytest.LogCaptureFixture
) -> None:
    reply = calls.ask({"question": "trouble", "history": [], "language": "en"})
    assert "Sorry, something went wrong" in reply["trouble"]
    assert "the index fell over" not in reply["trouble"]
    assert "the index fell over" in caplog.text


# ---- the browser ----


@pytest.fixture
def visited(browser: Browser, site: str) -> Iterator[Visit]:
    """The page in Chinese; afterwards it must have asked nothing of another host and complained of nothing."""
    with visit(browser, site) as opened:
        yield opened
        assert opened.outside_requests() == []
        assert opened.complaints == []


BOX = ".composer textarea"


def put(page: Page, question: str) -> None:
    """Ask and wait for the answer."""
    before = page.locator(".replied .card:not(.waiting)").count()
    page.locator(BOX).fill(question)
    page.locator(BOX).press("Enter")
    expect(page.locator(".replied .card:not(.waiting)")).to_have_count(before + 1)


def test_the_first_screen_says_which_policy_and_offers_examples(visited: Visit) -> None:
    page = visited.page
    expect(page.get_by_role("heading", level=1)).to_have_text("深圳市关于推动新材料产业集群高质量发展的若干措施")
    expect(page.locator(".masthead")).to_contain_text("深工信规〔2023〕11号")
    expect(page.locator(".masthead")).to_contain_text("有效期至2028年9月12日")
    expect(page.locator("body")).to_contain_text("以政策原文及主管部门解释为准")
    page.get_by_role("button", name=STANDARD).click()
    expect(page.locator(".answer")).to_contain_text("不超过50万元")


def test_a_citation_opens_its_clause_with_exactly_the_cited_words_highlighted(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    page.locator(".chip").click()
    marks = page.locator(".document mark")
    expect(marks).to_have_text(
        [
            "对主导或参与国际标准、国家标准、行业标准、深圳地方标准和团体标准制定或者修订单位，"
            "分别给予不超过100万元、50万元、30万元、20万元、10万元资助。",
            "市市场监管局、工业和信息化局",
        ]
    )
    expect(page.locator(".document .opened h4")).to_be_in_viewport()
    expect(marks.first).to_be_in_viewport()
    expect(page.locator(".card strong")).to_have_text(["50万元"])
    expect(page.locator(".card .checked")).to_have_text("已与原文核对：金额、金额限定语、条款编号")


def test_a_note_opens_the_words_it_rests_on(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    page.locator(".notes .cite").nth(1).click()
    expect(page.locator(".document mark")).to_have_text(
        ["本措施与本市其他同类优惠措施，由企业自主选择申报，不重复资助。"]
    )
    expect(page.locator(".document mark")).to_be_in_viewport()


def test_a_follow_up_is_asked_with_the_conversation_so_far(visited: Visit, written_answers: WrittenAnswers) -> None:
    page = visited.page
    put(page, STANDARD)
    put(page, "那行业标准呢？")
    last = page.locator(".replied").last
    expect(last).to_contain_text("不超过30万元")
    expect(last).to_contain_text("理解为：参与制定行业标准能拿多少钱？")
    question, history = written_answers.asked[-1]
    assert question == "那行业标准呢？"
    assert history[0] == Message("user", STANDARD)
    assert "50万元" in history[1].content
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".welcome")).to_be_visible()
    put(page, "那行业标准呢？")
    assert written_answers.asked[-1] == ("那行业标准呢？", ())


def test_an_english_answer_stands_beside_the_chinese_words(browser: Browser, site: str) -> None:
    with visit(browser, site, locale="en-US") as opened:
        page = opened.page
        put(page, "How much can we get for helping write a national standard?")
        card = page.locator(".replied .card")
        expect(card.locator("strong")).to_have_text(["RMB 500,000", "50万元"])
        expect(card.locator("blockquote")).to_contain_text("分别给予不超过100万元、50万元")
        expect(card).to_contain_text("the Chinese text prevails")
        expect(page.locator(".document mark")).to_contain_text("对主导或参与国际标准")
        expect(page.locator(".document .opened .translation")).to_contain_text("RMB 500,000 (50万元)")
        assert opened.outside_requests() == []
        assert opened.complaints == []


def test_a_refusal_has_no_citation_and_links_the_clauses_that_are_near(visited: Visit) -> None:
    page = visited.page
    put(page, "今天天气怎么样？")
    card = page.locator(".replied .card")
    expect(card.locator(".status")).to_have_text("不在本政策范围内")
    expect(card.locator(".chip")).to_have_count(0)
    card.get_by_role("link", name="(十七)").click()
    expect(page.locator(".document .opened h4")).to_have_text("(十七) 支持专业新材料产业园区建设。")
    expect(page.locator(".document .opened h4")).to_be_in_viewport()
    expect(page.locator(".document mark")).to_have_count(0)


def test_what_the_text_leaves_open_is_said_with_whom_to_ask(visited: Visit) -> None:
    put(visited.page, "申报需要提交哪些材料？")
    card = visited.page.locator(".replied .card")
    expect(card.locator(".status")).to_have_text("原文未作规定")
    expect(card.locator(".contact")).to_contain_text("0755-88102553")


def test_markup_in_a_question_is_shown_as_text_and_nothing_of_it_runs(visited: Visit) -> None:
    page = visited.page
    put(page, ATTACK)
    expect(page.locator(".asked p")).to_have_text(ATTACK)
    expect(page.locator(".answer")).to_contain_text(ATTACK)
    assert page.locator(".turns img, .turns script, .turns a[href*=example]").count() == 0
    assert page.title() != "run"
    assert not any(url.endswith("/x") for url in visited.requests)


def test_a_failure_is_a_sentence_and_the_question_can_be_asked_again(visited: Visit) -> None:
    page = visited.page
    put(page, "trouble")
    expect(page.locator(".replied")).to_contain_text("系统出现问题")
    expect(page.get_by_role("button", name="重新提问")).to_be_visible()


def test_a_question_that_is_too_long_is_refused_with_the_limit_and_kept(visited: Visit) -> None:
    page = visited.page
    page.locator(BOX).fill("标" * 2001)
    page.locator(BOX).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("共 2,001 个字符，最多 2,000 个")
    expect(page.locator(".asked")).to_have_count(0)
    assert len(page.locator(BOX).input_value()) == 2001


def test_the_chosen_language_holds_after_a_reload_and_changes_answers_already_there(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".card .checked")).to_have_text("Checked against the source: amounts, limits, clause labels")
    expect(page.locator(".answer")).to_contain_text("不超过50万元")
    page.reload()
    page.wait_for_selector(".assistant[data-ready]")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    expect(page.locator(BOX)).to_have_attribute("placeholder", "Type your question")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_reload_keeps_the_conversation_and_what_was_being_written(
    visited: Visit, written_answers: WrittenAnswers
) -> None:
    page = visited.page
    put(page, STANDARD)
    page.locator(BOX).fill("那行业")
    page.reload()
    page.wait_for_selector(".assistant[data-ready]")
    expect(page.locator(".asked p")).to_have_text(STANDARD)
    expect(page.locator(".answer")).to_contain_text("不超过50万元")
    expect(page.locator(".document mark").first).to_contain_text("对主导或参与国际标准")
    expect(page.locator(BOX)).to_have_value("那行业")
    put(page, "那行业标准呢？")
    assert written_answers.asked[-1][1][0].content == STANDARD


def held_back(page: Page) -> list[Route]:
    """From now on questions reach nobody; the requests that were held back."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"ask"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile("/component_server"), hold)
    return held


def test_an_answer_under_way_can_be_stopped_and_asked_for_again(visited: Visit) -> None:
    page = visited.page
    held_back(page)
    page.locator(BOX).fill(STANDARD)
    page.locator(BOX).press("Enter")
    page.get_by_role("button", name="停止").click()
    expect(page.locator(".replied")).to_contain_text("已停止")
    expect(page.locator(BOX)).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="重新提问").click()
    expect(page.locator(".replied")).to_have_count(1)
    expect(page.locator(".answer")).to_contain_text("不超过50万元")


def test_a_reload_in_mid_answer_keeps_the_question_and_says_that_it_is_open(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    held_back(page)
    page.locator(BOX).fill("哪些条款的资助上限最高？")
    page.locator(BOX).press("Enter")
    expect(page.locator(".waiting")).to_be_visible()
    page.reload()
    page.wait_for_selector(".assistant[data-ready]")
    page.unroute_all(behavior="ignoreErrors")
    expect(page.locator(".replied").last).to_contain_text("还没有回答完")
    page.get_by_role("button", name="重新提问").click()
    expect(page.locator(".answer").last).to_contain_text("5000万元")
    expect(page.locator(".replied")).to_have_count(2)


def test_what_was_understood_can_be_put_right(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    put(page, "那行业标准呢？")
    page.get_by_role("button", name="不是这个意思？修改").click()
    expect(page.locator(BOX)).to_have_value("参与制定行业标准能拿多少钱？")
    expect(page.locator(BOX)).to_be_focused()


def test_what_is_suggested_is_asked_at_a_click(visited: Visit, written_answers: WrittenAnswers) -> None:
    page = visited.page
    put(page, STANDARD)
    suggested = page.locator(".next").first
    question = suggested.text_content()
    suggested.click()
    expect(page.locator(".asked p").last).to_have_text(question or "nothing")
    expect(page.locator(".replied .card:not(.waiting)")).to_have_count(2)
    assert written_answers.asked[-1][0] == question


def pasted(page: Page) -> str:
    """What the clipboard holds."""
    page.locator(BOX).fill("")
    page.locator(BOX).press("Control+v")
    return page.locator(BOX).input_value()


def test_an_answer_is_copied_with_its_source_on_plain_http_too(browser: Browser, site: str) -> None:
    with browser.new_context(locale="zh-CN") as context:
        # As on plain http, where the browser offers no clipboard.
        context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page = open_tab(context.new_page(), site).page
        put(page, STANDARD)
        page.get_by_role("button", name="复制回答和出处").click()
        expect(page.locator(".said")).to_have_text("已复制")
        text = pasted(page)
        assert text.startswith(f"问：{STANDARD}\n\n答：主导或参与国家标准制定")
        assert "《深圳市关于推动新材料产业集群高质量发展的若干措施》（深工信规〔2023〕11号）" in text
        assert "“对主导或参与国际标准、国家标准" in text
        assert text.endswith("以政策原文及主管部门解释为准")
        page.locator(".document .opened .permalink").click()
        expect(page.locator(".document .opened .permalink")).to_have_text("链接已复制")
        assert pasted(page) == f"{site}/?clause=sz-new-materials-2023%2319"


def test_the_conversation_is_downloaded_as_markdown_and_as_a_word_file(visited: Visit) -> None:
    page = visited.page
    put(page, STANDARD)
    put(page, ATTACK)
    kept = {}
    for name, kind in (("Markdown 文件", "md"), ("Word 文件", "docx")):
        page.get_by_text("下载对话").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == f"政策问答记录 {TODAY.isoformat()}.{kind}"
        kept[kind] = Path(download.value.path()).read_bytes()
    assert f"## {STANDARD}" in kept["md"].decode()
    words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(kept["docx"])).paragraphs)
    assert STANDARD in words
    assert ATTACK in words
    assert "不超过50万元资助(十九)" in words
    expect(page.locator(".trouble-line")).to_be_hidden()


def test_a_download_that_fails_is_said_to_and_the_page_stays(browser: Browser, site: str) -> None:
    with visit(browser, site) as opened:
        page = opened.page
        put(page, STANDARD)
        page.route("**/transcript/*", lambda route: route.fulfill(status=422, body="{}"))
        page.get_by_text("下载对话").click()
        page.get_by_role("button", name="Word 文件").click()
        expect(page.get_by_role("alert")).to_have_text("下载失败，请稍后再试。")
        expect(page.locator(".answer")).to_contain_text("不超过50万元")


def test_what_a_reader_thinks_of_an_answer_is_sent_with_the_reason(visited: Visit) -> None:
    page = visited.page
    sent: list[dict[str, object]] = []

    def keep(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=201, json={"id": 1})

    page.route("**/api/feedback", keep)
    put(page, STANDARD)
    page.get_by_role("button", name="有帮助").click()
    expect(page.locator(".said")).to_have_text("已记录，谢谢。")
    expect(page.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="有问题").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".said")).to_have_text("请先选择一项。")
    page.get_by_role("radio", name="金额不对").check()
    page.get_by_role("textbox", name="补充说明").fill(" 应为30万元 ")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("button", name="有问题")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".reasons")).to_be_hidden()
    answer = sent[0]["answer"]
    assert "不超过50万元" in str(answer)
    common = {"question": STANDARD, "answer": answer, "lang": "zh"}
    assert sent == [
        {**common, "verdict": "up"},
        {**common, "verdict": "down", "reason": "amount", "comment": "应为30万元"},
    ]


def test_a_rating_that_cannot_be_stored_is_said_not_to_be(browser: Browser, site: str) -> None:
    with visit(browser, site) as opened:
        page = opened.page
        page.route("**/api/feedback", lambda route: route.fulfill(status=503, json={"error": {}}))
        put(page, STANDARD)
        page.get_by_role("button", name="有帮助").click()
        expect(page.locator(".said")).to_have_text("评价没有保存成功，请稍后再试。")
        expect(page.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "false")


def test_the_contents_lead_to_every_part_and_the_keyboard_leads_back(visited: Visit, founding_policy: Policy) -> None:
    page = visited.page
    put(page, STANDARD)
    page.locator(".contents summary").click()
    expect(page.locator(".contents-link")).to_have_count(len(founding_policy.clauses))
    expect(page.locator(".contents-section").first).to_contain_text("二、突破重点材料领域发展瓶颈")
    page.locator(".contents-link", has_text="(三)").first.press("Enter")
    expect(page.locator(".document .opened h4")).to_contain_text("支持建设芯片制造封装")
    expect(page.locator(".document .opened h4")).to_be_in_viewport()
    expect(page.locator(".document .opened")).to_be_focused()
    page.locator(".chip").press("Enter")
    expect(page.locator(".document .opened h4")).to_contain_text("(十九)")
    expect(page.locator(".document .opened")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".chip")).to_be_focused()


def test_the_theme_is_kept_and_holds_on_the_other_pages(browser: Browser, site: str) -> None:
    with visit(browser, site, color_scheme="dark") as opened:
        page = opened.page
        root = page.locator("html")
        expect(root).to_have_class(re.compile(r"\bdark\b"))
        page.get_by_role("button", name="切换明暗").click()
        expect(root).not_to_have_class(re.compile(r"\bdark\b"))
        page.reload()
        page.wait_for_selector(".assistant[data-ready]")
        expect(root).not_to_have_class(re.compile(r"\bdark\b"))
        assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        expect(page.get_by_role("link", name="问答")).to_have_attribute("aria-current", "page")
        page.get_by_role("link", name="热线").click()
        page.wait_for_url("**/hotline")
        expect(root).not_to_have_class(re.compile(r"\bdark\b"))
        page.go_back()
        page.wait_for_selector(".assistant[data-ready]")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "zh-CN"), ("dark", "zh-CN"), ("light", "en-US")])
def test_the_page_has_no_serious_fault_for_those_who_cannot_see_or_point(
    browser: Browser, site: str, scheme: str, locale: str
) -> None:
    with visit(browser, site, color_scheme=scheme, locale=locale) as opened:
        page = opened.page
        assert violations(page) == []
        put(page, "How much can we get for helping write a national standard?" if locale == "en-US" else STANDARD)
        put(page, "今天天气怎么样？")
        page.locator('[data-verdict="down"]').first.click()
        page.locator(".contents summary").click()
        page.locator(".downloads summary").click()
        assert violations(page) == []


def test_two_tabs_keep_their_conversations_apart(browser: Browser, site: str, written_answers: WrittenAnswers) -> None:
    with browser.new_context(locale="zh-CN") as context:
        first = open_tab(context.new_page(), site).page
        second = open_tab(context.new_page(), site).page
        put(first, STANDARD)
        put(second, "今天天气怎么样？")
        put(second, "那行业标准呢？")
        assert STANDARD not in [message.content for message in written_answers.asked[-1][1]]
        expect(second.locator(".replied").last).to_contain_text("请问您指的是哪一类标准")
        put(first, "那行业标准呢？")
        assert written_answers.asked[-1][1][0].content == STANDARD


def test_a_phone_shows_one_column_and_nothing_sticks_out(browser: Browser, site: str) -> None:
    with visit(browser, site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as opened:
        page = opened.page
        for question in (STANDARD, "哪些条款的资助上限最高？", ATTACK, "w" * 300):
            put(page, question)
        sticking_out = page.evaluate(
            "() => [...document.querySelectorAll('.assistant *')].filter((node) => {"
            " const box = node.getBoundingClientRect();"
            " return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1) }).map((node) => node.className)"
        )
        assert sticking_out == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(".chip").first.tap()
        expect(page.locator(".document .opened h4")).to_be_in_viewport()
        page.get_by_role("button", name="返回问答").tap()
        expect(page.locator(".chip").first).to_be_in_viewport()


def test_a_link_to_a_clause_opens_it(browser: Browser, site: str) -> None:
    with visit(browser, site, path="/?clause=sz-new-materials-2023%2315") as opened:
        expect(opened.page.locator(".document .opened h4")).to_contain_text("(十五)")
        expect(opened.page.locator(".document .opened h4")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, site: str, scheme: str) -> None:
    contrast = """() => {
      const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).map(Number);
        const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = parts.map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (node) => {
        for (let at = node; at; at = at.parentElement) {
          const colour = getComputedStyle(at).backgroundColor;
          if (!/, 0\\)$|transparent/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
      };
      const worst = [];
      for (const node of document.querySelectorAll(".assistant *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.getClientRects().length) continue;
        const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) worst.push(`${node.className} ${node.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
      }
      return worst;
    }"""
    with visit(browser, site, color_scheme=scheme) as opened:
        put(opened.page, STANDARD)
        put(opened.page, "今天天气怎么样？")
        assert opened.page.evaluate(contrast) == []
