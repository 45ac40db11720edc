/** Numbers that one draws or pastes: lanes, and the same numbers as text beside them. */

import { h, labelled } from "./dom.js";
import { Lanes } from "./lanes.js";
import { numbersIn, written } from "./numbers.js";

/**
 * @param {import("./frame.js").Frame} frame
 * @param {object} how
 * @param {string} how.label What the numbers are.
 * @param {string} how.hint
 * @param {readonly string[]} how.names The channels.
 * @param {number[][]} how.values The first values.
 * @param {(values: number[][]) => void} how.answer Called with other values.
 * @param {Omit<import("./lanes.js").Shape, "names" | "changed">} how.shape
 */
export function sheet(frame, { label, hint, names, values, answer, shape }) {
  const box = h("textarea", { rows: "6", spellcheck: "false", autocomplete: "off", class: "numbers" });
  const lanes = new Lanes(values, { ...shape, names, changed: () => drawn() });
  const drawn = () => {
    box.value = written(lanes.values);
    answer(lanes.values);
  };
  const show = (/** @type {number[][]} */ given) => {
    lanes.show(given.map((row) => [...row]));
    drawn();
  };
  box.addEventListener("input", () => {
    try {
      const given = numbersIn(box.value, names);
      lanes.show(given);
      answer(given);
    } catch (error) {
      frame.refuse(error);
    }
  });
  const columns = names.length > 1 ? `A step a line: ${names.join(", ")}.` : "One number for each step.";
  const pasted = h("details", {}, h("summary", {}, "Paste or read the numbers"), labelled("Numbers", box, columns));
  frame.input.append(h("h2", {}, label), lanes.element, h("p", { class: "hint" }, hint), pasted);
  return { show, lanes, box };
}
