/** The file of one step of a network: what comes and the states in, an answer and the new states out. */

import { MOST_STATES } from "./bundle.js";
import { RnnkitError } from "./errors.js";
import { openModel, requireShapes, requireSignatures, signatureOf } from "./interpreter.js";
import { repr } from "./python/text.js";
import { Tensor } from "./tensor.js";

/** The signatures of such a file, and the name of its states, which are numbered. */
export const [STEP, RESET] = ["step", "reset"];
const STATE = "state";

/**
 * The names of the states of a bundle's network; none where it answers the whole alone.
 * @param {import("./bundle.js").Bundle} bundle
 */
export function stateNames(bundle) {
  return numberedNames(bundle, "states", STATE);
}

/**
 * Names of inputs or outputs with their numbers, as many as `bundle.json` says under a setting.
 * @param {import("./bundle.js").Bundle} bundle
 * @param {string} setting
 * @param {string} name
 */
export function numberedNames(bundle, setting, name) {
  return Array.from({ length: bundle.number(setting, 0, MOST_STATES) }, (_, number) => `${name}_${number}`);
}

/**
 * The model of a bundle's file of a step; null where its network answers the whole alone.
 * @param {import("./bundle.js").Bundle} bundle
 * @param {import("./runtime.js").OpenModel} open
 */
export async function openStep(bundle, open) {
  return stateNames(bundle).length ? openModel(bundle, STEP, open) : null;
}

/** The file of a step of a bundle. */
export class StepFile {
  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {import("./runtime.js").Model} model The file's.
   * @param {string} what Whose step it is, for messages.
   * @param {[string, number]} takes The name of what comes, and its width.
   * @param {[string, number]} gives The name of the answer, and its width.
   * @param {readonly string[]} [more] The names of further outputs.
   * @throws {RnnkitError} It does not fit the bundle.
   */
  constructor(bundle, model, what, takes, gives, more = []) {
    const { folder } = bundle;
    this.model = model;
    this.input = takes[0];
    this.states = stateNames(bundle);
    const floats = (/** @type {readonly string[]} */ names) => Object.fromEntries(names.map((name) => [name, "f"]));
    const made = { [STEP]: floats([gives[0], ...more, ...this.states]), [RESET]: floats(this.states) };
    requireSignatures(model, { [STEP]: [this.input, ...this.states], [RESET]: [] }, made, folder, `step of a ${what}`);
    const [step, reset] = [STEP, RESET].map((name) => signatureOf(model, name));
    for (const details of [step.outputs, reset.outputs]) requireShapes(details, step.inputs, this.states, folder);
    const shapes = repr([step.inputs.get(this.input)?.shape, step.outputs.get(gives[0])?.shape]);
    if (shapes !== `[[1, ${takes[1]}], [1, ${gives[1]}]]`) {
      throw new RnnkitError(`${folder}: a step takes and gives ${shapes}. Export it again.`);
    }
  }

  /** The network's states before the first step. @returns {Promise<Tensor[]>} */
  async firstStates() {
    const made = await this.model.run(RESET, {});
    return this.states.map((name) => made[name]);
  }

  /**
   * Take a step: the outputs by name, `[1, width]` each, and the states then.
   * @param {Float32Array} row What comes, `[width]`.
   * @param {readonly Tensor[]} states Those before it.
   * @returns {Promise<[Record<string, Tensor>, Tensor[]]>}
   */
  async run(row, states) {
    const given = Object.fromEntries(this.states.map((name, number) => [name, states[number]]));
    const made = await this.model.run(STEP, { [this.input]: new Tensor(row, [1, row.length]), ...given });
    return [made, this.states.map((name) => made[name])];
  }
}
