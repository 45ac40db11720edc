/** Channels of numbers over time: from raw values to a network's features, the same as in training. */

import { entry, isMapping, names as namesOf, stepsOf, valuesOf } from "./sequences.js";
import { RnnkitError } from "../errors.js";
import { cut, general, repr } from "../python/text.js";
import { slice } from "../python/unicode.js";
import { Tensor } from "../tensor.js";

/** Steps of a sequence at most. */
export const MOST_STEPS = 1_000_000;

/**
 * What is known of the channels of some sequences: their order, their scales, and what of them can be missing.
 *
 * The features of a step are the scaled values, a missing one as last seen (0, the mean, before that); where training
 * data had missing values also whether each channel is seen, and how long ago it was; where steps come at irregular
 * times also the logarithm of the time since the step before.
 */
export class Channels {
  /**
   * @param {readonly string[]} names The channels, in order.
   * @param {readonly number[]} mean The mean of each in the training data.
   * @param {readonly number[]} std The standard deviation of each; 1 for a constant one.
   * @param {boolean} [missing] Whether training data had missing values.
   * @param {number} [interval] The usual time between two steps, where that is irregular; 0: there is no time.
   * @param {number} [longest] Steps of the longest sequence that was known.
   * @param {number} [regular] The usual time between two steps, where that is regular; 0: not known.
   */
  constructor(names, mean, std, missing = false, interval = 0.0, longest = 1, regular = 0.0) {
    this.names = names;
    this.mean = mean;
    this.std = std;
    this.missing = missing;
    this.interval = interval;
    this.longest = longest;
    this.regular = regular;
  }

  /** The number of features of a step. */
  get features() {
    return this.names.length * (this.missing ? 3 : 1) + Number(this.interval !== 0);
  }

  /**
   * The features of a whole sequence, float32 `[time, features]`.
   * @param {Tensor} values float32 `[time, channels]`, NaN where missing.
   * @param {ArrayLike<number> | null} [elapsed] The time since the step before, `[time]`; needed where there is an
   *   `interval`.
   * @param {string} [place] What messages call the sequence.
   * @throws {RnnkitError} There are other channels or missing values than in training, or there is no time.
   */
  encode(values, elapsed = null, place = "The sequence") {
    this.require(values, elapsed, place);
    const [steps, width] = [values.shape[0], this.features];
    const made = new Float32Array(steps * width);
    let seen = this.start();
    for (let step = 0; step < steps; step++) {
      let features;
      [features, seen] = this.next(values.row(step).data, seen, elapsed === null ? null : elapsed[step], place, step);
      made.set(features, step * width);
    }
    return new Tensor(made, [steps, width]);
  }

  /** What was seen before the first step of a stream. @returns {Seen} */
  start() {
    const count = this.names.length;
    return { values: new Float32Array(count).fill(NaN), at: new Float64Array(count), time: 0.0 };
  }

  /**
   * The features of one step, float32 `[features]`, and what has been seen then; equal to `encode` of the whole.
   * @param {Float32Array} row float32 `[channels]`.
   * @param {Seen} seen What `start` or the step before gave.
   * @param {number | null} [elapsed] The time since the step before.
   * @returns {[Float32Array, Seen]}
   * @throws {RnnkitError} As `encode`.
   */
  step(row, seen, elapsed = null) {
    this.require(new Tensor(row, [1, row.length]), elapsed === null ? null : [elapsed], "The step");
    return this.next(row, seen, elapsed, "The step", 0);
  }

  /**
   * @param {ArrayLike<number>} row @param {Seen} seen @param {number | null} elapsed @param {string} place @param
   *   {number} step
   * @returns {[Float32Array, Seen]}
   */
  next(row, seen, elapsed, place, step) {
    const count = this.names.length;
    const here = Array.from(row, (value) => !Number.isNaN(value));
    const gap = !this.interval || elapsed === null ? 1 : elapsed / this.interval;
    const time = seen.time + gap;
    const after = {
      values: seen.values.map((value, channel) => (here[channel] ? row[channel] : value)),
      at: seen.at.map((value, channel) => (here[channel] ? time : value)),
      time,
    };
    const made = new Float32Array(this.features);
    after.values.forEach((value, channel) => {
      const scaled = Math.fround((value - this.mean[channel]) / this.std[channel]);
      if (Math.abs(scaled) === Infinity) {
        const name = slice(repr(this.names[channel]), 0, 60);
        throw new RnnkitError(
          `${place}: step ${step + 1} has ${general(value)} as ${name}, which is too far from what was trained on ` +
            `(mean ${general(this.mean[channel])}, spread ${general(this.std[channel])}).`,
        );
      }
      made[channel] = Number.isNaN(scaled) ? 0 : scaled;
      if (this.missing) {
        made[count + channel] = Number(here[channel]);
        made[2 * count + channel] = Math.log1p(time - after.at[channel]);
      }
    });
    if (this.interval) made[made.length - 1] = Math.log1p(gap);
    return [made, after];
  }

  /**
   * What a user gives as a sequence, as float32 `[time, channels]` with NaN where a value is missing.
   * @param {any} given An array or nested lists, `[time, channels]`, or `[time]` of one channel; or text, as for
   *   `stepsOf`.
   * @param {string} place What messages call it.
   * @throws {RnnkitError} It is none of these, or has other channels; the expected ones are named in order.
   */
  valuesOf(given, place) {
    const values = valuesOf(typeof given === "string" ? stepsOf(given, place) : given, place);
    if (values.shape[1] !== this.names.length)
      throw new RnnkitError(`${place} has ${values.shape[1]} channels; ${this.expected}`);
    return values;
  }

  /**
   * The values of a sequence, and the time since the step before where it is given.
   * @param {any} one As for `valuesOf`; or an object or Map of these as `values` and the times as `elapsed`, `[time]`.
   * @param {string} place What messages call it.
   * @returns {[Tensor, Float64Array | null]}
   * @throws {RnnkitError} It is none of these.
   */
  given(one, place) {
    if (!isMapping(one)) return [this.valuesOf(one, place), null];
    const keys = namesOf(one);
    if (keys.length !== 2 || !keys.includes("values") || !keys.includes("elapsed")) {
      throw new RnnkitError(`${place} has the keys ${cut(keys.join(", "), 60)}; expected values and elapsed.`);
    }
    const [values, times] = [this.valuesOf(entry(one, "values"), place), entry(one, "elapsed")];
    const elapsed = valuesOf(times, `${place}: elapsed`);
    if (elapsed.shape[0] !== values.shape[0] || elapsed.shape[1] !== 1) {
      throw new RnnkitError(
        `${place} has ${values.shape[0]} steps and ${elapsed.shape[0]} times; expected as many of each.`,
      );
    }
    return [
      values,
      Float64Array.from(times instanceof Tensor ? times.data : times, (/** @type {any} */ each) =>
        each === null ? NaN : Number(each),
      ),
    ];
  }

  /** The channels, for messages. */
  get expected() {
    const shown = this.names
      .slice(0, 30)
      .map((name) => slice(name, 0, 30))
      .join(", ");
    return `expected ${this.names.length}, in this order: ${shown}${this.names.length > 30 ? ", ..." : ""}.`;
  }

  /** @param {Tensor} values @param {ArrayLike<number> | null} elapsed @param {string} place */
  require(values, elapsed, place) {
    const width = this.names.length;
    if (values.shape.length !== 2 || values.shape[1] !== width) {
      throw new RnnkitError(`${place} is ${repr(values.shape)}; ${this.expected}`);
    }
    const at = this.missing ? -1 : values.data.findIndex((/** @type {number} */ value) => Number.isNaN(value));
    if (at >= 0) {
      throw new RnnkitError(
        `${place}: step ${Math.floor(at / width) + 1} has no value of ` +
          `${slice(repr(this.names[at % width]), 0, 60)}, and no ` +
          "training sequence lacked one. Fill it, or train on sequences with missing values.",
      );
    }
    if (this.interval && (elapsed === null || elapsed.length !== values.shape[0])) {
      throw new RnnkitError(
        `${place} has no time of each step, and the training sequences had. Give it: a file's column of times, or a ` +
          "dictionary of values and elapsed.",
      );
    }
    if (this.interval && elapsed !== null && !Array.from(elapsed).every((each) => Number.isFinite(each) && each >= 0)) {
      throw new RnnkitError(`${place}: the time since the step before is negative or no number; expected 0 or more.`);
    }
  }
}

/**
 * What a stream has seen: the last value of each channel, NaN before the first, when that was, and the time now, in
 * usual intervals, or in steps.
 * @typedef {{values: Float32Array, at: Float64Array, time: number}} Seen
 */
