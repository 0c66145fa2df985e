// The app's modals: a stack per person, its top one shown in a dialog; and confirm dialogs.

import { el, icon, keepingFocus } from "./dom.js";
import { drawBlocks } from "./blocks.js";
import { findGaps, present } from "./state.js";
import { emoji, textNodes } from "./text.js";
import { fill } from "./words.js";

const FIELDS = "input, select, textarea, button, a[href], summary, [tabindex]:not([tabindex='-1'])";

const stamp = (view) => `${view.id} ${view.hash}`;

/** Keeps Tab inside the dialog. */
function holdFocus(dialog) {
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll(FIELDS)].filter(
      (node) => !node.disabled && node.offsetParent !== null,
    );
    if (!stops.length) return;
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge && document.activeElement !== dialog) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  });
}

/** Asks the confirm question of an element; resolves to true or false. */
export function confirmDialog(question, reader) {
  const { t } = reader;
  return new Promise((resolve) => {
    const opener = document.activeElement;
    const dialog = el("dialog", {
      class: "dialog confirm",
      testid: "confirm",
      role: "alertdialog",
      aria: { label: question.title?.text },
    });
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      opener?.focus?.();
      resolve(answer);
    };
    const yes = el(
      "button",
      {
        type: "button",
        class: `button ${question.style ?? "primary"}`,
        testid: "confirm-ok",
        onclick: () => end(true),
      },
      emoji(question.confirm?.text ?? t.confirmYes),
    );
    const no = el(
      "button",
      { type: "button", class: "button", testid: "confirm-cancel", onclick: () => end(false) },
      emoji(question.deny?.text ?? t.confirmNo),
    );
    dialog.append(
      el("header", {}, el("h2", {}, emoji(question.title?.text ?? ""))),
      el("div", { class: "content text" }, textNodes(question.text, reader)),
      el("footer", {}, no, yes),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    holdFocus(dialog);
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}

/**
 * Shows the top of a person's stack of views.
 * door: {submit(view, values), close(view, all), fire(view, block, item, action, values),
 *        options(view, block, item, typed), upload(file), reader(), appName()}
 */
export class Modals {
  constructor(door) {
    this.door = door;
    this.values = new Map(); // by view id: what was typed survives an update of the same view
    this.views = [];
    this.drawn = "";
    this.errors = {};
    this.dialog = null;
    this.opener = null;
    this.sending = null; // what stood there when it was sent; anything newer can be used at once
    this.leaving = false;
  }

  sync(views) {
    const before = this.views.at(-1)?.id;
    this.views = views;
    for (const id of this.values.keys())
      if (!views.some((view) => view.id === id)) this.values.delete(id);
    const top = views.at(-1);
    if (!top) return this.shut();
    const drawn = JSON.stringify([top, views.length, this.door.reader().locale]);
    if (drawn === this.drawn) return undefined;
    if (top.id !== before) this.errors = {};
    this.drawn = drawn;
    return this.draw(top, top.id !== before);
  }

  shut() {
    if (!this.dialog) return;
    this.dialog.close();
    this.dialog.remove();
    Object.assign(this, { dialog: null, drawn: "", errors: {}, sending: null });
    if (this.opener?.isConnected) this.opener.focus();
    else document.getElementById("composer")?.focus();
  }

  open() {
    this.opener = document.activeElement;
    this.dialog = el("dialog", { class: "dialog modal", testid: "modal", tabindex: "-1" });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave(false);
    });
    holdFocus(this.dialog);
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  draw(view, fresh) {
    if (!this.dialog) this.open();
    const scroll = fresh ? 0 : this.dialog.querySelector(".content")?.scrollTop;
    keepingFocus(this.dialog, () => this.dialog.replaceChildren(...this.parts(view)));
    this.dialog.setAttribute("aria-label", emoji(view.title?.text ?? ""));
    this.dialog.dataset.viewId = view.id;
    this.dialog.querySelector(".content").scrollTop = scroll ?? 0;
    const busy = this.sending === stamp(view);
    this.showBusy(busy);
    // a button that is disabled cannot keep the focus
    if (busy) this.dialog.focus({ preventScroll: true });
    else if (fresh || !this.holdsFocus()) this.focusFirst();
  }

  /** Whether something in the dialog has the focus, not just the dialog as a whole. */
  holdsFocus() {
    const { activeElement: active } = document;
    return active !== this.dialog && this.dialog.contains(active);
  }

  focusFirst() {
    const content = this.dialog.querySelector(".content");
    const wanted =
      content.querySelector("[aria-invalid] input, [aria-invalid]") ??
      content.querySelector("[autofocus]") ??
      content.querySelector(".block-input input, .block-input select, .block-input textarea");
    (
      wanted ??
      this.dialog.querySelector("[data-testid=modal-submit]") ??
      this.dialog.querySelector("footer button")
    ).focus();
  }

  parts(view) {
    const { t } = this.door.reader();
    const stacked = this.views.length > 1;
    const submit = view.submit
      ? el(
          "button",
          {
            type: "button",
            class: "button primary",
            testid: "modal-submit",
            data: { focus: "submit" },
            onclick: () => this.submit(),
          },
          emoji(view.submit.text),
        )
      : null;
    const cancel = el(
      "button",
      { type: "button", class: "button", testid: "modal-cancel", onclick: () => this.leave(false) },
      emoji(view.close?.text ?? (view.submit ? t.cancel : t.close)),
    );
    return [
      el(
        "header",
        {},
        stacked
          ? el(
              "button",
              {
                type: "button",
                class: "button quiet icon-only",
                testid: "modal-back",
                aria: { label: t.back },
                onclick: () => this.leave(false),
              },
              icon("back"),
            )
          : null,
        el("h2", {}, emoji(view.title?.text ?? "")),
        el(
          "button",
          {
            type: "button",
            class: "button quiet icon-only",
            testid: "modal-close",
            aria: { label: t.close },
            onclick: () => this.leave(true),
          },
          icon("close"),
        ),
      ),
      el("div", { class: "content" }, drawBlocks(view.blocks, this.context(view), this.errors)),
      el("p", { class: "trouble", role: "alert", testid: "modal-trouble" }),
      el("footer", {}, cancel, submit),
    ];
  }

  context(view) {
    if (!this.values.has(view.id)) this.values.set(view.id, {});
    const values = this.values.get(view.id);
    return {
      ...this.door.reader(),
      values,
      confirm: (question) => confirmDialog(question, this.door.reader()),
      fire: (block, item, action) =>
        this.door.fire(view, block, item, action, present(view.blocks, values)),
      options: (block, item, typed) => this.door.options(view, block, item, typed),
      upload: (file) => this.door.upload(file),
      submit: () => view.submit && this.submit(),
    };
  }

  async submit() {
    const view = this.views.at(-1);
    const { t } = this.door.reader();
    const gaps = findGaps(view.blocks, this.values.get(view.id) ?? {}, t);
    if (Object.keys(gaps).length) return this.showErrors(view, gaps);
    this.sending = stamp(view);
    this.draw(view, false); // earlier errors are gone while the app looks at it
    const answer = await this.door.submit(
      view,
      present(view.blocks, this.values.get(view.id) ?? {}),
    );
    if (this.sending !== stamp(view)) return undefined; // a newer view stands there by now
    this.sending = null;
    this.showBusy(false);
    if (!this.holdsFocus()) this.dialog.querySelector("[data-testid=modal-submit]")?.focus();
    if (answer.outcome === "errors") this.showErrors(view, answer.errors ?? {});
    else if (answer.outcome === "timeout")
      this.trouble(fill(t.modalTimeout, { app: this.door.appName() }));
    else if (answer.outcome === "error")
      this.trouble(fill(t.failed, { detail: answer.detail ?? "" }));
    return undefined;
  }

  showErrors(view, errors) {
    this.errors = errors;
    this.draw(view, false);
    const lost = Object.keys(errors).filter(
      (id) => !view.blocks.some((block) => block.block_id === id),
    );
    if (lost.length) this.trouble(lost.map((id) => errors[id]).join(" "));
    this.dialog.querySelector("[aria-invalid] input, [aria-invalid]")?.focus();
    this.errors = {};
  }

  trouble(text) {
    const line = this.dialog?.querySelector(".trouble");
    if (line) line.textContent = text;
  }

  showBusy(on) {
    this.dialog.toggleAttribute("data-busy", on);
    for (const node of this.dialog.querySelectorAll("button, input, select, textarea"))
      node.disabled = on;
    this.dialog.querySelector("[data-testid=modal-submit]")?.setAttribute("aria-busy", String(on));
  }

  /** Closes the top view, or all of them; once, however often Escape is heard. */
  async leave(all) {
    if (this.leaving || !this.dialog || this.dialog.hasAttribute("data-busy")) return;
    this.leaving = true;
    try {
      await this.door.close(this.views.at(-1), all && this.views.length > 1);
    } finally {
      this.leaving = false;
    }
  }
}
