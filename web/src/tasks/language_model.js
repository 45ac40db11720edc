/** Generation with an exported language model, one step at a time, with explicit states. */

import { loadUnits } from "../codec/word_units.js";
import { RnnkitError } from "../errors.js";
import { openModel, requireShapes, requireSignatures, signatureOf } from "../interpreter.js";
import { repr } from "../python/text.js";
import { RESET, STEP, stateNames } from "../step_file.js";
import { int32 } from "../tensor.js";
import { Writer, oneByOne } from "../writing.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
/** The names of what goes in and comes out, beside the states. */
const [IDS, LOGITS] = ["ids", "logits"];

/**
 * Runs a bundle of the task "language_model"; `load` makes it. A step takes the same time wherever in the text it is.
 */
export class LanguageModel extends Writer {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    super();
    this.bundle = bundle;
    bundle.setting("ends", "truth");
    this.states = stateNames(bundle);
    this.model = model;
    this.checkModel();
    this.units = loadUnits(bundle, bundle.setting("unit", "text"));
    const known = signatureOf(model, STEP).outputs.get(LOGITS)?.shape.at(-1);
    if (known !== this.units.length) {
      throw new RnnkitError(
        `${bundle.folder} lists ${this.units.length} ${this.units.kind}s, and the model knows ${known}. Export ` +
          "it again.",
      );
    }
  }

  /**
   * Open the runner of a bundle.
   * @template {LanguageModel} T
   * @this {new (bundle: import("../bundle.js").Bundle, model: import("../runtime.js").Model) => T}
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   * @returns {Promise<T>}
   */
  static async open(bundle, open) {
    return new this(bundle, await openModel(bundle, "model", open));
  }

  get alphabet() {
    return this.units;
  }

  get ends() {
    return Boolean(this.bundle.setting("ends", "truth"));
  }

  /** @param {number} samples @returns {Promise<[import("../decoding/writing.js").Stepper, Tensor[][]]>} */
  async beginWriting(samples) {
    const states = [];
    for (let row = 0; row < samples; row++) states.push(await this.start());
    return [oneByOne((place, mine) => this.step(place, mine)), states];
  }

  /** Refused: a language model writes. @returns {Promise<never>} */
  async predict() {
    throw new RnnkitError("A language model does not answer texts: generate() writes on.");
  }

  /** The states before the first step. @returns {Promise<Tensor[]>} */
  async start() {
    const made = await this.model.run(RESET, {});
    return this.states.map((name) => made[name]);
  }

  /**
   * One step: logits of the next id, float32 `[1, units]`, and the new states.
   * @param {number} place The last id.
   * @param {readonly Tensor[]} states What the step before gave, or `start`.
   * @returns {Promise<[Tensor, Tensor[]]>}
   */
  async step(place, states) {
    const given = Object.fromEntries(this.states.map((name, number) => [name, states[number]]));
    const made = await this.model.run(STEP, { [IDS]: int32([place]), ...given });
    return [made[LOGITS], this.states.map((name) => made[name])];
  }

  /** Check that model and settings fit, before the first step. */
  checkModel() {
    const { bundle, model } = this;
    const states = Object.fromEntries(this.states.map((name) => [name, "f"]));
    const gives = { [STEP]: { [LOGITS]: "f", ...states }, [RESET]: states };
    const kind = `language model with ${this.states.length} states`;
    requireSignatures(model, { [STEP]: [IDS, ...this.states], [RESET]: [] }, gives, bundle.folder, kind);
    const [step, reset] = [STEP, RESET].map((name) => signatureOf(model, name));
    for (const made of [step.outputs, reset.outputs]) requireShapes(made, step.inputs, this.states, bundle.folder);
    const logits = step.outputs.get(LOGITS)?.shape ?? [];
    if (logits.length !== 2 || logits[0] !== 1) {
      throw new RnnkitError(`${bundle.folder}: the model gives logits as ${repr(logits)}. Export it again.`);
    }
  }
}
