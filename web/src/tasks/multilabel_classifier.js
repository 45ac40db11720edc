/** Give raw texts all of their labels with an exported multi-label classifier. */

import { labelSetOf } from "../answers/label_sets.js";
import { marked } from "../answers/labels.js";
import { TextRunner } from "../texts.js";

/** Runs a bundle of the task "multilabel_classifier"; `load` makes it. */
export class MultilabelClassifier extends TextRunner {
  /**
   * Label texts: one set of labels for each; a single string counts as a list of one.
   * @param {string | Iterable<string>} texts Raw text, as a person wrote it.
   * @returns {Promise<import("../answers/label_sets.js").LabelSet[]>}
   * @throws {RnnkitError} Something in `texts` is no string.
   */
  async predict(texts) {
    const ids = this.encoded(texts);
    return marked(
      (await this.run(ids)).map((row) => labelSetOf(row, this.labels)),
      ids,
    );
  }
}
