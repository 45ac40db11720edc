/** Forecasts step by step: possible futures of one window, each of whose steps is drawn and goes into the next. */

import { LEVELS, levelsOf, quantilesOf } from "./forecast_heads.js";
import { FUTURE, NUMBER, PAST } from "./forecast_plan.js";
import { Generator } from "../python/random.js";
import { Tensor } from "../tensor.js";

/**
 * From the value before `[paths, 1]`, the features of a step, the numbers of the series and states to the parameters of
 * the step `[paths, parameters]` and the new states.
 * @typedef {(before: Tensor, future: Tensor, numbers: Tensor, states: Tensor[]) => Promise<[Tensor, Tensor[]]>} Step
 */
const FINE = [0.005, ...LEVELS, 0.995];

/**
 * Which quantile each path has at each step, `[paths][horizon]`: at each step all of them are evenly spread.
 * @param {number} paths How many.
 * @param {number} horizon Steps.
 * @param {number} [seed] Of the order.
 */
export function chancesOf(paths, horizon, seed = 0) {
  const random = new Generator([seed, paths]);
  const even = Array.from({ length: paths }, (_, path) => (path + 0.5) / paths);
  const steps = Array.from({ length: horizon }, () => random.permutation(even));
  return even.map((_, path) => steps.map((step) => step[path]));
}

/** The chances of one path, that of the medians. @param {number} horizon */
export const medianPath = (horizon) => [new Array(horizon).fill(0.5)];

/**
 * Walk into the future, on several paths from a window: the parameters of the steps, `[paths][horizon][parameters]`,
 * and the scaled values drawn from them, `[paths][horizon]`.
 * @param {import("./forecast_plan.js").ForecastPlan} plan The forecaster's.
 * @param {Step} step The network's step.
 * @param {readonly Tensor[]} states Those after the history, `[1, size]` each.
 * @param {Record<string, Tensor>} inputs What the plan made of the window, by name.
 * @param {number} scale What values were divided by.
 * @param {readonly (readonly number[])[]} chances As `chancesOf` gives them.
 */
export async function walked(plan, step, states, inputs, scale, chances) {
  const paths = chances.length;
  const past = inputs[PAST];
  let values = new Float32Array(paths).fill(past.row(0).row(past.shape[1] - 1).data[0]);
  const numbers = new Tensor(new Int32Array(paths).fill(inputs[NUMBER]?.data[0] ?? 0));
  let now = states.map((state) => repeated(state.row(0).data, paths));
  const found = chances.map(() => /** @type {number[]} */ ([]));
  const parameters = chances.map(() => /** @type {import("../tensor.js").Data[]} */ ([]));
  for (let place = 0; place < plan.horizon; place++) {
    const future = repeated(inputs[FUTURE].row(0).row(place).data, paths);
    const [given, next] = await step(new Tensor(values, [paths, 1]), future, numbers, now);
    parameters.forEach((path, row) => path.push(given.row(row).data));
    found.forEach((path, row) => path.push(drawn(plan.head, given.row(row).data, chances[row][place], scale)));
    values = Float32Array.from(found, (path) => path[place]);
    now = next;
  }
  return { parameters, values: found };
}

/** @param {import("../tensor.js").Data} row @param {number} count */
function repeated(row, count) {
  const made = new Float32Array(count * row.length);
  for (let place = 0; place < count; place++) made.set(row, place * row.length);
  return new Tensor(made, [count, row.length]);
}

/**
 * The value at a quantile of a head's distribution: straight lines between those that are known.
 * @param {string} head One of `HEADS`.
 * @param {ArrayLike<number>} parameters
 * @param {number} chance From 0 to 1.
 * @param {number} scale
 */
export function drawn(head, parameters, chance, scale) {
  const levels = head === "quantiles" || head === "point" ? levelsOf(head) : FINE;
  const found = quantilesOf(head, parameters, scale, levels);
  if (levels.length === 1) return found[0];
  const below = levels.filter((level) => level < chance).length;
  const place = Math.min(Math.max(below - 1, 0), levels.length - 2);
  const share = (chance - levels[place]) / (levels[place + 1] - levels[place]);
  return found[place] + share * (found[place + 1] - found[place]);
}

/**
 * The quantiles of drawn values over the paths, `[horizon][levels]`.
 * @param {readonly (readonly number[])[]} values `[paths][horizon]`.
 * @param {string} head One of `HEADS`.
 */
export const quantilesOfPaths = (values, head) =>
  values[0].map((_, step) => {
    const column = values.map((path) => path[step]).sort((a, b) => a - b);
    return levelsOf(head).map((level) => {
      const place = level * (column.length - 1);
      const low = Math.floor(place);
      const [a, b, t] = [column[low], column[Math.min(low + 1, column.length - 1)], place - low];
      return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
    });
  });
