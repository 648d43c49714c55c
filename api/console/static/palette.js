// The palette: everything one can do here, by its name. Its list, the keys and their help are one list on the page.

import { $, $$ } from "./shared.js";

const dialog = $("#palette");
const field = $("#palette-words");
const list = $("#palette-list");
let shown = [];
let at = 0;

// What a command needs is there, and not switched off.
const can = (option) => !option.dataset.target || Boolean($(`${option.dataset.target}:not([aria-disabled='true'])`));

// Views that people saved stand in the list, and change while the page is open.
function addViews() {
  $$("[data-view]", list).forEach((option) => option.remove());
  $$("#list .saved a").forEach((link, n) => {
    const option = document.createElement("li");
    option.id = `view-${n}`;
    option.role = "option";
    option.dataset.view = option.dataset.href = link.getAttribute("href");
    option.textContent = `View: ${link.dataset.name}`;
    list.append(option);
  });
}

function mark(n) {
  at = shown.length ? (n + shown.length) % shown.length : 0;
  shown.forEach((option, i) => option.setAttribute("aria-selected", i === at));
  if (shown.length) field.setAttribute("aria-activedescendant", shown[at].id); else field.removeAttribute("aria-activedescendant");
  shown[at]?.scrollIntoView({ block: "nearest" });
}

function filter() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = $$("[role=option]", list);
  shown = all.filter((option) => can(option) && words.every((word) => option.textContent.toLowerCase().includes(word)));
  all.forEach((option) => { option.hidden = !shown.includes(option); });
  $("#palette-none").hidden = shown.length > 0;
  $("#palette-count").textContent = words.length ? `${shown.length} found` : "";
  mark(0);
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  addViews();
  field.value = "";
  dialog.showModal();
  filter();
}

// The focus goes back first, to where it was: what is done then may move it on.
function choose(option, run) {
  dialog.close();
  if (option.dataset.href) location.assign(option.dataset.href); else run[option.dataset.run]?.();
}

export function startPalette(run) {
  if (!dialog) return;
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    const by = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (by !== undefined && (event.key.startsWith("Arrow") || !field.value)) { event.preventDefault(); mark(by); }
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); if (shown[at]) choose(shown[at], run); }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option, run);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

// By key, what it runs; by the second key after G, where it goes.
export function keysOf(run) {
  const single = {};
  const go = {};
  for (const option of $$("[data-press]", list ?? document)) {
    for (const press of JSON.parse(option.dataset.press)) {
      if (press.startsWith("g ")) go[press.slice(2)] = option.dataset.href; else single[press] = run[option.dataset.run];
    }
  }
  return { single, go };
}
