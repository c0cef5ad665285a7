/* Says where the cursor stands in the text, so that pictures are shown there; and puts it where their words begin. */
"use strict";

(() => {
  const form = document.querySelector("form.editor");
  if (!form) return;
  const body = form.elements.namedItem("body");
  const characters = (text) => [...text];
  let begun = false;
  body.addEventListener("focus", () => { begun = true; });
  form.addEventListener("submit", () => {
    const before = begun ? body.value.slice(0, body.selectionStart) : body.value;
    form.elements.namedItem("cursor").value = characters(before).length;
  });
  if (body.dataset.cursor === undefined) return;
  const place = characters(body.value).slice(0, Number(body.dataset.cursor)).join("").length;
  body.focus();
  body.setSelectionRange(place, place);
})();
