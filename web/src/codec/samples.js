/** What a user gives as the samples of a sound: an array of numbers. */

import { RnnkitError } from "../errors.js";
import { general, repr, rounded, thousands, typeName } from "../python/text.js";
import { Tensor } from "../tensor.js";

/** How far samples may reach beyond -1 to 1: such as those of a loud float recording. */
const LOUDEST = 100;
const EXPECTED = "expected samples [time], floats from -1 to 1 or int16";

/**
 * Samples as float32 `[time]`, from -1 to 1; an Int16Array is divided by 32,768.
 * @param {any} given A Float32Array, Float64Array, Int16Array, array of numbers, or tensor of one axis; may be empty.
 * @param {string} [place] What messages call it.
 * @returns {Float32Array}
 * @throws {RnnkitError} It is something else, or has samples that are no finite numbers; or they reach so far that they
 *   are whole numbers of another kind.
 */
export function samplesOf(given, place = "The sound") {
  const data = given instanceof Tensor && given.shape.length === 1 ? given.data : given;
  if (data instanceof Int16Array) return Float32Array.from(data, (value) => value / 32768);
  const floats = data instanceof Float32Array || data instanceof Float64Array;
  if (!floats && !(Array.isArray(data) && data.every((each) => typeof each === "number"))) {
    const raw = data instanceof Tensor ? data.data : data;
    const kind = ArrayBuffer.isView(raw) ? raw.constructor.name.replace("Array", "").toLowerCase() : "";
    const shape = data instanceof Tensor ? data.shape : kind ? [data.length] : null;
    const more = shape?.length === 2 && kind.startsWith("f") ? " Mix the channels down." : "";
    const shown = shape ? `${kind} ${repr(shape)}` : typeName(data);
    throw new RnnkitError(`${place} is ${shown}; ${EXPECTED}.${more}`);
  }
  const samples = data instanceof Float32Array ? data : Float32Array.from(data);
  const at = samples.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const [number, value] = [thousands(at + 1), general(data[at])];
    throw new RnnkitError(`${place}: sample ${number} is ${value}; expected finite numbers from -1 to 1.`);
  }
  requireLoudness(samples, place);
  return samples;
}

/**
 * Refuse floats that reach so far beyond -1 to 1 that they are whole numbers of another kind.
 * @param {Float32Array} samples
 * @param {string} place
 * @throws {RnnkitError} They do.
 */
export function requireLoudness(samples, place) {
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (peak > LOUDEST) throw new RnnkitError(`${place} has samples up to ${thousands(rounded(peak))}; ${EXPECTED}.`);
}

/**
 * Whether these are the samples of one sound rather than several sounds.
 * @param {any} given
 */
export function isOneSound(given) {
  return !Array.isArray(given) || (given.length > 0 && given.every((each) => typeof each === "number"));
}
