/** The clients of docs/clients: the one in JavaScript answers the golden cases, and the others have its patterns. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { golden, plain, short } from "./golden.js";
import { fileOf, replaying } from "./recorded.js";
import { openClient } from "../../docs/clients/client.js";
import * as reading from "../../docs/clients/reading.js";

const DOCS = new URL("../../docs/", import.meta.url);
const BUNDLES = golden("bundles").tasks;
const TEXTS = golden("texts");

/** What the client needs of `@litertjs/core`, answering what the model answered in Python. @param {string} task */
function runtime(task) {
  const open = replaying(BUNDLES[task].models);
  class Tensor {
    /** @param {any} values @param {number[]} shape */
    constructor(values, shape) {
      Object.assign(this, { values, shape });
    }
  }
  /** @param {Uint8Array} bytes */
  const loadAndCompile = async (bytes) => {
    const model = await open(bytes);
    /** @param {Record<string, any>} given */
    const run = async (given) => {
      const inputs = Object.entries(given).map(([name, { values, shape }]) => [name, { data: values, shape }]);
      const made = await model.run("serving_default", Object.fromEntries(inputs));
      return Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name, { data: async () => data }]));
    };
    return { signatures: { serving_default: { run } } };
  };
  return { Tensor, loadAndCompile };
}

/** @param {string} task @param {Record<string, Uint8Array>} [changed] */
const opened = (task, changed = {}) =>
  openClient(async (/** @type {string} */ name) => changed[name] ?? Uint8Array.from(fileOf(task, name)), runtime(task));
const texts = (/** @type {any} */ { given }) => [given[0]].flat().filter((each) => typeof each === "string");

test("the classifier answers the golden cases", async () => {
  const client = await opened("text_classifier");
  let asked = 0;
  for (const each of BUNDLES.text_classifier.cases) {
    for (const [place, text] of texts(each).entries()) {
      const found = await client.classify(text);
      const golden = Object.values(each.answers[place].probabilities);
      assert.deepEqual(
        found.map(({ label }) => label),
        Object.keys(each.answers[place].probabilities),
      );
      assert.ok(
        found.every(({ probability }, at) => Math.abs(probability - golden[at]) < 1e-6),
        text,
      );
      asked += 1;
    }
  }
  assert.ok(asked > 10);
});

test("the tagger answers the golden cases", async () => {
  const client = await opened("token_tagger");
  let asked = 0;
  for (const each of BUNDLES.token_tagger.cases) {
    for (const [place, sentence] of texts(each).entries()) {
      const { entities } = each.answers[place];
      assert.deepEqual(
        (await client.tag(sentence)).map(({ type, start, end }) => [type, sentence.slice(start, end)]),
        entities.map((/** @type {any} */ { type, text }) => [type, text]),
        sentence,
      );
      asked += 1;
    }
  }
  assert.ok(asked > 25);
});

for (const [file, changed] of Object.entries({
  "labels.txt": "neg\nPOS\n",
  "bundle.json": JSON.stringify({ format: "rnnkit-bundle", format_version: 2 }),
})) {
  test(`an altered ${file} is refused`, () =>
    assert.rejects(opened("text_classifier", { [file]: Buffer.from(changed) }), /not the file|does not read/));
}

/** @type {Record<string, (text: string) => any>} */
const FUNCTIONS = {
  canonical: reading.canonical,
  split_words: (text) => {
    const count = (/** @type {number} */ place) => Array.from(text.slice(0, place)).length; // code points, as Python
    return reading.tokensOf(text).map(({ token, start, end }) => [token, count(start), count(end)]);
  },
  words: (text) => reading.wordsOf(text, "words"),
  unicode: (text) => reading.wordsOf(text, "unicode"),
  ascii: (text) => reading.wordsOf(text, "ascii"),
  features: (text) => {
    const [words, letters] = [vocabulary(TEXTS.settings.words), vocabulary(TEXTS.settings.letters)];
    const found = reading.tokensOf(text).map(({ token }) => reading.featuresOf(token, words, letters, 6));
    return [found.map(({ word }) => word), found.map((each) => each.casing), found.map((each) => each.letters)];
  },
};
const vocabulary = (/** @type {string[]} */ words) => new Map(words.map((word, place) => [word, place + 3]));

for (const [name, asked] of Object.entries(FUNCTIONS)) {
  test(`texts are read as in Python: ${name}`, () => {
    TEXTS.texts.forEach((/** @type {string} */ text, /** @type {number} */ place) => {
      if (text.length > 1000) return; // such words are composed in parts
      assert.deepEqual(short(plain(asked(text))), TEXTS.answers[name][place], `${place}: ${JSON.stringify(text)}`);
    });
  });
}

/** The patterns that a text defines, with the names in them replaced. @param {string} text @param {RegExp} form */
function patterns(text, form) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, name, pattern] of text.matchAll(form))
    found[name] = pattern.replace(/[$]\{(\w+)\}|\\#\((\w+)\)/g, (_, one, other) => found[one ?? other]);
  return found;
}

test("the page and all clients have the same patterns", () => {
  const source = (/** @type {string} */ file) => readFileSync(new URL(file, DOCS), "utf-8");
  const page = patterns(source("bundle_format.md"), /^([A-Z]+) = (.*)$/gm);
  for (const [file, form] of Object.entries({
    "reading.js": /^const ([A-Z]+) = R`(.*)`;$/gm,
    "Reading.kt": /^private const val ([A-Z]+) =\s+"""(.*)"""$/gm,
    "Reading.swift": /^private let ([A-Z]+) =\s+#"(.*)"#$/gm,
  }))
    assert.deepEqual(patterns(source(`clients/${file}`), form), page, file);
  assert.ok(Object.keys(page).length > 20 && page.TOKEN.length > 1000);
});
