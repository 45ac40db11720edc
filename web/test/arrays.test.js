/** A bundle whose runner is `arrays`: numbers in, numbers out. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { load } from "../src/index.js";
import { Tensor } from "../src/tensor.js";

const MODEL = Uint8Array.of(1, 2, 3);
const SETTINGS = {
  format: "rnnkit-bundle",
  format_version: 1,
  task: "mine",
  runner: "arrays",
  strategy: "loop",
  quantize: "none",
  max_length: 4,
  fixed_length: true,
  resets_state: false,
  features: 2,
  model: "model.tflite",
  sha256: { "model.tflite": createHash("sha256").update(MODEL).digest("hex") },
};

/** @param {number} length */
function opening(length) {
  const values = { name: "values", shape: [1, length, 2], dtype: "float32" };
  const answer = { name: "answer", shape: [1, 1], dtype: "float32" };
  return async () => ({
    signatures: new Map([
      ["serving", { inputs: new Map([["values", values]]), outputs: new Map([["answer", answer]]) }],
    ]),
    /** The sum of what is no padding. @param {string} _ @param {Record<string, Tensor>} given */
    async run(_, given) {
      const known = Array.from(given.values.data).filter((value) => !Number.isNaN(value));
      return { answer: new Tensor(Float32Array.of(known.reduce((sum, value) => sum + value, 0)), [1, 1]) };
    },
    close() {},
  });
}

/** @param {string} url */
const fetch = async (url) => {
  const content = url.endsWith(".json") ? new TextEncoder().encode(JSON.stringify(SETTINGS)) : MODEL;
  return { ok: true, status: 200, arrayBuffer: async () => Uint8Array.from(content).buffer };
};

test("sequences of numbers are answered", async () => {
  const runner = await load("here", { openModel: opening(4), fetch });
  assert.deepEqual(
    await runner.predict([
      [
        [1, 2],
        [3, 4],
      ],
      "0.5,1 2,3",
    ]),
    [10, 6.5],
  );
  assert.deepEqual(await runner.predict([]), []);
});

test("what does not fit is refused in a line", async () => {
  const runner = await load("here", { openModel: opening(4), fetch });
  await assert.rejects(runner.predict(["1,2,3"]), /Sequence 0 is \[1, 3\]; expected 1 to 4 steps of 2 finite numbers/);
  await assert.rejects(
    runner.predict([[[1, Infinity]]]),
    /Sequence 0 holds \[1, inf\] at step 0; expected 1 to 4 steps/,
  );
  await assert.rejects(runner.predict(5), /Expected a list of sequences, got 5/);
  await assert.rejects(
    load("here", { openModel: opening(5), fetch }),
    /takes \[1, 5, 2\] and gives \[1, 1\]. Export it again/,
  );
  await assert.rejects(load("here", { fetch }), /load\(\) needs the address of LiteRT.js/);
});
