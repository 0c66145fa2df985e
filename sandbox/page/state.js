// What people enter into elements: ctx.values ({block_id: {action_id: state}}), when the app hears
// of it (ctx.fire), and what keeps a form from being sent.

import { emoji } from "./text.js";
import { fill } from "./words.js";

let serial = 0;
export const freshId = (stem) => `${stem}-${(serial += 1)}`;

export const plainOf = (object) => (object?.type === "mrkdwn" ? object.text : emoji(object?.text ?? ""));

/** Which state each kind of element has before anybody touches it. */
const INITIAL = {
  plain_text_input: (e) => ({ value: e.initial_value ?? null }),
  email_text_input: (e) => ({ value: e.initial_value ?? null }),
  url_text_input: (e) => ({ value: e.initial_value ?? null }),
  number_input: (e) => ({ value: e.initial_value ?? null }),
  static_select: (e) => ({ selected_option: e.initial_option ?? null }),
  external_select: (e) => ({ selected_option: e.initial_option ?? null }),
  radio_buttons: (e) => ({ selected_option: e.initial_option ?? null }),
  checkboxes: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_static_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_external_select: (e) => ({ selected_options: e.initial_options ?? [] }),
  multi_users_select: (e) => ({ selected_users: e.initial_users ?? [] }),
  multi_conversations_select: (e) => ({ selected_conversations: e.initial_conversations ?? [] }),
  multi_channels_select: (e) => ({ selected_channels: e.initial_channels ?? [] }),
  datepicker: (e) => ({ selected_date: e.initial_date ?? null }),
  timepicker: (e) => ({ selected_time: e.initial_time ?? null }),
  datetimepicker: (e) => ({ selected_date_time: e.initial_date_time ?? null }),
  file_input: () => ({ files: [] }),
  rich_text_input: (e) => ({ rich_text_value: e.initial_value ?? null }),
  users_select: (e) => ({ selected_user: e.initial_user ?? null }),
  conversations_select: (e) => ({ selected_conversation: e.initial_conversation ?? null }),
  channels_select: (e) => ({ selected_channel: e.initial_channel ?? null }),
};

/** The element's state: what was entered before under the same ids, else its initial value. */
export function stateOf(block, element, ctx) {
  const make = INITIAL[element.type];
  if (!make) return null;
  const known = ctx.values[block.block_id]?.[element.action_id];
  const state = known?.type === element.type ? known : { type: element.type, ...make(element) };
  (ctx.values[block.block_id] ??= {})[element.action_id] = state;
  return state;
}

/** Tells the app, after the confirm dialog if the element has one; false when refused. */
export async function fire(use, node, action) {
  const { block, item, ctx } = use;
  if (!use.fires) return true;
  if (item.confirm && !(await ctx.confirm(item.confirm))) return false;
  node.setAttribute("aria-busy", "true");
  try {
    await ctx.fire(block, item, action);
  } finally {
    node.removeAttribute("aria-busy");
  }
  return true;
}

export function fieldProps({ block, item, ctx, described }) {
  return {
    id: described.id,
    data: { focus: `${block.block_id}/${item.action_id}` },
    aria: {
      describedby: described.by,
      label: described.id
        ? null
        : item.accessibility_label || plainOf(item.placeholder) || ctx.t.choose,
      required: described.id && !block.optional ? true : null,
    },
    autofocus: item.focus_on_load === true,
  };
}

/** The values whose elements are in `blocks` now: an update may have taken some away. */
export function present(blocks, values) {
  const kept = {};
  for (const block of everyBlock(blocks)) {
    for (const item of [block.element, block.accessory, ...(block.elements ?? [])]) {
      const state = values[block.block_id]?.[item?.action_id];
      if (state?.type === item?.type && state)
        (kept[block.block_id] ??= {})[item.action_id] = state;
    }
  }
  return kept;
}

const everyBlock = (blocks) =>
  (blocks ?? []).flatMap((block) => [block, ...everyBlock(block.child_blocks)]);

// ---- checks before a modal is sent --------------------------------------------------------

/** What Slack's own client refuses before it asks the app: {block_id: sentence}. */
export function findGaps(blocks, values, t) {
  const gaps = {};
  for (const block of blocks.filter((each) => each.type === "input")) {
    const gap = gapOf(block, values[block.block_id]?.[block.element.action_id] ?? {}, t);
    if (gap) gaps[block.block_id] = gap;
  }
  return gaps;
}

function gapOf(block, { type, ...parts }, t) {
  const value = Object.values(parts)[0];
  const missing =
    value === null ||
    value === undefined ||
    value.length === 0 ||
    (typeof value === "string" && !value.trim());
  if (missing)
    return block.optional
      ? null
      : typeof value === "object" && "selected_option" in parts
        ? t.choose
        : t.required;
  const rule = block.element;
  if (type === "number_input") return numberGap(value, rule, t);
  if (typeof value !== "string") return null;
  if (rule.min_length && value.length < rule.min_length)
    return fill(t.tooShort, { n: rule.min_length });
  if (rule.max_length && value.length > rule.max_length)
    return fill(t.tooLong, { n: rule.max_length });
  return null;
}

function numberGap(value, rule, t) {
  const shape = rule.is_decimal_allowed ? /^\s*[+-]?\d+([.,]\d+)?\s*$/ : /^\s*[+-]?\d+\s*$/;
  if (!shape.test(value)) return t.notNumber;
  const number = Number(value.replace(",", "."));
  if (rule.min_value !== undefined && number < Number(rule.min_value))
    return fill(t.tooSmall, { n: rule.min_value });
  if (rule.max_value !== undefined && number > Number(rule.max_value))
    return fill(t.tooBig, { n: rule.max_value });
  return null;
}
