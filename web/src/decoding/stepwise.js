/** Greedy decoding and sampling: one hypothesis per row, one id at a time. */

import { logSoftmax } from "./choices.js";
import * as ops from "./numpy_ops.js";
import { mostAttended, withoutMarks } from "./step.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
/** `(logits [rows, words], t)` to ids `[rows]`. @typedef {(logits: Tensor, t: number) => Tensor} Choice */

/**
 * Extend every row by the chosen id, until each has its END or `most` ids.
 * @param {import("./step.js").Step} step One step of the decoder.
 * @param {Tensor[]} states Before the first step, each `[rows, ...]`.
 * @param {Tensor[]} memory What every step reads, each `[rows, ...]`.
 * @param {import("./step.js").Marks} marks The ids with a meaning of their own.
 * @param {number} most Ids at most.
 * @param {Choice} choose The next ids.
 * @param {number} rows How many there are.
 * @param {Tensor | null} sourceMask 1 where there is a source word, `[rows, source]`; null for a step without
 *   attention.
 * @param {Tensor | null} sourceWords 1 where there is one that an id may be aligned to, `[rows, source]`.
 * @param {import("./penalties.js").Penalties} penalties How the scores of different lengths are made comparable.
 * @returns {Promise<import("./step.js").Decoded>}
 */
export async function oneByOne(step, states, memory, marks, most, choose, rows, sourceMask, sourceWords, penalties) {
  const places = ops.expandDims(ops.arange(most), 0);
  const empty = ops.zeros([rows, most], "int32");
  const attends = sourceMask !== null;
  const words = attends ? ops.cast(/** @type {Tensor} */ (sourceWords), "float32") : null;
  const mask = attends && penalties.coverage ? ops.cast(sourceMask, "float32") : null;
  let last = ops.full([rows], marks.start, "int32");
  let [ids, aligned] = [empty, empty];
  let logP = ops.zeros([rows]);
  let done = ops.zeros([rows], "bool");
  let covered = mask === null ? logP : ops.zerosLike(mask);
  for (let t = 0; t < most && !ops.all(done); t++) {
    const [given, newStates, attention] = await step(last, states, memory);
    const logits = withoutMarks(given, marks);
    last = ops.where(done, marks.pad, choose(logits, t));
    const gained = ops.takeAlongAxis(logSoftmax(logits), ops.expandDims(last, -1));
    logP = ops.add(logP, ops.where(done, 0.0, ops.squeeze(gained, -1)));
    const here = ops.equal(places, t);
    ids = ops.where(here, ops.expandDims(last, -1), ids);
    if (words !== null && attention !== null) aligned = ops.where(here, mostAttended(attention, words), aligned);
    if (mask !== null && attention !== null) {
      covered = ops.add(covered, ops.where(ops.expandDims(done, -1), 0.0, ops.cast(attention, "float32")));
    }
    done = ops.logicalOr(done, ops.equal(last, marks.end));
    states = newStates;
  }
  const lengths = ops.cast(ops.sum(ops.cast(ops.notEqual(ids, marks.pad), "int32")), "float32");
  const scores = penalties.score(logP, lengths, mask === null ? null : covered, mask);
  const [idsOfOne, scoresOfOne, alignedOfOne] = [ids, scores, aligned].map((found) => ops.expandDims(found, 1));
  return { ids: idsOfOne, scores: scoresOfOne, aligned: attends ? alignedOfOne : null };
}
