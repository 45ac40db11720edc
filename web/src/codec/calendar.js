/** Features of the calendar: the hour, the day of the week and the like of each step of a series. */

import { dateOf, dayOf, firstDay, monthOf } from "./frequencies.js";

const DAY = 86_400;
/** Features of each cycle. */
export const WIDTHS = new Map([
  ["day", 4],
  ["week", 7],
  ["month", 2],
  ["year", 4],
  ["months", 12],
  ["quarters", 4],
]);

/**
 * The features of a time, from -0.5 to 0.5.
 * @param {number} time Seconds since 1970.
 * @param {readonly string[]} cycles Of `WIDTHS`.
 * @returns {number[]}
 */
export const calendarFeatures = (time, cycles) => cycles.flatMap((cycle) => featuresOf(time, cycle));

/** @param {number} time @param {string} cycle */
function featuresOf(time, cycle) {
  const day = Math.floor(time / DAY);
  if (cycle === "day") return waves(time / DAY, 2);
  if (cycle === "week") return chosen((((day + 3) % 7) + 7) % 7, 7); // 1970 began on a Thursday
  const { month } = monthOf(day);
  if (cycle === "months" || cycle === "quarters") {
    const number = ((month % 12) + 12) % 12;
    return cycle === "months" ? chosen(number, 12) : chosen(Math.floor(number / 3), 4);
  }
  if (cycle === "month") return waves((day - firstDay(month)) / 31, 1);
  return waves((day - dayOf(dateOf(day).year, 1, 1)) / 366, 2);
}

/** Sine and cosine of so many turns, and of multiples of them. @param {number} turns @param {number} harmonics */
const waves = (turns, harmonics) =>
  Array.from({ length: harmonics }, (_, place) => 2 * Math.PI * turns * (place + 1)).flatMap((angle) => [
    0.5 * Math.sin(angle),
    0.5 * Math.cos(angle),
  ]);

/** 0.5 for the number's own column, -0.5 for the others. @param {number} number @param {number} of */
const chosen = (number, of) => Array.from({ length: of }, (_, place) => (place === number ? 0.5 : -0.5));
