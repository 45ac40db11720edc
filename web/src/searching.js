/** Decoding options of a translator. Twin of rnnkit/lite/searching.py. */

import { uniformNumbers } from "./decoding/choices.js";
import { STRATEGIES } from "./decoding/index.js";
import { RnnkitError } from "./errors.js";
import { checkedOptions } from "./options.js";
import { repr } from "./python/text.js";

/** @typedef {Record<string, import("./options.js").Spec>} Specs */
/** Beam search options, as stored in a bundle. @type {Specs} */
export const BEAM_OPTIONS = {
  beam_width: { kind: "whole", default: 5, low: 1, high: 1000 }, // hypotheses followed while writing; 1: greedy
  length_penalty: { kind: "number", default: 1.0, low: 0, high: 10 }, // what makes up for length in a score
  coverage_penalty: { kind: "number", default: 0.0, low: 0, high: 10 }, // weight of source words not looked at
};
/** Options of `predict`: arguments of `decode`. @type {Specs} */
export const SEARCH_OPTIONS = {
  ...BEAM_OPTIONS,
  n_best: { kind: "whole", default: 1, low: 1, high: 1000 }, // answers to an input, the best first
  strategy: { kind: "text", default: "beam", choices: STRATEGIES }, // how the next piece is chosen
  max_length: { kind: "whole", default: 100, low: 1, high: 10_000 }, // pieces written at most
  early_finish: { kind: "truth", default: true }, // stop a beam search as soon as its answer is certain
  temperature: { kind: "number", default: 1.0, low: 0, high: 100 }, // of sampling
  top_k: { kind: "whole", default: 0, low: 0, high: 10 ** 6 }, // draw from so many of the likeliest pieces; 0: all
  top_p: { kind: "number", default: 1.0, low: 1e-6, high: 1 }, // draw from the likeliest pieces of this share
  seed: { kind: "whole", default: 0, low: 0, high: 2 ** 31 - 1 }, // the same seed draws the same; 0: something else
};
/** What says something to one strategy alone. */
const OF_STRATEGY = {
  beam: ["beam_width", "n_best", "early_finish"],
  sample: ["temperature", "top_k", "top_p", "seed"],
};

/**
 * Arguments of `decode`: the default beam search with the requested changes.
 * @param {Record<string, any>} usual `BEAM_OPTIONS` by name.
 * @param {Record<string, any>} how `SEARCH_OPTIONS` by name, those asked for.
 * @returns {Record<string, any>}
 * @throws {RnnkitError} What is asked for is unknown, of another kind, out of range, or for another strategy.
 */
export function searchOf(usual, how) {
  const checked = checkedOptions(SEARCH_OPTIONS, how);
  const asked = Object.fromEntries(Object.keys(how).map((name) => [name, checked[name]]));
  /** @type {Record<string, any>} */
  const search = { strategy: "beam", ...usual, ...asked };
  for (const [strategy, names] of Object.entries(OF_STRATEGY)) {
    const unheard = names.find((name) => Object.hasOwn(how, name) && search.strategy !== strategy);
    if (unheard !== undefined) {
      throw new RnnkitError(
        `${unheard} ${repr(how[unheard])} is for the strategy ${repr(strategy)}, and this one is ` +
          `${repr(search.strategy)}. Give strategy=${repr(strategy)}, or leave ${unheard} out.`,
      );
    }
  }
  const narrow = search.beam_width === 1 && (search.n_best ?? 1) === 1;
  return search.strategy === "beam" && narrow ? { ...search, strategy: "greedy" } : search;
}

/**
 * The argument `uniform` of `decode` for a seed; empty without sampling.
 * @param {Record<string, any>} search What `searchOf` gave.
 * @param {readonly number[]} places Which of the sentences that were asked for together each one is, from 0.
 * @param {number} most Pieces at most, where the search does not say it.
 */
export const drawnWith = (search, places, most) =>
  search.strategy === "sample"
    ? { uniform: uniformNumbers(search.seed || null, places, search.max_length ?? most) }
    : {};

/**
 * The same search, giving back all of its beam where several answers are asked for: some may be the same text.
 * @param {Record<string, any>} search
 */
export const wholeBeam = (search) =>
  (search.n_best ?? 1) > 1 ? { ...search, n_best: Math.max(search.n_best, search.beam_width) } : { ...search };
