// The board of « Mes disponibilités »: painting with the mouse, moving with the arrows. Without it, plain checkboxes.
"use strict";

for (const board of document.querySelectorAll("[data-board]")) {
  const rows = [...board.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  const boxes = rows.flat();
  const state = board.closest("form").querySelector("[data-board-state]");
  let painting = null;

  // One stop of the Tab key for the whole board.
  const stopAt = (box) => {
    for (const other of boxes) other.tabIndex = other === box ? 0 : -1;
  };
  const placeOf = (box) => {
    const row = rows.findIndex((cells) => cells.includes(box));
    return [row, rows[row].indexOf(box)];
  };
  const tell = () => {
    const half = boxes.filter((box) => box.checked).length;
    const hours = `${Math.floor(half / 2)} h${half % 2 ? " 30" : ""}`;
    state.textContent = `${hours} cochées, à enregistrer.`;
  };
  const paint = (box, checked) => {
    box.checked = checked;
    box.classList.remove("partly");
    tell();
  };

  board.setAttribute("role", "grid");
  stopAt(boxes.find((box) => box.checked) || boxes[0]);
  const keys = board.closest("form").querySelector(".board-keys");
  if (keys) keys.hidden = false;

  board.addEventListener("keydown", (event) => {
    if (!boxes.includes(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    const [row, day] = placeOf(event.target);
    const places = {
      ArrowUp: [row - 1, day], ArrowDown: [row + 1, day], ArrowLeft: [row, day - 1], ArrowRight: [row, day + 1],
      Home: [row, 0], End: [row, rows[row].length - 1], PageUp: [0, day], PageDown: [rows.length - 1, day],
    };
    if (!(event.key in places)) return;
    event.preventDefault();
    const [toRow, toDay] = places[event.key];
    const box = rows[toRow] && rows[toRow][toDay];
    if (!box) return;
    if (event.shiftKey) paint(box, event.target.checked);
    stopAt(box);
    box.focus();
  });
  board.addEventListener("change", (event) => paint(event.target, event.target.checked));

  // A finger taps and scrolls as everywhere; a mouse or a pen paints what it passes over.
  board.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0 || !boxes.includes(event.target)) return;
    painting = !event.target.checked;
    paint(event.target, painting);
  });
  board.addEventListener("pointerover", (event) => {
    if (painting !== null && boxes.includes(event.target)) paint(event.target, painting);
  });
  board.addEventListener("click", (event) => {
    if (!boxes.includes(event.target)) return;
    stopAt(event.target);
    // The press painted this box already: the click that ends it must not turn it back.
    if (event.pointerType !== "touch" && event.pointerType !== "" && event.detail > 0) event.preventDefault();
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => { painting = null; });
  }
}
