/** Connectionist temporal classification: from a frame's probabilities to units, by the best path. */

import { RnnkitError } from "../errors.js";
import { Tensor } from "../tensor.js";

/** The class that says nothing. */
export const BLANK = 0;
/** Log-probabilities below it mean "never": the layer `CTC` writes finite ones at hidden frames. */
export const LEAST = -1e29;

/**
 * Units that were heard.
 * @typedef {object} Hypothesis
 * @property {number[]} units Classes without blanks.
 * @property {number} score What hypotheses are ranked by: log_p, and what the number of words adds.
 * @property {number} log_p Log-probability of the units given the frames (of the best path: of that path).
 * @property {number[] | null} frames The frame at which each unit begins; null where that was not asked for.
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
    /** @type {number[]} */
    this.units = [];
    /** @type {number[]} */
    this.frames = [];
    this.last = BLANK;
    this.time = 0;
    this.logP = 0;
  }

  /** Begin another utterance. */
  reset() {
    this.units = [];
    this.frames = [];
    this.last = BLANK;
    this.time = 0;
    this.logP = 0;
  }

  /** Read further frames. @param {Tensor} logProbs `[frames, classes]`. @throws {RnnkitError} As `checkedFrames`. */
  feed(logProbs) {
    for (const frame of checkedFrames(logProbs)) {
      let unit = 0;
      frame.forEach((each, place) => {
        if (each > frame[unit]) unit = place;
      });
      if (unit !== BLANK && unit !== this.last) {
        this.units.push(unit);
        this.frames.push(this.time);
      }
      this.logP += frame[unit];
      this.last = unit;
      this.time += 1;
    }
  }

  /** What was heard so far. @returns {Hypothesis} */
  partial() {
    return this.finish()[0];
  }

  /** What was heard, a list of one; further frames may still be read. @returns {Hypothesis[]} */
  finish() {
    return [{ units: [...this.units], score: this.logP, log_p: this.logP, frames: [...this.frames] }];
  }
}
