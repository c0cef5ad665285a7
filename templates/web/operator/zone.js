/* Guesses the zone of a new series from the browser, unless somebody has chosen one. */
"use strict";

// Once htmx has seen the form as it was sent: it asks for the slots anew when it sees another zone in it.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("input[data-guess]");
  if (!field || field.value !== field.dataset.guess) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...document.querySelectorAll(`#${field.getAttribute("list")} option`)].some((one) => one.value === zone);
  if (!known) return;
  field.value = zone;
  document.getElementById("guessed").hidden = false;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
