/** Decisions on a stream: the label that was probable for some steps. */

import { argmax } from "../decoding/numpy_ops.js";
import { RnnkitError } from "../errors.js";

/**
 * A label that a stream was found to have, its probability at this step, and the step, from 0.
 * @typedef {{label: string, probability: number, step: number}} Decision
 */

/**
 * The decisions on a stream: a label is decided once it had a probability of `threshold` or more for `hold` steps one
 * after the other. It is decided again after another one, or after as many steps without any.
 * @param {AsyncIterable<import("../tensor.js").Data>} rows The probabilities after each step, `[labels]`.
 * @param {readonly string[]} labels Their names.
 * @param {number} [threshold] 0-1.
 * @param {number} [hold] Steps, 1 or more.
 * @param {readonly string[]} [silent] Labels that are as none, such as "background".
 * @returns {AsyncGenerator<Decision, void, void>}
 * @throws {RnnkitError} An argument is out of its range.
 */
export async function* decisions(rows, labels, threshold = 0.8, hold = 5, silent = []) {
  if (!(threshold >= 0 && threshold <= 1 && hold >= 1)) {
    throw new RnnkitError(`threshold is ${threshold} and hold ${hold}; expected 0 to 1, and 1 step or more.`);
  }
  let [said, candidate, held, step] = ["", "", 0, 0];
  for await (const row of rows) {
    const best = argmax(row);
    const label = row[best] >= threshold && !silent.includes(labels[best]) ? labels[best] : "";
    held = label === candidate ? held + 1 : 1;
    candidate = label;
    if (held === hold && label !== said) {
      said = label;
      if (label) yield { label, probability: row[best], step };
    }
    step += 1;
  }
}
