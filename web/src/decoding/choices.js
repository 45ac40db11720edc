/** Choice of the next id from logits: the likeliest, or sampled. */

import * as ops from "./numpy_ops.js";
import { Generator } from "../python/random.js";
import { Tensor } from "../tensor.js";

/** Below it nothing but the likeliest is ever drawn. */
const COLDEST = 1e-3;
/** What no id may have as its log probability: so low that no sum of others reaches it, and still a number. */
export const NEVER = -1e9;

/** The id of the highest logit, of equal ones the first: `[rows, words]` to int32 `[rows]`. @param {Tensor} logits */
export const likeliest = (logits) => ops.squeeze(ops.topK(logits, 1)[1], -1);

/** log p of every id. @param {Tensor} logits */
export const logSoftmax = (logits) => ops.subtract(logits, ops.logsumexp(logits, true));

/**
 * An id sampled by its probability.
 *
 * p = softmax(logits / temperature), sorted descending; kept: the first top_k ids, of these the fewest whose p together
 * reach top_p; the first id at which the sum of p, over what is kept together 1, exceeds `uniform`.
 * @param {Tensor} logits `[rows, words]`.
 * @param {Tensor} uniform A number from 0 to 1 for each row: the same numbers draw the same ids on every machine.
 * @param {{temperature?: number, top_k?: number, top_p?: number}} [how]
 */
export function drawn(logits, uniform, { temperature = 1.0, top_k = 0, top_p = 1.0 } = {}) {
  if (temperature < COLDEST) return likeliest(logits);
  const words = /** @type {number} */ (logits.shape.at(-1));
  const [sorted, ids] = ops.topK(logits, top_k ? Math.min(top_k, words) : words);
  let p = ops.exp(logSoftmax(ops.divide(sorted, temperature)));
  const before = ops.subtract(ops.cumsum(p), p);
  p = ops.where(ops.less(before, Math.fround(top_p)), p, ops.zerosLike(p));
  const reached = ops.cumsum(p);
  const last = new Tensor(
    Int32Array.from({ length: reached.shape[0] }, () => reached.shape[1] - 1),
    [reached.shape[0], 1],
  );
  const aim = ops.multiply(ops.expandDims(uniform, -1), ops.takeAlongAxis(reached, last));
  let place = ops.sum(ops.cast(ops.lessEqual(reached, aim), "int32"), true);
  place = ops.minimum(place, ids.shape[1] - 1);
  return ops.squeeze(ops.takeAlongAxis(ids, place), -1);
}

/**
 * Random numbers for sampling, from 0 to 1, that depend on the seed and the row's index alone: float32 `[places,
 * most]`.
 * @param {number | null} seed null for something else each time.
 * @param {readonly number[]} places Which sequence of all each row is, from 0.
 * @param {number} most Ids at most.
 */
export function uniformNumbers(seed, places, most) {
  const made = new Float32Array(places.length * most);
  places.forEach((place, row) => {
    const random = new Generator(seed === null ? null : [seed, place]);
    for (let t = 0; t < most; t++) made[row * most + t] = random.random();
  });
  return new Tensor(made, [places.length, most]);
}
