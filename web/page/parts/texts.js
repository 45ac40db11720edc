/** A box to type in, whose text is answered as one types. */

import { h, labelled } from "./dom.js";

const DELAY = 150; // milliseconds after the last letter

/**
 * @param {import("./frame.js").Frame} frame
 * @param {object} how
 * @param {string} how.label What the text is.
 * @param {string} [how.hint]
 * @param {(text: string) => Promise<any>} how.work Gives the answer to a text.
 * @param {(answer: any, text: string) => string} how.show Shows it, and says it in a sentence.
 * @param {readonly any[]} how.examples Texts to choose from.
 * @param {number} [how.delay]
 */
export function texts(frame, { label, hint = "Answered as you type.", work, show, examples, delay = DELAY }) {
  const box = h("textarea", { rows: "4", dir: "auto", spellcheck: "false", autocomplete: "off" });
  const answer = (/** @type {number} */ wait) => {
    const text = box.value;
    if (!text.trim()) frame.empty("Type something, or choose an example.");
    else
      frame.ask(
        () => work(text),
        (made) => show(made, text),
        wait,
      );
  };
  box.addEventListener("input", () => answer(delay));
  frame.input.append(labelled(label, box, hint));
  const known = examples.filter((each) => typeof each === "string" && each);
  frame.examples(
    known.map((text) => ({
      text,
      use: () => {
        box.value = text;
        answer(0);
      },
    })),
  );
  if (!known.length) answer(0);
  return box;
}
