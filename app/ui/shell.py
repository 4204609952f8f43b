"""The frame that the plain pages share with the chat page: way between pages, language, theme, the fixed line."""

from __future__ import annotations

from html import escape
from importlib import resources
from urllib.parse import quote

from fastapi import FastAPI, HTTPException
from starlette.responses import Response

from app.i18n import Texts
from app.ui.home import LANGUAGE_BUTTONS
from app.ui.markup import HTML_LANG, Wording

# name of the page: its path. The desk is shown only where it is open.
PAGES = {"chat": "/", "hotline": "/hotline", "measures": "/measures"}
_CURRENT = ' aria-current="page"'
_MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def nav_html(wording: Wording, current: str, root_path: str = "") -> str:
    """Links to the pages, the one that is shown marked."""
    links = "".join(
        f'<a href="{escape(root_path + path)}"{_CURRENT if name == current else ""}>{wording.span(f"nav.{name}")}</a>'
        for name, path in PAGES.items()
    )
    return f'<nav class="pages"{wording.attributes(aria_label="nav.label")}>{links}</nav>'


def language_html(wording: Wording) -> str:
    """The buttons that change the language of the page; ``shell.js`` keeps the choice."""
    buttons = "".join(
        f'<button type="button" data-language="{code}" lang="{HTML_LANG[code]}" aria-pressed="false">{name}</button>'
        for code, name in LANGUAGE_BUTTONS.items()
    )
    return f'<div class="languages" role="group"{wording.attributes(aria_label="page.language")}>{buttons}</div>'


def theme_html(wording: Wording) -> str:
    """The button that changes between light and dark; the choice is kept."""
    named = wording.attributes(aria_label="nav.theme", title="nav.theme")
    return f'<button type="button" class="theme" data-theme-toggle{named}><span aria-hidden="true">◐</span></button>'


def page_html(
    texts: Texts,
    *,
    name: str,
    body: str,
    scripts: tuple[str, ...] = (),
    styles: tuple[str, ...] = (),
    root_path: str = "",
) -> str:
    """A whole page. ``name`` is a key of ``PAGES`` or ``desk``; ``body`` is HTML, every word of it escaped by its
    maker; ``scripts`` and ``styles`` are names of files in ``static/``."""
    wording = Wording(texts)
    title = escape(f"{texts.text(f'nav.{name}', 'zh')} · {texts.text('page.name', 'zh')}")
    icon = quote(resources.files("app.ui").joinpath("icon.svg").read_text(encoding="utf-8"))
    head = "".join(
        f'<link rel="stylesheet" href="{escape(root_path)}/static-pages/{escape(s)}">' for s in ("base.css", *styles)
    )
    tail = "".join(
        f'<script src="{escape(root_path)}/static-pages/{escape(s)}" defer></script>' for s in ("shell.js", *scripts)
    )
    return f"""<!doctype html>
<html lang="zh-Hans" data-language="zh" data-root="{escape(root_path)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml,{icon}">
{head}{tail}
</head>
<body class="plain" data-page="{escape(name)}">
<header class="bar">
  <span class="brand">{wording.span("page.name")}</span>
  {nav_html(wording, name, root_path)}
  {theme_html(wording)}
  {language_html(wording)}
</header>
<main id="main">{body}</main>
<footer class="disclaimer">{wording.span("page.disclaimer")}</footer>
</body>
</html>
"""


def add_static(app: FastAPI) -> None:
    """Serve the files of ``static/`` under ``/static-pages``: ours alone, by name."""
    folder = resources.files("app.ui").joinpath("static")

    @app.get("/static-pages/{name}", include_in_schema=False)
    def static_file(name: str) -> Response:
        known = {file.name: file for file in folder.iterdir()}
        media = _MEDIA.get(name.rsplit(".", 1)[-1])
        if name not in known or media is None:
            raise HTTPException(404, "there is no such file")
        return Response(
            known[name].read_bytes(), media_type=f"{media}; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )
