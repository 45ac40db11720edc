/** Forced alignment: which frame said which unit, where it is known what was said. */

import { BLANK, checkedFrames, minFrames } from "./ctc.js";
import { RnnkitError } from "../errors.js";
import { Tensor } from "../tensor.js";

/**
 * The frames of one unit.
 * @typedef {object} Span
 * @property {number} unit Its class.
 * @property {number} first Its first frame.
 * @property {number} last Its last frame, which is the first where there is but one.
 * @property {number} log_p The mean log-probability of the unit at its frames.
 */
/**
 * The likeliest path that says given units.
 * @typedef {object} Alignment
 * @property {number[]} path The class at each frame.
 * @property {Span[]} spans A span for each unit, in order.
 * @property {number} log_p The path's log-probability.
 */

/**
 * The likeliest path that says the units, by Viterbi's algorithm over the lattice of CTC.
 * @param {Tensor} logProbs `[frames, classes]` of one utterance.
 * @param {readonly number[]} units Classes, none of them `BLANK`.
 * @returns {Alignment}
 * @throws {RnnkitError} The log-probabilities are none, a unit is no class, or the frames are too few or rule the units
 *   out.
 */
export function align(logProbs, units) {
  const frames = checkedFrames(logProbs);
  const classes = logProbs.shape[1];
  const [least, most] = [Math.min(...units), Math.max(...units)];
  if (units.length && !(BLANK < least && most < classes)) {
    throw new RnnkitError(
      `The units go from ${least} to ${most}; expected 1 to ${classes - 1}, and ${BLANK} is the blank.`,
    );
  }
  if (frames.length < minFrames(units)) {
    throw new RnnkitError(
      `${units.length} units need ${minFrames(units)} frames, and there are ${frames.length}. Give the whole ` +
        "utterance, or a shorter text.",
    );
  }
  const places = Array.from({ length: 2 * units.length + 1 }, (_, place) =>
    place % 2 ? units[(place - 1) / 2] : BLANK,
  );
  const skips = places.map((unit, place) => place % 2 === 1 && place > 1 && unit !== places[place - 2]);
  let score = places.map((_, place) => (place ? -Infinity : 0));
  const fromBefore = frames.map((frame) => {
    const before = score;
    const steps = places.map((_, place) => {
      let step = 0;
      if (place > 0 && before[place - 1] > before[place]) step = 1;
      if (skips[place] && before[place - 2] > before[place - step]) step = 2;
      return step;
    });
    score = places.map((unit, place) => before[place - steps[place]] + frame[unit]);
    return steps;
  });
  return traced(frames, places, fromBefore, score);
}

/** @param {Float64Array[]} frames @param {number[]} places @param {number[][]} fromBefore @param {number[]} score */
function traced(frames, places, fromBefore, score) {
  let place = places.length - 1;
  if (place && score[place - 1] >= score[place]) place -= 1;
  const logP = score[place];
  if (logP === -Infinity) {
    throw new RnnkitError("The log-probabilities rule these units out; give those of the utterance that says them.");
  }
  const path = new Array(frames.length).fill(BLANK);
  /** @type {Span[]} */
  const spans = [];
  let last = frames.length - 1;
  for (let frame = last; frame >= 0; frame--) {
    const unit = (path[frame] = places[place]);
    const step = fromBefore[frame][place];
    if (place % 2 && step) {
      const sum = frames.slice(frame, last + 1).reduce((total, row) => total + row[unit], 0);
      spans.push({ unit, first: frame, last, log_p: sum / (last + 1 - frame) });
    }
    if (step) last = frame - 1;
    place -= step;
  }
  return { path, spans: spans.reverse(), log_p: logP };
}
