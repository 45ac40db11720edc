/** The answer to a sequence with a label for every step. */

import { argmax } from "../decoding/numpy_ops.js";
import { finite } from "../finite.js";

/**
 * The answer to one sequence: the most probable label of each step, the probability of each of these, and those of all
 * labels, in the model's order, one for each step.
 * @typedef {{labels: string[], probability: number[], probabilities: Map<string, number[]>}} StepPrediction
 */

/**
 * The answer of the probabilities of all steps, `[time, labels]`.
 * @param {import("../tensor.js").Tensor} rows
 * @param {readonly string[]} labels
 * @returns {StepPrediction}
 */
export function stepPredictionOf(rows, labels) {
  finite(rows.data);
  const steps = Array.from({ length: rows.shape[0] }, (_, step) => rows.row(step).data);
  const best = steps.map(argmax);
  return {
    labels: best.map((place) => labels[place]),
    probability: steps.map((row, step) => row[best[step]]),
    probabilities: new Map(labels.map((label, place) => [label, steps.map((row) => row[place])])),
  };
}
