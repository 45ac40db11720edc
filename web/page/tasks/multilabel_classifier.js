/** A text and all labels that apply to it. */

import { THRESHOLD } from "../../src/answers/label_sets.js";
import { NOTHING_READ } from "../../src/answers/labels.js";
import { bars } from "../parts/bars.js";
import { fill, h } from "../parts/dom.js";
import { texts } from "../parts/texts.js";
import { percent } from "../parts/words.js";

/**
 * @param {import("../../src/tasks/multilabel_classifier.js").MultilabelClassifier} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  texts(frame, {
    label: "Text",
    examples: frame.site.examples,
    work: async (text) => (await runner.predict(text))[0],
    show: (/** @type {import("../../src/answers/label_sets.js").LabelSet} */ answer) => {
      const { labels, probabilities, nothing_read } = answer;
      fill(
        frame.output,
        h("p", { class: "verdict", dir: "auto" }, labels.length ? labels.join(", ") : "no label"),
        nothing_read && h("p", { class: "note" }, `${NOTHING_READ}: the model knows no word of this text.`),
        bars(probabilities, { chosen: (each) => labels.includes(each) }),
        h("p", { class: "hint" }, `Each label stands for itself; it applies from ${percent(THRESHOLD)}.`),
      );
      return labels.length ? labels.join(", ") : "no label applies";
    },
  });
}
