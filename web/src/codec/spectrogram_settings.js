/** The settings of a front end: how samples become frames, and the fixed numbers that follow from them. */

import { RnnkitError } from "../errors.js";
import { general, repr } from "../python/text.js";
import { slice } from "../python/unicode.js";
import { cosineTransform, deltaFilters, hannWindow, melFilterbank } from "./filterbank.js";

export const NORMALISE = ["none", "utterance", "corpus", "running"];
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
  mean: /** @type {readonly number[]} */ ([]),
  std: /** @type {readonly number[]} */ ([]),
};
/** The ranges of settings; whether they are whole numbers. @type {[string, number, number, boolean][]} */
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
];

/** As Python's `round`: halves to the even number. @param {number} value */
function evenly(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** How samples become frames. */
export class SpectrogramSettings {
  /**
   * @param {Partial<typeof USUAL>} [given] The settings, as `SpectrogramSettings` in Python has them.
   * @throws {RnnkitError} A setting is out of its range, or two do not go together.
   */
  constructor(given = {}) {
    const all = { ...USUAL, ...given };
    this.rate = all.rate;
    this.window = all.window;
    this.hop = all.hop;
    this.bands = all.bands;
    this.coefficients = all.coefficients;
    this.low = all.low;
    this.high = all.high;
    this.pre_emphasis = all.pre_emphasis;
    this.deltas = all.deltas;
    this.delta_width = all.delta_width;
    this.normalise = all.normalise;
    this.memory = all.memory;
    this.mean = all.mean;
    this.std = all.std;
    this.require();
    /** The window, `[windowSize]`. */
    this.weights = hannWindow(this.windowSize);
    /** The mel filters, `[fftSize / 2 + 1][bands]`. */
    this.filters = melFilterbank(this.bands, this.fftSize, this.rate, this.low, this.highest);
    /** The cosine transform, `[bands][coefficients]`. */
    this.cosines = cosineTransform(this.bands, this.coefficients);
    /** The weights of deltas, `[deltas + 1][2 * context + 1]`. */
    this.slopes = deltaFilters(this.deltas, this.delta_width);
  }

  /** Samples of a frame. */
  get windowSize() {
    return evenly((this.rate * this.window) / 1000);
  }

  /** Samples from one frame to the next. */
  get hopSize() {
    return evenly((this.rate * this.hop) / 1000);
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

  /** Features of a frame. */
  get features() {
    return this.static * (this.deltas + 1);
  }

  /** Frames by which a stream's frames come late, since their deltas need those behind them. */
  get context() {
    return this.deltas * this.delta_width;
  }

  /** How many frames a sound of so many samples has. @param {number} samples */
  frames(samples) {
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
    return [Float64Array.from(this.mean), Float64Array.from(this.std, (each) => each * each)];
  }

  require() {
    for (const [name, low, high, whole] of RANGES) {
      const given = this[/** @type {"rate"} */ (name)];
      const fits = typeof given === "number" && given >= low && given <= high && (!whole || Number.isInteger(given));
      if (!fits) {
        throw new RnnkitError(
          `${name} is ${slice(repr(given), 0, 40)}; expected ${whole ? "a whole number" : "a number"} from ` +
            `${general(low)} to ${general(high)}.`,
        );
      }
    }
    if (!NORMALISE.includes(this.normalise)) {
      const shown = slice(repr(this.normalise), 0, 40);
      throw new RnnkitError(`normalise is ${shown}; expected one of ${NORMALISE.join(", ")}.`);
    }
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
}
