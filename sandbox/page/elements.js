// Block Kit elements a person can use. Each draws itself, keeps its value in ctx.values
// ({block_id: {action_id: state}}) and tells ctx.fire when the app should hear of it.

import { Combobox } from "./combobox.js";
import { el, icon, openMenu } from "./dom.js";
import { emoji, textNodes } from "./text.js";
import { fill } from "./words.js";

let serial = 0;
export const freshId = (stem) => `${stem}-${(serial += 1)}`;

const plainOf = (object) => (object?.type === "mrkdwn" ? object.text : emoji(object?.text ?? ""));

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
  datepicker: (e) => ({ selected_date: e.initial_date ?? null }),
  timepicker: (e) => ({ selected_time: e.initial_time ?? null }),
  users_select: (e) => ({ selected_user: e.initial_user ?? null }),
  conversations_select: (e) => ({ selected_conversation: e.initial_conversation ?? null }),
  channels_select: (e) => ({ selected_channel: e.initial_channel ?? null }),
};

/** The element's state: what was entered before under the same ids, else its initial value. */
function stateOf(block, element, ctx) {
  const make = INITIAL[element.type];
  if (!make) return null;
  const known = ctx.values[block.block_id]?.[element.action_id];
  const state = known?.type === element.type ? known : { type: element.type, ...make(element) };
  (ctx.values[block.block_id] ??= {})[element.action_id] = state;
  return state;
}

/** Draws one element; `described` ids tie label, hint and error of an input block to it. */
export function element(block, item, ctx, described = {}) {
  const draw = DRAW[item.type];
  if (!draw) return el("span", { class: "unknown" }, fill(ctx.t.unknownBlock, { type: item.type }));
  const use = { block, item, ctx, state: stateOf(block, item, ctx), described };
  use.fires = block.type !== "input" || block.dispatch_action === true;
  const node = draw(use);
  node.dataset.blockId = block.block_id ?? "";
  node.dataset.actionId = item.action_id ?? "";
  return node;
}

/** Tells the app, after the confirm dialog if the element has one; false when refused. */
async function fire(use, node, action) {
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

function fieldProps({ block, item, ctx, described }) {
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

// ---- buttons and menus --------------------------------------------------------------------

function button(use) {
  const { item, block } = use;
  const address = /^https?:\/\//i.test(item.url ?? "") ? item.url : null;
  const node = el(
    address ? "a" : "button",
    {
      class: `button ${item.style ?? ""}`,
      type: address ? null : "button",
      href: address,
      target: address ? "_blank" : null,
      rel: address ? "noopener noreferrer" : null,
      data: { focus: `${block.block_id}/${item.action_id}` },
      aria: { label: item.accessibility_label },
    },
    plainOf(item.text),
  );
  node.addEventListener("click", () => {
    if (node.getAttribute("aria-busy") === "true") return;
    fire(use, node, item.value === undefined ? {} : { value: item.value });
  });
  return node;
}

function overflow(use) {
  const { item, block, ctx } = use;
  const node = el(
    "button",
    {
      type: "button",
      class: "button quiet icon-only",
      data: { focus: `${block.block_id}/${item.action_id}` },
      aria: { label: item.accessibility_label ?? ctx.t.more, haspopup: "menu", expanded: false },
    },
    icon("more"),
  );
  node.addEventListener("click", () => {
    const items = (item.options ?? []).map((option) => ({
      label: plainOf(option.text),
      hint: option.description ? plainOf(option.description) : null,
      pick: () => fire(use, node, { selected_option: option }),
    }));
    openMenu(node, items, ctx.t.more);
  });
  return node;
}

// ---- selects ------------------------------------------------------------------------------

/** A native select over options [{key, label, value}] in groups; `set` stores the choice. */
function nativeSelect(use, groups, chosen, set) {
  const { item, ctx } = use;
  const every = groups.flatMap((group) => group.options);
  const choice = (option) => el("option", { value: String(every.indexOf(option)) }, option.label);
  const node = el(
    "select",
    { class: "select", ...fieldProps(use) },
    el("option", { value: "" }, plainOf(item.placeholder) || ctx.t.selectPlaceholder),
    groups.map((group) =>
      group.label
        ? el("optgroup", { label: group.label }, group.options.map(choice))
        : group.options.map(choice),
    ),
  );
  const show = () => {
    node.value = String(every.findIndex((option) => option.key === chosen()));
    if (node.selectedIndex < 0) node.value = "";
    node.classList.toggle("unset", node.value === "");
  };
  node.addEventListener("change", async () => {
    const before = chosen();
    const option = every[Number(node.value)];
    const action = set(node.value === "" ? null : option.value);
    node.classList.toggle("unset", node.value === "");
    if (node.value === "" && use.block.type !== "input") return;
    if (await fire(use, node, action)) return;
    set(every.find((other) => other.key === before)?.value ?? null);
    show();
  });
  show();
  return node;
}

function optionGroups({ options, option_groups: grouped }) {
  const choices = (list) =>
    (list ?? []).map((option) => ({
      key: option.value,
      label: plainOf(option.text),
      value: option,
    }));
  if (!grouped) return [{ options: choices(options) }];
  return grouped.map((group) => ({ label: plainOf(group.label), options: choices(group.options) }));
}

function staticSelect(use) {
  const { state } = use;
  const set = (option) => ({ selected_option: (state.selected_option = option) });
  return nativeSelect(use, optionGroups(use.item), () => state.selected_option?.value, set);
}

/** People, channels or both: the same select over what this person sees. */
function entitySelect(field, list) {
  return (use) => {
    const options = list(use.ctx).map(({ id, name }) => ({ key: id, label: name, value: id }));
    const set = (id) => ({ [field]: (use.state[field] = id) });
    return nativeSelect(use, [{ options }], () => use.state[field], set);
  };
}

const humans = (ctx) =>
  [...ctx.people.values()]
    .filter((person) => person.kind !== "bot")
    .map(({ id, name, display }) => ({ id, name: display || name }));
const rooms = (ctx) =>
  [...ctx.places.values()].filter((place) => !["dm", "mpim"].includes(place.kind));

/** A field that asks the app for options while one types. */
function externalSelect(use) {
  const { item, ctx, state, block } = use;
  const input = el("input", {
    ...fieldProps(use),
    class: "field",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    placeholder: plainOf(item.placeholder) || ctx.t.searchPlaceholder,
  });
  const choose = async (option) => {
    const before = state.selected_option;
    state.selected_option = option;
    if (!(await fire(use, input, { selected_option: option }))) state.selected_option = before;
  };
  const door = {
    t: ctx.t,
    ask: (typed) => ctx.options(block, item, typed),
    chosen: () => state.selected_option,
    clear: () => block.type === "input" && (state.selected_option = null),
    choose,
  };
  return new Combobox(input, { least: item.min_query_length }, door).node;
}

// ---- choices and fields -------------------------------------------------------------------

function choiceRow(use, type, name, option, checked, onchange) {
  const { ctx, block, item, described } = use;
  const input = el("input", {
    type,
    name,
    checked,
    data: { focus: `${block.block_id}/${item.action_id}/${option.value}` },
  });
  input.addEventListener("change", () => onchange(input));
  const id = described.by ? freshId("choice") : null;
  return el(
    "label",
    { class: "choice", id },
    input,
    el(
      "span",
      {},
      textNodes(option.text, ctx),
      option.description ? el("small", {}, textNodes(option.description, ctx)) : null,
    ),
  );
}

function choiceGroup(use, role, rows) {
  const { described, item, ctx } = use;
  return el(
    "div",
    {
      class: "choices",
      role,
      id: described.id,
      tabindex: described.id ? "-1" : null,
      aria: {
        labelledby: described.label,
        describedby: described.by,
        label: described.label ? null : (item.accessibility_label ?? ctx.t.choose),
      },
    },
    rows,
  );
}

function radioButtons(use) {
  const { item, state } = use;
  const name = freshId("radio");
  const group = choiceGroup(
    use,
    "radiogroup",
    (item.options ?? []).map((option) =>
      choiceRow(
        use,
        "radio",
        name,
        option,
        option.value === state.selected_option?.value,
        async () => {
          const before = state.selected_option;
          state.selected_option = option;
          if (await fire(use, group, { selected_option: option })) return;
          state.selected_option = before;
          const at = item.options.findIndex((other) => other.value === before?.value);
          for (const [n, input] of group.querySelectorAll("input").entries())
            input.checked = n === at;
        },
      ),
    ),
  );
  return group;
}

function checkboxes(use) {
  const { item, state } = use;
  const has = (option) => state.selected_options.some((other) => other.value === option.value);
  const group = choiceGroup(
    use,
    "group",
    (item.options ?? []).map((option) =>
      choiceRow(use, "checkbox", null, option, has(option), async (input) => {
        const before = state.selected_options;
        state.selected_options = item.options.filter((other) =>
          other === option ? input.checked : has(other),
        );
        if (await fire(use, group, { selected_options: state.selected_options })) return;
        state.selected_options = before;
        input.checked = has(option);
      }),
    ),
  );
  return group;
}

function textInput(type) {
  return (use) => {
    const { item, state, ctx } = use;
    const many = item.multiline === true;
    const dispatch = item.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    const node = el(many ? "textarea" : "input", {
      ...fieldProps(use),
      class: "field",
      type: many ? null : type,
      rows: many ? "4" : null,
      inputmode:
        item.type === "number_input" ? (item.is_decimal_allowed ? "decimal" : "numeric") : null,
      autocomplete: "off",
      placeholder: plainOf(item.placeholder) || null,
      maxlength: item.max_length ?? null,
    });
    node.value = state.value ?? "";
    let timer = 0;
    node.addEventListener("input", () => {
      state.value = node.value === "" ? null : node.value;
      if (!use.block.dispatch_action || !dispatch.includes("on_character_entered")) return;
      clearTimeout(timer);
      timer = setTimeout(() => fire(use, node, { value: state.value }), 300);
    });
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || many) return;
      event.preventDefault();
      if (use.block.dispatch_action && dispatch.includes("on_enter_pressed"))
        fire(use, node, { value: state.value });
      else ctx.submit?.();
    });
    return node;
  };
}

function picker(type, field, key) {
  return (use) => {
    const node = el("input", { ...fieldProps(use), class: "field date", type });
    node.value = use.state[field] ?? "";
    let told = use.state[field];
    const tell = async () => {
      if (use.state[field] === told || !use.state[field]) return;
      const before = told;
      told = use.state[field];
      if (await fire(use, node, { [key]: told })) return;
      told = use.state[field] = before;
      node.value = before ?? "";
    };
    node.addEventListener("change", () => {
      use.state[field] = node.value || null;
      if (document.activeElement !== node || !typing) tell();
    });
    // Typing a date changes it digit by digit: the app hears of it when the field is left.
    let typing = false;
    node.addEventListener("keydown", (event) => {
      typing = /^\d$|^Arrow/.test(event.key);
      if (event.key === "Enter") {
        event.preventDefault();
        if (use.block.type === "input" && !use.fires) use.ctx.submit?.();
        else tell();
      }
    });
    node.addEventListener("pointerdown", () => (typing = false));
    node.addEventListener("blur", tell);
    return node;
  };
}

const DRAW = {
  button,
  workflow_button: button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  users_select: entitySelect("selected_user", humans),
  conversations_select: entitySelect("selected_conversation", rooms),
  channels_select: entitySelect("selected_channel", rooms),
  multi_static_select: (use) =>
    checkboxes({
      ...use,
      item: {
        ...use.item,
        options: use.item.options ?? use.item.option_groups.flatMap((g) => g.options),
      },
    }),
  radio_buttons: radioButtons,
  checkboxes,
  plain_text_input: textInput("text"),
  email_text_input: textInput("email"),
  url_text_input: textInput("url"),
  number_input: textInput("text"),
  datepicker: picker("date", "selected_date", "selected_date"),
  timepicker: picker("time", "selected_time", "selected_time"),
};

/** The values whose elements are in `blocks` now: an update may have taken some away. */
export function present(blocks, values) {
  const kept = {};
  for (const block of blocks ?? []) {
    for (const item of [block.element, block.accessory, ...(block.elements ?? [])]) {
      const state = values[block.block_id]?.[item?.action_id];
      if (state?.type === item?.type && state)
        (kept[block.block_id] ??= {})[item.action_id] = state;
    }
  }
  return kept;
}

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
