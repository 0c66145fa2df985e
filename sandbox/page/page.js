// The page of the local workspace: who acts, where, and what is fetched when something changes.

import { ApiError, events, get, post } from "./api.js";
import { Composer } from "./composer.js";
import { drawBlocks } from "./blocks.js";
import { present } from "./elements.js";
import { el, icon, keepingFocus, openMenu, walk } from "./dom.js";
import { Inspector } from "./inspector.js";
import { MessageList } from "./messages.js";
import { Modals, confirmDialog } from "./modal.js";
import { initials, when } from "./text.js";
import { fill, formatOf, languageOf, wordsFor } from "./words.js";

const FIRST_PERSON = "U0ANNA";
const TRIES = { segment: "/segment Huber", priorities: "/priorities" };
const byId = (id) => document.getElementById(id);
const hash = new URLSearchParams(location.hash.slice(1));

const page = {
  as: hash.get("as") || FIRST_PERSON,
  placeId: hash.get("place"),
  tab: hash.get("tab") === "home" ? "home" : "messages",
  state: null,
  people: new Map(),
  places: new Map(),
  ahead: 0, // seconds the workspace's clock is ahead of this computer's
  source: null,
  live: true,
  waiting: 0,
  homeView: null,
  homeValues: {},
  drawn: {},
  suggest: localStorage.getItem("suggest") !== "off",
};

// ---- reading the state --------------------------------------------------------------------

const now = () => Date.now() / 1000 + page.ahead;
const words = () => wordsFor(page.state?.me.locale ?? navigator.language);
const appName = () => page.state?.app.name ?? words().app;
const place = () => page.places.get(page.placeId);
const named = (person) => person.display || person.name;
const isAppPlace = (each) => each?.kind === "dm" && (each.members ?? []).includes(page.state.app.bot_user_id);
const appPlace = () => [...page.places.values()].find(isAppPlace);
const shortcuts = (type) => (page.state?.app.shortcuts ?? []).filter((each) => each.type === type);

function reader() {
  const { me, zone } = page.state;
  return { t: words(), locale: formatOf(me.locale), zone: zone ?? me.tz, now, people: page.people, places: page.places, meId: page.as, appName: appName() };
}

// ---- talking to the workspace -------------------------------------------------------------

function toast(text, kind = "bad") {
  const box = byId("toasts");
  const close = el("button", { type: "button", class: "button quiet icon-only", aria: { label: words().close } }, icon("close"));
  const node = el("div", { class: `toast ${kind}`, testid: "toast" }, icon(kind === "bad" ? "warn" : "info"), el("span", {}, text), close);
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

function tellTrouble(error) {
  if (!(error instanceof ApiError)) throw error;
  const t = words();
  toast(error.status === 0 ? t.gone : error.status === 403 ? t.badKey : fill(t.failed, { detail: error.message }));
}

/** Posts and shows a toast for every outcome that a person should know about. */
async function act(path, body) {
  try {
    const answer = await post(path, { as: page.as, ...body });
    if (answer.outcome === "timeout" && path !== "view/submit") toast(fill(words().timeout, { app: appName() }));
    if (answer.outcome === "error" && path !== "view/submit") toast(fill(words().failed, { detail: answer.detail ?? "" }));
    return answer;
  } catch (error) {
    tellTrouble(error);
    return { outcome: "error", detail: error.message };
  }
}

/** A refresh that never overlaps itself: asked again while running, it runs once more. */
function refresher(work) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) tellTrouble(error);
    } finally {
      running = false;
    }
  };
}

const refreshState = refresher(async () => {
  const { as } = page;
  const state = await get("state", { as });
  if (as !== page.as) return;
  takeState(state);
  drawChrome();
});

const refreshMessages = refresher(async () => {
  const { as, placeId } = page;
  if (!placeId) return;
  const { messages } = await get("messages", { as, place: placeId });
  if (as !== page.as || placeId !== page.placeId) return;
  byId("suggestions")?.toggleAttribute("hidden", !messages.length);
  list.sync(messages, reader());
});

const refreshHome = refresher(async () => {
  const { as } = page;
  const { view } = await get("home", { as });
  if (as !== page.as) return;
  if (view?.id !== page.homeView?.id) page.homeValues = {};
  page.homeView = view;
  drawHome();
});

const refreshViews = refresher(async () => {
  const { as } = page;
  const { views } = await get("views", { as });
  if (as === page.as) modals.sync(views);
});

function takeState(state) {
  page.state = state;
  page.ahead = state.now - Date.now() / 1000;
  page.people = new Map(state.people.map((person) => [person.id, person]));
  page.places = new Map(state.places.map((each) => [each.id, each]));
}

function onEvent(event) {
  const work = {
    messages: () => {
      if (event.place === page.placeId) refreshMessages();
      refreshState();
    },
    views: refreshViews,
    home: refreshHome,
    clock: () => {
      page.ahead = event.now - Date.now() / 1000;
      refreshState();
    },
    connected: refreshState,
    transcript: () => inspector.load(),
  }[event.type];
  work?.();
}

function onStatus(live) {
  const back = live && !page.live;
  page.live = live;
  if (!page.state) return;
  drawBanner();
  if (back) for (const refresh of [refreshState, refreshMessages, refreshHome, refreshViews]) refresh();
}

// ---- acting -------------------------------------------------------------------------------

const list = new MessageList({
  confirm: (question) => confirmDialog(question, reader()),
  fire: (message, block, item, action, values) => act("click", click({ place: page.placeId, ts: message.ts }, block, item, action, values)),
  options: (message, block, item, value) => options({ place: page.placeId, ts: message.ts }, block, item, value),
  shortcuts: () => shortcuts("message"),
  runShortcut: (callback_id, ts) => act("shortcut", { callback_id, place: page.placeId, ts }),
});

const modals = new Modals({
  reader,
  appName,
  fire: (view, block, item, action, values) => act("click", click({ view_id: view.id }, block, item, action, values)),
  options: (view, block, item, value) => options({ view_id: view.id }, block, item, value),
  submit: async (view, values) => {
    const answer = await act("view/submit", { view_id: view.id, values });
    await refreshViews();
    return answer;
  },
  close: async (view, clear) => {
    await act("view/close", { view_id: view.id, clear });
    await refreshViews();
  },
});

const composer = new Composer({
  reader,
  as: () => page.as,
  place,
  isApp: () => isAppPlace(place()),
  commands: () => page.state.app.commands ?? [],
  say,
});

const inspector = new Inspector(byId("inspector"), {
  reader,
  onToggle: (open) => {
    byId("app").classList.toggle("inspecting", open);
    const button = document.querySelector("[data-testid=inspector-toggle]");
    button?.setAttribute("aria-pressed", String(open));
    if (!open) button?.focus();
  },
});

function click(where, block, item, action, values) {
  return { ...where, block_id: block.block_id, action_id: item.action_id, action: { type: item.type, ...action }, values };
}

function options(where, block, item, value) {
  return act("options", { ...where, block_id: block.block_id, action_id: item.action_id, value });
}

async function say(text) {
  if (isAppPlace(place()) && page.tab === "home") showTab("messages");
  const command = text.startsWith("/");
  page.waiting += command ? 1 : 0;
  list.follow = true;
  drawWaiting();
  try {
    await act("say", { place: page.placeId, text });
  } finally {
    page.waiting -= command ? 1 : 0;
    drawWaiting();
  }
  await refreshMessages();
}

async function moveClock(body) {
  const answer = await act("clock", body);
  if (answer.now === undefined) return;
  page.ahead = answer.now - Date.now() / 1000;
  drawClock();
  toast(fill(words().moved, { time: when(answer.now, { dateStyle: "full", timeStyle: "short" }, reader()) }), "good");
}

async function goMonday() {
  const target = appPlace();
  if (target && (target.id !== page.placeId || page.tab !== "messages")) goTo(target.id, "messages");
  await moveClock({ to: "monday" });
}

// ---- going places -------------------------------------------------------------------------

async function actAs(id) {
  const wasApp = page.state ? isAppPlace(place()) : !page.placeId;
  page.as = id;
  page.source?.close();
  modals.sync([]);
  takeState(await get("state", { as: id }));
  document.documentElement.lang = languageOf(page.state.me.locale);
  document.title = words().title;
  page.drawn = {};
  page.homeView = null;
  page.source = events(id, onEvent, onStatus);
  const stays = page.places.has(page.placeId) && !(wasApp && appPlace()) ? page.placeId : null;
  const start = stays ?? appPlace()?.id ?? page.places.keys().next().value ?? null;
  inspector.frame();
  goTo(start, page.tab);
  refreshViews();
}

function goTo(id, tab = "messages") {
  page.placeId = id;
  closeDrawer();
  drawChrome();
  drawMain();
  showTab(isAppPlace(place()) && page.state.app.home ? tab : "messages");
  if (!matchMedia("(pointer: coarse)").matches) composer.focus();
}

function showTab(tab) {
  page.tab = tab;
  history.replaceState(null, "", `#${new URLSearchParams({ as: page.as, place: page.placeId ?? "", tab })}`);
  for (const name of ["home", "messages"]) {
    const button = document.querySelector(`[data-testid=tab-${name}]`);
    button?.setAttribute("aria-selected", String(name === tab));
    button?.setAttribute("tabindex", name === tab ? "0" : "-1");
  }
  byId("talk")?.toggleAttribute("hidden", tab !== "messages");
  byId("home")?.toggleAttribute("hidden", tab !== "home");
  if (isAppPlace(place())) act("home/open", { tab });
  if (tab === "home") refreshHome();
  else refreshMessages();
}

// ---- drawing the frame --------------------------------------------------------------------

/** Redraws one part of the frame, only if what it shows has changed. */
function redraw(id, facts, make) {
  const drawn = JSON.stringify(facts);
  if (page.drawn[id] === drawn) return;
  page.drawn[id] = drawn;
  keepingFocus(byId(id), () => byId(id).replaceChildren(...make().filter(Boolean)));
}

function drawChrome() {
  const { me, people, app, places, workspace } = page.state;
  byId("skip").textContent = words().skip;
  redraw("top", [me, people, app.shortcuts, inspector.open], drawTop);
  redraw("side", [places, page.placeId, workspace, me.locale, app.connected], drawSide);
  drawClock();
  drawBanner();
}

function iconButton(name, label, testid, onclick, aria = {}) {
  return el("button", { type: "button", class: "button quiet icon-only", testid, title: label, data: { focus: testid }, aria: { label, ...aria }, onclick }, icon(name));
}

function drawTop() {
  const t = words();
  const { me } = page.state;
  const bolt = iconButton("bolt", t.shortcuts, "shortcuts", () => globalMenu(bolt), { haspopup: "menu", expanded: false });
  return [
    iconButton("menu", t.menu, "menu", openDrawer, { expanded: false, controls: "side" }),
    el("div", { class: "acting" },
      el("span", { class: "avatar", aria: { hidden: true } }, initials(named(me))),
      el("div", { class: "acting-text" },
        el("label", { class: "acting-label", for: "act-as" }, t.actAs),
        actAsSelect(),
        el("p", { class: "acting-facts", testid: "acting-facts" }, [me.title, t.kinds[me.kind], me.locale, me.tz].filter(Boolean).join(" · ")))),
    el("div", { class: "time", role: "group", aria: { label: t.clock } },
      el("span", { class: "clock", testid: "clock", id: "clock", title: t.clock }),
      el("button", { type: "button", class: "button", testid: "monday", title: t.mondayHint, data: { focus: "monday" }, onclick: goMonday }, t.monday),
      el("button", { type: "button", class: "button slim", testid: "plus-hour", title: t.hourHint, aria: { label: t.hourHint }, data: { focus: "hour" }, onclick: () => moveClock({ advance_s: 3600 }) }, t.hour),
      el("button", { type: "button", class: "button slim", testid: "plus-day", title: t.dayHint, aria: { label: t.dayHint }, data: { focus: "day" }, onclick: () => moveClock({ advance_s: 86400 }) }, t.day)),
    el("div", { class: "tools" }, bolt,
      iconButton("lens", t.inspectorHint, "inspector-toggle", () => inspector.toggle(), { pressed: inspector.open }),
      iconButton("half", t.theme, "theme", switchTheme)),
  ];
}

function actAsSelect() {
  const t = words();
  const select = el("select", { id: "act-as", class: "select bare", testid: "act-as", data: { focus: "act-as" } },
    page.state.people.filter((person) => person.kind !== "bot").map((person) =>
      el("option", { value: person.id, disabled: person.kind === "deactivated" },
        person.kind === "member" ? named(person) : `${named(person)} (${t.kinds[person.kind] ?? person.kind})`)));
  select.value = page.as;
  select.addEventListener("change", () => actAs(select.value).then(() => byId("act-as").focus()).catch(tellTrouble));
  return select;
}

function globalMenu(anchor) {
  const items = shortcuts("global").map(({ name, description, callback_id }) => ({
    label: name,
    hint: description,
    pick: () => act("shortcut", { callback_id }),
  }));
  openMenu(anchor, items.length ? items : [{ label: words().noShortcuts, disabled: true }], words().shortcuts);
}

function drawClock() {
  const node = byId("clock");
  if (!node || !page.state) return;
  const text = when(now(), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, reader());
  if (node.textContent !== text) node.textContent = text;
}

function kindOf(each, t) {
  if (each.is_archived) return { icon: "box", label: t.kindArchived };
  if (each.kind === "dm" || each.kind === "mpim") return { icon: null, label: t.kindDm };
  if (each.is_ext_shared) return { icon: "link", label: t.kindShared };
  return each.kind === "private" ? { icon: "lock", label: t.kindPrivate } : { icon: "hash", label: t.kindPublic };
}

function drawSide() {
  const t = words();
  const all = [...page.places.values()];
  const groups = {
    [t.app]: all.filter(isAppPlace),
    [t.channels]: all.filter((each) => !["dm", "mpim"].includes(each.kind)),
    [t.direct]: all.filter((each) => ["dm", "mpim"].includes(each.kind) && !isAppPlace(each)),
  };
  const nav = el("div", { class: "groups" }, Object.entries(groups).filter(([, places]) => places.length).map(([name, places]) =>
    el("section", { aria: { label: name } }, el("h2", {}, name), el("ul", {}, places.map((each) => el("li", {}, placeButton(each, t)))))));
  nav.addEventListener("keydown", (event) => walk(event, [...nav.querySelectorAll("button")]));
  byId("side").setAttribute("aria-label", t.menu);
  return [
    el("div", { class: "brand" }, el("span", { class: "mark", aria: { hidden: true } }, el("i"), el("i"), el("i")),
      el("div", {}, el("h1", {}, t.title), el("p", {}, page.state.workspace.name)),
      iconButton("close", t.closeMenu, "menu-close", closeDrawer)),
    nav,
    el("footer", {}, el("p", { class: "keys" }, t.keys), el("p", {}, t.footer)),
  ];
}

function placeButton(each, t) {
  const kind = kindOf(each, t);
  const app = isAppPlace(each);
  const name = app ? appName() : each.name;
  const lead = kind.icon ? icon(kind.icon) : el("span", { class: `avatar small ${app ? "bot" : ""}`, aria: { hidden: true } }, initials(name));
  return el("button", {
    type: "button",
    class: `place ${each.unread ? "unread" : ""} ${each.is_archived ? "archived" : ""}`,
    testid: `place-${each.id}`,
    data: { focus: `place-${each.id}` },
    title: kind.label,
    aria: { current: each.id === page.placeId ? "page" : null },
    onclick: () => goTo(each.id),
  }, lead, el("span", { class: "place-name" }, name),
  el("span", { class: "hidden" }, `, ${kind.label}`),
  app ? el("span", { class: `dot ${page.state.app.connected ? "on" : "off"}`, aria: { hidden: true } }) : null,
  each.unread ? el("span", { class: "unread-mark" }, el("span", { class: "hidden" }, t.unread)) : null);
}

function drawBanner() {
  const t = words();
  const text = !page.live ? t.offline : page.state.app.connected === false ? fill(t.disconnected, { app: appName() }) : "";
  const node = byId("banner");
  if (node && node.textContent !== text) node.textContent = text;
}

function drawWaiting() {
  const node = byId("waiting");
  if (node) node.textContent = page.waiting ? fill(words().waiting, { app: appName() }) : "";
}

// ---- the middle ---------------------------------------------------------------------------

function drawMain() {
  const t = words();
  const here = place();
  if (!here) return byId("main").replaceChildren(el("p", { class: "empty" }, t.placeEmpty));
  const app = isAppPlace(here);
  const name = app ? appName() : here.name;
  const kind = kindOf(here, t);
  list.reset(fill(t.messagesIn, { place: name }), app ? welcome() : null);
  composer.show(noticeFor(here, t));
  byId("main").replaceChildren(
    el("header", { class: "here" },
      el("h2", {}, kind.icon ? icon(kind.icon) : el("span", { class: `avatar small ${app ? "bot" : ""}`, aria: { hidden: true } }, initials(name)), name),
      el("p", {}, app ? t.app : kind.label),
      app && page.state.app.home ? tabs(t) : ""),
    el("p", { id: "banner", class: "banner", role: "status" }),
    here.is_ext_shared ? el("p", { class: "banner outside" }, t.sharedNotice) : "",
    el("section", { id: "home", class: "home", role: "tabpanel", hidden: true, testid: "home", aria: { labelledby: "tab-home" } }),
    el("section", { id: "talk", class: "talk", role: app ? "tabpanel" : null, aria: { labelledby: app ? "tab-messages" : null } },
      list.list,
      el("p", { id: "waiting", class: "waiting", role: "status" }),
      app ? suggestions() : "",
      composer.node));
  drawBanner();
  drawWaiting();
  drawHome();
  return undefined;
}

function noticeFor(here, t) {
  if (here.is_archived) return t.archivedNotice;
  return here.can_post === false ? fill(t.cannotPost, { name: named(page.state.me) }) : null;
}

function tabs(t) {
  const tab = (name, label) => el("button", { type: "button", role: "tab", id: `tab-${name}`, testid: `tab-${name}`, aria: { selected: page.tab === name, controls: name === "home" ? "home" : "talk" }, onclick: () => showTab(name) }, label);
  const node = el("div", { class: "tabs", role: "tablist", aria: { label: t.tabs } }, tab("home", t.home), tab("messages", t.messages));
  node.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = page.tab === "home" ? "messages" : "home";
    showTab(other);
    byId(`tab-${other}`).focus();
  });
  return node;
}

function drawHome() {
  const node = byId("home");
  const view = page.homeView;
  if (!node) return;
  const ctx = {
    ...reader(),
    values: page.homeValues,
    confirm: (question) => confirmDialog(question, reader()),
    fire: (block, item, action) => act("click", click({ view_id: view.id }, block, item, action, present(view.blocks, page.homeValues))),
    options: (block, item, value) => options({ view_id: view.id }, block, item, value),
  };
  const scroll = node.scrollTop;
  keepingFocus(node, () => node.replaceChildren(
    el("div", { class: "sheet content" }, view ? drawBlocks(view.blocks, ctx) : el("p", { class: "empty" }, words().homeEmpty))));
  node.scrollTop = scroll;
}

/** The three first things to try, for somebody who sees this for the first time. */
function tries(t) {
  return [
    { key: "segment", label: t.trySegment, words: TRIES.segment, run: () => composerSay(TRIES.segment) },
    { key: "priorities", label: t.tryPriorities, words: TRIES.priorities, run: () => composerSay(TRIES.priorities) },
    { key: "monday", label: t.tryMonday, words: t.monday, run: goMonday },
  ];
}

function composerSay(text) {
  composer.put(text);
  composer.focus();
  return composer.send();
}

function welcome() {
  const t = words();
  const { me } = page.state;
  const facts = { app: appName(), name: named(me), title: me.title || t.kinds[me.kind] };
  return el("section", { class: "welcome", testid: "welcome" },
    el("h3", {}, fill(t.welcomeTitle, { ...facts, name: named(me).split(" ")[0] })),
    el("p", {}, fill(t.welcomeText, facts)),
    el("ol", {}, tries(t).map((each, at) => el("li", {},
      el("button", { type: "button", class: "try", testid: `try-${each.key}`, onclick: each.run },
        el("span", { class: "number", aria: { hidden: true } }, String(at + 1)),
        el("span", {}, el("strong", {}, each.label), el("kbd", {}, each.words)))))),
    el("p", { class: "soft" }, t.welcomeMore));
}

function suggestions() {
  const t = words();
  if (!page.suggest) return "";
  const node = el("div", { id: "suggestions", class: "suggestions", role: "group", hidden: true, aria: { label: t.suggestions } },
    tries(t).map((each) => el("button", { type: "button", class: "chip", testid: `suggest-${each.key}`, title: each.label, onclick: each.run }, each.words)),
    iconButton("close", t.hideSuggestions, "suggest-hide", () => {
      page.suggest = false;
      localStorage.setItem("suggest", "off");
      node.remove();
    }));
  return node;
}

// ---- drawer, theme, keys ------------------------------------------------------------------

function setDrawer(open) {
  byId("app").classList.toggle("drawer-open", open);
  byId("veil").hidden = !open;
  document.querySelector("[data-testid=menu]")?.setAttribute("aria-expanded", String(open));
}

function openDrawer() {
  setDrawer(true);
  (byId("side").querySelector("[aria-current]") ?? byId("side").querySelector("button")).focus();
}

function closeDrawer() {
  if (!byId("app").classList.contains("drawer-open")) return;
  setDrawer(false);
  document.querySelector("[data-testid=menu]")?.focus();
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

function onKey(event) {
  const typing = event.target.closest?.("input, textarea, select, dialog, [popover]");
  if (event.key === "Escape") closeDrawer();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "i") inspector.toggle();
  else if (event.key === "/") {
    composer.focus();
    return; // the slash itself lands in the field
  } else return;
  event.preventDefault();
}

async function start() {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  byId("veil").addEventListener("click", closeDrawer);
  document.addEventListener("keydown", onKey);
  setInterval(drawClock, 1000);
  try {
    await actAs(page.as);
  } catch (error) {
    const t = words();
    byId("main").replaceChildren(el("p", { class: "empty", role: "alert" }, error.status === 0 ? t.gone : error.status === 403 ? t.badKey : error.message));
    if (page.as !== FIRST_PERSON && error.status !== 403) {
      history.replaceState(null, "", "#");
      await actAs(FIRST_PERSON);
    }
  }
}

start();
