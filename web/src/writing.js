/** Text generation with a language model. Twin of rnnkit/lite/writing.py. */

import { PAD, START, UNKNOWN } from "./codec/vocabulary.js";
import { write } from "./decoding/writing.js";
import { RnnkitError } from "./errors.js";
import { checkedOptions } from "./options.js";
import { typeName } from "./python/text.js";
import { chars, compare, isspace, slice } from "./python/unicode.js";
import { Tensor } from "./tensor.js";

/** @typedef {import("./codec/text_units.js").TextUnits} TextUnits */
/** @typedef {import("./decoding/writing.js").Stepper} Stepper */
/** A function that is asked whether a text may begin like this. @typedef {(text: string) => boolean} Accepts */

/** Sampling options of a language model. @type {Record<string, import("./options.js").Spec>} */
export const SAMPLING = {
  samples: { kind: "whole", default: 1, low: 1, high: 10_000 }, // texts written side by side
  length: { kind: "whole", default: 1000, low: 0, high: 10 ** 9 }, // units at most; 0: until the end, if there is one
  temperature: { kind: "number", default: 0.8, low: 0, high: 100 }, // below 1 the likely becomes likelier
  top_k: { kind: "whole", default: 0, low: 0, high: 10 ** 6 }, // draw from so many of the likeliest units; 0: all
  top_p: { kind: "number", default: 1.0, low: 1e-6, high: 1 }, // draw from the likeliest units of this share
  no_repeat: { kind: "whole", default: 0, low: 0, high: 10 ** 6 }, // no stretch of so many units comes twice
  stop: { kind: "text", default: "" }, // a text is at its end behind this
  seed: { kind: "whole", default: 0, low: 0, high: 2 ** 31 - 1 }, // the same seed writes the same; 0: something else
};

/** A text generator: an exported language model. */
export class Writer {
  /** Names of what can be asked for beside a prefix. @type {readonly string[]} */
  asks = [];

  /** The table of tokens: text to ids and back. @returns {TextUnits} */
  get alphabet() {
    throw new Error("no alphabet");
  }

  /** Whether the model was trained on texts that end, not on one running text. @returns {boolean} */
  get ends() {
    return false;
  }

  /**
   * One step of the network for `samples` rows, and the initial states.
   * @param {number} samples
   * @returns {Promise<[Stepper, any]>}
   */
  async beginWriting(samples) {
    throw new Error(`no step of ${samples} rows`);
  }

  /**
   * The prompt of all texts, as text and as what is read.
   * @param {string} prefix As given.
   * @param {Record<string, any>} asked What is asked for, of `asks`.
   * @returns {[string, string]}
   */
  prompt(prefix, asked) {
    void asked; // nothing can be asked for
    return [prefix, prefix];
  }

  /**
   * Generate texts that begin with a prefix.
   * @param {string} [prefix] What all of them begin with; "" for a text from its start.
   * @param {Record<string, any>} [how] `SAMPLING`; what can be asked for beside the prefix, `asks`; and `accepts`,
   *   which is asked for each unit whether a text may begin with what is there and this unit.
   * @returns {Promise<string[]>}
   * @throws {RnnkitError} The prefix is no string, an option is unknown or out of range, or nothing would ever end the
   *   text.
   */
  async generate(prefix = "", how = {}) {
    /** @type {string[]} */
    let texts = [];
    for await (const pieces of this.stream(prefix, how)) texts = pieces.map((piece, row) => (texts[row] ?? "") + piece);
    return texts;
  }

  /**
   * The same as it is written: first what all texts begin with, then for each step what each goes on with, "" for those
   * at their end.
   * @param {string} [prefix]
   * @param {Record<string, any>} [how]
   * @returns {AsyncGenerator<string[], void, void>}
   */
  async *stream(prefix = "", { accepts = null, ...how } = {}) {
    const entries = Object.entries(how);
    const asked = Object.fromEntries(entries.filter(([name]) => this.asks.includes(name)));
    const options = checkedSampling(Object.fromEntries(entries.filter(([name]) => !this.asks.includes(name))));
    if (typeof prefix !== "string") throw new RnnkitError(`The prefix is a ${typeName(prefix)}; expected a string.`);
    if (!options.length && !options.stop && !this.ends) {
      throw new RnnkitError("This model has learnt from one long text, so nothing ends what it writes: give a length.");
    }
    const { alphabet } = this;
    const [shown, read] = this.prompt(prefix, asked);
    const known = new Set(chars(alphabet.lossless ? alphabet.decode(alphabet.encode(read)) : read));
    const strange = [...new Set(chars(read))].filter((sign) => !known.has(sign)).sort(compare);
    if (strange.length) {
      throw new RnnkitError(
        `The prefix has characters that this model has never seen: ${slice(strange.join(" "), 0, 80)}`,
      );
    }
    const [step, states] = await this.beginWriting(options.samples);
    yield* written(step, states, alphabet, shown, read, options, this.ends, accepts);
  }
}

/**
 * @param {Stepper} step @param {any} states @param {TextUnits} alphabet @param {string} shown @param {string} read
 * @param {Record<string, any>} how @param {boolean} ends @param {Accepts | null} accepts
 * @returns {AsyncGenerator<string[], void, void>}
 */
async function* written(step, states, alphabet, shown, read, how, ends, accepts) {
  yield new Array(how.samples).fill(shown);
  const given = [START, ...alphabet.encode(read)];
  const samples = Array.from(
    { length: how.samples },
    () => new Sample(alphabet, given, shown, how.stop, accepts !== null),
  );
  const drawn = write(step, states, given, {
    rows: how.samples,
    end: START,
    never: [PAD, UNKNOWN, ...(ends ? [] : [START])],
    temperature: how.temperature,
    top_k: how.top_k,
    top_p: how.top_p,
    no_repeat: how.no_repeat,
    seed: how.seed || null,
    allowed: accepts === null ? null : (row, place) => Boolean(accepts(samples[row].withNext(place))),
  });
  let number = 0;
  for await (const ids of drawn) {
    yield samples.map((sample, row) => sample.add(ids[row]));
    if (++number === how.length || samples.every((sample) => sample.done)) return;
  }
}

/** One text as it grows. */
class Sample {
  /**
   * @param {TextUnits} alphabet
   * @param {readonly number[]} given
   * @param {string} shown
   * @param {string} stop
   * @param {boolean} keep
   */
  constructor(alphabet, given, shown, stop, keep) {
    this.stop = stop;
    this.text = shown;
    this.done = false;
    this.keep = keep;
    this.tail = stop.length > 1 ? shown.slice(-(stop.length - 1)) : "";
    this.afterBlank = !alphabet.lossless && isspace(shown.slice(-1));
    this.writer = alphabet.writer();
    given.forEach((place) => this.writer.write(place));
  }

  /** The text with one more unit; characters that are not whole yet are left out. @param {number} place */
  withNext(place) {
    return this.text + this.once(this.writer.peek(place));
  }

  /** The text that the next unit adds. @param {number} place */
  add(place) {
    if (this.done || place === START) {
      this.done = true;
      return "";
    }
    let piece = this.once(this.writer.write(place));
    this.afterBlank = false;
    if (this.stop) {
      this.tail = (this.tail + piece).slice(-(this.stop.length + piece.length));
      const at = this.tail.indexOf(this.stop);
      if (at >= 0) {
        this.done = true;
        piece = piece.slice(0, piece.length - (this.tail.length - at - this.stop.length));
      }
    }
    if (this.keep) this.text += piece;
    return piece;
  }

  /** Without the blank before a word where there is one already. @param {string} piece */
  once(piece) {
    return this.afterBlank && piece.startsWith(" ") ? piece.slice(1) : piece;
  }
}

/**
 * Sampling options by name.
 * @param {Record<string, any>} values
 * @throws {RnnkitError} A name is unknown, or a value is out of range.
 */
export const checkedSampling = (values) => checkedOptions(SAMPLING, values);

/**
 * A step for many rows from a single-row step; the states are a list, one entry per row.
 * @param {(place: number, states: Tensor[]) => Promise<[Tensor, Tensor[]]>} step
 * @returns {Stepper}
 */
export const oneByOne = (step) => async (ids, states) => {
  const logits = [];
  const next = [];
  for (const [row, place] of ids.data.entries()) {
    const [made, mine] = await step(place, states[row]);
    logits.push(made);
    next.push(mine);
  }
  const words = logits[0].data.length;
  const all = new Float32Array(logits.length * words);
  logits.forEach(({ data }, row) => all.set(data, row * words));
  return [new Tensor(all, [logits.length, words]), next];
};
