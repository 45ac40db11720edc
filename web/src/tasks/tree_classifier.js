/** Label the nodes of trees with an exported tree classifier. */

import { WordsAndLabels, predictionOf } from "../answers/labels.js";
import { encodeTree, plant } from "../codec/tree_schedule.js";
import { Tree, treeOf } from "../codec/trees.js";
import { argmax } from "../decoding/numpy_ops.js";
import { RnnkitError } from "../errors.js";
import { inTurns, openModel, requireShapes, requireSignatures, signatureOf } from "../interpreter.js";
import { repr } from "../python/text.js";
import { lower } from "../python/unicode.js";
import { Tensor } from "../tensor.js";

/** The model's signatures, and the names of what goes into them: compose takes left and right, or children. */
const [LEAF, COMPOSE, CLASSIFY] = ["leaf", "compose", "classify"];
const [WORD, CHILDREN, STATE, PROBABILITIES] = ["word", "children", "state", "probabilities"];
const SIDES = ["left", "right"];
/** Where compose takes so many children: the sums over those of earlier calls go in, and come out with these added. */
const [BEFORE, SUMS] = ["before", "sums"];
/** @type {Record<string, string>} */
const GIVES = { [LEAF]: STATE, [COMPOSE]: STATE, [CLASSIFY]: PROBABILITIES };
/** Nodes composed in one call. */
export const WIDTH = 16;

/**
 * The answer to one node: the words below it, the most probable label and its probability.
 * @typedef {{text: string, label: string, probability: number}} NodePrediction
 */
/**
 * The answer to one tree: that of its root, and those of all nodes, children before their parent, the root last.
 * @typedef {import("../answers/labels.js").Prediction & {nodes: NodePrediction[]}} TreePrediction
 */

/** Runs a bundle of the task "tree_classifier"; `load` makes it. */
export class TreeClassifier extends WordsAndLabels {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} model
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, model) {
    super(bundle, model);
    /** @type {(word: string) => string} */
    this.fold = bundle.setting("lowercase", "truth") ? lower : (word) => word;
    this.anyChildren = bundle.setting("any_children", "truth");
    const known = [...model.signatures.keys()];
    if (!Object.keys(GIVES).every((name) => known.includes(name))) {
      throw new RnnkitError(`${bundle.folder}: the model is no tree classifier; it has ${repr(known.sort())}.`);
    }
    const inParts = this.anyChildren && (model.signatures.get(COMPOSE)?.inputs.has(BEFORE) ?? false);
    const children = inParts ? [CHILDREN, BEFORE] : [CHILDREN];
    const takes = { [LEAF]: [WORD], [COMPOSE]: this.anyChildren ? children : SIDES, [CLASSIFY]: [STATE] };
    /** @type {Record<string, Record<string, string>>} */
    const gives = Object.fromEntries(Object.entries(GIVES).map(([name, made]) => [name, { [made]: "f" }]));
    if (inParts) gives[COMPOSE][SUMS] = "f";
    requireSignatures(model, takes, gives, bundle.folder, "tree classifier");
    const classify = signatureOf(model, CLASSIFY);
    for (const name of [LEAF, COMPOSE]) {
      requireShapes(signatureOf(model, name).outputs, classify.inputs, [STATE], bundle.folder);
    }
    /** Children that compose takes; 0: any number. */
    this.atOnce = inParts ? this.checkedParts() : 0;
    this.checkOutputs(classify.outputs.get(PROBABILITIES)?.shape.at(-1) ?? 0);
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new TreeClassifier(bundle, await openModel(bundle, "model", open));
  }

  /**
   * Label trees: one answer for each; a single string or `Tree` counts as a list of one.
   * @param {any} trees Trees in brackets, labelled or not, nested lists, or `Tree`s.
   * @returns {Promise<TreePrediction[]>}
   * @throws {RnnkitError} Something in `trees` is no tree, or has more children than the model takes.
   */
  async predict(trees) {
    const listed = typeof trees === "string" || trees instanceof Tree ? [trees] : [...trees];
    const parsed = listed.map((value, number) => treeOf(value, `Tree ${number + 1}`));
    const found = [];
    for (const tree of parsed)
      found.push(this.answer(tree, await this.run(encodeTree(tree, this.vocabulary, this.fold))));
    return found;
  }

  /**
   * The probabilities of all nodes of an encoded tree, from its leaves up: float32 `[nodes, labels]`.
   * @param {Int32Array} code
   */
  async run(code) {
    let forest;
    try {
      forest = plant(code, this.anyChildren ? null : SIDES.length, WIDTH);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RnnkitError(`${error.message} Binarize the tree (rnnkit.codec.trees.binarized), or train child_sum.`);
    }
    const { words, children, rows } = forest;
    const leaves = await this.call(LEAF, { [WORD]: new Tensor(Int32Array.from(words)) });
    const size = leaves.shape[1];
    const states = new Float32Array((1 + words.length + children.length * WIDTH) * size);
    states.set(leaves.data, size);
    for (const [number, chunk] of children.entries()) {
      const most = chunk[0].length;
      const below = gathered(states, size, chunk.flat(), [WIDTH, most, size]);
      const sides = () =>
        SIDES.map((side, place) => [
          side,
          gathered(
            states,
            size,
            chunk.map((each) => each[place]),
            [WIDTH, size],
          ),
        ]);
      const made = await this.call(COMPOSE, this.anyChildren ? { [CHILDREN]: below } : Object.fromEntries(sides()));
      states.set(made.data, (1 + words.length + number * WIDTH) * size);
    }
    return this.call(CLASSIFY, { [STATE]: gathered(states, size, rows, [rows.length, size]) });
  }

  /** @param {string} name @param {Record<string, Tensor>} given */
  async call(name, given) {
    const inParts = name === COMPOSE && this.atOnce > 0;
    const made = (inParts ? await this.composed(given[CHILDREN]) : await inTurns(this.model, name, given))[GIVES[name]];
    const rows = Object.values(given)[0].shape[0];
    if (made.shape.length !== 2 || made.shape[0] !== rows) {
      throw new RnnkitError(
        `${this.bundle.folder}: ${name} gives ${repr(made.shape)} for ${rows} rows. Export it again.`,
      );
    }
    return made;
  }

  /** Compose nodes of any number of children, so many in each call. @param {Tensor} children */
  async composed({ data, shape: [rows, count, size] }) {
    /** @type {Record<string, Tensor>} */
    let made = { [SUMS]: new Tensor(new Float32Array(rows * size), [rows, size]) };
    for (let start = 0; start < count; start += this.atOnce) {
      const part = new Float32Array(rows * this.atOnce * size);
      const taken = Math.min(this.atOnce, count - start) * size;
      for (let row = 0; row < rows; row++) {
        const first = (row * count + start) * size;
        part.set(/** @type {Float32Array} */ (data).subarray(first, first + taken), row * this.atOnce * size);
      }
      const given = { [CHILDREN]: new Tensor(part, [rows, this.atOnce, size]), [BEFORE]: made[SUMS] };
      made = await inTurns(this.model, COMPOSE, given);
    }
    return made;
  }

  /** The number of children that compose takes in a call. */
  checkedParts() {
    const { inputs, outputs } = signatureOf(this.model, COMPOSE);
    const sums = outputs.get(SUMS);
    if (sums) requireShapes(new Map([[BEFORE, sums]]), inputs, [BEFORE], this.bundle.folder);
    const shape = Array.from(inputs.get(CHILDREN)?.shape ?? []);
    if (shape.length !== 3 || shape[1] < 1) {
      throw new RnnkitError(
        `${this.bundle.folder}: compose takes children ${repr(shape)}; expected some of them. Export it again.`,
      );
    }
    return shape[1];
  }

  /** @param {Tree} tree @param {Tensor} probabilities @returns {TreePrediction} */
  answer(tree, probabilities) {
    const nodes = tree.words.map((_, node) => {
      const row = probabilities.row(node).data;
      const best = argmax(row);
      return { text: tree.text(node), label: this.labels[best], probability: row[best] };
    });
    return { ...predictionOf(probabilities.row(tree.length - 1).data, this.labels), nodes };
  }
}

/**
 * @param {Float32Array} states
 * @param {number} size
 * @param {readonly number[]} rows
 * @param {readonly number[]} shape
 */
function gathered(states, size, rows, shape) {
  const made = new Float32Array(rows.length * size);
  rows.forEach((row, place) => made.set(states.subarray(row * size, (row + 1) * size), place * size));
  return new Tensor(made, shape);
}
