/** Run what `rnnkit export` wrote: `load(url)` gives the runner of a bundle's task. Twin of rnnkit/lite/__init__.py. */

import { Bundle, readBundle } from "./bundle.js";
import { RnnkitError, didYouMean } from "./errors.js";
import { cut, repr } from "./python/text.js";
import { liteRt } from "./runtime.js";

export { Bundle, RnnkitError, liteRt, readBundle };

/**
 * The module of each task, loaded when a bundle needs it.
 * @type {Record<string, () => Promise<Record<string, any>>>}
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

/** The tasks that can be run from a bundle. */
export const runnerNames = () => Object.keys(TASKS).sort();

/**
 * Load an exported bundle, whatever its task, ready to predict.
 * @param {string | URL} url What `rnnkit export` wrote: the address of the folder with `bundle.json` in it.
 * @param {object} how
 * @param {string} [how.wasm] The address of the folder `wasm` of `@litertjs/core`.
 * @param {import("./runtime.js").OpenModel} [how.openModel] Another runtime in the place of LiteRT.js.
 * @param {import("./bundle.js").Fetch} [how.fetch] What fetches files; by default the browser's.
 * @returns {Promise<any>} The runner of the bundle's task, such as `TextClassifier`.
 * @throws {RnnkitError} There is no whole bundle, its files are not those it was written with, its model is damaged, or
 *   its task is unknown.
 */
export async function load(url, { wasm, openModel, fetch = (address) => globalThis.fetch(address) }) {
  const bundle = await readBundle(url, fetch);
  /** @type {string} */
  const name = bundle.settings.has("runner") ? bundle.setting("runner", "text") : bundle.task;
  if (!Object.hasOwn(TASKS, name)) {
    const hint = `${bundle.folder} needs it; this rnnkit runs: ${runnerNames().join(", ")}`;
    throw new RnnkitError(`Unknown task ${cut(repr(name), 60)}.${didYouMean(name, runnerNames())} (${hint})`);
  }
  bundle.checkTexts();
  if (openModel === undefined && wasm === undefined) {
    throw new RnnkitError('load() needs the address of LiteRT.js: { wasm: "node_modules/@litertjs/core/wasm/" }.');
  }
  const runners = await TASKS[name]();
  const kind = name
    .split("_")
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join("");
  return runners[kind].open(bundle, openModel ?? liteRt(/** @type {string} */ (wasm)));
}
