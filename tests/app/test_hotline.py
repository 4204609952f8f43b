"""The hotline page, worked by keys alone in a browser, over the real assistant and real records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from app.assistant import Assistant
from app.i18n import load_texts
from app.records import Records, database_url
from app.records.approved import clause_record
from app.server import create_app
from app.ui.hotline import hotline_html
from tests.app.conftest import TODAY, running
from tests.axe import violations
from tests.browser import Visit
from tests.conftest import FOUNDING

REVIEWED = "小巨人企业奖励多少？"
MARKUP = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture(scope="module")
def hotline(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the real assistant, with one reviewed answer, to a question with markup in it."""
    records = Records.open(database_url(tmp_path_factory.mktemp("records"), None))
    cited = [clause_record(assistant.policy().clause(f"{FOUNDING}#16"))]
    records.save_approved(REVIEWED, f"最高50万元(十六)。{MARKUP}", "zh", cited, "王审核", TODAY)
    with running(create_app(assistant, today=lambda: TODAY, records=records)) as address:
        yield address
    records.close()


@contextmanager
def agent(browser: Browser, site: str, before: Any = None, **options: Any) -> Iterator[Visit]:
    """The page open in a profile of its own; afterwards it must have asked nothing outside and complained of
    nothing. ``before`` is called with the page before it is opened."""
    with browser.new_context(**{"locale": "zh-CN", **options}) as context:
        page = context.new_page()
        visit = Visit(page, site)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda m: visit.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        if before:
            before(page)
        page.goto(f"{site}/hotline")
        page.wait_for_selector("html[data-hotline=ready]")
        yield visit
        assert visit.outside_requests() == []
        assert visit.complaints == []


def no_reviewed_answers(page: Page) -> None:
    page.route("**/api/approved*", lambda route: route.fulfill(json={"approved": []}))


def card(page: Page, number: int) -> Any:
    return page.locator("#cards > li").nth(number - 1)


def searches(visit: Visit) -> list[str]:
    return [url for url in visit.requests if "/api/search" in url]


def opened(page: Page) -> Any:
    return page.locator("#detail h2")


def type_query(page: Page, text: str, first: str) -> None:
    page.keyboard.type(text)
    expect(card(page, 1)).to_contain_text(first)


# ---- keys ----


def test_a_call_from_the_first_key_to_the_next_call(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        expect(page.locator("#query")).to_be_focused()
        type_query(page, "国家标准", "推进建立统一的新材料检测和认证标准")
        expect(card(page, 1).locator(".pill")).to_have_text(["不超过50万元"])
        expect(card(page, 1).locator(".lead")).to_have_text("牵头 市市场监管局")
        expect(card(page, 1).locator("mark", has_text="50万元")).to_have_count(1)
        expect(page.locator(".script")).to_have_text(
            "主导或参与国家标准制定或者修订单位，给予不超过五十万元资助，依据本措施第十九条。"
        )
        page.keyboard.press("Enter")
        expect(page.locator("#query")).not_to_be_focused()
        page.keyboard.press("2")
        expect(opened(page)).to_contain_text("(十六)")
        page.keyboard.press("1")
        expect(opened(page)).to_contain_text("(十九)")
        page.keyboard.press("p")
        expect(page.locator("#pins button")).to_have_text(["⇧1 (十九) 推进建立统一的新材料检测和认证标准"])
        page.keyboard.press("/")
        expect(page.locator("#query")).to_be_focused()
        type_query(page, "首批次", "(十五)")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+1")
        expect(opened(page)).to_contain_text("(十九)")
        page.keyboard.press("Escape")
        expect(page.locator("#query")).to_be_focused()
        expect(page.locator("#query")).to_have_value("")
        expect(page.locator("#cards > li")).to_have_count(0)
        expect(page.locator("#history button")).to_have_text(["国家标准", "首批次"])
        with page.expect_request("**/api/calls") as sent, page.expect_response("**/api/calls") as answered:
            page.keyboard.press("Alt+q")
        body = json.loads(sent.value.post_data or "")
        assert body["outcome"] == "answered"
        assert body["questions"] == ["国家标准", "首批次"]
        assert set(body["clauses"]) == {f"{FOUNDING}#19", f"{FOUNDING}#16"}
        assert answered.value.status == 201
        expect(page.locator("#saved")).to_have_text("已记录：已解答")
        expect(page.locator("#pins button")).to_have_count(1)
        page.keyboard.press("Alt+n")
        expect(page.locator("#pins button")).to_have_count(0)
        expect(page.locator("#history button")).to_have_count(0)
        expect(page.locator("#saved")).to_have_text("")
        expect(page.locator("#query")).to_be_focused()


def test_digits_and_letters_are_text_inside_the_box_and_steps_with_alt(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        type_query(page, "3D打印2", "")
        expect(page.locator("#query")).to_have_value("3D打印2")
        expect(page.locator("#pins button")).to_have_count(0)
        second = card(page, 2).locator(".label").inner_text()
        page.keyboard.press("Alt+2")
        expect(opened(page)).to_contain_text(second)
        expect(page.locator("#query")).to_be_focused()
        expect(page.locator("#query")).to_have_value("3D打印2")
        page.keyboard.press("Alt+p")
        expect(page.locator("#pins button")).to_have_count(1)
        page.keyboard.press("Alt+p")
        expect(page.locator("#pins button")).to_have_count(0)


def test_arrows_move_between_cards_and_the_script_changes_language(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        type_query(page, "中试", "(十四)")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(opened(page)).to_contain_text("(十八)")
        expect(page.locator(".script")).to_contain_text("最高一千万元")
        page.keyboard.press("l")
        expect(page.locator(".script")).to_contain_text("Up to RMB 10 million")
        page.keyboard.press("ArrowUp")
        expect(opened(page)).to_contain_text("(十四)")


@pytest.mark.parametrize("secure", [True, False])
def test_copying_has_the_source_and_works_without_a_secure_context(
    browser: Browser, hotline: str, secure: bool
) -> None:
    def plain_http(page: Page) -> None:
        no_reviewed_answers(page)
        if not secure:
            page.add_init_script(
                "Object.defineProperty(window, 'isSecureContext', { value: false });"
                "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
            )

    with agent(browser, hotline, plain_http, permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.page
        type_query(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("c")
        expect(page.locator("#status")).to_have_text("已复制")
        expect(card(page, 1).locator("button")).to_be_focused()
        page.keyboard.press("/")
        page.keyboard.press("Control+v")
        pasted = page.locator("#query").input_value()
        assert "不超过五十万元资助" in pasted
        assert "来源：《深圳市关于推动新材料产业集群高质量发展的若干措施》深工信规〔2023〕11号 (十九)" in pasted


def test_nothing_is_searched_while_an_input_method_composes(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        ime = page.context.new_cdp_session(page)
        for text in ("b", "bi", "biao", "biao'zhun"):
            ime.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        # Keys meant for the input method: they choose a candidate, leave nothing and clear nothing.
        for key in ("Enter", "ArrowDown", "Escape", "1"):
            page.locator("#query").dispatch_event(
                "keydown", {"key": key, "code": key, "isComposing": True, "bubbles": True}
            )
        expect(page.locator("#query")).to_be_focused()
        expect(page.locator("#query")).to_have_value("biao'zhun")
        ime.send("Input.insertText", {"text": "标准"})
        expect(card(page, 1)).to_contain_text("(十九)")
        assert len(searches(visit)) == 1
        assert "q=%E6%A0%87%E5%87%86&" in searches(visit)[0]


def test_only_the_last_of_several_queries_is_shown(browser: Browser, hotline: str) -> None:
    held: list[Route] = []

    def hold_the_first(page: Page) -> None:
        no_reviewed_answers(page)
        page.route("**/api/search?q=%E4%B8%AD*", lambda route: held.append(route))

    with agent(browser, hotline, hold_the_first) as visit:
        page = visit.page
        with page.expect_request("**/api/search?q=%E4%B8%AD*"):
            page.keyboard.type("中")
        with page.expect_event("requestfailed") as failed:
            page.keyboard.press("Backspace")
            page.keyboard.type("小巨人")
        request: Request = failed.value
        assert "q=%E4%B8%AD" in request.url
        expect(card(page, 1)).to_contain_text("(十六)")
        assert len(held) == 1


# ---- what is shown ----


def test_reviewed_answers_come_first_with_reviewer_and_date(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline) as visit:
        page = visit.page
        type_query(page, REVIEWED, "已审核")
        expect(card(page, 1)).to_contain_text("王审核 · 2026-03-02 · 问法相同")
        expect(card(page, 2)).to_contain_text("(十六)")
        page.keyboard.press("Enter")
        page.keyboard.press("1")
        expect(page.locator(".script")).to_contain_text(MARKUP)
        assert page.locator(".script img").count() == 0
        assert page.title() != "run"


def test_a_reviewed_answer_whose_clause_has_changed_says_so(browser: Browser, hotline: str) -> None:
    stale = {
        "id": 1, "question": MARKUP, "answer": "最高40万元。", "lang": "zh", "match": "meaning", "stale": True,
        "clauses": [{"id": f"{FOUNDING}#16", "label": "(十六)", "title": "单项冠军"}],
        "reviewer": "李", "reviewed_on": "2025-01-02",
    }  # fmt: skip

    def before(page: Page) -> None:
        page.route("**/api/approved*", lambda route: route.fulfill(json={"approved": [stale]}))

    with agent(browser, hotline, before) as visit:
        type_query(visit.page, "小巨人", "所引条款已修改，请先核对原文")
        expect(card(visit.page, 1)).to_contain_text(MARKUP)
        assert visit.page.title() != "run"


def test_without_reviewed_answers_the_clauses_are_shown_all_the_same(browser: Browser, hotline: str) -> None:
    def broken(page: Page) -> None:
        page.route("**/api/approved*", lambda route: route.fulfill(body="no JSON"))

    with agent(browser, hotline, broken) as visit:
        type_query(visit.page, "小巨人", "(十六)")


def test_a_query_that_nothing_is_near_says_so(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        visit.page.keyboard.type("今天天气怎么样")
        expect(visit.page.locator("#status")).to_have_text("没有很接近的条款，以下仅供参考")


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "小巨人 138 1234 5678",
        "１３８１２３４５６７８",
        "0755-88102553",
        "44030019900101123X",
        "440300199001011234",
    ],
)
def test_a_telephone_or_identity_number_is_warned_of_and_not_sent(browser: Browser, hotline: str, typed: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        # At once, as when it is pasted: what was typed before the number was whole is no number yet.
        page.keyboard.insert_text(typed)
        expect(page.locator("#warning")).to_contain_text("没有发送")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator("#warning")).to_be_hidden()
        type_query(page, "标准", "(十九)")
        # A slow machine may ask for 标 before 标准 is whole.
        asked = {parse_qs(urlsplit(url).query).get("q", [""])[0] for url in visit.requests}
        assert asked <= {"", "标", "标准"}


def test_a_sum_is_no_telephone_number(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        visit.page.keyboard.type("30000000元")
        expect(card(visit.page, 1)).to_be_visible()
        expect(visit.page.locator("#warning")).to_be_hidden()


# ---- wrapping up ----


def test_a_call_that_is_not_recorded_says_so_and_keeps_what_was_pinned(browser: Browser, hotline: str) -> None:
    answers = iter([{"status": 503, "json": {"error": {"type": "unavailable", "message": "no"}}}])

    def fails_once(page: Page) -> None:
        no_reviewed_answers(page)
        page.route(
            "**/api/calls", lambda route: route.fulfill(**one) if (one := next(answers, None)) else route.continue_()
        )

    with agent(browser, hotline, fails_once) as visit:
        page = visit.page
        type_query(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("p")
        page.keyboard.press("r")
        expect(page.locator("#saved")).to_contain_text("没有记下")
        expect(page.locator("#pins button")).to_have_count(1)
        with page.expect_request("**/api/calls") as sent:
            page.keyboard.press("r")
        assert json.loads(sent.value.post_data or "")["department"] == "市市场监管局"
        expect(page.locator("#saved")).to_have_text("已记录：转办")
        page.keyboard.press("e")
        expect(page.locator("#saved")).to_have_text("本通已经记录，按 N 开始下一通")
        # The browser itself complains of the 503.
        assert [c for c in visit.complaints if "503" not in c] == []
        visit.complaints.clear()


def test_pins_outlive_a_reload_and_go_with_the_next_call(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        type_query(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("p")
        page.reload()
        page.wait_for_selector("html[data-hotline=ready]")
        expect(page.locator("#pins button")).to_have_count(1)
        page.keyboard.press("Alt+n")
        page.reload()
        page.wait_for_selector("html[data-hotline=ready]")
        expect(page.locator("#pins button")).to_have_count(0)


# ---- everywhere ----


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen_and_has_no_serious_violation(
    browser: Browser, hotline: str, scheme: Any, width: int
) -> None:
    with agent(browser, hotline, viewport={"width": width, "height": 844}, color_scheme=scheme) as visit:
        page = visit.page
        type_query(page, REVIEWED, "已审核")
        page.keyboard.press("Enter")
        page.keyboard.press("2")
        page.keyboard.press("p")
        expect(page.locator("#pins button")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert (page.evaluate("document.documentElement.classList.contains('dark')")) == (scheme == "dark")
        assert violations(page) == []


def test_the_page_changes_language_where_it_stands(browser: Browser, hotline: str) -> None:
    with agent(browser, hotline, no_reviewed_answers) as visit:
        page = visit.page
        type_query(page, "国家标准", "不超过50万元")
        page.locator("button[data-language=en]").press("Enter")
        expect(card(page, 1)).to_contain_text("up to RMB 500,000")
        expect(card(page, 1)).to_contain_text("(十九)")
        expect(page.locator(".script")).to_contain_text("Up to RMB 500,000 for")
        page.locator("button[data-language=zh-Hant]").press("Enter")
        expect(page.locator(".script")).to_contain_text("五十萬元")
        page.reload()
        expect(page.locator("label[for=query]")).to_have_text("來電問什麼")


def test_both_addresses_answer(browser: Browser, hotline: str) -> None:
    with browser.new_context() as context:
        for path in ("/hotline", "/hotline/"):
            reply = context.request.get(hotline + path)
            assert reply.status == 200
            assert "本通电话" in reply.text()


def test_the_page_under_a_prefix_asks_under_it() -> None:
    html = hotline_html(load_texts(), "/policy")
    assert 'data-root="/policy"' in html
    assert 'src="/policy/static-pages/hotline.js"' in html


def test_the_script_makes_no_html_of_what_it_gets() -> None:
    script = (Path(__file__).parents[2] / "app/ui/static/hotline.js").read_text(encoding="utf-8")
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script
