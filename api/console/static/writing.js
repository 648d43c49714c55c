// What a person writes: kept on the server as it grows, under a hold, while others only read.

import { $, caseId, editor, here, isOut, isTheirs, post, say } from "./shared.js";
import { isPair, isTyped, setText, showState } from "./composer.js";

// own words ---------------------------------------------------------------------------------------------------

const EVERY_MS = 2000;
const words = new Map();   // by case and place: what stands in the box here, until it is sent
const waiting = new Map(); // what the server has not got yet
const kept = new Set();    // the places of which the server has words
let timer = 0;
let isSaving = false;

const place = () => `${caseId()} ${$("#place")?.value ?? ""}`;

function note(text) {
  const said = $("#saved");
  if (said) said.textContent = text;
}

export function wrote() {
  const text = editor();
  if (!text) return;
  const fields = {
    place: $("#place").value,
    text: isTyped() ? text.value : "",
    pointer: isTyped() && isPair() ? $("#pointer").value : "",
    also: isPair() ? "1" : "",
  };
  const one = { id: caseId(), fields };
  if (isTyped()) words.set(place(), one); else words.delete(place());
  note("");
  if (!isTyped() && !kept.has(place())) { waiting.delete(place()); return; }
  waiting.set(place(), one);
  if (!timer) timer = setTimeout(save, EVERY_MS);
}

export async function save({ isLast = false } = {}) {
  clearTimeout(timer);
  timer = 0;
  if (isSaving && !isLast) { timer = setTimeout(save, 300); return; }
  if (isOut() && !isLast) return;
  isSaving = true;
  for (const [key, one] of [...waiting]) {
    const answer = await post(`/cases/${one.id}/unsent`, one.fields, { isLast });
    // What could not be checked for sensitive values is not kept; anything else is tried until it is.
    if (!answer?.ok && answer?.status !== 422) break;
    if (waiting.get(key) === one) waiting.delete(key);
    if (one.fields.text) kept.add(key); else kept.delete(key);
    if (key === place()) note(answer.ok && one.fields.text ? "Kept" : "");
  }
  isSaving = false;
  if (waiting.size && !isLast && !timer) timer = setTimeout(save, EVERY_MS);
}
document.addEventListener("signed-in", () => save());

// Nobody leaves for another page or draft before the server has what was typed, where there is a network.
let isGoing = false;
function first(event, element, go) {
  if (isGoing || !element || !waiting.size || isOut() || element.id === "reply" || "quietly" in element.dataset) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  save().finally(() => { isGoing = true; go(); isGoing = false; });
}
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[hx-get]");
  first(event, link, () => link.click());
}, true);
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[hx-post]");
  first(event, form, () => form.requestSubmit(event.submitter));
}, true);

// What was sent is unsent no more.
export function forget(id) {
  for (const map of [words, waiting]) for (const key of [...map.keys()]) if (key.startsWith(`${id} `)) map.delete(key);
}

// A page that came while somebody typed on shows what they typed.
export function restore() {
  const text = editor();
  const mine = words.get(place());
  if (!text || !mine || mine.fields.text === text.value) return;
  if ($("#also") && (mine.fields.also === "1") !== isPair()) $("#also").click();
  if ($("#pointer") && mine.fields.pointer) $("#pointer").value = mine.fields.pointer;
  setText(text, mine.fields.text);
}

// the hold ----------------------------------------------------------------------------------------------------

let holding = "";
let taken = 0;
let taking = "";
let typedAt = 0;
let movedAt = Date.now();

export async function take() {
  const id = caseId();
  if (!id || taking === id || !editor() || isTheirs() || (holding === id && Date.now() - taken < 15000)) return;
  taking = id;
  const answer = await post(`/cases/${id}/hold`);
  taking = "";
  if (answer?.ok) {
    const { fence } = await answer.json();
    const isFirst = holding !== id;
    holding = id;
    taken = Date.now();
    if (caseId() === id && $("#fence")) $("#fence").value = fence;
    if (isFirst) seen();
  } else if (answer?.status === 409) await showPresence();
}

export function letGo({ isLast = false } = {}) {
  if (holding) post(`/cases/${holding}/hold/end`, isLast ? { leave: "1" } : {}, { isLast });
  holding = "";
}

function seen() {
  if (!caseId() || document.hidden) return;
  const isWriting = holding === caseId() && Date.now() - typedAt < 30000;
  post(`/cases/${caseId()}/seen`, { doing: isWriting ? "writing" : "viewing" });
}

// An open page alone keeps neither a session awake nor a case held: somebody has to be there.
setInterval(() => {
  if (Date.now() - movedAt > 300000) return;
  seen();
  if (holding && holding === caseId() && Date.now() - typedAt < 120000) take();
}, 15000);
for (const kind of ["pointermove", "keydown"]) addEventListener(kind, () => { movedAt = Date.now(); }, { passive: true });

// Not by focus alone: after a swap it falls into the box of the next case by itself.
document.addEventListener("pointerdown", (event) => {
  if (event.target.id === "text" || event.target.id === "pointer") { typedAt = Date.now(); take(); }
});
document.addEventListener("input", (event) => {
  if (event.target.id !== "text" && event.target.id !== "pointer") return;
  const isFirst = Date.now() - typedAt > 30000;
  typedAt = Date.now();
  take();
  if (isFirst) seen();
});
addEventListener("pagehide", () => { save({ isLast: true }); letGo({ isLast: true }); });

// who else is here --------------------------------------------------------------------------------------------

let wasTheirs = false;
let yielding = 0;

let showing = null;
let isStale = false;

// One request at a time: the answer of a second one would be put in the place of a line that the first has replaced, and be lost.
export function showPresence() {
  isStale = true;
  showing ??= readPresence().finally(() => { showing = null; });
  return showing;
}

async function readPresence() {
  while (isStale && $("#presence")) {
    isStale = false;
    const id = caseId();
    const read = window.htmx.ajax("GET", `/cases/${id}/presence`, { target: "#presence", select: "#presence", swap: "outerHTML", headers: { "X-Quiet": "1" } });
    // An answer that never comes must not keep the next one from being asked for.
    await Promise.race([read, new Promise((go) => setTimeout(go, 4000))]);
    if (id === caseId()) applyPresence();
  }
}

export function applyPresence() {
  const line = $("#presence");
  if (!line) return;
  const text = editor();
  if (text) text.readOnly = isTheirs();
  if ($("#pointer")) $("#pointer").readOnly = isTheirs();
  if (line.dataset.hold === "mine" && $("#fence")) $("#fence").value = line.dataset.fence;
  if (isTheirs() && holding === caseId()) { holding = ""; save(); say("Somebody took this case over. Your text is kept."); }
  if (wasTheirs && !isTheirs()) say("This case is free: you can write.");
  wasTheirs = isTheirs();
  clearTimeout(yielding);
  if (line.dataset.yields && isTheirs()) {
    const left = new Date(line.dataset.yields) - Date.now();
    yielding = setTimeout(takeOver, Math.max(500, left + 500));
  }
  showState();
}

async function takeOver() {
  const id = caseId();
  const answer = await post(`/cases/${id}/hold`);
  if (!answer?.ok || caseId() !== id) { await showPresence(); return; }
  holding = id;
  taken = Date.now();
  await window.htmx.ajax("GET", here(), { target: "#shell", select: "#shell", swap: "outerHTML", headers: { "X-Quiet": "1" } });
  say("You have this case now.");
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-quietly]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.action.endsWith("/hold")) { await takeOver(); return; }
  if (form.action.endsWith("/end")) holding = "";
  await post(new URL(form.action).pathname);
  if (form.action.endsWith("/ask")) say("Asked. Without a no you get it in half a minute.");
  await showPresence();
}, true);

// Another case is open than before, or the same one anew.
let last = "";
export function arrived() {
  if (isTyped()) kept.add(place());
  if (holding && holding !== caseId()) letGo();
  if (last !== caseId()) { last = caseId(); typedAt = 0; wasTheirs = isTheirs(); seen(); }
  applyPresence();
}
