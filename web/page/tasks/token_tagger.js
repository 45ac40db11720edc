/** A sentence with its entities in colour. */

import { splitTag } from "../../src/codec/tag_schemes.js";
import { fill, h } from "../parts/dom.js";
import { texts } from "../parts/texts.js";

const COLOURS = 8;

/**
 * @param {import("../../src/tasks/token_tagger.js").TokenTagger} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const types = typesOf(runner.labels, runner.scheme);
  texts(frame, {
    label: "Sentence",
    examples: frame.site.examples,
    work: async (text) => (await runner.predict(text))[0],
    show: (answer) => shown(answer, types, frame.output),
  });
}

/** The types of entities that tags of a scheme name. @param {readonly string[]} labels @param {string} scheme */
export const typesOf = (labels, scheme) => [
  ...new Set(labels.map((label) => splitTag(label, scheme)[1]).filter((type) => type !== "")),
];

/**
 * @param {import("../../src/answers/entities.js").TaggedPrediction} answer
 * @param {readonly string[]} types
 * @param {HTMLElement} output
 */
function shown({ text, entities }, types, output) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let place = 0;
  for (const { text: words, type, from, to } of entities) {
    parts.push(text.slice(place, from), h("mark", { class: colour(type, types) }, words, h("small", {}, type)));
    place = to;
  }
  parts.push(text.slice(place));
  const known = h(
    "ul",
    { class: "legend", "aria-label": "Types of entities" },
    types.map((type) => h("li", { class: colour(type, types) }, type)),
  );
  fill(
    output,
    h("p", { class: "tagged", dir: "auto" }, parts),
    entities.length === 0 && h("p", { class: "hint" }, "No entity was found."),
    known,
  );
  const listed = entities.map(({ text: words, type }) => `${words}: ${type}`).join("; ");
  return listed || "no entity";
}

/** @param {string} type @param {readonly string[]} types */
const colour = (type, types) => `colour-${types.indexOf(type) % COLOURS}`;
