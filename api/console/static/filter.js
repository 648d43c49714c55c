// Forms beside the reply: what the filter of a list sends, and that nobody loses what they are choosing or writing.

import { $, $$ } from "./shared.js";

// What allows everything need not stand in the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".narrow-form")) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

// A page may be put in the place of this one at any time, by a colleague's step or by one's own. What is half filled in
// is found again by the form and the field; the reply itself is kept by writing.js, on the server.
const FIELDS = "textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])";
const half = new Map();
let open = [];
let focused = null;

const fields = () => $$("#shell form:not(#reply) :is(textarea, select, input)").filter((field) => field.matches(FIELDS));
const formOf = (field) => field.form.getAttribute("action") ?? "";
const nameOf = (field) => `${formOf(field)} ${field.name}`;
const isWords = (field) => field.matches("textarea");
const given = (choice) => [...choice.options].find((option) => option.defaultSelected) ?? choice.options[0];
const isChanged = (field) => (field.tagName === "SELECT" ? field.selectedOptions[0] !== given(field) : field.value !== field.defaultValue);
const menuOf = (menu) => menu.id || $("summary", menu)?.textContent.trim();
const menus = () => $$("#shell details");

// What a form has sent is not half filled in any more: the page that answers says what became of it.
const isTaken = (context) => context?.request?.method === "POST" && context.response?.status < 400;

export function keepFields(context) {
  const sent = isTaken(context) ? new URL(context.request.action, location.href).pathname : "";
  for (const field of fields()) {
    if (isChanged(field) && formOf(field) !== sent) half.set(nameOf(field), field.value); else half.delete(nameOf(field));
  }
  open = menus().filter((menu) => menu.open).map(menuOf);
  const here = document.activeElement;
  focused = here?.closest?.("#shell details, #shell form:not(#reply)") && (here.form || here.tagName === "SUMMARY") ? {
    menu: menuOf(here.closest("details") ?? here), form: here.form?.getAttribute("action"), name: here.name, value: here.tagName === "BUTTON" ? here.value : null,
    spot: isWords(here) ? [here.selectionStart, here.selectionEnd] : null,
  } : null;
}

// isQuiet: nobody asked for this page, so that what was open stays open and what had the focus has it.
export function restoreFields({ isQuiet }) {
  for (const field of fields()) {
    const value = half.get(nameOf(field));
    if (value === undefined || isChanged(field) || !(isQuiet || isWords(field))) continue;
    field.value = value;
    const menu = field.closest("details");
    if (menu) menu.open = true;
  }
  if (!isQuiet) return;
  for (const menu of menus()) if (open.includes(menuOf(menu))) menu.open = true;
  if (!focused || document.activeElement !== document.body) return;
  const same = focused.form === undefined ? menus().filter((menu) => menuOf(menu) === focused.menu).map((menu) => $("summary", menu))
    : $$("#shell button, #shell textarea, #shell select, #shell input").filter((one) => one.form?.getAttribute("action") === focused.form
      && one.name === focused.name && (focused.value === null || one.value === focused.value));
  same[0]?.focus({ preventScroll: true });
  if (focused.spot && same[0]) same[0].setSelectionRange(...focused.spot);
}
