/** Decoding: from next-id probabilities to whole sequences. Twin of rnnkit/decoding/__init__.py. */

import { Beam } from "./beam.js";
import { drawn, likeliest, uniformNumbers } from "./choices.js";
import * as ops from "./numpy_ops.js";
import { Penalties } from "./penalties.js";
import { oneByOne } from "./stepwise.js";
import { RnnkitError, didYouMean } from "../errors.js";
import { repr } from "../python/text.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
export const STRATEGIES = Object.freeze(["greedy", "beam", "sample"]);

/**
 * How to decode. The names are those of the options in Python and in `bundle.json`.
 * @typedef {object} How
 * @property {import("./step.js").Marks} marks START, END and PAD.
 * @property {number} max_length Ids at most, END included.
 * @property {string} [strategy] "greedy", "beam" or "sample".
 * @property {Tensor | null} [source_mask] 1 where there is a source word, `[rows, source]`, for steps that give
 *   attention.
 * @property {Tensor | null} [source_words] 1 where there is one that an id may be aligned to; by default as
 *   `source_mask`.
 * @property {number} [beam_width] Hypotheses of a row.
 * @property {number} [n_best] How many of these to return.
 * @property {number} [length_penalty] alpha of `Penalties`.
 * @property {number} [coverage_penalty] beta of `Penalties`.
 * @property {boolean} [early_finish] Stops a beam search as soon as its answer is certain.
 * @property {number} [temperature] Of sampling; below 1 the likely become likelier.
 * @property {number} [top_k] Ids that are drawn from, the likeliest; 0 for all.
 * @property {number} [top_p] Share of the probability that is drawn from.
 * @property {number | null} [seed] Of sampling: the same seed draws the same for a row as in Python.
 * @property {Tensor} [uniform] Numbers from 0 to 1 that sampling draws with, `[rows, max_length]`.
 * @property {number} [rows] How many there are, where it cannot be read off the states.
 */

/**
 * The likeliest sequences of a step-by-step network, or samples from it.
 * @param {import("./step.js").Step} step `(last ids [rows], states, memory)` to logits, new states and attention.
 * @param {Tensor[]} states What changes from step to step, before the first one; each `[rows, ...]`.
 * @param {Tensor[]} memory What every step reads and none changes; each `[rows, ...]`.
 * @param {How} how
 * @returns {Promise<import("./step.js").Decoded>}
 * @throws {RnnkitError} For a number out of range or an unknown strategy.
 */
export async function decode(step, states, memory, how) {
  const { marks, max_length, strategy = "greedy", source_mask = null, beam_width = 5, n_best = 1, seed = null } = how;
  const { length_penalty = 0.0, coverage_penalty = 0.0, early_finish = true } = how;
  const { temperature = 1.0, top_k = 0, top_p = 1.0 } = how;
  if (!STRATEGIES.includes(strategy)) {
    throw new RnnkitError(
      `Unknown strategy ${repr(strategy)}; expected one of ` +
        `${STRATEGIES.join(", ")}.${didYouMean(strategy, STRATEGIES)}`,
    );
  }
  check({ max_length, beam_width, n_best, length_penalty, coverage_penalty, temperature, top_k }, top_p);
  const rows = how.rows ?? [...states, ...memory][0].shape[0];
  if (coverage_penalty && source_mask === null) {
    throw new RnnkitError(
      `coverage_penalty is ${coverage_penalty}, and there is no attention to look at; set it to 0.`,
    );
  }
  const source_words = how.source_words ?? source_mask;
  const penalties = new Penalties(length_penalty, coverage_penalty);
  if (strategy === "beam") {
    if (n_best > beam_width) {
      throw new RnnkitError(
        `n_best is ${n_best}, and a beam of ${beam_width} finds only as many. Widen the beam: --beam-width ${n_best}.`,
      );
    }
    const beam = new Beam(step, marks, max_length, beam_width, n_best, penalties, early_finish);
    return beam.search(states, memory, rows, source_mask, source_words);
  }
  if (n_best !== 1) {
    throw new RnnkitError(`n_best is ${n_best}; only a beam search has more than one answer (strategy='beam').`);
  }
  /** @type {import("./stepwise.js").Choice} */
  let choose = likeliest;
  if (strategy === "sample") {
    const numbers =
      how.uniform ??
      uniformNumbers(
        seed,
        Array.from({ length: rows }, (_, row) => row),
        max_length,
      );
    choose = (logits, t) => {
      const column = ops.full([rows, 1], t, "int32");
      return drawn(logits, ops.squeeze(ops.takeAlongAxis(numbers, column), -1), { temperature, top_k, top_p });
    };
  }
  return oneByOne(step, states, memory, marks, max_length, choose, rows, source_mask, source_words, penalties);
}

/** @param {Record<string, number>} given @param {number} topP */
function check(given, topP) {
  for (const [name, value] of Object.entries(given)) {
    const low = ["max_length", "beam_width", "n_best"].includes(name) ? 1 : 0;
    if (!(value >= low)) throw new RnnkitError(`${name} is ${repr(value)}; it must be at least ${low}.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RnnkitError(`top_p is ${repr(topP)}; it must be above 0 and at most 1.`);
}
