/** Word features for a tagger: form, capitalisation and characters. */

import { canonical } from "./normalise.js";
import { PAD, UNKNOWN } from "./vocabulary.js";
import { chars, isascii, islower, isupper, known, lower } from "../python/unicode.js";

/** How a word may be written, after Collobert et al. 2011, section 5.2 and later taggers; 0 is padding. */
export const CASINGS = Object.freeze([
  "padding",
  "other",
  "numeric",
  "mainly numeric",
  "lower",
  "upper",
  "capitalised",
  "has a digit",
]);
const DIGIT = /\p{Nd}/u;

/** The word as the vocabulary has it: in lower case, each digit a 0. @param {string} word */
export const normalised = (word) =>
  chars(lower(word))
    .map((sign) => (DIGIT.test(known(sign)) ? "0" : sign))
    .join("");

/** A word's capitalisation, an index into `CASINGS`. @param {string} word */
export function casing(word) {
  const signs = chars(word);
  const digits = signs.filter((sign) => DIGIT.test(known(sign))).length;
  if (digits && digits === signs.length) return CASINGS.indexOf("numeric");
  if (digits * 2 >= signs.length && digits > 1) return CASINGS.indexOf("mainly numeric");
  if (islower(word)) return CASINGS.indexOf(!digits ? "lower" : "has a digit");
  if (digits) return CASINGS.indexOf("has a digit");
  if (isupper(word)) return CASINGS.indexOf("upper");
  return CASINGS.indexOf(isupper(signs[0] ?? "") ? "capitalised" : "other");
}

/** Words to numbers. Words in another spelling (`canonical`) are known too. */
export class WordFeatures {
  /**
   * @param {import("./vocabulary.js").Vocabulary} vocabulary Of normalised words.
   * @param {import("./vocabulary.js").Vocabulary} characters Of characters as they are written.
   * @param {number} wordLength Characters read of a word, at most; of a longer one the first and the last, half each.
   */
  constructor(vocabulary, characters, wordLength) {
    this.vocabulary = vocabulary;
    this.characters = characters;
    this.wordLength = wordLength;
  }

  /**
   * Word ids `[tokens]`, casings `[tokens]` and character ids `[tokens, wordLength]`.
   * @param {readonly string[]} tokens
   * @returns {[Int32Array, Int32Array, Int32Array]}
   */
  encode(tokens) {
    const words = this.vocabulary.encode(tokens.map((token) => this.known(token))).slice(1);
    const casings = Int32Array.from(tokens, (token) => casing(canonical(token)));
    const letters = new Int32Array(tokens.length * this.wordLength).fill(PAD);
    tokens.forEach((token, row) => letters.set(this.letters(token), row * this.wordLength));
    return [words, casings, letters];
  }

  /**
   * The word as the vocabulary has it: as it is written, as Runs of earlier learnt it, or in one spelling.
   * @param {string} token
   */
  known(token) {
    const word = normalised(token);
    return isascii(token) || this.vocabulary.has(word) ? word : normalised(canonical(token));
  }

  /**
   * The characters in one spelling; as they are written where only Runs of earlier, which learnt them so, know them.
   * @param {string} token
   */
  letters(token) {
    const spelt = isascii(token) ? token : canonical(token);
    const ids = this.numbers(spelt);
    if (spelt === token || !(ids.includes(UNKNOWN) || chars(token).some((letter) => this.isSilent(letter)))) return ids;
    const written = this.numbers(token);
    return written.includes(UNKNOWN) ? ids : written;
  }

  /** @param {string} token */
  numbers(token) {
    return this.characters.encode(chars(shortened(token, this.wordLength))).slice(1);
  }

  /** Whether a character is known that no text in one spelling has. @param {string} letter */
  isSilent(letter) {
    return this.characters.has(letter) && canonical(letter) !== letter;
  }
}

/**
 * The word, or of one longer than `most` characters its beginning and its end.
 * @param {string} word
 * @param {number} most
 */
export function shortened(word, most) {
  const signs = chars(word);
  const half = Math.floor(most / 2);
  return signs.length <= most ? word : [...signs.slice(0, most - half), ...signs.slice(signs.length - half)].join("");
}

/**
 * A sentence in stretches of at most `most` tokens.
 * @template T
 * @param {readonly T[]} tokens
 * @param {number} most
 * @returns {T[][]}
 */
export const pieces = (tokens, most) =>
  Array.from({ length: Math.ceil(tokens.length / most) }, (_, number) =>
    tokens.slice(number * most, (number + 1) * most),
  );

/**
 * The IOB2 tags of a sentence read in `pieces`: what ends one piece and begins the next with the same type is one.
 * @param {readonly string[]} tags
 * @param {number} most
 */
export function joined(tags, most) {
  const made = [...tags];
  for (let place = most; place < made.length; place += most) {
    if (made[place].startsWith("B-") && made[place - 1].slice(2) === made[place].slice(2))
      made[place] = `I-${made[place].slice(2)}`;
  }
  return made;
}
