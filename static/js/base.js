// Enhancements only: every flow works without this file.
"use strict";
document.documentElement.classList.add("js");

// Copy: if the clipboard refuses, the text is selected and that is said.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]");
  const say = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    label.textContent = "Copied";
    say.textContent = button.dataset.copied ?? "The key is on the clipboard.";
    setTimeout(() => { label.textContent = "Copy"; say.textContent = ""; }, 4000);
  } catch {
    getSelection().selectAllChildren(source);
    say.textContent = `The browser does not allow copying. ${button.dataset.copied ? "The text" : "The key"} is selected: press Control C or Command C.`;
  }
});

// Show a password while it is typed, and hide it again before it is sent.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show]");
  if (!button) return;
  show(button, button.getAttribute("aria-pressed") !== "true");
});
function show(button, visible) {
  document.getElementById(button.dataset.show).type = visible ? "text" : "password";
  button.setAttribute("aria-pressed", String(visible));
  button.querySelector("[data-show-label]").textContent = visible ? "Hide" : "Show";
}

// A form is not sent twice by a double click; coming back to the page, or waiting, makes it usable again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  for (const button of form.querySelectorAll("[data-show]")) show(button, false);
  if (form.method !== "post" || form.classList.contains("theme")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(release, 8000, form);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
function release(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}

// Escape is the safe answer of a dialog, where it has one.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("dialog [data-escape]")?.click();
});

// The focus starts where the reader has to begin.
(document.getElementById("problems") ?? document.querySelector("[data-first]"))?.focus();
