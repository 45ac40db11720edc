/** The label of a sound from a file, and the words in what the microphone hears. */

import { decisions } from "../../src/answers/decisions.js";
import { silentLabels } from "../../src/answers/silent_labels.js";
import { bars } from "../parts/bars.js";
import { fill, h } from "../parts/dom.js";
import { fileBox } from "../parts/file_box.js";
import { listening } from "../parts/listening.js";
import { samplesOfFile } from "../parts/microphone.js";
import { percent } from "../parts/words.js";
import { shown } from "./text_classifier.js";

const [WINDOW, HOLD, THRESHOLD, DRAWN] = [1, 0.1, 0.8, 100];

/** @typedef {import("../../src/tasks/sound_classifier.js").SoundClassifier} Runner */
/**
 * A word that was heard, and when, in seconds.
 * @typedef {{label: string, probability: number, second: number}} Heard
 */

/** @param {Runner} runner @param {import("../parts/frame.js").Frame} frame */
export function show(runner, frame) {
  const hint =
    runner.stepFile !== null
      ? "Press Listen and speak, or choose a file."
      : "Choose a file. This model hears whole sounds alone.";
  const drop = fileBox({
    label: "Sound",
    accept: "audio/*",
    hint: "A word or a noise, as a file; drop one here, or choose it.",
    use: (file) =>
      frame.ask(
        async () => (await runner.predict([await samplesOfFile(file, runner.rate)]))[0],
        (answer) => shown(answer, frame.output),
      ),
  });
  const listen = () => listening(frame, runner.rate, (microphone) => hear(runner, frame, microphone));
  fill(frame.input, runner.stepFile !== null && h("p", {}, listen()), drop);
  frame.empty(hint);
}

/**
 * Show what is heard, until the microphone is off.
 * @param {Runner} runner
 * @param {import("../parts/frame.js").Frame} frame
 * @param {import("../parts/microphone.js").Microphone} microphone
 */
async function hear(runner, frame, microphone) {
  const [now, list] = [h("div"), h("ol", { class: "others", "aria-label": "Words heard" })];
  fill(frame.output, h("h2", {}, "Now"), now, h("h2", {}, "Heard"), list);
  /** @type {Heard[]} */
  const heard = [];
  let [drawn, steps, took] = [0, 0, 0];
  const half = (WINDOW * runner.rate) / runner.stepSize / 2;
  async function* watched() {
    let began = performance.now();
    for await (const row of runner.probabilities(microphone.chunks(), WINDOW)) {
      took = performance.now() - began;
      steps += 1;
      if (performance.now() - drawn > DRAWN) {
        drawn = performance.now();
        const shares = runner.labels.map((label, place) => /** @type {[string, number]} */ ([label, row[place]]));
        fill(now, bars(shares));
      }
      yield row;
      began = performance.now();
    }
  }
  const hold = Math.max(Math.round((HOLD * runner.rate) / runner.stepSize), 1);
  for await (const one of decisions(watched(), runner.labels, THRESHOLD, hold, silentLabels(runner.labels))) {
    const second = Math.round((100 * (one.step + half) * runner.stepSize) / runner.rate) / 100;
    heard.push({ label: one.label, probability: one.probability, second });
    list.prepend(h("li", {}, `${one.label}, ${percent(one.probability)}, after ${second} s`));
    frame.shown({ heard }, one.label);
  }
  frame.took(took, "The last step");
  frame.shown({ heard, seconds: Math.round((100 * steps * runner.stepSize) / runner.rate) / 100 }, "Not listening");
}
