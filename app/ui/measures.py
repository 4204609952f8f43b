"""The page of the table of provisions; its script fills it from ``/api/measures``."""

from __future__ import annotations

import json

from app.i18n import LANGUAGES, Texts
from app.ui.markup import Wording
from app.ui.shell import page_html

# Texts that the script puts in place itself, by name.
_SCRIPT_TEXTS = (
    "live", "provisions", "none_fit", "failed", "reset", "all", "unspecified", "amount_open", "whom_open", "exact",
    "per", "tied", "rank", "rank_tied", "more_departments", "ratio_open",
    "note_matching_own", "note_matching_beside", "note_case_by_case_own", "note_case_by_case_beside",
    "column_label", "column_title", "column_section", "column_what", "column_whom", "column_modes", "column_qualifier",
    "column_amount", "column_ratio", "column_lead", "column_joint", "column_link", "column_notes", "column_field",
    "column_department", "sort_hint", "sort_order", "sort_up", "sort_down", "caption", "filtered_by",
    "filter_department", "filter_field", "filter_from", "filter_to", "filter_has", "filter_words", "has_true",
    "has_false", "in_force",
    "picture_caps", "picture_caps_about", "picture_fields", "picture_fields_about", "picture_departments",
    "picture_departments_about", "picture_empty", "picture_table", "picture_keys", "no_field", "lead",
    "joint", "times", "up_to", "sum",
    "fit_field", "fit_organisation", "fit_stage", "fit_honours", "fit_where", "fit_skip", "fit_no_fields",
    "fit_no_honours", "fit_none_held", "fit_answer_first", "fit_possible", "fit_unrelated", "fit_unspecified",
    "fit_possible_about", "fit_unrelated_about", "fit_unspecified_about", "fit_count", "fit_nothing", "fit_decided",
    "fit_others", "fit_from",
    "organisation_enterprise", "organisation_university", "organisation_institute", "organisation_testing",
    "organisation_finance", "organisation_association", "organisation_medical", "organisation_district",
    "stage_research", "stage_validation", "stage_pilot", "stage_production", "stage_market", "stage_upgrading",
    "stage_financing", "where_here", "where_coming", "where_elsewhere",
    "reason_field_named", "reason_field_others", "reason_field_open_list", "reason_field_silent",
    "reason_organisation_named", "reason_organisation_any", "reason_organisation_others",
    "reason_organisation_open_list", "reason_organisation_silent", "reason_stage_named", "reason_stage_others",
    "reason_stage_not_excluded", "reason_stage_silent", "reason_honours_held", "reason_honours_missing",
    "reason_honours_none_asked", "reason_where_zone", "reason_where_settling", "reason_where_must_settle",
    "reason_where_brought_in", "reason_where_built_here", "reason_where_local", "reason_where_local_only",
    "reason_where_once_local", "reason_where_silent",
)  # fmt: skip
# What the script fills in.
_VALUES = ("clauses", "total", "count", "why", "from", "to", "name", "value", "rank", "label")
_VIEWS = ("table", "pictures", "fit")


def measures_html(texts: Texts, root_path: str = "") -> str:
    """The whole page, without a word of any policy."""
    w = Wording(texts)
    told = {
        language: {
            name: texts.text(f"measures.{name}", language, **{value: f"{{{value}}}" for value in _VALUES})
            for name in _SCRIPT_TEXTS
        }
        for language in LANGUAGES
    }
    # In a script element only < could end it.
    island = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{view}" aria-controls="view-{view}" aria-selected="false"'
        f' tabindex="-1" data-view="{view}">{w.span(f"measures.view_{view}")}</button>'
        for view in _VIEWS
    )
    exports = "".join(
        f'<a class="export" data-export="{kind}" href="{root_path}/api/measures?format={kind}" download>{name}</a>'
        for kind, name in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
    )
    body = f"""
<section class="head">
  <h1>{w.span("measures.heading")}</h1>
  <p class="policy-name"><span lang="zh-Hans" data-policy-title></span> <span class="doc-no" data-doc-no></span></p>
  <p class="in-force" data-in-force></p>
  <label class="policy-choice" hidden>{w.span("measures.policy")}<select name="policy"></select></label>
</section>
<div class="tabs no-print" role="tablist"{w.attributes(aria_label="measures.views")}>{tabs}</div>
<details class="filters no-print" open>
  <summary>{w.span("measures.filters")}</summary>
  <form class="filter-form" novalidate>
    <label class="wide">{w.span("measures.filter_words")}
      <input type="search" name="q" maxlength="200" autocomplete="off"
        {w.attributes(placeholder="measures.words_hint")}></label>
    <label>{w.span("measures.filter_department")}<select name="department"></select></label>
    <label>{w.span("measures.filter_field")}<select name="field"></select></label>
    <label>{w.span("measures.filter_from")}
      <input type="number" name="min_amount" min="0" step="any" inputmode="decimal"></label>
    <label>{w.span("measures.filter_to")}
      <input type="number" name="max_amount" min="0" step="any" inputmode="decimal"></label>
    <label>{w.span("measures.filter_has")}<select name="has_amount"></select></label>
    <label class="sort">{w.span("measures.filter_sort")}<select name="sort"></select></label>
    <button type="button" class="reset">{w.span("measures.reset")}</button>
  </form>
</details>
<div class="line">
  <p class="live" role="status" aria-live="polite"></p>
  <p class="conditions" data-conditions></p>
  <p class="outputs no-print"><span>{w.span("measures.export")}</span>{exports}
    <button type="button" class="print">{w.span("measures.print")}</button></p>
</div>
<p class="trouble" role="alert" hidden></p>
<section id="view-table" role="tabpanel" aria-labelledby="tab-table" tabindex="-1">
  <div class="scroll" tabindex="0" role="region"{w.attributes(aria_label="measures.view_table")}>
    <table class="measures"><caption class="visually-hidden"></caption><thead></thead><tbody></tbody></table>
  </div>
</section>
<section id="view-pictures" role="tabpanel" aria-labelledby="tab-pictures" tabindex="-1" hidden></section>
<section id="view-fit" role="tabpanel" aria-labelledby="tab-fit" tabindex="-1" hidden>
  <p class="lead">{w.span("measures.fit_lead")}</p>
  <form class="fit-form no-print" novalidate></form>
  <div class="fits"></div>
</section>
<noscript><p>{w.span("page.noscript")}</p></noscript>
<script type="application/json" id="measures-texts">{island}</script>
"""
    return page_html(
        texts,
        name="measures",
        body=body,
        scripts=("measures-pictures.js", "measures.js"),
        styles=("measures.css",),
        root_path=root_path,
    )
