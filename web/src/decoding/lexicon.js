/** Words in sequences of units: where they begin and end, and a list that a search keeps to. */

import { BLANK } from "./ctc.js";
import { RnnkitError } from "../errors.js";

/** Where words begin and end in a sequence of units. */
export class WordBoundaries {
  /**
   * @param {number} classes How many classes there are, the blank among them.
   * @param {object} [how] Without either, each unit is a word.
   * @param {number | null} [how.separator] The class that stands between words, such as a blank sign.
   * @param {readonly number[] | null} [how.starts] The classes that a word begins with, such as subwords with "▁";
   *   with none a text is one word.
   * @throws {RnnkitError} There is both a separator and starts, or one of them is no unit.
   */
  constructor(classes, { separator = null, starts = null } = {}) {
    if (separator !== null && starts !== null) {
      throw new RnnkitError("Words have both a separator and units that begin them; give one of the two.");
    }
    const given = [...(starts ?? []), ...(separator === null ? [] : [separator])].sort((a, b) => a - b);
    if (given.length && !(BLANK < given[0] && given[given.length - 1] < classes)) {
      throw new RnnkitError(
        `Words begin or end at classes ${given[0]} to ${given[given.length - 1]}; expected 1 to ${classes - 1}.`,
      );
    }
    this.classes = classes;
    this.separator = separator;
    this.starts = starts === null ? null : new Set(starts);
    /** Whether a text is one word. */
    this.single = separator === null && this.starts !== null && this.starts.size === 0;
  }

  /** Whether a class begins a word. @param {boolean} inside Whether in a word. @param {number} unit */
  begins(inside, unit) {
    if (unit === BLANK || unit === this.separator) return false;
    return !inside || (this.separator === null && (this.starts === null || this.starts.has(unit)));
  }

  /** Whether a class ends the word before it. @param {boolean} inside Whether in a word. @param {number} unit */
  ends(inside, unit) {
    return inside && (this.separator === null ? this.begins(true, unit) : unit === this.separator);
  }

  /** The words of a text, without separators. @param {readonly number[]} units @returns {number[][]} */
  words(units) {
    /** @type {number[][]} */
    const words = [];
    let inside = false;
    for (const unit of units) {
      if (this.begins(inside, unit)) words.push([]);
      inside = unit !== this.separator;
      if (inside) words[words.length - 1].push(unit);
    }
    return words;
  }
}

/** A list of words as a table of what may come next: a search that follows it writes no other words. */
export class Lexicon {
  /**
   * @param {Iterable<readonly number[]>} words The units of each word, without separators.
   * @param {WordBoundaries} boundaries Where words begin and end.
   * @throws {RnnkitError} There is no word, one is empty, holds a separator or what is no unit, or does not begin as
   *   words do; or a word goes on with a unit that begins words.
   */
  constructor(words, boundaries) {
    const { classes, separator } = boundaries;
    this.boundaries = boundaries;
    /** The state behind each class that may come, for each state. @type {Map<number, number>[]} */
    this.next = [new Map()];
    /** States in which a text may end. @type {Set<number>} */
    this.whole = new Set();
    for (const word of words) {
      const units = word.length && word.every((unit) => BLANK < unit && unit < classes && unit !== separator);
      const inside = separator === null && !boundaries.single;
      if (!units || boundaries.words(word).length > 1 || !boundaries.begins(inside, word[0])) {
        throw new RnnkitError(
          `The units ${`[${word.join(", ")}]`.slice(0, 60)} are not one word; expected classes of one word.`,
        );
      }
      let state = 0;
      for (const unit of word) {
        const after = this.next[state].get(unit) ?? this.next.push(new Map()) - 1;
        this.next[state].set(unit, after);
        state = after;
      }
      this.whole.add(state);
    }
    if (!this.whole.size) throw new RnnkitError("The list of words is empty; expected one word or more.");
    const between = separator === null ? 0 : this.next.push(this.next[0]) - 1;
    for (const state of this.whole) {
      if (separator !== null) this.next[state].set(separator, between);
      else if (!boundaries.single) for (const [unit, after] of this.next[0]) this.next[state].set(unit, after);
    }
    this.whole.add(0);
    // by class, so that of equal texts the same come first whatever the order of the words
    this.next = this.next.map((after) => new Map([...after].sort(([a], [b]) => a - b)));
  }

  /** The longest beginning of a text, which the list allows, that has whole words alone. @param {number[]} units */
  wholeWords(units) {
    let [state, length] = [0, 0];
    units.forEach((unit, place) => {
      state = /** @type {number} */ (this.next[state].get(unit));
      if (this.whole.has(state)) length = place + 1;
    });
    return units.slice(0, length);
  }

  /** Whether a text has words of the list alone. @param {Iterable<number>} units */
  allows(units) {
    let state = 0;
    for (const unit of units) {
      const after = this.next[state].get(unit);
      if (after === undefined) return false;
      state = after;
    }
    return this.whole.has(state);
  }
}
