/** A parse tree with the label of every node. */

import { treeOf } from "../../src/codec/trees.js";
import { fill, h, s } from "../parts/dom.js";
import { texts } from "../parts/texts.js";
import { percent } from "../parts/words.js";
import { shown } from "./text_classifier.js";

const [CELL, LEVEL, MARGIN, RADIUS] = [64, 56, 24, 9];
const SMALLEST = 0.6; // to which a large tree is made smaller before it scrolls

/**
 * @param {import("../../src/tasks/tree_classifier.js").TreeClassifier} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  texts(frame, {
    label: "Tree in brackets",
    hint: "Brackets around each word and each phrase: ((the) (film)). Answered as you type.",
    examples: frame.site.examples.length ? frame.site.examples : ["((very) (good))"],
    work: async (text) => (await runner.predict(text))[0],
    show: (answer, text) => {
      const sentence = shown(answer, frame.output);
      const drawn = drawing(treeOf(text), answer.nodes, runner.labels);
      frame.output.append(h("h2", {}, "Every phrase"), drawn, legend(runner.labels));
      return sentence;
    },
  });
}

/**
 * @param {import("../../src/codec/trees.js").Tree} tree
 * @param {readonly import("../../src/tasks/tree_classifier.js").NodePrediction[]} nodes
 * @param {readonly string[]} labels
 */
function drawing(tree, nodes, labels) {
  const heights = /** @type {number[]} */ ([]);
  for (const below of tree.children)
    heights.push(below.length ? 1 + Math.max(...below.map((child) => heights[child])) : 0);
  const top = heights[heights.length - 1];
  const [x, y] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  tree.children.forEach((below, node) => {
    x.push(
      below.length
        ? below.reduce((sum, child) => sum + x[child], 0) / below.length
        : CELL * (tree.spans[node][0] + 0.5),
    );
    y.push(MARGIN + LEVEL * (top - heights[node]));
  });
  const [width, height] = [CELL * tree.leaves.length, 2 * MARGIN + LEVEL * top + 24];
  const edges = tree.children.flatMap((below, node) =>
    below.map((child) => s("line", { class: "edge", x1: x[node], y1: y[node], x2: x[child], y2: y[child] })),
  );
  const points = nodes.map(({ text, label, probability }, node) =>
    s(
      "g",
      {},
      s("title", {}, `${text}: ${label}, ${percent(probability)}`),
      s("circle", {
        class: `node shade-${shade(labels.indexOf(label), labels.length)}`,
        cx: x[node],
        cy: y[node],
        r: RADIUS,
      }),
      s("text", { class: "tick", x: x[node] + RADIUS + 4, y: y[node] + 4 }, tree.words[node] === null ? label : ""),
      tree.words[node] !== null &&
        s("text", { class: "leaf", x: x[node], y: y[node] + RADIUS + 18, "text-anchor": "middle" }, tree.words[node]),
    ),
  );
  const picture = s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
    s("title", {}, "The tree"),
    edges,
    points,
  );
  picture.style.setProperty("min-inline-size", `${Math.round(width * SMALLEST)}px`);
  return h("div", { class: "scrolls tree", tabindex: "0", role: "group", "aria-label": "The tree" }, picture);
}

/** A place on the scale of colours from the first label to the last. @param {number} place @param {number} count */
const shade = (place, count) => (count < 2 ? 2 : Math.round((4 * place) / (count - 1)));

/** @param {readonly string[]} labels */
const legend = (labels) =>
  h(
    "ul",
    { class: "legend dots" },
    labels.map((label, place) => h("li", { class: `shade-${shade(place, labels.length)}` }, label)),
  );
