// The inspector: everything the app and the workspace told each other, newest first.

import { el, icon } from "./dom.js";
import { get } from "./api.js";
import { fill } from "./words.js";

const PAGE = 200;
const KEPT = 5000;

/** door: {reader(), onToggle(open)} */
export class Inspector {
  constructor(panel, door) {
    this.panel = panel;
    this.door = door;
    this.entries = [];
    this.filter = "";
    this.shown = PAGE;
    this.open = false;
    this.opened = new Set();
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
  }

  toggle(open = !this.open) {
    this.open = open;
    this.panel.hidden = !open;
    this.door.onToggle(open);
    if (!open) return;
    this.frame();
    this.load();
    this.panel.querySelector("select").focus();
  }

  /** Draws the frame anew, as after a change of language. */
  frame() {
    if (!this.open) return;
    const { t } = this.door.reader();
    const choices = { "": t.filterAll, problems: t.filterProblems, ...t.filterKinds };
    const filter = el(
      "select",
      { class: "select", testid: "inspector-filter", aria: { label: t.filter } },
      Object.entries(choices).map(([value, label]) => el("option", { value }, label)),
    );
    filter.value = this.filter;
    filter.addEventListener("change", () => {
      this.filter = filter.value;
      this.shown = PAGE;
      this.draw();
    });
    this.list = el("ol", { class: "entries", testid: "inspector-entries" });
    this.panel.setAttribute("aria-label", t.transcript);
    this.panel.replaceChildren(
      el(
        "header",
        {},
        el("h2", {}, t.transcript),
        el(
          "button",
          {
            type: "button",
            class: "button quiet icon-only",
            testid: "inspector-close",
            aria: { label: t.close },
            onclick: () => this.toggle(false),
          },
          icon("close"),
        ),
      ),
      el(
        "div",
        { class: "tools" },
        filter,
        el(
          "button",
          {
            type: "button",
            class: "button quiet",
            testid: "inspector-download",
            onclick: () => this.download(),
          },
          icon("save"),
          t.download,
        ),
      ),
      this.list,
    );
    this.draw();
  }

  async load() {
    if (!this.open || this.loading) {
      this.again = this.open;
      return;
    }
    this.loading = true;
    try {
      do {
        this.again = false;
        const { entries } = await get("transcript", { after: this.entries.at(-1)?.n ?? 0 });
        this.entries = [...this.entries, ...entries].slice(-KEPT);
        if (entries.length) this.draw();
      } while (this.again);
    } finally {
      this.loading = false;
    }
  }

  matches(entry) {
    if (this.filter === "problems") return !entry.ok || Boolean(entry.problems?.length);
    return !this.filter || entry.kind === this.filter;
  }

  draw() {
    const { t } = this.door.reader();
    const hits = this.entries.filter((entry) => this.matches(entry)).reverse();
    const rows = hits.slice(0, this.shown).map((entry) => this.row(entry));
    if (!hits.length) rows.push(el("li", { class: "empty" }, t.noEntries));
    if (hits.length > this.shown) {
      rows.push(
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: "button",
              onclick: () => {
                this.shown += PAGE;
                this.draw();
              },
            },
            t.olderHidden,
          ),
        ),
      );
    }
    const scroll = this.list.scrollTop;
    const focused = document.activeElement?.closest?.("[data-n]")?.dataset.n;
    this.list.replaceChildren(...rows);
    this.list.scrollTop = scroll;
    if (focused)
      this.list.querySelector(`[data-n="${focused}"] summary`)?.focus({ preventScroll: true });
  }

  row(entry) {
    const { t, people, locale, zone } = this.door.reader();
    const toApp = entry.direction.endsWith("bot");
    const problems = entry.problems ?? [];
    const details = el(
      "details",
      {},
      el(
        "summary",
        {},
        el(
          "span",
          {
            class: `way ${toApp ? "to-app" : "to-workspace"}`,
            title: toApp ? t.toApp : t.toWorkspace,
            role: "img",
            aria: { label: toApp ? t.toApp : t.toWorkspace },
          },
          toApp ? "→" : "←",
        ),
        el("span", { class: "name" }, entry.name),
        entry.ok ? null : el("span", { class: "flag bad" }, entry.response?.error ?? "!"),
        problems.length
          ? el(
              "span",
              { class: "flag warn" },
              problems.length === 1 ? t.problem : fill(t.problems, { n: problems.length }),
            )
          : null,
        el(
          "span",
          { class: "when" },
          clockTime(entry.at, locale, zone),
          entry.ms === undefined || entry.ms === null ? "" : ` · ${Math.round(entry.ms)} ms`,
        ),
      ),
    );
    const expand = () =>
      details.childElementCount === 1 && details.append(this.detail(entry, problems, people, t));
    details.addEventListener("toggle", () => {
      if (details.open) this.opened.add(entry.n);
      else this.opened.delete(entry.n);
      if (details.open) expand();
    });
    if (this.opened.has(entry.n)) {
      expand();
      details.open = true;
    }
    const state = !entry.ok ? "bad" : problems.length ? "warn" : "";
    return el(
      "li",
      { class: `entry ${state}`, testid: "entry", data: { n: String(entry.n), kind: entry.kind } },
      details,
    );
  }

  detail(entry, problems, people, t) {
    const names = (entry.audience ?? []).map(
      (id) => people.get(id)?.display ?? people.get(id)?.name ?? id,
    );
    return el(
      "div",
      { class: "detail" },
      el("p", { class: "meta" }, `${t.filterKinds[entry.kind] ?? entry.kind} · #${entry.n}`),
      problems.map((problem) =>
        el(
          "p",
          { class: "problem" },
          icon("warn"),
          typeof problem === "string" ? problem : JSON.stringify(problem),
        ),
      ),
      entry.audience
        ? el("p", { class: "meta" }, `${t.audience}: ${names.join(", ") || t.nobody}`)
        : null,
      el("h3", {}, t.request),
      el("pre", { tabindex: "0" }, pretty(entry.request)),
      el("h3", {}, t.response),
      el("pre", { tabindex: "0" }, pretty(entry.response)),
    );
  }

  async download() {
    const { entries } = await get("transcript", { after: 0 });
    const address = URL.createObjectURL(
      new Blob([pretty({ entries })], { type: "application/json" }),
    );
    el("a", { href: address, download: "transcript.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

function pretty(value) {
  return value === undefined || value === null ? "–" : JSON.stringify(value, null, 2);
}

function clockTime(at, locale, zone) {
  const instant = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  if (Number.isNaN(instant.getTime())) return String(at ?? "");
  return new Intl.DateTimeFormat(locale, { timeStyle: "medium", timeZone: zone }).format(instant);
}
