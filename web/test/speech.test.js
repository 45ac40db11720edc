/** A padded file of speech is given NaN behind the samples, and its answer is cut to their steps. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileOf, filesOf } from "./recorded.js";
import { TranscriptUnits } from "../src/codec/transcript_units.js";
import { load } from "../src/index.js";
import { SpeechStream } from "../src/speech_stream.js";
import { Tensor } from "../src/tensor.js";
import { Transcriber } from "../src/transcribing.js";

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

/** A runner of one sample a step, which gives rows of its own whatever it hears. @param {number} count */
function streaming(count) {
  const units = new TranscriptUnits("character", [" ", "a", "b", "c"]);
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const rows = Array.from({ length: count }, () => {
    const made = Array.from({ length: 5 }, () => random() ** 4);
    const sum = made.reduce((a, b) => a + b);
    return Float32Array.from(made, (each) => Math.log(each / sum));
  });
  const all = new Tensor(Float32Array.from(rows.flatMap((row) => [...row])), [count, 5]);
  const runner = /** @type {any} */ ({
    ...{ units, hops: 1, stride: 1, stepSize: 1 },
    front: { hopSize: 1, frames: (/** @type {number} */ heard) => heard },
    firstStates: async () => [0],
    nextStates: async (/** @type {any} */ _, /** @type {number[]} */ [place]) => [rows[place], [place + 1]],
  });
  return { units, all, rows, runner };
}

for (const how of [{}, { beam_width: 4 }, { beam_width: 4, lexicon: ["a", "ab", "cb"], beta: 0.3 }]) {
  test(`a stream says what the whole says, and reads each unit about once: ${JSON.stringify(how)}`, async () => {
    const { units, all, rows, runner } = streaming(1500);
    const transcriber = new Transcriber(units, [], 0.1, 0, how);
    const stream = new SpeechStream(runner, transcriber);
    await stream.reset();
    const reference = transcriber.search();
    let read = 0;
    const part = units.part.bind(units);
    for (const row of rows) {
      reference.feed(new Tensor(row, [1, 5]));
      units.part = (one) => (read++, part(one));
      const text = await stream.step(new Float32Array(1));
      units.part = part;
      assert.equal(text, units.decode(reference.partial().units));
    }
    const count = reference.partial().units.length;
    assert.ok(count > 500 && read >= count && read < 2 * count, `${read} of ${count}`);
    assert.equal(stream.rows.length, transcriber.timesWords ? 0 : rows.length);
    const whole = transcriber.answer(all);
    assert.deepEqual(await stream.finish(), whole);
    const blind = new SpeechStream(runner, transcriber, false);
    await blind.reset();
    await blind.step(new Float32Array(rows.length));
    assert.equal(await blind.finishText(), whole.text);
    assert.equal(blind.rows.length, 0);
    if (!transcriber.timesWords) await assert.rejects(blind.finish(), { message: /keeps no log-probabilities/ });
  });
}
