"""``python -m tests.key_to_cards [ADDRESS]``: how long from a key to its cards on the hotline page, and what the page
weighs. Without an address a server is started over ``POLICY_DATA_DIR``. For reading: machines differ."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, Response

from app.assistant import Assistant
from app.records import Records, database_url
from app.server import create_app
from app.settings import load_settings
from tests.app.conftest import running
from tests.browser import chromium

QUERIES = (
    *("参与制定国家标准能拿多少钱", "首批次新材料产品", "单项冠军", "小巨人奖励", "中试基地", "测试验证平台建设"),
    *("固态电解质研发", "工业软件首版次", "飞地园区", "贷款", "有效期到什么时候", "哪个部门负责解释"),
    *("national standard grant", "pilot-scale projects"),
)
# A quick typist: ten characters a second.
KEY_MS = 100
OBSERVE = """() => {
  window.taken = [];
  new PerformanceObserver((list) => window.taken.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "measure" });
}"""


def main() -> None:
    """Type every query key by key, then say how long the cards took."""
    with TemporaryDirectory() as folder, chromium() as browser:
        if len(sys.argv) > 1:
            _measure(browser, sys.argv[1].rstrip("/"))
            return
        records = Records.open(database_url(Path(folder), None))
        with running(create_app(Assistant.open(load_settings()), records=records)) as site:
            _measure(browser, site)
        records.close()


def _measure(browser: Browser, site: str) -> None:
    weights: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if "/api/" not in response.url:
            weights[response.url.removeprefix(site)] = len(response.body())

    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.on("requestfinished", lambda request: weigh(request.response()) if request.response() else None)
        page.goto(f"{site}/hotline")
        page.wait_for_selector("html[data-hotline=ready]")
        _type(page, QUERIES[0])
        page.evaluate(OBSERVE)
        for query in QUERIES:
            _type(page, query)
        taken = sorted(page.evaluate("window.taken"))
    print(f"key to cards over {len(taken)} searches: p50 {_at(taken, 0.5)} ms, p95 {_at(taken, 0.95)} ms, "
          f"longest {round(taken[-1])} ms")  # fmt: skip
    print(f"page: {sum(weights.values()):,} bytes: {', '.join(f'{path} {size:,}' for path, size in weights.items())}")


def _type(page: Page, query: str) -> None:
    page.keyboard.press("Escape")
    page.keyboard.type(query, delay=KEY_MS)
    page.locator("#cards > li").first.wait_for()
    page.wait_for_timeout(400)


def _at(values: list[float], share: float) -> int:
    return round(values[min(len(values) - 1, int(share * len(values)))])


if __name__ == "__main__":
    main()
