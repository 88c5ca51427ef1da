// Keys for the office: / and Ctrl-K to the scan box, ? for help, j and k down and up a list, Enter to open.
import { isTextField } from "./scanning.js";

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") return act(event, toScanBox);
    if (event.key === "Escape") return closeMenus();
    if (event.ctrlKey || event.metaKey || isTextField(event.target) || event.target.isContentEditable) return undefined;
    // Physical keys, so that they work under a Persian layout too.
    if (event.code === "Slash") return act(event, event.shiftKey ? showKeys : toScanBox);
    if (event.shiftKey) return undefined;
    if (event.code === "KeyJ") return act(event, () => walk(1));
    if (event.code === "KeyK") return act(event, () => walk(-1));
    if (event.key === "Enter" && event.target === document.body) return act(event, open);
    return undefined;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) event.target.closest("details").open = false;
    closeMenus(event.target);
  });
}

function act(event, what) {
  event.preventDefault();
  what();
}

function toScanBox() {
  const box = document.querySelector("main form[data-scan] [data-scan-target]") || document.querySelector("form[data-scan] [data-scan-target]");
  if (box) box.select();
}

function showKeys() {
  document.getElementById("keys")?.showModal();
}

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function walk(step) {
  const rows = [...document.querySelectorAll("main [data-walk] > *")];
  if (rows.length === 0) return;
  const now = rows.findIndex((row) => row.classList.contains("is-chosen"));
  const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + step, 0), rows.length - 1)];
  rows[now]?.classList.remove("is-chosen");
  next.classList.add("is-chosen");
  next.scrollIntoView({ block: "nearest" });
}

function open() {
  const row = document.querySelector("main [data-walk] > .is-chosen");
  if (!row) return;
  const fold = row.querySelector("details");
  if (fold) fold.open = !fold.open;
  else if (row.dataset.href) window.location.assign(row.dataset.href);
  else row.querySelector("a")?.click();
}
