/** Write tunes with an exported music model. */

import { LanguageModel } from "./language_model.js";
import { ASKS, loadHeaders, tunePrompt } from "../answers/tunes.js";
import { checkOrder } from "../codec/abc_text.js";

/** Runs a bundle of the task "music_model"; `load` makes it. A title, rhythm, metre and key can be asked for. */
export class MusicModel extends LanguageModel {
  asks = ASKS;

  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    super(bundle, model);
    this.order = bundle.setting("fields", "text");
    checkOrder(this.order);
    this.headers = loadHeaders(bundle);
  }

  /** @param {string} prefix @param {Record<string, any>} asked @returns {[string, string]} */
  prompt(prefix, asked) {
    return tunePrompt(prefix, asked, this.headers, this.order);
  }
}
