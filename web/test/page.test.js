/** The parts of the page that reckon: numbers that are pasted, words of pieces, one question at a time. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Asking } from "../page/parts/asking.js";
import { pathOf, roomFor } from "../page/parts/lanes.js";
import { numbersIn, written } from "../page/parts/numbers.js";
import { betweenWords, brief, bytes, milliseconds, percent, wordsOf } from "../page/parts/words.js";
import { typesOf } from "../page/tasks/token_tagger.js";

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
