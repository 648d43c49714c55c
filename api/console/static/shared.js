// What every script of the console uses. No HTML is ever built from text: only textContent and elements.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
export const root = document.documentElement;
export const say = (words) => { const said = $("#said"); if (said) said.textContent = words; };
export const editor = () => $("#text");
export const caseId = () => $("#case")?.dataset.id ?? "";
export const here = () => location.pathname + location.search;
export const isTheirs = () => $("#presence")?.dataset.hold === "theirs";

// the strip over everything: no network, signed out ------------------------------------------------------------

const WORDS = {
  network: "No network: nothing is sent, kept or taken back until it is there again. Your text stays on this page.",
  undo: "The undo did not get through: no network. The reply may go out. Try again as soon as the network is back.",
  out: "You are signed out. What you wrote up to now stays on this page. ",
};
let shown = "";

export function strip(kind) {
  const box = $("#strip");
  if (!box || (shown === kind && !box.hidden === Boolean(kind))) return;
  shown = kind;
  box.hidden = !kind;
  box.textContent = kind ? WORDS[kind] : "";
  if (kind !== "out") return;
  const link = document.createElement("a");
  link.href = `/login?next=${encodeURIComponent(here())}`;
  link.target = "_blank";
  link.textContent = "Sign in in a new tab, then come back here.";
  box.append(link);
}
export const isOut = () => shown === "out";

// Whoever signed in elsewhere goes on here: the page takes the new session's token.
async function comeBack() {
  if (!isOut()) return;
  const page = await fetch("/settings", { redirect: "manual" }).catch(() => null);
  const token = page?.ok ? /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] : "";
  if (!token) return;
  $$("input[name=csrf]").forEach((field) => { field.value = token; });
  strip("");
  say("You are signed in again.");
  document.dispatchEvent(new Event("signed-in"));
}
addEventListener("focus", comeBack);
addEventListener("offline", () => strip("network"));
addEventListener("online", () => { if (!isOut()) strip(""); document.dispatchEvent(new Event("signed-in")); });

// Sends a small form of ours. Answers null where there is no network.
export async function post(path, fields = {}, { isLast = false } = {}) {
  const body = new URLSearchParams({ csrf: $("input[name=csrf]")?.value ?? "", ...fields });
  const headers = { Accept: "application/json", "HX-Request": "true" };
  try {
    const answer = await fetch(path, { method: "POST", body, headers, keepalive: isLast });
    if (answer.status === 401) strip("out"); else if (shown === "network") strip("");
    return answer;
  } catch {
    if (!isLast) strip("network");
    return null;
  }
}
