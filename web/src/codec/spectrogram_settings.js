/** The settings of a front end: how samples become frames, and the fixed numbers that follow from them. */

import { cosineTransform, hannWindow, melFilterbank } from "./filterbank.js";
import { FrameSettings } from "./frame_settings.js";
import { RnnkitError } from "../errors.js";
import { general } from "../python/text.js";

/** The least energy of a band. */
export const FLOOR = 2 ** -20;
/** The least variance that a feature is divided by the root of. */
export const LEAST_VARIANCE = 2 ** -10;
/** What a setting is where nothing else is said. */
export const USUAL = {
  rate: 16_000,
  window: 25,
  hop: 10,
  bands: 40,
  coefficients: 0,
  low: 20,
  high: 0,
  pre_emphasis: 0.97,
  deltas: 0,
  delta_width: 2,
  normalise: "utterance",
  memory: 256,
  tail: 0,
  mean: /** @type {readonly number[]} */ ([]),
  std: /** @type {readonly number[]} */ ([]),
};
/** @type {readonly import("./frame_settings.js").Range[]} */
const RANGES = [
  ["rate", 1_000, 768_000, true],
  ["window", 1, 500, false],
  ["hop", 0.5, 500, false],
  ["bands", 1, 512, true],
  ["coefficients", 0, 512, true],
  ["low", 0, 384_000, false],
  ["high", 0, 384_000, false],
  ["pre_emphasis", 0, 1, false],
  ["deltas", 0, 2, true],
  ["delta_width", 1, 20, true],
  ["memory", 1, 1_000_000, true],
  ["tail", 0, 2_000, false],
];

/** As Python's `round`: halves to the even number. @param {number} value */
function evenly(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** How samples become frames. */
export class SpectrogramSettings extends FrameSettings {
  static RANGES = RANGES;
  static FIELDS = Object.keys(USUAL);
  static LATER = ["tail"];

  /**
   * @param {Partial<typeof USUAL>} [given] The settings, as `SpectrogramSettings` in Python has them.
   * @throws {RnnkitError} A setting is out of its range, or two do not go together.
   */
  constructor(given = {}) {
    const all = { ...USUAL, ...given };
    super(all, RANGES);
    this.rate = all.rate;
    this.window = all.window;
    this.hop = all.hop;
    this.bands = all.bands;
    this.coefficients = all.coefficients;
    this.low = all.low;
    this.high = all.high;
    this.pre_emphasis = all.pre_emphasis;
    this.tail = all.tail;
    this.require();
    /** The window, `[windowSize]`. */
    this.weights = hannWindow(this.windowSize);
    /** The mel filters, `[fftSize / 2 + 1][bands]`. */
    this.filters = melFilterbank(this.bands, this.fftSize, this.rate, this.low, this.highest);
    /** The cosine transform, `[bands][coefficients]`. */
    this.cosines = cosineTransform(this.bands, this.coefficients);
  }

  /** Samples of a frame. */
  get windowSize() {
    return evenly((this.rate * this.window) / 1000);
  }

  /** Samples from one frame to the next. */
  get hopSize() {
    return evenly((this.rate * this.hop) / 1000);
  }

  /** Samples of silence behind a sound. */
  get tailSize() {
    return evenly((this.rate * this.tail) / 1000);
  }

  /** Frames that reach into silence behind a sound, at most. */
  get tailFrames() {
    return Math.ceil(this.tailSize / this.hopSize);
  }

  /** Hops of samples that a frame reaches into. */
  get hops() {
    return Math.ceil(this.windowSize / this.hopSize);
  }

  /** Samples of the Fourier transform. */
  get fftSize() {
    return 2 ** Math.max(1, Math.ceil(Math.log2(this.windowSize)));
  }

  /** Where the highest band ends, in hertz. */
  get highest() {
    return this.high || this.rate / 2;
  }

  /** Features of a frame without its deltas. */
  get static() {
    return this.coefficients || this.bands;
  }

  /** How many frames a whole sound of so many samples has, with its tail. @param {number} samples */
  frames(samples) {
    return samples >= this.windowSize ? this.filled(samples + this.tailSize) : 0;
  }

  /** How many frames so many samples fill. @param {number} samples */
  filled(samples) {
    return Math.max(0, 1 + Math.floor((samples - this.windowSize) / this.hopSize));
  }

  /**
   * The first frame that is kept of every `stride`, so that a stream keeps the same ones: the last of the frames that
   * so many hops of samples complete.
   * @param {number} stride
   */
  firstFrame(stride) {
    return (stride - (this.hops % stride)) % stride;
  }

  /** The samples of the shortest sound with a frame that is kept of every `stride`. @param {number} stride */
  shortest(stride) {
    return this.windowSize + this.firstFrame(stride) * this.hopSize;
  }

  /**
   * Refuse settings that need the whole sound.
   * @throws {RnnkitError} The frames are normalised by the whole sound, or by scales that are not learnt yet.
   */
  requireStream() {
    if (this.normalise === "utterance") {
      throw new RnnkitError(
        'normalise is "utterance", which needs the whole sound; a stream takes none, corpus or running.',
      );
    }
    this.scales();
  }

  require() {
    if (this.hopSize < 1 || this.hopSize > this.windowSize) {
      throw new RnnkitError(
        `hop is ${general(this.hop)} ms and window ${general(this.window)} ms; expected a sample at least, and at ` +
          "most the window.",
      );
    }
    if (!(this.low < this.highest && this.highest <= this.rate / 2)) {
      throw new RnnkitError(
        `low is ${general(this.low)} Hz and high ${general(this.highest)} Hz; expected low < high <= ` +
          `${general(this.rate / 2)}, half the rate.`,
      );
    }
    if (this.coefficients > this.bands) {
      throw new RnnkitError(`coefficients is ${this.coefficients}; expected at most the ${this.bands} bands.`);
    }
    this.requireScales();
  }
}
