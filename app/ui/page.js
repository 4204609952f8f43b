// The chat page's script. gradio runs it once and gives it `element`, the page's frame, and `server`, the
// calls of PageCalls (page.py). HTML from the server is escaped there; what the reader types goes in as text.
// The conversation is kept here, in the tab, and nowhere else.

const LANGUAGES = ["zh", "zh-Hant", "en"];
const HTML_LANG = { zh: "zh-Hans", "zh-Hant": "zh-Hant", en: "en" };
const STORED_LANGUAGE = "policy-assistant.language";
// A follow-up rests on the last few turns; longer histories only cost time.
const TURNS_SENT = 12;
const NARROW = window.matchMedia("(max-width: 860px)");

const find = (selector, within = element) => within.querySelector(selector);
const findAll = (selector, within = element) => [...within.querySelectorAll(selector)];

const log = find(".log");
const turns = find(".turns");
const welcome = find('[data-slot="welcome"]');
const form = find(".composer");
const box = find("textarea");
const sendButton = find(".send");
const newButton = find(".new");
const counter = find(".counter");
const panel = find(".document");
const choose = find(".choose");
const back = find(".back");
const limit = Number(box.dataset.limit);

let language = storedLanguage();
let history = [];
// A new conversation makes the answers still under way to the old one void.
let conversation = 0;
let asking = false;
let returnTo = null;

function storedLanguage() {
  try {
    const stored = localStorage.getItem(STORED_LANGUAGE);
    if (LANGUAGES.includes(stored)) return stored;
  } catch {
    // Storage may be forbidden; then the browser's own language decides.
  }
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

function fromTemplate(name) {
  return find(`[data-template="${name}"]`).content.cloneNode(true);
}

// `server` gives undefined when the call failed on its way.
async function call(name, request) {
  const reply = await server[name]({ ...request, language });
  return reply && typeof reply === "object" ? reply : null;
}

// ---- the policy text ----

async function openPlace(place, { follow }) {
  const reply = await call("document", { policy: place.policy, spans: place.spans });
  if (!reply || !reply.html) return;
  panel.innerHTML = reply.html;
  translate(panel);
  choose.value = reply.policy;
  const target =
    find("mark", panel) ||
    findAll("[data-clause]", panel).find((section) => section.dataset.clause === place.clause);
  if (!target) return;
  const section = target.closest("[data-clause]") || target;
  section.classList.add("opened");
  if (NARROW.matches) {
    back.hidden = false;
    if (follow) section.scrollIntoView({ block: "start" });
    return;
  }
  // Show the clause from its heading, unless the cited words would then be out of sight.
  const top = (node) => node.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
  const fromHeading = top(section) - 12;
  const markBottom = top(target) + target.getBoundingClientRect().height;
  const hidden = markBottom > fromHeading + panel.clientHeight - 24;
  panel.scrollTop = hidden ? Math.max(fromHeading, top(target) - panel.clientHeight / 3) : fromHeading;
}

function placeOf(button) {
  return {
    policy: button.dataset.policy,
    clause: button.dataset.clause,
    spans: JSON.parse(button.dataset.spans),
  };
}

element.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  // A link with a key held down, or the middle button, opens a tab of its own as anywhere else.
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    for (const other of findAll("[data-open].current")) other.classList.remove("current");
    opener.classList.add("current");
    returnTo = opener;
    openPlace(placeOf(opener), { follow: true });
    return;
  }
  const example = event.target.closest(".example");
  if (example) ask(find(".question", example).textContent);
});

back.addEventListener("click", () => {
  (returnTo && returnTo.isConnected ? returnTo : form).scrollIntoView({ block: "center" });
});

choose.addEventListener("change", () => {
  panel.scrollTop = 0;
  openPlace({ policy: choose.value, clause: "", spans: [] }, { follow: false });
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
}

function addRetry(holder, question) {
  holder.append(fromTemplate("retry"));
  find(".retry", holder).addEventListener("click", () => {
    holder.previousElementSibling.remove();
    holder.remove();
    ask(question);
  });
}

function showTurn(turn) {
  if (NARROW.matches) turn.scrollIntoView({ block: "start" });
  else log.scrollTop = turn.offsetTop - log.offsetTop - 8;
}

async function ask(question) {
  if (asking || !question.trim()) return;
  asking = true;
  sendButton.disabled = true;
  newButton.hidden = false;
  welcome.hidden = true;
  const mine = conversation;
  addQuestion(question);
  const asked = turns.lastElementChild;
  const holder = document.createElement("div");
  holder.className = "replied";
  holder.append(fromTemplate("pending"));
  turns.append(holder);
  showTurn(asked);
  const reply = await call("ask", { question, history: history.slice(-TURNS_SENT) });
  if (mine !== conversation) return;
  asking = false;
  sendButton.disabled = false;
  holder.replaceChildren();
  if (reply && reply.card) {
    holder.innerHTML = reply.card;
    translate(holder);
    history.push(...reply.turns);
    if (reply.open) {
      const first = find(".chip", holder);
      if (first) first.classList.add("current");
      returnTo = first;
      openPlace(reply.open, { follow: false });
    }
  } else if (reply && reply.trouble) {
    holder.innerHTML = reply.trouble;
    translate(holder);
    // What was refused has to be changed before it is sent again, so it goes back to be edited.
    if (reply.refused) setBox(question);
    else addRetry(holder, question);
  } else {
    holder.append(fromTemplate("unreachable"));
    addRetry(holder, question);
  }
  showTurn(asked);
}

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
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = box.value;
  if (asking || !question.trim()) return;
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

newButton.addEventListener("click", () => {
  conversation += 1;
  history = [];
  asking = false;
  sendButton.disabled = false;
  turns.replaceChildren();
  welcome.hidden = false;
  newButton.hidden = true;
  back.hidden = true;
  setBox("");
  box.focus();
});

// ---- language and first screen ----

find(".languages").addEventListener("click", (event) => {
  const button = event.target.closest("[data-language]");
  if (!button) return;
  language = button.dataset.language;
  try {
    localStorage.setItem(STORED_LANGUAGE, language);
  } catch {
    // It then holds for this visit only.
  }
  applyLanguage();
});

async function start() {
  applyLanguage();
  const home = await call("home", {});
  const masthead = find('[data-slot="masthead"]');
  if (!home || home.trouble) {
    masthead.replaceChildren();
    if (home) masthead.innerHTML = home.trouble;
    else masthead.append(fromTemplate("unreachable"));
    translate(masthead);
    return;
  }
  masthead.innerHTML = home.masthead;
  welcome.innerHTML = home.welcome;
  choose.innerHTML = home.choices;
  choose.hidden = choose.options.length < 2;
  applyLanguage();
  // ?clause=<clause id> is a link to a clause.
  const linked = new URLSearchParams(window.location.search).get("clause");
  const policy = linked ? linked.split("#")[0] : home.policy;
  await openPlace({ policy, clause: linked || "", spans: [] }, { follow: Boolean(linked) });
  find(".assistant").dataset.ready = "true";
}

start();
