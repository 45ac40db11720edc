/** A runtime that says what models said in Python to the same numbers, and a fetch of files on disk. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { Tensor } from "../src/tensor.js";

const FOLDER = new URL("../../tests/formats/1/", import.meta.url);
const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int64: BigInt64Array, float64: Float64Array };

/** @param {[keyof typeof KINDS, number[], string]} packed */
export function unpacked([dtype, shape, text]) {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  const data = new KINDS[dtype](bytes.buffer);
  return new Tensor(/** @type {any} */ (data instanceof BigInt64Array ? Int32Array.from(data, Number) : data), shape);
}

/** @param {Tensor} tensor */
const packed = ({ data, shape }) => [
  data.constructor.name.replace("Array", "").toLowerCase(),
  shape,
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
];

/** @param {string} name @param {Record<string, any>} given */
const keyOf = (name, given) => JSON.stringify([name, Object.keys(given).sort().map((each) => [each, given[each]])]);

/**
 * @param {Record<string, any>} models What was recorded, by the models' digests.
 * @returns {import("../src/runtime.js").OpenModel}
 */
export function replaying(models) {
  return async (bytes) => {
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const recorded = models[digest];
    if (!recorded) throw new Error(`no such model was recorded: ${digest}`);
    const calls = new Map(recorded.calls.map((/** @type {any} */ [name, given, made]) => [keyOf(name, given), made]));
    /** @param {Record<string, [number[], string]>} side @returns {any} */
    const details = (side) => new Map(Object.entries(side).map(([name, [shape, dtype]]) => [name, { name, shape, dtype }]));
    return {
      signatures: new Map(
        Object.entries(recorded.signatures).map(([name, [inputs, outputs]]) => [name, { inputs: details(inputs), outputs: details(outputs) }]),
      ),
      async run(name, inputs) {
        const given = Object.fromEntries(Object.entries(inputs).map(([each, tensor]) => [each, packed(tensor)]));
        const made = calls.get(keyOf(name, given));
        if (!made) {
          const shown = Object.entries(inputs).map(([each, { data, shape }]) => `${each} [${shape}] ${[...data].slice(0, 40)}`);
          throw new Error(`${name} was never asked this in Python: ${shown.join("; ")}`);
        }
        return Object.fromEntries(Object.entries(made).map(([each, one]) => [each, unpacked(one)]));
      },
      close() {},
    };
  };
}

/** @param {string} task @param {string} file */
export const fileOf = (task, file) => readFileSync(new URL(`${task}/lite/${file}`, FOLDER));

/**
 * A fetch of a bundle under the address "BUNDLE".
 * @param {string} task
 * @param {Record<string, Uint8Array | null>} [changed] Files that are others, or gone.
 * @returns {import("../src/bundle.js").Fetch}
 */
export const filesOf = (task, changed = {}) => async (url) => {
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
