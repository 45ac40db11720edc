/** The fixed matrices between samples and frames: mel filters, the cosine transform, deltas. Rows of Float64Array. */

import { RnnkitError } from "../errors.js";
import { rounded } from "../python/text.js";

/** A matrix of zeros. @param {number} rows @param {number} columns */
const zeros = (rows, columns) => Array.from({ length: rows }, () => new Float64Array(columns));

/** A periodic Hann window, `[size]`. @param {number} size */
export const hannWindow = (size) =>
  Float64Array.from({ length: size }, (_, place) => 0.5 - 0.5 * Math.cos((2 * Math.PI * place) / size));

/** A frequency in mel: 2595 log10(1 + hertz / 700). @param {number} hertz */
export const melOf = (hertz) => 2595 * Math.log10(1 + hertz / 700);

/**
 * Triangular filters, evenly spaced in mel, from the bins of a power spectrum to bands, `[fftSize / 2 + 1][bands]`.
 * @param {number} bands The number of filters.
 * @param {number} fftSize Samples of the Fourier transform.
 * @param {number} rate Samples a second.
 * @param {number} low Where the first filter begins, in hertz.
 * @param {number} high Where the last one ends, in hertz.
 * @throws {RnnkitError} A filter is so narrow that it has no bin.
 */
export function melFilterbank(bands, fftSize, rate, low, high) {
  const [first, last] = [melOf(low), melOf(high)];
  const edges = Array.from({ length: bands + 2 }, (_, place) => {
    const mel = first + ((last - first) * place) / (bands + 1);
    return 700 * (10 ** (mel / 2595) - 1);
  });
  const filters = zeros(fftSize / 2 + 1, bands);
  for (let band = 0; band < bands; band++) {
    const [from, middle, to] = edges.slice(band, band + 3);
    let empty = true;
    filters.forEach((row, bin) => {
      const hertz = (bin * rate) / fftSize;
      const weight = Math.min((hertz - from) / (middle - from), (to - hertz) / (to - middle));
      if (weight > 0) [row[band], empty] = [weight, false];
    });
    if (empty) {
      throw new RnnkitError(
        `bands is ${bands}: band ${band + 1}, ${rounded(from)} to ${rounded(to)} Hz, lies between two frequencies of ` +
          `the Fourier transform of ${fftSize} samples. Take fewer bands or a longer window.`,
      );
    }
  }
  return filters;
}

/**
 * The first columns of the orthonormal DCT-II, `[bands][coefficients]`.
 * @param {number} bands
 * @param {number} coefficients
 */
export function cosineTransform(bands, coefficients) {
  const matrix = zeros(bands, coefficients);
  matrix.forEach((row, band) => {
    for (let column = 0; column < coefficients; column++) {
      row[column] = Math.cos((Math.PI * (band + 0.5) * column) / bands) * Math.sqrt((column ? 2 : 1) / bands);
    }
  });
  return matrix;
}

/**
 * Weights of the frames around one: the frame itself, its slope (delta), the slope of slopes, and so on,
 * `[order + 1][2 * order * width + 1]`.
 * @param {number} order Of the last one, 0 or more.
 * @param {number} width Frames on each side that a slope is taken over.
 */
export function deltaFilters(order, width) {
  const steps = Array.from({ length: 2 * width + 1 }, (_, place) => place - width);
  const total = steps.reduce((sum, step) => sum + step * step, 0);
  const filters = zeros(order + 1, 2 * order * width + 1);
  let found = Float64Array.of(1);
  for (let number = 0; number <= order; number++) {
    filters[number].set(found, (order - number) * width);
    const next = new Float64Array(found.length + 2 * width);
    found.forEach((value, at) => steps.forEach((step, place) => (next[at + place] += (value * step) / total)));
    found = next;
  }
  return filters;
}
