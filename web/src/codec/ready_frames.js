/** Frames that others made of sounds, with deltas and normalised: the front end where no samples are at hand. */

import { deltaFilters } from "./filterbank.js";
import { finished } from "./frame_scaling.js";
import { NORMALISE } from "./spectrogram_settings.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";
import { Float, cut, general, repr } from "../python/text.js";

const RANGES = /** @type {const} */ ({
  static: [1, 8192],
  hop: [0.5, 1000.0],
  deltas: [0, 2],
  delta_width: [1, 20],
  memory: [1, 10 ** 6],
});
const FIELDS = ["static", "hop", "deltas", "delta_width", "normalise", "memory", "mean", "std"];

/** A front end for ready-made frames, which adds deltas and normalises. */
export class ReadyFrames {
  /**
   * @param {Record<string, any>} given All settings, as `frames.json` has them.
   * @throws {RnnkitError} A setting is out of its range.
   */
  constructor(given) {
    for (const [name, [low, high]] of Object.entries(RANGES)) {
      const value = given[name];
      const kind = name === "hop" ? typeof value === "number" || value instanceof Float : Number.isInteger(value);
      if (!kind || !(low <= Number(value) && Number(value) <= high)) {
        const range = `${general(low)} to ${general(high)}`;
        throw new RnnkitError(`${name} is ${cut(repr(value), 40)}; expected a number from ${range}.`);
      }
    }
    if (!NORMALISE.includes(given.normalise)) {
      const known = NORMALISE.join(", ");
      throw new RnnkitError(`normalise is ${cut(repr(given.normalise), 40)}; expected one of ${known}.`);
    }
    /** Features of a ready-made frame. @type {number} */
    this.static = given.static;
    /** From one frame to the next, in milliseconds. */
    this.hop = Number(given.hop);
    /** @type {number} */
    this.deltas = given.deltas;
    /** @type {number} */
    this.deltaWidth = given.delta_width;
    /** @type {string} */
    this.normalise = given.normalise;
    /** @type {number} */
    this.memory = given.memory;
    this.mean = Float64Array.from(given.mean);
    this.std = Float64Array.from(given.std);
    const sizes = [this.mean.length, this.std.length];
    if (sizes[0] !== sizes[1] || ![0, this.features].includes(sizes[0])) {
      throw new RnnkitError(`There are ${sizes[0]} means and ${sizes[1]} deviations of ${this.features}.`);
    }
    if (![...this.mean, ...this.std].every(Number.isFinite) || this.std.some((each) => each <= 0)) {
      throw new RnnkitError("A mean or standard deviation is no finite number, or a deviation is not above 0.");
    }
    this.slopes = deltaFilters(this.deltas, this.deltaWidth);
  }

  /** Features of a frame with its deltas. */
  get features() {
    return this.static * (this.deltas + 1);
  }

  /** Frames on each side that deltas are taken over. */
  get context() {
    return this.deltas * this.deltaWidth;
  }

  /**
   * The mean and variance of each feature before anything is read.
   * @returns {[Float64Array, Float64Array]}
   * @throws {RnnkitError} They are not learnt yet, and are needed.
   */
  scales() {
    if (["none", "utterance"].includes(this.normalise)) {
      return [new Float64Array(this.features), new Float64Array(this.features).fill(1)];
    }
    if (!this.mean.length) {
      throw new RnnkitError(`normalise is "${this.normalise}", and no mean is known; learn it from frames: learnt()`);
    }
    return [this.mean, this.std.map((each) => each * each)];
  }

  /**
   * What a network reads of the frames of a whole sound, float32 `[frames, features]`.
   * @param {any} frames Ready-made ones, `[frames, static]`, as an array of arrays.
   * @param {string} [place] What messages call the sound.
   * @throws {RnnkitError} There is none, they have other features, or one is no finite number.
   */
  encode(frames, place = "The sound") {
    const rows = Array.isArray(frames) ? frames.map((row) => Float64Array.from(row?.length ? row : [])) : [];
    const width = rows.length ? rows[0].length : 0;
    if (!rows.length || rows.some((row) => row.length !== this.static)) {
      const shape = rows.length ? [rows.length, width] : [0];
      throw new RnnkitError(`${place} is ${repr(shape)}; expected ready-made frames, [frames, ${this.static}].`);
    }
    if (rows.some((row) => !row.every(Number.isFinite))) {
      throw new RnnkitError(`${place} has a feature that is no finite number.`);
    }
    const single = rows.map((row) => Float64Array.from(row, Math.fround));
    return finished(single, this);
  }
}

/**
 * Settings from the parsed content of that file, which may come from anyone.
 * @param {any} content
 * @param {string} where What messages call the file.
 * @throws {RnnkitError} It is not what rnnkit writes.
 */
export function readyFramesOf(content, where) {
  const known = content instanceof Map && content.size === FIELDS.length && FIELDS.every((name) => content.has(name));
  if (!known) {
    throw new RnnkitError(`${where} should have the settings ${FIELDS.join(", ")}. It is broken; copy it again.`);
  }
  for (const name of ["mean", "std"]) {
    const found = content.get(name);
    if (!Array.isArray(found) || !found.every((each) => typeof each === "number")) {
      throw new RnnkitError(`${where}: ${name} is no list of numbers. It is broken; copy it again.`);
    }
  }
  const given = Object.fromEntries(content);
  for (const name of Object.keys(RANGES)) if (isFloat(content, name)) given[name] = new Float(given[name]);
  if (given.hop instanceof Float) given.hop = content.get("hop");
  try {
    return new ReadyFrames(given);
  } catch (error) {
    if (error instanceof RnnkitError) throw new RnnkitError(`${where}: ${error.message}`);
    throw error;
  }
}
