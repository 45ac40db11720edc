/** What is known of channels as the text of a file, in a bundle. */

import { Channels, MOST_STEPS } from "./channels.js";
import { RnnkitError } from "../errors.js";
import { isFloat } from "../files/reading.js";

const FIELDS = ["names", "mean", "std", "missing", "interval", "longest"];
const LATER = "regular"; // which files of an earlier version lack; 0 there
const MOST = 100_000; // channels

/**
 * Channels from the parsed content of that file, which may come from anyone.
 * @param {any} content
 * @param {string} where What messages call the file.
 * @throws {RnnkitError} It is not what rnnkit writes.
 */
export function channelsOf(content, where) {
  const found = content instanceof Map ? new Map([[LATER, 0.0], ...content]) : new Map();
  const known = found.size === FIELDS.length + 1 && [...FIELDS, LATER].every((name) => found.has(name));
  if (!known || !(areNames(found.get("names")) && areScales(found, content))) {
    throw new RnnkitError(
      `${where} should have the names of channels, and for each a finite mean and a positive std. It is ` +
        "broken; copy it again.",
    );
  }
  const [names, mean, std, missing, interval, longest] = FIELDS.map((name) => found.get(name));
  return new Channels(names, mean, std, missing, interval, longest, found.get(LATER));
}

/** @param {any} names */
const areNames = (names) =>
  Array.isArray(names) &&
  names.length > 0 &&
  names.length <= MOST &&
  names.every((each) => typeof each === "string" && each);

/**
 * Whether there is a mean and a spread for each name, and all else is of its kind.
 * @param {Map<string, any>} found
 * @param {object} content
 */
function areScales(found, content) {
  const count = found.get("names").length;
  const tables = [found.get("mean"), found.get("std")];
  if (!tables.every((table) => Array.isArray(table) && table.length === count && table.every(Number.isFinite)))
    return false;
  const [longest, times] = [found.get("longest"), [found.get("interval"), found.get(LATER)]];
  const whole = Number.isInteger(longest) && !isFloat(content, "longest");
  const sound =
    whole && longest > 0 && longest <= MOST_STEPS && times.every((each) => Number.isFinite(each) && each >= 0);
  return (
    sound &&
    typeof found.get("missing") === "boolean" &&
    found.get("std").every((/** @type {number} */ spread) => spread > 0)
  );
}
