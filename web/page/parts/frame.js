/** The page around a model: what one asks on the left, what it answers on the right, and what that took. */

import { RnnkitError } from "../../src/errors.js";
import { Asking } from "./asking.js";
import { fill, fresh, h } from "./dom.js";
import { plain } from "./plain.js";
import { bytes, milliseconds, spaced } from "./words.js";

/**
 * What a site says of itself in `site.json`.
 * @typedef {{name: string, task: string, offline: boolean, version: string, examples: any[]}} Site
 */
/** A button that fills in an example. @typedef {{text: string, use: () => void, picture?: string}} Example */

/** Builds the page; each task puts its own parts in. */
export class Frame {
  /** @param {HTMLElement} root @param {Site} site */
  constructor(root, site) {
    this.site = site;
    this.title = h("h1", { dir: "auto" }, site.name);
    this.about = h("p", { class: "about" }, spaced(site.task));
    /** Where one types, draws or chooses. */
    this.input = h("section", { class: "card", "aria-label": "Your input" });
    /** Where the answer is shown. */
    this.output = h("div", { class: "output" });
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.said = h("p", { class: "hidden", role: "status" });
    this.json = h("pre", { tabindex: "0", "aria-label": "The answer as JSON" });
    this.raw = h("details", { hidden: true }, h("summary", {}, "The answer as JSON"), this.json);
    this.timed = h("dt", {}, "This answer");
    this.time = h("dd", {}, "–");
    this.warm = false;
    /** @type {number | null} */
    this.second = null;
    this.size = h("dd", {}, "–");
    this.kind = h("dd", {}, "–");
    this.answer = h("section", { class: "card", "aria-label": "The answer", "aria-busy": "true" });
    this.answer.append(this.error, this.output, this.raw);
    this.asking = new Asking(
      (error) => this.fail(error),
      (busy) => this.answer.setAttribute("aria-busy", String(busy)),
    );
    fill(root, this.top(), h("main", {}, this.input, this.answer), this.said, this.bottom());
    this.loading(h("progress", { "aria-label": "Loading" }), "Loading the model and its runtime …");
  }

  top() {
    return h("header", {}, h("p", { class: "mark", "aria-hidden": "true" }, "rnnkit"), this.title, this.about);
  }

  bottom() {
    const facts = [
      [this.timed, this.time],
      [h("dt", {}, "Model"), this.size],
      [h("dt", {}, "Form"), this.kind],
    ].map((pair) => h("div", {}, pair));
    return h(
      "footer",
      {},
      h("dl", {}, facts),
      h("p", {}, "The model runs in this browser: what you type, draw or choose stays on this device."),
      h(
        "p",
        {},
        h("a", { href: "licences.txt" }, "Licences"),
        ` of what is in this page. rnnkit ${this.site.version}.`,
      ),
    );
  }

  /** What is shown until the model is there. @param {...(Node | string)} children */
  loading(...children) {
    fill(this.input, h("p", { class: "hint" }, "One moment."));
    fill(this.output, h("div", { class: "waiting" }, children));
  }

  /**
   * The model is there.
   * @param {{bundle: import("../../src/bundle.js").Bundle}} runner
   */
  ready({ bundle }) {
    const models = [...bundle.files].filter(([name]) => name.endsWith(".tflite"));
    const count = models.reduce((sum, [, content]) => sum + (typeof content === "string" ? 0 : content.length), 0);
    this.size.textContent = bytes(count);
    this.kind.textContent = bundle.quantize === "none" ? "float32" : `${bundle.quantize}, ${bundle.strategy}`;
    this.answer.setAttribute("aria-busy", "false");
    fill(this.input);
    fill(this.output);
  }

  /**
   * Ask the model.
   * @param {() => Promise<any>} work Gives the answer.
   * @param {(answer: any, took: number) => string} show Shows it, and gives it in a sentence, to be read aloud.
   * @param {number} [delay] Milliseconds to wait for a later question.
   */
  ask(work, show, delay = 0) {
    const warmed = async () => {
      const answer = await work();
      if (this.warm) return answer;
      this.warm = true; // the first time is that of a beginning; the second one is shown
      const began = performance.now();
      const again = await work();
      this.second = performance.now() - began;
      return again;
    };
    const done = (/** @type {any} */ answer, /** @type {number} */ took) => {
      this.error.hidden = true;
      this.output.hidden = false;
      const sentence = show(answer, took);
      this.took(this.second ?? took);
      this.second = null;
      this.shown(answer, sentence);
    };
    this.asking.ask(warmed, done, delay);
  }

  /**
   * Say how long an answer took.
   * @param {number} took Milliseconds.
   * @param {string} [what] What took so long.
   */
  took(took, what = "This answer") {
    this.timed.textContent = what;
    this.time.textContent = milliseconds(took);
  }

  /** Note an answer for those who program, and those who listen. @param {any} answer @param {string} sentence */
  shown(answer, sentence) {
    this.json.textContent = JSON.stringify(plain(answer), null, 1);
    this.raw.hidden = false;
    this.said.textContent = sentence;
  }

  /** Say what went wrong in a line. @param {unknown} error */
  fail(error) {
    const known = error instanceof RnnkitError;
    if (!known) console.error(error);
    this.error.textContent = known ? error.message : `This page met an error it does not know: ${error}`;
    this.error.hidden = false;
    this.output.hidden = true;
    this.raw.hidden = true;
  }

  /** Say what is wrong with what was asked last. @param {unknown} error */
  refuse(error) {
    this.asking.ask(
      () => Promise.reject(error),
      () => {},
    );
  }

  /** There is nothing to answer. @param {string} hint */
  empty(hint) {
    const show = () => {
      this.error.hidden = true;
      this.output.hidden = false;
      this.raw.hidden = true;
      fill(this.output, h("p", { class: "hint" }, hint));
    };
    this.asking.ask(async () => null, show);
  }

  /**
   * Buttons with examples; the first is used at once, so that the page is never empty.
   * @param {readonly Example[]} examples
   * @param {boolean} [first] Whether the first is used.
   */
  examples(examples, first = true) {
    if (!examples.length) return;
    const title = h("h2", { id: fresh("examples") }, "Examples");
    const buttons = examples.map(({ text, use, picture }) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: use, class: picture ? "picture" : null, "aria-label": picture ? text : null },
          picture ? h("img", { src: picture, alt: "", width: "96", height: "72" }) : h("span", { dir: "auto" }, text),
        ),
      ),
    );
    this.input.append(title, h("ul", { class: "examples", "aria-labelledby": title.id }, buttons));
    if (first) examples[0].use();
  }
}
