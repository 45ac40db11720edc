/** Text to units and back without loss: words, characters, or parts of words (BPE, unigram). */

import { MARK, canonical, isOneWord, normalised } from "./normalise.js";
import { bestPath, mergePairs, wordsAndSigns } from "./piece_splits.js";
import { PAD, START, UNKNOWN, SPECIALS as VOCABULARY_SPECIALS } from "./vocabulary.js";
import { RnnkitError, didYouMean } from "../errors.js";
import { textOf } from "../files/reading.js";
import { cut, float, repr } from "../python/text.js";
import { chars, len, split } from "../python/unicode.js";

export const END = 3;
export const SPECIALS = Object.freeze([...VOCABULARY_SPECIALS, "<END>"]);
export const KINDS = Object.freeze(["bpe", "unigram", "word", "character"]);
export const UNKNOWN_SIGN = "\u2047"; // stands for <UNKNOWN> in decoded text
export const LONGEST = 100; // characters of a piece
const [CACHED_WORDS, CACHED_LENGTH] = [1 << 17, 64];

/**
 * An ordered list of units; a unit's index is its id, and 0 to 3 are `<PAD>`, `<START>`, `<UNKNOWN>`, `<END>`.
 *
 * A blank is written as U+2581 at the front of the next word. So the pieces of a text, put together, are the text. The
 * kinds "bpe" and "unigram" cut words just as SentencePiece does; "word" cuts into words and signs; "character" cuts
 * everywhere. Neighbouring characters of a word that are all unknown make one `<UNKNOWN>`.
 */
export class Pieces {
  /**
   * @param {string} kind "bpe", "unigram", "word" or "character".
   * @param {readonly string[]} pieces Those from id 4 on, all different, at most 100 characters long, without blanks.
   * @param {readonly number[]} [scores] One for each piece, higher is better; as in Python by default.
   * @throws {RnnkitError} The kind is unknown, a piece is twice or cannot be stored, or the scores do not fit.
   */
  constructor(kind, pieces, scores) {
    if (!KINDS.includes(kind)) {
      throw new RnnkitError(
        `Unknown kind of pieces ${repr(kind)}; expected one of: ${KINDS.join(", ")}.` + didYouMean(kind, KINDS),
      );
    }
    if (scores === undefined) {
      if (kind === "unigram") {
        throw new RnnkitError("Pieces of the kind 'unigram' came without scores; give a log-probability for each.");
      }
      scores = pieces.map((_, place) => (kind === "bpe" ? -place : 0.0));
    }
    if (scores.length !== pieces.length || !scores.every(Number.isFinite)) {
      throw new RnnkitError(
        `There are ${scores.length} scores for ${pieces.length} pieces; give a finite one for each.`,
      );
    }
    this.kind = kind;
    /** @type {readonly string[]} */
    this.pieces = [...SPECIALS, ...pieces];
    this.ofPiece = new Map(pieces.map((piece, place) => [piece, place + SPECIALS.length]));
    this.check();
    this.scores = new Map(pieces.map((piece, place) => [piece, /** @type {readonly number[]} */ (scores)[place]]));
    this.longest = pieces.reduce((most, piece) => Math.max(most, len(piece)), pieces.length ? 0 : 1);
    this.lowest = scores.length ? scores.reduce((least, score) => Math.min(least, score), Infinity) : 0.0;
    /** @type {Map<string, [string[], number[]]>} */
    this.cache = new Map();
    /** @type {(text: string) => string} */
    this.spelt = (text) => text;
  }

  /** The same pieces for texts that are spelt in one way first (`canonical`). @returns {Pieces} */
  ofOneSpelling() {
    const made = Object.assign(Object.create(Pieces.prototype), this);
    made.spelt = canonical;
    return made;
  }

  /** The pieces of a text; unknown characters stay as they are. @param {string} text @returns {string[]} */
  split(text) {
    return markedWords(this.spelt(text)).flatMap((word) => this.cut(word)[0]);
  }

  /** Ids of a text, without `<START>` and `<END>`. @param {string} text */
  encode(text) {
    return Int32Array.from(markedWords(this.spelt(text)).flatMap((word) => this.cut(word)[1]));
  }

  /** The id of each piece; `<UNKNOWN>`'s for a string that is none. @param {readonly string[]} strings */
  ids(strings) {
    return strings.map((string) => this.ofPiece.get(string) ?? UNKNOWN);
  }

  /** Pieces to text: `join(split(text))` is `normalised(text)`. @param {readonly string[]} strings */
  join(strings) {
    return split(strings.join("").replaceAll(MARK, " ")).join(" ");
  }

  /**
   * Ids to text, up to the first `<END>`; `<UNKNOWN>` becomes '⁇'.
   * @param {Iterable<number>} ids
   * @throws {RnnkitError} There is no piece of that id.
   */
  decode(ids) {
    const strings = [];
    for (const place of ids) {
      if (place === END) break;
      if (!(place >= 0 && place < this.pieces.length)) {
        throw new RnnkitError(`There is no piece with id ${place}; ids go from 0 to ${this.pieces.length - 1}.`);
      }
      if (place !== PAD && place !== START) strings.push(place === UNKNOWN ? UNKNOWN_SIGN : this.pieces[place]);
    }
    return this.join(strings);
  }

  /**
   * Read a file of pieces.
   * @param {Uint8Array} bytes
   * @param {string} path For messages.
   * @throws {RnnkitError} It holds something else.
   */
  static load(bytes, path) {
    const [kind, pieces, scores] = read(bytes, path);
    if (!SPECIALS.every((piece, place) => pieces[place] === piece)) {
      throw new RnnkitError(
        `${path} has the pieces ${repr(pieces.slice(0, 4))} first; expected ${repr([...SPECIALS])}.`,
      );
    }
    try {
      return new Pieces(kind, pieces.slice(SPECIALS.length), scores.slice(SPECIALS.length));
    } catch (error) {
      throw error instanceof RnnkitError ? new RnnkitError(`${path}: ${error.message}`) : error;
    }
  }

  get length() {
    return this.pieces.length;
  }

  check() {
    this.pieces.slice(SPECIALS.length).forEach((piece, place) => {
      if (this.ofPiece.get(piece) !== place + SPECIALS.length || SPECIALS.includes(piece)) {
        throw new RnnkitError(`The piece ${repr(piece)} is twice; give every piece once, and no special one.`);
      }
      if (!storable(piece)) {
        throw new RnnkitError(
          `${repr(cut(piece, 80))} cannot be a piece; give 1 to ${LONGEST} characters, without blanks and controls.`,
        );
      }
    });
  }

  /** Strings and ids of a word with its U+2581; remembered. @param {string} word @returns {[string[], number[]]} */
  cut(word) {
    let found = this.cache.get(word);
    if (found === undefined) {
      const strings = this.strings(word);
      found = [strings, this.ids(strings)];
      if (word.length <= CACHED_LENGTH) {
        if (this.cache.size >= CACHED_WORDS) this.cache.clear();
        this.cache.set(word, found);
      }
    }
    return found;
  }

  /** @param {string} word @returns {string[]} */
  strings(word) {
    if (this.kind === "word") {
      const [first, ...others] = wordsAndSigns(word.slice(MARK.length));
      return [MARK + first, ...others];
    }
    const parts =
      this.kind === "bpe"
        ? mergePairs(word, this.scores)
        : this.kind === "unigram"
          ? bestPath(word, this.scores, this.longest, this.lowest)
          : chars(word);
    const strings = [];
    let unknown = "";
    for (const part of parts) {
      if (!this.ofPiece.has(part)) {
        unknown += part;
        continue;
      }
      if (unknown) strings.push(unknown);
      unknown = "";
      strings.push(part);
    }
    return unknown ? [...strings, unknown] : strings;
  }
}

/**
 * Whether a string can be a piece: 1 to 100 characters, no blanks, controls or lone surrogates.
 * @param {string} piece
 */
export const storable = (piece) => len(piece) <= LONGEST && isOneWord(piece.replaceAll(MARK, "x"));

/** @param {string} text */
const markedWords = (text) =>
  normalised(text)
    .split(" ")
    .filter((word) => word)
    .map((word) => MARK + word);

/** @param {Uint8Array} bytes @param {string} path @returns {[string, string[], number[]]} */
function read(bytes, path) {
  const [header, ...lines] = textOf(bytes, path, "The list of pieces").split("\n");
  const [name, ...rest] = header.replace(/\r$/, "").split("\t");
  if (name !== "kind") {
    throw new RnnkitError(
      `${path} begins with ${repr(cut(header, 80))}; expected 'kind', a tab and one of: ${KINDS.join(", ")}.`,
    );
  }
  if (lines.length && !lines[lines.length - 1]) lines.pop();
  /** @type {string[]} */
  const pieces = [];
  /** @type {number[]} */
  const scores = [];
  lines.forEach((line, place) => {
    const text = line.replace(/\r$/, "");
    const at = text.lastIndexOf("\t");
    const score = float(text.slice(at + 1));
    if (at < 1 || score === undefined) {
      throw new RnnkitError(
        `${path} line ${place + 2} is ${repr(cut(line, 80))}; expected a piece, a tab and its score.`,
      );
    }
    pieces.push(text.slice(0, at));
    scores.push(score);
  });
  return [rest.join("\t"), pieces, scores];
}
