// The composer: slots, counters, and what stands in the way of sending.

import { $, $$, editor, isTheirs } from "./shared.js";

const SLOT = /\[\[[a-z][a-z0-9_]{0,40}\]\]/g;
// A private answer with a word in public beside it: two boxes, where the channel and the thread allow them.
export const also = () => $("#also");
export const isPair = () => Boolean(also()?.checked);
// Own words: neither nothing nor what the suggestion says.
const isOwn = (text) => !["", text.dataset.draftText, text.dataset.publicText, text.dataset.privateText].includes(text.value);
const isOwnPointer = (pointer) => isPair() && pointer.value !== pointer.dataset.given;
export const isTyped = () => Boolean(editor()) && (isOwn(editor()) || ($("#pointer") !== null && isOwnPointer($("#pointer"))));

const clusters = (text) => [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map((one) => one.segment);
const isLight = (point) => point <= 4351 || (point >= 8192 && point <= 8205) || (point >= 8208 && point <= 8223) || (point >= 8242 && point <= 8247);
const weight = (cluster) => [...cluster].length > 1 && /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(cluster)
  ? 2 : [...cluster].reduce((sum, sign) => sum + (isLight(sign.codePointAt(0)) ? 1 : 2), 0);
// As the channel counts; the server counts again and has the last word.
const COUNT = {
  graphemes: (text) => clusters(text).length,
  bytes: (text) => new TextEncoder().encode(text).length,
  weighted: (text) => {
    const link = /https?:\/\/\S*[\p{L}\p{N}_/#=&~-]/gu;
    const whole = text.normalize("NFC");
    return 23 * (whole.match(link) ?? []).length + clusters(whole.replace(link, "")).reduce((sum, one) => sum + weight(one), 0);
  },
};

export function openSlots(text) { return [...text.matchAll(SLOT)]; }

export function selectSlot(text, from) {
  const slots = openSlots(text.value);
  const next = slots.find((slot) => slot.index >= from) ?? slots[0];
  if (!next) return false;
  text.focus();
  text.setSelectionRange(next.index, next.index + next[0].length);
  return true;
}

// As it goes out: signed, as the check under the box has found.
function goingOut(text, tone) {
  const signs = [...text.value];
  return signs.slice(0, Math.max(0, signs.length - Number(tone?.dataset.cut ?? 0))).join("") + (tone?.dataset.added ?? "");
}

// What stands in the way of sending one box, "" for nothing; its counter is shown beside it.
function inTheWay(text, tone, counter, limit) {
  const slots = openSlots(text.value);
  const length = (COUNT[text.dataset.count] ?? COUNT.graphemes)(goingOut(text, tone));
  counter.textContent = limit ? `${length} / ${limit}` : "";
  counter.classList.toggle("is-over", limit > 0 && length > limit);
  return slots.length ? `Fill in ${slots[0][0].slice(2, -2).replaceAll("_", " ")} first.`
    : text.value.trim() === "" ? (text.id === "pointer" ? "Say something in public, too." : "Write something first.")
    : limit && length > limit ? `${length - limit} characters too long${text.id === "pointer" ? " in public" : ""}.`
    : tone?.dataset.verdict === "stop" ? "The check above stops this text."
    : isTheirs() ? "Somebody else holds this case: ask to take it over." : "";
}

export function showState() {
  const text = editor();
  if (!text) return;
  const slots = openSlots(text.value);
  const box = $("#slots");
  box.hidden = slots.length === 0;
  $$("button", box).forEach((button) => button.remove());
  for (const slot of slots) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = slot[0].slice(2, -2).replaceAll("_", " ");
    button.addEventListener("click", () => selectSlot(text, slot.index));
    box.append(button);
  }
  const limit = Number(isPair() ? text.dataset.privateLimit : text.dataset.limit) || 0;
  const pointer = isPair() ? $("#pointer") : null;
  // Both, so that both counters are shown; what is said first is what stands first.
  const ways = [inTheWay(text, $("#tone"), $("#counter"), limit)];
  if (pointer) ways.push(inTheWay(pointer, $("#tone-pointer"), $("#counter-pointer"), Number(pointer.dataset.limit) || 0));
  const why = ways.find(Boolean) ?? "";
  $("#why-send").textContent = why;
  for (const button of [$("#send"), $("#send-next")]) {
    if (!button) continue;
    button.toggleAttribute("data-blocked", why !== "");
    if (why) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
    button.setAttribute("aria-describedby", "why-send");
  }
}

export function setText(text, value) {
  text.value = value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

// Places in findings count code points; a text area counts UTF-16 units.
export const unit = (text, point) => [...text].slice(0, point).join("").length;
