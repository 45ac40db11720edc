/** Label sounds with an exported classifier, whole or as their samples come, in chunks of any size. */

import { decisions } from "../answers/decisions.js";
import { predictionOf, requireLabels } from "../answers/labels.js";
import { silentLabels } from "../answers/silent_labels.js";
import { settingsOf } from "../codec/frame_settings.js";
import { isOneSound, samplesOf } from "../codec/samples.js";
import { Spectrogram } from "../codec/spectrogram.js";
import { RnnkitError } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { finite } from "../finite.js";
import { openModel, padded } from "../interpreter.js";
import { general, repr, rounded, thousands } from "../python/text.js";
import { joined, SoundStream } from "../sound_stream.js";
import { StepFile, openStep } from "../step_file.js";
import { Tensor } from "../tensor.js";

/** @typedef {import("../runtime.js").Model} Model */
/** @typedef {import("../tensor.js").Data} Data */
/** The signatures of the file of a step, and the names of what goes in and comes out; states are numbered. */
const [SAMPLES, PROBABILITIES] = ["samples", "probabilities"];
const MOST_STRIDE = 100;

/** Runs a bundle of the task "sound_classifier"; `load` makes it. */
export class SoundClassifier {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {Model} model
   * @param {Model | null} step The file of a step, where there is one.
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model, step) {
    this.bundle = bundle;
    this.labels = bundle.readLines("labels");
    const where = bundle.path(bundle.setting("spectrogram", "text"));
    this.front = settingsOf(Spectrogram, parseJson(bundle.read("spectrogram"), where), where);
    this.stride = bundle.number("stride", 1, MOST_STRIDE);
    this.whole = model;
    this.checkWhole(model);
    const [takes, gives] = /** @type {[string, number][]} */ ([
      [SAMPLES, this.stepSize],
      [PROBABILITIES, this.labels.length],
    ]);
    this.stepFile = step === null ? null : new StepFile(bundle, step, "sound classifier", takes, gives);
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    const model = await openModel(bundle, "model", open);
    const steps = await openStep(bundle, open);
    return new SoundClassifier(bundle, model, steps);
  }

  /** Samples a second that it hears. */
  get rate() {
    return this.front.rate;
  }

  /** Hops that a frame reaches into. */
  get hops() {
    return this.front.hops;
  }

  /** Samples of a step of a stream. */
  get stepSize() {
    return this.stride * this.front.hopSize;
  }

  /** Samples of the shortest sound that is answered. */
  get least() {
    return this.front.shortest(this.stride);
  }

  /**
   * Label sounds: one answer for each; a single one counts as a list of one.
   * @param {any} sounds Samples at `rate`, `[time]`, floats from -1 to 1 or an Int16Array; or a list of these.
   * @returns {Promise<import("../answers/labels.js").Prediction[]>}
   * @throws {RnnkitError} One is none of these, is too short or too long.
   */
  async predict(sounds) {
    const listed = isOneSound(sounds) ? [sounds] : [...sounds];
    const found = [];
    for (const [place, given] of listed.entries()) {
      found.push(predictionOf(await this.run(this.heard(given, `Sound ${place + 1}`)), this.labels));
    }
    return found;
  }

  /** @param {any} given @param {string} what */
  heard(given, what) {
    const samples = samplesOf(given, what);
    if (!(samples.length >= this.least && samples.length <= this.bundle.maxLength)) {
      const [seconds, least, most] = [samples.length, this.least, this.bundle.maxLength].map((count) =>
        general(count / this.rate, 4),
      );
      const longer = this.bundle.fixedLength && samples.length > this.bundle.maxLength;
      throw new RnnkitError(
        `${what} lasts ${seconds} seconds; expected ${least} to ${most}, at ${thousands(this.rate)} samples a second` +
          `${longer ? ": export it with --length N or --strategy loop, which take more" : ""}.`,
      );
    }
    return samples;
  }

  /** The probabilities for one sound, float32 `[labels]`. @param {Float32Array} samples */
  async run(samples) {
    const [[name, { inputs, outputs }]] = this.whole.signatures;
    const [[input], [output]] = [[...inputs.keys()], [...outputs.keys()]];
    const taken = new Tensor(samples);
    const { data, shape } = this.bundle.fixedLength ? padded(taken, this.bundle.maxLength, NaN) : taken;
    const made = await this.whole.run(name, { [input]: new Tensor(data, [1, ...shape]) });
    return finite(made[output].data);
  }

  /** A stream at its beginning. @throws {RnnkitError} The network needs whole sounds. */
  async openStream() {
    if (this.stepFile === null) {
      throw new RnnkitError(
        `${this.bundle.folder} answers whole sounds alone: its network reads them in both directions, weighs all ` +
          "their steps, or normalises by the whole. Train with --no-bidirectional, another --pooling and --normalise " +
          "corpus to have streams.",
      );
    }
    const stream = new SoundStream(this);
    await stream.reset();
    return stream;
  }

  /**
   * Decisions on samples as they come, such as a microphone's. What is background or unknown is never decided.
   * @param {Iterable<any> | AsyncIterable<any>} chunks Samples at `rate` in chunks of any length; may have no end.
   * @param {object} [how]
   * @param {number} [how.threshold] The probability from which a label counts.
   * @param {number} [how.hold] Seconds for which it has to.
   * @param {number | null} [how.window] What is answered rests on the last seconds, between half and all of so many,
   *   and nothing is answered before; null: on all since the beginning.
   * @throws {RnnkitError} A chunk is no samples, or the network needs whole sounds.
   */
  stream(chunks, { threshold = 0.8, hold = 0.1, window = 1 } = {}) {
    const steps = Math.max(rounded((hold * this.rate) / this.stepSize), 1);
    return decisions(this.probabilities(chunks, window), this.labels, threshold, steps, silentLabels(this.labels));
  }

  /**
   * The probabilities after each step of `stepSize` samples, float32 `[labels]`. With a window two streams run, the
   * younger by half a window: the older one answers from half a window on until it is a window old.
   * @param {Iterable<any> | AsyncIterable<any>} chunks
   * @param {number | null} [window]
   * @returns {AsyncGenerator<Data, void, void>}
   */
  async *probabilities(chunks, window = null) {
    const half = window === null ? 0 : rounded((window * this.rate) / this.stepSize / 2);
    if (window !== null && half * this.stepSize < this.least) {
      const least = general((2 * this.least) / this.rate, 2);
      throw new RnnkitError(`window is ${general(window)} seconds; expected ${least} or more, or None.`);
    }
    let streams = [await this.openStream()];
    let left = new Float32Array(0);
    let steps = 0;
    for await (const chunk of chunks) {
      left = joined(left, samplesOf(chunk, "The chunk"));
      while (left.length >= this.stepSize) {
        if (half && steps && steps % half === 0) streams = [streams[streams.length - 1], await this.openStream()];
        const found = [];
        for (const stream of streams) found.push(await stream.take(left.slice(0, this.stepSize)));
        left = left.slice(this.stepSize);
        steps += 1;
        if (found[0] !== null && steps >= half) yield found[0];
      }
    }
  }

  /** Check that the file of whole sounds fits. @param {Model} model */
  checkWhole(model) {
    const [[, signature] = ["", { inputs: new Map(), outputs: new Map() }]] = model.signatures;
    const details = [...signature.inputs.values(), ...signature.outputs.values()];
    const shapes = details.map(({ shape }) => [...shape]);
    const fits = details.length === 2 && details.every(({ dtype }) => dtype === "float32");
    const length = this.bundle.fixedLength ? this.bundle.maxLength : -1;
    if (!fits || repr(shapes[0]) !== repr([1, length]) || shapes[1].length !== 2) {
      throw new RnnkitError(
        `${this.bundle.folder}: the model takes and gives ${repr(shapes)}; expected samples [1, ${length}] and ` +
          "[1, labels]. Export it again.",
      );
    }
    requireLabels(this.labels, shapes[1][1], this.bundle.folder);
  }

  /** The network's states before the first sample. */
  async firstStates() {
    return /** @type {StepFile} */ (this.stepFile).firstStates();
  }

  /**
   * The probabilities after a step of `stepSize` samples, float32 `[labels]`, and the states then.
   * @param {Float32Array} samples
   * @param {readonly Tensor[]} states
   * @returns {Promise<[Data, Tensor[]]>}
   */
  async nextStates(samples, states) {
    const [made, after] = await /** @type {StepFile} */ (this.stepFile).run(samples, states);
    return [finite(made[PROBABILITIES].data), after];
  }
}
