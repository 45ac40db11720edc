/** Find named entities in raw sentences with an exported tagger. */

import { predictionOf, sentencesOf, tokensOf } from "../answers/entities.js";
import { WordsAndLabels } from "../answers/labels.js";
import { knownScheme, toIob2 } from "../codec/tag_schemes.js";
import { PAD, Vocabulary } from "../codec/vocabulary.js";
import { CASINGS, WordFeatures, joined, pieces } from "../codec/word_features.js";
import { RnnkitError } from "../errors.js";
import { openModel, requireSignatures } from "../interpreter.js";
import { repr } from "../python/text.js";
import { Tensor } from "../tensor.js";

/** The model's inputs, in the order of `WordFeatures.encode`, and its output. */
const [INPUTS, TAGS] = [["words", "casing", "characters"], "tags"];
/** @typedef {[Int32Array, Int32Array, Int32Array]} Features */

/** Runs a bundle of the task "token_tagger"; `load` makes it. */
export class TokenTagger extends WordsAndLabels {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    super(bundle, model);
    const characters = Vocabulary.load(bundle.read("characters"), bundle.path(bundle.setting("characters", "text")));
    this.features = new WordFeatures(this.vocabulary, characters, bundle.number("word_length", 1, 10_000));
    this.scheme = knownScheme(bundle.setting("scheme", "text"));
    this.signature = this.checkModel();
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new TokenTagger(bundle, await openModel(bundle, "model", open));
  }

  /**
   * The entities of sentences: one answer for each; a single string counts as a list of one.
   * @param {string | Iterable<string | string[]>} sentences As a person wrote them, or lists of tokens.
   * @returns {Promise<import("../answers/entities.js").TaggedPrediction[]>}
   * @throws {RnnkitError} Something in `sentences` is neither.
   */
  async predict(sentences) {
    const found = [];
    for (const sentence of sentencesOf(sentences)) found.push(await this.answer(sentence, tokensOf(sentence)));
    return found;
  }

  /** @param {string | string[]} sentence @param {readonly import("../answers/entities.js").Token[]} tokens */
  async answer(sentence, tokens) {
    const most = this.bundle.maxLength;
    const words = tokens.map(([token]) => token);
    const numbers = await this.run(pieces(words, most).map((piece) => this.features.encode(piece)));
    const tags = toIob2(
      numbers.map((number) => this.labels[number]),
      this.scheme,
    );
    return predictionOf(sentence, tokens, joined(tags, most));
  }

  /**
   * The tag numbers of all tokens of sentences encoded already, sentence by sentence.
   * @param {readonly Features[]} rows For each what `WordFeatures.encode` gave, of 1 to `maxLength` tokens.
   * @returns {Promise<number[]>}
   * @throws {RnnkitError} A sentence is empty, too long, or has an id outside the vocabularies.
   */
  async run(rows) {
    const found = [];
    for (const [place, row] of rows.entries()) found.push(...(await this.tags(row, place)));
    return found;
  }

  /** @param {Features} row @param {number} place */
  async tags(row, place) {
    const { bundle, features } = this;
    const length = row[0].length;
    const sizes = [this.vocabulary.length, CASINGS.length, features.characters.length];
    if (!(length >= 1 && length <= bundle.maxLength)) {
      throw new RnnkitError(`Sentence ${place} has ${length} tokens; expected 1 to ${bundle.maxLength}.`);
    }
    row.forEach((table, number) => {
      const [low, high] = [Math.min(...table), Math.max(...table)];
      if (low < 0 || high >= sizes[number]) {
        throw new RnnkitError(
          `Sentence ${place} has ${INPUTS[number]} ${low}..${high}; expected 0..${sizes[number] - 1}.`,
        );
      }
    });
    const steps = bundle.fixedLength ? bundle.maxLength : length;
    const shapes = [
      [1, steps],
      [1, steps],
      [1, steps, features.wordLength],
    ];
    const given = Object.fromEntries(
      row.map((table, number) => {
        const padded = new Int32Array(shapes[number].reduce((size, side) => size * side, 1)).fill(PAD);
        padded.set(table);
        return [INPUTS[number], new Tensor(padded, shapes[number])];
      }),
    );
    const made = await this.model.run(this.signature, given, bundle.resetsState);
    const tags = Array.from(made[TAGS].data.subarray(0, length));
    if (tags.length !== length || Math.min(...tags) < 0) {
      throw new RnnkitError(`${bundle.folder}: the model gives no tag for each token. Export it again.`);
    }
    if (Math.max(...tags) >= this.labels.length) {
      throw new RnnkitError(`${bundle.folder} lists ${this.labels.length} labels, too few. Export it again.`);
    }
    return tags;
  }

  /** The name of the function, after a check that model and settings fit. */
  checkModel() {
    const { bundle, model } = this;
    const [[name, signature] = ["", undefined]] = model.signatures;
    const inputs = signature ? [...signature.inputs.keys()] : [];
    if ([...inputs].sort().join() !== [...INPUTS].sort().join() || signature === undefined) {
      throw new RnnkitError(
        `${bundle.folder}: the model is no tagger (${INPUTS.join(", ")} in); it takes ${repr(inputs)}.`,
      );
    }
    requireSignatures(model, { [name]: INPUTS }, { [name]: { [TAGS]: "iu" } }, bundle.folder, "tagger");
    const taken = signature.inputs.get(INPUTS[2])?.shape ?? [];
    const said = [1, bundle.fixedLength ? bundle.maxLength : -1, this.features.wordLength];
    if (said.join() !== taken.join()) {
      const shown = [said, taken].map((shape) => repr(shape).replaceAll("-1", "any"));
      throw new RnnkitError(
        `${bundle.folder} has characters ${shown[0]}, but the model takes ${shown[1]}. Export it again.`,
      );
    }
    try {
      toIob2(this.labels, this.scheme);
    } catch (error) {
      throw error instanceof RnnkitError
        ? new RnnkitError(`${bundle.folder}: ${error.message}. Export it again.`)
        : error;
    }
    return name;
  }
}
