// A field that asks the app for options while one types: the external select of Block Kit.

import { el, icon, popNear } from "./dom.js";
import { emoji } from "./text.js";
import { fill } from "./words.js";

const PAUSE_MS = 150; // typing rests this long before the app is asked
const LEAST = 3; // characters, unless the element says otherwise

let serial = 0;
const freshId = () => `option-${(serial += 1)}`;
const words = (object) => (object?.type === "mrkdwn" ? object.text : emoji(object?.text ?? ""));

export class Combobox {
  /** `input` is the bare field; door: {t, ask(typed), chosen(), choose(option), clear()}. */
  constructor(input, { least = LEAST }, door) {
    Object.assign(this, { input, least, door });
    this.listId = `options-${freshId()}`;
    this.panel = null;
    this.rows = [];
    this.at = -1;
    this.turn = 0;
    this.timer = 0;
    this.node = el("span", { class: "combo" }, input, icon("lens"));
    this.listen();
    this.showChosen();
  }

  listen() {
    const aria = { autocomplete: "list", controls: this.listId, expanded: "false" };
    for (const [name, value] of Object.entries(aria))
      this.input.setAttribute(`aria-${name}`, value);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.leave());
    this.input.addEventListener("focus", () => {
      this.input.select();
      if (this.least === 0) this.ask();
    });
    // A click beside an open list closes it, and the field lies beside it.
    this.input.addEventListener("click", () => {
      const open = this.panel?.matches(":popover-open");
      if (!open && this.input.value.trim().length >= this.least) this.ask();
    });
  }

  showChosen() {
    this.input.value = words(this.door.chosen()?.text);
  }

  typed() {
    if (!this.input.value) this.door.clear();
    clearTimeout(this.timer);
    this.wait(true);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  /** Says whether the list is yet to follow what was typed. */
  wait(on) {
    this.node.setAttribute("aria-busy", String(on));
  }

  leave() {
    this.close();
    this.showChosen();
  }

  close() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.panel?.remove();
    Object.assign(this, { panel: null, rows: [], at: -1 });
    this.wait(false);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  async ask() {
    const typed = this.input.value.trim();
    const turn = (this.turn += 1);
    if (typed.length < this.least) {
      this.draw([], fill(this.door.t.typeMore, { n: this.least }));
      this.wait(false);
      return;
    }
    this.wait(true);
    if (!this.panel) this.draw([], this.door.t.loading);
    const { options, option_groups: groups, note } = await this.door.ask(typed);
    if (turn !== this.turn) return; // somebody typed on, or left
    this.draw(groups ?? [{ options: options ?? [] }], note ?? this.door.t.noOptions);
    this.wait(false);
  }

  draw(groups, note) {
    this.panel?.remove();
    this.rows = [];
    this.at = -1;
    this.input.removeAttribute("aria-activedescendant");
    const label = this.door.t.choose;
    this.panel = el("div", { class: "listbox", role: "listbox", id: this.listId, aria: { label } });
    for (const group of groups) {
      if (group.label && group.options.length) this.panel.append(el("div", { class: "group" }, words(group.label)));
      for (const option of group.options) this.panel.append(this.row(option));
    }
    if (!this.rows.length) this.panel.append(el("div", { class: "note", role: "status" }, note));
    popNear(this.input, this.panel, { wide: true });
    this.input.setAttribute("aria-expanded", "true");
  }

  row(option) {
    const hint = option.description ? words(option.description) : null;
    const row = el(
      "div",
      { class: "option", role: "option", id: freshId(), aria: { selected: false } },
      el("span", {}, words(option.text)),
      hint ? el("span", { class: "menu-hint" }, hint) : null,
    );
    row.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    row.addEventListener("click", () => this.pick(option));
    this.rows.push({ row, option });
    return row;
  }

  async pick(option) {
    this.close();
    this.input.value = words(option.text);
    await this.door.choose(option);
    this.showChosen();
  }

  move(step) {
    if (!this.rows.length) return;
    this.rows[this.at]?.row.setAttribute("aria-selected", "false");
    this.at = (Math.max(this.at, step < 0 ? 0 : -1) + step + this.rows.length) % this.rows.length;
    const { row } = this.rows[this.at];
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row.id);
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.panel) this.move(step);
      else this.ask();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const only = this.rows.length === 1 ? this.rows[0] : null;
      const marked = this.rows[this.at] ?? only;
      if (marked) this.pick(marked.option);
    } else if (event.key === "Escape" && this.panel) {
      event.preventDefault();
      event.stopPropagation();
      this.leave();
    }
  }
}
