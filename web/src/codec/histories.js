/** What a user gives as the history of a time series to forecast: numbers, text, or these with their times and more. */

import { dayOf } from "./frequencies.js";
import { LARGEST, NoNumber, numberOf } from "./number_cells.js";
import { entry, isArray, isMapping, names as namesOf } from "./sequences.js";
import { RnnkitError } from "../errors.js";
import { cut, general, repr, thousands } from "../python/text.js";
import { slice, split } from "../python/unicode.js";
import { Tensor } from "../tensor.js";

const DAY = 86_400;
const KEYS = ["values", "series", "start", "known", "static"];

/**
 * The history of a series: its values, NaN where one is missing; its name, "" for none; the time of the first value,
 * null where there are no times; what is known ahead, from the first value on, `[steps + horizon][columns]`; a text for
 * each static column.
 * @typedef {{values: number[], series: string, start: number | null, known: number[][], static: string[]}} History
 */

/** The histories that a user gives, one or several. @param {any} given @returns {any[]} */
export const historiesIn = (given) =>
  isOneHistory(given) || typeof given?.[Symbol.iterator] !== "function" ? [given] : [...given];

/** Whether this is the history of one series rather than a list of several. @param {any} given */
export function isOneHistory(given) {
  if (typeof given === "string" || isMapping(given)) return true;
  if (isArray(given)) return given instanceof Tensor ? given.shape.length === 1 : true;
  return Array.isArray(given) && given.length > 0 && (given[0] === null || typeof given[0] === "number");
}

/**
 * A history as a user gives it.
 * @param {any} given Numbers as a list, an array or text ("1 2 3"); or an object or Map of these as `values`, and where
 *   the forecaster needs or has them: the name of the `series`, the time of the first value (`start`), what is `known`
 *   ahead (`[steps + horizon, columns]`, or a list for each column by name) and what is `static`.
 * @param {import("./forecast_plan.js").ForecastPlan} plan That of the forecaster.
 * @param {string} called What messages call it.
 * @returns {History}
 * @throws {RnnkitError} It is something else, has no values, or lacks what the forecaster needs.
 */
export function historyOf(given, plan, called) {
  const entries = isMapping(given) ? given : { values: given };
  const unknown = namesOf(entries).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new RnnkitError(`${called} has the key ${cut(repr(unknown), 40)}; expected ${KEYS.join(", ")}.`);
  const series = entry(entries, "series") ?? null;
  const name = series === null ? "" : typeof series === "string" ? series : repr(series);
  const what = name ? `${called} (${slice(name, 0, 40)})` : called;
  const values = valuesOf(entry(entries, "values"), what);
  if (!plan.missing && values.length < plan.lookBack) {
    throw new RnnkitError(
      `${what} has ${thousands(values.length)} values; this forecaster reads the last ` +
        `${thousands(plan.lookBack)}, and its ` +
        "training series were never shorter.",
    );
  }
  if (!plan.missing && values.slice(-plan.lookBack).some(Number.isNaN)) {
    const step = values.findLastIndex(Number.isNaN) + 1;
    throw new RnnkitError(`${what}: value ${thousands(step)} is missing, and no training series lacked one. Fill it.`);
  }
  if (plan.logarithm && values.some((value) => value <= 0)) {
    const least = values.reduce((low, value) => (value < low ? value : low), Infinity);
    throw new RnnkitError(`${what} has ${general(least, 12)}; this forecaster reads values above 0.`);
  }
  const start = startOf(entry(entries, "start") ?? null, plan, what);
  if (plan.cycles.length && start === null) {
    throw new RnnkitError(
      `${what} has no times, and the forecaster reads the calendar. Give a table with times, or ` +
        '{"values": [...], "start": "2024-01-31 00:00:00"}.',
    );
  }
  const fixed = entry(entries, "static") || {};
  const wanted = [...plan.static.keys()];
  if (wanted.length && !(isMapping(fixed) && wanted.every((name) => namesOf(fixed).includes(name)))) {
    throw new RnnkitError(`${what} lacks what is static; expected ${wanted.join(", ")}.`);
  }
  const texts = wanted.map((name) => {
    const value = entry(fixed, name);
    return typeof value === "string" ? value : repr(value);
  });
  const known = knownOf(entry(entries, "known"), plan, values.length, what);
  return {
    values,
    series: name,
    start,
    known,
    static: texts,
  };
}

/** @param {any} given @param {string} what @returns {number[]} */
function valuesOf(given, what) {
  const cells = typeof given === "string" ? split(given) : [];
  if (cells.length > 1 && cells.some((cell) => cell.slice(0, -1).includes(","))) {
    throw new RnnkitError(
      `${what} is ${slice(cells.join(" "), 0, 60)}; a comma may stand before decimals or between values. ` +
        "Write 1.5 2 2.5.",
    );
  }
  const values = listOf(given);
  if (
    values === undefined ||
    !values.length ||
    values.some((value) => Math.abs(value) > LARGEST) ||
    values.every(Number.isNaN)
  ) {
    const shown = split(typeof given === "string" ? given : repr(given)).join(" ");
    throw new RnnkitError(`${what} is ${slice(shown, 0, 60)}; expected the values of a series, such as 1.5 2 2.5.`);
  }
  return values;
}

/** @param {any} given @returns {number[] | undefined} */
function listOf(given) {
  if (typeof given === "string") {
    try {
      return split(given.replaceAll(",", " ")).map((cell) => numberOf(cell));
    } catch (error) {
      if (error instanceof NoNumber) return undefined;
      throw error;
    }
  }
  const listed =
    given instanceof Tensor
      ? given.shape.length === 1
        ? Array.from(given.data)
        : undefined
      : Array.isArray(given) || isArray(given)
        ? Array.from(given)
        : undefined;
  if (
    !listed?.every(
      (each) => each === null || each === undefined || typeof each === "number" || typeof each === "boolean",
    )
  )
    return undefined;
  return listed.map((each) => (each === null || each === undefined ? NaN : Number(each)));
}

const CLOCK = /^(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?)?$/;
const DATE = /^(?:(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d)|(\d{4})-W(\d\d)(?:-(\d))?|(\d{4})W(\d\d)(\d)?)/;

/**
 * The time of the first value, in seconds since 1970.
 * @param {any} given
 * @param {import("./forecast_plan.js").ForecastPlan} plan
 * @param {string} what
 */
function startOf(given, plan, what) {
  const byDay = plan.steps.unit !== "seconds" || plan.steps.count % DAY === 0; // days are those of their place
  if (given === null) return null;
  if (typeof given === "number" && Number.isFinite(given)) return given;
  const seconds =
    given instanceof Date ? given.getTime() / 1000 : isoSeconds(typeof given === "string" ? given : repr(given), byDay);
  if (seconds === undefined || Number.isNaN(seconds)) {
    throw new RnnkitError(`${what} starts at ${cut(repr(given), 40)}; expected a time such as 2024-01-31 00:00:00.`);
  }
  return seconds;
}

/**
 * What Python's `datetime.fromisoformat` reads, as seconds since 1970; UTC where it names no zone.
 * @param {string} text
 * @param {boolean} byDay Whether its zone does not count.
 */
function isoSeconds(text, byDay) {
  const date = DATE.exec(text);
  if (date === null) return undefined;
  let day;
  if (date[7] ?? date[10]) {
    const [year, week, weekday] = [
      Number(date[7] ?? date[10]),
      Number(date[8] ?? date[11]),
      Number(date[9] ?? date[12] ?? 1),
    ];
    const first = dayOf(year, 1, 4);
    const monday = first - ((((first + 3) % 7) + 7) % 7);
    const lastWeek =
      (((dayOf(year, 12, 31) + 3) % 7) + 7) % 7 === 3 || (((dayOf(year, 1, 1) + 3) % 7) + 7) % 7 === 3 ? 53 : 52;
    if (year < 1 || week < 1 || week > lastWeek || weekday < 1 || weekday > 7) return undefined;
    day = monday + (week - 1) * 7 + weekday - 1;
  } else {
    const [year, month, inMonth] = [Number(date[1] ?? date[4]), Number(date[2] ?? date[5]), Number(date[3] ?? date[6])];
    if (year < 1 || month < 1 || month > 12 || inMonth < 1) return undefined;
    const next = month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1);
    day = dayOf(year, month, inMonth);
    if (day >= next) return undefined;
  }
  const rest = text.slice(date[0].length);
  if (rest === "") return day * 86_400;
  const clock = CLOCK.exec(
    rest.slice(
      rest.codePointAt(0) === undefined ? 1 : String.fromCodePoint(/** @type {number} */ (rest.codePointAt(0))).length,
    ),
  );
  if (clock === null) return undefined;
  const [hour, minute, second] = [1, 2, 3].map((place) => Number(clock[place] ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const micros = Number((clock[4] ?? "").slice(0, 6).padEnd(6, "0"));
  let shift = 0;
  if (clock[5] && clock[5] !== "Z") {
    const digits = clock[5].slice(1).replaceAll(":", "");
    const parts = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].map((part) => Number(part || 0));
    if (parts[0] > 23 || parts[1] > 59) return undefined;
    shift = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * (clock[5][0] === "-" ? -1 : 1);
  }
  return day * 86_400 + hour * 3600 + minute * 60 + second - (byDay ? 0 : shift) + micros / 1e6;
}

/**
 * What is known ahead, of all values and the horizon.
 * @param {any} given
 * @param {import("./forecast_plan.js").ForecastPlan} plan
 * @param {number} steps
 * @param {string} what
 */
function knownOf(given, plan, steps, what) {
  const needed = steps + plan.horizon;
  if (!plan.known.length) return Array.from({ length: needed }, () => /** @type {number[]} */ ([]));
  const names = plan.known.join(", ");
  const table = tableOf(given, plan.known);
  if (table === undefined || !table.every((row) => row.length === plan.known.length) || !table.length) {
    throw new RnnkitError(
      `${what} lacks what is known ahead; expected ${names} of each step and ${plan.horizon} ahead.`,
    );
  }
  if (table.length < needed || !table.slice(0, needed).every((row) => row.every(Number.isFinite))) {
    const there = table.filter((row) => row.every(Number.isFinite)).length;
    throw new RnnkitError(
      `${what}: ${names} is known of ${Math.max(there - steps, 0)} of the ${plan.horizon} steps ahead. Add ` +
        "rows with their " +
        "times and what is known, without a value.",
    );
  }
  return table.slice(0, needed);
}

/** @param {any} given @param {readonly string[]} names @returns {number[][] | undefined} */
function tableOf(given, names) {
  if (given === null || given === undefined) return undefined;
  if (isMapping(given)) {
    const columns = names.map((name) => listOf(entry(given, name)));
    if (columns.some((column) => column === undefined || column.length !== columns[0]?.length)) return undefined;
    const known = /** @type {number[][]} */ (columns);
    return known[0].map((_, step) => known.map((column) => column[step]));
  }
  const rows = Array.isArray(given) ? given.map(listOf) : [];
  return rows.some((row) => row === undefined) ? undefined : /** @type {number[][]} */ (rows);
}
