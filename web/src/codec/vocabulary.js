/** Words to ids and back, in the file format MediaPipe reads. */

import { RnnkitError } from "../errors.js";
import { textOf } from "../files/reading.js";
import { cut, repr } from "../python/text.js";
import { split } from "../python/unicode.js";

export const PAD = 0;
export const START = 1;
export const UNKNOWN = 2;
export const SPECIALS = Object.freeze(["<PAD>", "<START>", "<UNKNOWN>"]);

/**
 * An ordered list of words; a word's place is its id. Ids 0, 1 and 2 are always `<PAD>`, `<START>` and `<UNKNOWN>`.
 */
export class Vocabulary {
  /**
   * @param {Iterable<string>} words The words from id 3 on, all different, with no blank space in them.
   * @throws {RnnkitError} A word is given twice or cannot be stored.
   */
  constructor(words) {
    const given = [...words];
    /** @type {readonly string[]} */
    this.words = [...SPECIALS, ...given];
    this.ids = new Map(this.words.map((word, index) => [word, index]));
    if (this.ids.size !== this.words.length) {
      const word = this.words.find((each, index) => this.ids.get(each) !== index);
      throw new RnnkitError(`The word ${repr(word)} is twice in the vocabulary; give every word once.`);
    }
    const odd = given.find((word) => !storable(word));
    if (odd !== undefined) {
      throw new RnnkitError(`The word ${repr(odd)} cannot be in a vocabulary; give words with no blank space in them.`);
    }
  }

  /**
   * Ids of `<START>` and the tokens, cut (never padded) to `maxLength`: MediaPipe's contract.
   * @param {readonly string[]} tokens The tokens of one text.
   * @param {number} [maxLength] Largest number of ids, `<START>` included.
   */
  encode(tokens, maxLength = Infinity) {
    const taken = tokens.slice(0, Math.max(maxLength - 1, 0));
    return Int32Array.from([START, ...taken.map((token) => this.id(token))].slice(0, maxLength));
  }

  /**
   * The id of a word. The special ones are in no text: "<PAD>", where someone writes it, is unknown.
   * @param {string} token
   */
  id(token) {
    const number = this.ids.get(token) ?? UNKNOWN;
    return number > UNKNOWN ? number : UNKNOWN;
  }

  /**
   * Read a vocabulary's file.
   * @param {Uint8Array} bytes
   * @param {string} path For messages.
   * @throws {RnnkitError} A line is not `word id` with the ids counting up from 0, or the special words are not the
   *   first.
   */
  static load(bytes, path) {
    const words = readWords(bytes, path);
    if (!SPECIALS.every((word, place) => words[place] === word)) {
      throw new RnnkitError(
        `${path} starts with ${repr(words.slice(0, 3))}; expected the words ${repr([...SPECIALS])} with ids 0, 1, 2.`,
      );
    }
    try {
      return new Vocabulary(words.slice(SPECIALS.length));
    } catch (error) {
      throw error instanceof RnnkitError ? new RnnkitError(`${path}: ${error.message}`) : error;
    }
  }

  get length() {
    return this.words.length;
  }

  /** @param {string} word */
  has(word) {
    return this.ids.has(word);
  }
}

/** @param {Uint8Array} bytes @param {string} path */
function readWords(bytes, path) {
  const lines = textOf(bytes, path, "The vocabulary").split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines.map((line, index) => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    const at = text.lastIndexOf(" ");
    if (at < 1 || text.slice(at + 1) !== String(index)) {
      throw new RnnkitError(
        `${path} line ${index + 1} is ${repr(cut(line, 80))}; expected a word, one space and the id ${index}.`,
      );
    }
    return text.slice(0, at);
  });
}

/** Whether a word survives the file: not empty, no blank space, no lone surrogate, no NUL. @param {string} word */
function storable(word) {
  if (/^[!-~]+$/.test(word)) return true;
  return (
    word !== "" &&
    !/[\ud800-\udfff]/u.test(word) &&
    split(word).length === 1 &&
    split(word)[0] === word &&
    !word.includes("\0")
  );
}
