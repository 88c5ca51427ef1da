// What a keyboard-wedge scanner typed, whatever layout the computer is set to. Pure: no document in here.

export const MEAN_GAP_MS = 35; // a scanner types a character every 1–30 ms, a person hardly under 60 ms
export const BREAK_MS = 400; // after such a pause whatever was typed before belongs to something else
const SHORTEST = 4;

const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";
const ARABIC = "٠١٢٣٤٥٦٧٨٩";

/** The character of a US keyboard that a physical key stands for: A–Z, 0–9, "-"; "" for a key that types
 *  nothing; "?" for one that types something no code has. The layout's own letter (event.key) is never trusted
 *  unless the event does not say which key it was. */
export function decodeKey({ code = "", key = "", shiftKey = false }) {
  const letter = /^Key([A-Z])$/.exec(code);
  if (letter) return letter[1];
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  if (digit) return shiftKey && code.startsWith("Digit") ? "?" : digit[1];
  if (code === "Minus" || code === "NumpadSubtract") return shiftKey ? "?" : "-";
  if (code !== "") return key.length === 1 ? "?" : "";
  return foldKey(key);
}

function foldKey(key) {
  if ([...key].length !== 1) return "";
  const persian = PERSIAN.indexOf(key);
  if (persian >= 0) return String(persian);
  const arabic = ARABIC.indexOf(key);
  if (arabic >= 0) return String(arabic);
  return /^[A-Za-z0-9-]$/.test(key) ? key.toUpperCase() : "?";
}

export function isTerminator({ code = "", key = "" }) {
  return ["Enter", "NumpadEnter", "Tab"].includes(code || key);
}

/** Collects keys until Enter or Tab and then says whether they were a scan. */
export class Listener {
  constructor(isCode) {
    this.isCode = isCode;
    this.clear();
  }

  clear() {
    this.text = "";
    this.first = 0;
    this.last = 0;
  }

  /** Whether the next key would begin a new sequence (so that the field's value can be kept). */
  begins(time) {
    return this.text === "" || time - this.last > BREAK_MS;
  }

  /** A key went down. Returns the text of a scan when this key ends one, else "".
   *  The check character judges; speed is a hint: inside a text field a scan must be a valid code and fast, elsewhere
   *  a valid code at any speed or a fast sequence (a foreign barcode) is one. */
  press(event, time, isInTextField) {
    if (event.ctrlKey || event.altKey || event.metaKey) return "";
    if (isTerminator(event)) {
      const { text, first, last } = this;
      const isFresh = time - last <= BREAK_MS;
      this.clear();
      if (!isFresh || text.length < SHORTEST || text.includes("?")) return "";
      const isFast = (last - first) / (text.length - 1) <= MEAN_GAP_MS;
      return (isInTextField ? isFast && this.isCode(text) : isFast || this.isCode(text)) ? text : "";
    }
    const character = decodeKey(event);
    if (character === "") return "";
    if (this.begins(time)) {
      this.text = "";
      this.first = time;
    }
    this.text += character;
    this.last = time;
    return "";
  }
}
