/** The page of `rnnkit try` and of `rnnkit export --format web`: one exported model, to be tried. */

import { RnnkitError, load } from "../src/index.js";
import { Frame } from "./parts/frame.js";

/**
 * What shows each task, loaded when it is needed.
 * @type {Record<string, () => Promise<{show: (runner: any, frame: Frame) => void | Promise<void>}>>}
 */
const TASKS = {
  arrays: () => import("./tasks/arrays.js"),
  forecaster: () => import("./tasks/forecaster.js"),
  image_captioner: () => import("./tasks/image_captioner.js"),
  language_model: () => import("./tasks/language_model.js"),
  multilabel_classifier: () => import("./tasks/multilabel_classifier.js"),
  music_model: () => import("./tasks/music_model.js"),
  sequence_classifier: () => import("./tasks/sequence_classifier.js"),
  sound_classifier: () => import("./tasks/sound_classifier.js"),
  speech_recognizer: () => import("./tasks/speech_recognizer.js"),
  text_classifier: () => import("./tasks/text_classifier.js"),
  token_tagger: () => import("./tasks/token_tagger.js"),
  translator: () => import("./tasks/translator.js"),
  tree_classifier: () => import("./tasks/tree_classifier.js"),
};
const WASM = new URL("litert/litert_wasm_compat_internal.js", document.baseURI).href;

const began = performance.now();
/** @type {import("./parts/frame.js").Site} */
const site = await (await fetch("site.json")).json();
document.title = `${site.name} · rnnkit`;
const frame = new Frame(/** @type {HTMLElement} */ (document.getElementById("page")), site);
try {
  const runner = await load("bundle", { wasm: WASM });
  const task = runner.bundle.settings.get("runner") ?? runner.bundle.task;
  if (!Object.hasOwn(TASKS, task)) throw new RnnkitError(`This page cannot show the task ${task}.`);
  const { show } = await TASKS[task]();
  frame.ready(runner);
  await show(runner, frame);
} catch (error) {
  frame.fail(error);
  frame.answer.setAttribute("aria-busy", "false");
}
document.documentElement.dataset.loaded = String(Math.round(performance.now() - began));
if (site.offline && "serviceWorker" in navigator) await navigator.serviceWorker.register("sw.js");
