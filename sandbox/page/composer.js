// The field to write in: sends on Enter, completes the app's commands, remembers what was sent.

import { el, icon } from "./dom.js";
import { fill } from "./words.js";

/** door: {say(text) -> Promise of whether it was taken, upload(file), reader, commands, place, as,
 * isApp} */
export class Composer {
  constructor(door) {
    this.door = door;
    this.drafts = new Map(); // by person and place
    this.sent = new Map(); // by person, newest last
    this.back = 0;
    this.choice = -1;
    this.node = el("form", { class: "composer" });
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.key = "";
  }

  /** Draws the field for a place; `notice` replaces it where one may not write. */
  show(notice) {
    const { t } = this.door.reader();
    if (this.field) this.drafts.set(this.key, this.field.value);
    this.key = `${this.door.as()}/${this.door.place().id}`;
    if (notice) {
      this.field = null;
      this.node.replaceChildren(
        el("p", { class: "notice", testid: "composer-notice" }, icon("info"), notice),
      );
      return;
    }
    const label = fill(t.composer, { place: this.door.place().name });
    this.field = el("textarea", {
      id: "composer",
      testid: "composer",
      rows: "1",
      class: "field",
      autocomplete: "off",
      placeholder: this.door.isApp() ? t.composerApp : label,
      aria: { label, controls: "commands", autocomplete: "list" },
    });
    this.field.value = this.drafts.get(this.key) ?? "";
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("blur", () => this.hide());
    this.list = el("div", {
      id: "commands",
      class: "listbox commands",
      role: "listbox",
      testid: "commands",
      hidden: true,
      aria: { label: t.commands },
    });
    this.hint = el("p", { class: "usage", aria: { live: "polite" } });
    const send = el(
      "button",
      {
        type: "submit",
        class: "button primary icon-only",
        testid: "send",
        aria: { label: t.send },
      },
      icon("send"),
    );
    this.field.addEventListener("paste", (event) => this.onGiven(event, event.clipboardData));
    const write = el("div", { class: "write" }, ...this.attaching(t), this.field, send);
    this.node.replaceChildren(this.list, this.hint, write);
    this.fit();
  }

  attaching(t) {
    const input = el("input", { type: "file", multiple: true, hidden: true, testid: "attach-input" });
    input.addEventListener("change", () => {
      this.upload(input.files);
      input.value = "";
    });
    const button = el(
      "button",
      {
        type: "button",
        class: "button quiet icon-only",
        testid: "attach",
        title: t.attach,
        aria: { label: t.attach },
        onclick: () => input.click(),
      },
      icon("clip"),
    );
    return [button, input];
  }

  /** Files that are pasted or dropped are sent; anything else is left to the browser. */
  onGiven(event, given) {
    if (!this.field || !given?.files.length) return;
    event.preventDefault();
    this.upload(given.files);
  }

  async upload(files) {
    for (const file of files) await this.door.upload(file);
  }

  focus() {
    this.field?.focus({ preventScroll: true });
  }

  put(text) {
    if (!this.field) return;
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.changed();
  }

  changed() {
    this.back = 0;
    this.fit();
    const typed = this.field.value;
    const matches = /^\/\S*$/.test(typed)
      ? this.door.commands().filter(({ command }) => command.startsWith(typed.toLowerCase()))
      : [];
    this.offer(matches);
    const known = this.door.commands().find(({ command }) => typed.startsWith(`${command} `));
    this.hint.textContent = known
      ? [known.command, known.usage_hint].filter(Boolean).join(" ")
      : "";
  }

  offer(commands) {
    this.choice = commands.length ? 0 : -1;
    this.list.replaceChildren(...commands.map((each, at) => this.row(each, at)));
    this.list.hidden = !commands.length;
    this.mark();
  }

  row({ command, description, usage_hint: usage }, at) {
    const row = el(
      "div",
      { class: "option", role: "option", id: `command-${at}`, data: { command } },
      el("span", {}, el("strong", {}, command), usage ? ` ${usage}` : ""),
      el("span", { class: "menu-hint" }, description ?? ""),
    );
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.put(`${command} `);
      this.focus();
    });
    return row;
  }

  mark() {
    const rows = [...this.list.children];
    for (const [at, row] of rows.entries())
      row.setAttribute("aria-selected", String(at === this.choice));
    if (this.choice >= 0) this.field.setAttribute("aria-activedescendant", rows[this.choice].id);
    else this.field.removeAttribute("aria-activedescendant");
    rows[this.choice]?.scrollIntoView({ block: "nearest" });
  }

  hide() {
    this.list.hidden = true;
    this.choice = -1;
    this.field?.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (open && event.key in steps) {
      event.preventDefault();
      this.choice =
        (this.choice + steps[event.key] + this.list.children.length) % this.list.children.length;
      this.mark();
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.hide();
    } else if (
      open &&
      (event.key === "Tab" || event.key === "Enter") &&
      !event.shiftKey &&
      this.complete(event.key)
    ) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key in steps && (this.field.value === "" || this.back > 0))
      this.recall(event, -steps[event.key]);
  }

  /** Takes the marked command; a command already typed in full is sent instead. */
  complete(key) {
    const { command } = this.list.children[this.choice].dataset;
    if (key === "Enter" && this.field.value.toLowerCase() === command) return false;
    this.put(`${command} `);
    return true;
  }

  recall(event, step) {
    const sent = this.sent.get(this.door.as()) ?? [];
    const back = Math.min(Math.max(this.back + step, 0), sent.length);
    if (back === this.back) return;
    event.preventDefault();
    this.put(back ? sent.at(-back) : "");
    this.hide();
    this.back = back;
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 180)}px`;
  }

  async send() {
    const text = this.field?.value.trim();
    if (!text) return;
    const sent = this.sent.get(this.door.as()) ?? [];
    if (sent.at(-1) !== text) sent.push(text);
    this.sent.set(this.door.as(), sent.slice(-100));
    this.put("");
    this.hide();
    const { key } = this;
    const taken = await this.door.say(text);
    if (!taken && key === this.key && this.field?.value === "") this.put(text); // to be put right
  }
}
