/** Searches find, and seeds draw, what they do in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { golden, plain } from "./golden.js";
import { drawn, uniformNumbers } from "../src/decoding/choices.js";
import { decode } from "../src/decoding/index.js";
import * as ops from "../src/decoding/numpy_ops.js";
import { write } from "../src/decoding/writing.js";
import { Generator } from "../src/python/random.js";
import { Tensor, float32 } from "../src/tensor.js";

const CASES = golden("decoding");
/** @param {number[][]} rows */
const matrix = (rows) => float32(rows.flat(), [rows.length, rows[0].length]);
const [TABLE, LOOKS, NUMBERS] = [CASES.table, CASES.looks, CASES.numbers].map(matrix);
const MARKS = { start: 1, end: 3, pad: 0, never: null };

/** A tensor as nested lists. @param {Tensor} tensor @returns {any} */
function nested({ data, shape }) {
  if (shape.length < 2) return shape.length ? plain(data) : data[0];
  const tensor = new Tensor(data, shape);
  return Array.from({ length: shape[0] }, (_, place) => nested(tensor.row(place)));
}

/** @param {any} now @param {any} then @param {number} within */
function close(now, then, within) {
  if (Array.isArray(then)) {
    assert.equal(now.length, then.length);
    then.forEach((each, place) => close(now[place], each, within));
  } else assert.ok(Math.abs(now - then) <= within * Math.max(1, Math.abs(then)), `${now} is not ${then}`);
}

/** @type {import("../src/decoding/step.js").Step} */
const step = async (last, [state]) => {
  const rows = ops.take(TABLE, last);
  const turned = new Tensor(
    Float32Array.from(state.data, (_, at) => state.data[at - (at % 9) + 8 - (at % 9)]),
    state.shape,
  );
  return [ops.add(rows, ops.divide(state, 4)), [ops.add(turned, ops.divide(rows, 4))], ops.take(LOOKS, last)];
};

for (const { how, found } of CASES.searches) {
  test(`decode ${JSON.stringify(how)}`, async () => {
    const states = [
      float32(
        Array.from({ length: 27 }, (_, place) => (place % 5) / 2),
        [3, 9],
      ),
    ];
    const mask = float32([1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0], [3, 4]);
    const { ids, scores, aligned } = await decode(step, states, [mask], {
      marks: MARKS,
      source_mask: mask,
      max_length: 8,
      ...how,
    });
    assert.deepEqual(nested(ids), found.ids);
    assert.deepEqual(nested(/** @type {Tensor} */ (aligned)), found.aligned);
    close(nested(scores), found.scores, 1e-6);
  });
}

for (const { how, ids } of CASES.writings) {
  test(`write ${JSON.stringify(how)}`, async () => {
    const allowed = how.allowed
      ? (/** @type {number} */ row, /** @type {number} */ place) => (row + place) % 3 > 0
      : null;
    const asked = { never: [0, 2, 1], ...how, allowed, rows: 2, end: 1 };
    const made = [];
    /** @type {import("../src/decoding/writing.js").Stepper} */
    const next = async (last, states) => /** @type {[Tensor, any]} */ ((await step(last, states, [])).slice(0, 2));
    for await (const each of write(next, [ops.zeros([2, 9])], [1, 4], asked)) {
      made.push([...each]);
      if (made.length === 20) break;
    }
    assert.deepEqual(made, ids);
  });
}

test("seeds draw the same numbers", () => {
  assert.deepEqual(nested(uniformNumbers(12, [0, 3], 5)), CASES.uniform);
  const random = new Generator([0, 5]);
  const columns = CASES.chances[0].map(() => random.permutation([0.1, 0.3, 0.5, 0.7, 0.9]));
  close(
    CASES.chances.map((/** @type {any} */ _, /** @type {number} */ row) =>
      columns.map((/** @type {any} */ column) => column[row]),
    ),
    CASES.chances,
    1e-15,
  );
  assert.notEqual(new Generator(null).random(), new Generator(null).random());
});

test("sums, the largest and draws of many words", () => {
  assert.deepEqual(nested(ops.sum(NUMBERS)), CASES.sum);
  close(nested(ops.logsumexp(NUMBERS)), CASES.logsumexp, 1e-6);
  const halves = new Tensor(
    Float32Array.from(NUMBERS.data, (each) => Math.sign(each) * Math.round(Math.abs(each))),
    NUMBERS.shape,
  );
  assert.deepEqual(
    ops.topK(halves, 5).map(nested),
    CASES.top_k.map((/** @type {any} */ each) => each),
  );
  const uniform = ops.squeeze(uniformNumbers(3, [2, 0, 5], 1), -1);
  const found = [0, 7].flatMap((top_k) => [1, 0.5].map((top_p) => nested(drawn(NUMBERS, uniform, { top_k, top_p }))));
  assert.deepEqual(found, CASES.drawn);
});
