/** The units that speech is written in: characters, parts of words or words, each a class behind CTC's blank. */

import { MARK } from "./normalise.js";
import { END, Pieces } from "./pieces.js";
import { UNKNOWN } from "./vocabulary.js";
import { RnnkitError } from "../errors.js";
import { cut, repr, thousands } from "../python/text.js";
import { chars, split } from "../python/unicode.js";

export const KINDS = ["character", "subword", "word"];
const BLANK_SIGN = " ";
const MOST_UNITS = 100_000;

/**
 * A word and the places of its units: `first` to `end`, which is not among them.
 * @typedef {{text: string, first: number, end: number}} WordSpan
 */

/** Units by class: class 0 is the blank of CTC, and class 1 is the first unit. */
export class TranscriptUnits {
  /**
   * @param {string} kind "character", where a blank sign stands between words; "subword", where a word's first unit
   *   begins with U+2581; or "word".
   * @param {readonly string[]} units All different.
   * @throws {RnnkitError} The kind is unknown, there is no unit, or one is empty, twice, or not of this kind.
   */
  constructor(kind, units) {
    if (!KINDS.includes(kind)) {
      throw new RnnkitError(`The units are of kind ${cut(repr(kind), 40)}; expected one of ${KINDS.join(", ")}.`);
    }
    const fits = units.length >= 1 && units.length <= MOST_UNITS && new Set(units).size === units.length;
    if (!fits || units.some((unit) => !unit)) {
      throw new RnnkitError(
        `There are ${thousands(units.length)} units; expected 1 to ${thousands(MOST_UNITS)} different ones, none ` +
          "empty.",
      );
    }
    const long = kind === "character" ? units.find((unit) => chars(unit).length > 1) : undefined;
    if (long !== undefined) throw new RnnkitError(`The unit ${cut(repr(long), 40)} is no character.`);
    this.kind = kind;
    this.units = [...units];
    this.ofUnit = new Map(units.map((unit, place) => [unit, place + 1]));
    this.pieces = kind === "subword" ? new Pieces("bpe", units) : null;
  }

  /** How many classes there are, the blank among them. */
  get classes() {
    return this.units.length + 1;
  }

  /** The class of each part of a text, 0 for what no unit stands for. @param {string} text @returns {number[]} */
  places(text) {
    if (this.pieces !== null) {
      return Array.from(this.pieces.encode(text), (place) => (place === UNKNOWN ? 0 : place - END));
    }
    const words = split(text);
    const parts = this.kind === "word" ? words : chars(words.join(BLANK_SIGN));
    return parts.map((part) => this.ofUnit.get(part) ?? 0);
  }

  /** The text that classes say. @param {readonly number[]} classes */
  decode(classes) {
    return this.words(classes)
      .map(({ text }) => text)
      .join(" ");
  }

  /**
   * The words that classes say, and which of them each is of.
   * @param {readonly number[]} classes
   * @returns {WordSpan[]}
   */
  words(classes) {
    /** @type {WordSpan[]} */
    const found = [];
    let [first, letters] = [0, ""];
    classes.forEach((one, place) => {
      const [ends, more] = this.part(one);
      if (ends) {
        if (letters) found.push({ text: letters, first, end: place });
        [first, letters] = [place + Number(this.kind === "character"), ""];
      }
      letters += more;
    });
    return letters ? [...found, { text: letters, first, end: classes.length }] : found;
  }

  /** Whether a class ends the word before it, and its letters. @param {number} one @returns {[boolean, string]} */
  part(one) {
    const unit = this.units[one - 1];
    if (this.kind === "subword") return [unit.startsWith(MARK), unit.replaceAll(MARK, "")];
    const blank = unit === BLANK_SIGN;
    return [blank || this.kind === "word", blank ? "" : unit];
  }

  /** Where words begin and end, as `WordBoundaries` takes it. @returns {{separator?: number, starts?: number[]}} */
  boundaries() {
    if (this.kind === "word") return {};
    if (this.kind === "subword") {
      return { starts: this.units.flatMap((unit, place) => (unit.startsWith(MARK) ? [place + 1] : [])) };
    }
    const separator = this.ofUnit.get(BLANK_SIGN);
    return separator === undefined ? { starts: [] } : { separator };
  }

  /** The classes of each word, without those that these units do not spell. @param {readonly string[]} words */
  spelled(words) {
    return words
      .filter((word) => split(word).length)
      .map((word) => this.places(word))
      .filter((places) => !places.includes(0));
  }
}

/**
 * Units from the parsed content of a file, which may come from anyone.
 * @param {any} content
 * @param {string} where What messages call the file.
 * @throws {RnnkitError} It is something else.
 */
export function unitsOf(content, where) {
  const units = content instanceof Map ? content.get("units") : null;
  if (!(content instanceof Map) || content.size !== 2 || !content.has("kind") || !Array.isArray(units)) {
    throw new RnnkitError(`${where} should have the kind and the units of transcripts. It is broken; copy it again.`);
  }
  if (!units.every((unit) => typeof unit === "string")) {
    throw new RnnkitError(`${where}: a unit is no text. It is broken; copy it again.`);
  }
  try {
    return new TranscriptUnits(content.get("kind"), units);
  } catch (error) {
    if (error instanceof RnnkitError) throw new RnnkitError(`${where}: ${error.message}`);
    throw error;
  }
}
