/** Connectionist temporal classification: from a frame's probabilities to units, by the best path. */

import { RnnkitError } from "../errors.js";
import { Tensor } from "../tensor.js";

/** The class that says nothing. */
export const BLANK = 0;
/** Log-probabilities below it mean "never": the layer `CTC` writes finite ones at hidden frames. */
export const LEAST = -1e29;
/** The refusal of a frame at which nothing can be. */
export const RULED_OUT = "A frame's log-probabilities rule every text out; expected one that is possible.";

/**
 * Units that were heard.
 * @typedef {object} Hypothesis
 * @property {number[]} units Classes without blanks.
 * @property {number} score What hypotheses are ranked by: log_p, and what the number of words adds.
 * @property {number} log_p Log-probability of the units given the frames (of the best path: of that path).
 * @property {number[] | null} frames The frame at which each unit begins; null where that was not asked for.
 */

/**
 * The frames of one unit: the first, the last, and the mean log-probability of the unit at them.
 * @typedef {{unit: number, first: number, last: number, log_p: number}} Span
 */

/**
 * The fewest frames that can say these labels: one for each, and a blank between any two that are equal.
 * @param {ArrayLike<number>} labels
 */
export function minFrames(labels) {
  let repeats = 0;
  for (let place = 1; place < labels.length; place++) repeats += Number(labels[place] === labels[place - 1]);
  return labels.length + repeats;
}

/** The units that a path says: repeats merged, then blanks dropped. @param {ArrayLike<number>} path */
export const collapse = (path) =>
  Array.from(path).filter((unit, place, all) => unit !== BLANK && unit !== all[place - 1]);

/**
 * Log-probabilities of frames as an array of float64 rows, with minus infinity for what never is.
 * @param {Tensor} logProbs `[frames, classes]`, as a network gives for one utterance.
 * @param {number | null} [classes] How many there have to be, where that is known.
 * @returns {Float64Array[]}
 * @throws {RnnkitError} They have another shape, or hold a NaN or an infinity above.
 */
export function checkedFrames(logProbs, classes = null) {
  const { data, shape } = logProbs;
  if (shape.length !== 2 || shape[1] < 1 || (classes !== null && shape[1] !== classes)) {
    const wanted = classes === null ? "classes" : `${classes} classes`;
    throw new RnnkitError(`The log-probabilities are [${shape.join(", ")}]; expected [frames, ${wanted}].`);
  }
  for (const each of data) {
    if (!(each < Infinity)) {
      throw new RnnkitError("The log-probabilities hold a NaN or an infinity; expected numbers, or minus infinity.");
    }
  }
  return Array.from({ length: shape[0] }, (_, frame) =>
    Float64Array.from(data.subarray(frame * shape[1], (frame + 1) * shape[1]), (each) =>
      each < LEAST ? -Infinity : each,
    ),
  );
}

/** The best path: the likeliest class of each frame. Frames may come in chunks; the answer is that of the whole. */
export class GreedySearch {
  constructor() {
    /** The frames of each unit; the last may go on. @type {Span[]} */
    this.spans = [];
    this.last = BLANK;
    this.time = 0;
    this.logP = 0;
    this.blanks = 0;
    this.sum = 0; // of the last span's log-probabilities
    this.told = 0;
    /** @type {number | null} */
    this.classes = null;
  }

  /** Begin another utterance. */
  reset() {
    this.spans = [];
    this.last = BLANK;
    this.time = 0;
    this.logP = 0;
    this.blanks = 0;
    this.sum = 0;
    this.told = 0;
    this.classes = null;
  }

  /**
   * Read further frames.
   * @param {Tensor} logProbs `[frames, classes]`.
   * @throws {RnnkitError} As `checkedFrames`, or a frame rules every class out.
   */
  feed(logProbs) {
    const frames = checkedFrames(logProbs, this.classes);
    this.classes = logProbs.shape[1];
    for (const frame of frames) {
      let unit = 0;
      frame.forEach((each, place) => {
        if (each > frame[unit]) unit = place;
      });
      const logP = frame[unit];
      if (logP === -Infinity) throw new RnnkitError(RULED_OUT);
      if (unit !== BLANK && unit !== this.last) {
        this.spans.push({ unit, first: this.time, last: this.time, log_p: logP });
        this.sum = logP;
      } else if (unit !== BLANK) {
        const span = this.spans[this.spans.length - 1];
        this.sum += logP;
        span.last = this.time;
        span.log_p = this.sum / (this.time - span.first + 1);
      }
      this.logP += logP;
      this.blanks += Math.max(frame[BLANK], -1e9);
      this.last = unit;
      this.time += 1;
    }
  }

  /** The mean log-probability of the blank. */
  get silence() {
    return this.time ? this.blanks / this.time : 0;
  }

  /**
   * The units of `partial` by what is new: how many of those at the call before are still there, which is all, and the
   * units that come behind them now.
   * @returns {[number, number[]]}
   */
  changes() {
    const stay = this.told;
    this.told = this.spans.length;
    return [stay, this.spans.slice(stay).map(({ unit }) => unit)];
  }

  /** What was heard so far. @returns {Hypothesis} */
  partial() {
    return this.finish()[0];
  }

  /** What was heard, a list of one; further frames may still be read. @returns {Hypothesis[]} */
  finish() {
    const [units, frames] = [this.spans.map(({ unit }) => unit), this.spans.map(({ first }) => first)];
    return [{ units, score: this.logP, log_p: this.logP, frames }];
  }
}
