/** The answer to a text that may have several labels, or none. */

import { finite } from "../finite.js";

/** The probability from which a label applies; the thresholds chosen in training are in the model's last layer. */
export const THRESHOLD = 0.5;

/**
 * The answer to one text: the labels that apply, in the model's order; the probabilities of all, each 0-1 by itself;
 * and whether nothing was read.
 * @typedef {{labels: string[], probabilities: Map<string, number>, nothing_read: boolean}} LabelSet
 */

/** Which labels apply, by their probabilities. @param {ArrayLike<number>} probabilities */
export const applies = (probabilities) => Array.from(probabilities, (each) => each >= THRESHOLD);

/**
 * The answer of one row of probabilities, `[labels]`.
 * @param {import("../tensor.js").Data} row
 * @param {readonly string[]} labels
 * @returns {LabelSet}
 */
export function labelSetOf(row, labels) {
  const chosen = applies(finite(row));
  const probabilities = new Map(labels.map((label, place) => [label, row[place]]));
  return { labels: labels.filter((_, place) => chosen[place]), probabilities, nothing_read: false };
}
