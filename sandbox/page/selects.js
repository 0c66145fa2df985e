// Selects of one or of several: from fixed options, from people and places, or from the app.

import { Combobox } from "./combobox.js";
import { el, icon } from "./dom.js";
import { fieldProps, fire, plainOf } from "./state.js";
import { fill } from "./words.js";

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

export function staticSelect(use) {
  const { state } = use;
  const set = (option) => ({ selected_option: (state.selected_option = option) });
  return nativeSelect(use, optionGroups(use.item), () => state.selected_option?.value, set);
}

/** People, channels or both: the same select over what this person sees. */
export function entitySelect(field, list) {
  return (use) => {
    const options = list(use.ctx).map(({ id, name }) => ({ key: id, label: name, value: id }));
    const set = (id) => ({ [field]: (use.state[field] = id) });
    return nativeSelect(use, [{ options }], () => use.state[field], set);
  };
}

export const humans = (ctx) =>
  [...ctx.people.values()]
    .filter((person) => person.kind !== "bot")
    .map(({ id, name, display }) => ({ id, name: display || name }));
export const rooms = (ctx) =>
  [...ctx.places.values()].filter((place) => !["dm", "mpim"].includes(place.kind));

/** A field that asks the app for options while one types. */
export function externalSelect(use) {
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

// ---- several at once ----------------------------------------------------------------------

/** What was chosen stands as tokens above the field; `asked` finds what can be added. */
function multiSelect(use, asked, { read, write, least }) {
  const { item, ctx } = use;
  const tokens = el("ul", { class: "tokens" });
  const input = el("input", {
    ...fieldProps(use),
    class: "field",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    placeholder: plainOf(item.placeholder) || ctx.t.searchPlaceholder,
  });
  const most = item.max_selected_items ?? Infinity;
  const set = async (options) => {
    const before = read();
    const action = write(options);
    show();
    if (await fire(use, input, action)) return;
    write(before);
    show();
  };
  const without = (option) => read().filter((other) => other.value !== option.value);
  const show = () => {
    tokens.replaceChildren(...read().map((option) => token(option, ctx, () => drop(option))));
    tokens.hidden = !read().length;
  };
  const drop = (option) => {
    set(without(option));
    input.focus();
  };
  const ask = async (typed) => {
    if (read().length >= most) return { options: [], note: fill(ctx.t.atMost, { n: most }) };
    const chosen = new Set(read().map((option) => option.value));
    const left = (options) => (options ?? []).filter((option) => !chosen.has(option.value));
    const { options, option_groups: groups } = await asked(typed);
    if (!groups) return { options: left(options) };
    return { option_groups: groups.map((group) => ({ ...group, options: left(group.options) })) };
  };
  const choose = (option) => set([...without(option), option]);
  const combo = new Combobox(
    input,
    { least },
    { t: ctx.t, ask, chosen: () => null, choose, clear: () => {} },
  );
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value && read().length) drop(read().at(-1));
  });
  show();
  return el("div", { class: "multi" }, tokens, combo.node);
}

function token(option, { t }, drop) {
  const words = plainOf(option.text);
  const remove = el(
    "button",
    { type: "button", aria: { label: fill(t.remove, { name: words }) }, onclick: drop },
    icon("close"),
  );
  return el("li", { class: "token" }, words, remove);
}

const matches = (option, typed) =>
  plainOf(option.text).toLocaleLowerCase().includes(typed.toLocaleLowerCase());

export function multiStatic(use) {
  const { options, option_groups: grouped } = use.item;
  const found = (list, typed) => (list ?? []).filter((option) => matches(option, typed));
  const ask = (typed) =>
    grouped
      ? { option_groups: grouped.map((g) => ({ ...g, options: found(g.options, typed) })) }
      : { options: found(options, typed) };
  return multiSelect(use, ask, { ...kept(use), least: 0 });
}

export function multiExternal(use) {
  const { item, ctx, block } = use;
  const ask = (typed) => ctx.options(block, item, typed);
  return multiSelect(use, ask, { ...kept(use), least: item.min_query_length });
}

/** The chosen options as they stand in the state. */
function kept({ state }) {
  return {
    read: () => state.selected_options,
    write: (options) => ({ selected_options: (state.selected_options = options) }),
  };
}

/** People, channels or both: the state holds their ids. */
export function multiEntity(field, list) {
  return (use) => {
    const every = list(use.ctx).map(({ id, name }) => ({
      text: { type: "plain_text", text: name },
      value: id,
    }));
    const read = () =>
      use.state[field].map((id) => every.find(({ value }) => value === id)).filter(Boolean);
    const write = (options) => ({
      [field]: (use.state[field] = options.map(({ value }) => value)),
    });
    const ask = (typed) => ({ options: every.filter((option) => matches(option, typed)) });
    return multiSelect(use, ask, { read, write, least: 0 });
  };
}
