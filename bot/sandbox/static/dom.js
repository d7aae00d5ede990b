// Small tools for building the page. Text only ever becomes text: nothing here parses HTML.

/** An element: `of("button", {class: "primary", onclick: f}, "Send")`. Children are nodes, text or nothing. */
export function of(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * Let `parent` show `items`, building only what is new or has changed, so that focus, scroll and open mails stay.
 * `key(item)` names an item, `build(item)` makes its element.
 */
export function show(parent, items, key, build) {
  const names = items.map(key);
  const wanted = new Set(names);
  const old = new Map();
  for (const node of [...parent.children]) {
    if (wanted.has(node.dataset.key)) old.set(node.dataset.key, node);
    else node.remove();
  }
  items.forEach((item, place) => {
    const state = JSON.stringify(item);
    let node = old.get(names[place]);
    if (node?.state !== state) {
      const fresh = Object.assign(build(item), { state });
      fresh.dataset.key = names[place];
      if (node) replace(node, fresh);
      node = fresh;
    }
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

function replace(node, fresh) {
  const had = node.contains(document.activeElement) ? document.activeElement.dataset.focus ?? "" : null;
  node.replaceWith(fresh);
  if (had === "") fresh.focus();
  else if (had !== null) fresh.querySelector(`[data-focus="${CSS.escape(had)}"]`)?.focus();
}

/** Fill a select, keeping what was chosen. Groups: [[label, [[value, text]]]]. */
export function fillSelect(select, groups, chosen) {
  const state = JSON.stringify(groups);
  if (select.state !== state) {
    select.state = state;
    select.replaceChildren(
      ...groups.map(([label, options]) =>
        of("optgroup", { label }, options.map(([value, text]) => of("option", { value }, text)))),
    );
  }
  if (chosen !== undefined && select.value !== chosen) select.value = chosen;
}

/** Arrow keys move through the options of a listbox or the tabs of a tablist. */
export function arrows(list, role) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const nodes = [...list.querySelectorAll(`[role=${role}]`)];
    const next = step && nodes[nodes.indexOf(document.activeElement) + step];
    if (next) {
      event.preventDefault();
      next.focus();
      next.click();
    }
  });
}

/** Ctrl-Enter or Cmd-Enter sends a form from its text box; with `plain`, Enter alone does, as in Slack. */
export function sendsOnEnter(box, plain = false) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    if (plain || event.ctrlKey || event.metaKey) {
      event.preventDefault();
      box.form.requestSubmit();
    }
  });
}

export const initials = (name) => name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();

/** A round sign with initials; the hue comes from the name. */
export function avatar(name, isApp = false) {
  if (isApp) return of("img", { class: "avatar", src: "/static/icon.svg", alt: "", width: 32, height: 32 });
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return of("span", { class: `avatar hue${hue}`, "aria-hidden": true }, initials(name));
}

export const clock = (iso) =>
  iso ? new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }) : "";

export const day = (iso) =>
  iso ? new Date(`${iso.slice(0, 10)}T12:00:00`).toLocaleDateString("en-GB",
    { day: "numeric", month: "short", year: "numeric" }) : "—";

export function money(amount, currency) {
  if (!amount) return "—";
  return new Intl.NumberFormat("en-GB", { style: "currency", currency: currency || "EUR", maximumFractionDigits: 0 })
    .format(Number(amount));
}

/** Ask the server for an act; what it refuses is shown. True when it was done. */
export async function act(name, body) {
  try {
    const answer = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return true;
    tell((await answer.json()).error);
  } catch {
    tell("The demo does not answer. Is it still running?");
  }
  return false;
}

let hiding;
export function tell(words) {
  const toast = document.getElementById("toast");
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, 6000);
}
