/** A sentence to its words and signs, each with its place in the text. */

import { APOSTROPHES, MARK_LETTER } from "./normalise.js";
import { S, W, chars, flat, isascii } from "../python/unicode.js";

// Characters that belong to the one before (accents, vowel signs, joiners) are seen as this letter, characters that
// show
// nothing as blanks, so that letters and blanks suffice. Places stay what they are.
const MARKS = /[\p{M}\u00ad\u200c\u200d]/gu; // with soft hyphen, zero-width non-joiner and joiner
const SILENT = /[\p{Cc}\p{Cf}]/gu;
// Chinese and Japanese are written without blanks: each character is a token, as is the custom for tagging them. Those
// of
// further planes are seen as one of these (`flat`).
const IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff";
const WORD = `(?:(?![${IDEOGRAPHS}${APOSTROPHES}])[${W}])`; // of a word: letter, digit, underscore, mark
const LETTER = `(?:(?![\\p{Nd}_${IDEOGRAPHS}${APOSTROPHES}])[${W}])`; // letter or mark
const Q = `[${APOSTROPHES}]`;

const SHORT = `(?:[sdmSDM\u017f]|[rR][eE]|[vV][eE]|[lL]{2})(?![${W}])`; // 's, 'd, 'm, 're, 've, 'll in any case
const CAPITAL = "A-ZÀ-ÖØ-Þ";

const TOKEN = new RegExp(
  [
    `https?:\\/\\/[^${S}<>"]*[${W}\\/]|www\\.[^${S}<>"]*[${W}\\/]`,
    `(?<![${W}.+\\-])[${W}.+\\-]+@[${W}\\-]+(?:\\.[${W}\\-]+)+`,
    `[${IDEOGRAPHS}]${MARK_LETTER}*`,
    `(?<=[${W}.])${Q}${SHORT}`, // EU 's
    `(?<![${W}.])(?!I)[${CAPITAL}]\\.(?=[${S}]{1,3}[${CAPITAL}])`, // J. Smith
    `(?:(?<![${W}.])(?:${LETTER}\\.){2,}(?!${WORD})` + // U.N.
      `|(?<![${W}.])(?:${LETTER}\\.)+${LETTER}(?!${WORD})` + // U.N
      `|(?<![${W}.])\\.\\p{Nd}+` + // .500
      `|${WORD}+)` +
      `(?:(?:-|${Q}(?!${SHORT})|(?<=\\p{Nd})[.,:\\/](?=\\p{Nd})` +
      `|(?<=${LETTER})\\.(?=[a-z])|(?<=${LETTER})&(?=${LETTER}))${WORD}+)*`,
    `\\.{2,}|-{2,}`,
    `[^${S}]${MARK_LETTER}*`,
  ].join("|"),
  "gu",
);

/**
 * The words, numbers and punctuation signs of a text: (token, first character, one past the last).
 *
 * The habits are those of the CoNLL data: "U.N.", "don't", "1,000.5", "1996-08-22" and "22-year-old" are one token,
 * "EU's" is two, every other sign is a token of its own. Thai, Lao and Khmer words, written without blanks, stay
 * together until the next blank.
 * @param {string} text Any text; places count its characters as Python does (code points).
 * @returns {[string, number, number][]}
 */
export function splitWords(text) {
  const seen = isascii(text) ? text : flat(text).replace(MARKS, MARK_LETTER).replace(SILENT, " ");
  const signs = seen.length === text.length ? undefined : chars(text); // where UTF-16 has other places
  return Array.from(seen.matchAll(TOKEN), (match) => {
    const [start, end] = [match.index, match.index + match[0].length];
    return [signs ? signs.slice(start, end).join("") : text.slice(start, end), start, end];
  });
}
