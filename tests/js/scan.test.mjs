// node --test tests/js
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCharacter, isCode } from "../../cellbank/toolkit/html/static/codes.js";
import { Listener, decodeKey } from "../../cellbank/toolkit/html/static/scan.js";
import { spell } from "../../cellbank/toolkit/html/static/timers.js";

const CODE = "CV7K3M9QX" + checkCharacter("CV7K3M9QX");

// What Chromium reports under a Persian layout: the letters are wrong, the physical keys are right.
const PERSIAN = { C: "ژ", B: "\u200c", V: "ر", K: "»", M: "ئ", Q: "ْ", X: "ٓ" };

function keys(text, layout = {}) {
  return [...text].map((letter) => ({
    code: /[A-Z]/.test(letter) ? `Key${letter}` : letter === "-" ? "Minus" : `Digit${letter}`,
    key: layout[letter] ?? (/[0-9]/.test(letter) ? "۰۱۲۳۴۵۶۷۸۹"[Number(letter)] : letter),
    shiftKey: /[A-Z]/.test(letter),
  }));
}

function scan(events, { gap = 8, isInTextField = false, end = "Enter", start = 1000 } = {}) {
  const listener = new Listener(isCode);
  let time = start;
  for (const event of events) {
    listener.press(event, time, isInTextField);
    time += gap;
  }
  return listener.press({ code: end, key: end }, time, isInTextField);
}

test("a scan under a Persian layout is read by its physical keys", () => {
  assert.equal(scan(keys(CODE, PERSIAN)), CODE);
});

test("Tab ends a scan as well as Enter", () => {
  assert.equal(scan(keys(CODE), { end: "Tab" }), CODE);
});

test("in a text field a valid code typed by hand is left to the field", () => {
  assert.equal(scan(keys(CODE), { gap: 120, isInTextField: true }), "");
});

test("in a text field a fast valid code is a scan", () => {
  assert.equal(scan(keys(CODE), { isInTextField: true }), CODE);
});

test("in a text field fast keys without a valid check character are typing", () => {
  const wrong = CODE.slice(0, 9) + (CODE[9] === "0" ? "1" : "0");
  assert.equal(scan(keys(wrong), { isInTextField: true }), "");
});

test("outside of a field a valid code counts even when the machine is slow", () => {
  assert.equal(scan(keys(CODE), { gap: 200 }), CODE);
});

test("outside of a field a fast foreign barcode is a scan too", () => {
  assert.equal(scan(keys("FD01234567")), "FD01234567");
});

test("what was typed before a pause does not belong to the scan", () => {
  const listener = new Listener(isCode);
  for (const event of keys("ABC")) listener.press(event, 0, false);
  let time = 5000;
  for (const event of keys(CODE)) listener.press(event, (time += 8), false);
  assert.equal(listener.press({ code: "Enter" }, time + 8, false), CODE);
});

test("a lone Enter, and one long after the keys, are not scans", () => {
  assert.equal(scan([]), "");
  const listener = new Listener(isCode);
  for (const event of keys(CODE)) listener.press(event, 0, false);
  assert.equal(listener.press({ code: "Enter" }, 3000, false), "");
});

test("shift itself types nothing and shortcuts are not letters", () => {
  assert.equal(decodeKey({ code: "ShiftLeft", key: "Shift" }), "");
  const listener = new Listener(isCode);
  listener.press({ code: "KeyK", key: "k", ctrlKey: true }, 0, false);
  assert.equal(listener.text, "");
});

test("keys without a code fall back to the letter, Persian and Arabic digits included", () => {
  assert.equal(decodeKey({ key: "۷" }), "7");
  assert.equal(decodeKey({ key: "٣" }), "3");
  assert.equal(decodeKey({ key: "k" }), "K");
  assert.equal(decodeKey({ key: "ژ" }), "?");
});

test("a shifted digit is no digit, a digit of the number pad is", () => {
  assert.equal(decodeKey({ code: "Digit7", key: "&", shiftKey: true }), "?");
  assert.equal(decodeKey({ code: "Numpad7", key: "7" }), "7");
});

test("every single wrong character and every swap of neighbours is noticed", () => {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (let place = 0; place < 10; place += 1) {
    for (const letter of letters) {
      const other = CODE.slice(0, place) + letter + CODE.slice(place + 1);
      assert.equal(isCode(other), other === CODE, other);
    }
    const swapped = CODE.slice(0, place) + (CODE[place + 1] ?? "") + CODE[place] + CODE.slice(place + 2);
    if (place < 9 && swapped !== CODE) assert.equal(isCode(swapped), false, swapped);
  }
});

test("time is spelled as a clock", () => {
  assert.equal(spell(43), "00:43");
  assert.equal(spell(3_725), "1:02:05");
});
