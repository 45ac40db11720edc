/** The content of a plan of forecasts, which may come from anyone: each entry of its kind and within its bounds. */

import { WIDTHS } from "./calendar.js";
import { HEADS } from "./forecast_heads.js";
import { Frequency } from "./frequencies.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";

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

/** Whether each entry is of its kind and within its bounds. @param {Map<string, any>} given */
export function isSound(given) {
  const whole = COUNTS.every((name) => {
    const value = given.get(name);
    return Number.isInteger(value) && !isFloat(given, name) && value >= 1 && value <= MOST;
  });
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
