/** The interpreter behind a small interface. This is the one file that imports `@litertjs/core`. */

import { RnnkitError } from "./errors.js";
import { Tensor } from "./tensor.js";

/**
 * A tensor of a model; a side of -1 is open.
 * @typedef {{name: string, shape: readonly number[], dtype: string}} Details
 */
/** @typedef {{inputs: ReadonlyMap<string, Details>, outputs: ReadonlyMap<string, Details>}} Signature */
/**
 * An opened model: its signatures by name, in order, and what runs one. `reset` says that the state which it keeps
 * between calls begins anew.
 * @typedef {object} Model
 * @property {ReadonlyMap<string, Signature>} signatures
 * @property {(signature: string, inputs: Record<string, Tensor>, reset?: boolean) => Promise<Record<string, Tensor>>}
 *   run
 * @property {() => void} close Frees what it holds.
 */
/** @typedef {(model: Uint8Array) => Promise<Model>} OpenModel */

/**
 * Opens models with LiteRT.js.
 * @param {string} wasm The address of the folder `wasm` of `@litertjs/core`.
 * @param {{numThreads?: number}} [options] Threads that the runtime may use.
 * @returns {OpenModel}
 */
export function liteRt(wasm, { numThreads = 1 } = {}) {
  return async (bytes) => {
    const core = await import("@litertjs/core");
    await (core.getGlobalLiteRtPromise() ?? core.loadLiteRt(wasm, { threads: numThreads > 1 }));
    const compiled = await core.loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads } });
    /** @param {readonly import("@litertjs/core").TensorDetails[]} details @returns {Map<string, Details>} */
    const named = (details) =>
      new Map(details.map(({ name, shape, dtype }) => [name, { name, shape: Array.from(shape), dtype }]));
    const signatures = new Map(
      Object.entries(compiled.signatures).map(([name, each]) => [
        name,
        { inputs: named(each.getInputDetails()), outputs: named(each.getOutputDetails()) },
      ]),
    );
    return {
      signatures,
      async run(signature, inputs, reset = false) {
        if (reset)
          throw new RnnkitError("LiteRT.js cannot reset a model's state. Export it again with --strategy loop.");
        const given = Object.fromEntries(
          Object.entries(inputs).map(([name, { data, shape }]) => [
            name,
            new core.Tensor(/** @type {any} */ (data), shape),
          ]),
        );
        const made = await compiled.signatures[signature].run(given);
        /** @type {Record<string, Tensor>} */
        const found = {};
        for (const [name, tensor] of Object.entries(made)) {
          found[name] = new Tensor(
            /** @type {any} */ (await tensor.data()).slice(),
            Array.from(tensor.type.layout.dimensions),
          );
          tensor.delete();
        }
        for (const tensor of Object.values(given)) if (!tensor.deleted) tensor.delete();
        return found;
      },
      close: () => compiled.delete(),
    };
  };
}
