/** Write down speech with an exported recogniser, whole recordings or samples as they come, in chunks of any size. */

import { MOST_STATES } from "../bundle.js";
import { samplesOf } from "../codec/samples.js";
import { spectrogramOf } from "../codec/spectrogram_file.js";
import { unitsOf } from "../codec/transcript_units.js";
import { RnnkitError } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { finite } from "../finite.js";
import { openModel, requireShapes, requireSignatures, signatureOf } from "../interpreter.js";
import { general, repr, thousands } from "../python/text.js";
import { Tensor } from "../tensor.js";
import { Transcriber } from "../transcribing.js";

/** @typedef {import("../runtime.js").Model} Model */
/** The signatures of the file of a step, and the names of what goes in and comes out; states are numbered. */
const [STEP, RESET, SAMPLES, LOG_PROBS, VALID, STATE] = ["step", "reset", "samples", "log_probs", "valid", "state"];
const MOST_STRIDE = 16;
const SPECTROGRAM = "spectrogram.json";

/** Runs a bundle of the task "speech_recognizer"; `load` makes it. */
export class SpeechRecognizer {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {Model} model
   * @param {Model | null} step The file of a step, where there is one.
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model, step) {
    this.bundle = bundle;
    this.model = model;
    this.units = unitsOf(this.json("units"), bundle.path(bundle.setting("units", "text")));
    this.words = this.json("words");
    if (!Array.isArray(this.words) || !this.words.every((word) => typeof word === "string")) {
      throw new RnnkitError(`${bundle.folder}: the words are no list of texts. Export it again.`);
    }
    const front = bundle.setting("front_end", "text");
    if (front !== SPECTROGRAM) {
      throw new RnnkitError(`${bundle.folder} reads ready-made frames, which a browser does not make of sounds.`);
    }
    this.front = spectrogramOf(this.json("front_end"), bundle.path(front));
    this.stride = bundle.number("stride", 1, MOST_STRIDE);
    this.states = Array.from({ length: bundle.number("states", 0, MOST_STATES) }, (_, number) => `${STATE}_${number}`);
    this.checkWhole(model);
    this.stepModel = step;
    if (step !== null) this.checkStep(step);
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    const model = await openModel(bundle, "model", open);
    const steps = bundle.number("states", 0, MOST_STATES) ? await openModel(bundle, STEP, open) : null;
    return new SpeechRecognizer(bundle, model, steps);
  }

  /** @param {string} name */
  json(name) {
    return parseJson(this.bundle.read(name), this.bundle.path(this.bundle.setting(name, "text")));
  }

  /** From one step to the next. */
  get seconds() {
    return (this.stride * this.front.hopSize) / this.front.rate;
  }

  /** Hops of samples that a frame reaches into. */
  get hops() {
    return Math.ceil(this.front.windowSize / this.front.hopSize);
  }

  /** Samples of a step of a stream. */
  get stepSize() {
    return this.stride * this.front.hopSize;
  }

  /** What makes answers of log-probabilities. @param {Record<string, any>} [how] `TRANSCRIPT_OPTIONS`. */
  transcriber(how = {}) {
    return new Transcriber(this.units, this.words, this.seconds, how);
  }

  /**
   * Write down recordings: one answer for each; a single one counts as a list of one.
   * @param {any} sounds Samples at the front end's rate, as for `samplesOf`; or a list of these.
   * @param {Record<string, any>} [how] `TRANSCRIPT_OPTIONS`, such as `{ lexicon: "words" }`.
   * @returns {Promise<import("../answers/transcripts.js").Transcript[]>}
   * @throws {RnnkitError} One is none of these, is too short or too long; or an option is unknown or out of range.
   */
  async predict(sounds, how = {}) {
    const transcriber = this.transcriber(how);
    const one = !Array.isArray(sounds) || typeof sounds[0] === "number";
    const rows = await this.logProbs(one ? [sounds] : sounds);
    return rows.map((row) => transcriber.answer(row));
  }

  /** The log-probabilities of each recording, float32 `[steps, classes]`. @param {readonly any[]} sounds */
  async logProbs(sounds) {
    const found = [];
    for (const [place, given] of sounds.entries()) found.push(await this.run(this.given(given, place + 1)));
    return found;
  }

  /** @param {any} given @param {number} place */
  given(given, place) {
    const what = `Recording ${place}`;
    const samples = samplesOf(given, what);
    const most = this.bundle.maxLength;
    if (this.front.frames(samples.length) < this.stride || samples.length > most) {
      throw new RnnkitError(
        `${what} has ${thousands(samples.length)} samples; expected those of ${general(this.seconds, 3)} seconds at ` +
          `least, and ${thousands(most)} at most.`,
      );
    }
    return samples;
  }

  /** @param {Float32Array} samples */
  async run(samples) {
    const [[name, { inputs, outputs }]] = this.model.signatures;
    const [[input], [output]] = [[...inputs.keys()], [...outputs.keys()]];
    const made = (await this.model.run(name, { [input]: new Tensor(samples, [1, samples.length]) }))[output].row(0);
    return new Tensor(finite(made.data), made.shape);
  }

  /**
   * A stream at its beginning.
   * @param {Record<string, any>} [how] As for `predict`.
   * @throws {RnnkitError} The network needs whole recordings; or as `predict`.
   */
  async openStream(how = {}) {
    if (!this.states.length) {
      throw new RnnkitError(
        `${this.bundle.folder} answers whole recordings alone: its network reads them in both directions, needs ` +
          "frames to come, or normalises by the whole. Train with --no-bidirectional, --deltas 0 and --normalise " +
          "running to have streams.",
      );
    }
    const stream = new SpeechStream(this, this.transcriber(how));
    await stream.reset();
    return stream;
  }

  /**
   * The text so far, each time it changes, on samples as they come, such as a microphone's.
   * @param {Iterable<any> | AsyncIterable<any>} chunks Samples at the front end's rate in chunks of any length.
   * @param {Record<string, any>} [how] As for `predict`.
   * @throws {RnnkitError} A chunk is no samples, or as `openStream`.
   */
  async *stream(chunks, how = {}) {
    const stream = await this.openStream(how);
    let said = "";
    for await (const chunk of chunks) {
      const text = await stream.step(chunk);
      if (text !== said) yield (said = text);
    }
    const { text } = await stream.finish();
    if (text !== said) yield text;
  }

  /** The states before the first sample. */
  async firstStates() {
    const made = await /** @type {Model} */ (this.stepModel).run(RESET, {});
    return this.states.map((name) => made[name]);
  }

  /**
   * The log-probabilities after a step of `stepSize` samples, float32 `[classes]`, null before the first frames are
   * whole; and the states then.
   * @param {Float32Array} samples
   * @param {readonly Tensor[]} states
   * @returns {Promise<[Float32Array | null, Tensor[]]>}
   */
  async nextStates(samples, states) {
    const given = Object.fromEntries(this.states.map((name, number) => [name, states[number]]));
    const values = new Tensor(samples, [1, samples.length]);
    const made = await /** @type {Model} */ (this.stepModel).run(STEP, { [SAMPLES]: values, ...given });
    const row = made[VALID].data[0] > 0.5 ? /** @type {Float32Array} */ (finite(made[LOG_PROBS].data)) : null;
    return [row, this.states.map((name) => made[name])];
  }

  /** Check that the file of whole recordings fits. @param {Model} model */
  checkWhole(model) {
    const [[, signature] = ["", { inputs: new Map(), outputs: new Map() }]] = model.signatures;
    const details = [...signature.inputs.values(), ...signature.outputs.values()];
    const shapes = details.map(({ shape }) => shape);
    const classes = shapes.length === 2 && shapes[1].at(-1) === this.units.classes;
    if (repr(shapes[0]) !== "[1, -1]" || !classes || details.some(({ dtype }) => dtype !== "float32")) {
      throw new RnnkitError(
        `${this.bundle.folder}: the model takes and gives ${repr(shapes)}; expected [1, -1] and [1, steps, ` +
          `${this.units.classes}]. Export it again.`,
      );
    }
  }

  /** Check that the file of a step fits. @param {Model} model */
  checkStep(model) {
    const { folder } = this.bundle;
    const states = Object.fromEntries(this.states.map((name) => [name, "f"]));
    const gives = { [STEP]: { [LOG_PROBS]: "f", [VALID]: "f", ...states }, [RESET]: states };
    const wanted = { [STEP]: [SAMPLES, ...this.states], [RESET]: [] };
    requireSignatures(model, wanted, gives, folder, "step of a recogniser of speech");
    const [step, reset] = [STEP, RESET].map((name) => signatureOf(model, name));
    for (const details of [step.outputs, reset.outputs]) requireShapes(details, step.inputs, this.states, folder);
    const shapes = repr([step.inputs.get(SAMPLES)?.shape, step.outputs.get(LOG_PROBS)?.shape]);
    if (shapes !== `[[1, ${this.stepSize}], [1, ${this.units.classes}]]`) {
      throw new RnnkitError(`${folder}: a step takes and gives ${shapes}. Export it again.`);
    }
  }
}

/** A recording as it comes; what it has heard at the end is what the whole recording says. */
export class SpeechStream {
  /**
   * @param {SpeechRecognizer} runner With a file of a step.
   * @param {Transcriber} transcriber What makes answers of log-probabilities.
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
