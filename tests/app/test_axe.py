"""The accessibility check itself: it must find what is wrong, or its silence on the pages says nothing."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.axe import violations

GOOD = (
    '<!doctype html><html lang="zh-Hans"><title>页</title><main><h1>题</h1><label>名<input></label>'
    '<p style="color:#767676;background:#fff">看得清的字</p></main></html>'
)


def test_a_page_without_fault_has_no_violation_and_a_fault_is_named_with_its_place(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content(GOOD)
        assert violations(page) == []
        page.set_content(GOOD.replace("#767676", "#cccccc").replace("<label>名<input></label>", "<input class='bare'>"))
        found = violations(page)
        assert [one.split(" (")[0] for one in found] == ["color-contrast", "label"]
        assert "bare" in found[1]
        assert len(violations(page, within="p")) == 1
