// What the walk asks a page. It is evaluated by the debugger, so it works on pages that were loaded without scripts,
// and nothing of it stays: every question is answered with a list of faults in words.
(() => {
  const root = document.documentElement;
  const name = (e) => {
    const id = e.id ? "#" + e.id : "", cls = e.classList.length ? "." + [...e.classList].join(".") : "";
    return e.localName + id + cls + " “" + (e.getAttribute("aria-label") || e.textContent || e.value || "").trim().replace(/\s+/g, " ").slice(0, 40) + "”";
  };
  const style = (e) => getComputedStyle(e);
  const inert = (e) => e.closest("[inert]") !== null;
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
  const unseen = (e) => e.closest(".vh, .skip") !== null || [...ancestors(e)].some((a) => style(a).clipPath.startsWith("inset(50%"));

  function* ancestors(e) { for (let at = e; at && at !== document.body; at = at.parentElement) yield at; }

  // Colours: whatever CSS says, as the canvas paints it.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const painted = new Map();
  const rgba = (color) => {
    if (!painted.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      painted.set(color, [r, g, b, a / 255]);
    }
    return painted.get(color);
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const c = rgba(style(at).backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    if (!layers.length || layers.at(-1)[3] < 1) layers.push(rgba(style(document.body).backgroundColor));
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const luminance = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m);
    return (x + 0.05) / (y + 0.05);
  };

  // structure: one heading, one main part, a title, ids that are unique, times that machines can read.
  const structure = () => {
    const faults = [];
    const headings = [...document.querySelectorAll("h1")].filter((e) => !inert(e));
    if (headings.length !== 1) faults.push(headings.length + " h1");
    if ([...document.querySelectorAll("main")].filter((e) => !inert(e)).length !== 1) faults.push("not one main");
    if (!/\S.* · Latchkey$/.test(document.title)) faults.push("the title is “" + document.title + "”");
    if (root.lang !== "en") faults.push("no language");
    const ids = new Set();
    for (const e of document.querySelectorAll("[id]")) {
      if (ids.has(e.id)) faults.push("two of id " + e.id);
      ids.add(e.id);
    }
    for (const e of document.querySelectorAll("time")) {
      if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(e.getAttribute("datetime") ?? "")) faults.push("a time without zone: " + e.outerHTML);
    }
    return faults;
  };

  // layout: nothing sticks out sideways, no text is cut off.
  const layout = () => {
    const faults = [];
    if (root.scrollWidth > root.clientWidth) faults.push("scrolls sideways, " + root.scrollWidth + " in " + root.clientWidth);
    for (const e of document.querySelectorAll("body *")) {
      // Only code may be wider than its frame; a table that has to be pushed aside hides its actions.
      if (e.scrollWidth > e.clientWidth + 1 && shown(e) && !inert(e) && !e.closest("pre") && /auto|scroll/.test(style(e).overflowX)) faults.push("scrolls sideways inside, " + e.scrollWidth + " in " + e.clientWidth + ": " + name(e));
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node; (node = walker.nextNode());) {
      const e = node.parentElement;
      if (!node.data.trim() || unseen(e) || !shown(e)) continue;
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width < 1 || box.height < 1) continue;
      let scrolls = false;
      for (const at of ancestors(e)) {
        const s = style(at);
        if (s.position === "fixed") break;
        if (/auto|scroll/.test(s.overflowX)) { scrolls = true; break; }
        if (!/hidden|clip/.test(s.overflowX + s.overflowY)) continue;
        const frame = at.getBoundingClientRect();
        const wide = box.right > frame.right + 1.5 || box.left < frame.left - 1.5;
        if (wide && s.textOverflow !== "ellipsis" && style(e).textOverflow !== "ellipsis") faults.push("text is cut off at the side in " + name(at));
        const clamped = s.webkitLineClamp !== "none"; // ends with an ellipsis
        if (!clamped && (box.bottom > frame.bottom + 3 || box.top < frame.top - 3)) faults.push("text is cut off in height in " + name(at));
        if (wide) scrolls = true;
        break;
      }
      if (!scrolls && (box.right > root.clientWidth + 1 || box.left < -1)) faults.push("text sticks out: " + name(e));
    }
    return [...new Set(faults)];
  };

  // borders: what can be typed into, chosen or pressed can be seen, at 3:1 (WCAG 1.4.11).
  const borders = () => {
    const faults = [];
    const controls = "input:not([type=hidden]), select, textarea, .btn:not(.ghost)";
    for (const e of document.querySelectorAll(controls)) {
      if (inert(e) || !shown(e) || e.closest(".vh") || e.matches(":disabled, [aria-disabled=true]")) continue;
      const s = style(e), outside = behind(e.parentElement);
      const own = over(rgba(s.backgroundColor), outside);
      const edge = parseFloat(s.borderTopWidth) >= 1 ? over(rgba(s.borderTopColor), outside) : outside;
      const best = Math.max(contrast(edge, outside), contrast(own, outside));
      if (best < 3) faults.push("the edge of " + name(e) + " has " + best.toFixed(2) + ":1");
    }
    return faults;
  };

  // focus: what has the focus now shows it, at 3:1, and is not covered.
  const focus = () => {
    const e = document.activeElement;
    if (!e || e === document.body || e === root) return { end: true };
    const faults = [];
    const label = e.labels?.[0];
    const rings = [e, label, e.closest(".choice, .row-link, li, td, tr, summary, label")].filter(Boolean);
    const drawn = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
    let s;
    const ring = rings.find((r) => [null, "::after", "::before"].some((part) => drawn((s = getComputedStyle(r, part)))));
    if (!ring) faults.push("the focus cannot be seen on " + name(e));
    else {
      const inside = parseFloat(s.outlineOffset) < 0;
      const ground = behind(inside ? ring : ring.parentElement ?? ring);
      const c = contrast(over(rgba(s.outlineColor), ground), ground);
      if (c < 3) faults.push("the focus ring of " + name(e) + " has " + c.toFixed(2) + ":1");
    }
    const target = e.getClientRects().length && !e.closest(".vh") ? e : label ?? e;
    const box = target.getBoundingClientRect();
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth), top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    if (right - left < 1 || bottom - top < 1) faults.push("the focus is out of view on " + name(e));
    else {
      let hits = 0, all = 0;
      for (const x of [0.1, 0.5, 0.9]) for (const y of [0.15, 0.5, 0.85]) {
        all++;
        const hit = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
        if (hit && (target.contains(hit) || hit.contains(target) || e.contains(hit) || label?.contains(hit))) hits++;
      }
      if (hits * 2 < all) faults.push("the focus is covered on " + name(e));
    }
    if (e.tabIndex > 0) faults.push("a tabindex above 0 on " + name(e));
    const stop = (e.walked ??= Math.random().toString(36).slice(2));
    return { stop, faults };
  };

  // send fills a form in and sends it as it is, also where the browser would not.
  const send = (selector, values, button) => sendForm(document.querySelector(selector), values, button);
  const sendForm = (form, values, by) => {
    if (!form) return "no such form";
    for (const [field, list] of Object.entries(values)) {
      const controls = [...form.elements].filter((c) => c.name === field);
      if (!controls.length) return "no field " + field;
      for (const c of controls) {
        if (c.type === "checkbox" || c.type === "radio") c.checked = list.includes(c.value);
        else c.value = list[0] ?? "";
      }
    }
    form.noValidate = true;
    const buttons = [...form.elements].filter((c) => c.type === "submit");
    const button = buttons.find((c) => c.matches(by || ".primary, .danger")) ?? buttons[0];
    form.requestSubmit(button);
    return "";
  };

  // forms are the addresses of the forms that people write in, "" for others.
  const writes = "input:not([type]), input[type=text], input[type=search], input[type=email], input[type=password], textarea";
  const forms = () => [...document.forms].map((f) => [...f.elements].some((c) => c.matches(writes)) ? f.method + new URL(f.action).pathname.replace(/[0-9a-f-]{36}/g, "*") : "");

  // type writes a text into all fields of a form, so that scripts that follow what is typed hear of it.
  const type = (form, text) => {
    for (const c of form.elements) {
      if (!c.matches(writes)) continue;
      c.value = text;
      for (const event of ["input", "change"]) c.dispatchEvent(new Event(event, { bubbles: true }));
    }
  };

  // rows: what stands in a row of a table, and what its menu does, is about the same thing.
  const rows = () => {
    const faults = [];
    for (const table of document.querySelectorAll("table")) {
      const columns = table.tHead?.rows[0]?.cells.length;
      for (const row of table.tBodies[0]?.rows ?? []) {
        if (columns && [...row.cells].reduce((n, c) => n + c.colSpan, 0) !== columns) faults.push("a row with another number of cells: " + name(row));
        const link = row.querySelector(".name a[href], th a[href]"), button = row.querySelector("[popovertarget]");
        if (!link || !button) continue;
        const menu = document.getElementById(button.getAttribute("popovertarget"));
        if (!row.contains(menu)) faults.push("a menu that stands elsewhere: " + name(row));
        for (const a of menu?.querySelectorAll("a[href]") ?? []) {
          if (!a.pathname.startsWith(link.pathname)) faults.push("the menu of " + name(link) + " leads to " + a.pathname);
        }
        const bare = (s) => s.replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim();
        if (!bare(button.getAttribute("aria-label")).endsWith(bare(link.textContent))) faults.push("the menu of " + name(link) + " is called " + name(button));
      }
    }
    return faults;
  };

  // parts: the source of the main part, and of all around it, without where links and forms lead.
  const parts = () => {
    const frame = root.cloneNode(true), main = frame.querySelector("main");
    for (const e of frame.querySelectorAll("[href], [action], input[type=hidden]")) {
      for (const name of ["href", "action", "value"]) if (e.hasAttribute(name)) e.setAttribute(name, "x");
    }
    const source = main?.outerHTML ?? "";
    main?.replaceChildren();
    return [source, frame.outerHTML];
  };

  return { forms, type, rows, sendForm, structure, layout, borders, focus, send, parts };
})()
