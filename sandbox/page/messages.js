// The message list of a place: redraws only what changed, keeps scroll and focus.

import { el, icon, keepingFocus, openMenu } from "./dom.js";
import { drawBlocks } from "./blocks.js";
import { localAddress } from "./api.js";
import { dayHeading, dayKey, fullTime, initials, mrkdwn, when } from "./text.js";
import { fill } from "./words.js";

const SAME_SPEAKER_S = 300;
const NEAR_END_PX = 120;
const AGING = /\{ago\}|_pretty\}/; // dates whose words change as time goes by

/** door: {fire, options, confirm, shortcuts(), runShortcut(callbackId, ts)} */
export class MessageList {
  constructor(door) {
    this.door = door;
    this.rows = new Map(); // by ts: {node, drawn}
    this.intro = null;
    this.follow = false; // whoever has just written wants to see the answer
    this.list = el("div", {
      class: "list",
      role: "log",
      tabindex: "0",
      testid: "messages",
      aria: { live: "polite", relevant: "additions" },
    });
    this.atEnd = true;
    this.list.addEventListener("scroll", () => (this.atEnd = this.below() < 4));
    // A keyboard on the screen, or a narrower window, must not push the newest message out.
    new ResizeObserver(() => this.atEnd && this.toEnd(null)).observe(this.list);
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.list.addEventListener("contextmenu", (event) => this.onMenu(event));
  }

  /** A right click on a message, or the menu key on it, opens the app's actions for it. */
  onMenu(event) {
    if (event.target.closest("a, input, textarea") || String(getSelection())) return;
    const more = event.target.closest(".message")?.querySelector("[data-testid=message-more]");
    if (!more) return;
    event.preventDefault();
    more.click();
  }

  /** Empties the list for another place or person. */
  reset(label, intro) {
    this.rows.clear();
    this.intro = intro;
    this.list.replaceChildren(...(intro ? [intro] : []));
    this.list.setAttribute("aria-label", label);
    this.list.setAttribute("aria-busy", "true");
  }

  sync(messages, reader) {
    const first = this.list.getAttribute("aria-busy") === "true";
    const below = this.below();
    const before = new Set(this.rows.keys());
    const order = this.intro ? [this.intro] : [];
    const seen = new Set();
    let last = null;
    for (const message of messages) {
      const opensDay =
        !last || dayKey(Number(last.ts), reader.zone) !== dayKey(Number(message.ts), reader.zone);
      if (opensDay) order.push(this.heading(message, reader));
      order.push(this.row(message, !opensDay && follows(last, message), reader));
      seen.add(message.ts);
      last = message;
    }
    for (const ts of this.rows.keys()) if (!seen.has(ts)) this.rows.delete(ts);
    if (!messages.length && !this.intro)
      order.push(el("p", { class: "empty" }, reader.t.placeEmpty));
    this.settle(order);
    this.list.removeAttribute("aria-busy");
    const arrived = messages.find((message) => !before.has(message.ts));
    if (first || (!arrived && below < 4)) this.toEnd(null);
    else if (arrived && (this.follow || below < NEAR_END_PX)) this.toEnd(arrived);
    if (arrived) this.follow = false;
  }

  /** How far the end lies below what is shown. */
  below() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
  }

  /** Shows the end, but never past the beginning of what has just arrived. */
  toEnd(arrived) {
    this.list.scrollTop = this.list.scrollHeight;
    const node = arrived && this.rows.get(arrived.ts).node;
    const above = node
      ? this.list.getBoundingClientRect().top - node.getBoundingClientRect().top
      : 0;
    if (above > 0) this.list.scrollTop -= above + 8;
  }

  /** Puts `order` in place with as few moves as can be, so that nothing blinks. */
  settle(order) {
    const wanted = new Set(order);
    for (const node of [...this.list.children]) if (!wanted.has(node)) node.remove();
    for (const [at, node] of order.entries()) {
      if (this.list.children[at] !== node)
        this.list.insertBefore(node, this.list.children[at] ?? null);
    }
  }

  heading(message, reader) {
    const text = dayHeading(Number(message.ts), reader);
    const known = [...this.list.querySelectorAll(".day")].find((node) => node.textContent === text);
    return known ?? el("div", { class: "day", role: "separator" }, el("span", {}, text));
  }

  row(message, joined, reader) {
    const facts = JSON.stringify([message, joined, reader.locale, reader.zone]);
    const drawn = AGING.test(facts) ? `${facts}${Math.floor(reader.now() / 3600)}` : facts;
    const known = this.rows.get(message.ts);
    if (known?.drawn === drawn) return known.node;
    const node = known?.node ?? el("article", { tabindex: "-1", testid: "message" });
    node.className = classesOf(message, joined);
    node.dataset.ts = message.ts;
    const hadFocus = node.contains(document.activeElement) && node.isConnected;
    keepingFocus(node, () =>
      node.replaceChildren(...this.parts(message, joined, reader).filter(Boolean)),
    );
    if (hadFocus && !node.contains(document.activeElement)) node.focus({ preventScroll: true });
    this.rows.set(message.ts, { node, drawn });
    return node;
  }

  parts(message, joined, reader) {
    const { t } = reader;
    const person = reader.people.get(message.user);
    const name =
      person?.display || person?.name || message.username || message.user || reader.appName;
    const isApp = Boolean(message.bot_id) || person?.kind === "bot";
    const seconds = Number(message.ts);
    const time = el(
      "time",
      { title: fullTime(seconds, reader) },
      when(seconds, { hour: "2-digit", minute: "2-digit" }, reader),
    );
    return [
      joined
        ? el("div", { class: "avatar-gap" }, time)
        : el(
            "div",
            { class: `avatar ${isApp ? "bot" : ""}`, aria: { hidden: true } },
            initials(name),
          ),
      el(
        "div",
        { class: "said" },
        joined
          ? el("span", { class: "hidden" }, `${name}: `)
          : el(
              "div",
              { class: "who" },
              el("strong", {}, name),
              isApp ? el("span", { class: "badge" }, t.appBadge) : null,
              person?.external ? el("span", { class: "badge outside" }, t.kinds.external) : null,
              time,
            ),
        message.ephemeral ? el("div", { class: "only-you" }, icon("eye"), t.onlyYou) : null,
        this.content(message, reader),
        message.edited ? el("span", { class: "edited" }, ` (${t.edited})`) : null,
        message.reply_count
          ? el(
              "div",
              { class: "edited" },
              message.reply_count === 1 ? t.reply : fill(t.replies, { n: message.reply_count }),
            )
          : null,
      ),
      this.more(message, reader),
    ];
  }

  content(message, reader) {
    if (message.deleted) return el("p", { class: "edited" }, reader.t.deleted);
    const values = {};
    const ctx = {
      ...reader,
      values,
      confirm: (question) => this.door.confirm(question),
      fire: (block, item, action) => this.door.fire(message, block, item, action, values),
      options: (block, item, typed) => this.door.options(message, block, item, typed),
    };
    const came = { channel_join: reader.t.came, channel_leave: reader.t.went }[message.subtype];
    if (came) return el("div", { class: "content" }, came);
    const body = message.blocks?.length
      ? drawBlocks(message.blocks, ctx)
      : el("div", { class: "text" }, mrkdwn(message.text ?? "", reader));
    const files = (message.files ?? []).map((file) => fileRow(file, reader));
    return el("div", { class: "content" }, body, files);
  }

  more(message, reader) {
    if (message.ephemeral || message.deleted || !this.door.shortcuts().length) return null;
    const { t } = reader;
    const button = el(
      "button",
      {
        type: "button",
        class: "button quiet icon-only more",
        testid: "message-more",
        data: { focus: "more" },
        aria: { label: t.moreOn, haspopup: "menu", expanded: false },
      },
      icon("more"),
    );
    button.addEventListener("click", () => {
      const items = this.door.shortcuts().map(({ name, description, callback_id }) => ({
        label: name,
        hint: description,
        pick: () => this.door.runShortcut(callback_id, message.ts),
      }));
      openMenu(button, items, t.moreOn);
    });
    return button;
  }

  /** Up and down walk from message to message while the list or a message has the focus. */
  walk(event) {
    const rows = [...this.list.querySelectorAll(".message")];
    const at = rows.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== this.list) return;
    const next = {
      ArrowUp: at < 0 ? rows.length - 1 : at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (next === undefined || !rows[next]) return;
    event.preventDefault();
    rows[next].focus();
  }
}

function classesOf(message, joined) {
  const inThread = message.thread_ts && message.thread_ts !== message.ts;
  const classes = ["message", message.kind, joined && "joined", message.ephemeral && "ephemeral"];
  return [...classes, inThread && "reply"].filter(Boolean).join(" ");
}

function follows(before, message) {
  if (message.ephemeral !== before.ephemeral || message.kind !== before.kind) return false;
  return before.user === message.user && Number(message.ts) - Number(before.ts) < SAME_SPEAKER_S;
}

function fileRow(file, reader) {
  const name = file.title || file.name || reader.t.file;
  const address = localAddress(file.url_private_download ?? file.url_private ?? `files/${file.id}`);
  const picture = address && file.mimetype?.startsWith("image/");
  return el(
    "div",
    { class: "file" },
    picture ? el("img", { src: address, alt: file.alt_txt ?? name }) : icon("file"),
    address ? el("a", { href: address, download: file.name ?? "" }, name) : el("span", {}, name),
  );
}
