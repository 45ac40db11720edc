/** Trees in brackets: `(3 (2 It) (4 (2 's) (4 good)))` read and checked. Nested lists say the same. */

import { EXAMPLE, nestedTokens, parseNodes, textTokens } from "./tree_parser.js";
import { RnnkitError } from "../errors.js";
import { cut, repr } from "../python/text.js";

/** A tree as flat lists, an entry a node, children before their parent, the root last (post-order). */
export class Tree {
  /**
   * @param {readonly (string | null)[]} words The word of each leaf, null for each inner node.
   * @param {readonly (string | null)[]} labels The label of each node, null where there is none.
   * @param {readonly number[]} counts How many children each node has, 0 for a leaf.
   */
  constructor(words, labels, counts) {
    this.words = words;
    this.labels = labels;
    this.counts = counts;
    /** The numbers of each node's children. */
    this.children = childrenOf(counts);
    /** The words from left to right. */
    this.leaves = /** @type {string[]} */ (words.filter((word) => word !== null));
    /** @type {[number, number][]} */
    this.spans = [];
    let seen = 0;
    for (const below of this.children) {
      this.spans.push(below.length ? [this.spans[below[0]][0], seen] : [seen, seen + 1]);
      seen += Number(!below.length);
    }
  }

  /** The words below a node, with blanks between. @param {number} node */
  text(node) {
    return this.leaves.slice(...this.spans[node]).join(" ");
  }

  get length() {
    return this.words.length;
  }
}

/**
 * The numbers of each node's children, from how many each has, in post-order.
 * @param {readonly number[]} counts
 */
export function childrenOf(counts) {
  /** @type {number[]} */
  const open = [];
  return counts.map((count, node) => {
    const below = open.splice(open.length - count, count);
    open.push(node);
    return below;
  });
}

/**
 * The trees of bracketed text, one a line or spread over lines.
 * @param {readonly string[]} lines The text, line by line.
 * @param {string} [name] What messages call it.
 * @param {string} [labels] Which nodes must have a label: "every", "root" or "none".
 * @throws {RnnkitError} The brackets do not match, or a label or word is missing; names the line and the column.
 */
export const parseTrees = (lines, name = "The text", labels = "every") =>
  Array.from(parseNodes(textTokens(lines, name), labels), treeOfNodes);

/**
 * One tree from bracketed text, nested lists, or a `Tree`.
 * @param {any} value
 * @param {string} [name]
 * @param {string} [labels]
 * @returns {Tree}
 * @throws {RnnkitError} It is no tree, or more than one.
 */
export function treeOf(value, name = "The tree", labels = "none") {
  if (value instanceof Tree) return value;
  if (typeof value !== "string" && !Array.isArray(value)) {
    throw new RnnkitError(`${name} is ${cut(repr(value), 60)}; expected brackets such as ${EXAMPLE}, or nested lists.`);
  }
  const found =
    typeof value === "string"
      ? parseTrees(value.split("\n"), name, labels)
      : Array.from(parseNodes(nestedTokens(value, name), labels), treeOfNodes);
  if (found.length !== 1)
    throw new RnnkitError(`${name} holds ${found.length} trees; expected one, such as ${EXAMPLE}.`);
  return found[0];
}

/** @param {readonly import("./tree_parser.js").Node[]} nodes */
const treeOfNodes = (nodes) =>
  new Tree(
    nodes.map(([word]) => word),
    nodes.map(([, label]) => label),
    nodes.map(([, , count]) => count),
  );
