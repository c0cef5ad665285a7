/* Moving chapters in the calendar: dragged to another day, or a day earlier and later by the arrow keys. Nothing is
   done here: the panel shows what would move, and asks. Without this script the forms of the panel do the same. */
"use strict";

(() => {
  const movable = (node) => node instanceof Element ? node.closest("[data-move]") : null;

  const show = (item, changes) => {
    const { move, slug, date, time, back } = item.dataset;
    const values = { what: "move", post: slug, date, time, back, ...changes };
    htmx.ajax("POST", move, { target: "#panel", swap: "innerHTML show:#panel:top", values });
  };

  document.addEventListener("dragstart", (event) => {
    const item = movable(event.target);
    if (!item) return;
    event.dataTransfer.setData("text/plain", item.id);
    event.dataTransfer.effectAllowed = "move";
  });

  document.addEventListener("dragover", (event) => {
    const day = event.target instanceof Element ? event.target.closest("td[data-date]") : null;
    document.querySelectorAll(".over").forEach((one) => one !== day && one.classList.remove("over"));
    if (!day) return;
    day.classList.add("over");
    event.preventDefault();
  });

  document.addEventListener("drop", (event) => {
    const day = event.target instanceof Element ? event.target.closest("td[data-date]") : null;
    const item = document.getElementById(event.dataTransfer.getData("text/plain"));
    document.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
    if (!day || !movable(item)) return;
    event.preventDefault();
    if (day.dataset.date !== item.dataset.date) show(item, { date: day.dataset.date });
  });

  document.addEventListener("keydown", (event) => {
    const item = movable(event.target);
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!item || !by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(item, { by });
  });
})();
