// The filter of a list: what it sends, and that nobody loses what they are choosing.

import { $, $$ } from "./shared.js";

// What allows everything need not stand in the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".narrow-form")) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

// Whoever is choosing goes on choosing, whatever a refresh does to the list meanwhile.
let choosing = null;
const choices = () => $$(".narrow[open] select");

export function keepChoices() {
  choosing = choices().length ? new Map(choices().map((choice) => [choice.name, choice.value])) : null;
}

export function restoreChoices() {
  if (!choosing || !$(".narrow")) return;
  $(".narrow").open = true;
  for (const choice of choices()) choice.value = choosing.get(choice.name) ?? choice.value;
}
