/** The search for what was said: greedy, or a beam with a list of words. Twin of rnnkit/lite/transcribing.py. */

import { transcriptOf, transcriptOfSpans } from "./answers/transcripts.js";
import { GreedySearch } from "./decoding/ctc.js";
import { PrefixBeamSearch } from "./decoding/ctc_beam.js";
import { Lexicon, WordBoundaries } from "./decoding/lexicon.js";
import { RnnkitError } from "./errors.js";
import { checkedOptions } from "./options.js";
import { cut, repr } from "./python/text.js";

/** As a list of words: those of the training transcripts. */
export const OWN_WORDS = "words";
const USUAL_BEAM = 32;
/** Options of `predict`; Python's twin has a language model too. @type {Record<string, import("./options.js").Spec>} */
export const TRANSCRIPT_OPTIONS = {
  beam_width: { kind: "whole", default: 0, low: 0, high: 4096 }, // 0: 32 or more with the others, alone 1: greedy
  lexicon: { kind: "text", default: "" }, // the only words written: words (those of the training data)
  beta: { kind: "number", default: 0.0, low: -100, high: 100 }, // what each word adds to a score
  n_best: { kind: "whole", default: 1, low: 1, high: 1000 }, // different texts of a recording, the best first
};

/** Makes answers of log-probabilities. */
export class Transcriber {
  /**
   * @param {import("./codec/transcript_units.js").TranscriptUnits} units The network's.
   * @param {readonly string[]} words Those of the training transcripts.
   * @param {number} seconds From one frame of log-probabilities to the next.
   * @param {number} tail Seconds of silence that the front end adds to each recording; nothing was said there.
   * @param {Record<string, any>} how `TRANSCRIPT_OPTIONS`, those asked for; `lexicon` may also be an array of words.
   * @throws {RnnkitError} An option is unknown or out of range, or nothing of the list of words can be written.
   */
  constructor(units, words, seconds, tail, how) {
    const listed = Array.isArray(how.lexicon) ? how.lexicon : null;
    const options = checkedOptions(TRANSCRIPT_OPTIONS, listed === null ? how : { ...how, lexicon: OWN_WORDS });
    this.units = units;
    this.seconds = seconds;
    this.tail = tail;
    this.options = options;
    this.lexicon = options.lexicon ? lexiconOf(units, listed ?? words, options.lexicon) : null;
    const more = this.lexicon !== null || options.n_best > 1;
    this.beamWidth = options.beam_width || (more ? Math.max(USUAL_BEAM, 2 * options.n_best) : 1);
    if (this.beamWidth === 1 && more) {
      throw new RnnkitError(
        "beam_width is 1, greedy, which has no use for words, a language model or several answers. Leave it out.",
      );
    }
  }

  /** A search at the beginning of an utterance. */
  search() {
    if (this.beamWidth === 1) return new GreedySearch();
    const boundaries = this.lexicon ? null : new WordBoundaries(this.units.classes, this.units.boundaries());
    const { lexicon, beamWidth } = this;
    return new PrefixBeamSearch({ beam_width: beamWidth, boundaries, lexicon, beta: this.options.beta });
  }

  /** The answer to a whole recording. @param {import("./tensor.js").Tensor} logProbs `[frames, classes]`. */
  answer(logProbs) {
    const search = this.search();
    search.feed(logProbs);
    return this.found(search, logProbs);
  }

  /** Whether its search knows by itself when words were said; otherwise `found` needs all log-probabilities. */
  get timesWords() {
    return this.beamWidth === 1;
  }

  /**
   * The answer of a search that was fed with these log-probabilities, and the next best texts. Different units may say
   * one text, such as with a blank sign more: it is there once, with the best score.
   * @param {GreedySearch | PrefixBeamSearch} search
   * @param {import("./tensor.js").Tensor} logProbs Which a search that `timesWords` makes no use of.
   * @returns {import("./answers/transcripts.js").Transcript}
   */
  found(search, logProbs) {
    if (search instanceof GreedySearch) {
      return transcriptOfSpans(search.spans, search.silence, this.units, this.seconds, this.end(search.time));
    }
    const { n_best } = this.options;
    const [best, ...others] = n_best === 1 ? search.finish() : search.finish(this.beamWidth);
    const made = transcriptOf(logProbs, best.units, this.units, this.seconds, this.end(logProbs.shape[0]));
    const texts = new Map([[made.text, best.score]]);
    for (const { units, score } of others) {
      const text = this.units.decode(units);
      if (!texts.has(text)) texts.set(text, score);
    }
    return { ...made, others: [...texts].slice(1, n_best) };
  }

  /** The end of a recording with so many steps, in seconds. @param {number} steps */
  end(steps) {
    return Math.max(steps * this.seconds - this.tail, 0);
  }
}

/** The text of what a search has heard so far: units that have not changed are not read again. */
export class TextSoFar {
  /**
   * @param {GreedySearch | PrefixBeamSearch} search
   * @param {import("./codec/transcript_units.js").TranscriptUnits} units The network's.
   */
  constructor(search, units) {
    this.search = search;
    this.units = units;
    this.known = "";
    /** The length of the text behind each unit, and whether a blank sign comes before the next letter. */
    this.marks = [{ length: 0, blank: false }];
  }

  get text() {
    const [stay, added] = this.search.changes();
    if (added.length || stay + 1 < this.marks.length) {
      this.marks.length = stay + 1;
      let { length, blank } = this.marks[stay];
      this.known = this.known.slice(0, length);
      for (const unit of added) {
        const [ends, letters] = this.units.part(unit);
        blank ||= ends && length > 0;
        if (letters) {
          this.known += blank ? ` ${letters}` : letters;
          [length, blank] = [this.known.length, false];
        }
        this.marks.push({ length, blank });
      }
    }
    return this.known;
  }
}

/**
 * @param {import("./codec/transcript_units.js").TranscriptUnits} units
 * @param {readonly string[]} words
 * @param {string} given
 */
function lexiconOf(units, words, given) {
  if (given !== OWN_WORDS) {
    throw new RnnkitError(
      `lexicon is ${cut(repr(given), 80)}; expected "words", those of the training data, or an array.`,
    );
  }
  const spelled = units.spelled(words);
  if (!spelled.length) {
    throw new RnnkitError(
      `The list of words ${cut(repr(given), 80)} has none that this network's ${units.kind}s spell.`,
    );
  }
  return new Lexicon(spelled, new WordBoundaries(units.classes, units.boundaries()));
}
