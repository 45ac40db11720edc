/**
 * Pictures of any size to what an encoder takes. Files are opened by the browser, which turns them upright; what is
 * done to their pixels is Pillow's arithmetic, to the last bit.
 */

import { RnnkitError } from "../errors.js";
import { repr, typeName } from "../python/text.js";

export const FITS = Object.freeze(["squash", "crop"]);
const BITS = 22; // of the weights in whole numbers, as in Pillow

/**
 * Pixels row by row, red, green, blue and opacity of each, as in an `ImageData`; or without opacity.
 * @typedef {{width: number, height: number, data: Uint8Array | Uint8ClampedArray}} Pixels
 */

/**
 * A picture as RGB of the wanted size; what is see-through shows white.
 * @param {Pixels} given Such as the `ImageData` of a canvas.
 * @param {number} [size] Height and width wanted, in pixels.
 * @param {string} [fit] "squash" changes the picture's proportions to a square; "crop" cuts the middle square out.
 * @returns {Uint8Array} `[size, size, 3]`.
 * @throws {RnnkitError} It is no picture.
 */
export function asPicture(given, size = 224, fit = "squash") {
  if (!FITS.includes(fit) || !(size >= 1)) {
    throw new RnnkitError(`size is ${size}, fit is ${repr(fit)}; expected 1 or more, and one of: ${FITS.join(", ")}.`);
  }
  if (!(given?.data instanceof Uint8Array || given?.data instanceof Uint8ClampedArray)) {
    throw new RnnkitError(
      `A picture is given as ${typeName(given)}; expected an ImageData, or width, height and data.`,
    );
  }
  const { width, height, data } = given;
  const channels = data.length / (width * height);
  if (channels !== 3 && channels !== 4) {
    throw new RnnkitError(
      `A picture is given as ${data.length} bytes for ${width} x ${height} pixels; expected 3 or 4 a pixel.`,
    );
  }
  /** @type {Picture} */
  let picture = { width, height, data: channels === 4 ? onWhite(data) : Uint8Array.from(data) };
  if (fit === "crop") {
    const side = Math.min(width, height);
    picture = cropped(picture, Math.floor((width - side) / 2), Math.floor((height - side) / 2), side);
  }
  return resized(picture, size);
}

/** See-through pixels over white, as `Image.alpha_composite`. @param {Uint8Array | Uint8ClampedArray} data */
function onWhite(data) {
  const made = new Uint8Array((data.length / 4) * 3);
  for (let pixel = 0; pixel * 4 < data.length; pixel++) {
    const share = data[pixel * 4 + 3] * 128;
    for (let channel = 0; channel < 3; channel++) {
      const sum = data[pixel * 4 + channel] * share + 255 * (255 * 128 - share) + (0x80 << 7);
      made[pixel * 3 + channel] = share ? ((sum >> 8) + sum) >> 15 : 255;
    }
  }
  return made;
}

/** @typedef {{width: number, height: number, data: Uint8Array}} Picture */

/** @param {Picture} picture @param {number} left @param {number} top @param {number} side @returns {Picture} */
function cropped({ width, data }, left, top, side) {
  const made = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    const at = ((top + row) * width + left) * 3;
    made.set(data.subarray(at, at + side * 3), row * side * 3);
  }
  return { width: side, height: side, data: made };
}

/**
 * A square of another size, as `Image.resize` with bicubic weights. Rows and columns are taken one after the other;
 * those of a tall picture first along columns, as Pillow 13 does where that is cheaper. The order shows in the last bit
 * alone.
 * @param {Picture} picture
 * @param {number} size
 */
function resized({ width, height, data }, size) {
  const columnsFirst = height > size && 2 * width < height + size;
  let picture = { width, height, data };
  for (const along of columnsFirst ? [columns, rows] : [rows, columns]) picture = along(picture, size);
  return picture.data;
}

/** @param {Picture} picture @param {number} size @returns {Picture} */
function rows({ width, height, data }, size) {
  if (width === size) return { width, height, data };
  const weights = weightsOf(width, size);
  const made = new Uint8Array(size * height * 3);
  for (let row = 0; row < height; row++) pass(data, row * width * 3, 3, made, row * size * 3, 3, weights);
  return { width: size, height, data: made };
}

/** @param {Picture} picture @param {number} size @returns {Picture} */
function columns({ width, height, data }, size) {
  if (height === size) return { width, height, data };
  const weights = weightsOf(height, size);
  const made = new Uint8Array(size * width * 3);
  for (let column = 0; column < width; column++)
    pass(data, column * 3, width * 3, made, column * 3, width * 3, weights);
  return { width, height: size, data: made };
}

/** @typedef {{first: number, of: Int32Array}} Weights */

/**
 * @param {Uint8Array} from
 * @param {number} start
 * @param {number} step
 * @param {Uint8Array} to
 * @param {number} begin
 * @param {number} stride
 * @param {readonly Weights[]} weights
 */
function pass(from, start, step, to, begin, stride, weights) {
  weights.forEach(({ first, of }, place) => {
    for (let channel = 0; channel < 3; channel++) {
      let sum = 1 << (BITS - 1);
      for (let number = 0; number < of.length; number++)
        sum += from[start + (first + number) * step + channel] * of[number];
      to[begin + place * stride + channel] = Math.min(Math.max(sum >> BITS, 0), 255);
    }
  });
}

/** The bicubic weight at a distance (a = -0.5). @param {number} x */
function bicubic(x) {
  const a = -0.5;
  const far = Math.abs(x);
  if (far < 1) return ((a + 2) * far - (a + 3)) * far * far + 1;
  return far < 2 ? (((far - 5) * far + 8) * far - 4) * a : 0;
}

/**
 * For each pixel of a new side, the first one of the old side that it is made of, and their weights.
 * @param {number} before
 * @param {number} after
 * @returns {Weights[]}
 */
function weightsOf(before, after) {
  const scale = before / after;
  const spread = Math.max(scale, 1);
  const support = 2 * spread;
  return Array.from({ length: after }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), before) - first;
    const weights = Array.from({ length: count }, (_, number) =>
      bicubic((number + first - centre + 0.5) * (1 / spread)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const of = Int32Array.from(weights, (weight) => {
      const share = (total ? weight / total : weight) * (1 << BITS);
      return Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    });
    return { first, of };
  });
}
