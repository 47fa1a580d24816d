// Deciding from the keyboard, inside an element with data-keys alone: « a » validates, « m » asks for more, « r »
// refuses, the arrows up and down go from one competency to the next, « n » and « p » to the next and previous file.
// Each key presses what bears it in data-key; everything works without this script, by the same buttons and links.
const region = document.querySelector("[data-keys]");
const help = document.querySelector("[data-keys-help]");
if (help) help.hidden = false;

function isTyping(element) {
  return element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
}

function step(by) {
  const boxes = [...region.querySelectorAll("input[type=checkbox]")];
  const at = boxes.indexOf(document.activeElement);
  const next = boxes[Math.min(Math.max(at + by, 0), boxes.length - 1)];
  if (next) next.focus();
}

function press(target) {
  const reason = target.dataset.needsReason === undefined ? null : region.querySelector("textarea");
  if (reason && !reason.value.trim()) reason.focus();
  else target.click();
}

if (region) {
  region.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      step(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (target) {
      press(target);
      event.preventDefault();
    }
  });
}
