/** A parser of bracketed or nested trees, without recursion, that reports the place of every mistake. */

import { RnnkitError } from "../errors.js";
import { cut, repr, thousands } from "../python/text.js";
import { len } from "../python/unicode.js";

/** Which nodes must have a label. */
export const LABELLED = Object.freeze(["every", "root", "none"]);
const MOST_NODES = 2 ** 20; // of a tree
export const EXAMPLE = "(3 (2 It) (4 works))";
/** Words end at ASCII blanks alone: treebanks keep "2 1/2" one word with a no-break space. */
const TOKEN = /[()]|[^ \t\n\r\f\v()]+/g;
/** @typedef {[word: string | null, label: string | null, children: number]} Node */
/** @typedef {{text: string, bracket: boolean, at: string}} Token */

/**
 * Brackets and words of text, with line and column.
 * @param {readonly string[]} lines
 * @param {string} name
 * @returns {Generator<Token, void, void>}
 */
export function* textTokens(lines, name) {
  for (const [number, line] of lines.entries()) {
    for (const { 0: text, index } of line.matchAll(TOKEN)) {
      const at = `${name}, line ${number + 1}, column ${len(line.slice(0, index)) + 1}`;
      yield { text, bracket: text === "(" || text === ")", at };
    }
  }
}

/**
 * Nested lists as the tokens of the same tree in brackets; places are counted in opening brackets.
 * @param {any} value
 * @param {string} name
 * @returns {Generator<Token, void, void>}
 */
export function* nestedTokens(value, name) {
  const pending = [[value][Symbol.iterator]()];
  let brackets = 0;
  while (pending.length) {
    const { value: item, done } = pending[pending.length - 1].next();
    const at = () => `${name}, list ${brackets}`;
    if (done) {
      pending.pop();
      if (pending.length) yield { text: ")", bracket: true, at: at() };
    } else if (Array.isArray(item)) {
      brackets += 1;
      pending.push(item[Symbol.iterator]());
      yield { text: "(", bracket: true, at: at() };
    } else if (item !== null && item !== undefined) {
      const text = typeof item === "string" ? item : repr(item);
      if (!/^[^ \t\n\r\f\v()]+$/.test(text)) {
        throw new RnnkitError(
          `${at()}: ${cut(repr(text), 40)} has a blank or a bracket in it; write -LRB- for (, -RRB- for ).`,
        );
      }
      yield { text, bracket: false, at: at() };
    }
  }
}

/**
 * The nodes of each tree, children before their parent.
 * @param {Iterable<Token>} tokens From `textTokens` or `nestedTokens`.
 * @param {string} labels Which nodes must have a label: "every", "root" or "none".
 * @returns {Generator<Node[], void, void>}
 * @throws {RnnkitError} The brackets do not match, or a label or word is missing; names the place.
 */
export function* parseNodes(tokens, labels) {
  if (!LABELLED.includes(labels))
    throw new RnnkitError(`labels is ${repr(labels)}; expected one of ${LABELLED.join(", ")}.`);
  /** @type {Node[]} */
  let nodes = [];
  /** What is open. @type {{at: string, inside: string[], count: number}[]} */
  const opened = [];
  for (const { text, bracket, at } of tokens) {
    const last = opened[opened.length - 1];
    if (!bracket) {
      checkAtom(text, at, last);
      last.inside.push(text);
    } else if (text === "(") {
      if (nodes.length + opened.length >= MOST_NODES) {
        throw new RnnkitError(`${at}: the tree has over ${thousands(MOST_NODES)} nodes. Is a bracket left open?`);
      }
      if (last && last.inside.length > 1) {
        throw new RnnkitError(`${at}: a bracket opens after the word ${repr(last.inside[1])}; close that first.`);
      }
      opened.push({ at, inside: [], count: 0 });
    } else {
      const closed = opened.pop();
      if (closed === undefined)
        throw new RnnkitError(`${at}: this bracket closes nothing; one ) too many, or one ( too few.`);
      nodes.push(nodeOf(closed, labels === "every" || (labels === "root" && !opened.length)));
      if (opened.length) opened[opened.length - 1].count += 1;
      else {
        yield nodes;
        nodes = [];
      }
    }
  }
  if (opened.length)
    throw new RnnkitError(`${opened[0].at}: the tree that begins here is never closed; a ) is missing.`);
}

/** @param {string} text @param {string} at @param {{inside: string[], count: number} | undefined} last */
function checkAtom(text, at, last) {
  const shown = cut(repr(text), 40);
  if (last === undefined) throw new RnnkitError(`${at}: ${shown} stands outside all brackets; expected ${EXAMPLE}.`);
  if (last.count) throw new RnnkitError(`${at}: ${shown} follows a child; a node is (label child child ...).`);
  if (last.inside.length > 1)
    throw new RnnkitError(`${at}: ${shown} is a second word; put each word in its own brackets.`);
}

/** @param {{at: string, inside: string[], count: number}} closed @param {boolean} needsLabel @returns {Node} */
function nodeOf({ at, inside, count }, needsLabel) {
  if (!count && !inside.length)
    throw new RnnkitError(`${at}: there is nothing in this bracket; a leaf is (label word).`);
  const word = count ? null : inside[inside.length - 1];
  const label = inside.length > (count ? 0 : 1) ? inside[0] : null;
  if (needsLabel && label === null) {
    const kind = count ? "node has" : `leaf holds ${cut(repr(word), 40)} alone, so it has`;
    throw new RnnkitError(`${at}: this ${kind} no label; expected ${EXAMPLE}.`);
  }
  return [word, label, count];
}
