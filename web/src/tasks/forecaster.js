/** Forecast time series with an exported forecaster, from their raw values. */

import { forecastOf } from "../answers/forecasts.js";
import { HEADS, levelsOf, quantilesOf } from "../codec/forecast_heads.js";
import { chancesOf, medianPath, quantilesOfPaths, walked } from "../codec/forecast_paths.js";
import { BEFORE, FUTURE, ForecastPlan, NUMBER, PAST } from "../codec/forecast_plan.js";
import { historiesIn, historyOf } from "../codec/histories.js";
import { RnnkitError } from "../errors.js";
import { parseJson } from "../files/reading.js";
import { finite } from "../finite.js";
import { openModel, requireShapes, requireSignatures, signatureOf } from "../interpreter.js";
import { repr } from "../python/text.js";
import { STEP, stateNames } from "../step_file.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
/** The signature of the file, and the name of what it gives; step by step: the signature before `STEP`. */
const [FORECAST, STEPS, ENCODE] = ["forecast", "steps", "encode"];

/** Runs a bundle of the task "forecaster"; `load` makes it. */
export class Forecaster {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    this.bundle = bundle;
    const where = bundle.path(bundle.setting("plan", "text"));
    this.plan = ForecastPlan.ofJson(parseJson(bundle.read("plan"), where), where);
    this.model = model;
    this.states = stateNames(bundle);
    this.checkModel();
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new Forecaster(bundle, await openModel(bundle, "model", open));
  }

  /**
   * Forecast series: one answer for each; a single one counts as a list of one.
   * @param {any} series The values of each as a list, an array or text ("1 2 3"); or an object of these as `values`,
   *   with the name of the `series`, the time of its first value (`start`), what is `known` ahead and `static`.
   * @returns {Promise<import("../answers/forecasts.js").Forecast[]>}
   * @throws {RnnkitError} One is none of these, or lacks what the forecaster needs.
   */
  async predict(series) {
    const histories = historiesIn(series).map((one, place) => historyOf(one, this.plan, `Series ${place + 1}`));
    const found = [];
    for (const history of histories) found.push(await this.forecast(history));
    return found;
  }

  /** @param {import("../codec/histories.js").History} history */
  async forecast({ values, series, start, known, static: fixed }) {
    const { plan } = this;
    const read = values.slice(-plan.lookBack).map((value) => plan.read(value));
    const past = [...new Array(plan.lookBack - read.length).fill(NaN), ...read];
    const { centre, scale } = plan.scales(past, plan.spreadOf(series, values));
    const count = values.length + plan.horizon;
    const wanted = plan.lookBack + plan.horizon;
    const nothing = Array.from({ length: Math.max(wanted - count, 0) }, () => new Array(plan.futureFeatures).fill(0));
    const covariates = [...nothing, ...plan.covariates(start ?? 0, count, known, fixed)].slice(-wanted);
    const inputs = plan.inputs(past, covariates, plan.numberOf(series), centre, scale);
    const scaled = await this.quantiles(inputs, scale);
    const quantiles = scaled.map((row) => row.map((value) => plan.own(value * scale + centre)));
    return forecastOf(series, start, values.length, quantiles, levelsOf(plan.head), plan);
  }

  /**
   * The quantiles of the scaled steps ahead, `[horizon][levels]`.
   * @param {Record<string, Tensor>} inputs What the network takes, by name, batch 1.
   * @param {number} scale What values were divided by.
   */
  async quantiles(inputs, scale) {
    const { plan } = this;
    if (plan.paths > 1) {
      const chances = chancesOf(plan.paths, plan.horizon);
      return quantilesOfPaths((await this.walk(inputs, scale, chances)).values, plan.head);
    }
    if (this.states.length) {
      const [steps] = (await this.walk(inputs, 1, medianPath(plan.horizon))).parameters;
      return steps.map((step) => quantilesOf(plan.head, step, scale));
    }
    const steps = (await this.model.run(FORECAST, inputs))[STEPS];
    finite(steps.data);
    return Array.from({ length: plan.horizon }, (_, step) =>
      quantilesOf(plan.head, steps.row(0).row(step).data, scale),
    );
  }

  /** `walked` for a window. @param {Record<string, Tensor>} inputs @param {number} scale @param {number[][]} chances */
  async walk(inputs, scale, chances) {
    const { plan } = this;
    const made = await this.model.run(ENCODE, { [PAST]: inputs[PAST] });
    /** @type {import("../codec/forecast_paths.js").Step} */
    const step = async (before, future, numbers, states) => {
      const told = plan.numbered ? { [NUMBER]: numbers } : {};
      const named = Object.fromEntries(this.states.map((name, place) => [name, states[place]]));
      const next = await this.model.run(STEP, { [BEFORE]: before, [FUTURE]: future, ...told, ...named });
      finite(next[STEPS].data);
      return [next[STEPS], this.states.map((name) => next[name])];
    };
    return walked(
      plan,
      step,
      this.states.map((name) => made[name]),
      inputs,
      scale,
      chances,
    );
  }

  /** Check that model and plan fit, before the first series. */
  checkModel() {
    const { plan, states, model } = this;
    const { folder } = this.bundle;
    if ((plan.decoding === "stepwise") !== states.length > 0) {
      throw new RnnkitError(`${folder}: its plan is ${plan.decoding}, with ${states.length} states. Export again.`);
    }
    if (states.length) {
      this.checkSteps();
      return;
    }
    /** @type {Record<string, number[]>} */
    const shapes = { [PAST]: [1, plan.lookBack, plan.pastFeatures] };
    if (plan.futureFeatures) shapes[FUTURE] = [1, plan.horizon, plan.aheadFeatures];
    if (plan.numbered) shapes[NUMBER] = [1];
    requireSignatures(
      model,
      { [FORECAST]: Object.keys(shapes) },
      { [FORECAST]: { [STEPS]: "f" } },
      folder,
      "forecaster",
    );
    const { inputs, outputs } = signatureOf(model, FORECAST);
    const fits = Object.entries(shapes).every(([name, shape]) => inputs.get(name)?.shape.join() === shape.join());
    const made = outputs.get(STEPS)?.shape ?? [];
    if (!fits || made.join() !== [1, plan.horizon, HEADS.get(plan.head)].join()) {
      const taken = new Map([...inputs].map(([name, { shape }]) => [name, shape]));
      throw new RnnkitError(
        `${folder}: the model takes ${repr(taken)} and gives ${repr(made)}; its plan is another. Export again.`,
      );
    }
  }

  /** The same for a model that goes step by step. */
  checkSteps() {
    const { plan, states, model } = this;
    const { folder } = this.bundle;
    /** @type {Record<string, number[]>} */
    const shapes = { [BEFORE]: [plan.paths, 1], [FUTURE]: [plan.paths, plan.aheadFeatures] };
    if (plan.numbered) shapes[NUMBER] = [plan.paths];
    const given = Object.fromEntries(states.map((name) => [name, "f"]));
    const wanted = { [ENCODE]: [PAST], [STEP]: [...Object.keys(shapes), ...states] };
    requireSignatures(model, wanted, { [ENCODE]: given, [STEP]: { [STEPS]: "f", ...given } }, folder, "forecaster");
    const [encode, step] = [ENCODE, STEP].map((name) => signatureOf(model, name));
    requireShapes(step.outputs, step.inputs, states, folder);
    const past = encode.inputs.get(PAST)?.shape ?? [];
    const found = new Map(Object.keys(shapes).map((name) => [name, step.inputs.get(name)?.shape ?? []]));
    const fits = Object.entries(shapes).every(([name, shape]) => found.get(name)?.join() === shape.join());
    const made = step.outputs.get(STEPS)?.shape ?? [];
    const right =
      past.join() === [1, plan.lookBack, plan.pastFeatures].join() &&
      made.join() === [plan.paths, HEADS.get(plan.head)].join();
    if (!fits || !right) {
      throw new RnnkitError(
        `${folder}: the model takes ${repr(past)} and ${repr(found)}; its plan is another. Export again.`,
      );
    }
  }
}
