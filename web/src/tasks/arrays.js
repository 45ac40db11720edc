/** Answer sequences of numbers with numbers: the runner of tasks of one's own whose bundle names it. */

import { RnnkitError } from "../errors.js";
import { finite } from "../finite.js";
import { openModel } from "../interpreter.js";
import { cut, float, repr } from "../python/text.js";
import { split } from "../python/unicode.js";
import { Tensor } from "../tensor.js";

const MOST_FEATURES = 1_000_000;

/** Runs a bundle whose model takes `[1, time, features]` and gives `[1, outputs]`; `load` makes it. */
export class Arrays {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @param {boolean} [byStep] Whether the model gives `[1, time, outputs]`, some for each step.
   * @throws {RnnkitError} The files do not fit each other.
   */
  constructor(bundle, model, byStep = false) {
    this.bundle = bundle;
    this.model = model;
    this.byStep = byStep;
    this.features = bundle.number("features", 1, MOST_FEATURES);
    this.outputs = this.checkModel();
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new Arrays(bundle, await openModel(bundle, "model", open));
  }

  /**
   * Answer sequences: a number for each where the model has one output, else a list of numbers.
   * @param {any} sequences For each `[time, features]`, or `[time]` where there is one feature, as arrays or lists, or
   *   as text: blanks between the steps, commas between the features of a step, "0.5,1 0.6,2".
   * @returns {Promise<(number | number[])[]>}
   */
  async predict(sequences) {
    if (typeof sequences?.[Symbol.iterator] !== "function") {
      throw new RnnkitError(`Expected a list of sequences, got ${cut(repr(sequences), 60)}.`);
    }
    const rows = await this.run(typeof sequences === "string" ? [sequences] : [...sequences]);
    return rows.flatMap(({ data, shape }) => {
      const size = /** @type {number} */ (shape.at(-1));
      return Array.from({ length: data.length / size }, (_, row) =>
        size === 1 ? data[row] : Array.from(data.subarray(row * size, (row + 1) * size)),
      );
    });
  }

  /**
   * The model's outputs for each sequence, `[outputs]`, or by step `[steps, outputs]`.
   * @param {readonly any[]} sequences
   */
  async run(sequences) {
    const found = [];
    for (const [place, values] of sequences.entries()) found.push(await this.runOne(this.checked(values, place)));
    return found;
  }

  /** @param {Tensor} values @returns {Promise<Tensor>} */
  async runOne(values) {
    const [steps, width] = values.shape;
    const length = this.bundle.fixedLength ? this.bundle.maxLength : steps;
    const padded = new Float32Array(length * width).fill(NaN);
    padded.set(values.data);
    const [[name, { inputs, outputs }]] = this.model.signatures;
    const [[input], [output]] = [[...inputs.keys()], [...outputs.keys()]];
    const answer = (await this.model.run(name, { [input]: new Tensor(padded, [1, length, width]) }))[output].row(0);
    if (!this.byStep) return new Tensor(finite(answer.data), answer.shape);
    return new Tensor(finite(answer.data.subarray(0, steps * this.outputs)), [steps, this.outputs]);
  }

  /** A sequence as float32 `[time, features]`. @param {any} values @param {number} place */
  checked(values, place) {
    const expected = `expected 1 to ${this.bundle.maxLength} steps of ${this.features} finite numbers.`;
    if (values instanceof Tensor && values.shape.length === 2)
      values = Array.from({ length: values.shape[0] }, (_, step) => values.row(step).data);
    const steps =
      typeof values === "string"
        ? split(values).map((step) => step.split(",").map(float))
        : Array.from(values ?? [], (step) => (typeof step === "number" ? [step] : Array.from(step ?? [])));
    const shape = [steps.length, steps[0]?.length ?? 0];
    if (steps.some((step) => step.length !== shape[1] || step.some((each) => typeof each !== "number"))) {
      throw new RnnkitError(
        `Sequence ${place} is ${repr(cut(typeof values === "string" ? values : repr(values), 60))}; ${expected}`,
      );
    }
    if (shape[1] !== this.features || !(shape[0] >= 1 && shape[0] <= this.bundle.maxLength)) {
      throw new RnnkitError(`Sequence ${place} is ${repr(shape)}; ${expected}`);
    }
    const numbers = Float32Array.from(/** @type {number[]} */ (steps.flat()));
    const odd = numbers.findIndex((number) => !Number.isFinite(number));
    if (odd >= 0) {
      const step = Math.floor(odd / this.features);
      throw new RnnkitError(`Sequence ${place} holds ${repr(steps[step])} at step ${step}; ${expected}`);
    }
    return new Tensor(numbers, shape);
  }

  /** The number of outputs, after a check that model and settings fit. */
  checkModel() {
    const { bundle, byStep, features } = this;
    const [[, signature] = ["", { inputs: new Map(), outputs: new Map() }]] = this.model.signatures;
    const [inputs, outputs] = [[...signature.inputs.values()], [...signature.outputs.values()]];
    const shapes = [...inputs, ...outputs].map(({ shape }) => shape);
    const floats = [...inputs, ...outputs].every(({ dtype }) => dtype === "float32");
    if (shapes.map((shape) => shape.length).join() !== `3,${byStep ? 3 : 2}` || inputs.length !== 1 || !floats) {
      const gives = byStep ? "[1, time, outputs]" : "[1, outputs]";
      throw new RnnkitError(
        `${bundle.folder}: the model takes and gives ${repr(shapes)}; expected [1, time, features] and ` +
          `${gives} of float32. Export it again.`,
      );
    }
    const length = bundle.fixedLength ? bundle.maxLength : -1;
    const count = /** @type {number} */ (shapes[1].at(-1));
    if (shapes[0].join() !== [1, length, features].join() || shapes[1][0] !== 1 || count < 1) {
      throw new RnnkitError(
        `${bundle.folder} says ${features} features and at most ${bundle.maxLength} steps, but the model takes ` +
          `${repr(shapes[0])} and gives ${repr(shapes[1])}. Export it again.`,
      );
    }
    return count;
  }
}
