/** A tree as numbers, and the order in which its nodes are visited: many at a time, children first. */

import { childrenOf } from "./trees.js";

/**
 * A tree as one row of numbers: a leaf's word id, or minus an inner node's number of children.
 * @param {import("./trees.js").Tree} tree
 * @param {import("./vocabulary.js").Vocabulary} vocabulary Gives the ids of words.
 * @param {(word: string) => string} [fold] Makes a word what the vocabulary holds, for example lower case.
 */
export function encodeTree(tree, vocabulary, fold = (word) => word) {
  const ids = vocabulary.encode(tree.leaves.map(fold)).slice(1);
  let leaf = 0;
  return Int32Array.from(tree.counts, (count) => (count ? -count : ids[leaf++]));
}

/**
 * States lie in a table of rows: row 0 is the empty child (zeros), then the leaves, then the chunks' nodes. `words` are
 * the ids of all leaves; `children` the rows of the children of each node, 0 where there is none,
 * `[chunks][width][most]`; `rows` the row of each node, in post-order.
 * @typedef {{words: number[], children: number[][][], rows: number[]}} Forest
 */

/**
 * The order of a tree: the leaves, then chunks of at most `width` nodes whose children are all done, the furthest from
 * the root first, which needs the fewest chunks there can be.
 * @param {Int32Array} code What `encodeTree` gave.
 * @param {number | null} mostChildren Largest number of children of a node; null takes the largest there is.
 * @param {number} width Nodes of a chunk.
 * @returns {Forest}
 * @throws {RangeError} A node has more children.
 */
export function plant(code, mostChildren, width) {
  const widest = code.reduce((most, each) => Math.max(most, -each), 0);
  const most = mostChildren ?? Math.max(widest, 1);
  if (widest > most) throw new RangeError(`A node has ${widest} children; at most ${most} are taken.`);
  const children = childrenOf(Array.from(code, (each) => Math.max(-each, 0)));
  const words = Array.from(code).filter((each) => each >= 0);
  const rows = new Array(code.length).fill(0);
  let leaf = 0;
  code.forEach((each, node) => (rows[node] = each >= 0 ? ++leaf : 0));
  const table = chunks(children, width).map((chunk, number) => {
    chunk.forEach((node, place) => (rows[node] = 1 + words.length + number * width + place));
    return Array.from({ length: width }, (_, place) => {
      const below = place < chunk.length ? children[chunk[place]] : [];
      return Array.from({ length: most }, (_, child) => (child < below.length ? rows[below[child]] : 0));
    });
  });
  const empty = Array.from({ length: width }, () => new Array(most).fill(0));
  return { words, children: table.length ? table : [empty], rows };
}

/**
 * Inner nodes in chunks, each node in a later chunk than its children.
 * @param {number[][]} children
 * @param {number} width
 */
function chunks(children, width) {
  /** @type {number[]} */
  const parent = new Array(children.length).fill(-1);
  children.forEach((below, node) => below.forEach((child) => (parent[child] = node)));
  const above = new Array(children.length).fill(0); // steps to the root
  for (let node = children.length - 1; node >= 0; node--) if (parent[node] >= 0) above[node] = above[parent[node]] + 1;
  const waiting = children.map((below) => below.filter((child) => children[child].length).length);
  let ready = children.flatMap((below, node) => (below.length && !waiting[node] ? [node] : []));
  const found = [];
  while (ready.length) {
    ready.sort((a, b) => above[b] - above[a] || a - b);
    const chunk = ready.slice(0, width);
    ready = ready.slice(width);
    for (const node of chunk) if (parent[node] >= 0 && --waiting[parent[node]] === 0) ready.push(parent[node]);
    found.push(chunk);
  }
  return found;
}
