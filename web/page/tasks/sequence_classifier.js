/** A sequence of numbers, its labels, and how they came about step by step. */

import { bars } from "../parts/bars.js";
import { fill, h, s } from "../parts/dom.js";
import { pathOf } from "../parts/lanes.js";
import { sheet } from "../parts/sheet.js";
import { percent } from "../parts/words.js";
import { shown } from "./text_classifier.js";

const [SPREAD, STEPS, LANE] = [3, 24, 64];

/** @typedef {import("../../src/tasks/sequence_classifier.js").SequenceClassifier} Runner */

/** @param {Runner} runner @param {import("../parts/frame.js").Frame} frame */
export function show(runner, frame) {
  const { channels } = runner;
  const { names } = channels;
  const limits = names.map((_, channel) => /** @type {[number, number]} */ (usual(channels, channel)));
  const known = frame.site.examples.filter(({ values }) => values?.[0]?.length === names.length);
  const examples = known.length ? known : madeUp(channels);
  const { show: use } = sheet(frame, {
    label: names.length > 1 ? "Draw in a lane" : "Draw the sequence",
    hint: "Draw with a finger or the mouse. With the keyboard: left and right for the step, up and down for its value.",
    names,
    values: examples[0].values,
    shape: { height: names.length > 1 ? LANE : 3 * LANE, range: (channel) => limits[channel] },
    answer: (values) => {
      widen(limits, values);
      frame.ask(
        () => answered(runner, values),
        (answer) => answerShown(answer, runner, frame.output),
      );
    },
  });
  frame.examples(
    examples.map(({ label, values }) => ({
      text: label,
      use: () => use(values.map((/** @type {(number | null)[]} */ row) => row.map((value) => value ?? NaN))),
    })),
  );
}

/** What most values of a channel are within. @param {Runner["channels"]} channels @param {number} channel */
const usual = ({ mean, std }, channel) => [
  mean[channel] - SPREAD * std[channel],
  mean[channel] + SPREAD * std[channel],
];

/** @param {[number, number][]} limits @param {number[][]} values */
function widen(limits, values) {
  for (const row of values)
    row.forEach((value, channel) => {
      if (value < limits[channel][0]) limits[channel][0] = value;
      if (value > limits[channel][1]) limits[channel][1] = value;
    });
}

/** Sequences for a model whose own are not known. @param {Runner["channels"]} channels */
function madeUp({ names, mean, std, longest }) {
  const count = Math.min(Math.max(longest, 2), STEPS);
  const wave = (/** @type {number} */ turns, /** @type {number} */ size) =>
    Array.from({ length: count }, (_, step) =>
      names.map((_, channel) =>
        Number(
          (mean[channel] + size * std[channel] * Math.sin((2 * Math.PI * turns * step) / count + channel)).toPrecision(
            4,
          ),
        ),
      ),
    );
  return [
    { label: "slow waves", values: wave(1, 1) },
    { label: "quick waves", values: wave(4, 1.5) },
    { label: "nothing but the mean", values: wave(0, 0) },
  ];
}

/** @param {Runner} runner @param {number[][]} values */
async function answered(runner, values) {
  const { interval } = runner.channels;
  const given = interval ? { values, elapsed: values.map(() => interval) } : values;
  const [answer] = await runner.predict([given]);
  if (runner.perStep || runner.stepFile === null) return Object.assign(answer, { by_step: null });
  const stream = await runner.openStream();
  const rows = [];
  for (const row of values) rows.push(Array.from(await stream.step(row, interval || null)));
  return Object.assign(answer, { by_step: rows });
}

/** @param {any} answer @param {Runner} runner @param {HTMLElement} output */
function answerShown(answer, runner, output) {
  const { labels } = runner;
  if (runner.perStep) {
    const rows = answer.labels.map((/** @type {string} */ label, /** @type {number} */ step) =>
      h("li", { class: `colour-${labels.indexOf(label) % 8}`, title: `step ${step + 1}: ${label}` }, label),
    );
    const shares = labels.map((label) => {
      const count = answer.labels.filter((/** @type {string} */ each) => each === label).length;
      return /** @type {[string, number]} */ ([label, count / answer.labels.length]);
    });
    fill(
      output,
      h("h2", {}, "Share of the steps"),
      bars(shares),
      h("h2", {}, "Step by step"),
      h("ol", { class: "steps" }, rows),
    );
    return `${new Set(answer.labels).size} labels over ${answer.labels.length} steps`;
  }
  const sentence = shown({ nothing_read: false, ...answer }, output);
  if (answer.by_step) output.append(h("h2", {}, "As it comes, step by step"), course(answer.by_step, labels));
  return sentence;
}

/**
 * The probabilities after each step, a line for each label.
 * @param {number[][]} rows
 * @param {readonly string[]} labels
 */
function course(rows, labels) {
  const [width, height, foot] = [600, 150, 4];
  const x = (/** @type {number} */ step) => (width * step) / Math.max(rows.length - 1, 1);
  const y = (/** @type {number} */ share) => foot + (height - 2 * foot) * (1 - share);
  const picture = s(
    "svg",
    { class: "course", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" },
    s("title", {}, "Probability of each label after each step"),
    [0, 0.5, 1].map((share) => s("line", { class: "grid", x1: 0, x2: width, y1: y(share), y2: y(share) })),
    labels.map((_, label) => s("path", { class: `line colour-${label % 8}`, d: pathOf(rows, label, x, y) })),
  );
  const last = rows[rows.length - 1];
  const legend = labels.map((label, place) =>
    h("li", { class: `colour-${place % 8}`, title: percent(last[place]) }, label),
  );
  return h("div", {}, picture, h("ul", { class: "legend lines" }, legend));
}
