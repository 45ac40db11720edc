/** Checks of a model's functions, before it answers. Twin of rnnkit/lite/interpreter.py. */

import { RnnkitError } from "./errors.js";
import { repr } from "./python/text.js";
import { Tensor } from "./tensor.js";

/** @typedef {import("./runtime.js").Model} Model */
/** @typedef {ReadonlyMap<string, import("./runtime.js").Details>} DetailsByName */

/**
 * Open a model of a bundle.
 * @param {import("./bundle.js").Bundle} bundle
 * @param {string} name What `bundle.json` has it under.
 * @param {import("./runtime.js").OpenModel} open
 * @returns {Promise<Model>}
 * @throws {RnnkitError} The model is damaged, or cannot be run.
 */
export async function openModel(bundle, name, open) {
  const bytes = bundle.read(name);
  return guarded(await inALine(open(bytes)));
}

/**
 * A model that raises only `RnnkitError`, and whose outputs are what it promises. Twin of
 * rnnkit/lite/isolation/guarded.py.
 * @param {Model} model
 * @returns {Model}
 */
export function guarded(model) {
  return {
    signatures: model.signatures,
    close: () => model.close(),
    async run(name, inputs, reset) {
      const made = await inALine(model.run(name, inputs, reset));
      for (const details of signatureOf(model, name).outputs.values()) check(made[details.name], details);
      return made;
    },
  };
}

/**
 * What a runtime gives, or its error as a line.
 * @template T
 * @param {Promise<T>} made
 * @returns {Promise<T>}
 */
async function inALine(made) {
  try {
    return await made;
  } catch (error) {
    if (error instanceof RnnkitError) throw error;
    const said = (error instanceof Error ? error.message : String(error)).split(/\s+/).join(" ").trim().slice(0, 300);
    throw new RnnkitError(`LiteRT cannot run this model: ${said.replace(/\.+$/, "")}. Export it again.`);
  }
}

/** @param {import("./tensor.js").Tensor} made @param {import("./runtime.js").Details} details */
function check({ data, shape }, { name, dtype, shape: wanted }) {
  const kind = data.constructor.name.replace("Array", "").toLowerCase();
  const fits = shape.length === wanted.length && wanted.every((wish, axis) => wish === -1 || wish === shape[axis]);
  if (kind !== dtype || (wanted.length && !fits)) {
    throw new RnnkitError(
      `The model gives ${kind} ${repr(shape)} for ${repr(name)}; it promises ${dtype} ${repr(wanted)}. Export ` +
        "it again.",
    );
  }
  if (kind.startsWith("float") && !Array.prototype.every.call(data, Number.isFinite)) {
    throw new RnnkitError(
      `The model gives numbers for ${repr(name)} that are not finite. Its weights are damaged, or what it was ` +
        "given was not " +
        "finite. Export it again.",
    );
  }
}

/** The first letter of NumPy's kinds: "f", "i", "u", "b". @param {string} dtype */
const kindOf = (dtype) =>
  dtype.startsWith("float") ? "f" : dtype.startsWith("uint") ? "u" : dtype.startsWith("int") ? "i" : dtype[0];

/**
 * Refuse a model that lacks a function, or whose function takes or gives something else.
 * @param {Model} model
 * @param {Record<string, readonly string[]>} wanted For each function the names of what it takes.
 * @param {Record<string, Record<string, string>>} gives For each function the names of what it must give, with NumPy's
 *   letters of their types: "f", "iu".
 * @param {string} folder The bundle's, for the message.
 * @param {string} kind What the model should be, for the message.
 * @throws {RnnkitError} Naming the function and what it takes or gives.
 */
export function requireSignatures(model, wanted, gives, folder, kind) {
  for (const [name, inputs] of Object.entries(wanted)) {
    const signature = model.signatures.get(name);
    const taken = signature ? [...signature.inputs.keys()].sort() : null;
    if (signature === undefined || taken === null || taken.join("\0") !== [...inputs].sort().join("\0")) {
      throw new RnnkitError(
        `${folder}: the model is no ${kind}; its ${name} takes ${repr(taken ?? [])}. Export it again.`,
      );
    }
    const made = signature.outputs;
    const fits = Object.entries(gives[name]).every(([place, letters]) =>
      letters.includes(kindOf(made.get(place)?.dtype ?? "?")),
    );
    if (!fits) {
      const shown = [...made.keys()]
        .sort()
        .map((place) => `${place} (${made.get(place)?.dtype})`)
        .join(", ");
      throw new RnnkitError(`${folder}: the model is no ${kind}; its ${name} gives ${shown}. Export it again.`);
    }
  }
}

/**
 * Refuse states that one function gives, or takes, in another shape or type than the next takes them in.
 * @param {DetailsByName} one
 * @param {DetailsByName} other
 * @param {readonly string[]} names Those that must agree; a side that is open fits any.
 * @param {string} folder The bundle's, for the message.
 * @throws {RnnkitError} Naming one that does not.
 */
export function requireShapes(one, other, names, folder) {
  for (const name of names) {
    const [a, b] = [one, other].map((details) => /** @type {import("./runtime.js").Details} */ (details.get(name)));
    const fits =
      a.shape.length === b.shape.length &&
      a.shape.every((side, place) => side === b.shape[place] || side === -1 || b.shape[place] === -1);
    if (!fits || a.dtype !== b.dtype) {
      throw new RnnkitError(
        `${folder}: the model gives ${name} as ${repr(a.shape)} and takes ${repr(b.shape)}. Export it again.`,
      );
    }
  }
}

/**
 * `[steps, ...]` with a value behind, `[length, ...]`.
 * @param {Tensor} steps
 * @param {number} length
 * @param {number} [value]
 */
export function padded({ data, shape: [count, ...rest] }, length, value = 0) {
  const size = rest.reduce((all, side) => all * side, 1);
  const found = /** @type {import("./tensor.js").Data} */ (
    new /** @type {any} */ (data.constructor)(length * size).fill(value)
  );
  found.set(data.subarray(0, count * size));
  return new Tensor(found, [length, ...rest]);
}

/**
 * Call a function with any number of rows, in turns where it takes a fixed one; the last is filled up.
 * @param {Model} model
 * @param {string} name The function.
 * @param {Record<string, Tensor>} rows Inputs with one entry for each row.
 * @param {Record<string, Tensor>} [shared] Inputs that are the same in each turn.
 * @returns {Promise<Record<string, Tensor>>}
 */
export async function inTurns(model, name, rows, shared = {}) {
  const [first] = Object.keys(rows);
  const count = rows[first].shape[0];
  const atOnce = signatureOf(model, name).inputs.get(first)?.shape[0] ?? -1;
  if (atOnce === -1 || atOnce === count) return model.run(name, { ...rows, ...shared });
  /** @type {Record<string, Tensor>[]} */
  const turns = [];
  for (let start = 0; start < count; start += Math.max(atOnce, 1)) {
    const places = Array.from({ length: atOnce }, (_, place) => Math.min(start + place, count - 1));
    const given = Object.fromEntries(Object.entries(rows).map(([each, tensor]) => [each, taken(tensor, places)]));
    turns.push(await model.run(name, { ...given, ...shared }));
  }
  return Object.fromEntries(
    Object.keys(turns[0]).map((each) => [
      each,
      taken(
        turns.map((turn) => turn[each]),
        Array.from({ length: count }, (_, place) => place),
      ),
    ]),
  );
}

/**
 * Rows of a tensor, or of several with as many rows each behind one another.
 * @param {Tensor | Tensor[]} tensors
 * @param {number[]} places
 */
function taken(tensors, places) {
  const parts = Array.isArray(tensors) ? tensors : [tensors];
  const [{ data, shape }] = parts;
  const size = shape.slice(1).reduce((all, side) => all * side, 1);
  const found = /** @type {import("./tensor.js").Data} */ (
    new /** @type {any} */ (data.constructor)(places.length * size)
  );
  for (const [row, place] of places.entries()) {
    found.set(parts[Math.floor(place / shape[0])].row(place % shape[0]).data, row * size);
  }
  return new Tensor(found, [places.length, ...shape.slice(1)]);
}

/**
 * A signature's details, which `requireSignatures` has found.
 * @param {Model} model
 * @param {string} name
 * @returns {import("./runtime.js").Signature}
 */
export function signatureOf(model, name) {
  const found = model.signatures.get(name);
  if (found === undefined) throw new RnnkitError(`The model has no function ${repr(name)}. Export it again.`);
  return found;
}
