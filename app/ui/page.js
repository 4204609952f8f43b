// The chat page's script. gradio runs it once and gives it `element`, the page's frame, and `server`, the
// calls of PageCalls (page.py). HTML from the server is escaped there; what the reader types goes in as text.
// The conversation is kept here, in the tab, and nowhere else.

const LANGUAGES = ["zh", "zh-Hant", "en"];
const HTML_LANG = { zh: "zh-Hans", "zh-Hant": "zh-Hant", en: "en" };
// The names under which the plain pages keep the same choices (static/shell.js).
const STORED_LANGUAGE = "policy-assistant.language";
const STORED_THEME = "policy-theme";
const STORED_CONVERSATION = "policy-assistant.conversation";
const STORED_DRAFT = "policy-assistant.draft";
// A follow-up rests on the last few turns; longer histories only cost time.
const TURNS_SENT = 12;
const NARROW = window.matchMedia("(max-width: 860px)");
const SYSTEM_DARK = window.matchMedia("(prefers-color-scheme: dark)");

const find = (selector, within = element) => within.querySelector(selector);
const findAll = (selector, within = element) => [...within.querySelectorAll(selector)];

const log = find(".log");
const turns = find(".turns");
const welcome = find('[data-slot="welcome"]');
const form = find(".composer");
const box = find('[name="question"]');
const sendButton = find(".send");
const stopButton = find(".stop");
const conversationTools = find(".conversation");
const downloads = find(".downloads");
const troubleLine = find(".trouble-line");
const counter = find(".counter");
const panel = find(".document");
const panelSaid = find(".panel-said");
const contents = find(".contents");
const choose = find(".choose");
const back = find(".back");
const root = find(".assistant").dataset.root;
const limit = Number(box.dataset.limit);

let language = storedLanguage();
// {question, reply, voted}: what this tab has asked, and what came back; no reply while it is under way.
let exchanges = [];
const exchangeOf = new WeakMap();
// The question under way; stopping it or a new conversation makes its answer void.
let underWay = null;
let returnTo = null;
let downloading = false;

// Storage may be forbidden: then nothing is kept, and the browser's own language and theme decide.
function stored(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

function store(storage, key, value) {
  try {
    window[storage].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function storedLanguage() {
  const kept = stored("localStorage", STORED_LANGUAGE);
  if (LANGUAGES.includes(kept)) return kept;
  const preferred = navigator.language || "zh";
  if (/^zh-(hant|tw|hk|mo)/i.test(preferred)) return "zh-Hant";
  return /^zh/i.test(preferred) ? "zh" : "en";
}

function translate(root) {
  for (const node of findAll("[data-i18n]", root)) {
    for (const [name, wordings] of Object.entries(JSON.parse(node.dataset.i18n))) {
      if (name === "text") node.textContent = wordings[language];
      else node.setAttribute(name, wordings[language]);
    }
  }
}

function applyLanguage() {
  document.documentElement.lang = HTML_LANG[language];
  find(".assistant").dataset.language = language;
  translate(element);
  for (const template of findAll("template")) translate(template.content);
  for (const button of findAll("[data-language]", find(".languages"))) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

// `values` fill the {names} of the template's texts in every language.
function fromTemplate(name, values = {}) {
  const part = find(`[data-template="${name}"]`).content.cloneNode(true);
  for (const node of findAll("[data-i18n]", part)) {
    for (const [key, value] of Object.entries(values)) {
      node.dataset.i18n = node.dataset.i18n.replaceAll(`{${key}}`, value);
    }
  }
  translate(part);
  return part;
}

// `server` gives undefined when the call failed on its way.
async function call(name, request) {
  try {
    const reply = await server[name]({ ...request, language });
    return reply && typeof reply === "object" ? reply : null;
  } catch {
    return null;
  }
}

function say(place, template, values) {
  place.replaceChildren(fromTemplate(template, values));
  place.hidden = false;
}

// ---- copying ----

// On plain http there is no navigator.clipboard; a selected text can still be copied.
async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here; the other way may be.
    }
  }
  const focused = document.activeElement;
  const holder = document.createElement("textarea");
  holder.value = text;
  holder.readOnly = true;
  holder.style.cssText = "position:fixed;top:0;left:0;opacity:0;font-size:16px";
  document.body.append(holder);
  holder.select();
  holder.setSelectionRange(0, text.length);
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  holder.remove();
  if (focused) focused.focus({ preventScroll: true });
  return copied;
}

// ---- the policy text ----

async function openPlace(place, { follow }) {
  const reply = await call("document", { policy: place.policy, spans: place.spans });
  if (!reply || !reply.html) return;
  panel.innerHTML = reply.html;
  translate(panel);
  const list = find('[data-slot="contents"]');
  list.innerHTML = reply.contents;
  translate(list);
  panel.dataset.policy = reply.policy;
  choose.value = reply.policy;
  const target = find("mark", panel) || clauseInPanel(place.clause);
  if (target) showInPanel(target, follow);
}

function clauseInPanel(id) {
  return findAll("[data-clause]", panel).find((section) => section.dataset.clause === id);
}

function showInPanel(target, follow) {
  const section = target.closest("[data-clause]") || target;
  for (const other of findAll(".opened", panel)) other.classList.remove("opened");
  section.classList.add("opened");
  section.tabIndex = -1;
  if (NARROW.matches) {
    back.hidden = false;
    if (follow) section.scrollIntoView({ block: "start" });
  } else {
    // Show the clause from its heading, unless the cited words would then be out of sight.
    const top = (node) => node.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
    const fromHeading = top(section) - 12;
    const markBottom = top(target) + target.getBoundingClientRect().height;
    const hidden = target !== section && markBottom > fromHeading + panel.clientHeight - 24;
    panel.scrollTop = hidden ? Math.max(fromHeading, top(target) - panel.clientHeight / 3) : fromHeading;
  }
  if (follow) {
    back.hidden = !returnTo;
    section.focus({ preventScroll: true });
  }
}

function placeOf(opener) {
  return {
    policy: opener.dataset.policy,
    clause: opener.dataset.clause,
    spans: JSON.parse(opener.dataset.spans),
  };
}

function goBack() {
  const to = returnTo && returnTo.isConnected ? returnTo : box;
  to.scrollIntoView({ block: "center" });
  to.focus({ preventScroll: true });
}

back.addEventListener("click", goBack);
panel.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && returnTo) goBack();
});

choose.addEventListener("change", () => {
  panel.scrollTop = 0;
  openPlace({ policy: choose.value, clause: "", spans: [] }, { follow: false });
});

// ---- what is clicked ----

element.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-open]");
  // A link with a key held down, or the middle button, opens a tab of its own as anywhere else.
  if (opener && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
  const button = opener || event.target.closest("button");
  if (!button) {
    if (!event.target.closest(".downloads")) downloads.open = false;
    return;
  }
  const is = (name) => button.classList.contains(name);
  if (is("contents-link")) {
    event.preventDefault();
    contents.open = false;
    const section = panel.dataset.policy === button.dataset.policy && clauseInPanel(button.dataset.clause);
    if (section) showInPanel(section, true);
    else openPlace(placeOf(button), { follow: true });
  } else if (opener) {
    event.preventDefault();
    for (const other of findAll("[data-open].current")) other.classList.remove("current");
    opener.classList.add("current");
    returnTo = opener;
    openPlace(placeOf(opener), { follow: true });
  } else if (is("permalink")) {
    const address = new URL(`${root}/${button.dataset.link}`, window.location.origin).href;
    say(panelSaid, (await copy(address)) ? "link-copied" : "not-copied");
    button.classList.toggle("done", panelSaid.textContent !== "");
    button.replaceChildren(...panelSaid.cloneNode(true).childNodes);
  } else if (is("example")) ask(find(".question", button).textContent);
  else if (is("next")) ask(button.textContent);
  else if (is("correct")) {
    setBox(find(".standalone", button.parentElement).textContent);
    box.focus();
  } else if (is("copy")) {
    const done = await copy(exchangeOf.get(button.closest(".replied")).reply.copy);
    say(find(".said", button.parentElement), done ? "copied" : "not-copied");
  } else if (is("vote")) vote(button);
  else if (is("cancel")) closeReasons(button.closest(".card"));
  else if (button.dataset.download) download(button.dataset.download);
});

// ---- what the reader thinks of an answer ----

function vote(button) {
  const card = button.closest(".card");
  if (button.dataset.verdict === "up") {
    closeReasons(card);
    rate(card, { verdict: "up" });
    return;
  }
  const reasons = find(".reasons", card);
  reasons.hidden = !reasons.hidden;
  button.setAttribute("aria-expanded", String(!reasons.hidden));
  if (!reasons.hidden) {
    find("input", reasons).focus({ preventScroll: true });
    reasons.scrollIntoView({ block: "nearest" });
  }
}

function closeReasons(card) {
  find(".reasons", card).hidden = true;
  find('[data-verdict="down"]', card).setAttribute("aria-expanded", "false");
}

async function rate(card, rating) {
  const exchange = exchangeOf.get(card.closest(".replied"));
  const said = find(".said", card);
  if (exchange.voted === rating.verdict && rating.verdict === "up") return;
  let kept = false;
  try {
    const response = await fetch(`${root}/api/feedback`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        question: exchange.question,
        answer: exchange.reply.record.answer,
        lang: exchange.reply.record.language,
        ...rating,
      }),
    });
    kept = response.ok;
  } catch {
    kept = false;
  }
  if (kept) {
    exchange.voted = rating.verdict;
    showVote(card, rating.verdict);
    if (rating.verdict === "down") closeReasons(card);
    keepConversation();
  }
  say(said, kept ? "thanks" : "not-stored");
}

function showVote(card, verdict) {
  for (const button of findAll(".vote", card)) {
    button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
  }
}

element.addEventListener("submit", (event) => {
  if (!event.target.matches(".reasons")) return;
  event.preventDefault();
  const card = event.target.closest(".card");
  const given = new FormData(event.target);
  if (!given.get("reason")) {
    say(find(".said", card), "choose-reason");
    return;
  }
  const comment = given.get("comment").trim();
  rate(card, { verdict: "down", reason: given.get("reason"), ...(comment ? { comment } : {}) });
});

// ---- the conversation as a file ----

function download(kind) {
  downloads.open = false;
  const records = exchanges.filter((one) => one.reply && one.reply.record).map((one) => one.reply.record);
  const sent = find(".transcript");
  sent.action = `${root}/transcript/${kind}`;
  find("input", sent).value = JSON.stringify({ language, exchanges: records });
  downloading = true;
  troubleLine.hidden = true;
  sent.submit();
}

// A file leaves the frame as it is; what is shown in it is a refusal.
find('iframe[name="transcript"]').addEventListener("load", () => {
  if (downloading) say(troubleLine, "download-failed");
  downloading = false;
});

// ---- questions and answers ----

function addQuestion(question) {
  const turn = document.createElement("div");
  turn.className = "asked";
  turn.append(fromTemplate("asked"));
  const words = document.createElement("p");
  words.textContent = question;
  turn.append(words);
  turns.append(turn);
  return turn;
}

function addHolder(exchange) {
  const holder = document.createElement("div");
  holder.className = "replied";
  exchangeOf.set(holder, exchange);
  turns.append(holder);
  return holder;
}

function addRetry(holder, question) {
  holder.append(fromTemplate("retry"));
  find(".retry", holder).addEventListener("click", () => {
    if (underWay) return;
    exchanges = exchanges.filter((one) => one !== exchangeOf.get(holder));
    holder.previousElementSibling.remove();
    holder.remove();
    ask(question);
  });
}

function showTurn(turn) {
  if (NARROW.matches) turn.scrollIntoView({ block: "start" });
  else log.scrollTop = turn.offsetTop - log.offsetTop - 8;
}

function showAnswer(holder, exchange) {
  holder.innerHTML = exchange.reply.card;
  translate(holder);
  if (exchange.voted) showVote(holder, exchange.voted);
}

// What did not come to an answer: why, and the question to be asked again.
function showUnanswered(holder, exchange, template) {
  exchanges = exchanges.filter((one) => one !== exchange);
  holder.replaceChildren(fromTemplate(template));
  addRetry(holder, exchange.question);
}

function setUnderWay(exchange) {
  underWay = exchange;
  sendButton.hidden = Boolean(exchange);
  stopButton.hidden = !exchange;
  conversationTools.hidden = turns.childElementCount === 0;
  downloads.hidden = !exchanges.some((one) => one.reply);
}

function historyBefore() {
  return exchanges.flatMap((one) => (one.reply ? one.reply.turns : [])).slice(-TURNS_SENT);
}

async function ask(question) {
  if (underWay || !question.trim()) return;
  welcome.hidden = true;
  const history = historyBefore();
  const exchange = { question, reply: null };
  exchanges.push(exchange);
  const asked = addQuestion(question);
  const holder = addHolder(exchange);
  holder.append(fromTemplate("pending"));
  setUnderWay(exchange);
  keepConversation();
  showTurn(asked);
  const reply = await call("ask", { question, history });
  if (underWay !== exchange) return;
  if (reply && reply.card) {
    exchange.reply = reply;
    showAnswer(holder, exchange);
    if (reply.open) {
      const first = find(".chip", holder);
      if (first) first.classList.add("current");
      returnTo = first;
      openPlace(reply.open, { follow: false });
    }
  } else if (reply && reply.trouble && reply.refused) {
    // What was refused has to be changed before it is sent again, so it goes back to be edited.
    exchanges = exchanges.filter((one) => one !== exchange);
    holder.innerHTML = reply.trouble;
    translate(holder);
    setBox(question);
  } else if (reply && reply.trouble) {
    showUnanswered(holder, exchange, "unreachable");
    find(".card", holder).outerHTML = reply.trouble;
    translate(holder);
  } else {
    showUnanswered(holder, exchange, "unreachable");
  }
  setUnderWay(null);
  keepConversation();
  showTurn(asked);
}

stopButton.addEventListener("click", () => {
  const exchange = underWay;
  if (!exchange) return;
  const holder = findAll(".replied", turns).find((one) => exchangeOf.get(one) === exchange);
  showUnanswered(holder, exchange, "stopped");
  setUnderWay(null);
  keepConversation();
  box.focus();
});

function setBox(text) {
  box.value = text;
  fitBox();
}

function fitBox() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 168)}px`;
  const length = [...box.value.trim()].length;
  counter.hidden = length < limit * 0.8;
  counter.textContent = `${length.toLocaleString("en")} / ${limit.toLocaleString("en")}`;
  counter.classList.toggle("over", length > limit);
  troubleLine.hidden = true;
  store("sessionStorage", STORED_DRAFT, box.value);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = box.value;
  if (underWay || !question.trim()) return;
  const length = [...question.trim()].length;
  if (length > limit) {
    const values = { length: length.toLocaleString("en"), limit: limit.toLocaleString("en") };
    say(troubleLine, "too-long", values);
    return;
  }
  setBox("");
  ask(question);
});

box.addEventListener("input", fitBox);
box.addEventListener("keydown", (event) => {
  // Enter that chooses a candidate of a Chinese input method (229 in Safari) is not meant to send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

find(".new").addEventListener("click", () => {
  exchanges = [];
  turns.replaceChildren();
  welcome.hidden = false;
  back.hidden = true;
  returnTo = null;
  setUnderWay(null);
  keepConversation();
  setBox("");
  box.focus();
});

// ---- what this tab keeps, so that a reload loses nothing ----

function keepConversation() {
  // Where the browser's room for it is full, the oldest answers go first.
  for (let from = 0; from <= exchanges.length; from += 1) {
    if (store("sessionStorage", STORED_CONVERSATION, JSON.stringify(exchanges.slice(from)))) return;
  }
}

function restoreConversation() {
  let kept = [];
  try {
    kept = JSON.parse(stored("sessionStorage", STORED_CONVERSATION)) || [];
  } catch {
    kept = [];
  }
  if (!Array.isArray(kept)) kept = [];
  exchanges = kept.filter((one) => one && typeof one.question === "string");
  for (const exchange of [...exchanges]) {
    addQuestion(exchange.question);
    const holder = addHolder(exchange);
    if (exchange.reply && typeof exchange.reply.card === "string") showAnswer(holder, exchange);
    else showUnanswered(holder, exchange, "interrupted");
  }
  setBox(stored("sessionStorage", STORED_DRAFT) || "");
  welcome.hidden = turns.childElementCount > 0;
  setUnderWay(null);
  if (turns.lastElementChild) showTurn(turns.lastElementChild.previousElementSibling);
}

// ---- language, theme and first screen ----

element.addEventListener("click", (event) => {
  const button = event.target.closest(".languages [data-language]");
  if (button) {
    language = button.dataset.language;
    store("localStorage", STORED_LANGUAGE, language);
    applyLanguage();
  }
  if (event.target.closest("[data-theme-toggle]")) {
    const dark = !document.documentElement.classList.contains("dark");
    document.documentElement.classList.toggle("dark", dark);
    store("localStorage", STORED_THEME, dark ? "dark" : "light");
  }
});

// Without a choice of the reader's own the page goes with the system, also when that changes.
SYSTEM_DARK.addEventListener("change", () => {
  if (!stored("localStorage", STORED_THEME)) {
    document.documentElement.classList.toggle("dark", SYSTEM_DARK.matches);
  }
});

async function start() {
  applyLanguage();
  const home = await call("home", {});
  const masthead = find('[data-slot="masthead"]');
  if (!home || home.trouble) {
    masthead.replaceChildren();
    if (home) masthead.innerHTML = home.trouble;
    else masthead.append(fromTemplate("unreachable"));
    restoreConversation();
    translate(masthead);
    return;
  }
  masthead.innerHTML = home.masthead;
  welcome.innerHTML = home.welcome;
  choose.innerHTML = home.choices;
  choose.hidden = choose.options.length < 2;
  restoreConversation();
  applyLanguage();
  // ?clause=<clause id> is a link to a clause.
  const linked = new URLSearchParams(window.location.search).get("clause");
  const last = exchanges.at(-1);
  if (!linked && last && last.reply && last.reply.open) {
    await openPlace(last.reply.open, { follow: false });
  } else {
    const policy = linked ? linked.split("#")[0] : home.policy;
    await openPlace({ policy, clause: linked || "", spans: [] }, { follow: Boolean(linked) });
  }
  find(".assistant").dataset.ready = "true";
}

start();
