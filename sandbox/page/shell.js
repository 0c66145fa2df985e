// Toasts, the drawer of places on a phone, and the light or dark theme.

import { el, icon } from "./dom.js";

/** Says an outcome in the corner for a few seconds, above any dialog. */
export function toast(text, closeLabel, kind = "bad") {
  const box = document.getElementById("toasts");
  for (const old of box.children) if (old.textContent === text) old.remove();
  if (box.childElementCount > 2) box.firstElementChild.remove();
  const close = el(
    "button",
    { type: "button", class: "button quiet icon-only", aria: { label: closeLabel } },
    icon("close"),
  );
  const node = el(
    "div",
    { class: `toast ${kind}`, testid: "toast" },
    icon(kind === "bad" ? "warn" : "info"),
    el("span", {}, text),
    close,
  );
  const end = () => {
    node.remove();
    if (!box.childElementCount && box.matches(":popover-open")) box.hidePopover();
  };
  close.addEventListener("click", end);
  box.append(node);
  if (box.matches(":popover-open")) box.hidePopover(); // shown again, it lies above a newer dialog
  box.showPopover();
  setTimeout(end, kind === "bad" ? 9000 : 4000);
}

function setDrawer(open) {
  document.getElementById("app").classList.toggle("drawer-open", open);
  document.getElementById("veil").hidden = !open;
  document.querySelector("[data-testid=menu]")?.setAttribute("aria-expanded", String(open));
}

export function openDrawer() {
  setDrawer(true);
  (
    document.getElementById("side").querySelector("[aria-current]") ??
    document.getElementById("side").querySelector("button")
  ).focus();
}

export function closeDrawer() {
  if (!document.getElementById("app").classList.contains("drawer-open")) return;
  setDrawer(false);
  document.querySelector("[data-testid=menu]")?.focus();
}

export function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

/** Takes up the theme that was chosen last time. */
export function takeTheme() {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
}
