// The only way this page makes elements: strings always become text nodes, never HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element; `on…` are listeners, `data`/`aria` are groups, null leaves out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "aria") {
    for (const [key, part] of Object.entries(value)) {
      if (part !== null && part !== undefined) node.setAttribute(`aria-${key}`, String(part));
    }
  } else if (name === "class") node.className = value;
  else if (name === "testid") node.dataset.testid = value;
  else node.setAttribute(name, value === true ? "" : value);
}

const ICONS = {
  menu: "M3 6h14M3 10h14M3 14h14",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  send: "M3 10h13M11 5l5 5-5 5",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  hash: "M7.5 3l-1 14M13.5 3l-1 14M3.5 7.5h14M2.5 12.5h14",
  link: "M8 12a3.5 3.5 0 0 0 5 0l3-3a3.5 3.5 0 0 0-5-5l-1 1M12 8a3.5 3.5 0 0 0-5 0l-3 3a3.5 3.5 0 0 0 5 5",
  box: "M3 4h14v4H3zM4.5 8v8h11V8M8 11h4",
  bolt: "M11 2L4 11.5h5L8.5 18 16 8.5h-5z",
  lens: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5L18 18",
  half: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 3v14M10 6.5h5.5M10 10h7M10 13.5h5.5",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4l3 2",
  down: "M5 8l5 5 5-5",
  save: "M10 3v9M6 8.5l4 4 4-4M4 16h12",
  warn: "M10 3l8 14H2zM10 8v4M10 14.5v.01",
  info: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9v5M10 6.5v.01",
  check: "M4 10.5l4 4 8-9",
  clip: "M15.5 9.5l-5.8 5.8a3.3 3.3 0 0 1-4.7-4.7l6.4-6.4a2.2 2.2 0 0 1 3.1 3.1l-6.1 6.1a1.1 1.1 0 0 1-1.6-1.6l5.4-5.4",
  person: "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 17.5c.6-3.4 3.3-5 6.5-5s5.9 1.6 6.5 5",
  file: "M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Opens `panel` as a popover next to `anchor`, inside the same dialog if there is one. */
export function popNear(anchor, panel, { wide = false } = {}) {
  panel.popover = "auto";
  panel.classList.add("pop");
  (anchor.closest("dialog") ?? document.body).append(panel);
  panel.addEventListener("toggle", (event) => event.newState === "closed" && panel.remove());
  panel.showPopover();
  place(anchor, panel, wide);
  return () => panel.isConnected && panel.hidePopover();
}

function place(anchor, panel, wide) {
  const box = anchor.getBoundingClientRect();
  if (wide) panel.style.width = `${Math.max(box.width, 220)}px`;
  const size = panel.getBoundingClientRect();
  const below = box.bottom + 4 + size.height <= window.innerHeight - 8;
  const top = below ? box.bottom + 4 : Math.max(8, box.top - 4 - size.height);
  const left = Math.min(Math.max(8, box.left), window.innerWidth - size.width - 8);
  panel.style.top = `${top}px`;
  panel.style.left = `${left}px`;
}

/** A menu of choices under a button: arrows move, Enter picks, Escape closes. */
export function openMenu(anchor, items, label) {
  const panel = el("div", { class: "menu", role: "menu", aria: { label } });
  let close = () => {};
  const buttons = items.map((item) => menuItem(item, () => close()));
  panel.append(...(buttons.length ? buttons : []));
  panel.addEventListener("keydown", (event) => walk(event, buttons));
  close = popNear(anchor, panel);
  anchor.setAttribute("aria-expanded", "true");
  panel.addEventListener("toggle", (event) => {
    if (event.newState === "closed") anchor.setAttribute("aria-expanded", "false");
  });
  buttons.find((button) => !button.disabled)?.focus();
}

function menuItem({ label, hint, danger, disabled, pick }, close) {
  const button = el(
    "button",
    { type: "button", role: "menuitem", class: danger ? "danger" : null, disabled },
    el("span", { class: "menu-label" }, label),
    hint ? el("span", { class: "menu-hint" }, hint) : null,
  );
  button.addEventListener("click", () => {
    close();
    pick?.();
  });
  return button;
}

/** Moves focus among `nodes` with the arrow keys, Home and End. */
export function walk(event, nodes) {
  const usable = nodes.filter((node) => !node.disabled);
  const at = usable.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: usable.length - 1 };
  if (!(event.key in steps) || !usable.length) return;
  event.preventDefault();
  usable[(steps[event.key] + usable.length) % usable.length].focus();
}

/** Runs `work`, then puts focus and caret back where they were inside `root`. */
export function keepingFocus(root, work) {
  const active = document.activeElement;
  const inside = root.contains(active) ? active.closest("[data-focus]")?.dataset.focus : null;
  const caret = inside ? [active.selectionStart, active.selectionEnd] : null;
  work();
  if (!inside || root.contains(document.activeElement)) return;
  const again = [...root.querySelectorAll("[data-focus]")].find(
    (node) => node.dataset.focus === inside,
  );
  if (!again) return;
  again.focus({ preventScroll: true });
  if (typeof caret[0] === "number") again.setSelectionRange?.(...caret);
}
