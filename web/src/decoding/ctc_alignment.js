/** Forced alignment: which frame said which unit, where it is known what was said. */

import { BLANK, checkedFrames, collapse, minFrames } from "./ctc.js";
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
  const least = units.reduce((a, b) => Math.min(a, b), Infinity);
  const most = units.reduce((a, b) => Math.max(a, b), -Infinity);
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
  let path = frames.map((frame) => frame.indexOf(frame.reduce((a, b) => Math.max(a, b), -Infinity)));
  const said = collapse(path); // of all paths the likeliest: where it says the units, no other has to be looked for
  const same = said.length === units.length && said.every((unit, place) => unit === units[place]);
  if (!same || logPOf(frames, path) === -Infinity) path = bestPath(frames, units);
  return { path, spans: spansOf(frames, path), log_p: logPOf(frames, path) };
}

/** @param {Float64Array[]} frames @param {readonly number[]} path */
const logPOf = (frames, path) => path.reduce((sum, unit, frame) => sum + frames[frame][unit], 0);

/**
 * The runs of a path that are no blanks; between two of one unit there is a blank.
 * @param {Float64Array[]} frames
 * @param {readonly number[]} path
 */
function spansOf(frames, path) {
  /** @type {Span[]} */
  const spans = [];
  for (let first = 0, end = 0; first < path.length; first = end) {
    const unit = path[first];
    let sum = 0;
    for (end = first; path[end] === unit; end++) sum += frames[end][unit];
    if (unit !== BLANK) spans.push({ unit, first, last: end - 1, log_p: sum / (end - first) });
  }
  return spans;
}

/**
 * The class at each frame. Frames are gone through in blocks, twice: which place each came from is kept for one block
 * alone, so that memory grows with the root of their number.
 * @param {Float64Array[]} frames
 * @param {readonly number[]} units
 */
function bestPath(frames, units) {
  const places = Array.from({ length: 2 * units.length + 1 }, (_, place) =>
    place % 2 ? units[(place - 1) / 2] : BLANK,
  );
  const skips = places.map((unit, place) => place % 2 === 1 && place > 1 && unit !== places[place - 2]);
  const size = Math.floor(Math.sqrt(frames.length)) + 1;
  /** @type {Float64Array[]} */
  const starts = [];
  /** @type {Float64Array} */
  let score = Float64Array.from(places, (_, place) => (place ? -Infinity : 0)); // before the first frame
  for (let first = 0; first < frames.length; first += size) {
    starts.push(score);
    [score] = walked(frames.slice(first, first + size), places, skips, score);
  }
  let place = places.length - 1;
  if (place && score[place - 1] >= score[place]) place -= 1;
  if (score[place] === -Infinity) {
    throw new RnnkitError("The log-probabilities rule these units out; give those of the utterance that says them.");
  }
  const path = new Array(frames.length).fill(BLANK);
  for (let block = starts.length - 1; block >= 0; block--) {
    const first = block * size;
    const [, fromBefore] = walked(frames.slice(first, first + size), places, skips, starts[block]);
    for (let frame = fromBefore.length - 1; frame >= 0; frame--) {
      path[first + frame] = places[place];
      place -= fromBefore[frame][place];
    }
  }
  return path;
}

/**
 * The scores of all places after some frames, and from how many places before each came.
 * @param {Float64Array[]} frames
 * @param {readonly number[]} places Their classes.
 * @param {readonly boolean[]} skips Whether a place is also reached from the one two before it.
 * @param {Float64Array} start The scores before these frames.
 * @returns {[Float64Array, Uint8Array[]]}
 */
function walked(frames, places, skips, start) {
  let score = start;
  const fromBefore = frames.map((frame) => {
    const before = score;
    const steps = Uint8Array.from(places, (_, place) => {
      let step = 0;
      if (place > 0 && before[place - 1] > before[place]) step = 1;
      if (skips[place] && before[place - 2] > before[place - step]) step = 2;
      return step;
    });
    score = Float64Array.from(places, (unit, place) => before[place - steps[place]] + frame[unit]);
    return steps;
  });
  return [score, fromBefore];
}
