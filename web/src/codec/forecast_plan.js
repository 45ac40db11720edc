/** What a trained forecaster knows of its series: from a history to a network's numbers, for one window. */

import { WIDTHS, calendarFeatures } from "./calendar.js";
import { isScale, isSound, staticFeatures } from "./forecast_checks.js";
import { Frequency } from "./frequencies.js";
import { RnnkitError } from "../errors.js";
import { Tensor } from "../tensor.js";

/** The names of what goes into a network: scaled values and covariates of the past, those ahead, the series. */
export const [PAST, FUTURE, NUMBER] = ["past", "future", "series"];
/** Step by step, the scaled value before each step ahead. */
export const BEFORE = "before";
const LEAST_SPREAD = 1e-4; // as a share of the values' size
const CALM = 0.1; // the least deviation of a window, as a share of its series'

/** The entries of a plan and their defaults; what they mean stands in the Python class. */
const FIELDS = {
  look_back: 1,
  horizon: 1,
  logarithm: false,
  scaling: "last",
  spread: "series",
  head: "quantiles",
  decoding: "direct",
  paths: 1,
  missing: false,
  frequency: "numbers",
  season: 1,
  week: 0,
  /** @type {readonly string[]} */
  cycles: [],
  /** @type {readonly string[]} */
  known: [],
  /** @type {readonly number[]} */
  known_mean: [],
  /** @type {readonly number[]} */
  known_std: [],
  /** @type {ReadonlyMap<string, readonly any[]>} */
  static: new Map(),
  /** @type {ReadonlyMap<string, number>} */
  series: new Map(),
  numbered: false,
};

/** How histories become numbers, and a network's numbers forecasts. */
export class ForecastPlan {
  /** @param {Partial<typeof FIELDS>} [given] */
  constructor(given = {}) {
    const fields = { ...FIELDS, ...given };
    this.lookBack = fields.look_back;
    this.horizon = fields.horizon;
    this.logarithm = fields.logarithm;
    this.scaling = fields.scaling;
    this.spread = fields.spread;
    this.head = fields.head;
    this.decoding = fields.decoding;
    this.paths = fields.paths;
    this.missing = fields.missing;
    this.season = fields.season;
    this.week = fields.week;
    this.cycles = fields.cycles;
    this.known = fields.known;
    this.knownMean = fields.known_mean;
    this.knownStd = fields.known_std;
    this.static = fields.static;
    this.series = fields.series;
    this.numbered = fields.numbered;
    /** The frequency. */
    this.steps = Frequency.of(fields.frequency);
    this.numbers = new Map(Array.from(fields.series.keys(), (name, place) => [name, place + 1]));
  }

  /**
   * The plan in a file.
   * @param {any} content The parsed JSON, which may come from anyone.
   * @param {string} where The file, for messages.
   * @throws {RnnkitError} It is something else.
   */
  static ofJson(content, where) {
    const names = Object.keys(FIELDS);
    const given = new Map(content instanceof Map ? [["week", 0], ...content] : []); // plans of earlier files lack it
    if (given.size !== names.length || !names.every((name) => given.has(name)) || !isSound(given, content)) {
      throw new RnnkitError(`${where} holds no plan of forecasts. Export it again, or train or copy the Run again.`);
    }
    return new ForecastPlan(Object.fromEntries(given));
  }

  /** The number of covariates of a step. */
  get futureFeatures() {
    const fixed = [...this.static.values()].reduce((sum, known) => sum + (isScale(known) ? 1 : known.length), 0);
    return this.cycles.reduce((sum, cycle) => sum + (WIDTHS.get(cycle) ?? 0), 0) + this.known.length + fixed;
  }

  /** The number of features of a step that is read. */
  get pastFeatures() {
    return 1 + Number(this.missing) + this.futureFeatures;
  }

  /** The number of features of a step ahead: the covariates, and step by step the value a season before. */
  get aheadFeatures() {
    return this.futureFeatures + Number(this.decoding === "stepwise");
  }

  /** The seasons that what is read holds at least once, the week among them. */
  get seasons() {
    return [this.season, this.week].filter((each) => each > 1 && each <= this.lookBack);
  }

  /**
   * The places in what is read that lie a season before each step ahead, or at its end where there is none.
   * @param {number} [given] Its steps; 0 for the usual one.
   */
  seasonBefore(given = 0) {
    const season = given || (this.season > 1 && this.season <= this.lookBack ? this.season : 1);
    return Array.from({ length: this.horizon }, (_, step) => this.lookBack - season + (step % season));
  }

  /** The number of a series; 0 for one that training data did not have. @param {string} series */
  numberOf(series) {
    return this.numbered ? (this.numbers.get(series) ?? 0) : 0;
  }

  /** A value as the network is given it, before it is scaled: as it is, or its logarithm. @param {number} value */
  read(value) {
    return this.logarithm ? Math.log(value) : value;
  }

  /** What `read` made of a value as this value again. @param {number} value */
  own(value) {
    return this.logarithm ? Math.exp(Math.min(Math.max(value, -700), 700)) : value;
  }

  /**
   * The deviation of a series: of its training part, or where it was not among those of the values given.
   * @param {string} series
   * @param {readonly number[]} values
   */
  spreadOf(series, values) {
    return this.series.get(series) ?? spreadOf(values.map((value) => this.read(value)));
  }

  /**
   * What is known of steps beside their values, `[count, futureFeatures]`.
   * @param {number} start The time of the first.
   * @param {number} count How many.
   * @param {readonly (readonly number[])[]} known What is known ahead, `[count, columns]`.
   * @param {readonly string[]} fixed A text for each static column.
   * @returns {number[][]}
   */
  covariates(start, count, known, fixed) {
    const steps = Array.from({ length: count }, (_, step) => step);
    const times = this.cycles.length ? this.steps.after(start, steps) : [];
    const row = [...this.static].flatMap(([name, kinds], place) => staticFeatures(name, fixed[place], kinds));
    return steps.map((step) => [
      ...(this.cycles.length ? calendarFeatures(times[step], this.cycles) : []),
      ...this.known.map((_, column) => (known[step][column] - this.knownMean[column]) / this.knownStd[column]),
      ...row,
    ]);
  }

  /**
   * What is subtracted from the values of a window and what they are divided by.
   * @param {readonly number[]} past What is read of the values, as `read` gives it, `[lookBack]`, NaN where missing.
   * @param {number} spread The deviation of its series.
   * @returns {{centre: number, scale: number}}
   */
  scales(past, spread) {
    const seen = past.filter((value) => !Number.isNaN(value));
    const count = Math.max(seen.length, 1);
    const filled = past.map((value) => (Number.isNaN(value) ? 0 : value));
    const mean = total(filled) / count;
    const size = total(filled.map(Math.abs)) / count;
    if (this.scaling === "mean" || this.scaling === "none")
      return { centre: 0, scale: this.scaling === "mean" ? 1 + size : 1 };
    const deviation = Math.sqrt(total(past.map((value) => (Number.isNaN(value) ? 0 : (value - mean) ** 2))) / count);
    let scale = this.spread === "series" ? spread : Math.max(deviation, CALM * spread);
    if (!(scale > LEAST_SPREAD * size)) scale = size > 0 ? LEAST_SPREAD * size + 1e-12 : 1;
    return { centre: this.scaling === "last" ? (seen.at(-1) ?? 0) : mean, scale };
  }

  /**
   * The inputs of the network for a window, by name, batch 1.
   * @param {readonly number[]} past As for `scales`.
   * @param {readonly (readonly number[])[]} covariates `[lookBack + horizon, futureFeatures]`.
   * @param {number} number The number of its series.
   * @param {number} centre As `scales` gave it.
   * @param {number} scale Likewise.
   * @returns {Record<string, Tensor>}
   */
  inputs(past, covariates, number, centre, scale) {
    let carried = NaN;
    const rows = past.map((value, step) => {
      const seen = !Number.isNaN(value);
      if (seen) carried = value;
      const scaled = Number.isNaN(carried) ? 0 : (carried - centre) / scale;
      return [scaled, ...(this.missing ? [Number(seen)] : []), ...covariates[step]];
    });
    /** @type {Record<string, Tensor>} */
    const found = { [PAST]: table(rows, this.pastFeatures) };
    const before = this.decoding === "stepwise" ? this.seasonBefore().map((place) => [rows[place][0]]) : null;
    const ahead = covariates
      .slice(this.lookBack)
      .map((row, step) => [...(before === null ? [] : before[step]), ...row]);
    if (this.aheadFeatures) found[FUTURE] = table(ahead, this.aheadFeatures);
    if (this.numbered) found[NUMBER] = new Tensor(Int32Array.of(number), [1]);
    return found;
  }
}

/** @param {readonly (readonly number[])[]} rows @param {number} width */
const table = (rows, width) => new Tensor(Float32Array.from(rows.flat()), [1, rows.length, width]);

/** @param {readonly number[]} values */
const total = (values) => values.reduce((sum, value) => sum + value, 0);

/** The deviation of values, without missing ones; 0 where there is none. @param {readonly number[]} values */
export function spreadOf(values) {
  const known = values.filter((value) => !Number.isNaN(value));
  if (!known.length) return 0;
  const mean = total(known) / known.length;
  return Math.sqrt(total(known.map((value) => (value - mean) ** 2)) / known.length);
}
