/** Describe pictures with an exported captioner: an encoder file and a decoder file, with a beam search. */

import { CAPTION_MARKS, captionOf } from "../answers/captions.js";
import { asPicture } from "../codec/pictures.js";
import { DecodeStep, bundlePieces, bundleSearch, tensorShapes } from "../decode_step.js";
import { RnnkitError } from "../errors.js";
import { openModel, requireSignatures, signatureOf } from "../interpreter.js";
import { repr } from "../python/text.js";
import { drawnWith, searchOf, wholeBeam } from "../searching.js";
import { Tensor, float32 } from "../tensor.js";

/** The encoder's signature, and what it takes: uint8 `[1, size, size, 3]`. */
const [ENCODE, PICTURE] = ["encode", "picture"];

/** Runs a bundle of the task "image_captioner"; `load` makes it. */
export class ImageCaptioner {
  /**
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").Model} eye
   * @param {import("../runtime.js").Model} hand
   * @throws {RnnkitError} A file of the bundle is missing or altered, or the files do not fit each other.
   */
  constructor(bundle, eye, hand) {
    this.bundle = bundle;
    this.pieces = bundlePieces(bundle, "pieces");
    this.search = bundleSearch(bundle);
    this.size = bundle.setting("image_size", "whole");
    this.eye = eye;
    requireSignatures(eye, { [ENCODE]: [PICTURE] }, { [ENCODE]: {} }, bundle.folder, "encoder of pictures");
    this.decoder = new DecodeStep(bundle, hand, "captioner");
    this.check();
  }

  /**
   * Open the runner of a bundle.
   * @param {import("../bundle.js").Bundle} bundle
   * @param {import("../runtime.js").OpenModel} open
   */
  static async open(bundle, open) {
    return new ImageCaptioner(
      bundle,
      await openModel(bundle, "encoder", open),
      await openModel(bundle, "decoder", open),
    );
  }

  /**
   * Describe pictures: one answer for each; a single one counts as a list of one.
   * @param {import("../codec/pictures.js").Pixels | readonly import("../codec/pictures.js").Pixels[]} pictures Such as
   *   the `ImageData` of a canvas, upright.
   * @param {Record<string, any>} [how] `SEARCH_OPTIONS` in place of the bundle's, such as `{ n_best: 3 }`.
   * @returns {Promise<import("../answers/captions.js").Caption[]>}
   * @throws {RnnkitError} A picture cannot be read, or an option is unknown, of another kind, out of range or for
   *   another strategy.
   */
  async predict(pictures, how = {}) {
    const search = searchOf(this.search, how);
    const found = [];
    const given = Array.isArray(pictures) ? pictures : [pictures];
    for (const [place, picture] of given.entries()) found.push(await this.described(picture, place, search));
    return found;
  }

  /**
   * Describe a picture, and say where each piece of the best caption looked: the pieces, and for each a weight for each
   * region of the picture, `[pieces, regions]`, row by row; null where the network has none.
   * @param {import("../codec/pictures.js").Pixels} picture
   * @param {Record<string, any>} [how] As for `predict`.
   * @returns {Promise<{answer: import("../answers/captions.js").Caption, pieces: string[], weights: Tensor | null}>}
   * @throws {RnnkitError} As `predict`.
   */
  async attended(picture, how = {}) {
    const search = searchOf(this.search, how);
    const { encoded, regions, found } = await this.searched(picture, 0, search);
    const row = Array.from(found.ids.row(0).row(0).data);
    const { end, pad } = CAPTION_MARKS;
    const kept = row.includes(end) ? row.slice(0, row.indexOf(end)) : row.filter((id) => id !== pad);
    return {
      answer: captionOf(found, this.pieces, search.n_best ?? 1),
      pieces: kept.map((id) => this.pieces.pieces[id]),
      weights: regions ? await this.decoder.attention(encoded, kept, regions) : null,
    };
  }

  /** @param {import("../codec/pictures.js").Pixels} given @param {number} place @param {Record<string, any>} search */
  async described(given, place, search) {
    const { found } = await this.searched(given, place, search);
    return captionOf(found, this.pieces, search.n_best ?? 1);
  }

  /** @param {import("../codec/pictures.js").Pixels} given @param {number} place @param {Record<string, any>} search */
  async searched(given, place, search) {
    const picture = new Tensor(asPicture(given, this.size), [1, this.size, this.size, 3]);
    const how = { ...wholeBeam(search), ...drawnWith(search, [place], this.bundle.maxLength) };
    const encoded = await this.eye.run(ENCODE, { [PICTURE]: picture });
    const regions = this.decoder.attends ? encoded[this.decoder.memory[0]].shape[1] : 0;
    const seen = regions ? { source_mask: float32(new Float32Array(regions).fill(1), [1, regions]) } : {};
    const found = await this.decoder.search(encoded, { marks: CAPTION_MARKS, ...how }, seen);
    return { encoded, regions, found };
  }

  /** Check that files and settings fit, before the first picture. */
  check() {
    const { folder } = this.bundle;
    const { inputs, outputs } = signatureOf(this.eye, ENCODE);
    const [wanted, shape] = [[1, this.size, this.size, 3], inputs.get(PICTURE)?.shape ?? []];
    if (shape.join() !== wanted.join()) {
      throw new RnnkitError(`${folder}: the encoder takes ${repr(shape)}; expected ${repr(wanted)}. Export it again.`);
    }
    const [made, taken] = [tensorShapes(outputs), this.decoder.taken];
    if (repr(made) !== repr(taken)) {
      throw new RnnkitError(
        `${folder}: the encoder gives ${repr(made)}, and the decoder takes ${repr(taken)}. Export it again.`,
      );
    }
    if (this.pieces.length !== this.decoder.words) {
      throw new RnnkitError(
        `${folder} lists ${this.pieces.length} pieces for a decoder of ${this.decoder.words} words. Export it again.`,
      );
    }
  }
}
