/** Label sequences of numbers with an exported classifier, whole or as they come, step by step. */

import { Arrays } from "./arrays.js";
import { decisions } from "../answers/decisions.js";
import { predictionOf, requireLabels } from "../answers/labels.js";
import { stepPredictionOf } from "../answers/steps.js";
import { channelsOf } from "../codec/channels_file.js";
import { isOneSequence } from "../codec/sequences.js";
import { RnnkitError } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { finite } from "../finite.js";
import { openModel } from "../interpreter.js";
import { thousands } from "../python/text.js";
import { StepFile, openStep } from "../step_file.js";
import { Tensor } from "../tensor.js";

/** @typedef {import("../runtime.js").Model} Model */
/** The signatures of the file of a step, and the names of what goes in and comes out; states are numbered. */
const [VALUES, PROBABILITIES] = ["values", "probabilities"];

/** Runs a bundle of the task "sequence_classifier"; `load` makes it. */
export class SequenceClassifier {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {Model} model
   * @param {Model | null} step The file of a step, where there is one.
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model, step) {
    this.bundle = bundle;
    this.labels = bundle.readLines("labels");
    const where = bundle.path(bundle.setting("channels", "text"));
    this.channels = channelsOf(parseJson(bundle.read("channels"), where), where);
    this.perStep = bundle.setting("per_step", "truth");
    this.whole = new Arrays(bundle, model, this.perStep);
    if (this.whole.features !== this.channels.features) {
      throw new RnnkitError(`${bundle.folder}: its channels make ${this.channels.features} features. Export it again.`);
    }
    requireLabels(this.labels, this.whole.outputs, bundle.folder);
    const [takes, gives] = /** @type {[string, number][]} */ ([
      [VALUES, this.channels.features],
      [PROBABILITIES, this.labels.length],
    ]);
    this.stepFile = step === null ? null : new StepFile(bundle, step, "sequence classifier", takes, gives);
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    const model = await openModel(bundle, "model", open);
    const steps = await openStep(bundle, open);
    return new SequenceClassifier(bundle, model, steps);
  }

  /** Steps that `predict` reads of a sequence; 0: all, and one that is too long is refused. */
  get cutAt() {
    return this.perStep || this.bundle.fixedLength ? 0 : this.bundle.maxLength;
  }

  /**
   * Label sequences: one answer for each; a single one counts as a list of one.
   * @param {any} sequences Arrays or nested lists `[time, channels]`, or text ("0.5,1 0.6,2"); with irregular times
   *   objects of `values` and `elapsed`, the time since the step before.
   * @returns {Promise<(import("../answers/labels.js").Prediction | import("../answers/steps.js").StepPrediction)[]>}
   * @throws {RnnkitError} One is none of these, has other channels, or values that training data never lacked.
   */
  async predict(sequences) {
    const listed = isOneSequence(sequences, this.channels.names.length) ? [sequences] : [...sequences];
    const rows = listed.map((given, place) => this.features(given, place + 1));
    const found = await this.whole.run(rows);
    return found.map((row) =>
      this.perStep ? stepPredictionOf(row, this.labels) : predictionOf(row.data, this.labels),
    );
  }

  /** A stream at its beginning. @throws {RnnkitError} The network needs whole sequences. */
  async openStream() {
    if (this.stepFile === null) {
      throw new RnnkitError(
        `${this.bundle.folder} answers whole sequences alone: its network reads them in both directions, or ` +
          "weighs all their " +
          "steps. Train with --no-bidirectional and another --pooling to have streams.",
      );
    }
    const stream = new SequenceStream(this);
    await stream.reset();
    return stream;
  }

  /**
   * Decisions on steps as they come, such as those of a sensor.
   * @param {Iterable<any> | AsyncIterable<any>} steps For each its channels; with irregular times a pair of these and
   *   the time since the step before.
   * @param {object} [how]
   * @param {number} [how.threshold] The probability from which a label counts.
   * @param {number} [how.hold] Steps for which it has to.
   * @param {number | null} [how.window] For a stream without an end: what is answered rests on the last steps, between
   *   half and all of so many; null: on all since the beginning.
   * @throws {RnnkitError} A step has other channels, or the network needs whole sequences.
   */
  stream(steps, { threshold = 0.8, hold = 5, window = null } = {}) {
    if (window !== null && window < 2) throw new RnnkitError(`window is ${window}; expected 2 steps or more.`);
    return decisions(this.rows(steps, window), this.labels, threshold, hold);
  }

  /**
   * The probabilities after each step. With a window two streams run, the younger by half a window.
   * @param {Iterable<any> | AsyncIterable<any>} steps
   * @param {number | null} window
   */
  async *rows(steps, window) {
    let streams = [await this.openStream()];
    const half = window === null ? 0 : Math.floor(window / 2);
    let number = 0;
    for await (const given of steps) {
      if (half && number && number % half === 0) streams = [streams[streams.length - 1], await this.openStream()];
      const [row, elapsed] = this.channels.interval ? this.timed(given) : [given, null];
      const found = [];
      for (const stream of streams) found.push(await stream.step(row, elapsed));
      yield found[0];
      number += 1;
    }
  }

  /** @param {any} given @returns {[any, number]} */
  timed(given) {
    if (!Array.isArray(given) || given.length !== 2 || typeof given[1] !== "number" || typeof given[0] === "number") {
      throw new RnnkitError(
        "A step is its channels alone; the training sequences had times: expected a pair of the channels and " +
          "the time since " +
          "the step before.",
      );
    }
    return /** @type {[any, number]} */ (given);
  }

  /** @param {any} given @param {number} place */
  features(given, place) {
    const [what, most] = [`Sequence ${place}`, this.bundle.maxLength];
    const [values, elapsed] = this.channels.given(given, what);
    const [steps, width] = values.shape;
    if (steps > most && !this.cutAt) {
      const way = this.bundle.fixedLength
        ? "export it with --length N or --strategy loop, which take more"
        : "give it in parts";
      throw new RnnkitError(
        `${what} has ${thousands(steps)} steps; this bundle takes up to ${thousands(most)}: ${way}.`,
      );
    }
    const read = new Tensor(values.data.subarray(0, most * width), [Math.min(steps, most), width]);
    return this.channels.encode(read, elapsed === null ? null : elapsed.subarray(0, most), what);
  }

  /** The network's states before the first step. */
  async firstStates() {
    return /** @type {StepFile} */ (this.stepFile).firstStates();
  }

  /**
   * The probabilities after a step, float32 `[labels]`, and the states then.
   * @param {Float32Array} features
   * @param {readonly Tensor[]} states
   * @returns {Promise<[import("../tensor.js").Data, Tensor[]]>}
   */
  async nextStates(features, states) {
    const [made, after] = await /** @type {StepFile} */ (this.stepFile).run(features, states);
    return [finite(made[PROBABILITIES].data), after];
  }
}

/** A sequence as it comes: after each step, what the whole up to there has as probabilities. */
export class SequenceStream {
  /** @param {SequenceClassifier} classifier The runner. */
  constructor(classifier) {
    this.classifier = classifier;
    this.seen = classifier.channels.start();
    /** @type {Tensor[]} */
    this.states = [];
  }

  /** Begin another sequence. */
  async reset() {
    this.seen = this.classifier.channels.start();
    this.states = await this.classifier.firstStates();
  }

  /**
   * Take one step: the probabilities of the labels, float32 `[labels]`.
   * @param {any} row The value of each channel.
   * @param {number | null} [elapsed] The time since the step before, where those of training were irregular.
   * @throws {RnnkitError} It has other channels, or lacks a value or a time.
   */
  async step(row, elapsed = null) {
    const { channels } = this.classifier;
    const values = /** @type {Float32Array} */ (channels.valuesOf([row], "The step").data);
    const [features, seen] = channels.step(values, this.seen, elapsed);
    this.seen = seen;
    const [probabilities, states] = await this.classifier.nextStates(features, this.states);
    this.states = states;
    return probabilities;
  }
}
