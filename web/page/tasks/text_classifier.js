/** A text and the probabilities of its labels. */

import { NOTHING_READ } from "../../src/answers/labels.js";
import { bars } from "../parts/bars.js";
import { fill, h } from "../parts/dom.js";
import { texts } from "../parts/texts.js";
import { percent } from "../parts/words.js";

/**
 * @param {import("../../src/tasks/text_classifier.js").TextClassifier} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  texts(frame, {
    label: "Text",
    examples: frame.site.examples,
    work: async (text) => (await runner.predict(text))[0],
    show: (answer) => shown(answer, frame.output),
  });
}

/**
 * The label in large letters, and bars.
 * @param {import("../../src/answers/labels.js").Prediction} answer
 * @param {HTMLElement} output
 */
export function shown({ label, probability, probabilities, nothing_read }, output) {
  fill(
    output,
    h("p", { class: "verdict", dir: "auto" }, label),
    nothing_read && h("p", { class: "note" }, `${NOTHING_READ}: the model knows no word of this text.`),
    bars(probabilities, { chosen: (each) => each === label }),
  );
  return `${label}, ${percent(probability)}${nothing_read ? `, ${NOTHING_READ}` : ""}`;
}
