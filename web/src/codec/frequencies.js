/** How often the values of a time series come: steps of it counted and written. */

import { RnnkitError } from "../errors.js";
import { asciiDigits, cut, float, general, repr, rounded } from "../python/text.js";
import { strip } from "../python/unicode.js";

const DAY = 86_400;
const SECONDS = new Map([
  ["s", 1],
  ["min", 60],
  ["h", 3_600],
  ["D", DAY],
  ["W", 7 * DAY],
]);
const MONTHS = new Map([
  ["MS", 1],
  ["QS", 3],
  ["YS", 12],
  ["ME", 1],
  ["QE", 3],
  ["YE", 12],
]);
const OTHER_NAMES = new Map(Object.entries({ M: "MS", Q: "QS", Y: "YS", A: "YS", H: "h", T: "min", S: "s", d: "D" }));
const WRITTEN = /^(\p{Nd}*)([A-Za-z]+)(-[A-Z]{3})?$/u;
const EXPECTED = "a number and s, min, h, D, B (business days), W, MS, QS or YS, such as h, 15min or D";
const BY = "numbers by "; // and how far it is from one to the next
/** The most that can be counted in one step. */
const MOST = 1_000_000;

/** The time from one value to the next. */
export class Frequency {
  /**
   * @param {string} [unit] "seconds", "months" (their first days or the same days), "month_ends", "business" (Monday to
   *   Friday), or "numbers" where steps are only counted, such as years or the rows of a table.
   * @param {number} [count] How many of them a step takes.
   */
  constructor(unit = "numbers", count = 1.0) {
    this.unit = unit;
    this.count = count;
  }

  /**
   * A frequency as pandas writes it.
   * @param {string} text
   * @throws {RnnkitError} It is another text.
   */
  static of(text) {
    if (text === "" || text === "numbers") return new Frequency();
    if (text.startsWith(BY)) return new Frequency("numbers", countOf(text.slice(BY.length)));
    const match = WRITTEN.exec(strip(text));
    const name = match === null ? "" : (OTHER_NAMES.get(match[2]) ?? match[2]);
    const count = match !== null && match[1].length < 8 ? Number(asciiDigits(match[1]) || 1) : 0;
    const size = SECONDS.get(name) ?? MONTHS.get(name) ?? (name === "B" ? 1 : undefined);
    if (!(count >= 1 && count <= MOST) || size === undefined) {
      throw new RnnkitError(`The frequency is ${cut(repr(text), 40)}; expected ${EXPECTED}.`);
    }
    if (SECONDS.has(name)) return new Frequency("seconds", count * size);
    if (name === "B") return new Frequency("business", count);
    return new Frequency(name.endsWith("E") ? "month_ends" : "months", count * size);
  }

  /** The usual number of steps in a season: a day of hours, a week of days, a year of months; 1 for none. */
  get season() {
    if (this.unit === "seconds") {
      const length = [DAY, 7 * DAY, 364 * DAY].find((each) => this.count < each && each % this.count === 0);
      return length === undefined ? 1 : Math.floor(length / this.count);
    }
    if (!this.isCalendar) return 1;
    const perYear = { months: 12, month_ends: 12, business: 5 }[this.unit] ?? 1;
    return perYear % this.count === 0 ? Math.floor(perYear / this.count) : 1;
  }

  /** The steps in a week, where the usual season is a day; 0 otherwise. */
  get week() {
    return this.unit === "seconds" && this.count * this.season === DAY ? 7 * this.season : 0;
  }

  /** Whether its steps are times of a calendar. */
  get isCalendar() {
    return this.unit !== "numbers";
  }

  /**
   * The times so many steps after `start`.
   * @param {number} start Seconds since 1970, or a number.
   * @param {readonly number[]} steps Whole numbers.
   */
  after(start, steps) {
    if (this.unit === "numbers" || this.unit === "seconds") return steps.map((step) => start + this.count * step);
    const first = Math.floor(start / DAY);
    const rest = start - first * DAY;
    if (this.unit === "business") return steps.map((step) => businessDay(first, step * this.count) * DAY + rest);
    const { month, day } = monthOf(first);
    return steps.map((step) => {
      const moved = month + step * Math.trunc(this.count);
      return (firstDay(moved) + dayWithin(moved, day, this.unit === "month_ends") - 1) * DAY + rest;
    });
  }

  /**
   * Times as texts: dates, with the time of day where one is not midnight, or numbers.
   * @param {readonly number[]} times
   */
  written(times) {
    if (!this.isCalendar) return times.map((time) => general(time, 12));
    const [first, last] = [dayOf(1, 1, 1) * DAY, dayOf(10_000, 1, 1) * DAY];
    if (!times.every((time) => time >= first && time < last)) {
      const far = Math.max(Math.abs(times[0]), Math.abs(times[times.length - 1]));
      throw new RnnkitError(
        `A time lies ${general(far, 12)} seconds from 1970; expected the years 1 to 9999. Is the start in ` +
          "seconds, and the horizon meant?",
      );
    }
    const dates = times.every((time) => time % DAY === 0) && !(this.unit === "seconds" && this.count % DAY);
    return times.map((time) => {
      const micros = rounded((time - Math.floor(time)) * 1e6);
      const whole = Math.floor(time) + Math.floor(micros / 1e6);
      const { year, month, day } = dateOf(Math.floor(whole / DAY));
      const date = [String(year).padStart(4, "0"), padded(month), padded(day)].join("-");
      if (dates) return date;
      const second = whole - Math.floor(whole / DAY) * DAY;
      const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60].map(padded).join(":");
      const part = micros % 1e6;
      return `${date} ${clock}${part ? `.${String(part).padStart(6, "0")}` : ""}`;
    });
  }
}

/** @param {string} text */
function countOf(text) {
  const count = float(text) ?? -1;
  if (!(count > 0 && count < Infinity)) {
    throw new RnnkitError(`The frequency is ${BY}${cut(text, 20)}; expected a number above 0.`);
  }
  return count;
}

/** @param {number} number */
const padded = (number) => String(number).padStart(2, "0");

/** The date of a day counted from 1970 (proleptic Gregorian). @param {number} day */
export function dateOf(day) {
  const shifted = day + 719_468; // from 0000-03-01
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const years = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const part = Math.floor((5 * inYear + 2) / 153);
  const month = part < 10 ? part + 3 : part - 9;
  return { year: years + era * 400 + Number(month <= 2), month, day: inYear - Math.floor((153 * part + 2) / 5) + 1 };
}

/** The day, counted from 1970, of a date. @param {number} year @param {number} month @param {number} day */
export function dayOf(year, month, day) {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const years = shifted - era * 400;
  const inYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + inYear - 719_468;
}

/** Months since 1970 of a day, and the day of the month from 1. @param {number} day */
export function monthOf(day) {
  const date = dateOf(day);
  return { month: (date.year - 1970) * 12 + date.month - 1, day: date.day };
}

/** The first day of a month counted from 1970. @param {number} month */
export const firstDay = (month) => dayOf(1970 + Math.floor(month / 12), month - Math.floor(month / 12) * 12 + 1, 1);

/**
 * The same day of a month, or its last where it is shorter or `end` is wanted.
 * @param {number} month
 * @param {number} day
 * @param {boolean} end
 */
function dayWithin(month, day, end) {
  const length = firstDay(month + 1) - firstDay(month);
  return end ? length : Math.min(day, length);
}

/** So many business days after a day, from the last one at or before it. @param {number} day @param {number} count */
function businessDay(day, count) {
  const weekday = (((day + 3) % 7) + 7) % 7; // Monday is 0; 1970 began on a Thursday
  const begin = day - Math.max(weekday - 4, 0);
  const moved = Math.min(weekday, 4) + Math.trunc(count);
  const weeks = Math.floor(moved / 5);
  return begin - Math.min(weekday, 4) + weeks * 7 + (moved - weeks * 5);
}
