/** A tune that is written as one watches, as notes and as sound. */

import { fill, h, labelled } from "../parts/dom.js";
import { notes, played } from "../parts/notes.js";
import { SETTINGS, settingBoxes, writer } from "../parts/writing.js";

const MOST = 12; // choices of a field
const NAMED = new Map([
  ["K", "key"],
  ["M", "metre"],
  ["R", "rhythm"],
]);

/**
 * @param {import("../../src/tasks/music_model.js").MusicModel} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const choices = [...runner.order].reverse().filter((letter) => NAMED.has(letter));
  const boxes = choices.map((letter) => {
    const name = /** @type {string} */ (NAMED.get(letter));
    const values = usual(runner.headers, letter);
    const box = h(
      "select",
      {},
      h("option", { value: "" }, "any"),
      values.map((value) => h("option", {}, value)),
    );
    return { name, box };
  });
  const settings = settingBoxes(SETTINGS.map((each) => (each.name === "length" ? { ...each, value: 600 } : each)));
  const score = h("div", { class: "score", role: "img", "aria-label": "The notes of the tune" });
  const source = h("pre", { tabindex: "0", "aria-label": "The tune in ABC notation" });
  const abc = h("details", {}, h("summary", {}, "The tune in ABC notation"), source);
  const play = h("button", { type: "button", class: "main", disabled: true, onclick: () => listen() }, "Play");
  const speed = h("p", { class: "hint" });
  let tune = "";
  /** @type {(() => void) | null} */
  let stop = null;
  const silent = () => {
    stop?.();
    stop = null;
    play.textContent = "Play";
  };
  const listen = async () => {
    if (stop) return silent();
    play.textContent = "Stop the music";
    const sounding = played(await notes(score, tune), silent);
    stop = sounding;
  };
  let drawing = Promise.resolve();
  const draw = (/** @type {string} */ text) => {
    drawing = drawing.then(async () => void (await notes(score, text)));
  };
  let wide = 0;
  new ResizeObserver(() => {
    if (Math.abs(score.clientWidth - wide) < 8) return;
    wide = score.clientWidth; // a phone was turned
    if (tune && stop === null) draw(tune);
  }).observe(score);
  const { button, write } = writer(frame, {
    stream: () => {
      silent();
      play.disabled = true;
      speed.textContent = "";
      const asked = Object.fromEntries(boxes.filter(({ box }) => box.value).map(({ name, box }) => [name, box.value]));
      return runner.stream("", { ...settings.values(), ...asked });
    },
    show: (text) => {
      source.textContent = text;
      if (text.length - tune.length > 24 || text.length < tune.length) {
        tune = text;
        draw(text);
      }
    },
    done: (text, steps, seconds) => {
      tune = text;
      draw(text);
      play.disabled = false;
      speed.textContent = `${steps} steps, ${Math.round(steps / seconds)} a second`;
      frame.shown(text, "The tune is written.");
    },
  });
  fill(frame.output, h("div", { class: "bar" }, play, speed), score, abc);
  const form = h("form", {
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void write();
    },
  });
  form.append(
    h(
      "div",
      { class: "row" },
      boxes.map(({ name, box }) => labelled(name[0].toUpperCase() + name.slice(1), box)),
    ),
    settings.element,
    button,
  );
  frame.input.append(form);
  const asked = frame.site.examples.filter((each) => typeof each === "object" && each !== null);
  frame.examples(
    [{ label: "any tune" }, ...asked]
      .filter(({ label, ...wanted }) => Object.entries(wanted).every(([name, value]) => known(boxes, name, value)))
      .map(({ label, ...wanted }) => ({
        text: label,
        use: () => {
          for (const { name, box } of boxes) box.value = wanted[name] ?? "";
          void write();
        },
      })),
  );
}

/** @param {{name: string, box: HTMLSelectElement}[]} boxes @param {string} name @param {string} value */
const known = (boxes, name, value) =>
  boxes.some((each) => each.name === name && [...each.box.options].some((option) => option.value === value));

/**
 * The most frequent values of a field of the headers.
 * @param {import("../../src/codec/abc_text.js").Headers} headers
 * @param {string} letter
 */
function usual(headers, letter) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [header, count] of headers) {
    const value = header.get(letter);
    if (value) counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([value]) => value);
}
