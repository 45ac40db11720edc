/** Translate sentences with an exported translator: beam search over its `decode_step`. */

import { SPELLINGS, checkedTexts, sourceIds, spelt, translationOf } from "../answers/translations.js";
import { END } from "../codec/pieces.js";
import { PAD } from "../codec/vocabulary.js";
import { LONGEST } from "../bundle.js";
import { DecodeStep, bundlePieces, bundleSearch } from "../decode_step.js";
import { RnnkitError } from "../errors.js";
import { openModel, padded } from "../interpreter.js";
import { cut, repr } from "../python/text.js";
import { drawnWith, searchOf, wholeBeam } from "../searching.js";
import { Tensor, float32 } from "../tensor.js";

/** The signature beside `decode_step`, and what it takes. */
const [ENCODE, SOURCE] = ["encode", "source"];
/** In `bundle.json`: ids of a source, where they are not `max_length` as those of a translation. */
const SOURCE_LENGTH = "source_length";

/** Runs a bundle of the task "translator"; `load` makes it. */
export class Translator {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    this.bundle = bundle;
    const [sourcePieces, targetPieces] = ["source", "target"].map((side) => bundlePieces(bundle, `${side}_pieces`));
    // Earlier bundles lack it.
    const spelling = bundle.settings.has("spelling") ? bundle.settings.get("spelling") : SPELLINGS[1];
    if (!SPELLINGS.includes(spelling)) {
      const known = SPELLINGS.join(" or ");
      throw new RnnkitError(
        `${bundle.folder} asks for the spelling ${cut(repr(spelling), 60)}; expected ${known}. Export it again.`,
      );
    }
    this.sourcePieces = spelt(sourcePieces, spelling);
    this.targetPieces = targetPieces;
    this.search = bundleSearch(bundle);
    this.most = bundle.settings.has(SOURCE_LENGTH) ? bundle.number(SOURCE_LENGTH, 1, LONGEST) : bundle.maxLength;
    this.model = model;
    this.decoder = new DecodeStep(bundle, model, "translator", { [ENCODE]: [SOURCE] }, bundle.fixedLength);
    if (targetPieces.length !== this.decoder.words) {
      throw new RnnkitError(
        `${bundle.folder} lists ${targetPieces.length} pieces of the target, and the model has no table of so ` +
          "many. Export it again.",
      );
    }
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new Translator(bundle, await openModel(bundle, "model", open));
  }

  /**
   * Translate sentences: one answer for each; a single string counts as a list of one.
   * @param {string | Iterable<string>} sentences As a person wrote them.
   * @param {Record<string, any>} [how] `SEARCH_OPTIONS` in place of the bundle's, such as `{ beam_width: 1 }`.
   * @returns {Promise<import("../answers/translations.js").Translation[]>}
   * @throws {RnnkitError} Something in `sentences` is no string, or an option is unknown, of another kind, out of range
   *   or for another strategy.
   */
  async predict(sentences, how = {}) {
    const search = searchOf(this.search, how);
    const found = [];
    for (const [place, text] of checkedTexts(sentences).entries())
      found.push(await this.translate(text, place, search));
    return found;
  }

  /**
   * Translate a sentence, and say where each piece of the best translation looked: the pieces of both sides, and for
   * each of the translation a weight for each of the source, `[target, source]`; null where the network has none.
   * @param {string} sentence
   * @param {Record<string, any>} [how] As for `predict`.
   * @returns {Promise<{answer: import("../answers/translations.js").Translation, source: string[], target: string[],
   *   weights: Tensor | null}>}
   * @throws {RnnkitError} As `predict`.
   */
  async attended(sentence, how = {}) {
    const search = searchOf(this.search, how);
    const [text] = checkedTexts([sentence]);
    const { ids, encoded, found } = await this.searched(text, 0, search);
    const row = Array.from(found.ids.row(0).row(0).data);
    const kept = row.includes(END) ? row.slice(0, row.indexOf(END)) : row.filter((id) => id !== PAD);
    return {
      answer: translationOf(found, text, this.sourcePieces, this.targetPieces, search.n_best ?? 1),
      source: this.sourcePieces.split(text).slice(0, ids.length - 1),
      target: kept.map((id) => this.targetPieces.pieces[id]),
      weights: await this.decoder.attention(encoded, kept, ids.length),
    };
  }

  /** @param {string} text @param {number} place @param {Record<string, any>} search */
  async translate(text, place, search) {
    const { found } = await this.searched(text, place, search);
    return translationOf(found, text, this.sourcePieces, this.targetPieces, search.n_best ?? 1);
  }

  /** @param {string} text @param {number} place @param {Record<string, any>} search */
  async searched(text, place, search) {
    const ids = sourceIds(text, this.sourcePieces, this.most);
    const how = { ...wholeBeam(search), ...drawnWith(search, [place], this.bundle.maxLength) };
    const seen = {
      source_mask: float32(new Float32Array(ids.length).fill(1), [1, ids.length]),
      source_words: float32(
        Array.from(ids, (id) => Number(id !== END)),
        [1, ids.length],
      ),
    };
    const { data } = this.bundle.fixedLength ? padded(new Tensor(ids), this.most, PAD) : { data: ids };
    const encoded = await this.model.run(ENCODE, { [SOURCE]: new Tensor(data, [1, data.length]) });
    const found = await this.decoder.search(encoded, how, this.decoder.attends ? seen : {});
    return { ids, encoded, found };
  }
}
