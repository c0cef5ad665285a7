/* Guesses a zone from the browser of whoever fills in a form, unless somebody has chosen one. */
"use strict";

// Once htmx has seen the form of an operator as it was sent: it asks for slots anew when it sees another zone in it.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-guess]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!form || !zone) return;
  const { zone: field, browser_zone: told } = form.elements;
  if (field) choose(field, zone, form.dataset.guess);
  else if (told) tell(told, zone);
});

function choose(field, zone, usual) {
  const offered = [...((field.list ?? field).options ?? [])].some((one) => one.value === zone);
  if (!offered || field.value !== usual) return;
  field.value = zone;
  document.getElementById("guessed")?.removeAttribute("hidden");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Where nothing is to be chosen, the words beside say what the form brings along.
function tell(field, zone) {
  const words = document.getElementById("zone-said");
  if (!words) return;
  field.value = zone;
  words.textContent = zone;
}
