// What every page does beyond plain HTML. Nothing here is needed for a page to work.
import { walkBoxes } from "./boxes.js";
import { traceFamilies } from "./family.js";
import { listenForKeys } from "./keys.js";
import { sendOnce } from "./once.js";
import { listenForScans } from "./scanning.js";
import { runTimers } from "./timers.js";
import { play } from "./tones.js";

function ready(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden], [data-close][hidden]")) button.hidden = false;
  walkBoxes(root);
  traceFamilies(root);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1200);
});

sendOnce();
listenForScans();
listenForKeys();
runTimers();
ready(document);
// The page just drawn may say what to sound: <main data-tone="ok|done|error">.
const sounding = document.querySelector("[data-tone]");
if (sounding) play(sounding.dataset.tone);
document.addEventListener("htmx:load", (event) => {
  ready(event.target);
  if (event.target === document.body) return; // the page itself, heard above
  const told = event.target.matches("[data-tone]") ? event.target : event.target.querySelector("[data-tone]");
  if (told) play(told.dataset.tone);
});
