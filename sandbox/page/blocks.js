// Block Kit as DOM nodes: what the app may put into messages, modals and its home page.
// ctx: {t, locale, zone, now(), people, places, meId, values, fire, options, confirm, submit}

import { el, icon } from "./dom.js";
import { element } from "./elements.js";
import { localAddress } from "./api.js";
import { freshId } from "./state.js";
import { emoji, link, markdown, richText, textNodes } from "./text.js";
import { fill } from "./words.js";

export function drawBlocks(blocks, ctx, errors = {}) {
  return (blocks ?? []).map((block) => {
    const draw = DRAW[block.type] ?? unknown;
    const node = draw(block, ctx, errors[block.block_id]);
    node.classList.add("block", `block-${block.type}`);
    node.dataset.block = block.block_id ?? "";
    return node;
  });
}

function section(block, ctx) {
  const text = block.text ? el("div", { class: "text" }, textNodes(block.text, ctx)) : null;
  const fields = block.fields
    ? el(
        "div",
        { class: "fields" },
        block.fields.map((field) => el("div", { class: "text" }, textNodes(field, ctx))),
      )
    : null;
  const accessory = block.accessory
    ? el("div", { class: "accessory" }, part(block, block.accessory, ctx))
    : null;
  return el("div", {}, el("div", { class: "body" }, text, fields), accessory);
}

/** An image or a usable element, wherever either may stand. */
function part(block, item, ctx) {
  return item.type === "image" ? picture(item, ctx) : element(block, item, ctx);
}

function header(block, ctx) {
  return el("div", { role: "heading", aria: { level: 3 } }, textNodes(block.text, ctx));
}

function context(block, ctx) {
  return el(
    "div",
    {},
    (block.elements ?? []).map((item) =>
      item.type === "image"
        ? picture(item, ctx)
        : el("span", { class: "text" }, textNodes(item, ctx)),
    ),
  );
}

function actions(block, ctx) {
  return el(
    "div",
    {},
    (block.elements ?? []).map((item) => element(block, item, ctx)),
  );
}

/** A labelled field of a modal, its hint and its error beside it. */
function input(block, ctx, error) {
  const ids = {
    id: freshId("field"),
    label: freshId("label"),
    hint: freshId("hint"),
    error: freshId("error"),
  };
  const by =
    [error ? ids.error : null, block.hint ? ids.hint : null].filter(Boolean).join(" ") || null;
  const grouped = ["radio_buttons", "checkboxes"].includes(block.element.type);
  const field = element(block, block.element, ctx, { id: ids.id, label: ids.label, by });
  if (error)
    (field.matches(".combo, .multi") ? field.querySelector("input") : field).setAttribute(
      "aria-invalid",
      "true",
    );
  return el(
    "div",
    { class: error ? "wrong" : null },
    el(
      grouped ? "div" : "label",
      { class: "label", id: ids.label, for: grouped ? null : ids.id },
      emoji(block.label?.text ?? ""),
      block.optional ? el("span", { class: "optional" }, ` (${ctx.t.optional})`) : null,
    ),
    field,
    error
      ? el("p", { class: "error", id: ids.error, testid: "field-error" }, icon("warn"), error)
      : null,
    block.hint ? el("p", { class: "hint", id: ids.hint }, emoji(block.hint.text)) : null,
  );
}

/** Images are loaded from this computer only; others show their words and address. */
function picture(item, ctx) {
  const address = localAddress(
    item.image_url ??
      item.slack_file?.url ??
      (item.slack_file?.id ? `files/${item.slack_file.id}` : null),
  );
  const held = () =>
    el(
      "span",
      { class: "held" },
      `${ctx.t.imageHeld} `,
      item.image_url
        ? link(item.image_url, item.alt_text || item.image_url)
        : (item.alt_text ?? ""),
    );
  if (!address) return held();
  const image = el("img", { src: address, alt: item.alt_text ?? "", loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(held()));
  return image;
}

function image(block, ctx) {
  return el(
    "figure",
    {},
    block.title ? el("figcaption", {}, textNodes(block.title, ctx)) : null,
    picture(block, ctx),
  );
}

function table(block, ctx) {
  const [head, ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const headed = block.type === "data_table" ? (block.row_header_column_index ?? 0) : -1;
  const cell = (tag, content, column, scope = "col") => {
    const node = el(
      tag,
      {
        class: settings[column]?.align ? `align-${settings[column].align}` : null,
        scope: tag === "th" ? scope : null,
      },
      content.type === "rich_text"
        ? richText(content, ctx)
        : String(content.text ?? content.value ?? ""),
    );
    if (settings[column]?.is_wrapped) node.classList.add("wrapped");
    return node;
  };
  return el(
    "div",
    { class: "table-frame", tabindex: "0", role: "region", aria: { label: ctx.t.table } },
    el(
      "table",
      {},
      block.caption ? el("caption", {}, block.caption) : null,
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          (head ?? []).map((content, column) => cell("th", content, column)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            row.map((content, column) => 
              cell(column === headed ? "th" : "td", content, column, "row"),
            ),
          ),
        ),
      ),
    ),
  );
}

const ALERT_ICONS = { success: "check", warning: "warn", error: "warn" };

function alert(block, ctx) {
  const level = ["info", "warning", "error", "success"].includes(block.level)
    ? block.level
    : "default";
  return el(
    "div",
    { role: level === "error" ? "alert" : "note", class: `alert-${level}` },
    icon(ALERT_ICONS[level] ?? "info"),
    el("div", { class: "text" }, textNodes(block.text, ctx)),
  );
}

function card(block, ctx) {
  const line = (name) =>
    block[name] ? el("div", { class: name }, textNodes(block[name], ctx)) : null;
  return el(
    "div",
    {},
    block.hero_image ? picture(block.hero_image, ctx) : null,
    line("title"),
    line("subtitle"),
    line("body"),
    line("subtext"),
    block.actions
      ? el(
          "div",
          { class: "block-actions" },
          block.actions.map((item) => element(block, item, ctx)),
        )
      : null,
  );
}

function carousel(block, ctx) {
  const cards = drawBlocks(block.elements, ctx);
  for (const node of cards) node.setAttribute("role", "listitem");
  return el("div", { role: "list", tabindex: "0", aria: { label: ctx.t.cards } }, cards);
}

/** Blocks that belong together, with a title that may fold them away. */
function container(block, ctx, error) {
  const title = block.title ? el("strong", {}, textNodes(block.title, ctx)) : null;
  const subtitle = block.subtitle
    ? el("span", { class: "subtitle" }, textNodes(block.subtitle, ctx))
    : null;
  const inner = el("div", { class: "inner" }, drawBlocks(block.child_blocks, ctx, error));
  if (!block.is_collapsible) return el("section", {}, el("div", {}, title, subtitle), inner);
  const open = !block.default_collapsed;
  return el("details", { open }, el("summary", {}, title, subtitle), inner);
}

/** A file of another place, known by its number there. */
function file(block, ctx) {
  return el("div", { class: "file" }, icon("file"), `${ctx.t.file}: ${block.external_id ?? ""}`);
}

function unknown(block, ctx) {
  return el(
    "details",
    { class: "unknown" },
    el("summary", {}, fill(ctx.t.unknownBlock, { type: block.type ?? "?" })),
    el("pre", {}, JSON.stringify(block, null, 2)),
  );
}

const DRAW = {
  section,
  header,
  context,
  actions,
  input,
  image,
  table,
  data_table: table,
  carousel,
  container,
  context_actions: actions,
  file,
  alert,
  card,
  divider: () => el("hr"),
  rich_text: richText,
  markdown: (block) => markdown(block.text ?? ""),
};
