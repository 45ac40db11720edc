/** What a plan of forecasts holds, which may come from anyone, each entry within bounds; and what is static. */

import { WIDTHS } from "./calendar.js";
import { HEADS } from "./forecast_heads.js";
import { Frequency } from "./frequencies.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";
import { cut, float, repr } from "../python/text.js";

export const SCALINGS = Object.freeze(["last", "standard", "mean", "none"]);
export const SPREADS = Object.freeze(["window", "series"]);
export const DECODINGS = Object.freeze(["direct", "stepwise"]);
const COUNTS = ["look_back", "horizon", "season", "paths"];
const [MOST, MOST_SERIES] = [100_000, 1_000_000];

/** @param {any} value */
const isFinite = (value) => typeof value === "number" && Math.abs(value) < 1e300;
/** @param {any} value */
const areTexts = (value) =>
  Array.isArray(value) && value.length <= MOST && value.every((each) => typeof each === "string");
/** @param {any} value */
const areNumbers = (value) => Array.isArray(value) && value.every(isFinite);

/**
 * Whether each entry is of its kind and within its bounds.
 * @param {Map<string, any>} given
 * @param {object} content What was parsed.
 */
export function isSound(given, content) {
  /** @param {string} name @param {number} low */
  const isWhole = (name, low) => {
    const value = given.get(name);
    return Number.isInteger(value) && !isFloat(content, name) && value >= low && value <= MOST;
  };
  const whole = COUNTS.every((name) => isWhole(name, 1)) && isWhole("week", 0);
  const chosen =
    SCALINGS.includes(given.get("scaling")) && SPREADS.includes(given.get("spread")) && HEADS.has(given.get("head"));
  if (!whole || !chosen || !DECODINGS.includes(given.get("decoding"))) return false;
  if (!["missing", "numbered", "logarithm"].every((name) => typeof given.get(name) === "boolean")) return false;
  const cycles = given.get("cycles");
  if (
    typeof given.get("frequency") !== "string" ||
    !areTexts(cycles) ||
    !cycles.every((/** @type {string} */ each) => WIDTHS.has(each))
  )
    return false;
  const [known, mean, std] = ["known", "known_mean", "known_std"].map((name) => given.get(name));
  if (!areTexts(known) || ![mean, std].every(areNumbers) || known.length !== mean.length || known.length !== std.length)
    return false;
  const [fixed, series] = [given.get("static"), given.get("series")];
  if (std.some((/** @type {number} */ each) => each <= 0) || !(fixed instanceof Map) || !(series instanceof Map))
    return false;
  const kinds = [...fixed.values()];
  if (
    kinds.length > MOST ||
    !kinds.every((each) => areTexts(each) || (areNumbers(each) && each.length === 2 && each[1] > 0))
  )
    return false;
  try {
    Frequency.of(given.get("frequency"));
  } catch (error) {
    if (error instanceof RnnkitError) return false;
    throw error;
  }
  return series.size <= MOST_SERIES && [...series.values()].every((each) => isFinite(each) && each >= 0);
}

/**
 * Whether a plan's static column is one of numbers, known by their mean and deviation, rather than of texts.
 * @param {readonly any[]} kinds
 */
export const isScale = (kinds) => kinds.length === 2 && kinds.every((each) => typeof each !== "string");

/**
 * What a network is given of a static column.
 * @param {string} name The column.
 * @param {string} text What a series has there.
 * @param {readonly any[]} kinds Its categories, or its mean and deviation, as a plan has them.
 * @returns {number[]}
 * @throws {RnnkitError} It is no number where these are numbers, or none of the categories.
 */
export function staticFeatures(name, text, kinds) {
  const said = `${cut(repr(name), 40)} is ${cut(repr(text), 40)}`;
  if (!isScale(kinds)) {
    if (!kinds.includes(text)) {
      const known = cut(kinds.join(", "), 200);
      throw new RnnkitError(`${said}, which no training series has; expected ${known}. Train on series that have it.`);
    }
    return kinds.map((each) => Number(text === each));
  }
  const value = float(text) ?? NaN;
  if (!Number.isFinite(value)) throw new RnnkitError(`${said}; expected a number.`);
  return [(value - kinds[0]) / kinds[1]];
}
