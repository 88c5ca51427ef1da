// Listens to the whole document for scans and brings each to where it belongs.
import { isCode } from "./codes.js";
import { Listener } from "./scan.js";
import { play } from "./tones.js";

const listener = new Listener(isCode);
const waiting = []; // scans that came while the one before was still on its way
let isAnswering = false; // a part of the page is on its way or just being put in place
let kept = null; // the text field in focus when the sequence began, with what it held

export function isTextField(element) {
  return (
    element instanceof HTMLTextAreaElement ||
    (element instanceof HTMLInputElement && /^(text|search|password|number|email|tel|url)$/.test(element.type))
  );
}

export function listenForScans() {
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("htmx:beforeRequest", () => { isAnswering = true; });
  document.addEventListener("htmx:load", goOn);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) failed();
  });
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
  event.preventDefault();
  if (field.form.matches("[data-scan]")) {
    send(field.form, text);
    return;
  }
  setValue(field, text);
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
  send(form, text);
}

/** One scan after the other: whoever scans faster than the answers come loses none. */
function send(form, text) {
  if (form.dataset.isSent || isAnswering) {
    waiting.push(text);
    return;
  }
  setValue(form.querySelector("[data-scan-target]"), text);
  form.requestSubmit();
}

function goOn() {
  isAnswering = false;
  const text = waiting.shift();
  if (text !== undefined) route(text);
}

/** No answer: what waited is not recorded either, and the page says so aloud. */
function failed() {
  isAnswering = false;
  const told = document.querySelector("[data-no-answer]");
  if (!told) return;
  waiting.length = 0;
  told.hidden = false;
  play("error");
}

function setValue(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
