// The page of the local workspace: who acts, where, and what is fetched when something changes.

import { ApiError, base64, events, get, post } from "./api.js";
import { Composer } from "./composer.js";
import { drawBlocks } from "./blocks.js";
import { present } from "./state.js";
import { placeHeader, sideBar, topBar } from "./chrome.js";
import { el, keepingFocus } from "./dom.js";
import { Inspector } from "./inspector.js";
import { Members } from "./members.js";
import { MessageList } from "./messages.js";
import { Modals, confirmDialog } from "./modal.js";
import { closeDrawer, openDrawer, switchTheme, takeTheme, toast } from "./shell.js";
import { when } from "./text.js";
import { FirstSteps } from "./welcome.js";
import { fill, formatOf, languageOf, wordsFor } from "./words.js";

const FIRST_PERSON = "U0ANNA";
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
};

// ---- reading the state --------------------------------------------------------------------

const now = () => Date.now() / 1000 + page.ahead;
const words = () => wordsFor(page.state?.me.locale ?? navigator.language);
const appName = () => page.state?.app.name ?? words().app;
const place = () => page.places.get(page.placeId);
const named = (person) => person.display || person.name;
const isAppPlace = (each) =>
  each?.kind === "dm" && (each.members ?? []).includes(page.state.app.bot_user_id);
const appPlace = () => [...page.places.values()].find(isAppPlace);
const shortcuts = (type) => (page.state?.app.shortcuts ?? []).filter((each) => each.type === type);

function reader() {
  const { me, zone } = page.state;
  return {
    t: words(),
    locale: formatOf(me.locale),
    zone: zone ?? me.tz,
    now,
    people: page.people,
    places: page.places,
    meId: page.as,
    appName: appName(),
  };
}

// ---- talking to the workspace -------------------------------------------------------------

const tell = (text, kind) => toast(text, words().close, kind);

function tellTrouble(error) {
  if (!(error instanceof ApiError)) throw error;
  const t = words();
  tell(
    error.status === 0
      ? t.gone
      : error.status === 403
        ? t.badKey
        : fill(t.failed, { detail: error.message }),
  );
}

/** Posts and shows a toast for every outcome that a person should know about. */
async function act(path, body) {
  try {
    const answer = await post(path, { as: page.as, ...body });
    if (answer.outcome === "timeout" && path !== "view/submit")
      tell(fill(words().timeout, { app: appName() }));
    if (answer.outcome === "error" && path !== "view/submit")
      tell(fill(words().failed, { detail: answer.detail ?? "" }));
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
  const before = JSON.stringify([place()?.members, place()?.can_post]);
  takeState(state);
  if (!place()) goTo(appPlace()?.id ?? null);
  else if (before !== JSON.stringify([place().members, place().can_post])) {
    drawMain();
    showTab(page.tab);
  }
  drawChrome();
  members.draw();
});

const refreshMessages = refresher(async () => {
  const { as, placeId } = page;
  if (!placeId) return;
  const { messages } = await get("messages", { as, place: placeId });
  if (as !== page.as || placeId !== page.placeId) return;
  byId("suggestions")?.toggleAttribute("hidden", !messages.length);
  list.sync(messages, reader());
  if (place()?.unread) refreshState(); // reading them has just changed that
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
      refreshMessages();
    },
    connected: refreshState,
    places: refreshState,
    transcript: () => inspector.load(),
  }[event.type];
  work?.();
}

/** Whatever happened before the news began to come, at first or again, is fetched. */
function onStatus(live) {
  page.live = live;
  drawBanner();
  if (live)
    for (const refresh of [refreshState, refreshMessages, refreshHome, refreshViews]) refresh();
}

// ---- acting -------------------------------------------------------------------------------

const list = new MessageList({
  confirm: (question) => confirmDialog(question, reader()),
  fire: (message, block, item, action, values) =>
    act("click", click({ place: page.placeId, ts: message.ts }, block, item, action, values)),
  options: (message, block, item, value) =>
    options({ place: page.placeId, ts: message.ts }, block, item, value),
  shortcuts: () => shortcuts("message"),
  runShortcut: (callback_id, ts) => act("shortcut", { callback_id, place: page.placeId, ts }),
});

const modals = new Modals({
  reader,
  appName,
  fire: (view, block, item, action, values) =>
    act("click", click({ view_id: view.id }, block, item, action, values)),
  options: (view, block, item, value) => options({ view_id: view.id }, block, item, value),
  upload: (file) => upload(file, null),
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
  upload: (file) => upload(file, page.placeId),
});

const members = new Members({
  words,
  place,
  named,
  state: () => page.state,
  change: async (person, leave) => {
    await act("members", { place: page.placeId, person, leave });
    await refreshState();
  },
});

const firstSteps = new FirstSteps({
  words,
  appName,
  goMonday,
  say: (text) => {
    composer.put(text);
    composer.focus();
    return composer.send();
  },
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

const frame = {
  state: () => page.state,
  words,
  named,
  appName,
  isAppPlace,
  shortcuts,
  act,
  placeId: () => page.placeId,
  actAs: (id) =>
    actAs(id)
      .then(() => byId("act-as").focus())
      .catch(tellTrouble),
  goTo: (id) => goTo(id),
  goMonday: () => goMonday(),
  moveClock: (body) => moveClock(body),
  inspect: () => inspector.toggle(),
  inspecting: () => inspector.open,
  openDrawer,
  closeDrawer,
  switchTheme,
  tab: () => page.tab,
  showTab: (tab) => showTab(tab),
  members: () => members.button(),
};

function click(where, block, item, action, values) {
  return {
    ...where,
    block_id: block.block_id,
    action_id: item.action_id,
    action: { type: item.type, ...action },
    values,
  };
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
  const { outcome } = await act("say", { place: page.placeId, text });
  page.waiting -= command ? 1 : 0;
  drawWaiting();
  await refreshMessages();
  return outcome !== "error";
}

/** Puts a file into a place, or without one into a form; returns the file for the form. */
async function upload(file, place) {
  const { outcome, ...answer } = await act("file", {
    name: file.name,
    base64: await base64(file),
    place,
  });
  return outcome === "uploaded" ? { id: answer.file } : null;
}

async function moveClock(body) {
  const answer = await act("clock", body);
  if (answer.now === undefined) return;
  page.ahead = answer.now - Date.now() / 1000;
  drawClock();
  tell(
    fill(words().moved, {
      time: when(answer.now, { dateStyle: "full", timeStyle: "short" }, reader()),
    }),
    "good",
  );
}

async function goMonday() {
  const target = appPlace();
  if (target && (target.id !== page.placeId || page.tab !== "messages"))
    goTo(target.id, "messages");
  await moveClock({ to: "monday" });
}

// ---- going places -------------------------------------------------------------------------

async function actAs(id) {
  const wasApp = page.state ? isAppPlace(place()) : !page.placeId;
  page.as = id;
  page.source?.close();
  modals.sync([]);
  byId("toasts").replaceChildren();
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
  history.replaceState(
    null,
    "",
    `#${new URLSearchParams({ as: page.as, place: page.placeId ?? "", tab })}`,
  );
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
  redraw("top", [me, people, app.shortcuts, inspector.open], () => topBar(frame));
  redraw("side", [places, page.placeId, workspace, me.locale, app.connected], () => sideBar(frame));
  byId("side").setAttribute("aria-label", words().menu);
  drawClock();
  drawBanner();
}

function drawClock() {
  const node = byId("clock");
  if (!node || !page.state) return;
  const text = when(
    now(),
    { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
    reader(),
  );
  if (node.textContent !== text) node.textContent = text;
}

function drawBanner() {
  const t = words();
  const text = !page.live
    ? t.offline
    : page.state.app.connected === false
      ? fill(t.disconnected, { app: appName() })
      : "";
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
  list.reset(fill(t.messagesIn, { place: name }), app ? firstSteps.welcome(page.state.me) : null);
  composer.show(noticeFor(here, t));
  byId("main").replaceChildren(
    placeHeader(here, frame),
    el("p", { id: "banner", class: "banner", role: "status" }),
    here.is_ext_shared ? el("p", { class: "banner outside" }, t.sharedNotice) : "",
    el("section", {
      id: "home",
      class: "home",
      role: "tabpanel",
      hidden: true,
      testid: "home",
      aria: { labelledby: "tab-home" },
    }),
    el(
      "section",
      {
        id: "talk",
        class: "talk",
        role: app ? "tabpanel" : null,
        aria: { labelledby: app ? "tab-messages" : null },
      },
      list.list,
      el("p", { class: "drop", aria: { hidden: true } }, t.dropHere),
      el("p", { id: "waiting", class: "waiting", role: "status" }),
      app ? firstSteps.chips() : "",
      composer.node,
    ),
  );
  drawBanner();
  drawWaiting();
  drawHome();
  return undefined;
}

function noticeFor(here, t) {
  if (here.is_archived) return t.archivedNotice;
  return here.can_post === false ? fill(t.cannotPost, { name: named(page.state.me) }) : null;
}

function drawHome() {
  const node = byId("home");
  const view = page.homeView;
  const facts = JSON.stringify([view, page.as, Math.floor(now() / 3600)]);
  if (!node || node.dataset.drawn === facts) return;
  node.dataset.drawn = facts;
  const ctx = {
    ...reader(),
    values: page.homeValues,
    confirm: (question) => confirmDialog(question, reader()),
    fire: (block, item, action) =>
      act(
        "click",
        click({ view_id: view.id }, block, item, action, present(view.blocks, page.homeValues)),
      ),
    options: (block, item, value) => options({ view_id: view.id }, block, item, value),
  };
  const scroll = node.scrollTop;
  keepingFocus(node, () =>
    node.replaceChildren(
      el(
        "div",
        { class: "sheet content" },
        view ? drawBlocks(view.blocks, ctx) : el("p", { class: "empty" }, words().homeEmpty),
      ),
    ),
  );
  node.scrollTop = scroll;
}

// ---- drawer, theme, keys ------------------------------------------------------------------

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

/** A file over the messages may be dropped there, which sends it. */
function onDrag(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  byId("talk")?.classList.toggle("dropping", event.type === "dragover");
  if (event.type === "drop") composer.onGiven(event, event.dataTransfer);
}

async function start() {
  takeTheme();
  byId("veil").addEventListener("click", closeDrawer);
  document.addEventListener("keydown", onKey);
  for (const name of ["dragover", "dragleave", "drop"]) byId("main").addEventListener(name, onDrag);
  setInterval(drawClock, 1000);
  try {
    await actAs(page.as);
  } catch (error) {
    const t = words();
    byId("main").replaceChildren(
      el(
        "p",
        { class: "empty", role: "alert" },
        error.status === 0 ? t.gone : error.status === 403 ? t.badKey : error.message,
      ),
    );
    if (page.as !== FIRST_PERSON && error.status !== 403) {
      history.replaceState(null, "", "#");
      await actAs(FIRST_PERSON);
    }
  }
}

start();
