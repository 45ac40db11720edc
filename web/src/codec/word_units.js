/** Subwords and words as units of text, and the units of a bundle. */

import { MARK, canonical } from "./normalise.js";
import { SPECIALS as PIECE_SPECIALS, Pieces, UNKNOWN_SIGN } from "./pieces.js";
import { Bytes, Characters, FILE, TextUnits, UnitWriter } from "./text_units.js";
import { RegexTokenizer } from "./tokenizer.js";
import { SPECIALS, UNKNOWN, Vocabulary } from "./vocabulary.js";
import { normalised } from "./word_features.js";
import { splitWords } from "./words.js";
import { RnnkitError, didYouMean } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { cut, float, repr } from "../python/text.js";

const WORDS_FILE = "vocab.txt";
const ADVICE = "Train or copy the Run again.";
/** What splits words, as `RegexTokenizer` names it; of units that do not say, since they were learnt earlier. */
export const [WORDS, EARLIER] = ["words", "unicode"];

/** Pieces of words, line by line; the last id is the line end. Lines are normalised as `Pieces` has it. */
export class Subwords extends TextUnits {
  kind = "subword";

  /** @param {Pieces} pieces */
  constructor(pieces) {
    super();
    this.pieces = pieces;
    this.shift = PIECE_SPECIALS.length - SPECIALS.length; // the END of pieces is not one here
    this.lineEnd = pieces.length - this.shift;
  }

  /** @param {string} text */
  encode(text) {
    /** @type {number[]} */
    const ids = [];
    text.split("\n").forEach((line, number) => {
      if (number) ids.push(this.lineEnd);
      for (const place of this.pieces.encode(line)) ids.push(place > UNKNOWN ? place - this.shift : place);
    });
    return Int32Array.from(ids);
  }

  writer() {
    return new SubwordWriter(this);
  }

  get length() {
    return this.lineEnd + 1;
  }
}

/** Words: as the text classifier reads them ("word"), or with signs apart, as the tagger does ("token"). */
export class Words extends TextUnits {
  kind = "word";

  /**
   * @param {string} unit "word" or "token".
   * @param {Vocabulary} vocabulary The words.
   * @param {string} [delimiters] "words" for texts in one spelling (`canonical`), "unicode" for texts as they are.
   */
  constructor(unit, vocabulary, delimiters = WORDS) {
    super();
    this.unit = unit;
    this.vocabulary = vocabulary;
    this.delimiters = delimiters;
    /** The words of a text. */
    this.split = splitBy(unit, delimiters);
  }

  /** @param {string} text */
  encode(text) {
    return this.vocabulary.encode(this.split(text)).slice(1);
  }

  writer() {
    return new WordWriter(this);
  }

  get length() {
    return this.vocabulary.length;
  }
}

class SubwordWriter extends UnitWriter {
  /** @param {Subwords} units */
  constructor(units) {
    super();
    this.units = units;
    this.begun = false; // whether there is something on the line
  }

  /** @param {number} place */
  write(place) {
    const units = this.units;
    if (units.known(place) === units.lineEnd) {
      this.begun = false;
      return "\n";
    }
    if (place < UNKNOWN) return "";
    const piece = place === UNKNOWN ? UNKNOWN_SIGN : units.pieces.pieces[place + units.shift].replaceAll(MARK, " ");
    const text = this.begun ? piece : piece.replace(/^ +/, "");
    this.begun = this.begun || text !== "";
    return text;
  }
}

class WordWriter extends UnitWriter {
  /** @param {Words} units */
  constructor(units) {
    super();
    this.units = units;
    this.begun = false;
  }

  /** @param {number} place */
  write(place) {
    if (this.units.known(place) < UNKNOWN) return "";
    const blank = this.begun ? " " : "";
    this.begun = true;
    return blank + (place === UNKNOWN ? UNKNOWN_SIGN : this.units.vocabulary.words[place]);
  }
}

/**
 * The function that splits a text into words.
 * @param {string} unit
 * @param {string} [delimiters]
 * @returns {(text: string) => string[]}
 * @throws {RnnkitError} The delimiters are unknown.
 */
export function splitBy(unit, delimiters = WORDS) {
  const splits = new RegexTokenizer(delimiters);
  if (unit === "word") return (text) => splits.split(text);
  return (text) => splitWords(delimiters === WORDS ? canonical(text) : text).map(([token]) => normalised(token));
}

/** How each unit is called as an option. */
export const UNITS = Object.freeze(["word", "token", "character", "byte", "bpe", "unigram"]);

/**
 * Read the units of a bundle.
 * @param {import("../bundle.js").Bundle} folder Its files.
 * @param {string} unit One of `UNITS`.
 * @returns {TextUnits}
 * @throws {RnnkitError} They are not there, or hold something else.
 */
export function loadUnits(folder, unit) {
  const path = folder.path(FILE);
  const isWords = unit === "word" || unit === "token";
  const words = () => Vocabulary.load(folder.bytes(WORDS_FILE, "The vocabulary"), folder.path(WORDS_FILE));
  if (isWords && !folder.has(FILE)) return new Words(unit, words(), EARLIER);
  const content = parseJson(folder.bytes(FILE, "The units", ADVICE), `The units ${path}`, ADVICE);
  const other = new RnnkitError(`${path} does not hold the units of a text. ${ADVICE}`);
  if (!(content instanceof Map) || !content.has("kind")) throw other;
  const kind = content.get("kind");
  if (typeof kind === "string" && kind !== unit) {
    throw new RnnkitError(`${path} holds units of the kind ${cut(repr(kind), 60)}; expected ${repr(unit)}. ${ADVICE}`);
  }
  if (kind !== unit) throw other;
  try {
    if (isWords) {
      if (!content.has("delimiters")) throw other;
      return new Words(unit, words(), String(content.get("delimiters")));
    }
    if (unit === "byte") return new Bytes();
    const units = listed(content.get("units"), other).map((each) => (typeof each === "string" ? each : repr(each)));
    if (unit === "character") return new Characters(units);
    const scores = listed(content.get("scores"), other).map((each) =>
      typeof each === "string" ? float(each) : Number(each),
    );
    if (scores.includes(undefined)) throw other;
    return new Subwords(new Pieces(unit, units, /** @type {number[]} */ (scores)));
  } catch (error) {
    throw error instanceof RnnkitError ? other : error; // in Python too, whose errors here are ValueErrors
  }
}

/** @param {any} value @param {Error} other @returns {any[]} */
function listed(value, other) {
  if (typeof value === "string") return Array.from(value);
  if (!Array.isArray(value)) throw other;
  return value;
}

/** Refuse an unknown unit. @param {string} unit */
export function checkUnit(unit) {
  if (!UNITS.includes(unit)) {
    throw new RnnkitError(`Unknown unit ${repr(unit)}; expected one of ${UNITS.join(", ")}.${didYouMean(unit, UNITS)}`);
  }
}
