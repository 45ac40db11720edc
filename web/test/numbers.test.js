/** Numbers, times and plans are read as in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { golden, plain } from "./golden.js";
import { WIDTHS, calendarFeatures } from "../src/codec/calendar.js";
import { Channels } from "../src/codec/channels.js";
import { quantilesOf } from "../src/codec/forecast_heads.js";
import { chancesOf, drawn, quantilesOfPaths, walked } from "../src/codec/forecast_paths.js";
import { ForecastPlan } from "../src/codec/forecast_plan.js";
import { Frequency } from "../src/codec/frequencies.js";
import { historyOf, isOneHistory } from "../src/codec/histories.js";
import { numberOf } from "../src/codec/number_cells.js";
import { isOneSequence, stepsOf, valuesOf } from "../src/codec/sequences.js";
import { searchOf } from "../src/searching.js";
import { Tensor } from "../src/tensor.js";

const { plans, channels, cases } = golden("numbers");

/** @param {any} tensor @returns {any} */
const nested = (tensor) =>
  tensor instanceof Tensor && tensor.shape.length > 1
    ? Array.from({ length: tensor.shape[0] }, (_, place) => nested(tensor.row(place)))
    : plain(tensor instanceof Tensor ? tensor.data : tensor);

/** A plan, as a file has it: the series in the file's order, which objects of numbers lose. @param {string} name */
function planOf(name) {
  const { static: fixed, series, ...given } = plans[name];
  const maps = {
    static: new Map(Object.entries(fixed ?? {})),
    series: new Map(
      name === "calendar"
        ? [
            ["10", 1.5],
            ["9", 2.5],
          ]
        : Object.entries(series ?? {}),
    ),
  };
  return new ForecastPlan({ ...given, ...maps });
}

/** @type {Record<string, (...given: any[]) => any>} */
const FUNCTIONS = {
  number_of: numberOf,
  values_of: (given) => nested(valuesOf(given, "It")),
  steps_of: stepsOf,
  is_one_sequence: isOneSequence,
  is_one_history: isOneHistory,
  encoded(name, given) {
    const made = new Channels(.../** @type {[any, any, any]} */ (channels[name]));
    const [values, elapsed] = made.given(given, "It");
    const whole = nested(made.encode(values, elapsed, "It"));
    let seen = made.start();
    const steps = whole.map((/** @type {any} */ _, /** @type {number} */ step) => {
      const [features, after] = made.step(
        /** @type {Float32Array} */ (values.row(step).data),
        seen,
        elapsed === null ? null : elapsed[step],
      );
      seen = after;
      return plain(features);
    });
    assert.deepEqual(steps, whole);
    return whole;
  },
  history(name, given) {
    const plan = planOf(name);
    const found = historyOf(given, plan, "It");
    const count = found.values.length + plan.horizon;
    const wanted = plan.lookBack + plan.horizon;
    const read = found.values.slice(-plan.lookBack).map((value) => plan.read(value));
    const past = [...new Array(plan.lookBack - read.length).fill(NaN), ...read];
    const { centre, scale } = plan.scales(past, plan.spreadOf(found.series, found.values));
    const nothing = Array.from({ length: Math.max(wanted - count, 0) }, () => new Array(plan.futureFeatures).fill(0));
    const covariates = [...nothing, ...plan.covariates(found.start ?? 0, count, found.known, found.static)].slice(
      -wanted,
    );
    const inputs = plan.inputs(past, covariates, plan.numberOf(found.series), centre, scale);
    const numbers = Object.fromEntries(Object.entries(inputs).map(([each, tensor]) => [each, nested(tensor)]));
    return [found.values, found.series, found.start, found.static, centre, scale, numbers];
  },
  async walk(name, past) {
    const plan = planOf(name);
    const { centre, scale } = plan.scales(past, 1);
    const nothing = Array.from({ length: plan.lookBack + plan.horizon }, () => []);
    const inputs = plan.inputs(past, nothing, 0, centre, scale);
    /** @type {import("../src/codec/forecast_paths.js").Step} */
    const step = async ({ data: before }, { data: future }, _, [{ data: state }]) => {
      const rows = Array.from(before, (each, row) => [each / 2 + state[row], future[row] / 4 - 1]);
      const next = Float32Array.from(before, (each, row) => state[row] / 2 + each / 4);
      return [new Tensor(Float32Array.from(rows.flat()), [rows.length, 2]), [new Tensor(next, [rows.length, 1])]];
    };
    const states = [new Tensor(Float32Array.of(0.5), [1, 1])];
    const { values } = await walked(plan, step, states, inputs, 1, chancesOf(plan.paths, plan.horizon));
    return [values, quantilesOfPaths(values, plan.head)];
  },
  season(text) {
    const frequency = Frequency.of(text);
    return [frequency.unit, frequency.count, frequency.season, frequency.week];
  },
  after: (text, start, steps) => Frequency.of(text).written(Frequency.of(text).after(start, steps)),
  calendar: (time) => calendarFeatures(time, [...WIDTHS.keys()]),
  quantiles_of: (head, given, scale) => quantilesOf(head, given, scale),
  drawn: (head, given, chance) => drawn(head, given, chance, 1),
  quantiles_of_paths: quantilesOfPaths,
  search_of: searchOf,
};

/** @param {any} now @param {any} then @param {string} where */
function close(now, then, where) {
  if (typeof then === "number" && typeof now === "number") {
    assert.ok(Math.abs(now - then) <= 1e-6 * Math.max(1, Math.abs(then)), `${where}: ${now} is not ${then}`);
  } else if (then !== null && typeof then === "object") {
    assert.deepEqual(Object.keys(now ?? {}).sort(), Object.keys(then).sort(), where);
    for (const name of Object.keys(then)) close(now[name], then[name], `${where}.${name}`);
  } else assert.equal(now, then, where);
}

/** Numbers that JSON does not have, which were recorded as texts. @param {any} value @returns {any} */
const read = (value) =>
  ["NaN", "Infinity", "-Infinity"].includes(value) ? Number(value) : Array.isArray(value) ? value.map(read) : value;

for (const { of, given, answer, refused } of cases) {
  test(`${of} ${JSON.stringify(given).slice(0, 120)}`, async () => {
    const asked = () => FUNCTIONS[of](...(of === "number_of" ? given : read(given)));
    if (refused === undefined) close(plain(await asked()), answer, of);
    else assert.throws(asked, { message: refused });
  });
}
