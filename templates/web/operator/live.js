/* Asks now and then whether the plans are still as the page shows them. Not while the page is hidden; and nothing is
   exchanged under a finger or a mouse button that is down, nor while something is dragged: it is asked for again then. */
"use strict";

(() => {
  const EVERY = 4000;
  let down = false;
  let dragged = false;

  const look = () => {
    const live = document.getElementById("live");
    if (live && !down && !dragged && document.visibilityState === "visible") htmx.trigger(live, "look");
  };

  document.addEventListener("pointerdown", () => { down = true; }, true);
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => { down = false; }, true);
  document.addEventListener("dragstart", () => { dragged = true; }, true);
  document.addEventListener("dragend", () => { dragged = false; }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "live" && (down || dragged)) event.detail.shouldSwap = false;
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY);
  if (document.getElementById("live")?.dataset.live) look();
})();
