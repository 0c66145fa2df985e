// Block Kit elements a person can use. Each draws itself, keeps its value in ctx.values
// ({block_id: {action_id: state}}) and tells ctx.fire when the app should hear of it.

import { el, icon, openMenu } from "./dom.js";
import {
  entitySelect,
  externalSelect,
  humans,
  multiEntity,
  multiExternal,
  multiStatic,
  rooms,
  staticSelect,
} from "./selects.js";
import { fieldProps, fire, freshId, plainOf, stateOf } from "./state.js";
import { localMinute, secondsOf, textNodes } from "./text.js";
import { fill } from "./words.js";

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

/** A date, a time or both; `shown` and `stored` turn the state into the field's value and back. */
function picker(type, key, { shown = (value) => value, stored = (value) => value } = {}) {
  return (use) => {
    const node = el("input", { ...fieldProps(use), class: "field date", type });
    const show = () => (node.value = use.state[key] ? shown(use.state[key], use.ctx) : "");
    show();
    let told = use.state[key];
    const tell = async () => {
      if (use.state[key] === told || !use.state[key]) return;
      const before = told;
      told = use.state[key];
      if (await fire(use, node, { [key]: told })) return;
      told = use.state[key] = before;
      show();
    };
    node.addEventListener("change", () => {
      use.state[key] = node.value ? stored(node.value, use.ctx) : null;
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

/** Files are put into the workspace at once, and given to the app with the form. */
function fileInput(use) {
  const { item, state, ctx } = use;
  const node = el("input", {
    ...fieldProps(use),
    class: "field",
    type: "file",
    multiple: (item.max_files ?? 10) > 1,
    accept: item.filetypes?.map((type) => `.${type}`).join(",") ?? null,
  });
  node.addEventListener("change", async () => {
    node.setAttribute("aria-busy", "true");
    const given = [...node.files].slice(0, item.max_files ?? 10);
    state.files = (await Promise.all(given.map((file) => ctx.upload(file)))).filter(Boolean);
    node.removeAttribute("aria-busy");
  });
  return node;
}

/** Formatted text is entered as plain text here: paragraphs, no marks. */
function richTextInput(use) {
  const { item, state } = use;
  const node = el("textarea", {
    ...fieldProps(use),
    class: "field",
    rows: "4",
    placeholder: plainOf(item.placeholder) || null,
  });
  const sections = state.rich_text_value?.elements ?? [];
  node.value = sections
    .map((section) => (section.elements ?? []).map((part) => part.text ?? "").join(""))
    .join("\n");
  node.addEventListener("input", () => {
    const text = { type: "text", text: node.value };
    const elements = [{ type: "rich_text_section", elements: [text] }];
    state.rich_text_value = node.value.trim() ? { type: "rich_text", elements } : null;
  });
  return node;
}

function feedbackButtons(use) {
  const { item } = use;
  const choices = [item.positive_button, item.negative_button].filter(Boolean);
  const nodes = choices.map((choice) =>
    el(
      "button",
      {
        type: "button",
        class: "button slim",
        aria: { label: choice.accessibility_label },
        onclick: () => fire(use, group, { value: choice.value }),
      },
      plainOf(choice.text),
    ),
  );
  const group = el("span", { class: "feedback", role: "group" }, nodes);
  return group;
}

function iconButton(use) {
  const { item, ctx } = use;
  if (item.visible_to_user_ids && !item.visible_to_user_ids.includes(ctx.meId)) return el("span");
  return button(use);
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
  multi_static_select: multiStatic,
  multi_external_select: multiExternal,
  multi_users_select: multiEntity("selected_users", humans),
  multi_conversations_select: multiEntity("selected_conversations", rooms),
  multi_channels_select: multiEntity("selected_channels", rooms),
  radio_buttons: radioButtons,
  checkboxes,
  plain_text_input: textInput("text"),
  email_text_input: textInput("email"),
  url_text_input: textInput("url"),
  number_input: textInput("text"),
  datepicker: picker("date", "selected_date"),
  timepicker: picker("time", "selected_time"),
  datetimepicker: picker("datetime-local", "selected_date_time", {
    shown: (seconds, { zone }) => localMinute(seconds, zone),
    stored: (entered, { zone }) => secondsOf(entered, zone),
  }),
  file_input: fileInput,
  rich_text_input: richTextInput,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
};

