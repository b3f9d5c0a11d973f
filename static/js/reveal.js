// A page that showed a secret once does not come back from the browser's memory: it asks the server again.
const once = document.querySelector("[data-once]");
addEventListener("pagehide", () => once?.replaceChildren());
addEventListener("pageshow", (event) => { if (event.persisted && once) location.reload(); });
