// The console's little behaviours: keys, labels, times, live updates, countdown. Every one has a way without it.

import { $, $$, caseId, editor, here, isOut, root, say, strip } from "./shared.js";
import { also, isPair, isTyped, openSlots, selectSlot, setText, showState, unit } from "./composer.js";
import { keepFields, restoreFields } from "./filter.js";
import { keysOf, openPalette, startPalette } from "./palette.js";
import { clearPicked, doToPicked, isInList, isPicking, pick, pickTo, restorePicked } from "./picking.js";
import { applyPresence, arrived, forget, restore, save, showPresence, take, wrote } from "./writing.js";

root.classList.add("js");
// htmx would look at the page only after everything else that waits: whoever is quicker sent a form by the browser itself,
// and lost the place they were in.
window.htmx.process(document.body);

// the composer ------------------------------------------------------------------------------------------------

document.addEventListener("input", (event) => {
  if (event.target.id !== "text" && event.target.id !== "pointer") return;
  wrote();
  showState();
});

// One box or two: what nobody has touched becomes what the suggestion says in the other place.
document.addEventListener("change", (event) => {
  if (event.target.id !== "also") return;
  const text = editor();
  const { publicText, privateText } = text.dataset;
  if (isPair() && privateText && text.value === publicText) setText(text, privateText);
  if (!isPair() && privateText && text.value === privateText) setText(text, publicText);
  for (const box of [text, isPair() ? $("#pointer") : null]) box?.dispatchEvent(new Event("placed"));
  say(isPair() ? "Two boxes: the private answer, and what is said in public." : "One box: the public reply.");
  showState();
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "reply") return;
  if (unread === caseId()) {
    // Once, so that nobody answers what they have not seen; the next time it goes.
    event.preventDefault();
    event.stopImmediatePropagation();
    hasRead("This case changed while you were writing. Read what is new, then send.");
    return;
  }
  if ($("#send")?.hasAttribute("data-blocked")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    say($("#why-send").textContent);
    selectSlot(editor(), 0) || editor().focus();
    return;
  }
  sending = caseId();
}, true);

let sending = "";
let unread = "";
function hasRead(words = "") {
  unread = "";
  if (!words) $("#news").hidden = true;
  say(words);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  const disabled = event.target.closest("button[aria-disabled='true']:not([data-blocked])");
  if (disabled) { event.preventDefault(); say(disabled.title); return; }
  if (!act) return;
  const text = act.closest("[data-box]")?.dataset.box === "pointer" ? $("#pointer") : editor();
  if (act.dataset.act === "keys") $("#keys").showModal();
  if (act.dataset.act === "palette") openPalette();
  if (act.dataset.act === "read") hasRead();
  if (act.dataset.act === "show" || act.dataset.act === "fix") {
    const [start, end] = [act.dataset.start, act.dataset.end].map((at) => unit(text.value, Number(at)));
    text.focus();
    text.setSelectionRange(start, end);
    if (act.dataset.act === "fix") {
      text.setRangeText(act.dataset.fix, start, end, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}, true);

// labels ------------------------------------------------------------------------------------------------------

// Arrow keys pass labels on the way to the one that is meant: only Enter, the button or a choice with the pointer
// keeps one, and Escape puts everything back.
let isByKey = false;
const labels = (event) => event.target.closest?.("form.labels");
const showKeep = (form) => $("[data-keep-labels]", form).toggleAttribute("data-hide-with-js",
  $$("select", form).every((one) => one.selectedOptions[0]?.defaultSelected ?? true));

document.addEventListener("pointerdown", () => { isByKey = false; }, true);
document.addEventListener("keydown", (event) => {
  const form = labels(event);
  if (!form || event.target.tagName !== "SELECT") return;
  isByKey = true;
  if (event.key === "Enter") { event.preventDefault(); form.requestSubmit(); }
  if (event.key === "Escape") { form.reset(); showKeep(form); }
}, true);
document.addEventListener("change", (event) => {
  const form = labels(event);
  if (!form) return;
  if (isByKey) { showKeep(form); say("Enter keeps this label, Escape puts the old one back."); } else form.requestSubmit();
});

// the case below this one, as the list on the screen has it
document.addEventListener("submit", (event) => {
  const field = $("[data-next]", event.target);
  const all = rows();
  const at = all.findIndex((row) => row.dataset.row === caseId());
  if (field && at >= 0) field.value = all[at + 1]?.dataset.row ?? "";
}, true);

// times -------------------------------------------------------------------------------------------------------

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const clock = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function span(minutes) {
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h${minutes % 60 && minutes < 600 ? ` ${minutes % 60} min` : ""}`;
  return `${Math.floor(minutes / 1440)} days`;
}

function showTimes() {
  for (const time of $$("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    if (!("due" in time.dataset)) {
      time.textContent = (at.toDateString() === new Date().toDateString() ? hour : clock).format(at);
      continue;
    }
    const minutes = Math.round((at - Date.now()) / 60000);
    time.textContent = minutes < 0 ? `overdue by ${span(-minutes)}` : `due in ${span(minutes)}`;
    const level = minutes < 0 ? "late" : minutes <= 30 ? "soon" : "ok";
    time.closest(".due").className = `due is-${level}`;
  }
}

const ends = new WeakMap();
let counted = "";
// The count begins when a form is first seen, by whichever looks first: the clock or the swap that brought it.
// A swap may make the form of one reply into that of another.
function endOf(form) {
  if (ends.get(form)?.action !== form.action) {
    ends.set(form, { action: form.action, at: Date.now() + Number(form.dataset.undo) * 1000 });
  }
  return ends.get(form).at;
}
function tick() {
  for (const form of $$("form[data-undo]")) {
    const left = Math.max(0, Math.round((endOf(form) - Date.now()) / 1000));
    const count = $("[data-count]", form);
    if (count) count.textContent = left;
    if ($("progress", form)) $("progress", form).value = left;
    if (left === 0) form.hidden = true;
  }
  const mine = $("#mine");
  if (mine) mine.hidden = $$("form", mine).every((form) => form.hidden);
}
function countDown() {
  tick();
  const going = $("#mine form.is-going");
  // Said once for each reply, not with every look at it.
  if (going && counted !== going.action) say(`Approved. It goes out in ${going.dataset.undo} seconds. Control Z takes it back.`);
  if (going) counted = going.action;
}
setInterval(tick, 1000);

// Nobody loses what they typed because their session ended meanwhile: no way to the sign-in page then.
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response?.status === 401 && isTyped()) { event.preventDefault(); strip("out"); }
});

// without a network ---------------------------------------------------------------------------------------------

document.addEventListener("htmx:error", (event) => {
  const context = event.detail?.ctx;
  if (!context || isQuiet(context)) return;
  strip(/\/undo$|\/reconsider$/.test(context.request?.action ?? "") ? "undo" : "network");
  sending = "";
});

// live --------------------------------------------------------------------------------------------------------

let waiting = 0;

// What a person asked for comes first: a quiet refresh neither starts nor lands while such a request is under way,
// or it would put the page they left over the one they went to.
const asked = new Set();
let refreshed = "";
// So is the live connection, which is still being made when somebody is quick: nobody asked for it.
const isQuiet = (context) => ["tone", "tone-pointer", "presence"].includes(context?.target?.id) || context?.sourceElement?.id === "live"
  || context?.request?.headers?.["X-Quiet"] === "1";
document.addEventListener("htmx:before:request", (event) => { if (!isQuiet(event.detail.ctx)) asked.add(event.detail.ctx); });
document.addEventListener("htmx:finally:request", (event) => { asked.delete(event.detail.ctx); });
document.addEventListener("htmx:before:swap", (event) => {
  const context = event.detail.ctx;
  if (context?.target?.id === "presence") {
    // Of the case that is open, whatever else is under way, and where the line stands now.
    const isOld = !context.request.action.includes(`/${caseId()}/`) || !context.target.isConnected;
    if (isOld) { event.preventDefault(); showPresence(); }
    return;
  }
  if (context?.request?.headers?.["X-Quiet"] === "1" && (asked.size || refreshed !== here())) {
    event.preventDefault();
    refreshSoon();
  }
});

function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 150);
}

// Of a mark only what a person has to read before they send: the turn, the suggestion, the replies.
const matter = (mark) => mark.split(".").filter((one, at) => at === 2 || /^(sug|rpl)_/.test(one))
  .map((one) => one.replace(/^(rpl_[^-]+)-.*$/, "$1")).join(".");

async function refresh() {
  const open = $("#case");
  const quiet = { headers: { "X-Quiet": "1" } };
  if (isOut()) return;
  if (asked.size) { refreshSoon(); return; }
  refreshed = here();
  if (!$("#list")) {
    await window.htmx.ajax("GET", "/mine", { target: "#mine", select: "#mine", swap: "outerHTML", ...quiet });
    return;
  }
  const id = caseId();
  const answer = id ? await fetch(`/cases/${id}/mark`, { headers: { Accept: "application/json" } }).catch(() => null) : null;
  const mark = answer?.ok ? (await answer.json()).mark : open?.dataset.mark;
  const isNews = open && mark !== open.dataset.mark;
  if (!isNews && open) {
    await window.htmx.ajax("GET", here(), { target: "#list", select: "#list", selectOOB: "#tools,#mine", swap: "outerMorph", ...quiet });
    return;
  }
  const mine = isNews && isTyped() && matter(mark) !== matter(open.dataset.mark) ? id : "";
  const text = editor();
  const spot = document.activeElement === text && text ? [text.selectionStart, text.selectionEnd] : null;
  if (isTyped()) { wrote(); await save(); }
  await window.htmx.ajax("GET", here(), { target: "#shell", select: "#shell", swap: "outerHTML", ...quiet });
  if (spot && editor() && caseId() === id) { editor().focus(); editor().setSelectionRange(...spot); }
  if (mine && caseId() === id) {
    unread = mine;
    $("#news").hidden = false;
    say("This case changed while you were writing. Your text is kept.");
  }
}

$("#live")?.addEventListener("case-changed", refreshSoon);
$("#live")?.addEventListener("presence-changed", (event) => {
  const { cases = [], held = [] } = JSON.parse(event.detail?.data ?? "{}");
  if (cases.includes(caseId())) showPresence();
  if (rows().some((row) => held.includes(row.dataset.row))) refreshSoon();
});
// Who came or wrote before the stream was open is told by no event of it.
$("#live")?.addEventListener("htmx:sse:after:connection", () => { if (caseId()) showPresence(); });
$("#live")?.addEventListener("signed-out", () => { strip("out"); say("You are signed out. What you wrote stays on this page."); });

// keys --------------------------------------------------------------------------------------------------------

const press = (selector) => { const found = $(selector); if (found) { found.focus(); found.click(); } return Boolean(found); };
const rows = () => $$("[data-row]");

function step(by) {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : all.findIndex((row) => row.getAttribute("aria-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  // While cases are selected one goes through the list without opening what one passes.
  if (next) { next.focus(); if (!isPicking()) next.click(); }
}

function chooseDraft(by) {
  const drafts = $$("[data-draft]");
  const at = drafts.findIndex((one) => one.getAttribute("aria-current"));
  if (drafts.length) drafts[(at + by + drafts.length) % drafts.length].click();
}

// Back to one's place in the list: beside the case, or on a narrow screen in its stead.
let left = "";
function back() {
  const row = rows().find((one) => one.getAttribute("aria-current")) ?? rows()[0];
  if (row?.checkVisibility()) { row.focus(); row.scrollIntoView({ block: "nearest" }); return; }
  press("[data-act-key='back']");
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-act-key='back']")) left = caseId(); }, true);

function edit() {
  const text = editor();
  if (text && !selectSlot(text, 0)) { text.focus(); text.setSelectionRange(text.value.length, text.value.length); }
}

let before = "";
let wantedEdit = 0;
// By the name that `commands.py` gives it: what a key or the palette does.
const RUN = {
  next: () => step(1), previous: () => step(-1),
  open: () => rows().find((row) => row.getAttribute("aria-current"))?.click(),
  // Only while the next message is on its way: else the one after a quick send would be opened for typing, too.
  edit: () => { wantedEdit = asked.size ? Date.now() : 0; edit(); take(); },
  send: () => $("#reply").requestSubmit($("#send")),
  "send-next": () => $("#reply").requestSubmit($("#send-next")),
  undo: () => press("[data-act-key='undo']"),
  reject: () => { if (isPicking() || isInList()) { pick(); return; } const box = $("#reject"); if (box) { box.open = true; $("button", box).focus(); } },
  filter: () => { if (press("[data-act-key='filter']") && $(".narrow[open]")) $(".narrow select").focus(); },
  pair: () => also()?.click(),
  labels: () => { if (!doToPicked("labels")) $("[data-act-key='labels']")?.focus(); },
  pick, "pick-to": pickTo,
  snooze: () => { if (doToPicked("snooze")) return; if (press("[data-act-key='snooze']") && $("#snooze[open]")) $("#snooze button").focus(); },
  note: () => $("#notes textarea")?.focus(),
  "next-draft": () => chooseDraft(1), "previous-draft": () => chooseDraft(-1),
  back: () => { if (isPicking()) clearPicked(); else back(); },
  offline: () => $("#offline")?.focus(),
  search: () => $("#search")?.focus(),
  keys: () => $("#keys")?.showModal(),
};
for (const name of ["assign", "dismiss", "resolve", "reopen", "sign-out"]) {
  RUN[name] = () => (["assign", "dismiss", "resolve"].includes(name) && doToPicked(name)) || press(`[data-act-key='${name}']`);
}
for (const name of ["decide", "hand", "save-view"]) {
  RUN[name] = () => { if (press(`[data-act-key='${name}']`)) $("select, input:not([type=hidden])", $(`[data-act-key='${name}']`).parentElement)?.focus(); };
}
const { single: SINGLE, go: GO } = keysOf(RUN);
startPalette(RUN);

document.addEventListener("keydown", (event) => {
  const text = editor();
  const isTyping = event.target.closest?.("input:not(.pick-row), textarea, select, [contenteditable]");
  const command = event.ctrlKey || event.metaKey;
  if (event.isComposing || $("dialog[open]")) return;
  if (command && event.key === "Enter" && $("#reply")) {
    event.preventDefault();
    RUN[event.shiftKey ? "send-next" : "send"]();
    return;
  }
  if (command && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (command && event.key.toLowerCase() === "z" && !isTyping && press("[data-act-key='undo']")) { event.preventDefault(); return; }
  if (event.key === "Tab" && !event.shiftKey && event.target === text && openSlots(text.value).length) {
    // A slot after the cursor, else the first one; with none left, Tab leaves the text as anywhere else.
    event.preventDefault();
    selectSlot(text, text.selectionEnd);
    return;
  }
  if (event.key === "Escape" && isTyping) { event.target.blur(); $("#case-title")?.focus(); return; }
  if (isTyping || command) return;
  const mode = root.dataset.keys;
  if (mode === "off" || (mode === "alt") !== event.altKey) return;
  if (event.key.startsWith("Arrow") && event.target.closest(".thread, .side, .scroll")) return;
  if (before === "g") {
    before = "";
    const to = GO[event.key];
    if (to) { event.preventDefault(); location.assign(to); return; }
  }
  if (event.key === "g") { before = "g"; setTimeout(() => { before = ""; }, 900); return; }
  if (/^[1-5]$/.test(event.key)) {
    const target = $(`[data-settle='${event.key}']`) ?? ($("#snooze")?.open ? $(`[data-snooze='${event.key}']`) : $("#reject")?.open ? $(`[data-reason='${event.key}']`) : $(`[data-draft='${Number(event.key) - 1}']`));
    if (target) { event.preventDefault(); target.click(); }
    return;
  }
  const menu = event.key === "Escape" && $("#snooze[open], #reject[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return; }
  const act = SINGLE[event.key] ?? SINGLE[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});

// after every swap --------------------------------------------------------------------------------------------

let shown = caseId();
let told = "";
let wasFocused = false;
let scrolled = 0;
document.addEventListener("htmx:before:swap", (event) => {
  wasFocused = document.activeElement !== document.body;
  scrolled = $("#list")?.scrollTop ?? 0;
  keepFields(event.detail?.ctx);
});

// isAsked: a person asked for this page, by a key or a click.
function arrive({ isAsked = false } = {}) {
  const id = caseId();
  for (const row of rows()) {
    const isHere = row.dataset.row === id;
    row.closest(".row").classList.toggle("is-here", isHere);
    if (isHere) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
  // A form that was taken leads to a page without the alert that says why not.
  const isSent = Boolean(sending) && !$(".case .alert[role='alert']");
  if (isSent) forget(sending);
  sending = "";
  if (location.pathname.startsWith("/cases/")) $("#shell").classList.replace("is-list", "is-case");
  const restored = new URLSearchParams(location.search).get("restore");
  if (restored && told !== restored) {
    told = restored;
    say("Taken back: nothing went out. Your text is in the reply again.");
  }
  restore();
  arrived();
  showState();
  showTimes();
  countDown();
  const thread = $(".thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
  // The list stays where it was, whatever was done to the case.
  if ($("#list")) $("#list").scrollTop = scrolled;
  const place = left && rows().find((row) => row.dataset.row === left);
  left = "";
  if (place) {
    shown = id;
    place.scrollIntoView({ block: "center" });
    place.focus();
  } else if (id !== shown) {
    shown = id;
    rows().find((row) => row.dataset.row === id)?.scrollIntoView({ block: "nearest" });
    // Whoever typed J, then E, faster than the next message came wants to edit that one.
    if (Date.now() - wantedEdit < 2000) edit(); else $("#case-title")?.focus({ preventScroll: true });
  } else if (isSent || ((wasFocused || isAsked) && document.activeElement === document.body)) {
    // After a send nobody types: a single key or Control Z means the case, not the empty box.
    // What had the focus is gone with the old page: a screen reader must not start again at the top.
    $("#case-title")?.focus({ preventScroll: true });
  }
  if ($(".case .alert[role='alert']")) say($(".case .alert[role='alert']").textContent.trim());
}

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  restoreFields({ isQuiet: event.detail?.ctx?.request?.headers?.["X-Quiet"] === "1" });
  $$("form.labels").forEach(showKeep);
  restorePicked();
  if (target?.id?.startsWith("tone")) { showState(); return; }
  if (target?.id === "presence") { showTimes(); return; }
  if (target?.id === "mine" || target?.id === "list") { showTimes(); countDown(); applyPresence(); return; }
  arrive({ isAsked: !isQuiet(event.detail?.ctx) });
});
setInterval(showTimes, 30000);
arrive();
