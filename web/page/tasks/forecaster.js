/** A series and its forecast: the median, and between which values it lies. */

import { Frequency } from "../../src/codec/frequencies.js";
import { isScale } from "../../src/codec/forecast_checks.js";
import { fill, h, labelled, s } from "../parts/dom.js";
import { pathOf, roomFor } from "../parts/lanes.js";
import { sheet } from "../parts/sheet.js";
import { brief, percent } from "../parts/words.js";

/** @typedef {import("../../src/tasks/forecaster.js").Forecaster} Runner */
/** @typedef {import("../../src/answers/forecasts.js").Forecast} Forecast */
/**
 * A series as an example has it.
 * @typedef {{label: string, series: string, values: number[], start?: string, known?: Record<string, number[]>,
 *   static?: Record<string, string>}} Given
 */

const HEIGHT = 260;

/** @param {Runner} runner @param {import("../parts/frame.js").Frame} frame */
export function show(runner, frame) {
  const { plan } = runner;
  const examples = /** @type {Given[]} */ (frame.site.examples.filter((each) => fits(each, plan)));
  if (!examples.length) examples.push(...madeUp(plan));
  let given = examples[0];
  /** @type {Forecast | null} */
  let made = null;
  /** @type {[number, number]} */
  let range = [0, 1];
  const { show: use, lanes } = sheet(frame, {
    label: "The series so far",
    hint:
      "Draw over the line: the forecast behind it follows. With the keyboard: left and right for the step, up and " +
      "down for its value.",
    names: ["value"],
    values: given.values.map((value) => [value]),
    shape: {
      height: HEIGHT,
      ahead: plan.horizon,
      range: () => range,
      behind: (place) => (made === null ? [] : fan(made, lanes.values, place)),
    },
    answer: (values) =>
      frame.ask(
        async () =>
          (await runner.predict({ ...asked(given, plan, values.length), values: values.map(([value]) => value) }))[0],
        (/** @type {Forecast} */ answer) => {
          made = answer;
          const all = [...values.map(([value]) => value), ...[...answer.quantiles.values()].flat()];
          const wanted = roomFor(all);
          if (wanted[0] < range[0] || wanted[1] > range[1] || range[1] - range[0] > 3 * (wanted[1] - wanted[0]))
            range = wanted;
          lanes.draw();
          return table(answer, frame.output);
        },
      ),
  });
  const series = plan.series.size > 1 && plan.numbered ? seriesChoice(plan) : null;
  const choose = (/** @type {Given} */ example) => {
    given = example;
    range = roomFor(example.values);
    made = null;
    if (series !== null) series.value = plan.series.has(example.series) ? example.series : "";
    use(example.values.map((value) => [value ?? NaN]));
  };
  if (series !== null) {
    const drawn = () => lanes.values.map(([value]) => value);
    series.addEventListener("change", () => choose({ ...given, series: series.value, values: drawn() }));
    frame.input.append(labelled("As which series", series, "The model has learnt something of each of these."));
  }
  frame.examples(examples.map((example) => ({ text: example.label, use: () => choose(example) })));
}

/** Whether an example is of the series that the model has learnt. @param {Given} given @param {Runner["plan"]} plan */
const fits = (given, plan) =>
  Array.isArray(given?.values) &&
  plan.known.every((name) => given.known && name in given.known) &&
  [...plan.static.keys()].every((name) => given.static && name in given.static) &&
  Object.keys(given.known ?? {}).length === plan.known.length;

/** Series for a model whose own are not known. @param {Runner["plan"]} plan @returns {Given[]} */
function madeUp(plan) {
  const count = 2 * plan.lookBack;
  const season = Math.max(plan.season, 1);
  const line = (/** @type {(step: number) => number} */ of) =>
    Array.from({ length: count }, (_, step) => Number(of(step).toPrecision(4)));
  const [first = ""] = plan.series.keys();
  const size = plan.series.get(first) || 10;
  const usual = { series: first, static: firstKinds(plan) };
  const wave = (/** @type {number} */ step) =>
    Math.sin((2 * Math.PI * step) / (season > 1 ? season : plan.lookBack / 2));
  return [
    { label: "a season", ...usual, values: line((step) => 4 * size + size * wave(step)) },
    { label: "a rising season", ...usual, values: line((step) => 4 * size + size * (wave(step) + (2 * step) / count)) },
    { label: "a step", ...usual, values: line((step) => size * (step < count * 0.8 ? 3 : 5)) },
  ];
}

/** @param {Runner["plan"]} plan @returns {Record<string, string>} */
const firstKinds = (plan) =>
  Object.fromEntries([...plan.static].map(([name, kinds]) => [name, String(isScale(kinds) ? kinds[0] : kinds[0])]));

/**
 * What the model takes beside the values: what is known ahead as in the example, and as in the mean of what it learnt
 * from where the example says nothing.
 * @param {Given} given @param {Runner["plan"]} plan @param {number} count
 */
function asked(given, plan, count) {
  const needed = count + plan.horizon;
  const known = Object.fromEntries(
    plan.known.map((name, column) => {
      const values = given.known?.[name] ?? [];
      const before = values.slice(Math.max(values.length - needed, 0));
      const lacking = Array.from({ length: needed - before.length }, () => plan.knownMean[column]);
      return [name, [...lacking, ...before]];
    }),
  );
  return {
    series: given.series,
    ...(given.start || plan.cycles.length ? { start: given.start ?? started(plan) } : {}),
    ...(plan.known.length ? { known } : {}),
    ...(plan.static.size ? { static: given.static ?? firstKinds(plan) } : {}),
  };
}

/** A time to begin with, where a model reads the calendar. @param {Runner["plan"]} plan */
const started = (plan) => (plan.steps instanceof Frequency ? "2024-01-01" : undefined);

/** @param {Runner["plan"]} plan */
const seriesChoice = (plan) =>
  h(
    "select",
    {},
    [...plan.series.keys()].map((name) => h("option", {}, name)),
    h("option", { value: "" }, "another one"),
  );

/**
 * The forecast behind the last value: an area for each pair of quantiles, and the median.
 * @param {Forecast} made
 * @param {number[][]} values
 * @param {Parameters<import("../parts/lanes.js").Behind>[0]} place
 */
function fan(made, values, { x, y, height }) {
  const count = values.length;
  const last = values[count - 1][0];
  const levels = [...made.quantiles.keys()].sort((a, b) => Number(a) - Number(b));
  const row = (/** @type {string} */ level) => [last, .../** @type {number[]} */ (made.quantiles.get(level))];
  const at = (/** @type {number[]} */ line) =>
    line.map((value, step) => `${x(count - 1 + step).toFixed(1)} ${y(value).toFixed(1)}`);
  const pairs = levels
    .slice(0, Math.floor(levels.length / 2))
    .map((low, number) => [low, levels[levels.length - 1 - number]]);
  const areas = pairs.map(([low, high]) =>
    s("polygon", { class: "fan", points: [...at(row(low)), ...at(row(high)).reverse()].join(" ") }),
  );
  const median = pathOf(
    [last, ...made.values].map((value) => [value]),
    0,
    (step) => x(count - 1 + step),
    y,
  );
  const now = s("line", { class: "now", x1: x(count - 1), x2: x(count - 1), y1: 0, y2: height });
  return [now, ...areas, s("path", { class: "line ahead", d: median })];
}

/** @param {Forecast} answer @param {HTMLElement} output */
function table({ series, times, values, quantiles }, output) {
  const levels = [...quantiles.keys()].sort((a, b) => Number(a) - Number(b));
  const [low, high] = [levels[0], levels[levels.length - 1]];
  const sure = percent(Number(high) - Number(low)).replace(".0%", "%");
  const rows = times.map((time, step) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, time),
      [values[step], quantiles.get(low)?.[step] ?? NaN, quantiles.get(high)?.[step] ?? NaN].map((value) =>
        h("td", {}, brief(value)),
      ),
    ),
  );
  const head = ["step", "median", `${low} quantile`, `${high} quantile`].map((name) => h("th", { scope: "col" }, name));
  fill(
    output,
    h("h2", {}, series ? `The next ${times.length} steps of ${series}` : `The next ${times.length} steps`),
    h("p", { class: "hint" }, `With a chance of ${sure} a value lies between the two quantiles.`),
    h(
      "div",
      { class: "scrolls", tabindex: "0", role: "group", "aria-label": "The forecast" },
      h("table", { class: "figures" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
    ),
  );
  return `${brief(values[0])} next, ${brief(values[values.length - 1])} after ${values.length} steps`;
}
