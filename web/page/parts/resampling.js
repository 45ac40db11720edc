/** Fewer samples a second, since browsers do not go below some thousands. */

const [LEAST, TAPS, PASSED] = [8000, 16, 0.9]; // hertz; taps on each side, and the share of the band that is kept

/** How many times a rate a browser is to be asked for. @param {number} rate */
export const multipleFor = (rate) => Math.max(1, Math.ceil(LEAST / rate));

/** Keeps one of every `times` samples behind a low-pass filter; chunks of any size give what the whole gives. */
export class Decimator {
  /** @param {number} times */
  constructor(times) {
    this.times = times;
    const half = times > 1 ? TAPS * times : 0;
    const taps = Array.from({ length: 2 * half + 1 }, (_, place) => {
      const turn = (Math.PI * PASSED * (place - half)) / times;
      const window = half ? 0.5 + 0.5 * Math.cos((Math.PI * (place - half)) / (half + 1)) : 1;
      return window * (turn ? Math.sin(turn) / turn : 1);
    });
    const sum = taps.reduce((all, tap) => all + tap, 0);
    this.taps = Float64Array.from(taps, (tap) => tap / sum);
    /** Samples behind the last one that its filter reaches. */
    this.reach = half;
    this.left = new Float32Array(half);
  }

  /** The samples that a chunk completes. @param {Float32Array} chunk */
  take(chunk) {
    const joined = new Float32Array(this.left.length + chunk.length);
    joined.set(this.left);
    joined.set(chunk, this.left.length);
    const count = Math.max(0, Math.floor((joined.length - this.taps.length) / this.times) + 1);
    const made = new Float32Array(count);
    for (let place = 0; place < count; place++) {
      let sum = 0;
      for (let tap = 0; tap < this.taps.length; tap++) sum += this.taps[tap] * joined[place * this.times + tap];
      made[place] = sum;
    }
    this.left = joined.slice(count * this.times);
    return made;
  }

  /** The last samples, which waited for those behind them. */
  finish() {
    return this.take(new Float32Array(this.reach));
  }
}
