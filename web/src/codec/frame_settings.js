/** What the settings of every front end have: deltas beside frames, the scales of features, and their file. */

import { deltaFilters } from "./filterbank.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";
import { Float, cut, general, repr } from "../python/text.js";

export const NORMALISE = ["none", "utterance", "corpus", "running"];

/**
 * A range of a setting: its name, the least, the most, and whether it is a whole number.
 * @typedef {readonly [string, number, number, boolean]} Range
 */

/** The part of a front end's settings that comes behind its frames. */
export class FrameSettings {
  /**
   * @param {Record<string, any>} given All settings, as the file has them.
   * @param {readonly Range[]} ranges
   * @throws {RnnkitError} A setting is out of its range.
   */
  constructor(given, ranges) {
    for (const [name, low, high, whole] of ranges) {
      const value = given[name];
      const fits = typeof value === "number" && value >= low && value <= high && (!whole || Number.isInteger(value));
      if (!fits) {
        throw new RnnkitError(
          `${name} is ${cut(repr(value), 40)}; expected ${whole ? "a whole number" : "a number"} from ` +
            `${general(low)} to ${general(high)}.`,
        );
      }
    }
    if (!NORMALISE.includes(given.normalise)) {
      const known = NORMALISE.join(", ");
      throw new RnnkitError(`normalise is ${cut(repr(given.normalise), 40)}; expected one of ${known}.`);
    }
    /** @type {number} */
    this.deltas = given.deltas;
    /** @type {number} */
    this.delta_width = given.delta_width;
    /** @type {string} */
    this.normalise = given.normalise;
    /** @type {number} */
    this.memory = given.memory;
    this.mean = Float64Array.from(given.mean);
    this.std = Float64Array.from(given.std);
    /** The weights of deltas, `[deltas + 1][2 * context + 1]`. */
    this.slopes = deltaFilters(this.deltas, this.delta_width);
  }

  /**
   * Refuse means and deviations that do not fit the features.
   * @throws {RnnkitError} They are not as many, or one is no finite number, or a deviation not above 0.
   */
  requireScales() {
    const counts = [this.mean.length, this.std.length];
    if (counts[0] !== counts[1] || ![0, this.features].includes(counts[0])) {
      throw new RnnkitError(
        `There are ${counts[0]} means and ${counts[1]} standard deviations; expected ${this.features} of each, or ` +
          "none.",
      );
    }
    if (![...this.mean, ...this.std].every(Number.isFinite) || this.std.some((each) => each <= 0)) {
      throw new RnnkitError("A mean or standard deviation is no finite number, or a deviation is not above 0.");
    }
  }

  /** Features of a frame with its deltas. @returns {number} */
  get features() {
    return /** @type {any} */ (this).static * (this.deltas + 1);
  }

  /** Frames on each side that deltas are taken over, by which a stream's frames come late. */
  get context() {
    return this.deltas * this.delta_width;
  }

  /**
   * The mean and variance of each feature before anything is heard.
   * @returns {[Float64Array, Float64Array]}
   * @throws {RnnkitError} They are not learnt yet, and are needed.
   */
  scales() {
    if (["none", "utterance"].includes(this.normalise)) {
      return [new Float64Array(this.features), new Float64Array(this.features).fill(1)];
    }
    if (!this.mean.length) {
      throw new RnnkitError(
        `normalise is "${this.normalise}", and no mean is known; learn it from sounds: learnt(...)`,
      );
    }
    return [this.mean, this.std.map((each) => each * each)];
  }
}

/**
 * Settings from the parsed content of their file, which may come from anyone.
 * @template {FrameSettings} Kind
 * @param {{new (given: any): Kind, FIELDS: readonly string[], RANGES: readonly Range[], LATER: readonly string[]}} kind
 *   `Spectrogram` or `ReadyFrames`; LATER: the fields that files of earlier versions lack.
 * @param {any} content
 * @param {string} where What messages call the file.
 * @throws {RnnkitError} It is not what rnnkit writes; says which setting is wrong.
 */
export function settingsOf(kind, content, where) {
  const { FIELDS, RANGES, LATER } = kind;
  const there = content instanceof Map ? new Set([...content.keys(), ...LATER]) : new Set();
  if (there.size !== FIELDS.length || !FIELDS.every((name) => there.has(name))) {
    throw new RnnkitError(`${where} should have the settings ${FIELDS.join(", ")}. It is broken; copy it again.`);
  }
  for (const name of ["mean", "std"]) {
    const found = content.get(name);
    if (!Array.isArray(found) || !found.every(Number.isFinite)) {
      throw new RnnkitError(`${where}: ${name} is no list of numbers. It is broken; copy it again.`);
    }
  }
  if (typeof content.get("normalise") !== "string") {
    throw new RnnkitError(`${where}: normalise is no text. It is broken; copy it again.`);
  }
  const given = Object.fromEntries(content);
  for (const [name, , , whole] of RANGES) if (whole && isFloat(content, name)) given[name] = new Float(given[name]);
  try {
    return new kind(given);
  } catch (error) {
    if (error instanceof RnnkitError) throw new RnnkitError(`${where}: ${error.message}`);
    throw error;
  }
}
