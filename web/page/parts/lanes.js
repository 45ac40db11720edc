/** Lines over time that one draws with a finger, a mouse or the arrow keys: one lane for each channel. */

import { h, s } from "./dom.js";
import { brief } from "./words.js";

const [LEFT, RIGHT, PADDING] = [44, 10, 8]; // pixels of a lane beside, and above and below its line
const KEYS = 20; // presses of an arrow from the bottom of a lane to its top

/**
 * What is drawn behind a lane's line, such as a forecast.
 * @typedef {{x: (step: number) => number, y: (value: number) => number, height: number}} Surface
 * @typedef {(surface: Surface) => SVGElement[]} Behind
 */
/**
 * @typedef {object} Shape
 * @property {readonly string[]} names The channels.
 * @property {number} height Pixels of a lane.
 * @property {(channel: number) => [number, number]} range The least and the largest value of a lane.
 * @property {() => void} changed Called when something was drawn.
 * @property {number} [ahead] Steps shown behind the last one.
 * @property {Behind} [behind]
 * @property {(step: number) => string} [named] What a step is called.
 */

/** Lanes over `[steps][channels]`. */
export class Lanes {
  /** @param {number[][]} values @param {Shape} shape */
  constructor(values, shape) {
    this.values = values;
    this.shape = shape;
    this.cursor = 0;
    this.width = 600;
    this.lanes = shape.names.map((name, channel) => this.lane(name, channel));
    this.element = h(
      "div",
      { class: "lanes" },
      this.lanes.map(({ box }) => box),
    );
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width > 0 && width !== this.width) this.draw(width);
    }).observe(this.element);
    this.draw(this.width);
  }

  /** @param {string} name @param {number} channel */
  lane(name, channel) {
    const picture = s("svg", { class: "lane", tabindex: "0", role: "slider", "aria-orientation": "vertical" });
    picture.setAttribute("height", String(this.shape.height));
    picture.addEventListener("pointerdown", (event) => this.drag(event, channel));
    picture.addEventListener("keydown", (event) => this.key(event, channel));
    const title = this.shape.names.length > 1 && h("p", { class: "lane-name", "aria-hidden": "true" }, name);
    return { box: h("div", {}, title, picture), picture, name };
  }

  /** Show other values. @param {number[][]} values */
  show(values) {
    this.values = values;
    this.cursor = Math.min(this.cursor, Math.max(values.length - 1, 0));
    this.draw(this.width);
  }

  get steps() {
    return this.values.length + (this.shape.ahead ?? 0);
  }

  /** @param {number} step */
  x(step) {
    return LEFT + ((this.width - LEFT - RIGHT) * step) / Math.max(this.steps - 1, 1);
  }

  /** @param {number} channel @returns {(value: number) => number} */
  y(channel) {
    const [low, high] = this.shape.range(channel);
    const inside = this.shape.height - 2 * PADDING;
    return (value) => PADDING + inside * (1 - (value - low) / (high - low || 1));
  }

  /** @param {number} [width] */
  draw(width = this.width) {
    this.width = width;
    this.lanes.forEach((_, channel) => this.drawLane(channel));
  }

  /** @param {number} channel */
  drawLane(channel) {
    const { picture, name } = this.lanes[channel];
    const { height, range, behind, named = (/** @type {number} */ step) => `step ${step + 1}` } = this.shape;
    const [y, [low, high]] = [this.y(channel), range(channel)];
    const x = (/** @type {number} */ step) => this.x(step);
    const marks = [low, (low + high) / 2, high].flatMap((value) => [
      s("line", { class: "grid", x1: LEFT, x2: this.width - RIGHT, y1: y(value), y2: y(value) }),
      s("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, brief(value)),
    ]);
    const shown = height < 100 ? marks.filter((_, place) => place < 2 || place > 3) : marks;
    const line = s("path", { class: `line colour-${channel % 8}`, d: pathOf(this.values, channel, x, y) });
    const value = this.values[this.cursor]?.[channel];
    const point =
      value === undefined || Number.isNaN(value)
        ? []
        : [s("circle", { class: "cursor", cx: x(this.cursor), cy: y(value), r: 5 })];
    picture.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    picture.replaceChildren(...shown, ...(behind?.({ x, y, height }) ?? []), line, ...point);
    picture.setAttribute("aria-label", `${name}: draw, or left and right for the step, up and down for its value`);
    picture.setAttribute("aria-valuemin", brief(low));
    picture.setAttribute("aria-valuemax", brief(high));
    picture.setAttribute("aria-valuenow", value === undefined || Number.isNaN(value) ? brief(low) : String(value));
    picture.setAttribute("aria-valuetext", `${named(this.cursor)}: ${brief(value ?? NaN)}`);
  }

  /** @param {PointerEvent} event @param {number} channel */
  drag(event, channel) {
    const { picture } = this.lanes[channel];
    if (event.button !== 0) return;
    event.preventDefault();
    picture.focus();
    picture.setPointerCapture(event.pointerId);
    let before = this.place(event, channel);
    this.put(before, before, channel);
    const move = (/** @type {PointerEvent} */ next) => {
      const here = this.place(next, channel);
      this.put(before, here, channel);
      before = here;
    };
    picture.addEventListener("pointermove", move);
    const end = () => picture.removeEventListener("pointermove", move);
    picture.addEventListener("pointerup", end, { once: true });
    picture.addEventListener("pointercancel", end, { once: true });
  }

  /** The step and the value under a pointer. @param {PointerEvent} event @param {number} channel */
  place(event, channel) {
    const { picture } = this.lanes[channel];
    const box = picture.getBoundingClientRect();
    const [low, high] = this.shape.range(channel);
    const across = ((event.clientX - box.left) * this.width) / box.width;
    const step = Math.round(((across - LEFT) / (this.width - LEFT - RIGHT)) * Math.max(this.steps - 1, 1));
    const down = (event.clientY - box.top - PADDING) / (this.shape.height - 2 * PADDING);
    const value = low + (high - low) * Math.min(Math.max(1 - down, 0), 1);
    return { step: Math.min(Math.max(step, 0), this.values.length - 1), value };
  }

  /** @typedef {{step: number, value: number}} Place */
  /** Draws a line between two places. @param {Place} from @param {Place} to @param {number} channel */
  put(from, to, channel) {
    const turn = Math.sign(to.step - from.step) || 1;
    for (let step = from.step; ; step += turn) {
      const share = to.step === from.step ? 1 : (step - from.step) / (to.step - from.step);
      this.values[step][channel] = Number((from.value + share * (to.value - from.value)).toPrecision(4));
      if (step === to.step) break;
    }
    this.cursor = to.step;
    this.draw();
    this.shape.changed();
  }

  /** @param {KeyboardEvent} event @param {number} channel */
  key(event, channel) {
    const last = this.values.length - 1;
    const [low, high] = this.shape.range(channel);
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: this.cursor - 1, ArrowRight: this.cursor + 1, Home: 0, End: last };
    /** @type {Record<string, number>} */
    const heights = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
    if (event.key in steps) {
      this.cursor = Math.min(Math.max(steps[event.key], 0), last);
      this.draw();
    } else if (event.key in heights) {
      const now = this.values[this.cursor][channel];
      const value = (Number.isNaN(now) ? low : now) + ((high - low) * heights[event.key]) / KEYS;
      const place = { step: this.cursor, value: Math.min(Math.max(value, low), high) };
      this.put(place, place, channel);
    } else return;
    event.preventDefault();
  }
}

/**
 * A line through the values of a channel, broken where one is missing.
 * @param {readonly (readonly number[])[]} values
 * @param {number} channel
 * @param {(step: number) => number} x
 * @param {(value: number) => number} y
 */
export function pathOf(values, channel, x, y) {
  let pen = "M";
  return values
    .map((row, step) => {
      if (Number.isNaN(row[channel])) {
        pen = "M";
        return "";
      }
      const part = `${pen}${x(step).toFixed(1)} ${y(row[channel]).toFixed(1)}`;
      pen = "L";
      return part;
    })
    .join("");
}

/**
 * A range with some room around values.
 * @param {readonly number[]} values
 * @param {number} [share] Of the range, above and below.
 * @returns {[number, number]}
 */
export function roomFor(values, share = 0.1) {
  const known = values.filter((value) => Number.isFinite(value));
  const [low, high] = known.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  if (!known.length) return [-1, 1];
  const room = (high - low || Math.abs(high) || 1) * share;
  return [low - room, high + room];
}
