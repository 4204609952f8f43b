"use strict";
// The table of provisions. The address holds the state; the server filters and sorts, so that what is exported is what
// is shown. Words of a policy are put in as text, never as HTML.
(() => {
  const TEXTS = JSON.parse(document.getElementById("measures-texts").textContent);
  const ROOT = document.documentElement.dataset.root || "";
  const FILTERS = ["policy", "department", "field", "min_amount", "max_amount", "has_amount", "q", "sort"];
  const ANSWERS = { fit_field: "field", organisation: "organisation", stage: "stage", honours: "honours", where: "where" };
  const VIEWS = ["table", "pictures", "fit"];
  const COLUMNS = ["label", "section", "what", "whom", "modes", "qualifier", "amount", "ratio", "lead", "joint"];
  const SORTS = ["amount", "section", "what", "whom", "modes", "qualifier", "ratio", "lead", "joint"];
  const WAN = 10000;
  const TYPING_MS = 200;

  const find = (selector) => document.querySelector(selector);
  const language = () => window.policyPage.language();
  const t = (name, values = {}) => TEXTS[language()][name].replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  const h = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  // Words of the policy are Chinese whatever the language of the page.
  const source = (text, css) => h("span", { lang: "zh-Hans", class: css }, text);
  const said = (row, name) => (language() === "en" && row[`${name}_en`]) || row[name];
  const nameOf = (entry) => (language() === "en" && entry.name_en) || entry.name;
  const clauseHref = (id) => `${ROOT}/?clause=${encodeURIComponent(id)}`;
  const grouped = (number) => number.toLocaleString("en-US");
  const figureOf = (yuan) => {
    if (language() === "en") return yuan >= 1e6 ? `${yuan / 1e6}m` : `${yuan / 1e3}k`;
    return yuan >= 1e8 ? `${yuan / 1e8}亿` : yuan >= WAN ? `${yuan / WAN}万` : String(yuan);
  };

  let state = readAddress();
  let data = null;
  let fit = null;
  const asked = {};

  function readAddress() {
    const given = new URLSearchParams(location.search);
    const read = {};
    for (const name of [...FILTERS, ...Object.keys(ANSWERS)]) if (given.get(name)) read[name] = given.get(name);
    read.view = VIEWS.includes(given.get("view")) ? given.get("view") : "table";
    return read;
  }

  function address() {
    const query = new URLSearchParams();
    for (const name of [...FILTERS, ...Object.keys(ANSWERS)]) if (state[name]) query.set(name, state[name]);
    if (state.view !== "table") query.set("view", state.view);
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
  }

  // Typing changes the address in place; a choice is a step that the back button undoes.
  function change(changes, typing = false) {
    Object.assign(state, changes);
    for (const [name, value] of Object.entries(state)) if (!value) delete state[name];
    history[typing ? "replaceState" : "pushState"](null, "", address());
    load();
  }

  const query = (names) => {
    const parameters = new URLSearchParams();
    for (const [name, as] of Object.entries(names)) if (state[name]) parameters.set(as, state[name]);
    return parameters;
  };
  const same = (names) => Object.fromEntries(names.map((name) => [name, name]));

  async function ask(kind, path) {
    asked[kind]?.abort();
    asked[kind] = new AbortController();
    const reply = await fetch(ROOT + path, { signal: asked[kind].signal, headers: { Accept: "application/json" } });
    const body = await reply.json();
    if (!reply.ok) throw new Error(body.error?.message || String(reply.status));
    return body;
  }

  async function load() {
    const main = find("#main");
    main.setAttribute("aria-busy", "true");
    delete main.dataset.shown;
    const wanted = address();
    try {
      const [table, fits] = await Promise.all([
        ask("table", `/api/measures?${query(same(FILTERS))}`),
        ask("fit", `/api/measures/fit?${query({ policy: "policy", ...ANSWERS })}`),
      ]);
      [data, fit] = [table, fits];
      find(".trouble").hidden = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      find(".trouble").textContent = t("failed", { why: error.message });
      find(".trouble").hidden = false;
      if (data === null) return;
    }
    show();
    main.removeAttribute("aria-busy");
    main.dataset.shown = wanted;
  }

  // ---- what is around the table ----

  function show() {
    if (data === null) return;
    showHead();
    showFilters();
    showLine();
    showViews();
    showTable();
    showPictures();
    showFit();
  }

  function showHead() {
    const { policy } = data;
    const english = language() === "en" && policy.title_en;
    find("[data-policy-title]").textContent = english || policy.title;
    find("[data-policy-title]").lang = english ? "en" : "zh-Hans";
    find("[data-doc-no]").textContent = policy.doc_no || "";
    find("[data-in-force]").textContent = policy.effective_from && policy.effective_to ? t("in_force", { from: policy.effective_from, to: policy.effective_to }) : "";
  }

  function options(select, entries, chosen) {
    const known = entries.some(([value]) => value === chosen);
    const all = known || !chosen ? entries : [...entries, [chosen, chosen]];
    select.replaceChildren(...all.map(([value, text]) => h("option", { value }, text)));
    select.value = chosen || "";
  }

  function showFilters() {
    const form = find(".filter-form");
    const chosen = data.filters;
    options(form.department, [["", t("all")], ...data.departments.map((d) => [d.name, nameOf(d)])], chosen.department);
    options(form.field, [["", t("all")], ...data.fields.map((f) => [f.name, nameOf(f)])], chosen.field);
    options(form.has_amount, [["", t("all")], ["true", t("has_true")], ["false", t("has_false")]], state.has_amount);
    const orders = SORTS.flatMap((name) => [[name, t("sort_up", { name: t(`column_${name}`) })], [`-${name}`, t("sort_down", { name: t(`column_${name}`) })]]);
    options(form.sort, [["", t("sort_order")], ...orders], state.sort);
    // What is being typed stays as it is.
    for (const name of ["min_amount", "max_amount"]) {
      if (document.activeElement !== form[name]) form[name].value = chosen[name] === null ? "" : String(chosen[name] / WAN);
    }
    if (document.activeElement !== form.q) form.q.value = state.q || "";
  }

  function conditions() {
    const { filters } = data;
    const department = data.departments.find((d) => d.name === filters.department);
    const field = data.fields.find((f) => f.name === filters.field);
    return [
      ["filter_department", department ? nameOf(department) : filters.department],
      ["filter_field", field ? nameOf(field) : filters.field],
      ["filter_from", filters.min_amount === null ? null : grouped(filters.min_amount / WAN)],
      ["filter_to", filters.max_amount === null ? null : grouped(filters.max_amount / WAN)],
      ["filter_has", filters.has_amount === null ? null : t(filters.has_amount ? "has_true" : "has_false")],
      ["filter_words", filters.q],
    ].filter(([, value]) => value).map(([name, value]) => `${t(name)}: ${value}`);
  }

  function showLine() {
    const line = `${t("live", { clauses: data.clauses, total: data.clauses_total })} · ${t("provisions", { count: data.provisions })}`;
    if (find(".live").textContent !== line) find(".live").textContent = line;
    const met = conditions();
    find("[data-conditions]").textContent = met.length ? `${t("filtered_by")} — ${met.join("; ")}` : "";
    for (const link of document.querySelectorAll("[data-export]")) {
      const parameters = query(same(FILTERS));
      parameters.set("format", link.dataset.export);
      parameters.set("lang", language());
      link.href = `${ROOT}/api/measures?${parameters}`;
    }
  }

  function showViews() {
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const current = tab.dataset.view === state.view;
      tab.setAttribute("aria-selected", String(current));
      tab.tabIndex = current ? 0 : -1;
      find(`#view-${tab.dataset.view}`).hidden = !current;
    }
    const table = state.view !== "fit";
    find(".filters").hidden = !table;
    find(".line").hidden = !table;
  }

  // ---- the table ----

  function showTable() {
    const table = find("table.measures");
    const by = (state.sort || "").replace(/^-/, "");
    const down = (state.sort || "").startsWith("-");
    table.caption.textContent = t("caption");
    const focused = document.activeElement?.dataset?.sort;
    table.tHead.replaceChildren(h("tr", {}, ...COLUMNS.map((name) => {
      const sorted = (by === name) || (name === "label" && by === "order");
      const label = t(`column_${name}`);
      const button = h("button", { type: "button", "data-sort": name, title: t("sort_hint", { name: label }) }, label,
        h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (down ? "▼" : "▲") : "↕"));
      return h("th", { scope: "col", class: name, "aria-sort": sorted ? (down ? "descending" : "ascending") : "none" }, button);
    })));
    if (focused) find(`[data-sort="${focused}"]`).focus();
    const ranks = new Map();
    for (const row of data.measures) if (row.rank) ranks.set(row.rank, (ranks.get(row.rank) || 0) + 1);
    table.tBodies[0].replaceChildren(...data.measures.map((row) => tableRow(row, ranks.get(row.rank) > 1)));
    if (!data.measures.length) {
      table.tBodies[0].append(h("tr", { class: "empty" }, h("td", { colspan: COLUMNS.length }, t("none_fit"))));
    }
  }

  function tableRow(row, tied) {
    const cell = (name, ...children) => h("td", { class: name, "data-column": t(`column_${name}`) }, ...children);
    const open = (name) => h("span", { class: "open" }, t(name));
    const english = language() === "en";
    const whom = said(row, "whom");
    const title = said(row, "title");
    return h("tr", { "data-id": row.id, class: tied ? "tied" : null },
      h("th", { scope: "row", class: "label", "data-column": t("column_label") },
        h("a", { href: clauseHref(row.clause), title: t("column_link") }, source(row.label)), " ",
        h("span", { class: "title", lang: english && row.title_en ? "en" : "zh-Hans" }, title)),
      cell("section", h("span", { lang: english && row.section_en ? "en" : "zh-Hans" }, said(row, "section") || "")),
      cell("what", h("span", { lang: english && row.what_en ? "en" : "zh-Hans" }, said(row, "what")),
        ...(english && row.what_en ? [source(row.what, "original")] : []),
        ...row.notes.map((note) => h("p", { class: "note" }, t(`note_${note.kind}_${note.own ? "own" : "beside"}`), note.own ? null : h("q", { lang: "zh-Hans" }, note.text)))),
      cell("whom", whom ? h("span", { lang: english && row.whom_en ? "en" : "zh-Hans" }, whom) : open("whom_open")),
      cell("modes", row.modes.length ? source(row.modes.join("、")) : open("unspecified")),
      cell("qualifier", row.amount === null ? "—" : row.qualifier ? source(row.qualifier) : t("exact")),
      cell("amount", ...(row.amount === null ? [open("amount_open")] : [
        h("strong", {}, row.amount_min ? `${grouped(row.amount_min)}–${grouped(row.amount)}` : grouped(row.amount)),
        row.currency !== "CNY" ? ` ${row.currency}` : null,
        h("span", { class: "original", lang: "zh-Hans" }, row.amount_text),
        row.per ? h("span", { class: "per" }, t("per", { name: row.per })) : null,
        row.rank ? h("span", { class: "rank" }, t(tied ? "rank_tied" : "rank", { rank: row.rank })) : null,
      ])),
      cell("ratio", row.ratio ? source(row.ratio) : open("unspecified"), row.ratio && row.ratio_open ? h("span", { class: "open small" }, t("ratio_open")) : null),
      cell("lead", ...units(row, "lead")),
      cell("joint", ...units(row, "joint")));
  }

  function units(row, role) {
    const names = row.departments.filter((d) => d.role === role).map((d) => h("span", { class: "unit" }, nameOf(d)));
    if (!names.length) return ["—"];
    if (names.length <= 3) return names;
    return [h("details", { class: "units" }, h("summary", {}, names[0].textContent, " ", h("span", { class: "more" }, t("more_departments", { count: names.length }))), ...names.slice(1))];
  }

  // ---- pictures ----

  let drawn = [];
  let drawnWidth = 0;
  function showPictures() {
    const view = find("#view-pictures");
    drawn = [];
    if (state.view !== "pictures") { view.replaceChildren(); return; }
    const rows = data.measures.filter((row) => row.amount !== null && row.currency === "CNY");
    const frame = (name, columns, lines, draw) => window.policyPictures.figure(t(name), t(`${name}_about`), t("picture_keys"), t("picture_table"), columns, lines, draw);
    if (rows.length) {
      drawn.push(capsPicture(rows, frame));
      if (data.fields.length) drawn.push(fieldsPicture(rows, frame));
    }
    if (data.measures.length) drawn.push(departmentsPicture(frame));
    view.replaceChildren(...drawn.map((picture) => picture.element));
    if (!rows.length) view.prepend(h("p", { class: "open" }, t("picture_empty")));
    drawnWidth = 0;
    redraw();
  }

  function redraw() {
    const width = Math.floor(find("#view-pictures .canvas")?.clientWidth || 0);
    if (!width || width === drawnWidth) return;
    drawnWidth = width;
    for (const picture of drawn) picture.render(width);
  }

  const bound = (row) => {
    if (language() !== "en") return `${row.qualifier}${row.amount_text}`;
    return t(row.qualifier ? "up_to" : "sum", { value: figureOf(row.amount) });
  };
  const inOrder = (rows) => [...rows].sort((a, b) => a.start - b.start);
  const labelled = (row) => `${row.label} ${said(row, "title")}`;

  // Items of one row of a picture that say the same are one mark.
  function merged(rows, key, make) {
    const kept = new Map();
    for (const row of rows) kept.set(key(row), [...(kept.get(key(row)) || []), row]);
    return [...kept.values()].map(make);
  }

  function capsPicture(rows, frame) {
    const clauses = new Map();
    for (const row of inOrder(rows)) clauses.set(row.clause, [...(clauses.get(row.clause) || []), row]);
    const groups = [...clauses.values()].map((own) => ({
      label: labelled(own[0]),
      items: merged(own, (row) => `${row.amount} ${row.qualifier}`, (equal) => ({
        value: equal[0].amount, least: equal[0].amount_min, fixed: !equal[0].qualifier,
        text: equal.length > 1 ? t("times", { value: bound(equal[0]), count: equal.length }) : bound(equal[0]),
        href: clauseHref(equal[0].clause),
        name: `${equal[0].label} ${bound(equal[0])}: ${equal.map((row) => said(row, "what")).join("; ")}`,
      })),
    }));
    const lines = inOrder(rows).map((row) => [labelled(row), said(row, "what"), row.qualifier || t("exact"), grouped(row.amount)]);
    return frame("picture_caps", ["label", "what", "qualifier", "amount"].map((c) => t(`column_${c}`)), lines, window.policyPictures.amounts(groups, figureOf));
  }

  function fieldsPicture(rows, frame) {
    const named = [...data.fields, { name: null, name_en: null }].map((field) => ({
      field,
      rows: inOrder(rows.filter((row) => (field.name === null ? !row.fields.length : row.fields.some((f) => f.name === field.name)))),
    })).filter((entry) => entry.rows.length);
    const title = (field) => (field.name === null ? t("no_field") : nameOf(field));
    const groups = named.map(({ field, rows: own }) => ({
      label: title(field),
      items: merged(own, (row) => `${row.amount} ${row.label}`, (equal) => ({
        value: equal[0].amount, least: equal[0].amount_min, fixed: !equal[0].qualifier, text: equal[0].label,
        href: clauseHref(equal[0].clause),
        name: `${title(field)}: ${equal[0].label} ${bound(equal[0])}: ${equal.map((row) => said(row, "what")).join("; ")}`,
      })),
    }));
    const lines = named.flatMap(({ field, rows: own }) => own.map((row) => [title(field), labelled(row), row.qualifier || t("exact"), grouped(row.amount)]));
    return frame("picture_fields", ["field", "label", "qualifier", "amount"].map((c) => t(`column_${c}`)), lines, window.policyPictures.amounts(groups, figureOf));
  }

  function departmentsPicture(frame) {
    const clauses = [...new Map(inOrder(data.measures).map((row) => [row.clause, row])).values()];
    const lines = new Map();
    for (const row of clauses) {
      for (const d of row.departments) {
        const marks = lines.get(d.key)?.marks || [];
        marks.push({ column: row.clause, lead: d.role === "lead", href: clauseHref(row.clause), label: row.label, name: `${nameOf(d)} · ${t(d.role)} · ${labelled(row)}` });
        lines.set(d.key, { label: nameOf(data.departments.find((known) => known.key === d.key) || d), marks });
      }
    }
    const ordered = [...lines.values()].sort((a, b) => b.marks.length - a.marks.length);
    const list = (line, lead) => line.marks.filter((m) => m.lead === lead).map((m) => m.label).join(" ") || "—";
    return frame("picture_departments", [t("column_department"), t("lead"), t("joint")], ordered.map((line) => [line.label, list(line, true), list(line, false)]),
      window.policyPictures.matrix(ordered, clauses.map((row) => ({ id: row.clause, label: row.label }))));
  }

  // ---- what fits us ----

  function showFit() {
    if (fit === null) return;
    const form = find(".fit-form");
    const { questions } = fit;
    const focused = document.activeElement?.closest?.(".fit-form") ? [document.activeElement.name, document.activeElement.value] : null;
    const select = (name, entries, empty) => h("label", {}, t(`fit_${name === "fit_field" ? "field" : name}`),
      entries.length
        ? h("select", { name }, h("option", { value: "" }, t("fit_skip")), ...entries.map(([value, text]) => h("option", { value, selected: state[name] === value }, text)))
        : h("span", { class: "open" }, t(empty)));
    const held = state.honours ? state.honours.split(",") : [];
    const box = (value, text, lang) => h("label", { class: "box" }, h("input", { type: "checkbox", name: "honours", value, checked: held.includes(value) }), h("span", { lang }, text));
    form.replaceChildren(
      select("fit_field", questions.field.map((f) => [f.name, nameOf(f)]), "fit_no_fields"),
      select("organisation", questions.organisation.map((o) => [o, t(`organisation_${o}`)])),
      select("stage", questions.stage.map((o) => [o, t(`stage_${o}`)])),
      select("where", questions.where.map((o) => [o, t(`where_${o}`)])),
      h("fieldset", {}, h("legend", {}, t("fit_honours")),
        ...(questions.honours.length
          ? [...questions.honours.map((o) => box(o.id, o.text, "zh-Hans")), box("none", t("fit_none_held"))]
          : [h("span", { class: "open" }, t("fit_no_honours"))])));
    if (focused) [...form.elements].find((e) => e.name === focused[0] && (e.type !== "checkbox" || e.value === focused[1]))?.focus();
    const place = find(".fits");
    if (!fit.fits.length) {
      place.replaceChildren(h("p", { class: "open" }, t("fit_answer_first")));
      return;
    }
    place.replaceChildren(...["possible", "unrelated", "unspecified"].map((verdict) => {
      const own = fit.fits.filter((row) => row.verdict === verdict);
      return h("section", { class: `fit-group ${verdict}`, "data-verdict": verdict },
        h("h2", {}, t(`fit_${verdict}`), " ", h("span", { class: "count" }, t("fit_count", { count: own.length }))),
        h("p", { class: "about" }, t(`fit_${verdict}_about`)),
        own.length ? h("ol", {}, ...own.map(fitItem)) : h("p", { class: "open" }, t("fit_nothing")));
    }));
  }

  function fitItem(row) {
    const deciding = row.decisions.filter((d) => d.verdict === row.verdict);
    const others = row.decisions.filter((d) => d.verdict !== row.verdict);
    const english = language() === "en" && row.what_en;
    return h("li", { "data-id": row.id },
      h("p", { class: "fit-what" }, h("a", { href: clauseHref(row.clause) }, source(row.label)), " ",
        h("span", { lang: english ? "en" : "zh-Hans" }, english || row.what), " ",
        row.amount === null ? h("span", { class: "open" }, t("amount_open")) : source(`${row.qualifier}${row.amount_text}`, "sum")),
      ...decided(row, deciding),
      others.length ? h("details", {}, h("summary", {}, t("fit_others")), ...decided(row, others)) : null);
  }

  // Answers that were decided by the same sentence share it.
  function decided(row, decisions) {
    const bySentence = new Map();
    for (const d of decisions) bySentence.set(`${d.start} ${d.end}`, [...(bySentence.get(`${d.start} ${d.end}`) || []), d]);
    return [...bySentence.values()].map((same) => h("div", { class: "decision" },
      h("ul", {}, ...same.map((d) => h("li", { class: d.verdict, "data-question": d.question }, t(`reason_${d.reason}`)))),
      h("blockquote", { lang: "zh-Hans", "data-start": same[0].start, "data-end": same[0].end },
        ...marked(same[0].text, same[0].start, same.flatMap((d) => d.words)),
        same[0].clause === row.clause ? null : h("a", { href: clauseHref(same[0].clause) }, t("fit_from", { label: same[0].label })))));
  }

  // Offsets count characters, not the halves in which a script stores rare ones.
  function marked(text, start, words) {
    const characters = [...text];
    const parts = [];
    let at = 0;
    for (const [from, to] of words.map(([a, b]) => [a - start, b - start]).sort((a, b) => a[0] - b[0])) {
      if (from < at) continue;
      parts.push(characters.slice(at, from).join(""), h("mark", {}, characters.slice(from, to).join("")));
      at = to;
    }
    return [...parts, characters.slice(at).join("")];
  }

  // ---- what the reader does ----

  let typing = 0;
  const later = (then) => { clearTimeout(typing); typing = setTimeout(then, TYPING_MS); };
  const inYuan = (text) => (text === "" || !Number.isFinite(Number(text)) ? "" : String(Math.max(0, Math.round(Number(text) * WAN))));

  function listen() {
    const form = find(".filter-form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      const { name, value } = event.target;
      if (event.target.tagName === "SELECT") change({ [name]: value });
    });
    form.addEventListener("input", (event) => {
      const { name, value } = event.target;
      if (event.isComposing) return;
      if (name === "q") later(() => change({ q: value.trim() }, true));
      if (name === "min_amount" || name === "max_amount") later(() => change({ [name]: inYuan(value) }, true));
    });
    form.addEventListener("compositionend", (event) => { if (event.target.name === "q") later(() => change({ q: event.target.value.trim() }, true)); });
    find(".reset").addEventListener("click", () => change(Object.fromEntries(FILTERS.filter((n) => n !== "policy").map((n) => [n, ""]))));
    find("select[name=policy]").addEventListener("change", (event) => {
      change({ ...Object.fromEntries([...FILTERS, ...Object.keys(ANSWERS)].map((n) => [n, ""])), policy: event.target.value });
    });
    find("table.measures").addEventListener("click", (event) => {
      const name = event.target.closest("[data-sort]")?.dataset.sort;
      if (!name) return;
      // The largest sums first; everything else from the start.
      const turns = name === "label" ? ["", "-order"] : name === "amount" ? ["-amount", "amount", ""] : [name, `-${name}`, ""];
      change({ sort: turns[(turns.indexOf(state.sort || "") + 1) % turns.length] });
    });
    const tabs = find("[role=tablist]");
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-view]");
      if (tab) change({ view: tab.dataset.view });
    });
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = VIEWS[(VIEWS.indexOf(state.view) + step + VIEWS.length) % VIEWS.length];
      change({ view: next });
      find(`#tab-${next}`).focus();
    });
    const answers = find(".fit-form");
    answers.addEventListener("submit", (event) => event.preventDefault());
    answers.addEventListener("change", (event) => {
      const { name, value, checked } = event.target;
      if (name !== "honours") { change({ [name]: value }); return; }
      // Holding none and holding one exclude each other.
      const held = [...answers.querySelectorAll("[name=honours]:checked")].map((box) => box.value);
      change({ honours: value === "none" ? (checked ? "none" : "") : held.filter((one) => one !== "none").join(",") });
    });
    find(".print").addEventListener("click", () => window.print());
    // On paper nothing can be unfolded.
    window.addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("main details:not(.filters):not([open])")) { details.open = true; details.dataset.printed = ""; }
    });
    window.addEventListener("afterprint", () => {
      for (const details of document.querySelectorAll("[data-printed]")) { details.open = false; delete details.dataset.printed; }
    });
    window.addEventListener("popstate", () => { state = readAddress(); document.activeElement?.blur?.(); load(); });
    document.addEventListener("languagechange-page", show);
    new ResizeObserver(redraw).observe(find("#view-pictures"));
  }

  async function policies() {
    const listed = (await ask("policies", "/api/policies")).policies;
    if (listed.length < 2) return;
    options(find("select[name=policy]"), listed.map((p) => [p.id, p.title]), state.policy || listed[0].id);
    find(".policy-choice").hidden = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    // On a phone the table comes first.
    if (matchMedia("(max-width: 720px)").matches) find(".filters").open = false;
    listen();
    load();
    policies().catch(() => { /* the table itself says what is wrong */ });
  });
})();
