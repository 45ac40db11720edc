/** Splitting of one word into pieces: SentencePiece's two algorithms, safe for any length. */

import { splitWords } from "./words.js";
import { chars, compare } from "../python/unicode.js";

const UNKNOWN_PENALTY = 10.0; // as in SentencePiece: an unknown character scores this much less than the worst piece

/** @typedef {[cost: number, left: number, right: number, pair: string]} Merge */

/**
 * Byte-pair encoding: merge the neighbours with the best-scored piece until none is left.
 *
 * Of equal scores the leftmost goes first. With a heap, so it takes n log n steps for n characters.
 * @param {string} word What to cut; characters that are no piece stay single.
 * @param {ReadonlyMap<string, number>} scores Of every piece; the earlier a pair was learnt, the higher.
 * @returns {string[]} Parts of the word, in order.
 */
export function mergePairs(word, scores) {
  const parts = chars(word);
  const after = parts.map((_, place) => place + 1);
  const before = parts.map((_, place) => place - 1);
  /** @type {Merge[]} */
  const heap = [];
  for (let left = 0; left < parts.length - 1; left++) {
    const pair = parts[left] + parts[left + 1];
    const score = scores.get(pair);
    if (score !== undefined) push(heap, [-score, left, left + 1, pair]);
  }
  while (heap.length) {
    const [, left, right, pair] = pop(heap);
    if (!parts[left] || !parts[right] || parts[left] + parts[right] !== pair) continue; // one has been joined since
    parts[left] = pair;
    parts[right] = "";
    const following = (after[left] = after[right]);
    if (following < parts.length) before[following] = left;
    for (const [one, other] of [
      [before[left], left],
      [left, following],
    ]) {
      if (one >= 0 && other < parts.length) {
        const joined = parts[one] + parts[other];
        const score = scores.get(joined);
        if (score !== undefined) push(heap, [-score, one, other, joined]);
      }
    }
  }
  return parts.filter((part) => part);
}

/** @param {Merge} one @param {Merge} other */
const isBefore = (one, other) =>
  (one[0] - other[0] || one[1] - other[1] || one[2] - other[2] || compare(one[3], other[3])) < 0;

/** @param {Merge[]} heap @param {Merge} item */
function push(heap, item) {
  let place = heap.length;
  heap.push(item);
  while (place > 0) {
    const above = (place - 1) >> 1;
    if (!isBefore(item, heap[above])) break;
    heap[place] = heap[above];
    place = above;
  }
  heap[place] = item;
}

/** @param {Merge[]} heap @returns {Merge} */
function pop(heap) {
  const first = heap[0];
  const item = /** @type {Merge} */ (heap.pop());
  if (!heap.length) return first;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below += 1;
    if (!isBefore(heap[below], item)) break;
    heap[place] = heap[below];
    place = below;
  }
  heap[place] = item;
  return first;
}

/**
 * Unigram model: the cut whose pieces' scores have the largest sum (Viterbi).
 * @param {string} word What to cut; characters that are no piece stay single.
 * @param {ReadonlyMap<string, number>} scores Of every piece, its log-probability.
 * @param {number} longest Characters of the longest piece; the time is this times the word's length.
 * @param {number} lowest The smallest score; an unknown character gets 10 less.
 * @returns {string[]} Parts of the word, in order.
 */
export function bestPath(word, scores, longest, lowest) {
  const signs = chars(word);
  const length = signs.length;
  const unknown = lowest - UNKNOWN_PENALTY;
  /** @type {(number | undefined)[]} */
  const best = [0.0, ...signs.map(() => undefined)];
  const begins = best.map(() => 0);
  for (let begin = 0; begin < length; begin++) {
    const here = best[begin];
    if (here === undefined) continue;
    let piece = "";
    for (let end = begin + 1; end <= Math.min(begin + longest, length); end++) {
      piece += signs[end - 1];
      let score = scores.get(piece);
      if (score === undefined) {
        if (end > begin + 1) continue;
        score = unknown;
      }
      const old = best[end];
      if (old === undefined || here + score > old) {
        best[end] = here + score;
        begins[end] = begin;
      }
    }
  }
  const parts = [];
  for (let end = length; end; end = begins[end]) parts.push(signs.slice(begins[end], end).join(""));
  return parts.reverse();
}

/**
 * Words, numbers and signs as `splitWords` finds them; blanks stay with their neighbour.
 * @param {string} word A stretch without blanks.
 * @returns {string[]} Parts of the word, in order, none left out.
 */
export function wordsAndSigns(word) {
  const signs = chars(word);
  const begins = splitWords(word).map(([, begin]) => begin);
  begins[0] = 0;
  return begins.map((begin, place) => signs.slice(begin, begins[place + 1]).join(""));
}
