/** From the log-probabilities of frames to what was said, and when. */

import { BLANK, checkedFrames } from "../decoding/ctc.js";
import { align } from "../decoding/ctc_alignment.js";

/**
 * A word of a transcript: seconds from the recording's beginning, and the geometric mean of its units' probabilities.
 * @typedef {{text: string, start: number, end: number, confidence: number}} SpokenWord
 */
/**
 * The answer to one recording: what was said, how sure that is, its words, and further texts with their scores.
 * @typedef {{text: string, confidence: number, words: SpokenWord[], others: [string, number][]}} Transcript
 */

/**
 * The answer that says these classes, timed by their likeliest alignment.
 * @param {import("../tensor.js").Tensor} logProbs `[frames, classes]`.
 * @param {readonly number[]} classes What was heard, without blanks.
 * @param {import("../codec/transcript_units.js").TranscriptUnits} units The network's.
 * @param {number} seconds From one of these frames to the next.
 * @param {number} [end] Of the recording, seconds: what was said later, in silence added to it, was said then.
 * @returns {Transcript}
 */
export function transcriptOf(logProbs, classes, units, seconds, end = Infinity) {
  const blanks = checkedFrames(logProbs).map((frame) => Math.max(frame[BLANK], -1e9));
  const silence = blanks.length ? blanks.reduce((sum, each) => sum + each, 0) / blanks.length : 0;
  return transcriptOfSpans(classes.length ? align(logProbs, classes).spans : [], silence, units, seconds, end);
}

/**
 * The answer that says units at these frames.
 * @param {readonly import("../decoding/ctc.js").Span[]} spans The frames of each unit.
 * @param {number} silence The mean log-probability of the blank.
 * @param {import("../codec/transcript_units.js").TranscriptUnits} units The network's.
 * @param {number} seconds From one frame to the next.
 * @param {number} [end] As for `transcriptOf`.
 * @returns {Transcript}
 */
export function transcriptOfSpans(spans, silence, units, seconds, end = Infinity) {
  if (!spans.length) return { text: "", confidence: Math.exp(silence), words: [], others: [] };
  const words = units.words(spans.map(({ unit }) => unit)).map(({ text, first, end: after }) => {
    const of = spans.slice(first, after);
    const [start, last] = [of[0].first, of[of.length - 1].last + 1].map((step) => Math.min(step * seconds, end));
    return { text, start, end: last, confidence: mean(of.map((span) => span.log_p)) };
  });
  const text = words.map((word) => word.text).join(" ");
  return { text, confidence: mean(spans.map((span) => span.log_p)), words, others: [] };
}

/** @param {readonly number[]} logP */
const mean = (logP) => Math.exp(logP.reduce((sum, each) => sum + each, 0) / logP.length);
