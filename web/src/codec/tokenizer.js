/** Text to tokens, exactly as MediaPipe's `RegexTokenizer` does it on a phone. */

import { APOSTROPHES, canonical, shape } from "./normalise.js";
import { RnnkitError, didYouMean } from "../errors.js";
import { repr } from "../python/text.js";
import { W, chars, flat, lower, upper } from "../python/unicode.js";

// What RE2 splits "words" at: signs together with the apostrophes beside them, apostrophes in a row, and those at the
// ends
// of the text, so that what is left has them between two letters alone. Mn and Mc are combining marks.
const SIGN = `(?:[^\\p{L}\\p{Mn}\\p{Mc}\\p{N}_${APOSTROPHES}]|[\\x{FE00}-\\x{FE0F}])`;
const QUOTE = `[${APOSTROPHES}]`;
const BETWEEN = `${QUOTE}*${SIGN}(?:${SIGN}|${QUOTE})*|${QUOTE}{2,}|^${QUOTE}|${QUOTE}$`;
/** @type {Map<string, [string, RegExp]>} Name to what RE2 splits at, and what is kept here. */
const ALL = new Map([
  ["words", [BETWEEN, new RegExp(`[${W}]+(?:'[${W}]+)*`, "gu")]],
  ["unicode", ["[^\\p{L}\\p{N}_']+", new RegExp(`[${W}']+`, "gu")]],
  ["ascii", ["[^\\w\\']+", /[A-Za-z0-9_']+/g]],
]);
/** The names of all ways to find words. */
export const DELIMITERS = [...ALL.keys()];

/** Splits at everything that is no part of a word, and lower-cases ordinary words; see the Python class for why. */
export class RegexTokenizer {
  unit = "word";
  /** @type {readonly string[]} */
  words = [];

  /**
   * @param {string} [delimiters] "words", "unicode" or "ascii".
   * @throws {RnnkitError} `delimiters` is none of these.
   */
  constructor(delimiters = "words") {
    if (!ALL.has(delimiters)) {
      throw new RnnkitError(
        `Unknown delimiters ${repr(delimiters)}; expected one of: ${DELIMITERS.join(", ")}.` +
          didYouMean(delimiters, DELIMITERS),
      );
    }
    this.delimiters = delimiters;
  }

  /** The delimiter pattern in RE2's dialect, as MediaPipe's metadata wants it. @returns {string} */
  get re2Pattern() {
    return /** @type {[string, RegExp]} */ (ALL.get(this.delimiters))[0];
  }

  /** Split a text into tokens. @param {string} text @returns {string[]} */
  split(text) {
    const kept = /** @type {[string, RegExp]} */ (ALL.get(this.delimiters))[1];
    let given = text.split("\0", 1)[0];
    if (this.delimiters === "words") given = canonical(given);
    const seen = this.delimiters === "words" ? flat(shape(given)) : this.delimiters === "unicode" ? flat(given) : given;
    const signs = seen.length === given.length ? undefined : chars(given);
    return Array.from(seen.matchAll(kept), ({ index, 0: found }) => {
      const end = index + found.length;
      return fold(signs ? signs.slice(index, end).join("") : given.slice(index, end));
    });
  }
}

/** @param {string} token */
function fold(token) {
  const small = lower(token);
  if (token === small) return token;
  return token === capitalised(small) || token === upper(small) ? small : token;
}

/** Upper-case the first character that has an upper case: "'tis" gives "'Tis". @param {string} word */
function capitalised(word) {
  const signs = chars(word);
  const place = signs.findIndex((sign) => upper(sign) !== sign);
  return place < 0 ? word : [...signs.slice(0, place), upper(signs[place]), ...signs.slice(place + 1)].join("");
}
