/** From decoded ids to sentences. */

import { normalised } from "../codec/normalise.js";
import { END } from "../codec/pieces.js";
import { PAD, START, UNKNOWN } from "../codec/vocabulary.js";
import { NEVER } from "../decoding/choices.js";
import { RnnkitError } from "../errors.js";
import { rounded, typeName } from "../python/text.js";

/** @typedef {import("../codec/pieces.js").Pieces} Pieces */
/** The ids with a meaning of their own, as decoding takes them. @type {import("../decoding/step.js").Marks} */
export const MARKS = { start: START, end: END, pad: PAD, never: null };
/** How source sentences are spelt before they are read: in one way (`canonical`), as they are. */
export const SPELLINGS = Object.freeze(["one", "given"]);

/**
 * The answer to one sentence: the best translation, its log-probability with the penalties asked for, and further ones
 * with their scores, the better first; all texts differ, so there may be fewer than were asked for.
 * @typedef {{text: string, score: number, others: [string, number][]}} Translation
 */

/** The pieces of the source for one of `SPELLINGS`. @param {Pieces} pieces @param {string} spelling */
export const spelt = (pieces, spelling) => (spelling === SPELLINGS[0] ? pieces.ofOneSpelling() : pieces);

/**
 * A source sentence as the encoder reads it: its first ids and END, so that it is never empty; int32 `[time]`.
 * @param {string} text As a person wrote it.
 * @param {Pieces} pieces Of the source.
 * @param {number} most Ids at most, END included.
 */
export const sourceIds = (text, pieces, most) => Int32Array.from([...pieces.encode(text).slice(0, most - 1), END]);

/**
 * Sentences as a list; a single string counts as one.
 * @param {any} texts
 * @returns {string[]}
 * @throws {RnnkitError} Something in it is no string.
 */
export function checkedTexts(texts) {
  if (typeof texts !== "string" && typeof texts?.[Symbol.iterator] !== "function") {
    throw new RnnkitError(`What is to be translated is a ${typeName(texts)}; expected a string or a list of them.`);
  }
  const listed = typeof texts === "string" ? [texts] : [...texts];
  listed.forEach((text, place) => {
    if (typeof text !== "string") throw new RnnkitError(`Sentence ${place} is a ${typeName(text)}; expected a string.`);
  });
  return listed;
}

/**
 * The answer to a sentence; an empty one has an empty translation.
 * @param {import("../decoding/step.js").Decoded} found Of one row.
 * @param {string} source The sentence.
 * @param {Pieces} sourcePieces Of the source.
 * @param {Pieces} pieces Of the target.
 * @param {number} nBest Translations at most. Those of the same text, which may be cut in several ways, are one.
 * @returns {Translation}
 */
export function translationOf({ ids, scores, aligned }, source, sourcePieces, pieces, nBest) {
  if (!normalised(source)) return { text: "", score: 0.0, others: [] };
  const [row, looked] = [ids.row(0), aligned === null ? null : aligned.row(0)];
  const texts = Array.from({ length: row.shape[0] }, (_, place) =>
    textOf(
      Array.from(row.row(place).data),
      pieces,
      looked === null ? null : looked.row(place).data,
      source,
      sourcePieces,
    ),
  );
  const [[text, score], ...others] = different(texts, scores.row(0).data, nBest);
  return { text, score, others };
}

/**
 * The first `nBest` different texts of a search, at least one, with their scores.
 * @param {readonly string[]} texts
 * @param {ArrayLike<number>} scores
 * @param {number} nBest
 * @returns {[string, number][]}
 */
export function different(texts, scores, nBest) {
  /** @type {Map<string, number>} */
  const answers = new Map(); // of equal texts the first, which is the best
  texts.forEach((text, place) => {
    if (answers.size < nBest && (scores[place] > NEVER / 2 || !answers.size) && !answers.has(text)) {
      answers.set(text, rounded(scores[place], 4));
    }
  });
  return [...answers];
}

/**
 * One row of ids as text, unknown pieces replaced by their attended source (`looked`, `[time]`) or dropped.
 * @param {readonly number[]} ids
 * @param {Pieces} pieces
 * @param {ArrayLike<number> | null} looked
 * @param {string} source
 * @param {Pieces} sourcePieces
 */
export function textOf(ids, pieces, looked, source, sourcePieces) {
  const end = ids.indexOf(END);
  const kept = end < 0 ? ids : ids.slice(0, end);
  if (looked === null || !kept.includes(UNKNOWN)) return pieces.decode(kept);
  const written = sourcePieces.split(source);
  const strings = kept.flatMap((number, place) => {
    if (number !== UNKNOWN) return [number === PAD || number === START ? "" : pieces.pieces[number]];
    return looked[place] < written.length ? [written[looked[place]]] : [];
  });
  return pieces.join(strings);
}
