/** A sound as it comes, in chunks of any size, through an exported network of one step. */

import { samplesOf } from "./codec/samples.js";
import { RnnkitError } from "./errors.js";
import { general } from "./python/text.js";

/** @typedef {import("./tensor.js").Data} Data */

/** After each chunk of samples, what the whole up to there has as probabilities. */
export class SoundStream {
  /** @param {import("./tasks/sound_classifier.js").SoundClassifier} classifier The runner. */
  constructor(classifier) {
    this.classifier = classifier;
    /** @type {import("./tensor.js").Tensor[]} */
    this.states = [];
    this.left = new Float32Array(0);
    this.steps = 0;
    /** @type {Data | null} */
    this.last = null;
  }

  /** Begin another sound. */
  async reset() {
    this.states = await this.classifier.firstStates();
    this.left = new Float32Array(0);
    this.steps = 0;
    this.last = null;
  }

  /**
   * Take a chunk of any length: the probabilities after each step that it completes, float32 `[labels]` each.
   * @param {any} samples At the classifier's rate, as for `samplesOf`.
   * @throws {RnnkitError} It is no samples.
   */
  async step(samples) {
    const size = this.classifier.stepSize;
    this.left = joined(this.left, samplesOf(samples, "The chunk"));
    const rows = [];
    while (this.left.length >= size) {
      const row = await this.take(this.left.slice(0, size));
      if (row !== null) rows.push(row);
      this.left = this.left.slice(size);
    }
    return rows;
  }

  /**
   * The probabilities of the whole sound, with what filled no step at its end, float32 `[labels]`; `reset` must follow.
   * @throws {RnnkitError} The sound is too short.
   */
  async finish() {
    const { classifier } = this;
    const { front, stepSize, stride, hops, rate } = classifier;
    const heard = this.steps * stepSize + this.left.length;
    const first = (this.steps + 1) * stride - hops; // the frame that one more step would keep
    if (first >= 0 && first * front.hopSize + front.windowSize <= heard) {
      this.last = await this.take(joined(this.left, new Float32Array(stepSize - this.left.length)));
      this.left = new Float32Array(0);
    }
    if (this.last === null) {
      throw new RnnkitError(
        `The sound ended after ${general(heard / rate, 4)} seconds; expected ${general(classifier.least / rate, 4)} ` +
          "or more.",
      );
    }
    return this.last;
  }

  /**
   * Take a step of exactly `stepSize` samples: the probabilities, or null before a first frame is whole.
   * @param {Float32Array} samples
   * @returns {Promise<Data | null>}
   */
  async take(samples) {
    const [row, states] = await this.classifier.nextStates(samples, this.states);
    this.states = states;
    this.steps += 1;
    if (this.steps * this.classifier.stride < this.classifier.hops) return null;
    this.last = row;
    return row;
  }
}

/** @param {Float32Array} one @param {Float32Array} other */
export function joined(one, other) {
  const both = new Float32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
