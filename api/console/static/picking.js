// Selecting cases in the list, to do one thing to all of them. What was seen when a case was selected goes with it.

import { $, $$, say } from "./shared.js";

const picked = new Map();
let last = "";
const boxes = () => $$(".pick-row");
const rowOf = (box) => $("[data-row]", box.closest(".row"));

function tell() {
  for (const count of $$("[data-picked]")) count.textContent = picked.size;
  say(picked.size ? `${picked.size} selected` : "Nothing selected");
}

function set(box, isOn) {
  box.checked = isOn;
  if (isOn) picked.set(box.name, box.value); else picked.delete(box.name);
  last = box.name;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".pick-row")) return;
  set(event.target, event.target.checked);
  tell();
});
document.addEventListener("reset", (event) => { if (event.target.id === "bulk") { picked.clear(); tell(); } });
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail?.ctx?.request?.action?.endsWith("/bulk")) picked.clear();
});

export const isPicking = () => picked.size > 0;
export const clearPicked = () => $("#bulk")?.reset();
const boxHere = () => {
  const row = document.activeElement.closest?.(".row") ?? $("[data-row][aria-current]")?.closest(".row");
  return row ? $(".pick-row", row) : null;
};
export const isInList = () => Boolean(document.activeElement.closest?.("#list .row"));

export function pick() {
  const box = boxHere();
  if (!box) return;
  set(box, !box.checked);
  rowOf(box).focus();
  tell();
}

// Everything from the one that was selected last to this one.
export function pickTo() {
  const all = boxes();
  const here = boxHere();
  if (!here) return;
  const [from, to] = [Math.max(0, all.findIndex((box) => box.name === last)), all.indexOf(here)];
  for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(box, true);
  last = here.name;
  rowOf(here).focus();
  tell();
}

// One key for all that are selected. Answers false where nothing is.
export function doToPicked(name) {
  if (!isPicking()) return false;
  const choice = $("#bulk select");
  const act = { dismiss: "dismiss", resolve: "resolve" }[name];
  if (act) $(`#bulk [value='${act}']`).click();
  else if (name === "assign") { choice.value = "assign:me"; $("#bulk [value='choice']").click(); }
  else choice.focus();
  return true;
}

// A list that was fetched anew shows what was selected; what is not in it any more is not.
export function restorePicked() {
  const there = new Set(boxes().map((box) => box.name));
  for (const name of picked.keys()) if (!there.has(name)) picked.delete(name);
  for (const box of boxes()) {
    box.checked = picked.has(box.name);
    if (box.checked) box.value = picked.get(box.name);
  }
  for (const count of $$("[data-picked]")) count.textContent = picked.size;
}
