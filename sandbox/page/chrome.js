// The frame around the messages: the bar at the top and the places at the side.

import { el, icon, openMenu, walk } from "./dom.js";
import { initials } from "./text.js";

function iconButton(name, label, testid, onclick, aria = {}) {
  return el(
    "button",
    {
      type: "button",
      class: "button quiet icon-only",
      testid,
      title: label,
      data: { focus: testid },
      aria: { label, ...aria },
      onclick,
    },
    icon(name),
  );
}

/** The bar at the top: who acts, what time it is, and the page's own tools. */
export function topBar(door) {
  const t = door.words();
  const { me } = door.state();
  const bolt = iconButton("bolt", t.shortcuts, "shortcuts", () => globalMenu(bolt, door), {
    haspopup: "menu",
    expanded: false,
  });
  return [
    iconButton("menu", t.menu, "menu", door.openDrawer, { expanded: false, controls: "side" }),
    el(
      "div",
      { class: "acting" },
      el("span", { class: "avatar", aria: { hidden: true } }, initials(door.named(me))),
      el(
        "div",
        { class: "acting-text" },
        el("label", { class: "acting-label", for: "act-as" }, t.actAs),
        actAsSelect(door),
        el(
          "p",
          { class: "acting-facts", testid: "acting-facts" },
          [me.title, t.kinds[me.kind], me.locale, me.tz].filter(Boolean).join(" · "),
        ),
      ),
    ),
    el(
      "div",
      { class: "time", role: "group", aria: { label: t.clock } },
      el("span", { class: "clock", testid: "clock", id: "clock", title: t.clock }),
      el(
        "button",
        {
          type: "button",
          class: "button",
          testid: "monday",
          title: t.mondayHint,
          data: { focus: "monday" },
          onclick: door.goMonday,
        },
        t.monday,
      ),
      el(
        "button",
        {
          type: "button",
          class: "button slim",
          testid: "plus-hour",
          title: t.hourHint,
          aria: { label: t.hourHint },
          data: { focus: "hour" },
          onclick: () => door.moveClock({ advance_s: 3600 }),
        },
        t.hour,
      ),
      el(
        "button",
        {
          type: "button",
          class: "button slim",
          testid: "plus-day",
          title: t.dayHint,
          aria: { label: t.dayHint },
          data: { focus: "day" },
          onclick: () => door.moveClock({ advance_s: 86400 }),
        },
        t.day,
      ),
    ),
    el(
      "div",
      { class: "tools" },
      bolt,
      iconButton("lens", t.inspectorHint, "inspector-toggle", () => door.inspect(), {
        pressed: door.inspecting(),
      }),
      iconButton("half", t.theme, "theme", door.switchTheme),
    ),
  ];
}

function actAsSelect(door) {
  const t = door.words();
  const select = el(
    "select",
    { id: "act-as", class: "select bare", testid: "act-as", data: { focus: "act-as" } },
    door
      .state()
      .people.filter((person) => person.kind !== "bot")
      .map((person) =>
        el(
          "option",
          { value: person.id, disabled: person.kind === "deactivated" },
          person.kind === "member"
            ? door.named(person)
            : `${door.named(person)} (${t.kinds[person.kind] ?? person.kind})`,
        ),
      ),
  );
  select.value = door.state().me.id;
  select.addEventListener("change", () => door.actAs(select.value));
  return select;
}

function globalMenu(anchor, door) {
  const items = door.shortcuts("global").map(({ name, description, callback_id }) => ({
    label: name,
    hint: description,
    pick: () => door.act("shortcut", { callback_id }),
  }));
  if (!items.length) items.push({ label: door.words().noShortcuts, disabled: true });
  if (door.state().me.kind === "owner")
    items.push({ label: door.words().removeApp, pick: () => door.act("uninstall", {}) });
  openMenu(
    anchor,
    items,
    door.words().shortcuts,
  );
}

export function kindOf(each, t) {
  if (each.is_archived) return { icon: "box", label: t.kindArchived };
  if (each.kind === "dm" || each.kind === "mpim") return { icon: null, label: t.kindDm };
  if (each.is_ext_shared) return { icon: "link", label: t.kindShared };
  return each.kind === "private"
    ? { icon: "lock", label: t.kindPrivate }
    : { icon: "hash", label: t.kindPublic };
}

/** What stands above the messages of a place. */
export function placeHeader(here, door) {
  const t = door.words();
  const app = door.isAppPlace(here);
  const name = app ? door.appName() : here.name;
  const kind = kindOf(here, t);
  const sign = kind.icon
    ? icon(kind.icon)
    : el(
        "span",
        { class: `avatar small ${app ? "bot" : ""}`, aria: { hidden: true } },
        initials(name),
      );
  return el(
    "header",
    { class: "here" },
    el("h2", {}, sign, name),
    el("p", {}, app ? t.app : kind.label),
    ["dm", "mpim"].includes(here.kind) ? null : door.members(),
    app && door.state().app.home ? tabs(t, door) : null,
  );
}

function tabs(t, door) {
  const tab = (name, label) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        testid: `tab-${name}`,
        aria: { selected: door.tab() === name, controls: name === "home" ? "home" : "talk" },
        onclick: () => door.showTab(name),
      },
      label,
    );
  const node = el(
    "div",
    { class: "tabs", role: "tablist", aria: { label: t.tabs } },
    tab("home", t.home),
    tab("messages", t.messages),
  );
  node.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = door.tab() === "home" ? "messages" : "home";
    door.showTab(other);
    document.getElementById(`tab-${other}`).focus();
  });
  return node;
}

/** The places at the side. */
export function sideBar(door) {
  const t = door.words();
  const { places: all, workspace } = door.state();
  const groups = {
    [t.app]: all.filter(door.isAppPlace),
    [t.channels]: all.filter((each) => !["dm", "mpim"].includes(each.kind)),
    [t.direct]: all.filter((each) => ["dm", "mpim"].includes(each.kind) && !door.isAppPlace(each)),
  };
  const nav = el(
    "div",
    { class: "groups" },
    Object.entries(groups)
      .filter(([, places]) => places.length)
      .map(([name, places]) =>
        el(
          "section",
          { aria: { label: name } },
          el("h2", {}, name),
          el(
            "ul",
            {},
            places.map((each) => el("li", {}, placeButton(each, t, door))),
          ),
        ),
      ),
  );
  nav.addEventListener("keydown", (event) => walk(event, [...nav.querySelectorAll("button")]));
  return [
    el(
      "div",
      { class: "brand" },
      el("span", { class: "mark", aria: { hidden: true } }, el("i"), el("i"), el("i")),
      el("div", {}, el("h1", {}, t.title), el("p", {}, workspace.name)),
      iconButton("close", t.closeMenu, "menu-close", door.closeDrawer),
    ),
    nav,
    el("footer", {}, el("p", { class: "keys" }, t.keys), el("p", {}, t.footer)),
  ];
}

function placeButton(each, t, door) {
  const kind = kindOf(each, t);
  const app = door.isAppPlace(each);
  const name = app ? door.appName() : each.name;
  const lead = kind.icon
    ? icon(kind.icon)
    : el(
        "span",
        { class: `avatar small ${app ? "bot" : ""}`, aria: { hidden: true } },
        initials(name),
      );
  return el(
    "button",
    {
      type: "button",
      class: `place ${each.unread ? "unread" : ""} ${each.is_archived ? "archived" : ""}`,
      testid: `place-${each.id}`,
      data: { focus: `place-${each.id}` },
      title: kind.label,
      aria: { current: each.id === door.placeId() ? "page" : null },
      onclick: () => door.goTo(each.id),
    },
    lead,
    el("span", { class: "place-name" }, name),
    el("span", { class: "hidden" }, `, ${kind.label}`),
    app
      ? el("span", {
          class: `dot ${door.state().app.connected ? "on" : "off"}`,
          aria: { hidden: true },
        })
      : null,
    each.unread
      ? el("span", { class: "unread-mark" }, el("span", { class: "hidden" }, t.unread))
      : null,
  );
}
