/** What a user gives as a sequence of numbers: an array, nested lists, or text. */

import { NoNumber, inexact, numberOf } from "./number_cells.js";
import { RnnkitError } from "../errors.js";
import { cut, general, repr } from "../python/text.js";
import { len, slice, split } from "../python/unicode.js";
import { Tensor } from "../tensor.js";

/** Whether a value holds things by name. @param {any} value @returns {boolean} */
export const isMapping = (value) =>
  value instanceof Map ||
  (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype);
/** Whether a value is an array of numbers alone. @param {any} value */
export const isArray = (value) =>
  value instanceof Tensor || (ArrayBuffer.isView(value) && !(value instanceof DataView));
/** What a Map or an object has under a name. @param {any} mapping @param {string} name @returns {any} */
export const entry = (mapping, name) =>
  mapping instanceof Map ? mapping.get(name) : Object.hasOwn(mapping, name) ? mapping[name] : undefined;
/** The names in a Map or an object. @param {any} mapping @returns {string[]} */
export const names = (mapping) => (mapping instanceof Map ? [...mapping.keys()] : Object.keys(mapping));

/** Characters of each kind of number as a text of NumPy's. */
const WIDTHS = new Map([
  ["bool", 5],
  ["int64", 21],
  ["float32", 32],
  ["float64", 32],
]);

/**
 * Numbers and their shape as NumPy makes them of nested lists; undefined where lists are ragged or hold something else.
 * @param {any} given
 * @returns {{numbers: number[], shape: number[], dtype: string} | undefined}
 */
function arrayOf(given) {
  if (given instanceof Tensor) return { numbers: Array.from(given.data), shape: given.shape, dtype: "float32" };
  if (ArrayBuffer.isView(given)) given = Array.from(/** @type {any} */ (given));
  if (!Array.isArray(given)) {
    if (typeof given === "string") return { numbers: [], shape: [], dtype: `<U${Math.max(len(given), 1)}` };
    const number = given === null || given === undefined ? NaN : Number(given);
    if (given !== null && given !== undefined && typeof given !== "number" && typeof given !== "boolean")
      return undefined;
    return {
      numbers: [number],
      shape: [],
      dtype: typeof given === "boolean" ? "bool" : Number.isInteger(given) ? "int64" : "float64",
    };
  }
  const parts = given.map(arrayOf);
  if (parts.some((part) => part === undefined || part.shape.join() !== parts[0]?.shape.join())) return undefined;
  const known = /** @type {{numbers: number[], shape: number[], dtype: string}[]} */ (parts);
  const kinds = ["bool", "int64", "float32", "float64"];
  const text = known.some(({ dtype }) => dtype.startsWith("<U"));
  if (text) {
    const width = Math.max(...known.map((part) => WIDTHS.get(part.dtype) ?? Number(part.dtype.slice(2))));
    return known.some(({ numbers }) => numbers.some(Number.isNaN))
      ? undefined
      : { numbers: [], shape: [given.length, ...known[0].shape], dtype: `<U${width}` };
  }
  const dtype = kinds[Math.max(...known.map((part) => kinds.indexOf(part.dtype)))] ?? "float64";
  return { numbers: known.flatMap(({ numbers }) => numbers), shape: [given.length, ...(known[0]?.shape ?? [])], dtype };
}

/**
 * Numbers as float32 `[time, channels]`, NaN where one is missing; `[time]` is one channel.
 * @param {any} given
 * @param {string} place What messages call it.
 * @throws {RnnkitError} It is empty or ragged, or holds what is no number, is infinite, or is changed by float32.
 */
export function valuesOf(given, place) {
  const array = arrayOf(given);
  if (array === undefined) {
    const text = repr(given);
    const brief = len(text) <= 60 ? text : `${slice(text, 0, 57)}...`;
    throw new RnnkitError(`${place} is ${brief}; expected numbers [time, channels].`);
  }
  const { numbers, shape, dtype } = array;
  if (dtype.startsWith("<U") || (shape.length !== 1 && shape.length !== 2) || !numbers.length) {
    throw new RnnkitError(`${place} is ${dtype} ${repr(shape)}; expected numbers [time, channels].`);
  }
  const values = new Tensor(Float32Array.from(numbers), [shape[0], shape[1] ?? 1]);
  /** @type {[(at: number) => boolean, string][]} */
  const faults = [
    [(at) => Math.abs(values.data[at]) === Infinity, "is infinite or too large"],
    [(at) => inexact(numbers[at]), "is changed by float32"],
  ];
  for (const [wrong, said] of faults) {
    const at = numbers.findIndex((_, place) => wrong(place));
    if (at >= 0) {
      const [step, channel] = [Math.floor(at / values.shape[1]), at % values.shape[1]];
      throw new RnnkitError(
        `${place}: ${general(numbers[at], 17)} at step ${step + 1}, channel ${channel + 1} ${said}.`,
      );
    }
  }
  return values;
}

/**
 * The numbers of a text: blanks between the steps, commas between the channels of a step.
 * @param {string} text
 * @param {string} [place] What messages call it.
 * @throws {RnnkitError} It has something else, or steps of different widths.
 */
export function stepsOf(text, place = "The sequence") {
  /** @type {number[][]} */
  let steps = [];
  let said = "";
  try {
    steps = split(text).map((step) => step.split(",").map((cell) => numberOf(cell)));
    if (new Set(steps.map((step) => step.length)).size > 1) said = " (steps of different widths)";
  } catch (error) {
    if (!(error instanceof NoNumber)) throw error;
    said = ` (${error.message})`;
  }
  if (!steps.length || said) {
    throw new RnnkitError(
      `${place} is ${repr(cut(text, 60))}${said}; expected numbers, with blanks between steps and commas ` +
        "between channels: " +
        "0.5,1 0.6,2",
    );
  }
  return steps;
}

/**
 * Whether this is a single sequence rather than a list of them.
 * @param {any} given What `predict` was given.
 * @param {number} channels How many a sequence has: in nested lists of numbers two deep, each inner one is a step of
 *   several channels, or a sequence of one.
 */
export function isOneSequence(given, channels) {
  if (typeof given === "string" || isMapping(given)) return true;
  if (isArray(given)) return given instanceof Tensor ? given.shape.length <= 2 : true;
  if (!Array.isArray(given) || !given.length) return false;
  const first = given[0];
  if (Array.isArray(first)) return channels > 1 && !first.some((each) => Array.isArray(each) || isArray(each));
  return typeof first !== "string" && !isArray(first) && !isMapping(first);
}
