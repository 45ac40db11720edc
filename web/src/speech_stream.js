/** Speech as it comes: samples in chunks of any size to the text so far. Twin of rnnkit/lite/speech_stream.py. */

import { samplesOf } from "./codec/samples.js";
import { Tensor } from "./tensor.js";

/** A recording as it comes; what it has heard at the end is what the whole recording says. */
export class SpeechStream {
  /**
   * @param {import("./tasks/speech_recognizer.js").SpeechRecognizer} runner With a file of a step.
   * @param {import("./transcribing.js").Transcriber} transcriber What makes answers of log-probabilities.
   */
  constructor(runner, transcriber) {
    this.runner = runner;
    this.transcriber = transcriber;
    this.left = new Float32Array(0);
    this.heard = 0;
    /** @type {Tensor[]} */
    this.states = [];
    this.search = transcriber.search();
    /** @type {Float32Array[]} */
    this.rows = [];
  }

  /** Begin another recording. */
  async reset() {
    const { runner } = this;
    const lead = (((1 - runner.hops) % runner.stride) + runner.stride) % runner.stride;
    this.left = new Float32Array(lead * runner.front.hopSize); // so that a step's frames come together
    this.heard = 0;
    this.states = await runner.firstStates();
    this.search = this.transcriber.search();
    this.rows = [];
  }

  /** The log-probabilities so far, float32 `[steps, classes]`. */
  get logProbs() {
    const { classes } = this.runner.units;
    const data = new Float32Array(this.rows.length * classes);
    this.rows.forEach((row, place) => data.set(row, place * classes));
    return new Tensor(data, [this.rows.length, classes]);
  }

  /** What was heard so far; its last word may not be whole. */
  get text() {
    return this.transcriber.partial(this.search);
  }

  /**
   * Take a chunk of any length, and give the text so far.
   * @param {any} samples At the runner's rate, as for `samplesOf`.
   * @throws {RnnkitError} It is no samples.
   */
  async step(samples) {
    const given = samplesOf(samples, "The chunk");
    const size = this.runner.stepSize;
    this.heard += given.length;
    const joined = new Float32Array(this.left.length + given.length);
    joined.set(this.left);
    joined.set(given, this.left.length);
    this.left = joined;
    while (this.left.length >= size) {
      await this.take(this.left.slice(0, size));
      this.left = this.left.slice(size);
    }
    return this.text;
  }

  /** The answer to the whole recording, with what filled no step at its end; `reset` must follow. */
  async finish() {
    const { front, stride, stepSize } = this.runner;
    if (this.rows.length < Math.floor(front.frames(this.heard) / stride)) {
      const last = new Float32Array(stepSize);
      last.set(this.left);
      await this.take(last);
      this.left = new Float32Array(0);
    }
    return this.transcriber.found(this.search, this.logProbs);
  }

  /** @param {Float32Array} samples */
  async take(samples) {
    const [row, states] = await this.runner.nextStates(samples, this.states);
    this.states = states;
    if (row === null) return;
    this.rows.push(row);
    this.search.feed(new Tensor(row, [1, row.length]));
  }
}
