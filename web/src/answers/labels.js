/** The shared part of runners whose bundle has a vocabulary and labels. */

import { UNKNOWN, Vocabulary } from "../codec/vocabulary.js";
import { argmax } from "../decoding/numpy_ops.js";
import { RnnkitError } from "../errors.js";
import { finite } from "../finite.js";

/** @typedef {import("../tensor.js").Data} Data */
/** What is said beside such an answer. */
export const NOTHING_READ = "nothing was read";

/**
 * The answer to one text: the most probable label, its probability, those of all labels in the model's order, and
 * whether the text has no word, or other unit, that the model knows; then the probabilities say nothing of it.
 * @typedef {{label: string, probability: number, probabilities: Map<string, number>, nothing_read: boolean}} Prediction
 */

/**
 * The answer of one row of probabilities, `[labels]`.
 * @param {Data} row
 * @param {readonly string[]} labels
 * @returns {Prediction}
 * @throws {RnnkitError} They are no numbers.
 */
export function predictionOf(row, labels) {
  const best = argmax(finite(row));
  const probabilities = new Map(labels.map((label, place) => [label, row[place]]));
  return { label: labels[best], probability: row[best], probabilities, nothing_read: false };
}

/**
 * The answers to texts, those marked of whose text nothing was read.
 * @template {{nothing_read: boolean}} T
 * @param {readonly T[]} answers One for each text.
 * @param {readonly Int32Array[]} ids Those of each text, `<START>` among them.
 * @returns {T[]}
 */
export const marked = (answers, ids) =>
  answers.map((answer, place) => (ids[place].some((id) => id > UNKNOWN) ? answer : { ...answer, nothing_read: true }));

/** A bundle's vocabulary, labels and model. */
export class WordsAndLabels {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered.
   */
  constructor(bundle, model) {
    this.bundle = bundle;
    this.labels = bundle.readLines("labels");
    this.vocabulary = Vocabulary.load(bundle.read("vocabulary"), bundle.path(bundle.setting("vocabulary", "text")));
    this.model = model;
  }

  /** Refuse a list of labels that does not fit the model's outputs. @param {number} outputs */
  checkOutputs(outputs) {
    requireLabels(this.labels, outputs, this.bundle.folder);
  }
}

/**
 * Refuse a list of labels that does not fit a model's outputs.
 * @param {readonly string[]} labels
 * @param {number} outputs How many probabilities the model gives.
 * @param {string} folder The bundle's, for the message.
 * @throws {RnnkitError} There are fewer or more, or one is there twice.
 */
export function requireLabels(labels, outputs, folder) {
  const different = new Set(labels).size;
  if (outputs !== different || outputs !== labels.length) {
    throw new RnnkitError(
      `${folder} lists ${different} different labels for a model with ${outputs} outputs. Export it again.`,
    );
  }
}
