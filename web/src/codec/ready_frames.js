/** Frames that others made of sounds, with deltas and normalised: the front end where no samples are at hand. */

import { finished } from "./frame_scaling.js";
import { FrameSettings } from "./frame_settings.js";
import { RnnkitError } from "../errors.js";
import { repr } from "../python/text.js";

/** @type {readonly import("./frame_settings.js").Range[]} */
const RANGES = [
  ["static", 1, 8192, true],
  ["hop", 0.5, 1000, false],
  ["deltas", 0, 2, true],
  ["delta_width", 1, 20, true],
  ["memory", 1, 1_000_000, true],
];

/** A front end for ready-made frames, which adds deltas and normalises. */
export class ReadyFrames extends FrameSettings {
  static RANGES = RANGES;
  static FIELDS = ["static", "hop", "deltas", "delta_width", "normalise", "memory", "mean", "std"];
  static LATER = /** @type {readonly string[]} */ ([]);

  /**
   * @param {Record<string, any>} given All settings, as `frames.json` has them.
   * @throws {RnnkitError} A setting is out of its range.
   */
  constructor(given) {
    super(given, RANGES);
    /** Features of a ready-made frame. @type {number} */
    this.static = given.static;
    /** From one frame to the next, in milliseconds. @type {number} */
    this.hop = given.hop;
    this.requireScales();
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
