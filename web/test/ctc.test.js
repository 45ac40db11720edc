/** CTC's searches and alignments find what they do in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { golden } from "./golden.js";
import { GreedySearch, checkedFrames, collapse, minFrames } from "../src/decoding/ctc.js";
import { TranscriptUnits } from "../src/codec/transcript_units.js";
import { align } from "../src/decoding/ctc_alignment.js";
import { PrefixBeamSearch } from "../src/decoding/ctc_beam.js";
import { Transcriber } from "../src/transcribing.js";
import { Lexicon, WordBoundaries } from "../src/decoding/lexicon.js";
import { Tensor, float32 } from "../src/tensor.js";

const CASES = golden("ctc");
const [CLASSES, SEPARATOR, STARTS] = [5, 4, [1, 3]];
const WORDS = [[1, 2], [1], [3, 3, 2]];
/** @param {number[][]} rows */
const matrix = (rows) => new Tensor(Float64Array.from(rows.flat()), [rows.length, rows[0].length]);
const FRAMES = matrix(CASES.frames);
/** @param {number} from @param {number} [to] */
const part = (from, to) => matrix(CASES.frames.slice(from, to));

/** @param {string | undefined} kind */
function boundariesOf(kind) {
  if (kind === "separator") return new WordBoundaries(CLASSES, { separator: SEPARATOR });
  if (kind === "single") return new WordBoundaries(CLASSES, { starts: [] });
  return new WordBoundaries(CLASSES, kind === "starts" ? { starts: STARTS } : {});
}

/** @param {number} now @param {number} then */
const near = (now, then) => assert.ok(Math.abs(now - then) < 1e-4, `${now} is not ${then}`);

/** @param {import("../src/decoding/ctc.js").Hypothesis} found @param {any[]} then */
function same({ units, score, log_p, frames }, then) {
  assert.deepEqual([units, frames], [then[0], then[3]]);
  near(score, then[1]);
  near(log_p, then[2]);
}

/** @param {any} given */
function searchOf({ how, words, listed }) {
  const boundaries = boundariesOf(words);
  return new PrefixBeamSearch({ ...how, boundaries, lexicon: listed ? new Lexicon(listed, boundaries) : null });
}

for (const given of CASES.searches) {
  test(`prefix beam search ${JSON.stringify({ ...given, partial: undefined, found: undefined })}`, () => {
    const search = searchOf(given);
    search.feed(part(0, 6));
    same(search.partial(), given.partial);
    for (const again of [false, true]) {
      if (again) search.reset();
      for (let frame = again ? 0 : 6; frame < CASES.frames.length; frame++) search.feed(part(frame, frame + 1));
      const found = search.finish(2, { log_probs: FRAMES });
      assert.equal(found.length, given.found.length);
      found.forEach((each, place) => same(each, given.found[place]));
    }
  });
}

for (const given of CASES.tied) {
  test(`of equal texts the same come first: ${JSON.stringify(given)}`, () => {
    const search = searchOf(given);
    search.feed(matrix(new Array(3).fill(new Array(CLASSES).fill(-1))));
    const found = search.finish(3).map(({ units }) => units);
    assert.deepEqual(found, given.found);
  });
}

test("the best path", () => {
  const search = new GreedySearch();
  search.feed(part(0, 1));
  search.feed(part(1));
  same(search.finish()[0], CASES.greedy);
  same(search.partial(), CASES.greedy);
  for (const [path, units, frames] of CASES.texts) {
    assert.deepEqual([collapse(path), minFrames(path)], [units, frames]);
  }
});

test("all chunks of an utterance have the same classes", () => {
  for (const search of [new GreedySearch(), new PrefixBeamSearch()]) {
    search.feed(float32([0, 0, 0], [1, 3]));
    const other = float32([0, 0, 0, 0], [1, 4]);
    assert.throws(() => search.feed(other), {
      message: "The log-probabilities are [1, 4]; expected [frames, 3 classes].",
    });
    search.reset();
    search.feed(other);
  }
});

test("alignments", () => {
  for (const { units, path, spans } of CASES.aligned) {
    const found = align(FRAMES, units);
    assert.deepEqual(found.path, path);
    const { data, shape } = FRAMES;
    near(
      found.log_p,
      path.reduce((/** @type {number} */ sum, /** @type {number} */ unit, /** @type {number} */ frame) => {
        return sum + data[frame * shape[1] + unit];
      }, 0),
    );
    assert.equal(found.spans.length, spans.length);
    found.spans.forEach(({ unit, first, last, log_p }, place) => {
      assert.deepEqual([unit, first, last], spans[place].slice(0, 3));
      near(log_p, spans[place][3]);
    });
  }
});

test("words and lists of them", () => {
  const kinds = [undefined, "separator", "starts"];
  assert.deepEqual(
    kinds.map((kind) => boundariesOf(kind).words([2, 1, 4, 4, 3, 2])),
    CASES.words,
  );
  const lexicon = new Lexicon(WORDS, boundariesOf("separator"));
  const texts = [[], [1, 4, 3, 3, 2], [1, 4], [3, 3]];
  assert.deepEqual(
    texts.map((text) => lexicon.allows(text)),
    CASES.allowed,
  );
  assert.deepEqual([boundariesOf("separator").ends(true, 4), boundariesOf("starts").ends(true, 2)], [true, false]);
});

/** @type {Record<string, () => any>} */
const REFUSED = {
  shape: () => checkedFrames(float32(new Array(6).fill(0), [2, 3]), 4),
  number: () => checkedFrames(float32([NaN], [1, 1])),
  beam: () => new PrefixBeamSearch({ beam_width: 0 }),
  both: () => new WordBoundaries(4, { separator: 1, starts: [2] }),
  boundary: () => new WordBoundaries(4, { separator: 4 }),
  word: () => new Lexicon([[1, 4, 2]], boundariesOf("separator")),
  start: () => new Lexicon([[2]], boundariesOf("starts")),
  empty: () => new Lexicon([], boundariesOf(undefined)),
  short: () => align(part(0, 2), [1, 1]),
  unit: () => align(FRAMES, [5]),
  never_greedy: () => new GreedySearch().feed(float32([-1e30, -1e30], [1, 2])),
  never: () => new PrefixBeamSearch().feed(float32([-1e30, -1e30], [1, 2])),
};

test("what cannot be searched is refused with Python's words", () => {
  assert.deepEqual(Object.keys(REFUSED), Object.keys(CASES.refused));
  for (const [name, given] of Object.entries(REFUSED)) {
    assert.throws(given, { name: "RnnkitError", message: CASES.refused[name] });
  }
});

test("several answers are different texts", () => {
  const logs = (/** @type {number[][]} */ rows) => float32(rows.flat().map(Math.log), [rows.length, rows[0].length]);
  const cases = /** @type {const} */ ([
    ["character", [" ", "a", "b"], [[0.1, 0.05, 0.8, 0.05], [0.3, 0.5, 0.1, 0.1]]], // "a" with a blank sign and without
    ["subword", ["\u2581a", "b", "\u2581ab"], [[0.1, 0.4, 0.1, 0.4], [0.3, 0.1, 0.5, 0.1]]], // "ab" in two pieces
  ]); // prettier-ignore
  for (const [kind, units, rows] of cases) {
    const frames = logs(rows.map((row) => [...row]));
    const transcriber = new Transcriber(new TranscriptUnits(kind, [...units]), [], 0.03, 0, { n_best: 4 });
    const { text, others } = transcriber.answer(frames);
    const texts = [text, ...others.map(([other]) => other)];
    assert.equal(texts.length, 4);
    assert.equal(new Set(texts).size, 4);
    assert.deepEqual(
      others,
      [...others].sort((a, b) => b[1] - a[1]),
    );
  }
  const wide = new Transcriber(new TranscriptUnits("character", ["a"]), [], 0.03, 0, { n_best: 100 });
  assert.equal(wide.beamWidth, 200);
});

test("a word that is written in silence added to a recording was said within it", () => {
  const rows = [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]]; // prettier-ignore
  const frames = float32(rows.flat().map(Math.log), [5, 3]);
  for (const how of [{}, { beam_width: 4 }]) {
    const { words } = new Transcriber(new TranscriptUnits("word", ["yes", "no"]), [], 0.5, 1.25, how).answer(frames);
    assert.deepEqual(
      words.map(({ text, start, end }) => [text, start, end]),
      [["yes", 0, 0.5], ["no", 1.25, 1.25]],
    ); // prettier-ignore
  }
});
