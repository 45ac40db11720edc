/** From frames of a whole sound to what a network reads of them: deltas, then each feature normalised. */

import { LEAST_VARIANCE } from "./spectrogram_settings.js";
import { Tensor } from "../tensor.js";

/** @typedef {import("./frame_settings.js").FrameSettings} FrameSettings */

/**
 * Frames with deltas, normalised, float32 `[frames, features]`.
 * @param {Float64Array[]} still The frames of a whole sound without deltas.
 * @param {FrameSettings} settings Those of the front end.
 * @throws {RnnkitError} They are to be normalised by scales that are not learnt yet.
 */
export function finished(still, settings) {
  const frames = beside(still, settings);
  if (settings.normalise !== "utterance") return normalised(frames, settings, ...settings.scales())[0];
  const mean = new Float64Array(settings.features);
  const variance = new Float64Array(settings.features);
  for (const frame of frames) frame.forEach((value, at) => (mean[at] += value / frames.length));
  for (const frame of frames) frame.forEach((value, at) => (variance[at] += (value - mean[at]) ** 2 / frames.length));
  return scaled(
    frames,
    mean,
    variance.map((each) => Math.max(each, LEAST_VARIANCE)),
  );
}

/**
 * Frames with deltas beside them; beyond both ends the first and the last repeat.
 * @param {Float64Array[]} still
 * @param {FrameSettings} settings
 */
export function beside(still, settings) {
  const ends = (/** @type {Float64Array} */ frame) => new Array(settings.context).fill(frame);
  return withSlopes([...ends(still[0]), ...still, ...ends(still[still.length - 1])], settings);
}

/**
 * Frames with deltas, of those that have all their neighbours.
 * @param {Float64Array[]} around
 * @param {FrameSettings} settings
 */
export function withSlopes(around, settings) {
  const count = Math.max(0, around.length - 2 * settings.context);
  const size = settings.features / settings.slopes.length;
  return Array.from({ length: count }, (_, at) => {
    const made = new Float64Array(settings.features);
    settings.slopes.forEach((weights, order) =>
      weights.forEach((weight, place) => {
        if (weight) around[at + place].forEach((value, feature) => (made[order * size + feature] += weight * value));
      }),
    );
    return made;
  });
}

/**
 * The frames normalised by mean and variance, and these behind the last frame.
 * @param {Float64Array[]} frames
 * @param {FrameSettings} settings
 * @param {Float64Array} mean
 * @param {Float64Array} variance
 * @returns {[Tensor, Float64Array, Float64Array]}
 */
export function normalised(frames, settings, mean, variance) {
  if (settings.normalise !== "running") return [scaled(frames, mean, variance), mean, variance];
  const [size, share] = [settings.features, 1 / settings.memory];
  const made = new Float32Array(frames.length * size);
  [mean, variance] = [mean.slice(), variance.slice()];
  frames.forEach((frame, place) =>
    frame.forEach((value, at) => {
      const off = value - mean[at];
      mean[at] += share * off;
      variance[at] = (1 - share) * (variance[at] + share * off * off);
      made[place * size + at] = (value - mean[at]) / Math.sqrt(Math.max(variance[at], LEAST_VARIANCE));
    }),
  );
  return [new Tensor(made, [frames.length, size]), mean, variance];
}

/** @param {Float64Array[]} frames @param {Float64Array} mean @param {Float64Array} variance */
function scaled(frames, mean, variance) {
  const made = new Float32Array(frames.length * mean.length);
  frames.forEach((frame, place) =>
    frame.forEach((value, at) => {
      made[place * mean.length + at] = (value - mean[at]) / Math.sqrt(variance[at]);
    }),
  );
  return new Tensor(made, [frames.length, mean.length]);
}
