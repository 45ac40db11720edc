/** Prompts for tunes. */

import { FIELDS } from "../codec/abc.js";
import { promptOf } from "../codec/abc_text.js";
import { RnnkitError } from "../errors.js";
import { isFloat, parseJson } from "../files/reading.js";
import { split } from "../python/unicode.js";

/** @typedef {import("../codec/abc_text.js").Headers} Headers */
export const HEADERS = "headers.json";
const ADVICE = "Train or copy the Run again.";
/** What can be asked for of a tune beside a prefix. */
export const ASKS = Object.freeze(["title", "rhythm", "metre", "key"]);

/**
 * The header followed by the prefix, as text and as what is read. A title that the network has not learnt is only
 * written.
 * @param {string} prefix
 * @param {Record<string, any>} asked
 * @param {Headers} headers
 * @param {string} order Letters of the fields above each tune, in the order in which they were learnt.
 * @returns {[string, string]}
 */
export function tunePrompt(prefix, asked, headers, order) {
  const { title: given = "", ...others } = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
  const title = order.includes("T") ? "" : given;
  const wanted = given && order.includes("T") ? { title: given, ...others } : others;
  let read = promptOf(wanted, headers, order);
  if (prefix && Object.keys(wanted).length) read = wholeHeader(read, headers, order);
  const begun = Array.from(FIELDS.keys()).some((letter) => prefix.startsWith(`${letter}:`));
  if (prefix && title && !begun && !read) read = wholeHeader("", headers, order);
  const shown = title ? `T:${split(title).join(" ")}\n${read}` : read;
  return [shown + prefix, read + prefix];
}

/**
 * The header completed by the most frequent missing fields.
 * @param {string} read
 * @param {Headers} headers
 * @param {string} order
 */
function wholeHeader(read, headers, order) {
  const lines = read.split("\n").filter((line) => line);
  const asked = new Map(lines.map((line) => [line[0], line.slice(2)]));
  if (asked.has("K")) return read;
  const alike = headers.filter(([header]) => [...asked].every(([letter, value]) => header.get(letter) === value));
  const [usual] = (alike.length ? alike : headers)[0];
  return Array.from(order, (letter) => {
    const value = asked.get(letter) || usual.get(letter);
    return value ? `${letter}:${value}\n` : "";
  }).join("");
}

/**
 * Read the headers of a bundle.
 * @param {import("../bundle.js").Bundle} folder Its files.
 * @returns {Headers}
 * @throws {RnnkitError} They are not there, or the file holds something else.
 */
export function loadHeaders(folder) {
  const path = folder.path(HEADERS);
  const content = parseJson(folder.bytes(HEADERS, "The headers", ADVICE), `The headers ${path}`, ADVICE);
  if (!Array.isArray(content) || !content.length || !content.every(isHeader)) {
    throw new RnnkitError(`${path} does not hold headers of tunes and their counts. ${ADVICE}`);
  }
  return content;
}

/** @param {any} each */
function isHeader(each) {
  if (!Array.isArray(each) || each.length !== 2 || !(each[0] instanceof Map)) return false;
  const whole = typeof each[1] === "boolean" || (Number.isInteger(each[1]) && !isFloat(each, 1));
  return whole && [...each[0]].every(([letter, value]) => FIELDS.has(letter) && typeof value === "string");
}
