/** Prefix beam search over CTC's probabilities, with a list of words. */

import { BLANK, RULED_OUT, checkedFrames } from "./ctc.js";
import { align } from "./ctc_alignment.js";
import { RnnkitError } from "../errors.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
/** @typedef {import("./ctc.js").Hypothesis} Hypothesis */
/** @typedef {import("./lexicon.js").Lexicon} Lexicon */
/** @typedef {import("./lexicon.js").WordBoundaries} WordBoundaries */
/**
 * A prefix in the tree of all; the root is the empty one.
 * @typedef {object} Prefix
 * @property {Prefix | null} parent
 * @property {number} unit
 * @property {number} length How many units it has.
 * @property {Map<number, WeakRef<Prefix>>} children
 */
/**
 * @typedef {object} Kept
 * @property {Prefix} prefix
 * @property {number} inBlank log p of its paths that end in a blank
 * @property {number} inLabel and of those that end in its last unit
 * @property {number} added What the words add to the score.
 * @property {boolean} inside Whether it is in a word.
 * @property {number} state In the list of words.
 */

/** log(exp(x) + exp(y)). @param {number} x @param {number} y */
function logAdd(x, y) {
  const [high, low] = x > y ? [x, y] : [y, x];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** The empty text before the first frame. @returns {Kept} */
const nothing = () => ({
  prefix: { parent: null, unit: BLANK, length: 0, children: new Map() },
  inBlank: 0,
  inLabel: -Infinity,
  added: 0,
  inside: false,
  state: 0,
});

/**
 * The likeliest texts, each by the sum over all its paths; frames may come in chunks, and the answer is the same.
 *
 * score(l) = log p(l | frames) + beta words(l); Python's twin has a language model too.
 */
export class PrefixBeamSearch {
  /**
   * @param {object} [how]
   * @param {number} [how.beam_width] Hypotheses that are kept at each frame.
   * @param {number | null} [how.margin] Hypotheses whose score is lower than the best one's by more are dropped.
   * @param {WordBoundaries | null} [how.boundaries] Where words begin and end; without them each unit is a word.
   * @param {Lexicon | null} [how.lexicon] The words that may be written, with their own boundaries.
   * @param {number} [how.beta] What each word adds.
   * @throws {RnnkitError} A number is out of range.
   */
  constructor({ beam_width = 32, margin = null, boundaries = null, lexicon = null, beta = 0.0 } = {}) {
    if (!(beam_width >= 1)) {
      throw new RnnkitError(`beam_width is ${beam_width}; expected 1 hypothesis or more.`);
    }
    if (margin !== null && !(margin > 0)) {
      throw new RnnkitError(`margin is ${margin}; expected a number above 0, or null for none.`);
    }
    this.width = beam_width;
    this.margin = margin;
    this.lexicon = lexicon;
    this.boundaries = lexicon ? lexicon.boundaries : boundaries;
    this.beta = beta;
    /** @type {number | null} */
    this.classes = this.boundaries?.classes ?? null;
    /** @type {Prefix[]} */
    this.told = [];
    this.kept = [nothing()];
  }

  /** Begin another utterance. */
  reset() {
    this.classes = this.boundaries?.classes ?? null;
    this.told = [];
    this.kept = [nothing()];
  }

  /**
   * Read further frames.
   * @param {Tensor} logProbs `[frames, classes]`, as a network gives for one utterance.
   * @throws {RnnkitError} As `checkedFrames`.
   */
  feed(logProbs) {
    const frames = checkedFrames(logProbs, this.classes);
    this.classes = logProbs.shape[1];
    for (const frame of frames) this.advance(frame);
  }

  /** What was heard so far, whose last word may not be whole. @returns {Hypothesis} */
  partial() {
    const [{ prefix, added }, score] = this.bestSoFar();
    return { units: unitsOf(prefix), score, log_p: score - added, frames: null };
  }

  /**
   * The units of `partial` by what is new: how many of those at the call before are still there, and the units that
   * come behind them now.
   * @returns {[number, number[]]}
   */
  changes() {
    let [{ prefix }] = this.bestSoFar();
    /** @type {Prefix[]} */
    const found = [];
    while (prefix.parent !== null && this.told[prefix.length - 1] !== prefix) {
      found.push(prefix);
      prefix = prefix.parent;
    }
    this.told.length = prefix.length;
    for (const each of found.reverse()) this.told.push(each);
    return [prefix.length, found.map(({ unit }) => unit)];
  }

  /** The best hypothesis at this frame, and its score. @returns {[Kept, number]} */
  bestSoFar() {
    const scores = this.kept.map(({ inBlank, inLabel, added }) => logAdd(inBlank, inLabel) + added);
    const best = scores.indexOf(Math.max(...scores));
    return [this.kept[best], scores[best]];
  }

  /**
   * The best texts of all that was read, best first; further frames may still be read.
   * @param {number} [n_best] Texts at most.
   * @param {object} [how]
   * @param {Tensor | null} [how.log_probs] All frames that were read; with them each unit gets its frame, from the
   *   likeliest path (`align`).
   * @returns {Hypothesis[]}
   * @throws {RnnkitError} n_best is below 1.
   */
  finish(n_best = 1, { log_probs = null } = {}) {
    if (n_best < 1) throw new RnnkitError(`n_best is ${n_best}; expected 1 text or more.`);
    const { lexicon } = this;
    let ended = this.kept.map((each) => {
      const log_p = logAdd(each.inBlank, each.inLabel);
      const units = unitsOf(each.prefix);
      return { ...each, units, written: units, log_p, score: log_p + each.added };
    });
    if (lexicon) {
      const whole = ended.filter(({ state }) => lexicon.whole.has(state));
      ended = whole.length ? whole : ended.map((each) => ({ ...each, units: lexicon.wholeWords(each.units) }));
    }
    /** @param {number[]} written @param {number} count */
    const framesOf = (written, count) =>
      log_probs &&
      align(log_probs, written)
        .spans.slice(0, count)
        .map(({ first }) => first);
    const seen = new Set();
    return ended
      .sort((a, b) => b.score - a.score)
      .filter(({ units }) => !seen.has(units.join()) && seen.add(units.join()))
      .slice(0, n_best)
      .map(({ units, written, score, log_p }) => ({
        units,
        score,
        log_p,
        frames: framesOf(written, units.length),
      }));
  }

  /** @param {Float64Array} frame */
  advance(frame) {
    const places = new Map(this.kept.map(({ prefix }, place) => [prefix, place]));
    const stays = this.kept.map((each) => ({
      ...each,
      inBlank: logAdd(each.inBlank, each.inLabel) + frame[BLANK],
      inLabel: each.inLabel + frame[each.prefix.unit],
    }));
    /** Those that are one unit longer, and new. @type {{from: Kept, unit: number, inLabel: number, score: number}[]} */
    const grown = [];
    const merged = new Map(
      this.kept.flatMap(({ prefix }, place) => {
        const parent = prefix.parent === null ? undefined : places.get(prefix.parent);
        return parent === undefined ? [] : [[parent * frame.length + prefix.unit, place]];
      }),
    );
    this.kept.forEach((each, place) => {
      const total = logAdd(each.inBlank, each.inLabel);
      const units = this.lexicon ? this.lexicon.next[each.state].keys() : frame.keys();
      for (const unit of units) {
        if (unit === BLANK) continue;
        const inLabel = (unit === each.prefix.unit ? each.inBlank : total) + frame[unit];
        if (inLabel === -Infinity) continue;
        const longer = merged.get(place * frame.length + unit);
        if (longer !== undefined) stays[longer].inLabel = logAdd(stays[longer].inLabel, inLabel);
        else grown.push({ from: each, unit, inLabel, score: inLabel + each.added + this.gain(each, unit) });
      }
    });
    const all = [
      ...stays.map((each) => ({ score: logAdd(each.inBlank, each.inLabel) + each.added, make: () => each })),
      ...grown.map(({ from, unit, inLabel, score }) => ({ score, make: () => this.longer(from, unit, inLabel) })),
    ].filter(({ score }) => score > -Infinity);
    if (!all.length) {
      throw new RnnkitError(RULED_OUT);
    }
    const sorted = all.map(({ score }) => score).sort((a, b) => b - a);
    const least = Math.max(sorted[Math.min(this.width, sorted.length) - 1], sorted[0] - (this.margin ?? Infinity));
    let equal = this.width - sorted.filter((score) => score > least).length;
    this.kept = all.filter(({ score }) => score > least || (score === least && equal-- > 0)).map(({ make }) => make());
  }

  /** What a step adds. @param {Kept} kept @param {number} unit */
  gain({ inside }, unit) {
    return this.boundaries === null || this.boundaries.begins(inside, unit) ? this.beta : 0;
  }

  /** @param {Kept} from @param {number} unit @param {number} inLabel @returns {Kept} */
  longer(from, unit, inLabel) {
    const { children, length } = from.prefix;
    const made = () => ({ parent: from.prefix, unit, length: length + 1, children: new Map() });
    const prefix = children.get(unit)?.deref() ?? made();
    children.set(unit, new WeakRef(prefix));
    return {
      prefix,
      inBlank: -Infinity,
      inLabel,
      added: from.added + this.gain(from, unit),
      inside: unit !== this.boundaries?.separator,
      state: this.lexicon?.next[from.state].get(unit) ?? 0,
    };
  }
}

/** @param {Prefix} prefix */
function unitsOf(prefix) {
  const units = [];
  for (let at = prefix; at.parent !== null; at = at.parent) units.push(at.unit);
  return units.reverse();
}
