/** Named entities in a sentence, as a tagger answers. */

import { spans } from "../codec/tag_schemes.js";
import { splitWords } from "../codec/words.js";
import { RnnkitError } from "../errors.js";
import { cut, repr } from "../python/text.js";
import { chars, len } from "../python/unicode.js";

/** @typedef {[token: string, start: number, end: number]} Token */
/**
 * An entity: its words as they stand in the sentence, its type, such as "PER", its first character's place and the
 * place after its last. Places count characters (code points) as Python does; `from` and `to` are those of
 * `text.slice(from, to)`.
 * @typedef {{text: string, type: string, start: number, end: number, from: number, to: number}} Entity
 */
/**
 * The answer to one sentence: its tokens, the tag of each in IOB2, and what the tags mark, from left to right.
 * @typedef {{text: string, tokens: string[], tags: string[], entities: Entity[]}} TaggedPrediction
 */

/**
 * Sentences one by one: a string, or what no sentences can be taken from, counts as one.
 * @param {any} given
 * @returns {any[]}
 */
export const sentencesOf = (given) =>
  typeof given !== "string" && typeof given?.[Symbol.iterator] === "function" ? [...given] : [given];

/**
 * Tokens with their first and last place: of a sentence, or of a list of tokens, which are joined by blanks.
 * @param {any} given
 * @returns {Token[]}
 * @throws {RnnkitError} It is neither.
 */
export function tokensOf(given) {
  if (typeof given === "string") return splitWords(given);
  if (!Array.isArray(given) || !given.every((token) => typeof token === "string" && token)) {
    throw new RnnkitError(`A sentence to tag is ${cut(repr(given), 60)}; expected a string, or a list of tokens.`);
  }
  let place = 0;
  return given.map((token) => {
    const start = place;
    place += len(token) + 1;
    return [token, start, place - 1];
  });
}

/**
 * The answer made of a sentence's tokens and their IOB2 tags.
 * @param {any} given
 * @param {readonly Token[]} tokens
 * @param {readonly string[]} tags
 * @returns {TaggedPrediction}
 */
export function predictionOf(given, tokens, tags) {
  const text = typeof given === "string" ? given : given.join(" ");
  const signs = chars(text);
  const entities = spans(tags).map(([first, after, type]) => {
    const [start, end] = [tokens[first][1], tokens[after - 1][2]];
    const [from, inside] = [signs.slice(0, start).join("").length, signs.slice(start, end).join("")];
    return { text: inside, type, start, end, from, to: from + inside.length };
  });
  return { text, tokens: tokens.map(([token]) => token), tags: [...tags], entities };
}
