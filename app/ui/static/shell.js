"use strict";
// Language and theme of the plain pages. Both are kept in this browser, under the names the chat page uses.
(() => {
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode: not kept */ } };
  const HTML_LANG = { zh: "zh-Hans", "zh-Hant": "zh-Hant", en: "en" };
  const say = (language, within = document) => {
    for (const element of within.querySelectorAll("[data-i18n]")) {
      for (const [name, texts] of Object.entries(JSON.parse(element.dataset.i18n))) {
        if (name === "text") element.textContent = texts[language];
        else element.setAttribute(name, texts[language]);
      }
    }
  };
  const setLanguage = (language) => {
    root.dataset.language = language;
    root.lang = HTML_LANG[language];
    for (const button of document.querySelectorAll("[data-language]")) {
      if (button !== root) button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    say(language);
    document.dispatchEvent(new CustomEvent("languagechange-page", { detail: language }));
  };
  const setTheme = (dark) => root.classList.toggle("dark", dark);
  const wanted = read("policy-theme");
  setTheme(wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  // What other scripts of the page use: the language shown, and texts put in place in what they add.
  window.policyPage = { language: () => root.dataset.language, say: (within) => say(root.dataset.language, within), root: root.dataset.root };
  document.addEventListener("DOMContentLoaded", () => {
    const stored = read("policy-assistant.language");
    // As the chat page decides where nothing was chosen yet.
    const preferred = navigator.language || "zh";
    const own = /^zh-(hant|tw|hk|mo)/i.test(preferred) ? "zh-Hant" : /^zh/i.test(preferred) ? "zh" : "en";
    setLanguage(stored && stored in HTML_LANG ? stored : own);
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-language]");
      if (button) { keep("policy-assistant.language", button.dataset.language); setLanguage(button.dataset.language); }
      if (event.target.closest("[data-theme-toggle]")) {
        const dark = !root.classList.contains("dark");
        setTheme(dark);
        keep("policy-theme", dark ? "dark" : "light");
      }
    });
  });
})();
