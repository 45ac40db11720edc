/** A check that a model's outputs are finite. */

import { RnnkitError } from "./errors.js";

/**
 * The same numbers.
 * @template {ArrayLike<number>} T
 * @param {T} numbers Probabilities or logits.
 * @returns {T}
 * @throws {RnnkitError} One of them is NaN or infinite, as all are that broken weights make.
 */
export function finite(numbers) {
  if (!Array.prototype.every.call(numbers, Number.isFinite)) {
    throw new RnnkitError(
      "The model's answer is no finite number, so its weights are broken or too large. Copy or export it " +
        "again, or train anew.",
    );
  }
  return numbers;
}
