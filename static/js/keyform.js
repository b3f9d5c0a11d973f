// Modify includes read: the matrix shows that as it is ticked.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches(".matrix input")) return;
  const [read, modify] = ["read", "modify"].map((half) => box.closest("tr").querySelector(`input[data-half="${half}"]`));
  if (!read || !modify || read.disabled || modify.disabled) return;
  if (box === modify && modify.checked) read.checked = true;
  if (box === read && !read.checked) modify.checked = false;
});

// A preset fills the form in place, so that what was typed stays. What cannot be chosen is left alone.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-preset]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { type, access, permissions, scope, expires, hint } = link.dataset;
  const form = link.closest("form");
  const wanted = permissions ? permissions.split(" ") : [];
  for (const id of [`type-${type}`, access && `access-${access}`, `scope-${scope}`, `expires-${expires}`]) {
    const choice = id && form.querySelector(`[id="${id}"]`);
    if (choice && !choice.disabled) choice.checked = true;
  }
  for (const box of form.querySelectorAll(".matrix input:enabled")) box.checked = wanted.includes(box.value);
  for (const other of form.querySelectorAll("a[data-preset]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  document.getElementById("preset-hint").textContent = hint;
  form.querySelector(`[id="type-${type}"]`).dispatchEvent(new Event("change", { bubbles: true }));
});

// Enter in the search for engines looks for them, which typing does already; it does not send the form.
document.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "enter" || document.activeElement?.id !== "find") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

// What the server says about the whole key is repeated beside the choices that it is about.
document.addEventListener("htmx:after:swap", () => {
  const effect = document.getElementById("effect");
  for (const place of document.querySelectorAll("[data-warn]")) {
    const about = [...effect.querySelectorAll(`[data-about="${place.dataset.warn}"] > *`)];
    place.replaceChildren(...about.map((warning) => warning.cloneNode(true)));
  }
});
