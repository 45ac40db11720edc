/** Arrays of numbers with a shape, as models take and give them. */

/** @typedef {Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array} Data */

/** Numbers and their shape, rows first. */
export class Tensor {
  /**
   * @param {Data} data
   * @param {readonly number[]} [shape] By default one axis.
   */
  constructor(data, shape = [data.length]) {
    this.data = data;
    this.shape = [...shape];
    if (shape.reduce((size, side) => size * side, 1) !== data.length) {
      throw new Error(`${data.length} numbers have no shape [${shape}]`);
    }
  }

  /** The numbers of one place of the first axis, as a view. @param {number} place @returns {Tensor} */
  row(place) {
    const size = this.shape.slice(1).reduce((all, side) => all * side, 1);
    return new Tensor(this.data.subarray(place * size, (place + 1) * size), this.shape.slice(1));
  }
}

/** @param {ArrayLike<number>} values @param {readonly number[]} [shape] */
export const float32 = (values, shape) => new Tensor(Float32Array.from(values), shape);
/** @param {ArrayLike<number>} values @param {readonly number[]} [shape] */
export const int32 = (values, shape) => new Tensor(Int32Array.from(values), shape);
