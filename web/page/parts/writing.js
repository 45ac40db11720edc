/** The controls of a model that writes, and a text that is written as one watches. */

import { painted } from "./asking.js";
import { h, labelled } from "./dom.js";

const DRAWN = 30; // milliseconds between two looks of the browser

/**
 * A number that one may set.
 * @typedef {{label: string, name: string, value: number, low: number, high: number, step: number, hint: string}}
 *   Setting
 */

/** How much chance, how long, and which seed. @type {readonly Setting[]} */
export const SETTINGS = [
  { label: "Temperature", name: "temperature", value: 0.8, low: 0, high: 2, step: 0.05, hint: "Lower is safer." },
  { label: "Length", name: "length", value: 400, low: 1, high: 10000, step: 1, hint: "At most." },
  { label: "Seed", name: "seed", value: 1, low: 0, high: 2147483647, step: 1, hint: "0: another each time." },
];

/**
 * Number boxes for settings.
 * @param {readonly Setting[]} settings
 */
export function settingBoxes(settings) {
  const boxes = settings.map(({ label, value, low, high, step, hint }) => {
    const box = h("input", { type: "number", value, min: low, max: high, step, inputmode: "decimal", required: true });
    return { box, field: labelled(label, box, hint) };
  });
  return {
    element: h(
      "div",
      { class: "row" },
      boxes.map(({ field }) => field),
    ),
    /** @returns {Record<string, number>} */
    values: () => Object.fromEntries(settings.map(({ name }, place) => [name, boxes[place].box.valueAsNumber])),
  };
}

/**
 * A button that begins to write, and stops it.
 * @param {import("./frame.js").Frame} frame
 * @param {object} how
 * @param {() => AsyncGenerator<string[], void, void>} how.stream Begins a text.
 * @param {(text: string) => void} how.show Shows what there is so far.
 * @param {(text: string, steps: number, seconds: number) => void} how.done Shows the whole.
 */
export function writer(frame, { stream, show, done }) {
  const button = h(
    "button",
    { type: "button", class: "main", onclick: () => (writing ? stop() : void write()) },
    "Write",
  );
  let writing = false;
  let turn = 0;
  const stop = () => {
    turn += 1;
  };
  /** Begins anew, whatever is being written. */
  const write = async () => {
    const mine = (turn += 1);
    while (writing) await painted();
    if (mine !== turn) return;
    writing = true;
    button.textContent = "Stop";
    frame.error.hidden = true;
    frame.output.hidden = false;
    frame.answer.setAttribute("aria-busy", "true");
    const began = performance.now();
    let [text, steps, drawn] = ["", 0, began];
    try {
      for await (const [piece] of stream()) {
        text += piece;
        steps += 1;
        if (performance.now() - drawn > DRAWN) {
          show(text);
          await painted();
          drawn = performance.now();
        }
        if (mine !== turn) break;
      }
      const seconds = (performance.now() - began) / 1000;
      show(text);
      frame.took((1000 * seconds) / Math.max(steps - 1, 1), "Each step");
      done(text, steps - 1, seconds);
    } catch (error) {
      frame.fail(error);
    }
    writing = false;
    button.textContent = "Write";
    frame.answer.setAttribute("aria-busy", "false");
  };
  return { button, write };
}
