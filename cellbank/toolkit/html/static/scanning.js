// Listens to the whole document for scans and brings each to where it belongs.
import { isCode } from "./codes.js";
import { Listener } from "./scan.js";

const listener = new Listener(isCode);
let kept = null; // the text field in focus when the sequence began, with what it held

export function isTextField(element) {
  return (
    element instanceof HTMLTextAreaElement ||
    (element instanceof HTMLInputElement && /^(text|search|password|number|email|tel|url)$/.test(element.type))
  );
}

export function listenForScans() {
  document.addEventListener("keydown", onKey, { capture: true });
}

function onKey(event) {
  if (event.isComposing || event.repeat) return;
  const field = isTextField(document.activeElement) ? document.activeElement : null;
  if (listener.begins(event.timeStamp)) kept = field && { field, value: field.value };
  const text = listener.press(event, event.timeStamp, field !== null);
  if (text === "") return;
  if (field && field.matches("[data-scan-target]")) {
    fill(field, text, event);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (kept && kept.field === field) setValue(field, kept.value);
  route(text);
}

/** A field that asked for scans gets the text as the scanner meant it, not as the keyboard layout spelled it. */
function fill(field, text, event) {
  const before = kept && kept.field === field ? kept.value : "";
  if (field instanceof HTMLTextAreaElement) {
    event.preventDefault();
    setValue(field, (before && !before.endsWith("\n") ? `${before}\n` : before) + `${text}\n`);
    return;
  }
  setValue(field, text);
  if (field.form && field.form.matches("[data-scan]")) return; // Enter goes on and sends the form
  event.preventDefault();
  const fields = [...field.form.elements].filter((one) => !one.disabled && one.type !== "hidden");
  const next = fields[fields.indexOf(field) + 1];
  if (next) next.focus();
}

/** To the page's own scan form, else to the box at the top. A page may take the scan over: document "scan" event. */
export function route(text) {
  const goesOn = document.dispatchEvent(new CustomEvent("scan", { detail: { text }, cancelable: true }));
  if (!goesOn) return;
  const form = document.querySelector("main form[data-scan]") || document.querySelector("form[data-scan]");
  if (!form) return;
  const field = form.querySelector("[data-scan-target]");
  field.value = text;
  form.requestSubmit();
}

function setValue(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
