/** Text normalisation: one spelling for what looks the same, before words, characters or pieces are found. */

import { S, W, flat, len, normalize, split } from "../python/unicode.js";

export const MARK = "\u2581"; // stands for the blank before a word, as in SentencePiece
const BLANKS = /[\0-\x1f\x7f-\x9f\u2581]/u;
const ALL_BLANKS = /[\0-\x1f\x7f-\x9f\u2581]/gu;
const BLANK = new RegExp(`([${S}]+)`, "u");
const SURROGATE = /[\ud800-\udfff]/u;
const SURROGATES = /[\ud800-\udfff]/gu;
const LONG = new RegExp(`[^${S}]{1001}`, "u");
const CHUNK = 1000; // as in Python, whose normalisation takes quadratic time for long runs of accents
/** Signs that people type for the apostrophe, ASCII's first: quotes, accents, primes, Hebrew's geresh, letters. */
export const APOSTROPHES = "'\u2018\u2019\u201b\u02bb\u02bc\u00b4`\u2032\u05f3\uff07";
const LETTERS = /[\u02bb\u02bc]/g; // of them, which are apostrophes wherever they stand
// Characters without a width: soft hyphen, marks of direction, byte order mark; joiners and variation selectors, which
// emoji are made with.
const SILENT = "\u00ad\u034f\u061c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff";
const UNSEEN = new RegExp(`[${SILENT}\u200c\u200d\ufe00-\ufe0f\u{e0000}-\u{e0fff}]`, "gu");
const UNSEEN_IN_NAMES = new RegExp(`[${SILENT}\u200b]`, "gu");
const ODD = /[^\0-\x5f\x61-\x7f]/; // without these, nothing is to be done
const SPACE = "\u200b"; // a blank without a width, between the words of Thai and Khmer
const COMBINES = /[^\0-\u02ff]/; // without these, nothing combines
/** A letter, as which a combining mark is seen. */
export const MARK_LETTER = "\ua78f";
const COMBINING = /[\p{Mn}\p{Mc}]/gu;
const OTHER_SIGN = new RegExp(`[${APOSTROPHES.slice(1)}]`);
const WITHIN = new RegExp(`(?<=[${W}])[${APOSTROPHES.slice(1)}](?=[${W}])`, "gu");

/**
 * The text in one spelling: Unicode's NFC, without characters that have no width, and with plain apostrophes.
 *
 * An apostrophe stands between two letters or digits; the letters U+02BB and U+02BC are always one. Other quotes stay,
 * and so do capitals and blanks. U+200B becomes a blank. Printable ASCII but for "`" stays as it is.
 * @param {string} text
 */
export function canonical(text) {
  if (!ODD.test(text)) return text;
  return plainApostrophes(composed(text.replace(UNSEEN, "").replaceAll(SPACE, " ")));
}

/**
 * A name, such as a label, in one spelling: as `canonical`, but emoji stay whole, and blanks are single.
 * @param {string} text
 */
export function canonicalName(text) {
  const made = ODD.test(text) ? plainApostrophes(composed(text.replace(UNSEEN_IN_NAMES, ""))) : text;
  return split(made).join(" ");
}

/** The text in Unicode's NFC. Words of more than 1,000 characters are composed in parts. @param {string} text */
export const composed = (text) => (COMBINES.test(text) ? inParts(text, "NFC") : text);

/**
 * The text with each combining mark as a letter, so that a pattern for words takes the marks of a word for parts of it.
 *
 * One UTF-16 unit for each character: places in it are Python's.
 * @param {string} text
 */
export const shape = (text) => (COMBINES.test(text) ? flat(text).replace(COMBINING, MARK_LETTER) : text);

/** @param {string} text */
function plainApostrophes(text) {
  if (!OTHER_SIGN.test(text)) return text;
  const made = Array.from(text.replace(LETTERS, "'"));
  for (const found of shape(made.join("")).matchAll(WITHIN)) made[found.index] = "'";
  return made.join("");
}

/**
 * The normalised text, as it is split and as `Pieces.decode` returns it.
 *
 * That is Unicode's NFKC, with every run of blanks, control characters and U+2581 as one blank, none at either end, and
 * U+FFFD for lone surrogates. Upper and lower case stay. Words of more than 1,000 characters are normalised in parts.
 * @param {string} text
 */
export function normalised(text) {
  const made = /^[ -~]*$/.test(text) ? text : nfkc(text).replace(ALL_BLANKS, " ").replace(SURROGATES, "\ufffd");
  return split(made).join(" ");
}

/** @param {string} text */
const nfkc = (text) => inParts(len(text) > CHUNK ? split(text).join(" ") : text, "NFKC");

/** @param {string} text @param {"NFC" | "NFKC"} form */
function inParts(text, form) {
  if (len(text) <= CHUNK || !LONG.test(text)) return normalize(text, form);
  const words = text.split(BLANK); // with the blanks between them
  return words
    .map((word) => {
      const signs = Array.from(word);
      const parts = [];
      for (let at = 0; at < signs.length; at += CHUNK)
        parts.push(normalize(signs.slice(at, at + CHUNK).join(""), form));
      return parts.join("");
    })
    .join("");
}

/** Whether a text is not empty and has no blank, control character, U+2581 or lone surrogate. @param {string} text */
export function isOneWord(text) {
  const words = split(text);
  return words.length === 1 && words[0] === text && !BLANKS.test(text) && !SURROGATE.test(text);
}
