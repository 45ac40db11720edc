/** A picture with its caption over it, further captions, and where each word looked. */

import { RnnkitError } from "../../src/errors.js";
import { fill, h } from "../parts/dom.js";
import { fileBox } from "../parts/file_box.js";
import { betweenWords, wordsOf } from "../parts/words.js";

/**
 * A caption, and where each of its words looked.
 * @typedef {import("../../src/answers/captions.js").Caption &
 *   {attention: {words: string[], weights: number[][]} | null}} Described
 */

const [MOST, SIDE] = [5, 1024];
const PICTURES = [
  ["pictures/photographer.jpg", "A photographer with his camera"],
  ["pictures/cat.jpg", "A cat's face"],
  ["pictures/astronaut.jpg", "An astronaut in front of a flag"],
];

/**
 * @param {import("../../src/tasks/image_captioner.js").ImageCaptioner} runner
 * @param {import("../parts/frame.js").Frame} frame
 */
export function show(runner, frame) {
  const wide = Math.max(runner.search.beam_width ?? MOST, 1);
  const how = { beam_width: wide, n_best: Math.min(wide, MOST) };
  const describe = (/** @type {() => Promise<Blob>} */ file) => {
    /** @type {ImageData} */
    let pixels;
    frame.ask(
      async () => {
        pixels = await pixelsOf(await file());
        const { answer, pieces, weights } = await runner.attended(pixels, how);
        const { words, places } = wordsOf(pieces);
        const regions = weights === null ? [] : Array.from({ length: weights.shape[1] }, (_, place) => [place]);
        return Object.assign(answer, {
          attention: weights === null ? null : { words, weights: betweenWords(weights, places, regions) },
        });
      },
      (answer) => shown(answer, pixels, frame.output),
    );
  };
  const drop = fileBox({
    label: "Picture",
    accept: "image/*",
    hint: "Choose one, take one, drop one here, or paste one.",
    use: (file) => describe(async () => file),
  });
  frame.input.append(drop);
  frame.examples(
    PICTURES.map(([address, text]) => ({
      text,
      picture: address,
      use: () => describe(async () => (await fetch(address)).blob()),
    })),
  );
}

/** The pixels of a picture, upright; a large one in fewer. @param {Blob} file */
async function pixelsOf(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new RnnkitError("This file is no picture that the browser can open; expected a JPEG, PNG or WebP file.");
  }
  const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * share)));
  const canvas = new OffscreenCanvas(width, height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, width, height);
  picture.close();
  return pen.getImageData(0, 0, width, height);
}

/**
 * @param {Described} answer
 * @param {ImageData} pixels
 * @param {HTMLElement} output
 */
function shown({ text, others, attention }, pixels, output) {
  const canvas = h("canvas", { width: pixels.width, height: pixels.height, role: "img", "aria-label": text });
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  const veil = h("div", { class: "veil", "aria-hidden": "true", hidden: true });
  const words =
    attention === null ? [text] : attention.words.map((word, place) => lookedAt(word, attention.weights[place], veil));
  const spaced = words.flatMap((word, place) => (place ? [" ", word] : [word]));
  fill(
    output,
    h(
      "figure",
      { class: "described" },
      h("div", { class: "stage" }, canvas, veil),
      h("figcaption", { dir: "auto" }, spaced),
    ),
    attention !== null &&
      h("p", { class: "hint" }, "Point at a word, or tab to it: the picture shows where it looked."),
    others.length > 0 && [
      h("h2", {}, "Other captions"),
      h(
        "ol",
        { class: "others", dir: "auto" },
        others.map(([other]) => h("li", {}, other)),
      ),
    ],
  );
  return text;
}

/** A word that shows where it looked. @param {string} word @param {number[]} weights @param {HTMLElement} veil */
function lookedAt(word, weights, veil) {
  const side = Math.round(Math.sqrt(weights.length));
  const most = Math.max(...weights);
  const look = () => {
    veil.style.setProperty("grid-template-columns", `repeat(${side}, 1fr)`);
    fill(
      veil,
      weights.map((weight) => {
        const cell = h("span");
        cell.style.setProperty("opacity", String(0.75 * (1 - weight / most)));
        return cell;
      }),
    );
    veil.hidden = false;
  };
  const away = () => (veil.hidden = true);
  return h(
    "button",
    {
      type: "button",
      class: "word",
      onpointerenter: look,
      onpointerleave: away,
      onfocus: look,
      onblur: away,
      onclick: look,
    },
    word,
  );
}
