"""The page /measures in a reader's browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from app.measures_api import add_measures
from app.ui.shell import add_static
from corpus import read_policy
from corpus.departments import Directory
from tests.app.conftest import running
from tests.axe import violations
from tests.browser import Visit

PHONE = {"viewport": {"width": 390, "height": 844}}
EVIL = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
MARKED_UP = f"""示例市机器人产业促进办法{EVIL}

示例市为促进机器人产业发展，制定本办法。

第一条 支持{EVIL}机器人整机研发。对新认定的{EVIL}整机企业，给予最高80万元资助。（责任单位：市<b>科技局）

第二条 奖励{EVIL}单位。对获得国家“{EVIL}”称号的，给予20万元奖励。（责任单位：市商务局）
"""


@contextmanager
def opened(
    browser: Browser, site: str, path: str = "/measures", language: str = "zh", **options: Any
) -> Iterator[Visit]:
    """The page once it shows what its address says; nothing may be asked of another host, nothing complained of."""
    with browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}, **options}) as context:
        context.add_init_script(f"localStorage.getItem('policy-assistant.language') || "
                                f"localStorage.setItem('policy-assistant.language', '{language}')")  # fmt: skip
        page = context.new_page()
        visit = Visit(page, site)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda m: visit.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.goto(site + path)
        page.wait_for_selector("#main[data-shown]")
        yield visit
        assert visit.outside_requests() == []
        assert visit.complaints == []


def labels(page: Page) -> list[str]:
    return page.locator("table.measures tbody th.label a").all_text_contents()


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_the_table_has_a_row_a_provision_and_says_how_many_match(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        expect(page.locator(".live")).to_contain_text("符合 20 / 20 条")
        first = page.locator("table.measures tbody tr").first
        expect(first.locator("td.qualifier")).to_have_text("不超过")
        expect(first.locator("td.amount strong")).to_have_text("30,000,000")
        expect(first.locator("td.ratio")).to_have_text("未规定")
        expect(first.locator("th.label a")).to_have_attribute("href", "/?clause=sz-new-materials-2023%231")
        expect(page.locator("footer")).to_have_text("以政策原文及主管部门解释为准")


def test_filters_stand_in_the_address_and_the_back_button_undoes_them(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.get_by_label("责任单位").select_option("市发展改革委")
        expect(page.locator(".live")).to_contain_text("符合 14 / 20 条")
        page.locator("select[name=field]").select_option("生物医用材料")
        expect(page.locator(".live")).to_contain_text("符合 2 / 20 条")
        page.get_by_label("金额不低于（万元）").fill("3000")
        expect(page.locator(".live")).to_contain_text("符合 1 / 20 条")
        assert parameters(page) == {
            "department": ["市发展改革委"],
            "field": ["生物医用材料"],
            "min_amount": ["30000000"],
        }
        page.go_back()
        expect(page.locator(".live")).to_contain_text("符合 14 / 20 条")
        expect(page.locator("select[name=field]")).to_have_value("")
        page.go_back()
        expect(page.locator(".live")).to_contain_text("符合 20 / 20 条")
        page.go_forward()
        expect(page.get_by_label("责任单位")).to_have_value("市发展改革委")


def test_an_address_can_be_shared_also_with_another_name_of_a_department(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?department=发改委&has_amount=true&sort=-amount&q=材料") as visit:
        page = visit.page
        expect(page.get_by_label("责任单位")).to_have_value("市发展改革委")
        expect(page.get_by_label("包含文字")).to_have_value("材料")
        expect(page.get_by_label("是否写明金额")).to_have_value("true")
        expect(page.locator("th.amount[aria-sort=descending]")).to_be_visible()
        expect(page.locator("[data-conditions]")).to_contain_text("市发展改革委")
        expect(page.locator("td.amount .open")).to_have_count(0)


def test_typing_filters_and_nothing_found_says_so(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.get_by_label("包含文字").press_sequentially("首版次")
        expect(page.locator(".live")).to_contain_text("符合 1 / 20 条")
        page.get_by_label("包含文字").fill("没有这样的字")
        expect(page.locator("tr.empty")).to_be_visible()
        page.get_by_role("button", name="清除筛选").click()
        expect(page.locator(".live")).to_contain_text("符合 20 / 20 条")
        expect(page.get_by_label("包含文字")).to_have_value("")


def test_sorting_works_from_the_keyboard_and_shows_ties_as_ties(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.get_by_role("button", name=re.compile("^金额（元）")).focus()
        page.keyboard.press("Enter")
        expect(page.locator("th.amount")).to_have_attribute("aria-sort", "descending")
        expect(page.locator("tr.tied .rank").nth(2)).to_have_text("并列第 1 位")
        assert labels(page)[:3] == ["(三)", "(九)", "(十二)"]
        # The key goes on working where it was.
        page.keyboard.press("Enter")
        expect(page.locator("th.amount")).to_have_attribute("aria-sort", "ascending")
        page.keyboard.press("Enter")
        expect(page.locator("th.amount")).to_have_attribute("aria-sort", "none")
        assert labels(page)[0] == "(一)"


def test_a_cap_that_is_not_all_has_its_note_beside_it(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?min_amount=50000000") as visit:
        rows = visit.page.locator("table.measures tbody tr")
        expect(rows).to_have_count(3)
        expect(rows.nth(0).locator(".note")).to_have_count(0)
        expect(rows.nth(1).locator(".note q")).to_contain_text("1:1")
        expect(rows.nth(2).locator(".note q")).to_contain_text("一企一策")


def test_what_is_exported_is_what_is_shown(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?department=科创委&sort=-amount") as visit:
        page = visit.page
        shown = labels(page)
        sums = page.locator("td.amount").evaluate_all(
            "cells => cells.map(cell => cell.querySelector('strong')?.textContent.replaceAll(',', '') || '')"
        )
        saved = {}
        for name in ("CSV", "Excel", "JSON"):
            with page.expect_download() as waiting:
                page.get_by_role("link", name=name, exact=True).click()
            saved[name] = Path(waiting.value.path()).read_bytes()
        assert [row["label"] for row in json.loads(saved["JSON"])["measures"]] == shown
        table = load_workbook(io.BytesIO(saved["Excel"])).worksheets[0]
        head = [cell.value for cell in table[1]]
        assert [line[head.index("条款")].value for line in table.iter_rows(min_row=2)] == shown
        assert [str(line[head.index("金额（元）")].value or "") for line in table.iter_rows(min_row=2)] == sums
        lines = saved["CSV"].decode("utf-8-sig")
        assert re.findall(r"^\d*,(\([^)]*\)),", lines, re.MULTILINE) == shown


def test_the_page_and_its_files_are_in_english_too_and_the_choice_is_kept(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?q=首版次") as visit:
        page = visit.page
        page.get_by_role("button", name="English").click()
        expect(page.locator(".live")).to_contain_text("1 of 20 measures match")
        expect(page.locator("td.what").first).to_contain_text("software")
        expect(page.locator("td.what [lang=zh-Hans]").first).to_be_visible()
        assert "lang=en" in str(page.get_by_role("link", name="CSV").get_attribute("href"))
        page.reload()
        expect(page.locator(".live")).to_contain_text("1 of 20 measures match")
        page.get_by_role("button", name="繁體").click()
        expect(page.locator(".live")).to_contain_text("符合 1 / 20 條")


@pytest.mark.parametrize("view", ["table", "pictures", "fit&organisation=enterprise"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(browser: Browser, site: str, view: str, scheme: Any) -> None:
    with opened(browser, site, f"/measures?view={view}", color_scheme=scheme, **PHONE) as visit:
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("document.documentElement.classList.contains('dark')") is (scheme == "dark")
        ink, ground = page.evaluate(
            "[getComputedStyle(document.querySelector('h1')).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert (_light(ink) > _light(ground)) is (scheme == "dark")


def _light(colour: str) -> int:
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_on_a_phone_every_figure_has_its_heading_and_rows_can_be_sorted(browser: Browser, site: str) -> None:
    with opened(browser, site, **PHONE) as visit:
        page = visit.page
        cell = page.locator("td.amount").first
        assert "金额（元）" in page.evaluate(
            "cell => getComputedStyle(cell, '::before').content", cell.element_handle()
        )
        page.locator(".filters > summary").click()
        page.get_by_label("排序").select_option("-amount")
        expect(page.locator("tr.tied .rank").first).to_have_text("并列第 1 位")


def test_the_pictures_have_titles_tables_and_keys(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?view=pictures") as visit:
        page = visit.page
        pictures = page.locator("figure.picture")
        expect(pictures).to_have_count(3)
        for index in range(3):
            picture = pictures.nth(index)
            svg = picture.locator("svg")
            title = picture.locator("h2")
            assert svg.get_attribute("aria-labelledby") == title.get_attribute("id")
            assert svg.locator("a[tabindex='0']").count() == 1
            picture.locator("summary").click()
            expect(picture.locator("table")).to_be_visible()
        caps = pictures.nth(0)
        expect(caps.locator("tbody tr")).to_have_count(27)
        caps.locator("a[tabindex='0']").focus()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("(二)")
        page.keyboard.press("End")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("(十九)")
        departments = pictures.nth(2)
        line = departments.locator("tbody tr", has_text="市发展改革委")
        expect(line.locator("td").nth(1)).to_have_text("(十一) (十四)")


def test_pictures_follow_the_filters(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?view=pictures&has_amount=false") as visit:
        expect(visit.page.locator("figure.picture")).to_have_count(1)
        expect(visit.page.locator("#view-pictures > .open")).to_be_visible()


def test_what_fits_us_shows_the_sentence_that_decided(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.get_by_role("tab", name="与我们相关吗").click()
        expect(page.locator(".fits")).to_contain_text("请先回答至少一个问题")
        page.get_by_label("你们属于哪个重点领域？").select_option("前沿新材料")
        possible, unrelated, unspecified = (
            page.locator(f"[data-verdict={verdict}]") for verdict in ("possible", "unrelated", "unspecified")
        )
        expect(possible.locator("blockquote mark").first).to_have_text("前沿新材料")
        expect(unrelated.locator("ol > li").first).to_contain_text("其中没有这个")
        expect(unspecified.locator("ol > li").first.locator("blockquote")).not_to_be_empty()
        page.get_by_label("国家专精特新“小巨人”", exact=True).check()
        expect(possible.locator("[data-id$='#16.6'] > .decision blockquote")).to_contain_text("小巨人")
        expect(unrelated.locator("[data-id$='#16.7']")).to_be_visible()
        page.get_by_label("以上都没有").check()
        expect(page.get_by_label("国家专精特新“小巨人”", exact=True)).not_to_be_checked()
        expect(unrelated.locator("[data-id$='#16.6']")).to_be_visible()
        assert parameters(page) == {"view": ["fit"], "fit_field": ["前沿新材料"], "honours": ["none"]}
        counts = [group.locator("ol > li").count() for group in (possible, unrelated, unspecified)]
        assert sum(counts) == 45
        # No scores, no sums.
        assert not re.search(r"\d+\s*[%分]|合计[^，]*\d", page.locator(".fits").inner_text())


def test_the_sentence_shown_is_verbatim(browser: Browser, site: str, founding_policy: Any) -> None:
    with opened(browser, site, "/measures?view=fit&organisation=university&where=elsewhere&stage=pilot") as visit:
        quotes = visit.page.locator("blockquote").evaluate_all(
            "all => all.map(q => [Number(q.dataset.start), Number(q.dataset.end), q.textContent])"
        )
        assert len(quotes) >= 45
        for start, end, text in quotes:
            assert founding_policy.source_text[start:end] == text


def test_the_tabs_work_from_the_keyboard(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.get_by_role("tab", name="表格").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="图示")).to_be_focused()
        expect(page.locator("figure.picture").first).to_be_visible()
        page.keyboard.press("ArrowLeft")
        expect(page.locator("table.measures")).to_be_visible()


def test_on_paper_there_are_rows_and_no_controls(browser: Browser, site: str) -> None:
    with opened(browser, site, "/measures?department=发改委", color_scheme="dark") as visit:
        page = visit.page
        page.emulate_media(media="print")
        expect(page.locator(".filters")).to_be_hidden()
        expect(page.locator(".outputs")).to_be_hidden()
        expect(page.locator("table.measures")).to_be_visible()
        expect(page.locator("[data-conditions]")).to_contain_text("市发展改革委")
        expect(page.locator("footer")).to_be_visible()
        assert _light(page.evaluate("getComputedStyle(document.querySelector('td.what')).color")) < 150


def test_a_filter_that_cannot_be_read_is_said_and_the_page_goes_on(browser: Browser, site: str) -> None:
    with opened(browser, site) as visit:
        page = visit.page
        page.route("**/api/measures?*", lambda route: route.abort())
        page.get_by_label("责任单位").select_option("市商务局")
        expect(page.get_by_role("alert")).to_contain_text("未能载入措施表")
        page.unroute("**/api/measures?*")
        page.get_by_label("责任单位").select_option("市发展改革委")
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(page.locator(".live")).to_contain_text("符合 14 / 20 条")
        # The browser itself notes the request that was cut off.
        visit.complaints.clear()


def test_markup_in_a_policy_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "marked-up.txt"
    file.write_text(MARKED_UP, encoding="utf-8")
    policy = read_policy(file, Directory.load())

    class Own:
        policies = (policy,)

    app = FastAPI()
    add_static(app)
    add_measures(app, Own)

    @app.get("/api/policies")
    def policies() -> dict[str, Any]:
        return {"policies": [{"id": f"{policy.id}{n}", "title": policy.title} for n in ("", "-2")]}

    with running(app) as site:
        for view in ("table", "pictures", "fit&organisation=university&honours=none"):
            with opened(browser, site, f"/measures?view={view}") as visit:
                page = visit.page
                expect(page.locator("main img")).to_have_count(0)
                assert page.locator("main script:not([type='application/json'])").count() == 0
                assert page.title() != "run"
                assert "<img src=x" in page.locator("main").inner_text()
                assert not any(url.endswith("/x") for url in visit.requests)


@pytest.mark.parametrize("view", ["table&sort=-amount", "pictures", "fit&organisation=enterprise&honours=none"])
@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark", **PHONE}], ids=["desk", "phone"])
def test_an_accessibility_check_finds_nothing_serious(
    browser: Browser, site: str, view: str, options: dict[str, Any]
) -> None:
    with opened(browser, site, f"/measures?view={view}", **options) as visit:
        assert violations(visit.page) == []
