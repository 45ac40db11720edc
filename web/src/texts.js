/** The shared part of runners that read raw texts and give a probability for each label. */

import { WordsAndLabels } from "./answers/labels.js";
import { bundledTokenizer } from "./codec/unit_tokenizers.js";
import { PAD } from "./codec/vocabulary.js";
import { RnnkitError } from "./errors.js";
import { openModel } from "./interpreter.js";
import { cut, repr, typeName } from "./python/text.js";
import { Tensor } from "./tensor.js";

/** Texts to ids, and ids to probabilities of the labels. */
export class TextRunner extends WordsAndLabels {
  /**
   * @param {import("./bundle.js").Bundle} bundle
   * @param {import("./runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    super(bundle, model);
    this.tokenizer = bundledTokenizer(bundle.setting("tokenizer", "object"), this.vocabulary.words, bundle.folder);
    const [signature, input, output] = this.checkModel();
    this.signature = signature;
    this.input = input;
    this.output = output;
  }

  /**
   * Open the runner of a bundle.
   * @template {TextRunner} T
   * @this {new (bundle: import("./bundle.js").Bundle, model: import("./runtime.js").Model) => T}
   * @param {import("./bundle.js").Bundle} bundle
   * @param {import("./runtime.js").OpenModel} open
   * @returns {Promise<T>}
   */
  static async open(bundle, open) {
    return new this(bundle, await openModel(bundle, "model", open));
  }

  /** The probabilities of all labels for each text. @param {string | Iterable<string>} texts */
  async probabilities(texts) {
    return this.run(this.encoded(texts));
  }

  /** `encode` of each text; a single string counts as a list of one. @param {string | Iterable<string>} texts */
  encoded(texts) {
    return strings(texts).map((text) => this.encode(text));
  }

  /** The ids the model sees for a text: int32, at most `maxLength`, not padded. @param {string} text */
  encode(text) {
    return this.vocabulary.encode(this.tokenizer.split(text), this.bundle.maxLength);
  }

  /**
   * The probabilities for already encoded texts, `[labels]` each.
   * @param {readonly Int32Array[]} ids For each text a vector of 1 to `maxLength` ids, without padding.
   * @throws {RnnkitError} A vector is empty, too long, or has an id outside the vocabulary.
   */
  async run(ids) {
    const found = [];
    for (const [place, row] of ids.entries()) found.push(await this.runOne(this.checked(row, place)));
    return found;
  }

  /** @param {Int32Array} ids @returns {Promise<import("./tensor.js").Data>} */
  async runOne(ids) {
    const length = this.bundle.fixedLength ? this.bundle.maxLength : ids.length;
    const given = new Int32Array(length).fill(PAD);
    given.set(ids);
    const made = await this.model.run(
      this.signature,
      { [this.input]: new Tensor(given, [1, length]) },
      this.bundle.resetsState,
    );
    return made[this.output].data;
  }

  /** @param {Int32Array} ids @param {number} place */
  checked(ids, place) {
    if (!(ids.length >= 1 && ids.length <= this.bundle.maxLength)) {
      throw new RnnkitError(
        `Text ${place} is int32 [${ids.length}]; expected a vector of 1 to ${this.bundle.maxLength} whole ids.`,
      );
    }
    const [low, high] = [Math.min(...ids), Math.max(...ids)];
    if (low < 0 || high >= this.vocabulary.length) {
      throw new RnnkitError(
        `Text ${place} has ids ${low}..${high}; the vocabulary has 0..${this.vocabulary.length - 1}.`,
      );
    }
    return ids;
  }

  /** The names of the function, its input and its output, after a check that model and settings fit. */
  checkModel() {
    const { bundle, model } = this;
    const [[name, signature] = ["", { inputs: new Map(), outputs: new Map() }]] = model.signatures;
    const [inputs, outputs] = [[...signature.inputs.values()], [...signature.outputs.values()]];
    if (inputs.length !== 1 || outputs.length !== 1 || inputs[0].shape.length !== 2 || outputs[0].shape.length !== 2) {
      throw new RnnkitError(`${bundle.folder}: the model is no text classifier ([1, ids] in, [1, labels] out).`);
    }
    if (outputs[0].shape[0] !== 1) {
      throw new RnnkitError(`${bundle.folder}: the model gives ${repr(outputs[0].shape)}; expected [1, labels].`);
    }
    this.checkOutputs(outputs[0].shape[1]);
    if (bundle.fixedLength && inputs[0].shape[1] !== bundle.maxLength) {
      throw new RnnkitError(
        `${bundle.folder} says max_length ${bundle.maxLength}, but the model takes ${inputs[0].shape[1]} ids. ` +
          "Export it again.",
      );
    }
    return [name, inputs[0].name, outputs[0].name];
  }
}

/** @param {any} texts @returns {string[]} */
function strings(texts) {
  const listed = typeof texts === "string" || typeof texts?.[Symbol.iterator] !== "function" ? [texts] : [...texts];
  listed.forEach((text, place) => {
    if (typeof text !== "string") {
      throw new RnnkitError(`Text ${place} is ${cut(repr(text), 60)} (${typeName(text)}); expected a string.`);
    }
  });
  return listed;
}
