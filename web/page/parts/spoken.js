/** A recording's spectrogram with its letters at their steps and its words below. */

import { fill, h } from "./dom.js";
import { brief } from "./words.js";

const [SLOW, FAST, LETTER, GAP] = [60, 300, 9, 3]; // pixels of a second, of a letter, and between two units
const [COLUMNS, DEPTH] = [1500, 9]; // of the picture, and of what is seen, in nats
const [LEAST, TICK] = [260, 64]; // pixels of the picture, and between two times
const INK = [74, 134, 190]; // seen on a light page and on a dark one
const EVERY = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * What was said, from one second to another.
 * @typedef {{text: string, start: number, end: number}} Said
 */

/**
 * Pixels of a second: so many that no two units touch, where that is not too wide.
 * @param {readonly Said[]} units
 */
export function pixelsOf(units) {
  const needed = units.slice(1).map(({ text, start, end }, place) => {
    const before = units[place];
    const apart = (start + end - before.start - before.end) / 2;
    return ((LETTER * (text.length + before.text.length)) / 2 + GAP) / Math.max(apart, 1e-6);
  });
  return Math.min(Math.max(SLOW, ...needed), FAST);
}

/**
 * How loud each band is, 0 to 1, with few enough columns to be drawn: `[columns][bands]`.
 * @param {Float32Array} samples
 * @param {import("../../src/codec/spectrogram.js").Spectrogram} spectrogram
 */
export function levels(samples, spectrogram) {
  const { hopSize, windowSize } = spectrogram;
  const count = spectrogram.filled(samples.length);
  const every = Math.max(1, Math.ceil(count / COLUMNS));
  const columns = Array.from({ length: Math.ceil(count / every) }, (_, place) => {
    const start = place * every * hopSize;
    return spectrogram.bandsOf(samples.subarray(start, start + windowSize));
  });
  const loudest = columns.reduce((most, column) => Math.max(most, ...column), -Infinity);
  return columns.map((column) => Array.from(column, (each) => Math.max(0, 1 + (each - loudest) / DEPTH)));
}

/** @param {Float32Array} samples @param {import("../../src/codec/spectrogram.js").Spectrogram} spectrogram */
function picture(samples, spectrogram) {
  const columns = levels(samples, spectrogram);
  const [width, height] = [Math.max(columns.length, 1), spectrogram.bands];
  const canvas = h("canvas", { width, height, role: "img", "aria-label": "The recording's spectrogram" });
  const pixels = new ImageData(width, height);
  columns.forEach((column, x) =>
    column.forEach((level, band) =>
      pixels.data.set([...INK, Math.round(255 * level)], 4 * ((height - 1 - band) * width + x)),
    ),
  );
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/**
 * @param {Float32Array} samples
 * @param {import("../../src/codec/spectrogram.js").Spectrogram} spectrogram
 * @param {readonly Said[]} units The letters, or whatever the network writes.
 * @param {readonly Said[]} words
 */
export function spoken(samples, spectrogram, units, words) {
  const seconds = samples.length / spectrogram.rate;
  const pixels = pixelsOf(units);
  const at = (/** @type {HTMLElement} */ element, /** @type {number} */ second) => {
    element.style.setProperty("left", `${(100 * second) / seconds}%`);
    return element;
  };
  const letters = units.map(({ text, start, end }) => at(h("span", { dir: "auto" }, text), (start + end) / 2));
  const bars = words.map(({ text, start, end }, place) => {
    const bar = at(
      h("span", { class: `colour-${place % 8}`, title: `${text}: ${time(start)} to ${time(end)}` }),
      start,
    );
    bar.style.setProperty("width", `${(100 * (Math.min(end, seconds) - start)) / seconds}%`);
    return bar;
  });
  const wide = Math.max(pixels, LEAST / seconds);
  const every = EVERY.find((step) => step * wide >= TICK) ?? EVERY[EVERY.length - 1];
  const ticks = Array.from({ length: Math.floor(seconds / every + 1e-9) + 1 }, (_, place) =>
    at(h("span", {}, `${brief(place * every)} s`), place * every),
  );
  const inner = h("div", { class: "spoken", dir: "ltr" });
  inner.style.setProperty("min-inline-size", `${Math.ceil(seconds * pixels)}px`);
  fill(
    inner,
    h("div", { class: "letters", "aria-hidden": "true" }, letters),
    picture(samples, spectrogram),
    h("div", { class: "words", "aria-hidden": "true" }, bars),
    h("div", { class: "times", "aria-hidden": "true" }, ticks),
  );
  return h("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "When it was said" }, inner);
}

/** Seconds: "0.24 s". @param {number} second */
export const time = (second) => `${second.toFixed(2)} s`;
