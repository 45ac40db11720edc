/** The settings of a front end as the text of a file, in a bundle. */

import { Spectrogram } from "./spectrogram.js";
import { USUAL } from "./spectrogram_settings.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";
import { Float } from "../python/text.js";

const FIELDS = Object.keys(USUAL);
const WHOLE = ["rate", "bands", "coefficients", "deltas", "delta_width", "memory"];

/**
 * Settings from the parsed content of that file, which may come from anyone.
 * @param {any} content
 * @param {string} where What messages call the file.
 * @throws {RnnkitError} It is not what rnnkit writes; says which setting is wrong.
 */
export function spectrogramOf(content, where) {
  const known = content instanceof Map && content.size === FIELDS.length && FIELDS.every((name) => content.has(name));
  if (!known) {
    throw new RnnkitError(`${where} should have the settings ${FIELDS.join(", ")}. It is broken; copy it again.`);
  }
  for (const name of ["mean", "std"]) {
    const found = content.get(name);
    if (!Array.isArray(found) || !found.every(Number.isFinite)) {
      throw new RnnkitError(`${where}: ${name} is no list of numbers. It is broken; copy it again.`);
    }
  }
  if (typeof content.get("normalise") !== "string") {
    throw new RnnkitError(`${where}: normalise is no text. It is broken; copy it again.`);
  }
  const given = Object.fromEntries(content);
  for (const name of WHOLE) if (isFloat(content, name)) given[name] = new Float(given[name]);
  try {
    return new Spectrogram(given);
  } catch (error) {
    if (error instanceof RnnkitError) throw new RnnkitError(`${where}: ${error.message}`);
    throw error;
  }
}
