/** The answer of a forecaster: the steps ahead with their quantiles. */

import { general } from "../python/text.js";

/**
 * The forecast of a series: its name, "" where none was given; the steps ahead: dates, or numbers from 1 where there
 * are none; the median of each; and the quantiles of each, by their levels as text: "0.1", "0.9"; that of 0.5 is
 * `values`.
 * @typedef {{series: string, times: string[], values: number[], quantiles: Map<string, number[]>}} Forecast
 */

/**
 * The forecast from quantiles in the series' own scale.
 * @param {string} series Its name.
 * @param {number | null} start The time of its first value.
 * @param {number} steps How many values it has.
 * @param {readonly (readonly number[])[]} quantiles `[horizon][levels]`.
 * @param {readonly number[]} levels Those of the quantiles, 0.5 among them.
 * @param {import("../codec/forecast_plan.js").ForecastPlan} plan The forecaster's.
 * @returns {Forecast}
 */
export function forecastOf(series, start, steps, quantiles, levels, plan) {
  const frequency = plan.steps;
  const times =
    start === null
      ? quantiles.map((_, step) => String(step + 1))
      : frequency.written(
          frequency.after(
            start,
            quantiles.map((_, step) => steps + step),
          ),
        );
  const columns = new Map(levels.map((level, place) => [general(level), quantiles.map((row) => row[place])]));
  return { series, times, values: columns.get("0.5") ?? [], quantiles: columns };
}
