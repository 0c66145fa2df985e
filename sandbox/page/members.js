// Who is in a channel: a dialog that lists the people, adds them and takes them out.

import { el, icon } from "./dom.js";
import { initials } from "./text.js";
import { fill } from "./words.js";

/** door: {words(), place(), state(), named(person), change(person, leave) -> Promise} */
export class Members {
  constructor(door) {
    this.door = door;
    this.dialog = null;
  }

  /** The button that says how many there are. */
  button() {
    const t = this.door.words();
    return el(
      "button",
      {
        type: "button",
        class: "button quiet members",
        testid: "members",
        data: { focus: "members" },
        aria: { haspopup: "dialog" },
        onclick: () => this.open(),
      },
      icon("person"),
      fill(t.people, { n: this.door.place().members.length }),
    );
  }

  open() {
    this.dialog = el("dialog", { class: "dialog", testid: "members-dialog" });
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      this.dialog = null;
      document.querySelector("[data-testid=members]")?.focus();
    });
    this.draw();
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  /** Draws the open dialog anew; without a place to show it closes. */
  draw() {
    if (!this.dialog) return;
    const here = this.door.place();
    if (!here) return void this.dialog.close();
    const t = this.door.words();
    const inside = new Set(here.members);
    const people = this.door.state().people.filter((person) => inside.has(person.id));
    const title = fill(t.peopleIn, { place: here.name });
    this.dialog.setAttribute("aria-label", title);
    this.dialog.replaceChildren(
      el(
        "header",
        {},
        el("h2", {}, title),
        el(
          "button",
          {
            type: "button",
            class: "button quiet icon-only",
            testid: "members-close",
            aria: { label: t.close },
            onclick: () => this.dialog.close(),
          },
          icon("close"),
        ),
      ),
      el(
        "ul",
        { class: "content people" },
        people.map((person) => this.row(person, t)),
      ),
      this.footer(here, inside, t),
    );
  }

  row(person, t) {
    const name = this.door.named(person);
    const own = person.id === this.door.state().me.id;
    const label = own ? t.leave : fill(t.takeOut, { name });
    const facts = [person.title, person.kind === "member" ? "" : t.kinds[person.kind]];
    return el(
      "li",
      {},
      el("span", { class: "avatar", aria: { hidden: true } }, initials(name)),
      el("span", { class: "fact" }, el("strong", {}, name), ` ${facts.filter(Boolean).join(" · ")}`),
      el(
        "button",
        {
          type: "button",
          class: "button quiet icon-only",
          title: label,
          aria: { label },
          onclick: () => this.change(person.id, true),
        },
        icon("close"),
      ),
    );
  }

  footer(here, inside, t) {
    const { people, me } = this.door.state();
    if (!inside.has(me.id))
      return el(
        "footer",
        {},
        el(
          "button",
          { type: "button", class: "button primary", onclick: () => this.change(me.id, false) },
          t.join,
        ),
      );
    const outside = people.filter(({ id, kind }) => !inside.has(id) && kind !== "deactivated");
    const select = el(
      "select",
      { class: "select", testid: "members-who", aria: { label: t.addWhom } },
      outside.map((person) => el("option", { value: person.id }, this.door.named(person))),
    );
    return el(
      "footer",
      {},
      select,
      el(
        "button",
        {
          type: "button",
          class: "button primary",
          testid: "members-add",
          disabled: !outside.length,
          onclick: () => this.change(select.value, false),
        },
        t.add,
      ),
    );
  }

  async change(person, leave) {
    await this.door.change(person, leave);
    this.draw();
    this.dialog?.querySelector("[data-testid=members-close]")?.focus();
  }
}
