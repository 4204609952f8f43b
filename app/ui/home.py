"""The first screen: the page's frame, the policy's heading, and examples of what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from app.i18n import EN, ZH, ZH_HANT, Wordings
from app.ui.markup import Wording
from corpus.models import Policy

# A language is named in itself, so that whoever needs it can read it.
LANGUAGE_BUTTONS = {ZH: "简体", ZH_HANT: "繁體", EN: "English"}
# strftime would write the month in the server's own language.
MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip


def frame_html(wording: Wording, max_question_chars: int, bar: str = "", root_path: str = "") -> str:
    """The page before anything is asked. Holds page texts alone, no words of a policy or a reader. ``bar`` is the
    HTML of what all pages have at their head."""
    too_long = wording.span("refused.too_long", length="{length}", limit="{limit}")
    downloads = "".join(
        f'<button type="button" class="quiet" data-download="{kind}">{wording.span(key)}</button>'
        for kind, key in (("docx", "composer.docx"), ("md", "composer.markdown"))
    )
    return f"""
<div class="assistant" data-root="{escape(root_path)}">
  <header class="bar"><span class="brand">{wording.span("page.name")}</span>{bar}</header>
  <div class="masthead">
    <div class="masthead-policy" data-slot="masthead"><p class="loading">{wording.span("page.loading")}</p></div>
  </div>
  <main class="columns">
    <section class="chat"{wording.attributes(aria_label="page.chat")}>
      <div class="log" role="log" aria-live="polite" tabindex="0"{wording.attributes(aria_label="page.chat")}>
        <div class="welcome" data-slot="welcome"></div>
        <div class="turns"></div>
      </div>
      <form class="composer" novalidate>
        <textarea rows="1" name="question" autocomplete="off" data-limit="{max_question_chars}"
          {wording.attributes(aria_label="composer.label", placeholder="composer.placeholder")}></textarea>
        <button type="submit" class="send">{wording.span("composer.send")}</button>
        <button type="button" class="stop" hidden>{wording.span("composer.stop")}</button>
        <div class="composer-foot"><span class="hint">{wording.span("composer.hint")}</span>
          <span class="counter" role="status" hidden></span>
          <span class="conversation" hidden><details class="downloads">
            <summary>{wording.span("composer.download")}</summary>
            <div class="menu">{downloads}</div></details>
          <button type="button" class="quiet new">{wording.span("composer.new")}</button></span></div>
        <p class="trouble-line" role="alert" hidden></p>
      </form>
      <form class="transcript" method="post" enctype="text/plain" target="transcript" hidden>
        <input type="hidden" name="conversation"></form>
      <iframe name="transcript" title="" aria-hidden="true" tabindex="-1" hidden></iframe>
    </section>
    <aside class="source"{wording.attributes(aria_label="source.heading")}>
      <div class="source-head">
        <h2>{wording.span("source.heading")}</h2>
        <p class="prevails">{wording.span("source.prevails")}</p>
        <select class="choose" hidden{wording.attributes(aria_label="source.choose")}></select>
        <button type="button" class="quiet back" hidden>{wording.span("source.back")}</button>
        <details class="contents"><summary>{wording.span("source.contents")}</summary>
          <nav data-slot="contents"{wording.attributes(aria_label="source.contents")}></nav></details>
      </div>
      <div class="document" lang="zh-Hans" role="region" tabindex="0"{wording.attributes(aria_label="source.heading")}>
      </div>
      <p class="panel-said visually-hidden" role="status"></p>
    </aside>
  </main>
  <footer class="disclaimer">{wording.span("page.disclaimer")}</footer>
  <template data-template="asked">{wording.span("turn.asked", css="visually-hidden")}</template>
  <template data-template="pending">
    <article class="card waiting"><p>{wording.span("turn.pending")}</p></article>
  </template>
  <template data-template="stopped">{trouble_html(wording, "turn.stopped")}</template>
  <template data-template="interrupted">{trouble_html(wording, "turn.interrupted")}</template>
  <template data-template="unreachable">{trouble_html(wording, "trouble.unreachable")}</template>
  <template data-template="too-long">{too_long}</template>
  <template data-template="retry"><button type="button" class="retry">{wording.span("turn.retry")}</button></template>
  <template data-template="download-failed">{wording.span("composer.download_failed")}</template>
  <template data-template="copied">{wording.span("act.copied")}</template>
  <template data-template="not-copied">{wording.span("act.not_copied")}</template>
  <template data-template="link-copied">{wording.span("act.link_copied")}</template>
  <template data-template="thanks">{wording.span("feedback.thanks")}</template>
  <template data-template="not-stored">{wording.span("feedback.not_stored")}</template>
  <template data-template="choose-reason">{wording.span("feedback.choose")}</template>
</div>
"""


def trouble_html(wording: Wording, key: str, **values: str) -> str:
    """A card that says plainly what is wrong."""
    return f'<article class="card trouble" role="alert"><p>{wording.span(key, **values)}</p></article>'


def masthead_html(policies: Sequence[Policy], wording: Wording, today: date) -> str:
    """Title, document number and until when it is in force; with several policies, how many there are."""
    if len(policies) != 1:
        count = wording.span("masthead.policies", count=str(len(policies)))
        return f'<h1>{wording.span("page.name")}</h1><p class="meta">{count}</p>'
    (policy,) = policies
    english = ""
    if policy.english_title:
        english = f'<p class="english-title" lang="en">{escape(policy.english_title)}</p>'
    facts = [f'<span lang="zh-Hans">{escape(policy.doc_no)}</span>'] if policy.doc_no else []
    facts.extend(_validity(policy, wording, today))
    return (
        f'<h1 lang="zh-Hans">{escape(policy.title)}</h1>{english}'
        f'<p class="meta">{"".join(f"<span>{fact}</span>" for fact in facts)}</p>'
    )


def _validity(policy: Policy, wording: Wording, today: date) -> list[str]:
    validity = policy.validity
    start, end = validity.effective_from, validity.effective_to
    shown = []
    if end is not None and end < today:
        shown.append(wording.span("masthead.expired", css="warning", end=_written(end)))
    elif start is not None and start > today:
        shown.append(wording.span("masthead.not_yet", css="warning", start=_written(start)))
    elif start is not None and end is not None:
        shown.append(wording.span("masthead.in_force", css="in-force", start=_written(start), end=_written(end)))
    elif start is not None:
        shown.append(wording.span("masthead.in_force_open", css="in-force", start=_written(start)))
    if end is not None and validity.derived and validity.term_years:
        shown.append(wording.span("masthead.derived", css="quiet", years=str(validity.term_years)))
    return shown


def _written(day: date) -> Wordings:
    """The date as each language writes it."""
    chinese = f"{day.year}年{day.month}月{day.day}日"
    return {ZH: chinese, ZH_HANT: chinese, EN: f"{day.day} {MONTHS[day.month - 1]} {day.year}"}


def welcome_html(policies: Sequence[Policy], wording: Wording) -> str:
    """What the page does, and one example of each kind of question."""
    policy_id = policies[0].id if len(policies) == 1 else None
    examples = "".join(
        f'<li><button type="button" class="example">{wording.of(example.kind, "kind")}'
        f"{wording.of(example.question, 'question')}</button></li>"
        for example in wording.texts.examples(policy_id)
    )
    return (
        f"<h2>{wording.span('welcome.heading')}</h2><p>{wording.span('welcome.lead')}</p>"
        f'<ul class="examples">{examples}</ul>'
    )


def choices_html(policies: Sequence[Policy]) -> str:
    """The options of the panel's choice of policy."""
    return "".join(f'<option value="{escape(p.id)}">{escape(p.title)}</option>' for p in policies)
