/** The inputs and outputs of decoding. */

import { NEVER } from "./choices.js";
import * as ops from "./numpy_ops.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
/**
 * `(last ids [rows], states, memory)` to `[logits [rows, words], new states, attention [rows, source] or null]`.
 * @typedef {(last: Tensor, states: Tensor[], memory: Tensor[]) => Promise<[Tensor, Tensor[], Tensor | null]>} Step
 */
/**
 * Special ids: start, end and padding; and a further id that is never chosen, such as that of unknown words.
 * @typedef {{start: number, end: number, pad: number, never: number | null}} Marks
 */
/**
 * Sequences, the best of a row first: ids int32 `[rows, n_best, time]`, scores `[rows, n_best]`, and the place of the
 * source word that each id attended to most, int32 `[rows, n_best, time]`, or null.
 * @typedef {{ids: Tensor, scores: Tensor, aligned: Tensor | null}} Decoded
 */

/** Logits that exclude START, PAD and forbidden ids. @param {Tensor} logits @param {Marks} marks */
export function withoutMarks(logits, marks) {
  const made = ops.cast(logits, "float32");
  const words = /** @type {number} */ (made.shape.at(-1));
  const never = [marks.start, marks.pad, ...(marks.never === null ? [] : [marks.never])];
  for (const id of never) for (let at = id; at < made.data.length; at += words) made.data[at] = NEVER;
  return made;
}

/**
 * Attention and 1 where there is a word, `[rows, source]`, to the index of the most attended word, `[rows, 1]`.
 * @param {Tensor} attention
 * @param {Tensor} words
 */
export const mostAttended = (attention, words) => ops.topK(ops.multiply(ops.cast(attention, "float32"), words), 1)[1];
