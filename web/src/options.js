/** Options with the values they take, which are checked. Twin of what rnnkit/options.py does on a phone. */

import { RnnkitError, didYouMean } from "./errors.js";
import { cut, floatText, repr } from "./python/text.js";

/**
 * @typedef {object} Spec
 * @property {"whole" | "number" | "truth" | "text"} kind
 * @property {any} default
 * @property {number} [low]
 * @property {number} [high]
 * @property {readonly string[]} [choices]
 */

const KINDS = { whole: "a whole number", number: "a number", truth: "True or False", text: "text" };

/** @param {Spec} spec @param {any} value */
const shown = (spec, value) =>
  cut(spec.kind === "number" && typeof value === "number" ? floatText(value) : repr(value), 80);
/** @param {number} bound */
const plain = (bound) => (Number.isInteger(bound) ? String(bound) : floatText(bound));

/**
 * Options from names and values, the others by default.
 * @param {Record<string, Spec>} specs
 * @param {Record<string, any>} values
 * @returns {Record<string, any>}
 * @throws {RnnkitError} For a name that is no option, with the nearest one, and for values of another kind or out of
 *   range.
 */
export function checkedOptions(specs, values) {
  const known = Object.keys(specs);
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(specs, name)) {
      const meant = didYouMean(name, known) || ` Options: ${known.join(", ")}.`;
      throw new RnnkitError(`Unknown option ${cut(repr(name), 60)}.${meant}`);
    }
  }
  return Object.fromEntries(
    known.map((name) => [
      name,
      checked(name, specs[name], Object.hasOwn(values, name) ? values[name] : specs[name].default),
    ]),
  );
}

/** @param {string} name @param {Spec} spec @param {any} value */
function checked(name, spec, value) {
  const { kind, choices, low, high } = spec;
  const fits = {
    whole: typeof value === "number" && Number.isInteger(value),
    number: typeof value === "number",
    truth: typeof value === "boolean",
    text: typeof value === "string",
  };
  if (!fits[kind]) {
    throw new RnnkitError(
      `${name} is ${cut(repr(value), 80)}; expected ${KINDS[kind]}, for example ${shown(spec, spec.default)}.`,
    );
  }
  if (kind === "number" && !Number.isFinite(value)) {
    throw new RnnkitError(
      `${name} is ${floatText(value)}; expected a finite number, for example ${shown(spec, spec.default)}.`,
    );
  }
  if (choices && !choices.includes(value)) {
    throw new RnnkitError(
      `${name} is ${shown(spec, value)}; expected one of ${choices.join(", ")}.${didYouMean(value, choices)}`,
    );
  }
  if ((low !== undefined && !(value >= low)) || (high !== undefined && !(value <= high))) {
    const span =
      low !== undefined && high !== undefined ? `from ${plain(low)} to ${plain(high)}` : `${plain(low ?? 0)} or more`;
    throw new RnnkitError(`${name} is ${shown(spec, value)}; expected ${KINDS[kind]} ${span}.`);
  }
  return value;
}
