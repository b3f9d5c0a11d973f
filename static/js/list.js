// The ticks of the list of keys are remembered from page to page, for this tab: the ids only, never more.
(() => {
  const most = 1000;
  const read = (name) => {
    try { return new Set(JSON.parse(sessionStorage.getItem(name) ?? "[]")); } catch { return new Set(); }
  };
  const write = (name, ids) => {
    try { ids.size ? sessionStorage.setItem(name, JSON.stringify([...ids])) : sessionStorage.removeItem(name); } catch { /* then it holds for this page only */ }
  };

  // Once it was answered, nothing is selected any more.
  const done = document.querySelector("[data-selection-done]");
  if (done) write("selected:" + done.dataset.selectionDone, new Set());

  const form = document.querySelector("form[data-selection]");
  if (!form || form.closest("[inert]") || !form.querySelector(".bulk")) return;
  const name = "selected:" + form.dataset.selection;
  const boxes = [...form.querySelectorAll('tbody input[name="id"]')];
  const all = form.querySelector("[data-select-all]");
  const selected = form.querySelector("[data-selected]");
  const elsewhere = form.querySelector("[data-elsewhere]");
  let ids = read(name);
  for (const kept of form.querySelectorAll('input[name="kept"]')) { ids.add(kept.value); kept.remove(); }
  for (const box of boxes) if (box.checked) ids.add(box.value);

  const show = () => {
    let here = 0;
    for (const box of boxes) { box.checked = ids.has(box.value); if (box.checked) here++; }
    if (all) {
      all.checked = boxes.length > 0 && here === boxes.length;
      all.indeterminate = here > 0 && here < boxes.length;
      all.disabled = boxes.length === 0;
    }
    selected.textContent = `${ids.size.toLocaleString("en")} selected`;
    elsewhere.textContent = ids.size > here ? `, ${(ids.size - here).toLocaleString("en")} on other pages` : "";
    form.classList.toggle("carries", ids.size > here);
  };
  const choose = (box, on) => {
    if (!on) ids.delete(box.value);
    else if (ids.size < most) ids.add(box.value);
  };
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box === all) for (const each of boxes) choose(each, all.checked);
    else if (box.name === "id") choose(box, box.checked);
    else return;
    write(name, ids);
    show();
  });
  form.querySelector("[data-clear]").addEventListener("click", (event) => {
    event.preventDefault();
    ids.clear();
    write(name, ids);
    show();
    (all ?? boxes[0])?.focus();
  });
  // What is ticked on other pages goes with the form, and only then.
  form.addEventListener("submit", () => {
    form.querySelectorAll('input[name="kept"]').forEach((kept) => kept.remove());
    const here = new Set(boxes.map((box) => box.value));
    for (const id of ids) {
      if (here.has(id)) continue;
      const kept = Object.assign(document.createElement("input"), { type: "hidden", name: "kept", value: id });
      form.append(kept);
    }
  });
  write(name, ids);
  show();
  // Coming back to a page that the browser kept: what was ticked or done in the meantime counts.
  addEventListener("pageshow", (event) => { if (event.persisted) { ids = read(name); show(); } });
})();
