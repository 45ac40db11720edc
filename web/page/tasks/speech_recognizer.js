/** What a recording says, or the microphone hears, with the time of each word. */

import { align } from "../../src/decoding/ctc_alignment.js";
import { TRANSCRIPT_OPTIONS } from "../../src/transcribing.js";
import { fill, h, labelled } from "../parts/dom.js";
import { fileBox } from "../parts/file_box.js";
import { listening } from "../parts/listening.js";
import { samplesOfFile } from "../parts/microphone.js";
import { spoken, time } from "../parts/spoken.js";
import { percent } from "../parts/words.js";
import { settingBoxes } from "../parts/writing.js";

const [MOST, SECONDS, BEAM, DELAY] = [5, 60, 32, 300]; // answers; of listening; hypotheses; milliseconds
const { low, high } = TRANSCRIPT_OPTIONS.beam_width;
const WIDTH = {
  label: "Beam width",
  name: "beam_width",
  value: BEAM,
  low: Math.max(low ?? 1, 1),
  high: high ?? BEAM,
  step: 1,
  hint: "Texts that are followed. 1: the likeliest letters, without a list of words.",
};

/** @typedef {import("../../src/tasks/speech_recognizer.js").SpeechRecognizer} Runner */
/** @typedef {import("../../src/answers/transcripts.js").Transcript} Transcript */
/** @typedef {import("../parts/spoken.js").Said} Said */
/**
 * A recording, and the log-probabilities of its steps.
 * @typedef {{samples: Float32Array, logProbs: import("../../src/tensor.js").Tensor}} Recorded
 */
/**
 * A recording, and what is said in it.
 * @typedef {{samples: Float32Array, answer: Transcript, units: Said[]}} Heard
 */

/** @param {Runner} runner @param {import("../parts/frame.js").Frame} frame */
export function show(runner, frame) {
  if (runner.ready !== null) {
    fill(frame.input, h("p", { class: "hint" }, "This model reads ready-made frames, which come from a program."));
    frame.empty("A browser's sounds are no frames of this model. Ask it from your own code.");
    return;
  }
  const streams = runner.stepFile !== null;
  const { element, how } = options(runner, () => again?.(DELAY));
  /** Answers the last recording once more. @type {((delay: number) => void) | null} */
  let again = null;
  const drop = fileBox({
    label: "Recording",
    accept: "audio/*",
    hint: "A file with speech; drop one here, or choose it.",
    use: (file) => {
      again = (delay) => ask(runner, frame, () => recorded(runner, file), how, delay);
      again(0);
    },
  });
  const listen = () =>
    listening(frame, runner.front.rate, async (microphone) => {
      again = null;
      const heard = await hear(runner, frame, microphone, how());
      again = (delay) => ask(runner, frame, async () => heard, how, delay);
    });
  const hint = `The microphone is heard for ${SECONDS} seconds at most.`;
  fill(frame.input, streams && h("div", { class: "field" }, listen(), h("p", { class: "hint" }, hint)), drop, element);
  frame.empty(
    streams ? "Press Listen and speak, or choose a file." : "Choose a file. This model hears whole recordings alone.",
  );
}

/**
 * The controls of the search, and what they ask for.
 * @param {Runner} runner
 * @param {() => void} changed
 */
function options(runner, changed) {
  const lists = h(
    "select",
    {},
    h("option", { value: "" }, "any that the letters spell"),
    h("option", { value: "words" }, `the ${runner.words.length.toLocaleString("en")} of its training texts`),
  );
  const boxes = settingBoxes([WIDTH]);
  const element = h(
    "div",
    { oninput: changed, class: "after" },
    runner.words.length > 0 && labelled("Words", lists),
    boxes.element,
  );
  const how = () => {
    const { beam_width } = boxes.values();
    const n_best = beam_width > 1 ? Math.min(beam_width, MOST) : 1;
    return { beam_width, n_best, lexicon: lists.value };
  };
  return { element, how };
}

/**
 * Ask for the text of a recording.
 * @param {Runner} runner
 * @param {import("../parts/frame.js").Frame} frame
 * @param {() => Promise<Recorded>} given
 * @param {() => Record<string, any>} how
 * @param {number} delay Milliseconds to wait for a later question.
 */
function ask(runner, frame, given, how, delay) {
  /** @type {Heard} */
  let heard;
  frame.ask(
    async () => {
      const transcriber = runner.transcriber(how());
      const { samples, logProbs } = await given();
      const search = transcriber.search();
      search.feed(logProbs);
      heard = { samples, answer: transcriber.found(search, logProbs), units: unitsOf(runner, search, logProbs) };
      return heard.answer;
    },
    () => shown(runner, heard, frame.output),
    delay,
  );
}

/** A file, and what the network makes of it. @param {Runner} runner @param {Blob} file @returns {Promise<Recorded>} */
async function recorded(runner, file) {
  const samples = await samplesOfFile(file, runner.front.rate);
  const [logProbs] = await runner.logProbs([samples]);
  return { samples, logProbs };
}

/**
 * What the network wrote, such as letters, and when.
 * @param {Runner} runner
 * @param {ReturnType<import("../../src/transcribing.js").Transcriber["search"]>} search Fed with the log-probabilities.
 * @param {import("../../src/tensor.js").Tensor} logProbs
 * @returns {Said[]}
 */
function unitsOf(runner, search, logProbs) {
  const [{ units }] = search.finish();
  const spans = units.length ? align(logProbs, units).spans : [];
  return spans
    .map(({ unit, first, last }) => {
      const text = runner.units.units[unit - 1].replaceAll("\u2581", "").trim();
      return { text, start: first * runner.seconds, end: (last + 1) * runner.seconds };
    })
    .filter(({ text }) => text);
}

/**
 * Show what is heard as it comes, until the microphone is off; and then what was said when.
 * @param {Runner} runner
 * @param {import("../parts/frame.js").Frame} frame
 * @param {import("../parts/microphone.js").Microphone} microphone
 * @param {Record<string, any>} how
 * @returns {Promise<Recorded>}
 */
async function hear(runner, frame, microphone, how) {
  const stream = await runner.openStream({ ...how, keep: true });
  const text = h("p", { class: "verdict sentence", dir: "auto" }, "…");
  fill(frame.output, h("h2", {}, "Listening"), text);
  /** @type {Float32Array[]} */
  const chunks = [];
  let [said, took] = ["", 0];
  for await (const chunk of microphone.chunks()) {
    const began = performance.now();
    const now = await stream.step(chunk);
    took = performance.now() - began;
    chunks.push(chunk);
    if (now !== said) {
      said = now;
      text.textContent = said;
      frame.shown({ text: said }, said);
    }
    if (stream.heard > SECONDS * runner.front.rate && !microphone.off) await microphone.stop();
  }
  const answer = await stream.finish();
  const samples = new Float32Array(stream.heard);
  chunks.reduce((at, chunk) => (samples.set(chunk, at), at + chunk.length), 0);
  const { search, logProbs } = stream;
  const units = unitsOf(runner, search, logProbs);
  frame.took(took, "The last chunk");
  frame.shown(answer, shown(runner, { samples, answer, units }, frame.output));
  return { samples, logProbs };
}

/**
 * The text, when each of its words was said and how sure that is, and further texts.
 * @param {Runner} runner
 * @param {Heard} heard
 * @param {HTMLElement} output
 */
function shown(runner, { samples, answer: { text, confidence, words, others }, units }, output) {
  const said = text || "Nothing was recognised.";
  const head = ["Word", "From", "To", "Confidence"].map((name) => h("th", { scope: "col" }, name));
  const rows = words.map((word) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", dir: "auto" }, word.text),
      [time(word.start), time(word.end), percent(word.confidence)].map((each) => h("td", {}, each)),
    ),
  );
  fill(
    output,
    h("p", { class: "verdict sentence", dir: "auto" }, said),
    h("p", { class: "hint" }, `Confidence: ${percent(confidence)}.`),
    samples.length > 0 && [h("h2", {}, "When it was said"), spoken(samples, runner.front, units, words)],
    words.length > 0 && [
      h("h2", {}, "Words"),
      h(
        "div",
        { class: "scrolls tall", tabindex: "0", role: "group", "aria-label": "The words" },
        h("table", { class: "figures" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
      ),
    ],
    others.length > 0 && [
      h("h2", {}, "Other texts"),
      h(
        "ol",
        { class: "others", dir: "auto" },
        others.map(([other, score]) => h("li", {}, other || "(nothing)", h("small", {}, ` ${score.toFixed(2)}`))),
      ),
      h("p", { class: "hint" }, "The numbers are the logarithms of their probabilities."),
    ],
  );
  return said;
}
