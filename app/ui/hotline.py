"""The hotline page ``/hotline``: one box, cards while typing, every step a key. Its script works over the JSON API."""

from __future__ import annotations

import json
from collections.abc import Callable

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from app.i18n import Texts, load_texts
from app.search_api import add_search
from app.ui.markup import Wording
from app.ui.shell import page_html

MAX_QUERY_CHARS = 200
# What the script says, under its own names.
_SAID = (
    "results", "no_results", "far", "searching", "failed", "personal", "copied", "copy_failed", "pinned", "unpinned",
    "lead", "joint", "no_department", "no_amount", "reviewed", "stale", "spoken", "sms", "unsaid", "transfer",
    "text", "whole_text", "chars", "answer", "cites", "recorded", "recorded_already", "not_recorded", "recording",
    "next_call", "key_copy", "key_sms", "key_pin", "key_unpin", "key_other_language", "nothing_pinned",
    "nothing_asked", "open_first", "match_exact", "match_close", "match_meaning", "answered", "partial", "unanswered",
    "transferred", "unreviewed_translation",
)  # fmt: skip
_KEYS = (
    ("Enter ↓", "keys_leave"),
    ("1–9", "keys_open"),
    ("↑ ↓", "keys_move"),
    ("C", "keys_copy"),
    ("S", "keys_sms"),
    ("P", "keys_pin"),
    ("L", "keys_language"),
    ("⇧ 1–9", "keys_pinned"),
    ("/", "keys_back"),
    ("Esc", "keys_clear"),
    ("Q W E R", "keys_outcome"),
    ("N", "keys_next"),
)
# outcome: its key
_OUTCOMES = {"answered": "Q", "partial": "W", "unanswered": "E", "transferred": "R"}


def add_hotline(app: FastAPI, assistant: Callable[[], object], max_question_chars: int, root_path: str = "") -> None:
    """Serve the page, with and without a slash at the end, and the search behind it. Its files come from
    ``/static-pages``."""
    texts = load_texts()
    add_search(app, assistant, texts, max_question_chars)
    page = hotline_html(texts, root_path)

    @app.get("/hotline", include_in_schema=False)
    @app.get("/hotline/", include_in_schema=False)
    def hotline() -> HTMLResponse:
        return HTMLResponse(page)


def hotline_html(texts: Texts, root_path: str = "") -> str:
    """The whole page, in every language at once."""
    w = Wording(texts)
    # The script fills these in itself.
    said = {name: texts.each(f"hotline.{name}", n="{n}", outcome="{outcome}") for name in _SAID}
    outcomes = "".join(
        f'<button type="button" data-outcome="{name}"><kbd>{key}</kbd> {w.span(f"hotline.{name}")}</button>'
        for name, key in _OUTCOMES.items()
    )
    keys = "".join(f"<div><dt><kbd>{keys}</kbd></dt><dd>{w.span(f'hotline.{name}')}</dd></div>" for keys, name in _KEYS)
    # Inside a script element nothing is escaped; what could end it is.
    data = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    body = f"""
<h1 class="visually-hidden">{w.span("nav.hotline")}</h1>
<section class="ask" role="search">
  <label for="query">{w.span("hotline.box")}</label>
  <input id="query" type="text" autocomplete="off" autocorrect="off" spellcheck="false" enterkeyhint="search"
    maxlength="{MAX_QUERY_CHARS}" autofocus aria-describedby="status"{w.attributes(placeholder="hotline.placeholder")}>
  <select id="policy" hidden{w.attributes(aria_label="hotline.policy")}></select>
  <p id="warning" role="alert" hidden></p>
  <p id="status" role="status"></p>
</section>
<div class="board">
  <section class="found"{w.attributes(aria_label="hotline.found")}>
    <ol id="cards" tabindex="-1"></ol>
    <p id="empty" class="hint">{w.span("hotline.start")}</p>
  </section>
  <section id="detail" class="detail"{w.attributes(aria_label="hotline.detail")} hidden></section>
  <aside class="call"{w.attributes(aria_label="hotline.call")}>
    <h2>{w.span("hotline.call")}</h2>
    <div class="outcomes" role="group"{w.attributes(aria_label="hotline.outcome")}>{outcomes}
      <button type="button" id="next" class="next"><kbd>N</kbd> {w.span("hotline.next")}</button></div>
    <p id="saved" role="status"></p>
    <h3>{w.span("hotline.pins")}</h3>
    <ol id="pins"></ol>
    <h3>{w.span("hotline.history")}</h3>
    <ol id="history"></ol>
    <details class="keys" open>
      <summary>{w.span("hotline.keys")}</summary>
      <dl>{keys}</dl>
      <p>{w.span("hotline.keys_alt")}</p>
    </details>
  </aside>
</div>
<script type="application/json" id="hotline-texts">{data}</script>
"""
    return page_html(
        texts, name="hotline", body=body, scripts=("hotline.js",), styles=("hotline.css",), root_path=root_path
    )
