/**
 * Unicode as Python's `str` has it: the classes, cases and forms of Unicode 14.0, whatever the browser's version is.
 *
 * A character that is younger is none to Python 3.11: no letter, no mark, without a case, and in no composition. Where
 * a text has one, patterns are to see `known(text)`, in which a noncharacter of the same length stands for it.
 */

import { UNASSIGNED } from "./unicode_tables.js";

/** @type {RegExp | undefined} */
let younger;
const FIRST_UNASSIGNED = /[^\0-\u0377]/;

/** Python's `\s` for a class: the engine's has U+FEFF and lacks U+001C to U+001F and U+0085. */
export const S = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
/** Python's `\w` for a class with the flag `u`, in a text that is `known`. */
export const W = "\\p{L}\\p{N}_";
const BLANKS = new RegExp(`[${S}]+`, "gu");
const NOT_LOWER = /[\u10fc\ua7f2-\ua7f4\uab69]/; // lower case since Unicode 15.1
const LOWER = /[\p{Lowercase}\u0295]/u; // U+0295 was lower case up to Unicode 14
const UPPER = /\p{Uppercase}/u;
const TITLE = /\p{Lt}/u;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;

/** @returns {RegExp} A stretch of characters that Unicode 14.0 does not have. */
function ofLater() {
  if (younger === undefined) {
    let at = 0;
    const turns = UNASSIGNED.trim()
      .split(" ")
      .map((step) => (at += parseInt(step, 36)));
    let pattern = "";
    for (let place = 0; place < turns.length; place += 2) {
      pattern += `\\u{${turns[place].toString(16)}}-\\u{${((turns[place + 1] ?? 0x110000) - 1).toString(16)}}`;
    }
    younger = new RegExp(`([${pattern}]+)`, "gu");
  }
  return younger;
}

/**
 * The text with a noncharacter for each character that Unicode 14.0 does not have; places stay what they are.
 * @param {string} text
 */
export function known(text) {
  if (!FIRST_UNASSIGNED.test(text)) return text;
  return text.replace(ofLater(), (found) =>
    Array.from(found, (sign) => (sign.length > 1 ? "\u{1fffe}" : "\ufdd0")).join(""),
  );
}

/**
 * A function of the stretches of a text between characters that Unicode 14.0 does not have, which stay as they are.
 * @param {string} text
 * @param {(part: string) => string} change
 */
function ofKnown(text, change) {
  if (!FIRST_UNASSIGNED.test(text)) return change(text);
  return text
    .split(ofLater())
    .map((part, place) => (place % 2 ? part : change(part)))
    .join("");
}

/** @param {string} text */
export const lower = (text) => ofKnown(text, (part) => part.toLowerCase());

/** @param {string} text */
export function upper(text) {
  const made = ofKnown(text, (part) => part.toUpperCase());
  if (!FIRST_UNASSIGNED.test(made) || known(made) === made) return made;
  return Array.from(text, (sign) =>
    known(sign.toUpperCase()) === sign.toUpperCase() ? sign.toUpperCase() : sign,
  ).join("");
}

/**
 * @param {string} text
 * @param {"NFC" | "NFD" | "NFKC" | "NFKD"} form
 */
export const normalize = (text, form) => ofKnown(text, (part) => part.normalize(form));

/** @param {string} text */
export const isascii = (text) => !/[^\0-\x7f]/.test(text);

/** @param {string} text */
export const isspace = (text) => text.length > 0 && text.replace(BLANKS, "") === "";

/** @param {string} sign */
const isLowerSign = (sign) => LOWER.test(sign) && !NOT_LOWER.test(sign);

/** Whether there is a letter in lower case and none in another. @param {string} text */
export function islower(text) {
  const signs = Array.from(known(text));
  return signs.some(isLowerSign) && !signs.some((sign) => UPPER.test(sign) || TITLE.test(sign));
}

/** @param {string} text */
export function isupper(text) {
  const signs = Array.from(known(text));
  return signs.some((sign) => UPPER.test(sign)) && !signs.some((sign) => isLowerSign(sign) || TITLE.test(sign));
}

/** @param {string} text */
export const isprintable = (text) => !UNPRINTABLE.test(known(text).replaceAll(" ", ""));

/** The words between blanks, as `str.split()`. @param {string} text @returns {string[]} */
export const split = (text) => text.split(BLANKS).filter((word) => word !== "");

/** @param {string} text */
export const strip = (text) => text.replace(new RegExp(`^[${S}]+|[${S}]+$`, "gu"), "");

/** The number of characters (code points). @param {string} text */
export function len(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * The characters (code points) from one place to another, as Python's slice with places from 0.
 * @param {string} text
 * @param {number} from
 * @param {number} [to]
 */
export function slice(text, from, to) {
  return text.length > from && /[\ud800-\udfff]/.test(text)
    ? Array.from(text).slice(from, to).join("")
    : text.slice(from, to);
}

/** The order of Python's strings, by code points. @param {string} one @param {string} other */
export function compare(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let place = 0; place < a.length && place < b.length; place++) {
    if (a[place] !== b[place])
      return /** @type {number} */ (a[place].codePointAt(0)) - /** @type {number} */ (b[place].codePointAt(0));
  }
  return a.length - b.length;
}

const REPLACED = /[\ud800-\udfff]/gu; // with the flag u, halves of pairs alone

/**
 * UTF-8, with a question mark for each half of a surrogate pair, as `str.encode("utf-8", "replace")`.
 * @param {string} text
 */
export const encoded = (text) => new TextEncoder().encode(text.replace(REPLACED, "?"));

const ASTRAL = /[^\0-\uffff]/gu;
const MARK = /\p{M}/u;
const FORMAT = /\p{Cf}/u;
const DIGIT = /\p{Nd}/u;
const WORD = /[\p{L}\p{N}]/u;

/**
 * The text with one UTF-16 unit for each character, of the same kind for patterns: places in it are Python's.
 * Characters of further planes become a mark, a format character, a digit, a letter, an ideograph or a sign.
 * @param {string} text
 */
export function flat(text) {
  return known(text).replace(ASTRAL, (sign) => {
    const code = /** @type {number} */ (sign.codePointAt(0));
    const ideographs = code >= 0x20000 && code <= 0x3ffff;
    if (MARK.test(sign)) return "\u0300";
    if (FORMAT.test(sign)) return "\u200e";
    if (DIGIT.test(sign)) return "0";
    if (WORD.test(sign)) return ideographs ? "\u4e00" : "\u01c0";
    return ideographs ? "\u2e80" : "\ufdd0";
  });
}

/** The characters (code points) of a text. @param {string} text */
export const chars = (text) => Array.from(text);
