"use strict";
// The hotline page: a box, cards while typing, and a key for every step. Everything from the server is put in place
// as text, never as HTML. What belongs to a call stays in this tab and goes with the next call.
(() => {
  const CARDS = 9, CLAUSES = 6, APPROVED = 3;
  const WAIT_MS = 40; // between keys of one word
  const APPROVED_MS = 150; // cards don't wait longer for approved answers; those that come later stand below
  const FAR = 0.3, NEAR_SHARE = 0.5;
  const KEPT = "policy-hotline.call";
  const OUTCOME_KEYS = { q: "answered", w: "partial", e: "unanswered", r: "transferred" };

  const TEXTS = JSON.parse(document.getElementById("hotline-texts").textContent);
  const $ = (id) => document.getElementById(id);
  const box = $("query"), cards = $("cards"), detail = $("detail"), status = $("status");
  const page = window.policyPage;
  const t = (name, values = {}) =>
    TEXTS[name][page.language()].replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  const english = () => page.language() === "en";

  const el = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  };
  const zh = (text, attributes = {}) => el("span", { lang: "zh-Hans", ...attributes }, text);

  // ---- the call ----

  const fresh = () => ({ pins: [], questions: [], clauses: [], saved: null });
  let call = fresh();
  try { call = { ...fresh(), ...JSON.parse(sessionStorage.getItem(KEPT) || "{}") }; } catch { /* kept nowhere: a fresh one */ }
  const keepCall = () => { try { sessionStorage.setItem(KEPT, JSON.stringify(call)); } catch { /* full or forbidden */ } };

  let items = []; // what the cards show
  let current = -1;
  let shownPin = null; // a pin that is shown in place of a card
  let composing = false, saving = false, otherLanguage = false;
  let timer = 0, controller = null, answeredQuery = "";

  const shown = () => shownPin || items[current] || null;
  const scriptLanguage = () => (english() !== otherLanguage ? "en" : "zh");

  // ---- what must not be typed ----

  const LONG_NUMBER = /\d{9,}/; // telephone and identity numbers; sums that long are written in 万 or 亿
  const LANDLINE = /(?<!\d)0\d{2,3}\d{5,}/;
  const IDENTITY = /\d{14,17}[\dXx]/;
  const isPersonal = (text) => {
    const plain = text.normalize("NFKC").replace(/(?<=\d)[\s\-–—.·()]+(?=\d)/g, "");
    return IDENTITY.test(plain) || LANDLINE.test(plain) || LONG_NUMBER.test(plain);
  };

  // ---- searching ----

  const say = (text, kind = "") => { status.textContent = text; status.dataset.kind = kind; };
  const getJson = async (path, signal) => {
    const response = await fetch(page.root + path, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };
  const approvedFor = async (query, signal) => {
    try {
      const data = await getJson(`/api/approved?${new URLSearchParams({ q: query, k: APPROVED })}`, signal);
      return Array.isArray(data.approved) ? data.approved.slice(0, APPROVED).map(approvedItem) : [];
    } catch { return []; } // there are none, or they can't be had: the clauses do without
  };

  const schedule = (typedAt = performance.now()) => {
    clearTimeout(timer);
    if (controller) controller.abort();
    const query = box.value.trim();
    const personal = isPersonal(query);
    $("warning").hidden = !personal;
    $("warning").textContent = personal ? t("personal") : "";
    if (!query || personal) {
      answeredQuery = "";
      show([], "");
      return;
    }
    timer = setTimeout(() => search(query, typedAt), WAIT_MS);
  };

  const search = async (query, typedAt) => {
    const mine = (controller = new AbortController());
    const slow = setTimeout(() => say(t("searching")), 400);
    const approved = approvedFor(query, mine.signal);
    try {
      const asked = { q: query, k: CLAUSES, lang: page.language() === "zh-Hant" ? "zh-Hant" : "zh" };
      if (!$("policy").hidden) asked.policy = $("policy").value;
      const data = await getJson(`/api/search?${new URLSearchParams(asked)}`, mine.signal);
      const early = await Promise.race([approved, new Promise((done) => setTimeout(done, APPROVED_MS, null))]);
      if (mine.signal.aborted) return;
      const best = data.results.length ? data.results[0].score : 0;
      const clauses = data.results.map((result) => clauseItem(result, result.score < best * NEAR_SHARE));
      answeredQuery = query;
      const note = !clauses.length && !(early || []).length ? t("no_results")
        : best < FAR ? t("far") : t("results", { n: Math.min(CARDS, clauses.length + (early || []).length) });
      show([...(early || []), ...clauses].slice(0, CARDS), note);
      requestAnimationFrame(() => {
        performance.clearMeasures("key-to-cards");
        performance.measure("key-to-cards", { start: typedAt, end: performance.now() });
      });
      if (early === null) {
        const late = await approved;
        // Below the cards, so that no number changes under a finger.
        if (!mine.signal.aborted && late.length) show([...items, ...late].slice(0, CARDS), note, current);
      }
    } catch {
      if (mine.signal.aborted) return;
      answeredQuery = "";
      show([], "");
      say(t("failed"), "error");
    } finally { clearTimeout(slow); }
  };

  const clauseItem = (result, far) => ({
    kind: "clause", key: result.clause.id, label: result.clause.label, title: result.clause.title,
    titleEn: result.clause.title_en, clauses: [result.clause.id], departments: result.clause.departments,
    text: result.clause.text, start: result.clause.start, textEn: result.clause.text_en,
    provisions: result.provisions, lines: result.lines, say: result.say, far,
  });
  const approvedItem = (one) => ({
    kind: "approved", key: `approved:${one.id}`, title: one.question, answer: one.answer, lang: one.lang,
    cites: one.clauses || [], clauses: (one.clauses || []).map((clause) => clause.id),
    reviewer: one.reviewer, reviewedOn: one.reviewed_on, match: one.match, stale: Boolean(one.stale),
  });

  // ---- cards ----

  const show = (list, note, keep = 0) => {
    const focused = cards.contains(document.activeElement);
    items = list;
    current = list.length ? Math.min(keep, list.length - 1) : -1;
    shownPin = null;
    cards.replaceChildren(...list.map(card));
    $("empty").hidden = list.length > 0 || Boolean(box.value.trim());
    say(note);
    if (focused) focusCards();
    showDetail();
  };

  const card = (item, index) => {
    const button = el("button", { type: "button", "data-index": index, "aria-current": index === current && !shownPin ? "true" : false },
      el("kbd", {}, String(index + 1)), ...(item.kind === "clause" ? clauseCard(item) : approvedCard(item)));
    return el("li", { class: `card ${item.kind}${item.far ? " far" : ""}`, "data-key": item.key }, button);
  };

  const clauseCard = (item) => [
    heading(item),
    el("span", { class: "pills" }, ...pills(item)),
    item.far ? null : departmentLine(item),
    item.far ? null : el("span", { class: "lines" }, ...item.lines.map((line) => el("span", { class: "line", lang: "zh-Hans" }, ...excerpt(line.parts)))),
  ].filter(Boolean);

  const approvedCard = (item) => [
    el("span", { class: "heading" }, badge(item), el("span", { class: "title" }, item.title)),
    el("span", { class: "line" }, cut(item.answer, 90)),
    reviewLine(item),
  ];

  const heading = (item) => el("span", { class: "heading" }, zh(item.label, { class: "label" }),
    english() && item.titleEn ? el("span", { class: "title" }, item.titleEn)
      : item.label.endsWith(item.title) ? null : zh(item.title, { class: "title" }));
  const badge = (item) => el("span", { class: item.stale ? "badge stale" : "badge" }, t("reviewed"));
  const reviewLine = (item) => el("span", { class: "review" },
    [item.reviewer, item.reviewedOn, TEXTS[`match_${item.match}`] ? t(`match_${item.match}`) : ""].filter(Boolean).join(" · "),
    item.stale ? el("strong", { class: "stale" }, t("stale")) : null);

  const pills = (item) => {
    const granted = item.provisions.filter((provision) => provision.amount);
    if (!granted.length) return item.provisions.length ? [el("span", { class: "pill none" }, t("no_amount"))] : [];
    const named = granted.length > 1;
    const made = granted.slice(0, 5).map((provision) => el("span", { class: "pill" },
      named ? zh(cut(provision.shown.name, 18), { class: "what" }) : null,
      english() ? el("b", {}, provision.shown.en) : zh(provision.shown.zh, { class: "sum" })));
    if (granted.length > 5) made.push(el("span", { class: "pill none" }, `+${granted.length - 5}`));
    return made;
  };

  const departmentLine = (item) => {
    const named = (role) => item.departments.filter((one) => (one.role === "lead") === (role === "lead"))
      .map((one) => (english() && one.name_en) || one.name);
    const part = (role) => {
      const names = named(role);
      if (!names.length) return null;
      const more = names.length > 4 ? ` +${names.length - 4}` : "";
      return el("span", { class: role }, el("i", {}, t(role)), ` ${names.slice(0, 4).join(english() ? "; " : "、")}${more}`);
    };
    if (!item.departments.length) return null;
    return el("span", { class: "departments" }, part("lead"), part("joint"));
  };

  const cut = (text, most) => { const all = [...text]; return all.length > most ? `${all.slice(0, most - 1).join("")}…` : text; };
  // The marked words of a long sentence with what stands next to them.
  const excerpt = (parts) => parts.map((part, index) => {
    if (part.mark) return el("mark", {}, part.text);
    const all = [...part.text], first = index === 0, last = index === parts.length - 1;
    const before = first ? 0 : 14, after = last ? 0 : 22;
    if (all.length <= before + after + 12 || (first && last)) return part.text;
    return `${all.slice(0, first ? 0 : before).join("")}…${after ? all.slice(-after).join("") : ""}`;
  });

  // ---- what is open ----

  const showDetail = () => {
    const item = shown();
    detail.hidden = !item;
    for (const button of cards.querySelectorAll("button")) {
      const is = !shownPin && Number(button.dataset.index) === current;
      if (is) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    }
    if (!item) { detail.replaceChildren(); return; }
    const pinnedNow = call.pins.some((pin) => pin.key === item.key);
    const head = el("header", {},
      item.kind === "clause" ? el("h2", {}, heading(item)) : el("h2", {}, el("span", { class: "heading" }, badge(item), el("span", { class: "title" }, item.title))),
      el("button", { type: "button", "data-do": "pin", "aria-pressed": String(pinnedNow) }, el("kbd", {}, "P"), ` ${t(pinnedNow ? "key_unpin" : "key_pin")}`));
    detail.replaceChildren(head, ...(item.kind === "clause" ? clauseDetail(item) : approvedDetail(item)));
  };

  const block = (name, title, actions, ...content) => el("section", { class: `block ${name}` },
    el("div", { class: "block-head" }, el("h3", {}, title), ...actions), ...content);
  const action = (name, key, label) => el("button", { type: "button", "data-do": name }, el("kbd", {}, key), ` ${label}`);
  const count = (text) => el("span", { class: "count" }, t("chars", { n: [...text].length }));

  const clauseDetail = (item) => {
    const language = scriptLanguage(), said = item.say[language];
    const lang = language === "en" ? "en" : page.language() === "zh-Hant" ? "zh-Hant" : "zh-Hans";
    return [
      block("spoken", t("spoken"), [count(said.spoken), action("copy", "C", t("key_copy")), action("language", "L", language === "en" ? "中文" : "English")],
        el("p", { class: "script", lang }, said.spoken),
        language === "en" ? el("p", { class: "hint" }, t("unreviewed_translation")) : null),
      block("unsaid", t("unsaid"), [], el("ul", { lang }, ...said.unsaid.map((line) => el("li", {}, line)))),
      block("transfer", t("transfer"), [], el("ul", { lang }, ...said.transfer.map((line) => el("li", {}, line)))),
      block("sms", t("sms"), [count(said.sms), action("sms", "S", t("key_sms"))], el("p", { lang }, said.sms)),
      block("text", t("text"), [], el("p", { lang: "zh-Hans" }, ...marked(item)),
        el("p", {}, el("a", { href: `${page.root}/?clause=${encodeURIComponent(item.key)}`, target: "_blank", rel: "noopener" }, t("whole_text")))),
    ].filter((one) => !(one.classList.contains("unsaid") && !said.unsaid.length));
  };

  // The clause with the sums meant marked; offsets count code points.
  const marked = (item) => {
    const all = [...item.text];
    const spans = item.provisions.filter((one) => one.amount).map((one) => [one.amount.start - item.start, one.amount.end - item.start]).sort((a, b) => a[0] - b[0]);
    const parts = [];
    let at = 0;
    for (const [start, end] of spans) {
      if (start < at) continue;
      parts.push(all.slice(at, start).join(""), el("mark", {}, all.slice(start, end).join("")));
      at = end;
    }
    return [...parts, all.slice(at).join("")];
  };

  const approvedDetail = (item) => [
    block("spoken", t("answer"), [action("copy", "C", t("key_copy"))],
      reviewLine(item), el("p", { class: "script whole", lang: item.lang === "en" ? "en" : "zh-Hans" }, item.answer)),
    item.cites.length ? block("text", t("cites"), [], el("ul", {}, ...item.cites.map((clause) => el("li", {},
      el("a", { href: `${page.root}/?clause=${encodeURIComponent(clause.id)}`, target: "_blank", rel: "noopener" }, zh(`${clause.label} ${clause.title || ""}`)))))) : "",
  ].filter(Boolean);

  const copyOf = (item) => item.kind === "clause" ? item.say[scriptLanguage()].copy
    : [item.answer, item.cites.length ? `${t("cites")}: ${item.cites.map((clause) => `${clause.label} ${clause.title || ""}`.trim()).join("; ")}` : "",
      `${t("reviewed")}: ${[item.reviewer, item.reviewedOn].filter(Boolean).join(" ")}`, document.querySelector(".disclaimer").textContent.trim()].filter(Boolean).join("\n");

  // ---- copying, on plain http too ----

  const copyText = async (text) => {
    if (window.isSecureContext && navigator.clipboard) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* forbidden here: the old way */ }
    }
    const before = document.activeElement;
    const area = el("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    document.body.append(area);
    area.select();
    area.setSelectionRange(0, text.length);
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* not in this browser */ }
    area.remove();
    if (before) before.focus({ preventScroll: true });
    return done;
  };

  // ---- the steps ----

  const settle = () => {
    if (!answeredQuery || call.questions.includes(answeredQuery)) return;
    call.questions.push(answeredQuery);
    call.questions = call.questions.slice(-20);
    keepCall();
    showCall();
  };
  const used = (item) => {
    settle();
    for (const id of item.clauses) if (!call.clauses.includes(id)) call.clauses.push(id);
    keepCall();
  };
  const focusCards = () => { (cards.querySelector(`button[data-index="${current}"]`) || cards).focus(); };

  // On a phone what is open stands above the cards; elsewhere it is always in sight.
  const reveal = () => { if (matchMedia("(max-width: 700px)").matches) detail.scrollIntoView({ block: "start" }); };

  const steps = {
    leave() { settle(); focusCards(); },
    open(index, stay) {
      if (!items[index]) return;
      current = index;
      shownPin = null;
      used(items[index]);
      showDetail();
      if (!stay) focusCards();
      reveal();
    },
    openPin(index) {
      if (!call.pins[index]) return;
      shownPin = call.pins[index];
      showDetail();
      reveal();
    },
    move(by) {
      if (!items.length) return;
      current = Math.max(0, Math.min(items.length - 1, current + by));
      shownPin = null;
      showDetail();
      focusCards();
    },
    async copy() {
      const item = shown();
      if (!item) { say(t("open_first")); return; }
      used(item);
      const done = await copyText(copyOf(item));
      say(t(done ? "copied" : "copy_failed"), done ? "" : "error");
    },
    async sms() {
      const item = shown();
      if (!item || item.kind !== "clause") { say(t("open_first")); return; }
      used(item);
      const done = await copyText(item.say[scriptLanguage()].sms);
      say(t(done ? "copied" : "copy_failed"), done ? "" : "error");
    },
    pin() {
      const item = shown();
      if (!item) { say(t("open_first")); return; }
      const there = call.pins.some((pin) => pin.key === item.key);
      call.pins = there ? call.pins.filter((pin) => pin.key !== item.key) : [...call.pins, item].slice(-CARDS);
      used(item);
      keepCall();
      showCall();
      showDetail();
      say(t(there ? "unpinned" : "pinned"));
    },
    language() { otherLanguage = !otherLanguage; showDetail(); },
    back() { box.focus(); box.select(); },
    clear() { box.value = ""; schedule(); box.focus(); },
    async outcome(name) {
      if (saving) return;
      if (call.saved) { saved(t("recorded_already")); return; }
      settle();
      const item = shown();
      const lead = item && item.kind === "clause" ? item.departments.find((one) => one.role === "lead") : null;
      const body = { outcome: name, questions: call.questions, clauses: call.clauses.slice(0, 20) };
      if (name === "transferred" && lead) body.department = lead.name;
      saving = true;
      saved(t("recording"));
      try {
        const response = await fetch(`${page.root}/api/calls`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
        if (!response.ok) throw new Error(String(response.status));
        call.saved = name;
        keepCall();
        showCall();
      } catch { saved(t("not_recorded"), "error"); }
      finally { saving = false; }
    },
    next() {
      call = fresh();
      keepCall();
      otherLanguage = false;
      showCall();
      steps.clear();
      say(t("next_call"));
    },
  };

  const saved = (text, kind = "") => { $("saved").textContent = text; $("saved").dataset.kind = kind; };
  const showCall = () => {
    saved(call.saved ? t("recorded", { outcome: t(call.saved) }) : "");
    for (const button of document.querySelectorAll("[data-outcome]")) {
      button.setAttribute("aria-pressed", String(button.dataset.outcome === call.saved));
    }
    $("pins").replaceChildren(...(call.pins.length
      ? call.pins.map((pin, index) => el("li", {}, el("button", { type: "button", "data-pin": index }, el("kbd", {}, `⇧${index + 1}`), " ",
        pin.kind === "clause" ? zh(`${pin.label} ${pin.title}`) : el("span", {}, pin.title))))
      : [el("li", { class: "hint" }, t("nothing_pinned"))]));
    $("history").replaceChildren(...(call.questions.length
      ? call.questions.map((question) => el("li", {}, el("button", { type: "button", "data-again": question }, question)))
      : [el("li", { class: "hint" }, t("nothing_asked"))]));
  };

  // ---- keys ----

  // By place for digits and letters, since Alt changes what they type on some keyboards.
  const keyOf = (event) => {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (digit) return digit[1];
    const letter = /^Key([A-Z])$/.exec(event.code);
    const typed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return /^[a-z]$/.test(typed) || !letter ? typed : letter[1].toLowerCase();
  };
  const stepFor = (event, inside) => {
    const key = keyOf(event);
    if (/^[1-9]$/.test(key)) return () => (event.shiftKey ? steps.openPin(key - 1) : steps.open(key - 1, inside));
    if (key in OUTCOME_KEYS) return () => steps.outcome(OUTCOME_KEYS[key]);
    const named = { c: "copy", s: "sms", p: "pin", l: "language", n: "next", "/": "back" }[key];
    return named ? () => steps[named]() : null;
  };
  const isComposing = (event) => composing || event.isComposing || event.keyCode === 229;

  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey) return;
    const inside = event.target === box;
    if (!inside && event.target.closest && event.target.closest("input, textarea, select")) return;
    let step = null;
    if (event.key === "Escape") step = () => steps.clear();
    else if (inside && !event.altKey) {
      if (event.key === "Enter" || event.key === "ArrowDown") step = () => steps.leave();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") step = () => steps.move(event.key === "ArrowDown" ? 1 : -1);
    else if (!event.repeat) step = stepFor(event, inside);
    if (!step) return;
    event.preventDefault();
    step();
  });

  box.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
  box.addEventListener("compositionend", () => { composing = false; schedule(); });
  box.addEventListener("input", (event) => { if (!composing && !event.isComposing) schedule(event.timeStamp || performance.now()); });
  $("policy").addEventListener("change", () => schedule());

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.index !== undefined && cards.contains(button)) steps.open(Number(button.dataset.index));
    else if (button.dataset.do) steps[button.dataset.do]();
    else if (button.dataset.outcome) steps.outcome(button.dataset.outcome);
    else if (button.dataset.pin !== undefined) steps.openPin(Number(button.dataset.pin));
    else if (button.dataset.again !== undefined) { box.value = button.dataset.again; schedule(); }
    else if (button.id === "next") steps.next();
  });

  document.addEventListener("languagechange-page", () => { otherLanguage = false; showCall(); if (box.value.trim()) schedule(); else showDetail(); });

  const choosePolicy = async () => {
    try {
      const { policies } = await getJson("/api/policies");
      if (policies.length < 2) return;
      $("policy").replaceChildren(...policies.map((policy) => el("option", { value: policy.id }, policy.title)));
      $("policy").hidden = false;
    } catch { /* one policy, or none that can be had yet: the first is searched */ }
  };

  showCall();
  choosePolicy();
  box.focus();
  document.documentElement.dataset.hotline = "ready";
})();
