/** Text to the units that a classifier reads: words, characters, bytes or subwords, as strings of its vocabulary. */

import { MARK, canonical, normalised } from "./normalise.js";
import { Pieces } from "./pieces.js";
import { RegexTokenizer } from "./tokenizer.js";
import { SPECIALS } from "./vocabulary.js";
import { RnnkitError, didYouMean } from "../errors.js";
import { cut, repr } from "../python/text.js";
import { chars, encoded, split } from "../python/unicode.js";

/** How the units are called, as an option and in a bundle. */
export const UNITS = Object.freeze(["word", "character", "byte", "subword"]);
/** The strings of the 256 bytes. */
export const BYTES = Object.freeze(
  Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
);
/** How a bundle names the tokeniser of each unit. */
export const TYPES = new Map([
  ["word", "RegexTokenizer"],
  ["character", "Characters"],
  ["byte", "Bytes"],
  ["subword", "Subwords"],
]);

/** @typedef {{unit: string, words: readonly string[], split(text: string): string[]}} Tokenizer */

/** Splits a text into its characters, in one spelling (`canonical`); a run of blanks is one "▁". */
export class CharacterTokenizer {
  unit = "character";
  /** @type {readonly string[]} */
  words = [];

  /** @param {string} text */
  split(text) {
    return chars(blanksMarked(text));
  }
}

/** Splits a text, in one spelling (`canonical`), into the bytes of its UTF-8; a run of blanks is one blank. */
export class ByteTokenizer {
  unit = "byte";
  words = BYTES;

  /** @param {string} text */
  split(text) {
    return Array.from(encoded(blanksMarked(text).replaceAll(MARK, " ")), (byte) => BYTES[byte]);
  }
}

/** Splits a text, in one spelling (`canonical`), into parts of words by byte pair encoding. */
export class SubwordTokenizer {
  unit = "subword";

  /** @param {readonly string[]} pieces The parts, in the order in which they were merged. */
  constructor(pieces) {
    this.pieces = new Pieces("bpe", pieces);
    this.words = pieces;
  }

  /** @param {string} text */
  split(text) {
    return this.pieces.split(canonical(text));
  }
}

/**
 * The tokeniser of a unit.
 * @param {string} unit One of `UNITS`.
 * @param {string} [delimiters] What splits words, for the unit "word".
 * @param {readonly string[]} [words] The vocabulary from its first word on (`SPECIALS` or not), for the unit "subword".
 * @returns {Tokenizer}
 * @throws {RnnkitError} The unit or the delimiters are unknown, or the pieces cannot be used.
 */
export function unitTokenizer(unit, delimiters = "words", words = []) {
  if (!UNITS.includes(unit)) {
    throw new RnnkitError(
      `Unknown unit ${cut(repr(unit), 60)}; expected one of ${UNITS.join(", ")}.${didYouMean(unit, UNITS)}`,
    );
  }
  if (unit === "word") return new RegexTokenizer(delimiters);
  if (unit === "subword") {
    return new SubwordTokenizer(
      SPECIALS.every((word, place) => words[place] === word) ? words.slice(SPECIALS.length) : words,
    );
  }
  return unit === "character" ? new CharacterTokenizer() : new ByteTokenizer();
}

/**
 * The tokeniser that a bundle asks for.
 * @param {ReadonlyMap<string, any>} settings The entry "tokenizer" of `bundle.json`.
 * @param {readonly string[]} words The vocabulary.
 * @param {string} where The bundle, for messages.
 * @returns {Tokenizer}
 * @throws {RnnkitError} It is none that is known here, or splits in another way.
 */
export function bundledTokenizer(settings, words, where) {
  const unit = UNITS.find((each) => TYPES.get(each) === settings.get("type"));
  if (unit === undefined) {
    const kinds = Array.from(TYPES.values(), repr).join(" or ");
    throw new RnnkitError(`${where} wants the tokenizer ${cut(repr(settings.get("type")), 60)}; expected ${kinds}.`);
  }
  const delimiters = settings.get("delimiters");
  const made = unitTokenizer(unit, typeof delimiters === "string" ? delimiters : repr(delimiters), words);
  const pattern = made instanceof RegexTokenizer ? made.re2Pattern : undefined;
  if (pattern !== undefined && settings.has("re2_pattern") && settings.get("re2_pattern") !== pattern) {
    throw new RnnkitError(
      `${where} splits at ${repr(settings.get("re2_pattern"))}, this rnnkit at ${repr(pattern)}. Export it again.`,
    );
  }
  return made;
}

/** @param {string} text */
const blanksMarked = (text) => split(canonical(text).replaceAll(MARK, " ")).join(MARK);

/** The text as subwords are learnt from it. @param {string} text */
export const subwordText = (text) => normalised(canonical(text));
