// What somebody sees who has never seen this: three things to try, large and then small.

import { el, icon } from "./dom.js";
import { fill } from "./words.js";

const SEGMENT = "/segment Huber";
const PRIORITIES = "/priorities";
const HIDDEN = "suggestions-hidden";

/** door: {words(), appName(), say(text), goMonday()} */
export class FirstSteps {
  constructor(door) {
    this.door = door;
  }

  tries() {
    const t = this.door.words();
    return [
      { key: "segment", label: t.trySegment, words: SEGMENT, run: () => this.door.say(SEGMENT) },
      {
        key: "priorities",
        label: t.tryPriorities,
        words: PRIORITIES,
        run: () => this.door.say(PRIORITIES),
      },
      { key: "monday", label: t.tryMonday, words: t.monday, run: () => this.door.goMonday() },
    ];
  }

  welcome(me) {
    const t = this.door.words();
    const name = me.display || me.name;
    const facts = { app: this.door.appName(), name, title: me.title || t.kinds[me.kind] };
    const step = ({ key, label, words, run }, at) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "try", testid: `try-${key}`, onclick: run },
          el("span", { class: "number", aria: { hidden: true } }, String(at + 1)),
          el("span", {}, el("strong", {}, label), el("kbd", {}, words)),
        ),
      );
    return el(
      "section",
      { class: "welcome", testid: "welcome" },
      el("h3", {}, fill(t.welcomeTitle, { ...facts, name: name.split(" ")[0] })),
      el("p", {}, fill(t.welcomeText, facts)),
      el("ol", {}, this.tries().map(step)),
      el("p", { class: "soft" }, t.welcomeMore),
    );
  }

  /** The same three above the field to write in, until somebody hides them. */
  chips() {
    if (localStorage.getItem(HIDDEN)) return "";
    const t = this.door.words();
    const chip = ({ key, label, words, run }) =>
      el(
        "button",
        { type: "button", class: "chip", testid: `suggest-${key}`, title: label, onclick: run },
        words,
      );
    const hide = () => {
      localStorage.setItem(HIDDEN, "yes");
      node.remove();
    };
    const node = el(
      "div",
      {
        id: "suggestions",
        class: "suggestions",
        role: "group",
        hidden: true,
        aria: { label: t.suggestions },
      },
      this.tries().map(chip),
      el(
        "button",
        {
          type: "button",
          class: "button quiet icon-only",
          testid: "suggest-hide",
          title: t.hideSuggestions,
          aria: { label: t.hideSuggestions },
          onclick: hide,
        },
        icon("close"),
      ),
    );
    return node;
  }
}
