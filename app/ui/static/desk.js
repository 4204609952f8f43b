"use strict";
// The form of an approved answer: what is typed stays in this tab until it is saved, also when the login ends meanwhile.
(() => {
  const DRAFT = "policy-desk.draft:", SENT = "policy-desk.sent";
  const storage = (use) => { try { return use(sessionStorage); } catch { return null; } }; // forbidden: nothing is kept
  const drafts = (kept) => Object.keys(kept).filter((key) => key.startsWith(DRAFT));

  const keep = (form, key) => {
    const fields = [...new FormData(form)].filter(([name]) => name !== "token");
    storage((kept) => kept.setItem(key, JSON.stringify(fields)));
  };
  const restore = (form, fields) => {
    const chosen = new Set(fields.filter(([name]) => name === "clause").map(([, value]) => value));
    for (const box of form.querySelectorAll("[name=clause]")) box.checked = chosen.has(box.value);
    for (const [name, value] of fields) {
      if (name !== "clause" && form.elements[name]) form.elements[name].value = value;
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (new URLSearchParams(location.search).get("done") === "saved") {
      storage((kept) => { kept.removeItem(kept.getItem(SENT)); kept.removeItem(SENT); });
    }
    const leave = document.querySelector(".sections form");
    if (leave) leave.addEventListener("submit", () => storage((kept) => drafts(kept).forEach((key) => kept.removeItem(key))));
    const form = document.querySelector("form.wide");
    if (!form) return;
    const about = ["kind", "q", "f"].map((name) => (form.elements[name] ? form.elements[name].value : "")).join(" ");
    const key = `${DRAFT}${new URL(form.action).pathname} ${about}`;
    // What the server sends back is newer than what was kept.
    if ("typed" in form.dataset) keep(form, key);
    else {
      const fields = storage((kept) => JSON.parse(kept.getItem(key)));
      if (fields) restore(form, fields);
    }
    form.addEventListener("input", () => keep(form, key));
    form.addEventListener("submit", () => storage((kept) => kept.setItem(SENT, key)));
    form.querySelector(".actions a").addEventListener("click", () => storage((kept) => kept.removeItem(key)));
  });
})();
