/** Text that is written as one watches. */

import { fill, h, labelled } from "../parts/dom.js";
import { SETTINGS, settingBoxes, writer } from "../parts/writing.js";

/**
 * @param {import("../../src/tasks/language_model.js").LanguageModel} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const prefix = h("textarea", { rows: "2", dir: "auto", spellcheck: "false", autocomplete: "off" });
  const settings = settingBoxes(SETTINGS);
  const page = h("p", { class: "prose", dir: "auto" });
  const given = h("b", {});
  const rest = h("span", {});
  const speed = h("p", { class: "hint" });
  const { button, write } = writer(frame, {
    stream: () => runner.stream(prefix.value, settings.values()),
    show: (text) => {
      const size = text.startsWith(prefix.value) ? prefix.value.length : 0;
      given.textContent = text.slice(0, size);
      rest.textContent = text.slice(size);
      speed.textContent = "";
    },
    done: (text, steps, seconds) => {
      speed.textContent = `${steps} steps, ${Math.round(steps / seconds)} a second`;
      frame.shown(text, text);
    },
  });
  page.append(given, rest);
  fill(frame.output, page, speed);
  const form = h("form", {
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void write();
    },
  });
  form.append(labelled("The text begins with", prefix, "May be empty."), settings.element, button);
  frame.input.append(form);
  const { alphabet } = runner;
  const known = (/** @type {any} */ text) =>
    typeof text === "string" && alphabet.decode(alphabet.encode(text)) === text;
  const examples = frame.site.examples.filter(known);
  frame.examples(
    (examples.length ? examples : [""]).map((text) => ({
      text: text || "from nothing",
      use: () => {
        prefix.value = text;
        void write();
      },
    })),
  );
}
