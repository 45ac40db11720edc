/** A sentence, its best translations, and which words of the two belong together. */

import { fill, h } from "../parts/dom.js";
import { matrix } from "../parts/matrix.js";
import { texts } from "../parts/texts.js";
import { betweenWords, wordsOf } from "../parts/words.js";

const [DELAY, MOST] = [300, 5];

/**
 * @param {import("../../src/tasks/translator.js").Translator} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const wide = Math.max(runner.search.beam_width ?? MOST, 1);
  const how = { beam_width: wide, n_best: Math.min(wide, MOST) };
  texts(frame, {
    label: "Sentence to translate",
    examples: frame.site.examples,
    delay: DELAY,
    work: async (text) => {
      const found = await runner.attended(text, how);
      return Object.assign(found.answer, { attention: attention(found) });
    },
    show: (answer) => shown(answer, frame.output),
  });
}

/**
 * The words of both sides and the weights between them.
 * @param {Awaited<ReturnType<import("../../src/tasks/translator.js").Translator["attended"]>>} found
 */
function attention({ source, target, weights }) {
  if (weights === null || !source.length || !target.length) return null;
  const [from, to] = [wordsOf(source), wordsOf(target)];
  const places = [...from.places, [source.length]]; // the end of the sentence is looked at too
  return { source: [...from.words, "(end)"], target: to.words, weights: betweenWords(weights, to.places, places) };
}

/**
 * @param {import("../../src/answers/translations.js").Translation & {attention: ReturnType<typeof attention>}} answer
 * @param {HTMLElement} output
 */
function shown({ text, others, attention }, output) {
  fill(
    output,
    h("p", { class: "verdict sentence", dir: "auto" }, text),
    others.length > 0 && [
      h("h2", {}, "Other translations"),
      h(
        "ol",
        { class: "others", dir: "auto" },
        others.map(([other]) => h("li", {}, other)),
      ),
    ],
    attention !== null && [
      h("h2", {}, "Where each word looked"),
      h(
        "p",
        { class: "hint" },
        "A row is a word of the translation; the stronger a square, the more it drew on that word.",
      ),
      matrix(attention.source, attention.target, attention.weights),
    ],
  );
  return text;
}
