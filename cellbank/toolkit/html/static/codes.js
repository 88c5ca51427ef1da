// Printed codes: the same rule as cellbank/core/ids.py, so that the browser can tell a scan from typing.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KINDS = "VBRFSPAYCDMET";

/** The check character of nine characters: their values weighted with x^9 … x add up with it to zero in GF(32). */
export function checkCharacter(nine) {
  let total = 0;
  for (const letter of nine) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return "";
    total = (total ^ value) << 1;
    if (total & 0b100000) total ^= 0b100101;
  }
  return ALPHABET[total];
}

/** Whether a text is one of the bank's ten-character codes with the right check character. */
export function isCode(text) {
  return text.length === 10 && KINDS.includes(text[1]) && text[9] === checkCharacter(text.slice(0, 9));
}
