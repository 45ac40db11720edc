/** The label of a sound from a file, and the words in what the microphone hears. */

import { decisions } from "../../src/answers/decisions.js";
import { silentLabels } from "../../src/answers/silent_labels.js";
import { bars } from "../parts/bars.js";
import { fill, h, labelled } from "../parts/dom.js";
import { Microphone, samplesOfFile } from "../parts/microphone.js";
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
  const box = h("input", { type: "file", accept: "audio/*" });
  box.addEventListener("change", () => {
    const [file] = box.files ?? [];
    if (!file) return;
    frame.ask(
      async () => {
        const samples = await samplesOfFile(file, runner.rate);
        const [answer] = await runner.predict([samples]);
        return answer;
      },
      (answer) => shown(answer, frame.output),
    );
  });
  const drop = h("div", { class: "drop" }, labelled("Sound", box, "A word or a noise, as a file."));
  fill(frame.input, runner.stepFile !== null && h("p", {}, listening(runner, frame)), drop);
  frame.empty(hint);
}

/**
 * The button that turns the microphone on and off.
 * @param {Runner} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
function listening(runner, frame) {
  /** @type {Microphone | null} */
  let microphone = null;
  const button = h("button", { type: "button", class: "main" }, "Listen");
  button.addEventListener("click", async () => {
    if (microphone !== null) {
      await microphone.stop();
      return;
    }
    button.disabled = true;
    try {
      microphone = await Microphone.on(runner.rate);
      button.textContent = "Stop listening";
      button.disabled = false;
      await hear(runner, frame, microphone);
    } catch (error) {
      frame.fail(error);
    } finally {
      await microphone?.stop().catch(() => {});
      microphone = null;
      button.disabled = false;
      button.textContent = "Listen";
    }
  });
  return button;
}

/**
 * Show what is heard, until the microphone is off.
 * @param {Runner} runner
 * @param {import("../parts/frame.js").Frame} frame
 * @param {Microphone} microphone
 */
async function hear(runner, frame, microphone) {
  const [now, list] = [h("div"), h("ol", { class: "others", "aria-label": "Words heard" })];
  frame.error.hidden = true;
  frame.output.hidden = false;
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
