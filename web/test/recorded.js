/** A runtime that says what models said in Python to the same numbers, and a fetch of files on disk. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

import { Tensor } from "../src/tensor.js";

/** @param {string} task */
const folderOf = (task) =>
  new URL(
    task === "image_captioner" ? "../../saved_models/image_captioning/lite/" : `../../tests/formats/1/${task}/lite/`,
    import.meta.url,
  );
const KINDS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
  float64: Float64Array,
};

/** @param {[keyof typeof KINDS, number[], string]} packed */
export function unpacked([dtype, shape, text]) {
  const bytes = Uint8Array.from(inflateSync(Buffer.from(text, "base64")));
  const data = new KINDS[dtype](bytes.buffer);
  return new Tensor(/** @type {any} */ (data instanceof BigInt64Array ? Int32Array.from(data, Number) : data), shape);
}

/** The digest of what goes into a model, as in web_bundles.py. @param {Record<string, Tensor>} given */
function digestOf(given) {
  const names = Object.keys(given).sort();
  const kinds = names.map((name) => [
    name,
    given[name].data.constructor.name.replace("Array", "").toLowerCase(),
    given[name].shape,
  ]);
  const sum = createHash("sha256").update(JSON.stringify(kinds).replaceAll(",", ", "));
  for (const name of names) {
    const { buffer, byteOffset, byteLength } = given[name].data;
    sum.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return sum.digest("hex").slice(0, 16);
}

/**
 * @param {Record<string, any>} models What was recorded, by the models' digests.
 * @returns {import("../src/runtime.js").OpenModel}
 */
export function replaying(models) {
  return async (bytes) => {
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const recorded = models[digest];
    if (!recorded) throw new Error(`no such model was recorded: ${digest}`);
    /** @param {Record<string, [number[], string]>} side @returns {any} */
    const details = (side) =>
      new Map(Object.entries(side).map(([name, [shape, dtype]]) => [name, { name, shape, dtype }]));
    return {
      signatures: new Map(
        Object.entries(recorded.signatures).map(([name, [inputs, outputs]]) => [
          name,
          { inputs: details(inputs), outputs: details(outputs) },
        ]),
      ),
      async run(name, inputs) {
        const made = recorded.calls[`${name} ${digestOf(inputs)}`];
        if (!made) {
          const shown = Object.entries(inputs).map(
            ([each, { data, shape }]) => `${each} [${shape}] ${[...data].slice(0, 40)}`,
          );
          throw new Error(`${name} was never asked this in Python: ${shown.join("; ")}`);
        }
        return Object.fromEntries(Object.entries(made).map(([each, one]) => [each, unpacked(one)]));
      },
      close() {},
    };
  };
}

/** @param {string} task @param {string} file */
export const fileOf = (task, file) => readFileSync(new URL(file, folderOf(task)));

/**
 * A fetch of a bundle under the address "BUNDLE".
 * @param {string} task
 * @param {Record<string, Uint8Array | null>} [changed] Files that are others, or gone.
 * @returns {import("../src/bundle.js").Fetch}
 */
export const filesOf =
  (task, changed = {}) =>
  async (url) => {
    const file = decodeURIComponent(url.replace(/^BUNDLE\//, ""));
    /** @type {Uint8Array | null} */
    let content = null;
    try {
      content = file in changed ? changed[file] : fileOf(task, file);
    } catch {
      content = null;
    }
    const found = content;
    if (found === null) return { ok: false, status: 404, arrayBuffer: async () => new ArrayBuffer(0) };
    return { ok: true, status: 200, arrayBuffer: async () => Uint8Array.from(found).buffer };
  };

/** The same pixels as in web_bundles.py. @param {number} height @param {number} width @param {number} [channels] */
export function picture(height, width, channels = 4) {
  const data = new Uint8Array(height * width * channels);
  for (let at = 0, place = 0; at < data.length; at++, place++) {
    if (channels === 3 && place % 4 === 3) place += 1;
    data[at] = (place * 7919 + Math.floor((place * place) / 13)) % 256;
  }
  return { width, height, data };
}
