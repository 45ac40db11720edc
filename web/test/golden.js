/** The golden cases, which tests/golden/web_cases.py recorded from Python. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../tests/golden/web/", import.meta.url);

/** @param {string} name @returns {any} */
export const golden = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf-8"));

export { plain } from "./plain.js";

const LONGEST = 120; // as in web_cases.py

/** As Python's `json.dumps` with ASCII alone. @param {any} value */
const ascii = (value) =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** @param {any} value */
export const digestOf = (value) => createHash("sha256").update(ascii(value)).digest("hex");

/** An answer, or of a long one its digest. @param {any} answer */
export const short = (answer) => (ascii(answer).length <= LONGEST ? answer : `sha256 ${digestOf(answer).slice(0, 16)}`);
