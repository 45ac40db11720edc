/** Speech as it comes: samples in chunks of any size to the text so far. Twin of rnnkit/lite/speech_stream.py. */

import { samplesOf } from "./codec/samples.js";
import { RnnkitError } from "./errors.js";
import { Tensor } from "./tensor.js";
import { TextSoFar } from "./transcribing.js";

/**
 * A recording as it comes; what it has heard at the end is what the whole recording says. A chunk takes the same time
 * and memory however long the recording is, but for the text itself, and for the log-probabilities where those are
 * kept: a beam needs all of them to say when each word was said.
 */
export class SpeechStream {
  /**
   * @param {import("./tasks/speech_recognizer.js").SpeechRecognizer} runner With a file of a step.
   * @param {import("./transcribing.js").Transcriber} transcriber What makes answers of log-probabilities.
   * @param {boolean | null} [keep] Whether the log-probabilities are kept; null: where `finish` needs them.
   */
  constructor(runner, transcriber, keep = null) {
    this.runner = runner;
    this.transcriber = transcriber;
    this.left = new Float32Array(0);
    this.heard = 0;
    /** @type {Tensor[]} */
    this.states = [];
    this.search = transcriber.search();
    this.soFar = new TextSoFar(this.search, runner.units);
    this.keep = keep ?? !transcriber.timesWords;
    this.steps = 0;
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
    this.soFar = new TextSoFar(this.search, runner.units);
    this.steps = 0;
    this.rows = [];
  }

  /** The log-probabilities so far, float32 `[steps, classes]`; none where they are not kept. */
  get logProbs() {
    const { classes } = this.runner.units;
    const data = new Float32Array(this.rows.length * classes);
    this.rows.forEach((row, place) => data.set(row, place * classes));
    return new Tensor(data, [this.rows.length, classes]);
  }

  /** What was heard so far; its last word may not be whole. */
  get text() {
    return this.soFar.text;
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
    let place = 0;
    for (; joined.length - place >= size; place += size) await this.take(joined.slice(place, place + size));
    this.left = joined.slice(place);
    return this.text;
  }

  /**
   * The answer to the whole recording, with what filled no step at its end; `reset` must follow.
   * @throws {RnnkitError} A beam needs the log-probabilities, and they were not to be kept.
   */
  async finish() {
    if (!this.keep && !this.transcriber.timesWords) {
      throw new RnnkitError("The stream of a beam keeps no log-probabilities; expected keep, or finishText().");
    }
    await this.end();
    return this.transcriber.found(this.search, this.logProbs);
  }

  /** The text of `finish`, for which no log-probabilities are needed; `reset` must follow. */
  async finishText() {
    await this.end();
    return this.runner.units.decode(this.search.finish()[0].units);
  }

  async end() {
    const { front, stride, stepSize } = this.runner;
    while (this.steps < Math.floor(front.frames(this.heard) / stride)) {
      const last = new Float32Array(stepSize);
      last.set(this.left);
      await this.take(last);
      this.left = new Float32Array(0);
    }
  }

  /** @param {Float32Array} samples */
  async take(samples) {
    const [row, states] = await this.runner.nextStates(samples, this.states);
    this.states = states;
    if (row === null) return;
    this.steps += 1;
    if (this.keep) this.rows.push(row);
    this.search.feed(new Tensor(row, [1, row.length]));
  }
}
