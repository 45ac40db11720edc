/** Cells of numbers as people and programs write them: with a point or a comma, or missing. */

import { lower, strip } from "../python/unicode.js";

/** How a missing value is written, in small letters. */
export const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);
/** The largest whole number up to which float32 holds every whole number. */
export const EXACT = 2 ** 24;
const POINT = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const COMMA = /^[+-]?([0-9]+(,[0-9]*)?|,[0-9]+)([eE][+-]?[0-9]+)?$/;
/** The largest number that float32 holds. */
export const LARGEST = 3.4028234663852886e38;

/** A cell is no number; the message says what it is. */
export class NoNumber extends Error {}

/** Whether a cell says that there is no value. @param {string} cell */
export const isMissing = (cell) => MISSING.has(lower(strip(cell)));

/**
 * The number in a cell; NaN where it is missing.
 * @param {string} cell The text of the cell.
 * @param {boolean} [comma] Whether decimals stand behind a comma.
 * @throws {NoNumber} It is no number, or none that float32 holds.
 */
export function numberOf(cell, comma = false) {
  const text = strip(cell);
  if (MISSING.has(lower(text))) return NaN;
  if (!(comma ? COMMA : POINT).test(text)) {
    throw new NoNumber(["inf", "infinity"].includes(lower(text).replace(/^[+-]+/, "")) ? "infinite" : "no number");
  }
  const value = Number(text.replaceAll(",", "."));
  if (Math.abs(value) > LARGEST) throw new NoNumber("too large");
  return value;
}

/**
 * Whether float32 would change this whole number, such as an identifier or a time in milliseconds.
 * @param {number} value
 */
export const inexact = (value) => Math.abs(value) > EXACT && Number.isInteger(value) && Math.fround(value) !== value;
