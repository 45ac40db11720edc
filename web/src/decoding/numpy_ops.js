/**
 * The functions of NumPy that decoding needs, on `Tensor`s: the same dtypes, the same order of sums.
 *
 * Truth values are uint8. A number beside a tensor takes the tensor's dtype, as in NumPy.
 */

import { Tensor } from "../tensor.js";

/** @typedef {import("../tensor.js").Data} Data */
/** @typedef {Tensor | number} Operand */

const KINDS = [Uint8Array, Int8Array, Int32Array, Float32Array, Float64Array];

/** @param {Data} data @returns {any} */
const kindOf = (data) => data.constructor;

/** @param {readonly Operand[]} given @returns {any} */
function commonKind(given) {
  const kinds = given.flatMap((one) => (typeof one === "number" ? [] : [KINDS.indexOf(kindOf(one.data))]));
  return kinds.length ? KINDS[Math.max(...kinds)] : Float64Array;
}

/** The shape of several together. @param {readonly (readonly number[])[]} shapes @returns {number[]} */
function broadcast(shapes) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sides = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sides.find((side) => side !== 1) ?? 1;
  });
}

/**
 * Where the numbers of a shape stand in a tensor.
 * @param {readonly number[]} shape
 * @param {readonly number[]} whole
 * @returns {Int32Array}
 */
function places(shape, whole) {
  const strides = new Array(whole.length).fill(0);
  let stride = 1;
  for (let axis = whole.length - 1; axis >= 0; axis--) {
    const side = shape[axis - whole.length + shape.length] ?? 1;
    strides[axis] = side === 1 ? 0 : stride;
    stride *= side;
  }
  const size = whole.reduce((all, side) => all * side, 1);
  const found = new Int32Array(size);
  const at = new Array(whole.length).fill(0);
  let place = 0;
  for (let number = 0; number < size; number++) {
    found[number] = place;
    for (let axis = whole.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++at[axis] < whole[axis]) break;
      place -= strides[axis] * whole[axis];
      at[axis] = 0;
    }
  }
  return found;
}

/**
 * A function of numbers, place by place.
 * @param {(...numbers: number[]) => number | boolean} of
 * @param {readonly Operand[]} given
 * @param {any} [kind] Of the result; by default the widest of those given.
 */
function each(of, given, kind = commonKind(given)) {
  const shapes = given.map((one) => (typeof one === "number" ? [] : one.shape));
  const whole = broadcast(shapes);
  const size = whole.reduce((all, side) => all * side, 1);
  const made = new kind(size);
  const [a, b, c] = given.map((one, place) => {
    if (typeof one === "number") return new (kind === Float32Array ? Float32Array : Float64Array)(size).fill(one);
    const { data } = one;
    if (data.length === size) return data;
    const spread = new (kindOf(data))(size);
    places(shapes[place], whole).forEach((from, at) => (spread[at] = data[from]));
    return spread;
  });
  if (c) for (let at = 0; at < size; at++) made[at] = /** @type {number} */ (of(a[at], b[at], c[at]));
  else if (b) for (let at = 0; at < size; at++) made[at] = /** @type {number} */ (of(a[at], b[at]));
  else for (let at = 0; at < size; at++) made[at] = /** @type {number} */ (of(a[at]));
  return new Tensor(made, whole);
}

/** @typedef {(one: Operand, other: Operand) => Tensor} Pair */
/** @type {Pair} */
export const add = (one, other) => each((a, b) => a + b, [one, other]);
/** @type {Pair} */
export const subtract = (one, other) => each((a, b) => a - b, [one, other]);
/** @type {Pair} */
export const multiply = (one, other) => each((a, b) => a * b, [one, other]);
/** @type {Pair} */
export const divide = (one, other) => each((a, b) => a / b, [one, other]);
/** @type {Pair} */
export const floorDivide = (one, other) => each((a, b) => Math.floor(a / b), [one, other]);
/** @type {Pair} */
export const maximum = (one, other) => each((a, b) => Math.max(a, b), [one, other]);
/** @type {Pair} */
export const minimum = (one, other) => each((a, b) => Math.min(a, b), [one, other]);
/** @type {Pair} */
export const equal = (one, other) => each((a, b) => a === b, [one, other], Uint8Array);
/** @type {Pair} */
export const notEqual = (one, other) => each((a, b) => a !== b, [one, other], Uint8Array);
/** @type {Pair} */
export const less = (one, other) => each((a, b) => a < b, [one, other], Uint8Array);
/** @type {Pair} */
export const lessEqual = (one, other) => each((a, b) => a <= b, [one, other], Uint8Array);
/** @type {Pair} */
export const greater = (one, other) => each((a, b) => a > b, [one, other], Uint8Array);
/** @type {Pair} */
export const logicalAnd = (one, other) => each((a, b) => a !== 0 && b !== 0, [one, other], Uint8Array);
/** @type {Pair} */
export const logicalOr = (one, other) => each((a, b) => a !== 0 || b !== 0, [one, other], Uint8Array);
/** @param {Operand} x */
export const logicalNot = (x) => each((a) => a === 0, [x], Uint8Array);
/** @param {Tensor} x */
export const exp = (x) => each(Math.exp, [x]);
/** @param {Tensor} x */
export const log = (x) => each(Math.log, [x]);
/** @param {Tensor} condition @param {Operand} one @param {Operand} other */
export const where = (condition, one, other) =>
  each((c, a, b) => (c ? a : b), [condition, one, other], commonKind([one, other]));

/** @param {number} count */
export const arange = (count) => new Tensor(Int32Array.from({ length: count }, (_, place) => place));

/** @param {"float32" | "float64" | "int32" | "bool"} dtype */
const ofName = (dtype) =>
  ({ float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array })[dtype];

/**
 * @param {readonly number[]} shape
 * @param {number} value
 * @param {"float32" | "int32" | "bool"} [dtype]
 */
export function full(shape, value, dtype = "float32") {
  const size = shape.reduce((all, side) => all * side, 1);
  return new Tensor(new (ofName(dtype))(size).fill(value), shape);
}

/** @param {readonly number[]} shape @param {"float32" | "int32" | "bool"} [dtype] */
export const zeros = (shape, dtype = "float32") => full(shape, 0, dtype);
/** @param {Tensor} x */
export const zerosLike = (x) => new Tensor(new (kindOf(x.data))(x.data.length), x.shape);
/** The same numbers in another dtype. @param {Operand} x @param {"float32" | "float64" | "int32" | "bool"} dtype */
export const cast = (x, dtype) =>
  typeof x === "number" ? new Tensor(ofName(dtype).of(x), []) : new Tensor(ofName(dtype).from(x.data), x.shape);

/** @param {Tensor} x @param {readonly number[]} shape One side may be -1. */
export function reshape(x, shape) {
  const known = shape.reduce((all, side) => (side < 0 ? all : all * side), 1);
  return new Tensor(
    x.data,
    shape.map((side) => (side < 0 ? x.data.length / known : side)),
  );
}

/** @param {Tensor} x @param {number} axis */
export function expandDims(x, axis) {
  const shape = [...x.shape];
  shape.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, 1);
  return new Tensor(x.data, shape);
}

/** @param {Tensor} x @param {number} axis */
export const squeeze = (x, axis) =>
  new Tensor(
    x.data,
    x.shape.filter((_, place) => place !== (axis + x.shape.length) % x.shape.length),
  );

/** Each entry of the first axis so many times, one behind the other. @param {Tensor} x @param {number} count */
export function repeat(x, count) {
  const rows = Int32Array.from({ length: x.shape[0] * count }, (_, place) => Math.floor(place / count));
  return take(x, new Tensor(rows));
}

/** Entries of the first axis. @param {Tensor} x @param {Tensor} rows */
export function take(x, rows) {
  const size = x.shape.slice(1).reduce((all, side) => all * side, 1);
  const made = new (kindOf(x.data))(rows.data.length * size);
  rows.data.forEach((row, place) => made.set(x.data.subarray(row * size, (row + 1) * size), place * size));
  return new Tensor(made, [rows.data.length, ...x.shape.slice(1)]);
}

/** Entries of the last axis, each row its own. @param {Tensor} x @param {Tensor} found */
export function takeAlongAxis(x, found) {
  const [wide, narrow] = [x, found].map((one) => /** @type {number} */ (one.shape.at(-1)));
  const made = new (kindOf(x.data))(found.data.length);
  found.data.forEach((column, place) => (made[place] = x.data[Math.floor(place / narrow) * wide + column]));
  return new Tensor(made, found.shape);
}

/** Two tensors beside each other. @param {readonly [Tensor, Tensor]} given @param {number} axis */
export function concatenate([one, other], axis) {
  const [a, b] = [one, other].map((each) => each.shape.slice(axis).reduce((all, side) => all * side, 1));
  const rows = one.shape.slice(0, axis).reduce((all, side) => all * side, 1);
  const made = new (commonKind([one, other]))(one.data.length + other.data.length);
  for (let row = 0; row < rows; row++) {
    made.set(one.data.subarray(row * a, (row + 1) * a), row * (a + b));
    made.set(other.data.subarray(row * b, (row + 1) * b), row * (a + b) + a);
  }
  const shape = [...one.shape];
  shape[axis] += other.shape[axis];
  return new Tensor(made, shape);
}

/**
 * A function of each row of the last axis.
 * @param {Tensor} x
 * @param {(row: Data) => ArrayLike<number>} of
 * @param {any} [kind]
 */
function rowwise(x, of, kind = kindOf(x.data)) {
  const size = /** @type {number} */ (x.shape.at(-1));
  const found = [];
  for (let at = 0; at < x.data.length; at += size) found.push(of(x.data.subarray(at, at + size)));
  const wide = found.length ? found[0].length : 1;
  const made = new kind(found.length * wide);
  found.forEach((row, place) => made.set(row, place * wide));
  return new Tensor(made, [...x.shape.slice(0, -1), wide]);
}

/** The largest of the last axis, which stays as one. @param {Tensor} x */
const maxKept = (x) => rowwise(x, (row) => [row[argmax(row)]]);
/** The largest of the last axis. @param {Tensor} x */
export const max = (x) => squeeze(maxKept(x), -1);
/** The sum over the last axis, in NumPy's order. @param {Tensor} x @param {boolean} [keepdims] */
export function sum(x, keepdims = false) {
  const made = rowwise(x, (row) => [pairwise(row, 0, row.length, row instanceof Float32Array ? Math.fround : Number)]);
  return keepdims ? made : squeeze(made, -1);
}

/** Whether any is true. @param {Tensor} x */
export const any = (x) => x.data.some((each) => each !== 0);
/** Whether all are true. @param {Tensor} x */
export const all = (x) => x.data.every((each) => each !== 0);
/** The sums up to each place of the last axis. @param {Tensor} x */
export function cumsum(x) {
  return rowwise(x, (row) => {
    const made = new (kindOf(row))(row.length);
    row.forEach((each, place) => (made[place] = place ? made[place - 1] + each : each));
    return made;
  });
}

/**
 * NumPy's pairwise sum.
 * @param {Data} row @param {number} from @param {number} count @param {(x: number) => number} round
 * @returns {number}
 */
function pairwise(row, from, count, round) {
  if (count < 8) {
    let total = 0;
    for (let at = from; at < from + count; at++) total = round(total + row[at]);
    return total;
  }
  if (count > 128) {
    const half = (count >> 1) - ((count >> 1) % 8);
    return round(pairwise(row, from, half, round) + pairwise(row, from + half, count - half, round));
  }
  const r = Array.from(row.subarray(from, from + 8));
  let at = 8;
  for (; at < count - (count % 8); at += 8)
    for (let lane = 0; lane < 8; lane++) r[lane] = round(r[lane] + row[from + at + lane]);
  let total = round(round(round(r[0] + r[1]) + round(r[2] + r[3])) + round(round(r[4] + r[5]) + round(r[6] + r[7])));
  for (; at < count; at++) total = round(total + row[from + at]);
  return total;
}

/** log(sum(exp(x))) over the last axis. @param {Tensor} x @param {boolean} [keepdims] */
export function logsumexp(x, keepdims = false) {
  let highest = maxKept(x);
  highest = where(each(Number.isFinite, [highest], Uint8Array), highest, 0);
  const total = add(log(sum(exp(subtract(x, highest)), true)), highest);
  return keepdims ? total : squeeze(total, -1);
}

/**
 * The k largest of the last axis, descending, and where they stand; of equal ones the first.
 * @param {Tensor} x
 * @param {number} k
 * @returns {[Tensor, Tensor]}
 */
export function topK(x, k) {
  const found = rowwise(x, (row) => (k > 8 || row.length < 64 ? largest(row, k) : fewLargest(row, k)), Int32Array);
  return [takeAlongAxis(x, found), found];
}

/** @param {Data} row */
export function argmax(row) {
  let best = 0;
  for (let place = 1; place < row.length; place++) if (row[place] > row[best]) best = place;
  return best;
}

/**
 * One pass for each: a sort of thousands of words at every step would cost more than the network.
 * @param {Data} row
 * @param {number} k
 */
function fewLargest(row, k) {
  const left = row.slice();
  return Array.from({ length: k }, () => {
    const place = argmax(left);
    left[place] = -Infinity;
    return place;
  });
}

/** @param {Data} row @param {number} k */
function largest(row, k) {
  const found = Array.from(row, (_, place) => place);
  return found.sort((a, b) => row[b] - row[a] || a - b).slice(0, k);
}
