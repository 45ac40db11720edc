/** From the samples of a sound to frames: log-mel bands or MFCC, the same as in training. */

import { finished, normalised, withSlopes } from "./frame_scaling.js";
import { samplesOf } from "./samples.js";
import { FLOOR, SpectrogramSettings } from "./spectrogram_settings.js";
import { RnnkitError } from "../errors.js";
import { general, thousands } from "../python/text.js";
import { Tensor } from "../tensor.js";

/**
 * A front end: the frames of a sound.
 *
 * A frame is `window` of samples, the next begins `hop` later. Nothing but `tail` is padded: frame t is of the samples
 * from t * hop on, whatever comes in which chunks, and samples that fill no frame at the end give none.
 */
export class Spectrogram extends SpectrogramSettings {
  /**
   * The frames of a whole sound, float32 `[frames, features]`.
   * @param {any} samples `[time]` at `rate`, as for `samplesOf`.
   * @param {string} [place] What messages call the sound.
   * @throws {RnnkitError} It is no sound, is shorter than a frame, or is to be normalised by scales not learnt yet.
   */
  encode(samples, place = "The sound") {
    const heard = samplesOf(samples, place);
    if (heard.length < this.windowSize) {
      throw new RnnkitError(
        `${place} has ${thousands(heard.length)} samples, ${general((1000 * heard.length) / this.rate, 3)} ms; a ` +
          `frame takes ${thousands(this.windowSize)}, ${general(this.window)} ms.`,
      );
    }
    const whole = new Float32Array(heard.length + this.tailSize);
    whole.set(heard);
    return finished(this.statics(whole), this);
  }

  /**
   * What was heard before the first sample of a stream.
   * @returns {Heard}
   * @throws {RnnkitError} The frames are normalised by the whole sound, or by scales that are not learnt yet.
   */
  start() {
    this.requireStream();
    const [mean, variance] = this.scales();
    return { samples: new Float32Array(0), frames: [], mean, variance };
  }

  /**
   * The frames that a chunk completes, float32 `[frames, features]`, and what has been heard then. All of them joined,
   * and `finish` behind them, are `encode` of the whole, whatever the chunks. A frame comes `context` frames late.
   * @param {any} samples A chunk of any length, `[time]`, as for `samplesOf`.
   * @param {Heard} heard What `start` or the step before gave.
   * @param {string} [place] What messages call the chunk.
   * @returns {[Tensor, Heard]}
   * @throws {RnnkitError} It is no sound.
   */
  step(samples, heard, place = "The chunk") {
    const chunk = samplesOf(samples, place);
    const joined = new Float32Array(heard.samples.length + chunk.length);
    joined.set(heard.samples);
    joined.set(chunk, heard.samples.length);
    const still = this.statics(joined);
    const first = !heard.frames.length && still.length ? new Array(this.context).fill(still[0]) : [];
    const around = [...heard.frames, ...first, ...still];
    const [frames, mean, variance] = normalised(withSlopes(around, this), this, heard.mean, heard.variance);
    const kept = around.slice(Math.max(0, around.length - 2 * this.context));
    return [frames, { samples: joined.slice(still.length * this.hopSize), frames: kept, mean, variance }];
  }

  /**
   * The last frames of a stream, float32 `[frames, features]`: those of the tail, and what waited for them.
   * @param {Heard} heard
   */
  finish(heard) {
    const [tail, { frames, mean, variance }] = this.step(new Float32Array(this.tailSize), heard);
    const last = frames.length ? new Array(this.context).fill(frames[frames.length - 1]) : [];
    const [made] = normalised(withSlopes([...frames, ...last], this), this, mean, variance);
    const joined = new Float32Array(tail.data.length + made.data.length);
    joined.set(tail.data);
    joined.set(made.data, tail.data.length);
    return new Tensor(joined, [tail.shape[0] + made.shape[0], this.features]);
  }

  /** Frames without deltas. @param {Float32Array} samples */
  statics(samples) {
    return Array.from({ length: this.filled(samples.length) }, (_, frame) => {
      const start = frame * this.hopSize;
      const bands = this.bandsOf(samples.subarray(start, start + this.windowSize));
      return this.coefficients ? product(bands, this.cosines, this.coefficients) : bands;
    });
  }

  /** The logarithms of a frame's bands. @param {Float32Array} samples */
  bandsOf(samples) {
    const real = new Float64Array(this.fftSize);
    samples.forEach((value, at) => {
      real[at] = (value - this.pre_emphasis * (at ? samples[at - 1] : 0)) * this.weights[at];
    });
    const power = powerSpectrum(real);
    return product(power, this.filters, this.bands).map((energy) => Math.log(Math.max(energy, FLOOR)));
  }
}

/**
 * What a stream has heard: the samples that filled no frame yet, the last frames without deltas, and the mean and
 * variance of each feature as they are now.
 * @typedef {{samples: Float32Array, frames: Float64Array[], mean: Float64Array, variance: Float64Array}} Heard
 */

/** @param {Float64Array} row @param {readonly Float64Array[]} matrix @param {number} size */
function product(row, matrix, size) {
  const made = new Float64Array(size);
  row.forEach((value, at) => {
    const weights = matrix[at];
    for (let column = 0; column < size; column++) made[column] += value * weights[column];
  });
  return made;
}

/** The squares of a real signal's Fourier transform, of which the size is a power of two. @param {Float64Array} real */
function powerSpectrum(real) {
  const size = real.length;
  const imaginary = new Float64Array(size);
  for (let at = 0, turned = 0; at < size; at++) {
    if (turned > at) [real[at], real[turned]] = [real[turned], real[at]];
    let bit = size >> 1;
    for (; bit && turned & bit; bit >>= 1) turned ^= bit;
    turned ^= bit;
  }
  for (let half = 1; half < size; half *= 2) {
    for (let place = 0; place < half; place++) {
      const angle = (-Math.PI * place) / half;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let at = place; at < size; at += 2 * half) {
        const other = at + half;
        const re = real[other] * cosine - imaginary[other] * sine;
        const im = real[other] * sine + imaginary[other] * cosine;
        [real[other], imaginary[other]] = [real[at] - re, imaginary[at] - im];
        real[at] += re;
        imaginary[at] += im;
      }
    }
  }
  return real.subarray(0, size / 2 + 1).map((value, at) => value * value + imaginary[at] * imaginary[at]);
}
