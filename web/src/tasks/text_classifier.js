/** Label raw texts with an exported text classifier. */

import { marked, predictionOf } from "../answers/labels.js";
import { TextRunner } from "../texts.js";

/** Runs a bundle of the task "text_classifier"; `load` makes it. */
export class TextClassifier extends TextRunner {
  /**
   * Label texts: one answer for each; a single string counts as a list of one.
   * @param {string | Iterable<string>} texts Raw text, as a person wrote it.
   * @returns {Promise<import("../answers/labels.js").Prediction[]>}
   * @throws {RnnkitError} Something in `texts` is no string.
   */
  async predict(texts) {
    const ids = this.encoded(texts);
    return marked(
      (await this.run(ids)).map((row) => predictionOf(row, this.labels)),
      ids,
    );
  }
}
