/** Sounds have the frames that they have in Python, whole and in chunks of any size. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { golden, plain } from "./golden.js";
import { cosineTransform, deltaFilters, hannWindow, melFilterbank, melOf } from "../src/codec/filterbank.js";
import { settingsOf } from "../src/codec/frame_settings.js";
import { ReadyFrames } from "../src/codec/ready_frames.js";
import { samplesOf } from "../src/codec/samples.js";
import { Spectrogram } from "../src/codec/spectrogram.js";
import { USUAL } from "../src/codec/spectrogram_settings.js";
import { unitsOf } from "../src/codec/transcript_units.js";
import { parseJson } from "../src/files/reading.js";
import { Tensor } from "../src/tensor.js";

const { settings, cases } = golden("sounds");

/** Samples as int16, as tests/golden/web_sounds.py has them. @param {number} count @param {number} seed */
function noise(count, seed) {
  return Int16Array.from({ length: count }, (_, place) => {
    seed = (seed * 16807) % 2147483647;
    return Math.floor((((seed % 2001) - 1000) * (place % 97)) / 10);
  });
}

/** @param {Tensor} tensor */
const rows = (tensor) => Array.from({ length: tensor.shape[0] }, (_, place) => plain(tensor.row(place).data));

/** @type {Record<string, (...given: any[]) => any>} */
const FUNCTIONS = {
  noise: (count, seed) => plain(noise(count, seed)),
  frames(name, count, seed) {
    const spectrogram = new Spectrogram(settings[name]);
    const samples = noise(count, seed);
    const whole = rows(spectrogram.encode(samples));
    for (const size of spectrogram.normalise === "utterance" ? [] : [1, 7, 48, 1000]) {
      let heard = spectrogram.start();
      const made = [];
      for (let at = 0; at < samples.length; at += size) {
        const [frames, after] = spectrogram.step(samples.slice(at, at + size), heard);
        made.push(...rows(frames));
        heard = after;
      }
      close([...made, ...rows(spectrogram.finish(heard))], whole, `chunks of ${size}`);
    }
    return whole;
  },
  settings(change) {
    const found = settingsOf(Spectrogram, new Map([...Object.entries(USUAL), ...Object.entries(change)]), "it");
    const { windowSize, hopSize, fftSize, features, context } = found;
    return [windowSize, hopSize, fftSize, features, context, found.frames(16_000)];
  },
  ready(change, given) {
    const plainly = { static: 2, hop: 10.0, deltas: 0, delta_width: 2, normalise: "utterance", memory: 256 };
    const content = new Map(Object.entries({ ...plainly, mean: [], std: [], ...change }));
    return rows(settingsOf(ReadyFrames, content, "it").encode(given, "It"));
  },
  units(content, classes, words) {
    const found = unitsOf(new Map(Object.entries(content)), "it");
    const spans = found.words(classes).map(({ text, first, end }) => [text, first, end]);
    return [found.decode(classes), spans, { classes: found.classes, ...found.boundaries() }, found.spelled(words)];
  },
  start: (name) => new Spectrogram(settings[name]).start().samples.length,
  samples_of: (given) => plain(samplesOf(given, "It")),
  matrices: () => [
    plain(hannWindow(5)),
    melOf(440),
    melFilterbank(2, 8, 8000, 100, 3900).map(plain),
    cosineTransform(3, 2).map(plain),
    deltaFilters(2, 1).map(plain),
  ],
};

/** @param {any} now @param {any} then @param {string} where */
function close(now, then, where) {
  if (Array.isArray(then)) {
    assert.equal(now.length, then.length, where);
    then.forEach((each, place) => close(now[place], each, `${where}[${place}]`));
  } else if (typeof then !== "number") assert.deepEqual(now, then, where);
  else assert.ok(Math.abs(now - then) <= 1e-4, `${where}: ${now} is not ${then}`);
}

for (const { of, given, answer, refused } of cases) {
  test(`${of} ${JSON.stringify(given).slice(0, 120)}`, () => {
    if (refused === undefined) close(FUNCTIONS[of](...given), answer, of);
    else assert.throws(() => FUNCTIONS[of](...given), { message: refused });
  });
}

test("a whole number is none where the file has a fraction", () => {
  const text = JSON.stringify(USUAL).replace("16000", "16000.0");
  const content = parseJson(new TextEncoder().encode(text), "it");
  assert.throws(() => settingsOf(Spectrogram, content, "it"), {
    message: "it: rate is 16000.0; expected a whole number from 1000 to 768000.",
  });
  assert.throws(() => settingsOf(Spectrogram, new Map([...Object.entries(USUAL), ["low", null]]), "it"), {
    message: "it: low is None; expected a number from 0 to 384000.",
  });
});

test("what is no sound is refused", () => {
  const stereo = new Tensor(new Float32Array(6), [3, 2]);
  assert.throws(() => samplesOf(stereo), /is float32 \[3, 2\]; .* Mix the channels down/);
  assert.throws(() => samplesOf(new Uint8Array(3)), /is uint8 \[3\]/);
  assert.throws(() => samplesOf(Float32Array.of(0, NaN)), /sample 2 is nan/);
  assert.throws(() => samplesOf(null), /expected samples/);
});
