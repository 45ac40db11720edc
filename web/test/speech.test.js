/** A padded file of speech is given NaN behind the samples, and its answer is cut to their steps. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileOf, filesOf } from "./recorded.js";
import { load } from "../src/index.js";
import { Tensor } from "../src/tensor.js";

const [LENGTH, STEPS, CLASSES] = [400, 12, 12]; // at 1,000 samples a second, a step is 30 of them

/** The bundle of tests/formats as if its file were padded: a step says the class of its number. */
async function padded(more = {}) {
  const about = JSON.parse(fileOf("speech_recognizer", "bundle.json").toString("utf-8"));
  const changed = { ...about, strategy: "padded", fixed_length: true, max_length: LENGTH, states: 0, ...more };
  /** @type {number[]} */
  const real = [];
  /** @type {import("../src/runtime.js").OpenModel} */
  const openModel = async () => ({
    signatures: new Map([
      [
        "serving_default",
        {
          inputs: new Map([["samples", { name: "samples", shape: [1, LENGTH], dtype: "float32" }]]),
          outputs: new Map([["log_probs", { name: "log_probs", shape: [1, STEPS, CLASSES], dtype: "float32" }]]),
        },
      ],
    ]),
    async run(_, { samples }) {
      assert.deepEqual(samples.shape, [1, LENGTH]);
      real.push(samples.data.findIndex(Number.isNaN));
      const made = Float32Array.from({ length: STEPS * CLASSES }, (_, place) =>
        place % CLASSES === Math.floor(place / CLASSES) ? 0 : -9,
      );
      return { log_probs: new Tensor(made, [1, STEPS, CLASSES]) };
    },
    close() {},
  });
  const text = Buffer.from(JSON.stringify(changed));
  const runner = await load("BUNDLE/", {
    openModel,
    fetch: filesOf("speech_recognizer", { "bundle.json": text }),
  });
  return { runner, real };
}

test("a padded file is given NaN behind the samples, and answers for these alone", async () => {
  const { runner, real } = await padded();
  const counts = [85, 120, 399, 400];
  const rows = await runner.logProbs(counts.map((count) => new Float32Array(count)));
  assert.deepEqual(real, [85, 120, 399, -1]);
  assert.deepEqual(
    rows.map((/** @type {Tensor} */ row) => row.shape),
    counts.map((count) => [Math.floor((1 + Math.floor((count - 25) / 10)) / 3), CLASSES]),
  );
  const [answer] = await runner.predict(new Float32Array(120));
  assert.equal(answer.text, runner.units.decode([1, 2]));
});

test("a longer recording than a padded file takes is refused in the line of Python", async () => {
  const { runner } = await padded();
  await assert.rejects(runner.predict(new Float32Array(401)), {
    name: "RnnkitError",
    message:
      "Recording 1 has 401 samples; this bundle takes up to 400: export it with --length N or --strategy loop, " +
      "which take more.",
  });
});

test("a file that gives fewer steps than its bundle says is refused", async () => {
  const { runner } = await padded({ stride: 2 });
  assert.equal((await runner.logProbs([new Float32Array(250)]))[0].shape[0], 11);
  await assert.rejects(runner.logProbs([new Float32Array(400)]), {
    name: "RnnkitError",
    message: "BUNDLE: the model gives 12 steps; expected 19. Export it again.",
  });
});
