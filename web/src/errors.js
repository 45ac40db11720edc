/** The one error a user is meant to read, and the spelling help behind its messages. Twin of rnnkit/errors.py. */

import { repr } from "./python/text.js";
import { isprintable, isspace, known, lower } from "./python/unicode.js";

const [MOST, LONGEST] = [1_000, 200]; // options and characters that are compared
const LONGEST_LINE = 1000;
const BEGINNING = 3; // letters of a name that tell which is meant
const BROKEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Something the user gave cannot be used. The message is one line: given, expected, how to mend it. */
export class RnnkitError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(oneLine(message));
    this.name = "RnnkitError";
  }
}

/**
 * A message as one line: control characters become U+FFFD or a blank, the middle of a very long one is left out.
 * @param {string} message
 */
export function oneLine(message) {
  const signs = isprintable(message) ? Array.from(message) : (Array.from(message, shown).join("").match(/[^]/gu) ?? []);
  const half = Math.floor((LONGEST_LINE - 5) / 2);
  if (signs.length <= LONGEST_LINE) return signs.join("");
  return `${signs.slice(0, half + 1).join("")} ... ${signs.slice(signs.length - half).join("")}`;
}

/** @param {string} sign */
function shown(sign) {
  const code = sign.charCodeAt(0);
  if (sign.length === 1 && code >= 0xdc80 && code <= 0xdcff)
    return `\\x${(code - 0xdc00).toString(16).padStart(2, "0")}`;
  if (!BROKEN.test(known(sign))) return sign;
  return isspace(sign) ? " " : "\ufffd";
}

/**
 * `" Did you mean 'lstm'?"` for the nearest of the options, or "" when none is near.
 * @param {string} word
 * @param {Iterable<string>} options
 */
export function didYouMean(word, options) {
  const names = new Map(
    Array.from(options)
      .slice(0, MOST)
      .filter((name) => Array.from(name).length <= LONGEST)
      .map((name) => [lower(name), name]),
  );
  const given = lower(Array.from(word).slice(0, LONGEST).join(""));
  let near = closeMatch(given, names.keys());
  if (near === undefined) {
    const begun =
      Array.from(given).length >= BEGINNING ? [...names.keys()].filter((name) => name.startsWith(given)) : [];
    near = begun.length === 1 ? begun[0] : undefined;
  }
  return near === undefined ? "" : ` Did you mean ${repr(names.get(near))}?`;
}

/**
 * As `difflib.get_close_matches(word, options, n=1, cutoff=0.5)`.
 * @param {string} word
 * @param {Iterable<string>} options
 * @returns {string | undefined}
 */
function closeMatch(word, options) {
  /** @type {[number, string] | undefined} */
  let best;
  for (const option of options) {
    const [a, b] = [Array.from(option), Array.from(word)];
    const ratio = a.length + b.length ? (2 * matches(a, b, 0, a.length, 0, b.length)) / (a.length + b.length) : 1;
    if (ratio >= 0.5 && (!best || ratio > best[0] || (ratio === best[0] && option > best[1]))) best = [ratio, option];
  }
  return best?.[1];
}

/**
 * Characters in the longest common stretch, and in those to both sides of it.
 * @param {string[]} a @param {string[]} b @param {number} al @param {number} ah @param {number} bl @param {number} bh
 * @returns {number}
 */
function matches(a, b, al, ah, bl, bh) {
  let [bestA, bestB, size] = [al, bl, 0];
  /** @type {Map<number, number>} */
  let before = new Map();
  for (let i = al; i < ah; i++) {
    /** @type {Map<number, number>} */
    const here = new Map();
    for (let j = bl; j < bh; j++) {
      if (a[i] !== b[j]) continue;
      const length = (before.get(j - 1) ?? 0) + 1;
      here.set(j, length);
      if (length > size) [bestA, bestB, size] = [i - length + 1, j - length + 1, length];
    }
    before = here;
  }
  if (!size) return 0;
  return size + matches(a, b, al, bestA, bl, bestB) + matches(a, b, bestA + size, ah, bestB + size, bh);
}
