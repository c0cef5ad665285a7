/* Asks now and then whether the plans are still as the page shows them. Not while the page is hidden, and not while
   something is dragged over what would be exchanged. */
"use strict";

(() => {
  const EVERY = 4000;
  let dragged = false;

  const look = () => {
    const live = document.getElementById("live");
    if (live && !dragged && document.visibilityState === "visible") htmx.trigger(live, "look");
  };

  document.addEventListener("dragstart", () => { dragged = true; });
  document.addEventListener("dragend", () => { dragged = false; });
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY);
  if (document.getElementById("live")?.dataset.live) look();
})();
