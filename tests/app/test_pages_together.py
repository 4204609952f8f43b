"""The pages as one product: what is done on one is met on the others, and what holds for one holds for all."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.assistant import Assistant
from app.records import Records, database_url
from app.server import create_app, listen
from tests.app.conftest import TODAY, running
from tests.axe import violations
from tests.browser import Visit, watched
from tests.conftest import SMALL_POLICY, open_assistant, write_policy

STANDARD = "参与制定国家标准能拿多少钱？"
CANTEEN = "员工食堂有补贴吗？"
ROBOTS = "新认定的整机企业最高能拿多少钱？"
ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse 电池"
# What each page shows once it can be used.
READY = {
    "/": ".assistant[data-ready]",
    "/hotline": "html[data-hotline=ready]",
    "/measures": "#main[data-shown]",
    "/admin/login": "#password",
    "/admin": ".desk h1",
}
RUN = "document.title='run'"
IMAGE = f'<img src=/x onerror="{RUN}">'
# As short as the title of a clause has to be.
BRIEF = "<img src=/x>"
MARKUP = f"{IMAGE}<script>{RUN}</script>"
# What is longer is no title.
MARKED_UP = f"""示例市机器人产业促进办法{IMAGE}

示例市为促进机器人产业发展，制定本办法。

第一条 支持{BRIEF}研发
对新认定的{MARKUP}整机企业，给予最高80万元资助。（责任单位：市<b>科技局）

第二条 奖励{BRIEF}单位
对获得国家“{MARKUP}”称号的单位，给予20万元奖励。（责任单位：市商务局）

第三条 本办法自2024年5月1日起施行，有效期3年。
"""
Scheme = Literal["light", "dark"]


# ---- a server with all its pages, and the steps on them ----


@contextmanager
def served(assistant: Assistant, folder: Path, **options: Any) -> Iterator[str]:
    """A server whose desk is open and whose records lie in ``folder``; its address, the prefix included."""
    records = Records.open(database_url(folder, None), retention_days=0)
    app = create_app(assistant, today=lambda: TODAY, records=records, **{"admin_password": PASSWORD, **options})
    with running(app) as address:
        yield address + options.get("root_path", "")
    records.close()


@pytest.fixture
def office(assistant: Assistant, tmp_path: Path) -> Iterator[str]:
    with served(assistant, tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def robots(small_index_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Assistant]:
    """Makes an assistant over one invented policy with the text given."""

    def made(source: str) -> Assistant:
        folder = tmp_path_factory.mktemp("robots")
        write_policy(folder / "policies", "robots", source)
        shutil.copytree(small_index_data, folder / "data")
        return open_assistant(folder / "data", corpus_dir=folder / "policies")

    return made


@contextmanager
def reader(browser: Browser, site: str, **options: Any) -> Iterator[Visit]:
    """A tab of a fresh profile. At the end it must have asked nothing of another host and complained of nothing."""
    wide = {"width": 1280, "height": 900}
    with (
        browser.new_context(**{"locale": "zh-CN", "viewport": wide, **options}) as context,
        tab(context, site) as visit,
    ):
        yield visit


@contextmanager
def tab(context: BrowserContext, site: str) -> Iterator[Visit]:
    visit = watched(context.new_page(), site)
    yield visit
    assert visit.outside_requests() == []
    assert visit.complaints == []


def go(visit: Visit, path: str) -> Page:
    """Open a page of the site and wait until it can be used."""
    visit.page.goto(visit.site + path)
    visit.page.wait_for_selector(READY[path.partition("?")[0].rstrip("/") or "/"])
    return visit.page


def ask(page: Page, question: str) -> None:
    before = page.locator(".replied .card").count()
    page.locator('[name="question"]').fill(question)
    page.locator('[name="question"]').press("Enter")
    expect(page.locator(".replied .card:not(.waiting)")).to_have_count(before + 1)


def dislike(page: Page, reason: str, comment: str) -> None:
    card = page.locator(".replied .card").last
    card.get_by_role("button", name="有问题").click()
    card.get_by_role("radio", name=reason).check()
    card.get_by_role("textbox", name="补充说明").fill(comment)
    card.get_by_role("button", name="提交").click()
    expect(card.locator(".said")).to_have_text("已记录，谢谢。")


def log_in(visit: Visit) -> Page:
    page = go(visit, "/admin/login")
    fill_login(page)
    expect(page.get_by_role("heading", name="待审核")).to_be_visible()
    return page


def fill_login(page: Page) -> None:
    page.get_by_label("姓名").fill("王审核")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def save_entry(page: Page, question: str, answer: str) -> None:
    """From the queue: save the entry of a question as an approved answer."""
    page.get_by_role("article").filter(has_text=question).get_by_role("link", name="编辑并存为已审核答案").click()
    page.get_by_label("答案").fill(answer)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_have_text("已审核答案已保存。")


def look_up(page: Page, query: str, first: str) -> None:
    """On the hotline page: type a query; ``first`` is what its first card must show."""
    page.keyboard.press("Escape")
    page.keyboard.insert_text(query)
    expect(page.locator("#cards > li").first).to_contain_text(first)


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled to the side."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


# ---- from one page to another ----


def test_a_complaint_in_the_chat_reaches_the_desk_and_its_answer_the_hotline(browser: Browser, office: str) -> None:
    answer = "主导或参与制定国家标准的单位，给予不超过50万元资助，依据(十九)。"
    with reader(browser, office) as chat, reader(browser, office) as desk, reader(browser, office) as hotline:
        page = go(chat, "/")
        ask(page, STANDARD)
        expect(page.locator(".answer")).to_contain_text("不超过50万元")
        dislike(page, "看不懂", "请说明向哪个部门申请")
        page = log_in(desk)
        entry = page.get_by_role("article")
        expect(entry.get_by_role("heading", level=2)).to_have_text(STANDARD)
        expect(entry.locator(".badge.bad")).to_have_text("看不懂")
        expect(entry.locator("blockquote")).to_have_text("请说明向哪个部门申请")
        expect(entry.locator(".answer")).to_contain_text("不超过50万元")
        expect(entry.locator(".cited summary")).to_contain_text(["(十九)"])
        save_entry(page, STANDARD, answer)
        expect(page.get_by_role("article")).to_have_count(0)
        page = go(hotline, "/hotline")
        look_up(page, "参与制定国家标准能拿多少钱", "已审核")
        first = page.locator("#cards > li").first
        expect(first).to_contain_text(f"王审核 · {TODAY.isoformat()} · 问法相同")
        expect(first.locator(".stale")).to_have_count(0)
        page.keyboard.press("Enter")
        page.keyboard.press("1")
        expect(page.locator(".script")).to_have_text(answer)
        expect(page.locator("#detail .block.text a")).to_contain_text("(十九)")
        # The next complaint is a new one.
        page = chat.page
        ask(page, STANDARD)
        dislike(page, "没答到", "")
        page = go(desk, "/admin?kind=down")
        expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text(STANDARD)


def test_a_call_and_a_question_left_open_are_met_at_the_desk(browser: Browser, office: str) -> None:
    with reader(browser, office) as chat, reader(browser, office) as desk:
        page = go(chat, "/")
        ask(page, CANTEEN)
        ask(page, CANTEEN)
        page = log_in(desk)
        expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text(CANTEEN)
        save_entry(page, CANTEEN, "食堂补贴不在本政策之内。")
        page = go(chat, "/hotline")
        look_up(page, CANTEEN, "已审核")


def test_an_approved_answer_is_flagged_in_the_hotline_once_the_clause_it_cites_reads_differently(
    browser: Browser, robots: Callable[[str], Assistant], tmp_path: Path
) -> None:
    with served(robots(SMALL_POLICY), tmp_path) as site, reader(browser, site) as visit:
        page = log_in(visit)
        page.get_by_role("link", name="已审核答案").click()
        page.get_by_role("link", name="新建已审核答案").click()
        page.get_by_label("问题").fill(ROBOTS)
        page.get_by_label("答案").fill("最高80万元。")
        page.get_by_role("checkbox", name="第一条").check()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("article").locator(".badge.bad")).to_have_count(0)
        page = go(visit, "/hotline")
        look_up(page, ROBOTS, "已审核")
        expect(page.locator("#cards .stale")).to_have_count(0)
    changed = SMALL_POLICY.replace("最高80万元", "最高90万元")
    with served(robots(changed), tmp_path) as site, reader(browser, site) as visit:
        page = go(visit, "/hotline")
        look_up(page, ROBOTS, "已审核")
        expect(page.locator("#cards > li").first.locator("strong.stale")).to_have_text("所引条款已修改，请先核对原文")
        page.keyboard.press("Enter")
        expect(page.locator("#detail")).to_contain_text("所引条款已修改，请先核对原文")
        page = log_in(visit)
        page.get_by_role("link", name="已审核答案").click()
        expect(page.get_by_role("article").locator(".badge.bad")).to_have_text("引用条款已变更")
    # Where another clause has changed, nothing is said.
    other = SMALL_POLICY.replace("不超过45万元", "不超过46万元")
    with served(robots(other), tmp_path) as site, reader(browser, site) as visit:
        page = go(visit, "/hotline")
        look_up(page, ROBOTS, "已审核")
        expect(page.locator("#cards .stale")).to_have_count(0)


# ---- what holds for every page ----


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_keeps_to_itself_fits_the_screen_and_is_usable_by_all(
    browser: Browser, office: str, scheme: Scheme, width: int
) -> None:
    checked: list[str] = []

    def check(page: Page, what: str) -> None:
        expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b" if scheme == "dark" else r"^(?!.*\bdark\b)"))
        assert violations(page) == [], what
        assert sideways(page) == 0, what
        expect(page.get_by_text("以政策原文及主管部门解释为准").last).to_be_attached()
        checked.append(what)

    with reader(browser, office, color_scheme=scheme, viewport={"width": width, "height": 844}) as visit:
        page = go(visit, "/")
        check(page, "first screen")
        ask(page, STANDARD)
        dislike(page, "金额不对", "w" * 300)
        ask(page, CANTEEN)
        ask(page, CANTEEN)
        page.locator(".chip").first.click()
        check(page, "chat")
        page = go(visit, "/hotline")
        check(page, "hotline, empty")
        look_up(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("p")
        page.keyboard.press("q")
        expect(page.locator("#saved")).to_have_text("已记录：已解答")
        check(page, "hotline")
        for view in ("table", "pictures", "fit"):
            page = go(visit, f"/measures?view={view}&department=市科技创新委&stage=research")
            check(page, f"measures, {view}")
        check(go(visit, "/admin/login"), "login")
        page = log_in(visit)
        for kind in ("down", "checks", "unanswered"):
            check(go(visit, f"/admin?kind={kind}"), f"queue, {kind}")
        save_entry(page, CANTEEN, "食堂补贴不在本政策之内。" + "w" * 300)
        for path in ("approved", "approved/new", "approved/1", "log", "history"):
            page.goto(f"{office}/admin/{path}")
            check(page, path)
    assert len(checked) == 16


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_closed_desk_is_a_page_like_the_others(
    browser: Browser, assistant: Assistant, tmp_path: Path, scheme: Scheme, width: int
) -> None:
    with (
        served(assistant, tmp_path, admin_password=None) as site,
        browser.new_context(locale="zh-CN", color_scheme=scheme, viewport={"width": width, "height": 844}) as context,
    ):
        visit = watched(context.new_page(), site)
        for path in ("/admin", "/admin/login"):
            visit.page.goto(site + path)
            expect(visit.page.get_by_role("heading", name="审核台未开放")).to_be_visible()
            assert violations(visit.page) == []
            assert sideways(visit.page) == 0
        assert visit.outside_requests() == []
        # The browser's own word on the status; the page itself complains of nothing.
        assert [said for said in visit.complaints if "404 (Not Found)" not in said] == []


# ---- markup ----


def nothing_ran(visit: Visit, within: str, shown: str = MARKUP) -> None:
    """``within`` shows the markup as text, holds the page's own elements alone, and nothing was carried out."""
    page = visit.page
    assert page.title() != "run"
    assert page.locator(f"{within} img").count() == 0
    assert page.locator(f"{within} script:not([type='application/json'])").count() == 0
    assert [url for url in visit.requests if url.endswith("/x")] == []
    assert shown in (page.locator(within).text_content() or "") + "".join(
        box.input_value() for box in page.locator(f"{within} textarea").all()
    )


def test_markup_is_text_wherever_it_stands(
    browser: Browser, robots: Callable[[str], Assistant], tmp_path: Path
) -> None:
    with served(robots(MARKED_UP), tmp_path) as site, reader(browser, site) as visit:
        page = go(visit, "/")
        # In the policy's title and text, then in a question, its answer and the history that goes with the next.
        nothing_ran(visit, ".masthead", IMAGE)
        nothing_ran(visit, ".document")
        ask(page, f"整机企业{MARKUP}能拿多少钱？")
        nothing_ran(visit, ".turns")
        ask(page, f"那第二条呢？{MARKUP}")
        dislike(page, "看不懂", MARKUP)
        open_question = f"今天天气怎么样？{MARKUP}"
        ask(page, open_question)
        ask(page, open_question)
        page.locator(".chip").first.click()
        page.locator(".contents summary").click()
        nothing_ran(visit, ".contents", BRIEF)
        nothing_ran(visit, ".turns")
        page.reload()
        page.wait_for_selector(READY["/"])
        nothing_ran(visit, ".turns")
        nothing_ran(visit, ".document")

        page = log_in(visit)
        for kind in ("down", "unanswered"):
            go(visit, f"/admin?kind={kind}")
            nothing_ran(visit, "main")
        page.get_by_role("link", name="编辑并存为已审核答案").first.click()
        nothing_ran(visit, "main")
        page.get_by_label("答案").fill(f"最高80万元{MARKUP}")
        page.get_by_label("审核人").fill(MARKUP[:60])
        page.get_by_role("checkbox", name="第一条").check()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_have_text("已审核答案已保存。")
        for path in ("approved", "approved/1", "approved/new", "log", "history"):
            page.goto(f"{site}/admin/{path}")
            nothing_ran(visit, "main", BRIEF if path == "approved/new" else MARKUP)

        page = go(visit, "/hotline")
        look_up(page, open_question, "已审核")
        page.keyboard.press("Enter")
        nothing_ran(visit, "#cards")
        nothing_ran(visit, "#detail")
        page.keyboard.press("p")
        look_up(page, "整机企业", "第一条")
        page.keyboard.press("Enter")
        page.keyboard.press("p")
        nothing_ran(visit, "#cards", BRIEF)
        nothing_ran(visit, "#detail")
        page.reload()
        page.wait_for_selector(READY["/hotline"])
        nothing_ran(visit, "#pins")
        nothing_ran(visit, "#history")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+1")
        nothing_ran(visit, "#detail")

        for view in ("table", "pictures", "fit"):
            go(visit, f"/measures?view={view}&stage=research&where=here")
            nothing_ran(visit, f"#view-{view}")
        nothing_ran(visit, ".policy-name", IMAGE)


def test_a_kept_conversation_with_markup_in_it_is_shown_and_sent_as_text(
    browser: Browser, robots: Callable[[str], Assistant], tmp_path: Path
) -> None:
    with served(robots(SMALL_POLICY), tmp_path) as site, reader(browser, site) as visit:
        page = go(visit, "/")
        ask(page, ROBOTS)
        page.evaluate(
            """(markup) => {
                const kept = JSON.parse(sessionStorage.getItem("policy-assistant.conversation"));
                kept[0].question = markup;
                for (const turn of kept[0].reply.turns) turn.content += markup;
                sessionStorage.setItem("policy-assistant.conversation", JSON.stringify(kept));
            }""",
            MARKUP,
        )
        page.reload()
        page.wait_for_selector(READY["/"])
        nothing_ran(visit, ".asked")
        ask(page, f"第二条呢？{MARKUP}")
        nothing_ran(visit, ".turns")


# ---- nothing is lost that was shown as saved ----


def test_two_tabs_of_the_desk_lose_nothing_that_one_of_them_saved(browser: Browser, office: str) -> None:
    with reader(browser, office) as first:
        page = go(first, "/")
        ask(page, STANDARD)
        dislike(page, "看不懂", "")
        page = log_in(first)
        with tab(page.context, office) as second:
            other = go(second, "/admin?kind=down")
            other.get_by_role("link", name="编辑并存为已审核答案").click()
            save_entry(page, STANDARD, "第一个标签页的答案。")
            # The entry is gone from the queue meanwhile; what is saved for it isn't replaced behind one's back.
            other.get_by_label("答案").fill("第二个标签页的答案。")
            other.get_by_role("button", name="保存").click()
            expect(other.get_by_role("alert")).to_contain_text("同一问题已有已审核答案")
            expect(other.get_by_label("答案")).to_have_value("第二个标签页的答案。")
            # The browser's own word on the status of the refusal.
            assert all("422" in said for said in second.complaints)
            second.complaints.clear()
        page.goto(f"{office}/admin/approved")
        expect(page.get_by_role("article").locator(".answer")).to_have_text("第一个标签页的答案。")


def test_an_answer_that_another_tab_has_changed_is_not_overwritten_unseen(browser: Browser, office: str) -> None:
    with reader(browser, office) as first:
        page = log_in(first)
        page.goto(f"{office}/admin/approved/new")
        page.get_by_label("问题").fill(STANDARD)
        page.get_by_label("答案").fill("原来的答案。")
        page.get_by_role("button", name="保存").click()
        page.goto(f"{office}/admin/approved/1")
        with tab(page.context, office) as second:
            other = second.page
            other.goto(f"{office}/admin/approved/1")
            other.get_by_label("答案").fill("先保存的答案。")
            other.get_by_role("button", name="保存").click()
            expect(other.get_by_role("status")).to_have_text("已审核答案已保存。")
            page.get_by_label("答案").fill("后保存的答案。")
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_role("alert")).to_contain_text("先保存的答案。")
            assert violations(page) == []
            expect(page.get_by_label("答案")).to_have_value("后保存的答案。")
            other.reload()
            expect(other.get_by_role("article").locator(".answer")).to_have_text("先保存的答案。")
            # Now that it was seen it may be replaced.
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_role("status")).to_have_text("已审核答案已保存。")
            other.reload()
            expect(other.get_by_role("article").locator(".answer")).to_have_text("后保存的答案。")
        assert all("409" in said for said in first.complaints)
        first.complaints.clear()


def test_going_to_another_page_and_back_keeps_what_was_there(browser: Browser, office: str) -> None:
    with reader(browser, office) as visit:
        page = go(visit, "/")
        ask(page, STANDARD)
        dislike(page, "金额不对", "")
        page.get_by_role("link", name="热线").click()
        page.wait_for_selector(READY["/hotline"])
        look_up(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("p")
        page.keyboard.press("w")
        expect(page.locator("#saved")).to_have_text("已记录：部分解答")
        page.get_by_role("link", name="措施表").click()
        page.wait_for_selector(READY["/measures"])
        page.go_back()
        expect(page.locator("#saved")).to_have_text("已记录：部分解答")
        expect(page.locator("#pins button")).to_contain_text("(十九)")
        expect(page.locator("#history button")).to_have_text(["国家标准"])
        page.go_back()
        expect(page.locator(".asked p")).to_have_text(STANDARD)
        expect(page.get_by_role("button", name="有问题")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".answer")).to_contain_text("不超过50万元")


def test_a_reload_in_mid_answer_keeps_the_answers_and_votes_before_it(browser: Browser, office: str) -> None:
    with reader(browser, office) as visit:
        page = go(visit, "/")
        ask(page, STANDARD)
        dislike(page, "条款不对", "")

        def hold(route: Route) -> None:
            # A question reaches nobody; everything else does.
            if '"ask"' not in (route.request.post_data or ""):
                route.continue_()

        page.route(re.compile("/component_server"), hold)
        page.locator('[name="question"]').fill(CANTEEN)
        page.locator('[name="question"]').press("Enter")
        expect(page.locator(".waiting")).to_be_visible()
        page.reload()
        page.wait_for_selector(READY["/"])
        page.unroute_all(behavior="ignoreErrors")
        expect(page.locator(".answer")).to_contain_text("不超过50万元")
        expect(page.get_by_role("button", name="有问题").first).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".asked p").last).to_have_text(CANTEEN)
        page.get_by_role("button", name="重新提问").click()
        expect(page.locator(".replied .card:not(.waiting, .trouble)")).to_have_count(2)


@contextmanager
def process(environment: dict[str, str], folder: Path, port: int) -> Iterator[None]:
    """The command ``serve`` in a process of its own, as soon as it answers questions."""
    settings = {"POLICY_ADMIN_PASSWORD": PASSWORD, "POLICY_DATABASE_URL": f"sqlite:///{folder / 'records.sqlite'}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port)],
        env={**environment, **settings, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert "is ready" in server.stdout.readline()
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def test_a_server_that_is_started_again_finds_everything_and_open_pages_go_on(
    browser: Browser, environment: dict[str, str], tmp_path: Path
) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    with browser.new_context(locale="zh-CN") as context:
        chat, hotline, desk = (watched(context.new_page(), site) for _ in range(3))
        with process(environment, tmp_path, port):
            page = go(chat, "/")
            ask(page, STANDARD)
            dislike(page, "看不懂", "")
            page = go(hotline, "/hotline")
            look_up(page, "国家标准", "(十九)")
            page.keyboard.press("Enter")
            page.keyboard.press("p")
            page.keyboard.press("q")
            expect(page.locator("#saved")).to_have_text("已记录：已解答")
            page = log_in(desk)
            save_entry(page, STANDARD, "保存过的答案。")
            page.goto(f"{site}/admin/approved/new")
            page.get_by_label("问题").fill(CANTEEN)
            page.get_by_label("答案").fill("还没有保存的答案。")
            assert [one.complaints for one in (chat, hotline, desk)] == [[], [], []]

        # Nobody answers: that is said, and what was there stays.
        page = chat.page
        ask(page, CANTEEN)
        expect(page.locator(".replied").last.get_by_role("button", name="重新提问")).to_be_visible()
        expect(page.locator(".answer")).to_contain_text("不超过50万元")
        page = hotline.page
        page.bring_to_front()
        page.keyboard.press("Escape")
        page.keyboard.insert_text("小巨人")
        expect(page.locator("#status")).to_have_attribute("data-kind", "error")
        expect(page.locator("#saved")).to_have_text("已记录：已解答")

        with process(environment, tmp_path, port):
            page = chat.page
            page.get_by_role("button", name="重新提问").click()
            expect(page.locator(".replied .card:not(.waiting, .trouble)")).to_have_count(2)
            page.reload()
            page.wait_for_selector(READY["/"])
            expect(page.locator(".replied .card:not(.waiting, .trouble)")).to_have_count(2)
            expect(page.get_by_role("button", name="有问题").first).to_have_attribute("aria-pressed", "true")
            page = hotline.page
            look_up(page, STANDARD, "保存过的答案。")
            page.reload()
            expect(page.locator("#saved")).to_have_text("已记录：已解答")
            expect(page.locator("#pins button")).to_contain_text("(十九)")
            # The login ended with the server; what was saved and what was typed didn't.
            page = desk.page
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_role("alert")).to_be_visible()
            fill_login(page)
            expect(page.get_by_label("答案")).to_have_value("还没有保存的答案。")
            expect(page.get_by_label("问题")).to_have_value(CANTEEN)
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_role("article").locator(".answer")).to_have_text(
                ["还没有保存的答案。", "保存过的答案。"]
            )
            page.get_by_role("link", name="新建已审核答案").click()
            expect(page.get_by_label("答案")).to_have_value("")
        for visit in (chat, hotline, desk):
            assert visit.outside_requests() == []
    records = Records.open(f"sqlite:///{tmp_path / 'records.sqlite'}")
    assert [given.verdict for given in records.all_feedback()] == ["down"]
    assert [call.outcome for call in records.calls()] == ["answered"]
    assert [row.answer for row in records.approved()] == ["还没有保存的答案。", "保存过的答案。"]
    records.close()


# ---- addresses ----


@pytest.mark.parametrize("prefix", ["", "/policy"])
def test_every_page_works_under_its_address_with_and_without_a_slash_and_under_a_prefix(
    browser: Browser, assistant: Assistant, tmp_path: Path, prefix: str
) -> None:
    with served(assistant, tmp_path, root_path=prefix) as site, reader(browser, site) as visit:
        page = visit.page
        failed: list[str] = []
        page.on("response", lambda r: failed.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        paths = ["/", "/hotline", "/hotline/", "/measures", "/measures/", "/admin/login", "/admin/login/"]
        for path in [*paths, *([""] if prefix else [])]:
            page.goto(site + path)
            page.wait_for_selector(READY[path.rstrip("/") or "/"])
        # From page to page by the links that each of them has, and on each what it asks the server for.
        page = go(visit, "/")
        for name, path in (("热线", "/hotline"), ("措施表", "/measures"), ("问答", "/")):
            page.get_by_role("navigation", name="页面").get_by_role("link", name=name).click()
            page.wait_for_selector(READY[path])
            assert page.url == site + path
        ask(page, STANDARD)
        dislike(page, "看不懂", "")
        page.get_by_text("下载对话").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Markdown 文件").click()
        assert STANDARD in Path(download.value.path()).read_text(encoding="utf-8")
        page = go(visit, "/hotline/")
        look_up(page, "国家标准", "(十九)")
        page.keyboard.press("Enter")
        page.keyboard.press("q")
        expect(page.locator("#saved")).to_have_text("已记录：已解答")
        clause = page.locator("#detail .block.text a")
        with page.context.expect_page() as opening:
            clause.click()
        expect(opening.value.locator(".document .opened h4")).to_contain_text("(十九)")
        assert opening.value.url.startswith(f"{site}/?clause=")
        opening.value.close()
        page = go(visit, "/measures/")
        page.get_by_label("责任单位").select_option("市发展改革委")
        expect(page.locator(".live")).to_contain_text("符合 14 / 20 条")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert f"{site}/?clause=" in Path(download.value.path()).read_text(encoding="utf-8")
        page.locator("th.label a").first.click()
        page.wait_for_selector(READY["/"])
        expect(page.locator(".document .opened h4")).to_be_in_viewport()

        page.goto(f"{site}/admin/")
        fill_login(page)
        expect(page.get_by_role("heading", name="待审核")).to_be_visible()
        save_entry(page, STANDARD, "不超过50万元。")
        for name in ("已审核答案", "问题日志", "审核记录", "待审核"):
            page.get_by_role("navigation", name="审核台").get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            bare = page.url.partition("?")[0]
            page.goto(f"{bare}/")
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.goto(f"{site}/admin/log/")
        with page.expect_download() as download:
            page.get_by_role("link", name="导出").click()
        assert STANDARD in Path(download.value.path()).read_text(encoding="utf-8-sig")
        page.get_by_role("button", name="退出").click()
        expect(page).to_have_url(f"{site}/admin/login")
        assert failed == []
        outside = [url for url in visit.requests if not url.startswith((f"{site}/", "data:", "blob:"))]
        assert set(outside) <= {site}
