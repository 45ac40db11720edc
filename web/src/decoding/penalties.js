/** Scores of beam search hypotheses: log-probability with length and coverage penalties. */

import * as ops from "./numpy_ops.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
const LEAST_COVERED = 1e-6;

/**
 * The score of a hypothesis: s(Y, X) = log P(Y | X) / lp(Y) + cp(X, Y), lp(Y) = ((5 + |Y|) / 6)^alpha,
 * cp(X, Y) = beta sum_i log(min(sum_j p_ij, 1)) (Wu et al. 2016, equation 14).
 */
export class Penalties {
  /**
   * @param {number} [length] alpha; 0 ranks by the bare probability, which favours short answers.
   * @param {number} [coverage] beta; 0 does not look at the attention.
   */
  constructor(length = 0.0, coverage = 0.0) {
    this.length = length;
    this.coverage = coverage;
  }

  /** lp of a number of ids, END among them. @param {number} length */
  lengthFactor(length) {
    return ((5.0 + length) / 6.0) ** this.length;
  }

  /**
   * s of hypotheses.
   * @param {Tensor} logP `[...]`.
   * @param {Tensor} length Ids of each, as a float, `[...]` or a scalar.
   * @param {Tensor | null} covered Attention summed over the hypothesis, `[..., source]`.
   * @param {Tensor | null} mask 1 where there is a source word, `[..., source]`.
   */
  score(logP, length, covered, mask) {
    const factors = ops.cast(length, "float32");
    factors.data.forEach(
      (each, place) => (factors.data[place] = Math.fround(Math.fround(5 + each) / 6) ** this.length),
    );
    const score = ops.divide(logP, factors);
    if (covered === null || !this.coverage) return score;
    const logs = ops.log(ops.minimum(ops.maximum(covered, LEAST_COVERED), 1.0));
    return ops.add(score, ops.multiply(ops.sum(mask === null ? logs : ops.multiply(logs, mask)), this.coverage));
  }

  /**
   * The best score that a hypothesis not yet ended can still get: no more is lost, and the longest lp.
   * @param {Tensor} logP
   * @param {number} most
   */
  bound(logP, most) {
    return ops.divide(logP, this.lengthFactor(most));
  }
}
