/** Texts are read as in Python, hostile ones and every single character too. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf, golden, plain, short } from "./golden.js";
import { canonical, canonicalName, composed, isOneWord, normalised } from "../src/codec/normalise.js";
import { wordsAndSigns } from "../src/codec/piece_splits.js";
import { Pieces } from "../src/codec/pieces.js";
import { Bytes, Characters } from "../src/codec/text_units.js";
import { RegexTokenizer } from "../src/codec/tokenizer.js";
import { unitTokenizer } from "../src/codec/unit_tokenizers.js";
import { Vocabulary } from "../src/codec/vocabulary.js";
import * as features from "../src/codec/word_features.js";
import { Subwords, Words } from "../src/codec/word_units.js";
import { splitWords } from "../src/codec/words.js";
import { oneLine } from "../src/errors.js";
import { repr } from "../src/python/text.js";
import { split } from "../src/python/unicode.js";

const CASES = golden("texts");
const { words, letters, bpe, unigram, ranges } = CASES.settings;
/** @param {string} name */
const tokenizer = (name) => (/** @type {string} */ text) => new RegexTokenizer(name).split(text);
const byte = new Bytes();
const bpePieces = new Pieces("bpe", bpe);

/** @type {Record<string, (text: string) => any>} */
export const FUNCTIONS = {
  canonical,
  canonical_name: canonicalName,
  composed,
  normalised,
  is_one_word: isOneWord,
  split_words: splitWords,
  words: tokenizer("words"),
  unicode: tokenizer("unicode"),
  ascii: tokenizer("ascii"),
  characters: (text) => unitTokenizer("character").split(text),
  bytes: (text) =>
    unitTokenizer("byte")
      .split(text)
      .map((each) => each.slice(3, 5))
      .join(""),
  words_and_signs: (text) => (split(text).join("") === text ? wordsAndSigns(text) : null),
  lower_zero: features.normalised,
  casing: (text) => split(text).map(features.casing),
  shortened: (text) => features.shortened(text, 7),
  vocabulary: (text) => new Vocabulary(words).encode(new RegexTokenizer().split(text), 20),
  features: (text) => {
    const [ids, casings, flat] = new features.WordFeatures(new Vocabulary(words), new Vocabulary(letters), 6).encode(
      splitWords(text).map(([token]) => token),
    );
    return [ids, casings, Array.from(ids, (_, row) => flat.slice(row * 6, row * 6 + 6))];
  },
  bpe: (text) => bpePieces.split(text),
  bpe_ids: (text) => bpePieces.encode(text),
  unigram: (text) => new Pieces("unigram", Object.keys(unigram), Object.values(unigram)).split(text),
  word_pieces: (text) => new Pieces("word", ["▁good", "film", "!"]).ofOneSpelling().split(text),
  character_units: (text) => new Characters(letters).encode(text),
  byte_units: (text) => byte.decode(byte.encode(text)),
  subword_units: (text) => new Subwords(bpePieces).encode(text),
  token_units: (text) => new Words("token", new Vocabulary(words)).split(text),
  one_line: oneLine,
  repr,
};

for (const file of ["texts", "later"]) {
  const cases = golden(file);
  for (const [name, answers] of Object.entries(cases.answers)) {
    test(`${file}: ${name}`, () => {
      cases.texts.forEach((/** @type {string} */ text, /** @type {number} */ place) =>
        assert.deepEqual(
          short(plain(FUNCTIONS[name](text))),
          answers[place],
          `text ${place}: ${JSON.stringify(text).slice(0, 200)}`,
        ),
      );
    });
  }
}

for (const [name, digest] of Object.entries(golden("later").digests)) {
  test(`every character: ${name}`, () => {
    const answers = [];
    for (const [low, high] of ranges) {
      for (let code = low; code < high; code++) answers.push(plain(FUNCTIONS[name](`a${String.fromCodePoint(code)}b`)));
    }
    assert.equal(digestOf(answers), digest);
  });
}
