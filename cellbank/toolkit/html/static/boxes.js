// A box map under the arrow keys: one stop for Tab, arrows walk, Enter opens, M picks a vial up and puts it down.

export function walkBoxes(root = document) {
  for (const map of root.querySelectorAll("[data-box-map]:not([data-is-ready])")) {
    map.dataset.isReady = "yes";
    const slots = squares(map).flat();
    const first = slots.find((slot) => slot.classList.contains("is-selected")) || slots[0];
    for (const slot of slots) slot.tabIndex = slot === first ? 0 : -1;
    map.addEventListener("keydown", (event) => onKey(map, event));
  }
}

function squares(map) {
  return [...map.tBodies[0].rows].map((row) => [...row.querySelectorAll(".slot")]);
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function onKey(map, event) {
  const grid = squares(map);
  const row = grid.findIndex((slots) => slots.includes(event.target));
  if (row < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    const next = grid[row + step[0]]?.[grid[row].indexOf(event.target) + step[1]];
    if (next) focus(event.target, next);
  } else if (event.key === "Escape") {
    drop();
  } else if (event.code === "KeyM" && !event.shiftKey) {
    event.preventDefault();
    pick(map, event.target);
  }
}

function focus(from, to) {
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function drop() {
  document.querySelector(".slot.is-carried")?.classList.remove("is-carried");
}

/** First M takes a vial up, the second one over a free slot sends the page's form[data-move]. */
function pick(map, slot) {
  const carried = document.querySelector(".slot.is-carried");
  const form = document.querySelector("form[data-move]");
  if (!form) return;
  if (!carried || slot.dataset.code) {
    drop();
    if (slot.dataset.code && slot !== carried) slot.classList.add("is-carried");
    return;
  }
  if (!slot.classList.contains("is-free")) return;
  form.elements.vial.value = carried.dataset.code;
  form.elements.box.value = map.dataset.box;
  form.elements.slot.value = slot.dataset.slot;
  form.requestSubmit();
}
