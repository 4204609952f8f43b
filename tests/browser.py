"""The system's own Chromium, kept off the network, for tests of the pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class BrowserMissingError(AssertionError):
    """There is no browser to test with; the message names the package that brings it."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. BrowserMissingError when it isn't installed: a page test is never skipped."""
    path = shutil.which("chromium")
    if path is None:
        raise BrowserMissingError(
            "the page tests need Debian's browser and fonts: apt-get install chromium fonts-noto-cjk"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page of its own browser profile, and what it asked for and complained of since it was opened."""

    page: Page
    site: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def outside_requests(self) -> list[str]:
        """Addresses requested from anywhere but the site itself."""
        return [url for url in self.requests if not url.startswith((self.site, "data:", "blob:"))]


@contextmanager
def visit(browser: Browser, site: str, path: str = "/", **context_options: Any) -> Iterator[Visit]:
    """Open ``path`` in a fresh profile and wait for the first screen. ``context_options`` are Playwright's:
    locale, viewport, color_scheme and so on."""
    with browser.new_context(**{"locale": "zh-CN", **context_options}) as context:
        yield open_tab(context.new_page(), site, path)


def watched(page: Page, site: str) -> Visit:
    """Record from now on what the page asks for and complains of."""
    visit = Visit(page, site)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("console", lambda message: visit.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    return visit


def open_tab(page: Page, site: str, path: str = "/") -> Visit:
    """Record what the page does, go to ``path`` and wait for the first screen."""
    visit = watched(page, site)
    page.goto(site + path)
    page.wait_for_selector(".assistant[data-ready]")
    return visit
