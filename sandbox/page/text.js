// Text of messages as DOM nodes: mrkdwn, plain text, rich text, dates. A reader is
// {t, locale, zone, now(), people, places, meId}; nothing here ever becomes HTML.

import { el } from "./dom.js";

const EMOJI = {
  bell: "🔔",
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  warning: "⚠️",
  x: "❌",
  hourglass: "⌛",
  calendar: "📅",
  date: "📅",
  mag: "🔍",
  wave: "👋",
  tada: "🎉",
  bulb: "💡",
  memo: "📝",
  pencil: "📝",
  chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉",
  arrow_right: "➡️",
  arrow_up: "⬆️",
  arrow_down: "⬇️",
  lock: "🔒",
  star: "⭐",
  seedling: "🌱",
  telephone_receiver: "📞",
  email: "✉️",
  clock8: "🕗",
  "+1": "👍",
  "-1": "👎",
  eyes: "👀",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  red_circle: "🔴",
  white_circle: "⚪",
};

/** Undoes exactly the three escapes of message text. */
export function unescapeText(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function emoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

/** A text object, plain or mrkdwn. */
export function textNodes(object, reader) {
  if (!object) return [];
  if (object.type === "plain_text") {
    return lines(object.emoji === false ? object.text : emoji(object.text));
  }
  return mrkdwn(object.text ?? "", reader, { verbatim: object.verbatim === true });
}

function lines(text) {
  return text.split("\n").flatMap((line, at) => (at ? [el("br"), line] : [line]));
}

/** A safe link, or its words alone when the address is no web or mail address. */
export function link(address, words) {
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(address)) return el("span", {}, words);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
}

// ---- mrkdwn -------------------------------------------------------------------------------

export function mrkdwn(source, reader, options = {}) {
  const out = [];
  const parts = source.split("```"); // a fence left open ends with the text
  for (const [at, part] of parts.entries()) {
    const fenced = at % 2 === 1;
    if (fenced) out.push(el("pre", {}, unescapeText(entityWords(part, reader)).replace(/^\n/, "")));
    else out.push(...paragraphs(part, reader, options));
  }
  return out;
}

function paragraphs(text, reader, options) {
  const out = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^&gt;\s?/.exec(line);
    const target = quoted ? (quote ??= el("blockquote")) : null;
    if (!quoted) quote = null;
    const nodes = inline(quoted ? line.slice(quoted[0].length) : line, reader, options);
    if (!target) {
      if (out.length && out.at(-1).nodeName !== "BLOCKQUOTE") out.push(el("br"));
      out.push(...nodes);
      if (!nodes.length && !out.length) out.push("");
    } else if (target.childNodes.length) target.append(el("br"), ...nodes);
    else {
      target.append(...nodes);
      out.push(target);
    }
  }
  return out;
}

const MARKS = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>|([*_~])(?=\S)/g;

function inline(text, reader, options) {
  const out = [];
  const token = new RegExp(TOKEN); // parts of a text are read by the same function: own place each
  let from = 0;
  for (let hit = token.exec(text); hit; hit = token.exec(text)) {
    const found = hit[3] ? marked(text, hit, reader, options) : single(hit, reader);
    if (!found) continue;
    out.push(...plain(text.slice(from, hit.index), reader, options), found.node);
    from = found.end;
    token.lastIndex = from;
  }
  out.push(...plain(text.slice(from), reader, options));
  return out;
}

function single(hit, reader) {
  const end = hit.index + hit[0].length;
  if (hit[1]) return { node: el("code", {}, unescapeText(entityWords(hit[1], reader))), end };
  return { node: entity(hit[2], reader), end };
}

/** *bold*, _italic_, ~struck~: only around whole words, as people expect. */
function marked(text, hit, reader, options) {
  const [mark, start] = [hit[3], hit.index];
  const before = text[start - 1] ?? " ";
  if (/[\p{L}\p{N}]/u.test(before) || isBound(text, start)) return null;
  for (let end = text.indexOf(mark, start + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    const after = text[end + 1] ?? " ";
    if (/\s/.test(text[end - 1]) || /[\p{L}\p{N}]/u.test(after)) continue;
    if (isBound(text, end) || insideEntity(text, start, end)) continue;
    const inner = inline(text.slice(start + 1, end), reader, options);
    return { node: el(MARKS[mark], {}, inner), end: end + 1 };
  }
  return null;
}

/** A mark between word joiners is meant as it stands: so an app keeps a name from being styled. */
function isBound(text, at) {
  return text[at - 1] === "\u2060" && text[at + 1] === "\u2060";
}

function insideEntity(text, start, end) {
  const open = text.lastIndexOf("<", end);
  return open > start && text.indexOf(">", open) > end;
}

const BARE = /(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)]|(?<![\w@])@(?:here|channel|everyone)\b)/;

/** Text without marks; bare addresses become links unless the text is verbatim. */
function plain(text, reader, { verbatim }) {
  const words = (part) => emoji(unescapeText(part));
  if (verbatim) return text ? [words(text)] : [];
  return text.split(BARE).flatMap((part) => {
    if (!part) return [];
    if (/^https?:/.test(part)) return [link(unescapeText(part), words(part))];
    if (/^@(here|channel|everyone)$/.test(part)) return [mention(part, true)];
    return [words(part)];
  });
}

// ---- <…> ----------------------------------------------------------------------------------

function mention(words, loud = false) {
  return el("span", { class: loud ? "mention loud" : "mention" }, words);
}

function personName(id, reader, given) {
  const person = reader.people.get(id);
  return `@${person?.display || person?.name || given || id}`;
}

function placeName(id, reader, given) {
  return `#${reader.places.get(id)?.name || given || id}`;
}

function entity(body, reader) {
  const [head, ...rest] = body.split("|");
  const label = rest.length ? unescapeText(rest.join("|")) : null;
  if (head.startsWith("@")) {
    const id = head.slice(1);
    return mention(personName(id, reader, label), id === reader.meId);
  }
  if (head.startsWith("#")) return mention(placeName(head.slice(1), reader, label));
  if (head.startsWith("!date^")) return slackDate(head, label, reader);
  if (head.startsWith("!subteam^")) return mention(label ?? `@${head.slice(9)}`);
  if (head.startsWith("!")) return mention(label ?? `@${head.slice(1)}`, true);
  const address = unescapeText(head);
  return link(address, label ?? address.replace(/^mailto:/, ""));
}

/** The words of entities, where no elements may stand (code). */
function entityWords(text, reader) {
  return text.replace(/<([^<>\n]+)>/g, (_, body) => entity(body, reader).textContent);
}

function slackDate(head, fallback, reader) {
  const [, stamp, format, address] = head.split("^");
  const words = formatDate(Number(stamp), format ?? "{date} {time}", reader, fallback);
  const time = el("time", { title: fullTime(Number(stamp), reader) }, words);
  return address ? link(unescapeText(address), time) : time;
}

// ---- dates --------------------------------------------------------------------------------

const FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

export function when(seconds, options, reader) {
  return new Intl.DateTimeFormat(reader.locale, { ...options, timeZone: reader.zone }).format(
    new Date(seconds * 1000),
  );
}

export function fullTime(seconds, reader) {
  if (!Number.isFinite(seconds)) return "";
  return when(seconds, { dateStyle: "full", timeStyle: "short" }, reader);
}

/** An instant as a field for date and time takes it, in a zone: 2026-11-23T08:00. */
export function localMinute(seconds, zone) {
  const options = { timeZone: zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("sv-SE", options)
    .format(new Date(seconds * 1000))
    .replace(" ", "T");
}

/** The instant of such a field, in seconds; a minute that a zone skips is moved on by the gap. */
export function secondsOf(minute, zone) {
  const wanted = Date.parse(`${minute}Z`) / 1000;
  const behind = (seconds) => Date.parse(`${localMinute(seconds, zone)}Z`) / 1000 - seconds;
  return wanted - behind(wanted - behind(wanted));
}

/** The day as 2026-11-23 in the reader's zone, for comparing days. */
export function dayKey(seconds, zone) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(seconds * 1000));
}

/** “Today”, “Yesterday”, “Tomorrow”, or null. */
export function nearDay(seconds, reader) {
  const now = reader.now();
  const days = { today: 0, yesterday: -86400, tomorrow: 86400 };
  const key = dayKey(seconds, reader.zone);
  const name = Object.keys(days).find((near) => dayKey(now + days[near], reader.zone) === key);
  return name ? reader.t[name] : null;
}

export function ago(seconds, reader) {
  const gap = seconds - reader.now();
  const steps = [
    ["year", 31557600],
    ["month", 2629800],
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const [unit, size] = steps.find(([, length]) => Math.abs(gap) >= length) ?? ["second", 1];
  const words = new Intl.RelativeTimeFormat(reader.locale, { numeric: "auto" });
  return words.format(Math.round(gap / size), unit);
}

export function formatDate(seconds, format, reader, fallback) {
  if (!Number.isFinite(seconds)) return fallback ?? "";
  return format.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "ago") return ago(seconds, reader);
    const name = token === "day_divider_pretty" ? "date_long_pretty" : token;
    const near = name.endsWith("_pretty") ? nearDay(seconds, reader) : null;
    if (near) return near;
    const options = FORMATS[name.replace(/_pretty$/, "")];
    return options ? when(seconds, options, reader) : whole;
  });
}

/** Heading between two days of messages. */
export function dayHeading(seconds, reader) {
  const day = when(seconds, { weekday: "long", day: "numeric", month: "long" }, reader);
  const near = nearDay(seconds, reader);
  return near ? `${near}, ${day}` : day;
}

// ---- rich text ----------------------------------------------------------------------------

export function richText(block, reader) {
  return el(
    "div",
    { class: "rich" },
    (block.elements ?? []).map((part) => richPart(part, reader)),
  );
}

function richPart(part, reader) {
  const nodes = () => (part.elements ?? []).map((piece) => richPiece(piece, reader));
  if (part.type === "rich_text_list") return richList(part, reader);
  if (part.type === "rich_text_preformatted") return el("pre", {}, nodes());
  if (part.type === "rich_text_quote") return el("blockquote", {}, nodes());
  return el("p", {}, nodes());
}

function richList(list, reader) {
  const items = (list.elements ?? []).map((item) =>
    el(
      "li",
      {},
      (item.elements ?? []).map((piece) => richPiece(piece, reader)),
    ),
  );
  const start = list.offset ? list.offset + 1 : null;
  const node = el(list.style === "ordered" ? "ol" : "ul", { start }, items);
  node.style.marginInlineStart = `${(list.indent ?? 0) * 1.4}rem`;
  return node;
}

function richPiece(piece, reader) {
  const make = {
    text: () => lines(piece.text ?? ""),
    link: () => [link(piece.url ?? "", piece.text || piece.url || "")],
    user: () => [mention(personName(piece.user_id, reader), piece.user_id === reader.meId)],
    channel: () => [mention(placeName(piece.channel_id, reader))],
    usergroup: () => [mention(`@${piece.usergroup_id}`)],
    broadcast: () => [mention(`@${piece.range}`, true)],
    emoji: () => [emoji(`:${piece.name}:`)],
    color: () => [el("code", {}, piece.value ?? "")],
    date: () => [
      el("time", {}, formatDate(piece.timestamp, piece.format ?? "{date}", reader, piece.fallback)),
    ],
  }[piece.type];
  return styled(make ? make() : [piece.text ?? `[${piece.type}]`], piece.style ?? {});
}

function styled(nodes, style) {
  const tags = { code: "code", bold: "strong", italic: "em", strike: "s", underline: "u" };
  let out = nodes;
  for (const [name, tag] of Object.entries(tags)) if (style[name]) out = [el(tag, {}, out)];
  return out;
}

// ---- markdown block -----------------------------------------------------------------------

/** Standard markdown, the simple part: headings, lists, quotes, rules, code, tables. */
export function markdown(source) {
  const out = el("div", { class: "rich markdown" });
  const rows = source.split("\n");
  while (rows.length) {
    const row = rows[0];
    const heading = /^(#{1,6})\s+(.*)$/.exec(row);
    if (/^```/.test(row)) out.append(fencedCode(rows));
    else if (heading) {
      rows.shift();
      out.append(
        el(
          "p",
          {
            class: `heading h${heading[1].length}`,
            role: "heading",
            aria: { level: heading[1].length + 2 },
          },
          mdInline(heading[2]),
        ),
      );
    } else if (/^\s*(-{3,}|\*{3,})\s*$/.test(row)) {
      rows.shift();
      out.append(el("hr"));
    } else if (/^\s*\|.*\|\s*$/.test(row)) out.append(mdTable(take(rows, /^\s*\|/)));
    else if (/^\s*[-*+]\s+/.test(row)) out.append(mdList(take(rows, /^\s*[-*+]\s+/), "ul"));
    else if (/^\s*\d+[.)]\s+/.test(row)) out.append(mdList(take(rows, /^\s*\d+[.)]\s+/), "ol"));
    else if (/^>\s?/.test(row)) {
      out.append(
        el("blockquote", {}, joined(take(rows, /^>/).map((line) => line.replace(/^>\s?/, "")))),
      );
    } else if (!row.trim()) rows.shift();
    else
      out.append(
        el(
          "p",
          {},
          joined([rows.shift(), ...take(rows, /^(?!\s*([-*+]\s|\d+[.)]\s|\||>|#|```|$)).+/)]),
        ),
      );
  }
  return out;
}

function take(rows, pattern) {
  const taken = [];
  while (rows.length && pattern.test(rows[0])) taken.push(rows.shift());
  return taken;
}

function fencedCode(rows) {
  rows.shift();
  const code = take(rows, /^(?!```)/);
  rows.shift();
  return el("pre", {}, code.join("\n"));
}

function joined(texts) {
  return texts.flatMap((text, at) => (at ? [el("br"), ...mdInline(text)] : mdInline(text)));
}

function mdList(rows, tag) {
  return el(
    tag,
    {},
    rows.map((row) => el("li", {}, mdInline(row.replace(/^\s*([-*+]|\d+[.)])\s+/, "")))),
  );
}

function mdTable(rows) {
  const cells = (row) =>
    row
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  const [head, ...body] = rows.filter((row) => !/^[\s|:-]+$/.test(row));
  return el(
    "div",
    { class: "table-frame" },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          cells(head ?? "").map((cell) => el("th", { scope: "col" }, mdInline(cell))),
        ),
      ),
      el(
        "tbody",
        {},
        body.map((row) =>
          el(
            "tr",
            {},
            cells(row).map((cell) => el("td", {}, mdInline(cell))),
          ),
        ),
      ),
    ),
  );
}

const MD = new RegExp(
  [
    /`([^`]+)`/,
    /\*\*(.+?)\*\*/,
    /__(.+?)__/,
    /~~(.+?)~~/,
    /\[([^\]]+)\]\(([^)\s]+)\)/,
    /\*([^*\s][^*]*)\*/,
    /(?<!\w)_([^_\s][^_]*)_(?!\w)/,
  ]
    .map((part) => part.source)
    .join("|"),
);

function mdInline(text) {
  const hit = MD.exec(text);
  if (!hit) return text ? [emoji(text)] : [];
  const [whole, code, bold, bold2, struck, words, address, italic, italic2] = hit;
  const node = code
    ? el("code", {}, code)
    : words
      ? link(address, mdInline(words))
      : struck
        ? el("s", {}, mdInline(struck))
        : (bold ?? bold2)
          ? el("strong", {}, mdInline(bold ?? bold2))
          : el("em", {}, mdInline(italic ?? italic2));
  const before = text.slice(0, hit.index);
  return [before ? emoji(before) : null, node, ...mdInline(text.slice(hit.index + whole.length))];
}

export function initials(name) {
  const parts = (name ?? "?")
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .split(/\s+/)
    .filter(Boolean);
  return ((parts[0]?.[0] ?? "?") + (parts.length > 1 ? parts.at(-1)[0] : "")).toUpperCase();
}
