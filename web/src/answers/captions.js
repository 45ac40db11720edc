/** From decoded ids to captions. */

import { MARKS, different } from "./translations.js";
import { UNKNOWN } from "../codec/vocabulary.js";
import { flat, chars } from "../python/unicode.js";

/**
 * As decoding takes them: a caption has no word that stands for an unknown one.
 * @type {import("../decoding/step.js").Marks}
 */
export const CAPTION_MARKS = { ...MARKS, never: UNKNOWN };
const JOINED = / (?='(?:[smd]|re|ve|ll)(?![\p{L}\p{N}_])|n't(?![\p{L}\p{N}_]))/gu;

/**
 * The answer to one picture: the best caption, its log-probability with the penalties asked for, and further ones.
 * @typedef {{text: string, score: number, others: [string, number][]}} Caption
 */

/**
 * The answer to a picture.
 * @param {import("../decoding/step.js").Decoded} found Of one row.
 * @param {import("../codec/pieces.js").Pieces} pieces What the ids stand for.
 * @param {number} nBest Captions at most.
 * @returns {Caption}
 */
export function captionOf({ ids, scores }, pieces, nBest) {
  const row = ids.row(0);
  const texts = Array.from({ length: row.shape[0] }, (_, place) => joined(pieces.decode(row.row(place).data)));
  const [[text, score], ...others] = different(texts, scores.row(0).data, nBest);
  return { text, score, others };
}

/** Detokenised text: "a man's dog", where the words learnt were "man" and "'s". @param {string} text */
export function joined(text) {
  const signs = chars(text);
  for (const found of flat(text).matchAll(JOINED)) signs[found.index] = "";
  return signs.join("");
}
