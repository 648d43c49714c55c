// The console's little behaviours: keys, slots, live updates, undo countdown. Every one has a way without it.
// No HTML is ever built from text here: only textContent and elements.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const root = document.documentElement;
root.classList.add("js");

const say = (words) => { const said = $("#said"); if (said) said.textContent = words; };
const editor = () => $("#text");
const caseId = () => $("#case")?.dataset.id ?? "";
const SLOT = /\[\[[a-z][a-z0-9_]{0,40}\]\]/g;

// what was typed, kept in this tab until it is sent -----------------------------------------------------------

const keep = {
  get: (id) => { try { return sessionStorage.getItem(`typed.${id}`); } catch { return null; } },
  set: (id, text) => { try { sessionStorage.setItem(`typed.${id}`, text); } catch { /* a full or closed store */ } },
  drop: (id) => { try { sessionStorage.removeItem(`typed.${id}`); } catch { /* nothing to drop */ } },
};
// A private answer with a word in public beside it: two boxes, where the channel and the thread allow them.
const also = () => $("#also");
const isPair = () => Boolean(also()?.checked);
const isSet = (text) => [text.defaultValue, text.dataset.publicText, text.dataset.privateText].includes(text.value);
const isTyped = () => {
  const text = editor();
  const pointer = $("#pointer");
  return Boolean(text) && (!isSet(text) || (isPair() && pointer.value !== pointer.defaultValue));
};

// the composer ------------------------------------------------------------------------------------------------

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

function openSlots(text) { return [...text.matchAll(SLOT)]; }

function selectSlot(text, from) {
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
    : tone?.dataset.verdict === "stop" ? "The check above stops this text." : "";
}

function showState() {
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
  const back = $("#mine-back");
  const kept = keep.get(text.closest("[data-id]").dataset.id);
  if (back) back.hidden = !kept || kept === text.value;
}

function setText(text, value) {
  text.value = value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

// Places in findings count code points; a text area counts UTF-16 units.
const unit = (text, point) => [...text].slice(0, point).join("").length;

document.addEventListener("input", (event) => {
  if (event.target.id !== "text" && event.target.id !== "pointer") return;
  const id = event.target.closest("[data-id]").dataset.id;
  const kept = event.target.id === "pointer" ? `${id}.pointer` : id;
  const isKept = event.target.id === "pointer" ? event.target.value !== event.target.defaultValue : !isSet(event.target);
  if (isKept) keep.set(kept, event.target.value); else keep.drop(kept);
  showState();
});

// One box or two: what nobody has touched becomes what the suggestion says in the other place.
document.addEventListener("change", (event) => {
  if (event.target.id !== "also") return;
  const text = editor();
  const { publicText, privateText } = text.dataset;
  if (event.target.checked === event.target.defaultChecked) keep.drop(`${caseId()}.also`);
  else keep.set(`${caseId()}.also`, event.target.checked ? "1" : "0");
  if (isPair() && privateText && text.value === publicText) setText(text, privateText);
  if (!isPair() && privateText && text.value === privateText) setText(text, publicText);
  for (const box of [text, isPair() ? $("#pointer") : null]) box?.dispatchEvent(new Event("placed"));
  say(isPair() ? "Two boxes: the private answer, and what is said in public." : "One box: the public reply.");
  showState();
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "reply") return;
  if ($("#send")?.hasAttribute("data-blocked")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    say($("#why-send").textContent);
    selectSlot(editor(), 0) || editor().focus();
  }
}, true);

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  const disabled = event.target.closest("button[aria-disabled='true']:not([data-blocked])");
  if (disabled) { event.preventDefault(); say(disabled.title); return; }
  if (!act) return;
  const text = act.closest("[data-box]")?.dataset.box === "pointer" ? $("#pointer") : editor();
  if (act.dataset.act === "keys") $("#keys").showModal();
  if (act.dataset.act === "mine-back") setText(text, keep.get(caseId()) ?? text.value);
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

let ticking = 0;
let counted = "";
function countDown() {
  clearInterval(ticking);
  const forms = $$("[data-undo]");
  if (!forms.length) return;
  const ends = forms.map((form) => Date.now() + Number(form.dataset.undo) * 1000);
  const tick = () => forms.forEach((form, at) => {
    const left = Math.max(0, Math.round((ends[at] - Date.now()) / 1000));
    $("[data-count]", form).textContent = left;
    $("progress", form).value = left;
    if (left === 0) form.hidden = true;
  });
  ticking = setInterval(tick, 1000);
  // Said once for each reply, not with every look at it.
  if (counted !== forms[0].action) say(`Approved. It goes out in ${forms[0].dataset.undo} seconds. Control Z takes it back.`);
  counted = forms[0].action;
}

// live --------------------------------------------------------------------------------------------------------

const here = () => location.pathname + location.search;
let waiting = 0;

// What a person asked for comes first: a quiet refresh neither starts nor lands while such a request is under way,
// or it would put the page they left over the one they went to.
const asked = new Set();
let refreshed = "";
// So is the live connection, which is still being made when somebody is quick: nobody asked for it.
const isQuiet = (context) => context?.target?.id?.startsWith("tone") || context?.sourceElement?.id === "live"
  || context?.request?.headers?.["X-Quiet"] === "1";
document.addEventListener("htmx:before:request", (event) => { if (!isQuiet(event.detail.ctx)) asked.add(event.detail.ctx); });
document.addEventListener("htmx:finally:request", (event) => { asked.delete(event.detail.ctx); });
document.addEventListener("htmx:before:swap", (event) => {
  const context = event.detail.ctx;
  if (context?.request?.headers?.["X-Quiet"] === "1" && (asked.size || refreshed !== here())) {
    event.preventDefault();
    refreshSoon();
  }
});

function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 350);
}

async function refresh() {
  const open = $("#case");
  if (!$("#list")) return;
  if (asked.size) { refreshSoon(); return; }
  refreshed = here();
  const id = caseId();
  const answer = id ? await fetch(`/cases/${id}/mark`, { headers: { Accept: "application/json" } }).catch(() => null) : null;
  const mark = answer?.ok ? (await answer.json()).mark : open?.dataset.mark;
  const isNews = open && mark !== open.dataset.mark;
  if (isNews && isTyped()) {
    $("#news").hidden = false;
    say("This case changed while you were writing. Your text is kept.");
  }
  const isAll = (isNews && !isTyped()) || !open;
  const isFocused = document.activeElement === editor();
  await window.htmx.ajax("GET", here(), isAll
    ? { target: "#shell", select: "#shell", swap: "outerHTML", headers: { "X-Quiet": "1" } }
    : { target: "#list", select: "#list", swap: "outerMorph", headers: { "X-Quiet": "1" } });
  if (isAll && isFocused) editor()?.focus();
}

$("#live")?.addEventListener("case-changed", refreshSoon);
$("#live")?.addEventListener("signed-out", () => { if (!isTyped()) location.assign(`/login?next=${encodeURIComponent(here())}`); else say("You are signed out. Your text is kept in this tab until you are back."); });

// keys --------------------------------------------------------------------------------------------------------

const press = (selector) => { const found = $(selector); if (found) { found.focus(); found.click(); } return Boolean(found); };
const rows = () => $$("[data-row]");

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement || row.getAttribute("aria-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (next) { next.focus(); next.click(); }
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
const SINGLE = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  o: () => rows().find((row) => row.getAttribute("aria-current"))?.click(),
  // Only while the next message is on its way: else the one after a quick send would be opened for typing, too.
  e: () => { wantedEdit = asked.size ? Date.now() : 0; edit(); },
  x: () => { const box = $("#reject"); if (box) { box.open = true; $("button", box).focus(); } },
  a: () => press("[data-act-key='assign']"),
  b: () => also()?.click(),
  l: () => $("[data-act-key='labels']")?.focus(),
  i: () => press("[data-act-key='dismiss']"),
  n: () => chooseDraft(1), p: () => chooseDraft(-1),
  u: back, Escape: back,
  "#": () => $("#offline")?.focus(),
  "/": () => $("#search")?.focus(),
  "?": () => $("#keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const text = editor();
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  const command = event.ctrlKey || event.metaKey;
  if (event.isComposing || $("dialog[open]")) return;
  if (command && event.key === "Enter" && $("#reply")) {
    event.preventDefault();
    $("#reply").requestSubmit(event.shiftKey ? $("#send-next") : $("#send"));
    return;
  }
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
    const to = { i: "/", n: "/needs-a-look", s: "/settings" }[event.key];
    if (to) { event.preventDefault(); location.assign(to); return; }
  }
  if (event.key === "g") { before = "g"; setTimeout(() => { before = ""; }, 900); return; }
  if (/^[1-5]$/.test(event.key)) {
    const target = $("#reject")?.open ? $(`[data-reason='${event.key}']`) : $(`[data-draft='${Number(event.key) - 1}']`);
    if (target) { event.preventDefault(); target.click(); }
    return;
  }
  if (event.key === "Escape" && $("#reject")?.open) { $("#reject").open = false; return; }
  const act = SINGLE[event.key] ?? SINGLE[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});

// after every swap --------------------------------------------------------------------------------------------

let shown = caseId();
let told = "";
let wasFocused = false;
const isDone = (key) => { try { const was = sessionStorage.getItem(key); sessionStorage.setItem(key, "1"); return was === "1"; } catch { return false; } };
document.addEventListener("htmx:before:swap", () => { wasFocused = document.activeElement !== document.body; });

function arrive() {
  const text = editor();
  const id = caseId();
  for (const row of rows()) {
    const isHere = row.dataset.row === id;
    row.closest(".row").classList.toggle("is-here", isHere);
    if (isHere) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
  }
  // What was sent is typed text no more, and the box stands ready for the next words.
  const sent = $("#list")?.dataset;
  const isSent = Boolean(sent?.sent) && !isDone(`sent.${sent.sent}`);
  if (isSent) for (const end of ["", ".pointer", ".also"]) keep.drop(sent.sentCase + end);
  if (location.pathname.startsWith("/cases/")) $("#shell").classList.replace("is-list", "is-case");
  if (text) {
    if (also() && !("given" in text.dataset)) {
      const [wanted, pointed] = [keep.get(`${id}.also`), keep.get(`${id}.pointer`)];
      if (wanted && (wanted === "1") !== isPair()) also().click();
      if (pointed) setText($("#pointer"), pointed);
    }
    const kept = keep.get(id);
    const address = new URLSearchParams(location.search);
    if (address.has("restore") && told !== address.get("restore")) {
      told = address.get("restore");
      say("Taken back: nothing went out. Your text is in the reply again.");
    }
    if (address.has("restore") && !kept) {
      // What was taken back is typed text again: it survives a look elsewhere, too.
      keep.set(id, text.value);
    } else if (kept && kept !== text.value && !address.has("draft") && !("given" in text.dataset)) {
      // Typed text comes back by itself, unless another suggestion was chosen or the server kept it already.
      setText(text, kept);
    }
  }
  showState();
  showTimes();
  countDown();
  const thread = $(".thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
  const place = left && rows().find((row) => row.dataset.row === left);
  left = "";
  if (place) {
    shown = id;
    place.scrollIntoView({ block: "center" });
    place.focus();
  } else if (id !== shown) {
    shown = id;
    // Whoever typed J, then E, faster than the next message came wants to edit that one.
    if (Date.now() - wantedEdit < 2000) edit(); else $("#case-title")?.focus({ preventScroll: true });
  } else if (isSent || (wasFocused && document.activeElement === document.body)) {
    // After a send nobody types: a single key or Control Z means the case, not the empty box.
    // What had the focus is gone with the old page: a screen reader must not start again at the top.
    $("#case-title")?.focus({ preventScroll: true });
  }
  if ($(".case .alert[role='alert']")) say($(".case .alert[role='alert']").textContent.trim());
}

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target;
  if (target?.id?.startsWith("tone")) { showState(); return; }
  arrive();
});
setInterval(showTimes, 30000);
arrive();
