/** The golden cases, which tests/golden/web_cases.py recorded from Python. */

import { readFileSync } from "node:fs";

const FOLDER = new URL("../../tests/golden/web/", import.meta.url);

/** @param {string} name @returns {any} */
export const golden = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf-8"));

export { plain } from "./plain.js";
