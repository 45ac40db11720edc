/** A file's `decode_step` for decoding, shared by translators and captioners. Twin of rnnkit/lite/decode_step.py. */

import { MARKS } from "./answers/translations.js";
import { Pieces } from "./codec/pieces.js";
import { decode } from "./decoding/index.js";
import { RnnkitError } from "./errors.js";
import { isFloat } from "./files/reading.js";
import { inTurns, requireShapes, requireSignatures, signatureOf } from "./interpreter.js";
import { checkedOptions } from "./options.js";
import { Float, repr } from "./python/text.js";
import { BEAM_OPTIONS } from "./searching.js";
import { numberedNames, stateNames } from "./step_file.js";
import { Tensor, int32 } from "./tensor.js";

/** The signature, and the names of what goes in and comes out; states and memory are numbered. */
export const DECODE_STEP = "decode_step";
const LONGEST = 10_000; // pieces of an answer, as the option max_length
const [IDS, LENGTH, LOGITS, ATTENTION, MEMORY] = ["ids", "length", "logits", "attention", "memory"];

/**
 * Searches with a file's `decode_step`, which takes all hypotheses of the beam in one call, or so many at a time as its
 * shape has.
 */
export class DecodeStep {
  /**
   * @param {import("./bundle.js").Bundle} bundle Says how many states and memories there are, under "states" and
   *   "memory".
   * @param {import("./runtime.js").Model} model The file with the signature.
   * @param {string} kind What the file should be, for messages.
   * @param {Record<string, string[]>} [more] For each further signature that the file must have, the names of what it
   *   takes.
   * @param {boolean} [measured] Whether the memory is padded, and its `length` an output of the further signatures and
   *   an input of a step.
   * @throws {RnnkitError} The file has other functions.
   */
  constructor(bundle, model, kind, more = {}, measured = false) {
    this.states = stateNames(bundle);
    this.memory = numberedNames(bundle, "memory", MEMORY);
    const carried = Object.fromEntries([...this.states, ...this.memory].map((name) => [name, "f"]));
    this.measures = measured ? [LENGTH] : [];
    const wanted = { ...more, [DECODE_STEP]: [IDS, ...this.measures, ...this.states, ...this.memory] };
    const givenOn = { ...carried, ...Object.fromEntries(this.measures.map((name) => [name, "iu"])) };
    const gives = {
      ...Object.fromEntries(Object.keys(more).map((name) => [name, givenOn])),
      [DECODE_STEP]: { [LOGITS]: "f", ...Object.fromEntries(this.states.map((name) => [name, "f"])) },
    };
    const whole = `${kind} with ${this.states.length} states and ${this.memory.length} memories`;
    requireSignatures(model, wanted, gives, bundle.folder, whole);
    if (bundle.maxLength > LONGEST) {
      throw new RnnkitError(
        `${bundle.folder} says max_length ${bundle.maxLength}; expected ${LONGEST} at most. Export it again.`,
      );
    }
    this.most = bundle.maxLength;
    this.folder = bundle.folder;
    this.model = model;
    const { inputs: given, outputs: made } = (this.signature = signatureOf(model, DECODE_STEP));
    requireShapes(made, given, this.states, this.folder);
    /** Rows that a call takes; -1: any number. */
    this.rows = given.get(IDS)?.shape[0] ?? -1;
    for (const name of Object.keys(more)) {
      requireShapes(ofAnyRows(signatureOf(model, name).outputs), given, Object.keys(givenOn), this.folder);
    }
    if (this.attends && !this.memory.length) {
      throw new RnnkitError(`${bundle.folder}: the model says where it looks, and has no memory. Export it again.`);
    }
  }

  /** The first states and the memory, as `tensorShapes` gives them. */
  get taken() {
    const shapes = tensorShapes(this.signature.inputs);
    return new Map([...shapes].filter(([name]) => this.states.includes(name) || this.memory.includes(name)));
  }

  /** Whether steps return attention weights. */
  get attends() {
    return this.signature.outputs.has(ATTENTION);
  }

  /** The size of the output vocabulary. @returns {number} */
  get words() {
    return this.signature.outputs.get(LOGITS)?.shape.at(-1) ?? 0;
  }

  /**
   * Decode one row.
   * @param {Record<string, Tensor>} encoded The first states and the memory by name, batch 1.
   * @param {Record<string, any>} search Arguments of `decode`.
   * @param {{source_mask?: Tensor, source_words?: Tensor}} [seen] Likewise, where steps give attention.
   */
  async search(encoded, search, seen = {}) {
    const fixed = this.rows > 0;
    const own = fixed ? [] : this.memory; // what each row has one of
    const shared = Object.fromEntries(
      (fixed ? [...this.memory, ...this.measures] : []).map((name) => [name, encoded[name]]),
    );
    const attended = seen.source_mask?.shape[1] ?? 0;
    /** @type {import("./decoding/step.js").Step} */
    const step = async (last, states, memory) => {
      const carried = [...states, ...memory];
      const names = [...this.states, ...own];
      const changing = Object.fromEntries(names.map((name, place) => [name, carried[place]]));
      const made = await inTurns(this.model, DECODE_STEP, { [IDS]: last, ...changing }, shared);
      /** @type {[string, number[]][]} */
      const wanted = [[LOGITS, [last.data.length, this.words]]];
      if (this.attends) {
        if (fixed && made[ATTENTION].shape.length === 2) made[ATTENTION] = columns(made[ATTENTION], attended);
        wanted.push([ATTENTION, [last.data.length, attended]]);
      }
      for (const [name, shape] of wanted) {
        if (made[name].shape.join() !== shape.join()) {
          throw new RnnkitError(
            `${this.folder}: the model gives ${name} as ${repr(made[name].shape)}; expected ${repr(shape)}. ` +
              "Export it again.",
          );
        }
      }
      return [made[LOGITS], this.states.map((name) => made[name]), made[ATTENTION] ?? null];
    };
    const [states, memory] = [this.states, own].map((names) => names.map((name) => encoded[name]));
    return decode(step, states, memory, { marks: MARKS, max_length: this.most, ...search, rows: 1, ...seen });
  }

  /**
   * Where each step of a sequence that was decoded looks: float32 `[ids, source]`; null where steps do not say it.
   * @param {Record<string, Tensor>} encoded As for `search`.
   * @param {readonly number[]} ids What `search` found.
   * @param {number} attended Places of the source.
   */
  async attention(encoded, ids, attended) {
    if (!this.attends) return null;
    const shared = Object.fromEntries([...this.memory, ...this.measures].map((name) => [name, encoded[name]]));
    const found = new Float32Array(ids.length * attended);
    let states = Object.fromEntries(this.states.map((name) => [name, encoded[name]]));
    for (const [step, last] of [MARKS.start, ...ids.slice(0, -1)].entries()) {
      const made = await inTurns(this.model, DECODE_STEP, { [IDS]: int32([last]), ...states }, shared);
      found.set(made[ATTENTION].data.subarray(0, attended), step * attended);
      states = Object.fromEntries(this.states.map((name) => [name, made[name]]));
    }
    return new Tensor(found, [ids.length, attended]);
  }
}

/**
 * The details of tensors with the batch open: a sentence has one row, a step as many as there are hypotheses.
 * @param {import("./interpreter.js").DetailsByName} details
 * @returns {import("./interpreter.js").DetailsByName}
 */
const ofAnyRows = (details) =>
  new Map([...details].map(([name, each]) => [name, { ...each, shape: [-1, ...each.shape.slice(1)] }]));

/** The first columns of a table; behind the sentence is padding. @param {Tensor} table @param {number} count */
function columns({ data, shape: [rows, size] }, count) {
  const found = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) found.set(data.subarray(row * size, row * size + count), row * count);
  return new Tensor(found, [rows, count]);
}

/**
 * Of the inputs or outputs of a signature: shapes without the batch, by name in order.
 * @param {import("./interpreter.js").DetailsByName} details
 */
export const tensorShapes = (details) =>
  new Map([...details.keys()].sort().map((name) => [name, (details.get(name)?.shape ?? []).slice(1)]));

/**
 * The pieces in the file that `bundle.json` has under `name`.
 * @param {import("./bundle.js").Bundle} bundle
 * @param {string} name
 * @throws {RnnkitError} As `Bundle.read`, or the file holds no pieces.
 */
export const bundlePieces = (bundle, name) => Pieces.load(bundle.read(name), bundle.path(bundle.setting(name, "text")));

/**
 * The search that `bundle.json` asks for: plain numbers under known names.
 * @param {import("./bundle.js").Bundle} bundle
 * @returns {Record<string, any>}
 * @throws {RnnkitError} It asks for something that there is not.
 */
export function bundleSearch(bundle) {
  /** @type {Map<string, any>} */
  const given = bundle.setting("search", "object");
  for (const [name, number] of given) {
    const value = isFloat(given, name) && BEAM_OPTIONS[name]?.kind !== "number" ? new Float(number) : number;
    try {
      checkedOptions(BEAM_OPTIONS, { [name]: value });
    } catch (error) {
      if (!(error instanceof RnnkitError)) throw error;
      const shown = isFloat(given, name) ? repr(new Float(number)) : repr(number);
      throw new RnnkitError(
        `${bundle.folder} asks for a search with ${name} ${shown} (${error.message}) Export it again.`,
      );
    }
  }
  return Object.fromEntries(given);
}
