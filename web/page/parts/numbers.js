/** Numbers that a person pastes: steps and channels, and back. */

import { RnnkitError } from "../../src/errors.js";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The numbers of a text, `[steps][channels]`: a step a line, its channels apart by commas, semicolons, tabs or blanks.
 * Of one channel any number may stand in a line. A first line with the names of the channels is passed over; "nan" is a
 * missing value.
 * @param {string} text
 * @param {readonly string[]} channels Their names.
 * @returns {number[][]}
 * @throws {RnnkitError} There is something else, with its line; "0,5" of one channel is not taken for two numbers.
 */
export function numbersIn(text, channels) {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const rows = lines.map((line, place) => [place + 1, line]).filter(([, line]) => line !== "");
  const steps = /** @type {number[][]} */ ([]);
  for (const [place, line] of /** @type {[number, string][]} */ (rows)) {
    const cells = channels.length > 1 ? line.split(/\s*[,;\t]\s*|\s+/) : single(line, place);
    if (!steps.length && cells.join("\0") === channels.join("\0")) continue;
    const numbers = cells.map((cell) => number(cell, place));
    if (channels.length === 1) steps.push(...numbers.map((each) => [each]));
    else if (numbers.length === channels.length) steps.push(numbers);
    else {
      throw new RnnkitError(
        `Line ${place} has ${numbers.length} numbers; expected ${channels.length}: ${channels.join(", ")}.`,
      );
    }
  }
  if (!steps.length) throw new RnnkitError("There are no numbers. Draw a line, paste numbers, or choose an example.");
  return steps;
}

/** The cells of a line of one channel. @param {string} line @param {number} place */
function single(line, place) {
  const cells = line.split(/\s*;\s*|,?\s+/).filter((cell) => cell !== "");
  const together = cells.length === 1 && (cells[0].match(/,/g) ?? []).length > 1;
  if (together) return cells[0].split(",");
  const odd = cells.find((cell) => cell.includes(","));
  if (odd === undefined) return cells;
  throw new RnnkitError(
    `Line ${place} has '${odd.slice(0, 30)}': write 0.5 for a half, and a blank behind a comma between two numbers.`,
  );
}

/** @param {string} cell @param {number} place */
function number(cell, place) {
  if (/^nan$/i.test(cell)) return NaN;
  if (NUMBER.test(cell)) return Number(cell);
  throw new RnnkitError(`Line ${place} has '${cell.slice(0, 30)}'; expected a number, such as 0.5.`);
}

/** Numbers as such a text. @param {readonly (readonly number[])[]} steps */
export const written = (steps) => steps.map((step) => step.map(rounded).join(", ")).join("\n");

/** @param {number} value */
const rounded = (value) => (Number.isNaN(value) ? "nan" : String(Number(value.toPrecision(5))));
