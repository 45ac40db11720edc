/** A sequence of numbers, and the numbers that a task of one's own answers. */

import { fill, h } from "../parts/dom.js";
import { roomFor } from "../parts/lanes.js";
import { sheet } from "../parts/sheet.js";
import { brief } from "../parts/words.js";

const [STEPS, LANE, MOST] = [24, 64, 200];

/**
 * @param {import("../../src/tasks/arrays.js").Arrays} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const names = Array.from({ length: runner.features }, (_, place) => `feature ${place + 1}`);
  const count = Math.min(runner.bundle.maxLength, STEPS);
  const wave = (/** @type {number} */ turns) =>
    Array.from({ length: count }, (_, step) =>
      names.map((_, place) => Number(Math.sin((2 * Math.PI * turns * step) / count + place).toPrecision(4))),
    );
  let limits = /** @type {[number, number]} */ ([-1.2, 1.2]);
  const { show: use } = sheet(frame, {
    label: names.length > 1 ? "Draw in a lane" : "Draw the sequence",
    hint: "Draw with a finger or the mouse. With the keyboard: left and right for the step, up and down for its value.",
    names,
    values: wave(1),
    shape: { height: names.length > 1 ? LANE : 3 * LANE, range: () => limits },
    answer: (values) => {
      const [low, high] = roomFor(values.flat());
      limits = [Math.min(limits[0], low), Math.max(limits[1], high)];
      frame.ask(
        () => runner.predict([values]),
        (/** @type {(number | number[])[]} */ answer) => {
          const rows = answer.map((each) => [each].flat());
          const items = rows.slice(0, MOST).map((row) => h("li", {}, row.map(brief).join("  ")));
          fill(frame.output, h("h2", {}, "The model's outputs"), h("ol", { class: "figures" }, items));
          return rows[0].map(brief).join(", ");
        },
      );
    },
  });
  frame.examples([
    { text: "a slow wave", use: () => use(wave(1)) },
    { text: "a quick wave", use: () => use(wave(4)) },
    { text: "nothing", use: () => use(wave(0).map((row) => row.map(() => 0))) },
  ]);
}
