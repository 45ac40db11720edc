/** Prompts in the plain form of ABC that a network has learnt to write. */

import { FIELDS } from "./abc.js";
import { NotAKey, plainKey, readKey, withoutRemark } from "./abc_keys.js";
import { RnnkitError } from "../errors.js";
import { repr, typeName } from "../python/text.js";
import { split } from "../python/unicode.js";

/** The fields that are written above each tune, in this order; the key is the last, as the standard wants it. */
export const ORDER = "MLK";
const METRE = /^(?:\p{Nd}{1,2}\/(?:1|2|4|8|16|32)|C\|?|none)$/u;
const LETTERS = new Map(Array.from(FIELDS, ([letter, name]) => [name, letter]));
/** How often each header is there in the training tunes. @typedef {[ReadonlyMap<string, string>, number][]} Headers */

/**
 * The prompt for a header.
 *
 * Since fields stand in a fixed order, those before the last one that is asked for are needed too: they become what
 * they are in most tunes that have what is asked for.
 * @param {Record<string, any>} wanted "key", "metre", "length", "rhythm", "title" or "tempo" (or the letters) to what
 *   it shall be.
 * @param {Headers} headers Those that the network has learnt from, most frequent first.
 * @param {string} [order] As they were written.
 * @returns {string} Whole lines; "" where nothing is asked for.
 * @throws {RnnkitError} A field is not known, or the network has not learnt it.
 */
export function promptOf(wanted, headers, order = ORDER) {
  checkOrder(order);
  checkWanted(wanted);
  const asked = new Map(
    Object.entries(wanted)
      .filter(([, value]) => value)
      .map(([name, value]) => [letterOf(name, order), value])
      .map(([letter, value]) => [letter, letter === "K" ? plainKey(value) : tidy(value)]),
  );
  if (!asked.size) return "";
  const lines = [];
  for (const letter of order.slice(0, Math.max(...Array.from(asked.keys(), (each) => order.indexOf(each))) + 1)) {
    const alike = headers.filter(([header]) =>
      [...asked].every(([key, value]) => key === "T" || header.get(key) === value),
    );
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const [header, count] of alike.length ? alike : headers) {
      const value = header.get(letter) ?? "";
      counts.set(value, (counts.get(value) ?? 0) + count);
    }
    const [most = ["", 0]] = [...counts].sort((a, b) => b[1] - a[1]); // of equal ones the first
    const usual = asked.get(letter) || most[0];
    if (usual) {
      lines.push(`${letter}:${usual}\n`);
      if (!asked.has(letter)) asked.set(letter, usual);
    }
  }
  return lines.join("");
}

/** Refuse an invalid ABC key or metre. @param {Record<string, any>} wanted */
function checkWanted(wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    if (typeof value !== "string") throw new RnnkitError(`The ${name} is a ${typeName(value)}; expected a text.`);
  }
  const { key = "", metre = "" } = wanted;
  let named = key === "";
  try {
    named ||= readKey(key).tonic !== "";
  } catch (error) {
    if (!(error instanceof NotAKey)) throw error;
  }
  if (!named) throw new RnnkitError(`The key is ${repr(key)}; expected one such as G, Am, Bb or Dmix.`);
  if (metre && !METRE.test(metre))
    throw new RnnkitError(`The metre is ${repr(metre)}; expected one such as 4/4, 6/8 or C.`);
}

/**
 * Refuse fields that cannot stand above a tune.
 * @param {string} order
 * @throws {RnnkitError} A letter is unknown or there twice, or the last one is not K.
 */
export function checkOrder(order) {
  const letters = Array.from(order);
  if (
    !order.endsWith("K") ||
    new Set(letters).size !== letters.length ||
    !letters.every((letter) => FIELDS.has(letter))
  ) {
    const known = Array.from(FIELDS, ([letter, name]) => `${letter} (${name})`).join(", ");
    throw new RnnkitError(`The header's fields are ${repr(order)}; give each of ${known} once at most, K as the last.`);
  }
}

/** A field on one line with single blanks, without a trailing remark. @param {string} value */
const tidy = (value) => split(withoutRemark(value)).join(" ");

/** @param {string} name @param {string} order */
function letterOf(name, order) {
  const letter = FIELDS.has(name) ? name : (LETTERS.get(name.toLowerCase()) ?? "");
  if (letter === "" || !order.includes(letter)) {
    const known = Array.from(order, (each) => FIELDS.get(each)).join(", ");
    throw new RnnkitError(`A tune's ${repr(name)} cannot be asked for; what this network has learnt: ${known}.`);
  }
  return letter;
}
