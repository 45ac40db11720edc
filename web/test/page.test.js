/** The parts of the page that reckon: numbers that are pasted, words of pieces, one question at a time. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Asking } from "../page/parts/asking.js";
import { pathOf, roomFor } from "../page/parts/lanes.js";
import { numbersIn, written } from "../page/parts/numbers.js";
import { Decimator, multipleFor } from "../page/parts/resampling.js";
import { levels, pixelsOf } from "../page/parts/spoken.js";
import { plainWav } from "../page/parts/wav.js";
import { betweenWords, brief, bytes, milliseconds, percent, wordsOf } from "../page/parts/words.js";
import { typesOf } from "../page/tasks/token_tagger.js";
import { Spectrogram } from "../src/codec/spectrogram.js";

test("numbers of one channel stand in any way, but a decimal comma is refused", () => {
  const rows = [[1], [2.5], [-3e2]];
  for (const text of [
    "1 2.5 -3e2",
    "1\n2.5\n-3e2\n",
    "1, 2.5, -3e2",
    "1;2.5; -3e2",
    "1,2.5,-3e2",
    "value\n1 2.5\n-3e2",
  ])
    assert.deepEqual(numbersIn(text, ["value"]), rows, text);
  assert.throws(() => numbersIn("0,5 0,6", ["value"]), /Line 1 has '0,5': write 0.5 for a half/);
  assert.throws(() => numbersIn("1\n2 x", ["value"]), /Line 2 has 'x'; expected a number/);
  assert.throws(() => numbersIn(" \n", ["value"]), /There are no numbers/);
});

test("numbers of several channels are a step a line", () => {
  const names = ["x", "y"];
  const steps = [
    [1, 2],
    [3, NaN],
  ];
  for (const text of ["1,2\n3,nan", "x, y\n1\t2\n3 ; NaN", "1 2\r\n\r\n3 nan"])
    assert.deepEqual(numbersIn(text, names), steps);
  assert.throws(() => numbersIn("1,2\n0,5 0,6", names), /Line 2 has 4 numbers; expected 2: x, y/);
  assert.deepEqual(numbersIn(written(steps), names), steps);
});

test("entities of each scheme have types, and so colours", () => {
  assert.deepEqual(typesOf(["O", "B-LOC", "I-LOC", "B-PER"], "iob2"), ["LOC", "PER"]);
  assert.deepEqual(typesOf(["O", "B", "I"], "iob2"), ["ENTITY"]);
  assert.deepEqual(typesOf(["O", "LOC", "x-ray"], "plain"), ["LOC", "x-ray"]);
});

test("pieces become words, and their weights those of words", () => {
  const { words, places } = wordsOf(["\u2581Zwei", "\u2581Hun", "de", "."]);
  assert.deepEqual(words, ["Zwei", "Hunde."]);
  assert.deepEqual(places, [[0], [1, 2, 3]]);
  const weights = { data: [0.5, 0.2, 0.3, 0.1, 0.7, 0.2, 0.3, 0.3, 0.4, 0.2, 0.2, 0.6], shape: [4, 3] };
  const [one, two] = betweenWords(weights, places, [[0], [1, 2]]);
  assert.deepEqual(one, [0.5, 0.5]);
  two.forEach((value, place) => assert.ok(Math.abs(value - [0.2, 0.8][place]) < 1e-12));
});

test("numbers are written for people", () => {
  assert.deepEqual([percent(0.98765), percent(0)], ["98.8%", "0.0%"]);
  assert.deepEqual([bytes(733568), bytes(1441264)], ["734 kB", "1.44 MB"]);
  assert.deepEqual([0.4211, 7.26, 210.4, 1400].map(milliseconds), ["0.42 ms", "7.3 ms", "210 ms", "1.4 s"]);
  assert.deepEqual([1234.5, 12.34, 0.04567, NaN].map(brief), ["1,235", "12.3", "0.0457", "missing"]);
});

test("a line is broken where a value is missing", () => {
  const same = (/** @type {number} */ value) => value;
  assert.equal(pathOf([[1], [2], [NaN], [3]], 0, same, same), "M0.0 1.0L1.0 2.0M3.0 3.0");
  assert.deepEqual(roomFor([0, 10]), [-1, 11]);
  assert.deepEqual(roomFor([NaN]), [-1, 1]);
});

test("of questions that come while one is answered the last is answered", async () => {
  /** @type {any[]} */
  const shown = [];
  /** @type {unknown[]} */
  const failed = [];
  const asking = new Asking((error) => failed.push(error));
  const slow = (/** @type {any} */ answer) => async () => {
    await new Promise((done) => setTimeout(done, 20));
    if (answer === "bad") throw new Error("bad");
    return answer;
  };
  for (const each of ["a", "b"]) asking.ask(slow(each), (answer) => shown.push(answer));
  await new Promise((done) => setTimeout(done, 10));
  for (const each of ["c", "bad", "d"]) asking.ask(slow(each), (answer) => shown.push(answer));
  await new Promise((done) => setTimeout(done, 150));
  assert.deepEqual(shown, ["d"]);
  asking.ask(slow("bad"), (answer) => shown.push(answer));
  await new Promise((done) => setTimeout(done, 80));
  assert.deepEqual([shown.length, failed.length], [1, 1]);
});

test("a browser is asked for a rate that it has, and the samples are made fewer", () => {
  assert.deepEqual([1000, 2000, 3500, 8000, 44_100].map(multipleFor), [8, 4, 3, 1, 1]);
  const wave = (/** @type {number} */ hertz, /** @type {number} */ rate) =>
    Float32Array.from({ length: rate / 2 }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));
  const decimated = (/** @type {number} */ hertz, /** @type {number} */ size) => {
    const [decimator, given] = [new Decimator(4), wave(hertz, 8000)];
    const made = [];
    for (let at = 0; at < given.length; at += size) made.push(...decimator.take(given.subarray(at, at + size)));
    return [...made, ...decimator.finish()];
  };
  const whole = decimated(700, 4000);
  assert.equal(whole.length, 1000);
  const inner = (/** @type {ArrayLike<number>} */ row) => Array.from(row).slice(50, -50);
  inner(whole).forEach((value, at) => assert.ok(Math.abs(value - inner(wave(700, 2000))[at]) < 2e-3));
  for (const size of [1, 7, 512]) assert.deepEqual(decimated(700, size), whole);
  for (const hertz of [1150, 1900, 3700])
    assert.ok(inner(decimated(hertz, 4000)).every((each) => Math.abs(each) < 5e-3));
  const same = wave(900, 8000);
  assert.deepEqual(new Decimator(1).take(same), same);
});

/**
 * A WAV file.
 * @param {number} codec
 * @param {number} bits
 * @param {number} channels
 * @param {number[]} bytes
 * @param {Partial<{rate: number, size: number}>} [how]
 */
function wavOf(codec, bits, channels, bytes, { rate = 2000, size = bytes.length } = {}) {
  const view = new DataView(new ArrayBuffer(54 + bytes.length));
  const text = (/** @type {number} */ at, /** @type {string} */ mark) =>
    [...mark].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  text(8, "WAVEnote");
  view.setUint32(16, 1, true); // an odd chunk, filled up to two bytes
  text(22, "fmt ");
  [16, codec, channels, rate, 0, 0, bits].reduce((at, value, place) => {
    const wide = [0, 3, 4].includes(place);
    if (wide) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
    return at + (wide ? 4 : 2);
  }, 26);
  text(46, "data");
  view.setUint32(50, size, true);
  bytes.forEach((byte, at) => view.setUint8(54 + at, byte));
  return view.buffer;
}

test("plain WAV files are read as they are, and others left to the browser", () => {
  const read = (/** @type {Parameters<typeof wavOf>} */ ...given) => {
    const found = plainWav(wavOf(...given));
    return found && [found.rate, ...found.samples];
  };
  assert.deepEqual(read(1, 8, 1, [0, 128, 192]), [2000, -1, 0, 0.5]);
  assert.deepEqual(read(1, 16, 1, [0, 64, 0, 128]), [2000, 0.5, -1]);
  assert.deepEqual(read(1, 16, 2, [0, 64, 0, 128]), [2000, -0.25]);
  assert.deepEqual(read(1, 24, 1, [0, 0, 64, 0, 0, 192, 128, 0, 0]), [2000, 0.5, -0.5, 2 ** -16]);
  assert.deepEqual(read(1, 32, 1, [0, 0, 0, 192]), [2000, -0.5]);
  assert.deepEqual(read(3, 32, 1, [0, 0, 128, 62], { rate: 16_000 }), [16_000, 0.25]);
  assert.equal(read(3, 32, 1, [0, 0, 128, 127]), null); // infinity
  assert.equal(read(2, 4, 1, [0, 0]), null);
  assert.equal(read(1, 16, 1, [0, 64], { size: 8 }), null); // cut short
  assert.equal(plainWav(new TextEncoder().encode("RIFF").buffer), null);
  assert.equal(plainWav(new ArrayBuffer(0)), null);
});

test("letters that are near have room, and a spectrogram has few enough columns", () => {
  const said = (/** @type {string} */ text, /** @type {number} */ start) => ({ text, start, end: start + 0.03 });
  assert.equal(pixelsOf([]), 60);
  assert.equal(pixelsOf([said("a", 0), said("b", 3)]), 60);
  assert.equal(Math.round(pixelsOf([said("a", 0), said("b", 0.1)])), 120); // 9 pixels and 3 in a tenth of a second
  assert.equal(pixelsOf([said("a", 0), said("b", 0.001)]), 300);
  const spectrogram = new Spectrogram({ rate: 8000, bands: 12 });
  const tone = Float32Array.from({ length: 8000 }, (_, at) => (at < 4000 ? 0 : Math.sin(at * 0.8)));
  const columns = levels(tone, spectrogram);
  assert.deepEqual([columns.length, columns[0].length], [98, 12]);
  assert.ok(columns.flat().every((level) => level >= 0 && level <= 1));
  assert.deepEqual([Math.max(...columns[0]), Math.max(...columns.flat())], [0, 1]);
  assert.ok(levels(new Float32Array(8000 * 40), spectrogram).length <= 1500);
});
