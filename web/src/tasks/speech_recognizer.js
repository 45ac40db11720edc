/** Write down speech with an exported recogniser, whole recordings or samples as they come, in chunks of any size. */

import { settingsOf } from "../codec/frame_settings.js";
import { ReadyFrames } from "../codec/ready_frames.js";
import { isOneSound, samplesOf } from "../codec/samples.js";
import { Spectrogram } from "../codec/spectrogram.js";
import { unitsOf } from "../codec/transcript_units.js";
import { RnnkitError } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { finite } from "../finite.js";
import { openModel, padded } from "../interpreter.js";
import { general, repr, thousands } from "../python/text.js";
import { SpeechStream } from "../speech_stream.js";
import { Tensor } from "../tensor.js";
import { StepFile, openStep } from "../step_file.js";
import { Transcriber } from "../transcribing.js";

/** @typedef {import("../runtime.js").Model} Model */
/** The signatures of the file of a step, and the names of what goes in and comes out; states are numbered. */
const [SAMPLES, LOG_PROBS, VALID] = ["samples", "log_probs", "valid"];
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
    const where = bundle.path(bundle.setting("front_end", "text"));
    const sounds = bundle.setting("front_end", "text") === SPECTROGRAM;
    /** That of sounds, or null. */
    this.spectrogram = sounds ? settingsOf(Spectrogram, this.json("front_end"), where) : null;
    /** That of ready-made frames, or null. */
    this.ready = sounds ? null : settingsOf(ReadyFrames, this.json("front_end"), where);
    this.stride = bundle.number("stride", 1, MOST_STRIDE);
    this.checkWhole(model);
    this.stepFile = step === null ? null : this.openedStep(step);
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    const model = await openModel(bundle, "model", open);
    const steps = await openStep(bundle, open);
    return new SpeechRecognizer(bundle, model, steps);
  }

  /** @param {string} name */
  json(name) {
    return parseJson(this.bundle.read(name), this.bundle.path(this.bundle.setting(name, "text")));
  }

  /** The front end of sounds. @throws {RnnkitError} The bundle reads ready-made frames. */
  get front() {
    if (this.spectrogram !== null) return this.spectrogram;
    throw new RnnkitError(`${this.bundle.folder}: ready-made frames have no streams of samples. Export it again.`);
  }

  /** From one step to the next. */
  get seconds() {
    if (this.ready !== null) return (this.stride * this.ready.hop) / 1000;
    return (this.stride * this.front.hopSize) / this.front.rate;
  }

  /** Hops of samples that a frame reaches into. */
  get hops() {
    return this.front.hops;
  }

  /** Samples of a step of a stream. */
  get stepSize() {
    return this.stride * this.front.hopSize;
  }

  /** What makes answers of log-probabilities. @param {Record<string, any>} [how] `TRANSCRIPT_OPTIONS`. */
  transcriber(how = {}) {
    const tail = this.ready !== null ? 0 : (this.front.tailFrames * this.seconds) / this.stride;
    return new Transcriber(this.units, this.words, this.seconds, tail, how);
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
    const rows = await this.logProbs(isOneSound(sounds) ? [sounds] : sounds);
    return rows.map((row) => transcriber.answer(row));
  }

  /** The log-probabilities of each recording, float32 `[steps, classes]`. @param {readonly any[]} sounds */
  async logProbs(sounds) {
    const found = [];
    for (const [place, given] of sounds.entries()) found.push(await this.run(this.given(given, place + 1)));
    return found;
  }

  /** What the file takes of a recording. @param {any} given @param {number} place @returns {Tensor} */
  given(given, place) {
    const what = `Recording ${place}`;
    const made = this.ready === null ? new Tensor(samplesOf(given, what)) : this.ready.encode(given, what);
    const noun = this.ready === null ? "samples" : "frames";
    const [count, most] = [made.shape[0], this.bundle.maxLength];
    if (count > most && this.bundle.fixedLength) {
      throw new RnnkitError(
        `${what} has ${thousands(count)} ${noun}; this bundle takes up to ${thousands(most)}: export it with ` +
          "--length N or --strategy loop, which take more.",
      );
    }
    if (!this.steps(count) || count > most) {
      throw new RnnkitError(
        `${what} has ${thousands(count)} ${noun}; expected those of ${general(this.seconds, 3)} seconds at ` +
          `least, and ${thousands(most)} at most.`,
      );
    }
    return made;
  }

  /** The steps of so many samples or frames. @param {number} count */
  steps(count) {
    return Math.floor((this.ready === null ? this.front.frames(count) : count) / this.stride);
  }

  /** @param {Tensor} given */
  async run(given) {
    const steps = this.steps(given.shape[0]);
    const { data, shape } = this.bundle.fixedLength ? padded(given, this.bundle.maxLength, NaN) : given;
    const [[name, { inputs, outputs }]] = this.model.signatures;
    const [[input], [output]] = [[...inputs.keys()], [...outputs.keys()]];
    const made = (await this.model.run(name, { [input]: new Tensor(data, [1, ...shape]) }))[output].row(0);
    const [found, classes] = made.shape;
    if (found < steps) {
      throw new RnnkitError(
        `${this.bundle.folder}: the model gives ${thousands(found)} steps; expected ${thousands(steps)}. Export it ` +
          "again.",
      );
    }
    return new Tensor(finite(made.data.subarray(0, steps * classes)), [steps, classes]);
  }

  /**
   * A stream at its beginning.
   * @param {Record<string, any>} [how] As for `predict`; and `keep`, whether it keeps all log-probabilities, its
   *   `logProbs`, as `SpeechStream`.
   * @throws {RnnkitError} The network needs whole recordings; or as `predict`.
   */
  async openStream({ keep = null, ...how } = {}) {
    if (this.stepFile === null) {
      throw new RnnkitError(
        `${this.bundle.folder} answers whole recordings alone: its network reads them in both directions, needs ` +
          "frames to come, or normalises by the whole. Train with --no-bidirectional, --deltas 0 and --normalise " +
          "running to have streams.",
      );
    }
    const stream = new SpeechStream(this, this.transcriber(how), keep);
    await stream.reset();
    return stream;
  }

  /**
   * The text so far, each time it changes, on samples as they come, such as a microphone's.
   * @param {Iterable<any> | AsyncIterable<any>} chunks Samples at the front end's rate in chunks of any length; may
   *   have no end, since nothing but the text grows.
   * @param {Record<string, any>} [how] As for `predict`.
   * @throws {RnnkitError} A chunk is no samples, or as `openStream`.
   */
  async *stream(chunks, how = {}) {
    const stream = await this.openStream({ keep: false, ...how });
    let said = "";
    for await (const chunk of chunks) {
      const text = await stream.step(chunk);
      if (text !== said) yield (said = text);
    }
    const text = await stream.finishText();
    if (text !== said) yield text;
  }

  /** The states before the first sample. */
  async firstStates() {
    return /** @type {StepFile} */ (this.stepFile).firstStates();
  }

  /**
   * The log-probabilities after a step of `stepSize` samples, float32 `[classes]`, null before the first frames are
   * whole; and the states then.
   * @param {Float32Array} samples
   * @param {readonly Tensor[]} states
   * @returns {Promise<[Float32Array | null, Tensor[]]>}
   */
  async nextStates(samples, states) {
    const [made, after] = await /** @type {StepFile} */ (this.stepFile).run(samples, states);
    const row = made[VALID].data[0] > 0.5 ? /** @type {Float32Array} */ (finite(made[LOG_PROBS].data)) : null;
    return [row, after];
  }

  /** Check that the file of whole recordings fits. @param {Model} model */
  checkWhole(model) {
    const [[, signature] = ["", { inputs: new Map(), outputs: new Map() }]] = model.signatures;
    const details = [...signature.inputs.values(), ...signature.outputs.values()];
    const shapes = details.map(({ shape }) => shape);
    const classes = shapes.length === 2 && shapes[1].at(-1) === this.units.classes;
    const length = this.bundle.fixedLength ? this.bundle.maxLength : -1;
    const takes = this.ready === null ? `[1, ${length}]` : `[1, ${length}, ${this.ready.features}]`;
    if (repr(shapes[0]) !== takes || !classes || details.some(({ dtype }) => dtype !== "float32")) {
      throw new RnnkitError(
        `${this.bundle.folder}: the model takes and gives ${repr(shapes)}; expected ${takes} and [1, steps, ` +
          `${this.units.classes}]. Export it again.`,
      );
    }
  }

  /** The file of a step, which fits. @param {Model} model */
  openedStep(model) {
    const [takes, gives] = /** @type {[string, number][]} */ ([
      [SAMPLES, this.stepSize],
      [LOG_PROBS, this.units.classes],
    ]);
    return new StepFile(this.bundle, model, "recogniser of speech", takes, gives, [VALID]);
  }
}
