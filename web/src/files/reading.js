/** Read what may come from a stranger: strict UTF-8 and strict JSON. Twin of rnnkit/files/reading.py. */

import { RnnkitError } from "../errors.js";
import { cut, repr } from "../python/text.js";
import { len } from "../python/unicode.js";

const MIB = 1 << 20;
/** What a bundle's JSON may be at most, in bytes: figures and settings. */
export const JSON_BYTES = 4 * MIB;
/** What JSON with lists of units or headers may be at most, in bytes. */
export const UNITS_BYTES = 16 * MIB;
/** What a list of words, pieces or labels may be at most, in bytes. */
export const WORDS_BYTES = 64 * MIB;
/** What an exported model may be at most, in bytes. */
export const MODEL_BYTES = 2048 * MIB;
const DEEPEST = 64;

/** Which numbers of an object or a list were written as floats; JavaScript has one kind of number. */
const FLOATS = new WeakMap();

/**
 * Whether the number under a key was written as a float, such as 1.0.
 * @param {object} parsed
 * @param {any} key
 */
export const isFloat = (parsed, key) => Boolean(FLOATS.get(parsed)?.has(key));

/**
 * The text of UTF-8, with a byte order mark if there is one; or the place of the first byte that is none.
 * @param {Uint8Array} bytes
 * @returns {{text: string} | {fault: number}}
 */
export function utf8(bytes) {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { fault: firstFault(bytes) };
  }
}

/** @param {Uint8Array} bytes */
function firstFault(bytes) {
  for (let at = 0; at < bytes.length;) {
    const size = utf8Length(bytes, at);
    if (size < 1) return at;
    at += size;
  }
  return bytes.length;
}

/**
 * The bytes of the character at a place; 0 where its bytes end before it does, or minus the bytes of what is none.
 * @param {ArrayLike<number>} bytes
 * @param {number} at
 */
export function utf8Length(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const size =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (!size) return -1;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let more = 1; more < size; more++) {
    if (at + more >= bytes.length) return 0;
    const byte = bytes[at + more];
    if (byte < (more === 1 ? low : 0x80) || byte > (more === 1 ? high : 0xbf)) return -more;
  }
  return size;
}

/**
 * The text of a UTF-8 file.
 * @param {Uint8Array} bytes
 * @param {string} path
 * @param {string} [what] Words before the path in the error, such as "The vocabulary".
 * @param {string} [advice] A sentence after it: how to mend it.
 * @throws {RnnkitError} It is not UTF-8.
 */
export function textOf(bytes, path, what = "", advice = "") {
  const found = utf8(bytes);
  if ("fault" in found) throw new RnnkitError(`${what} ${path} is not UTF-8 at byte ${found.fault}. ${advice}`.trim());
  return found.text;
}

/**
 * The value of strict JSON in UTF-8. Objects are Maps, whose keys keep their order.
 * @param {Uint8Array | string} content
 * @param {string} where What it is, as the error begins.
 * @param {string} [advice] A sentence at the error's end: how to mend it.
 * @returns {any}
 * @throws {RnnkitError} It is no JSON, nested more than 64 deep, has a key twice, a number that is not finite or does
 *   not fit in 64 bits, or half of a surrogate pair.
 */
export function parseJson(content, where, advice = "") {
  try {
    return parsed(content);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new RnnkitError(`${where} is no strict JSON (${error.message}). ${advice}`.trimEnd());
  }
}

class Fault extends Error {}

/** @param {Uint8Array | string} content */
function parsed(content) {
  let text = content;
  if (typeof text !== "string") {
    const found = utf8(text);
    if ("fault" in found) {
      const mark = text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0; // Python counts behind the mark
      throw new Fault(`not UTF-8 at byte ${found.fault - mark}`);
    }
    text = found.text.startsWith("\ufeff") ? found.text.slice(1) : found.text;
  }
  if (depth(text) > DEEPEST) throw new Fault(`nested more than ${DEEPEST} deep`);
  return new Parser(text).whole();
}

/** @param {string} text */
function depth(text) {
  let [open, most] = [0, 0];
  for (const bracket of text.replace(/"(?:[^"\\]|\\[^])*"?|[^"[\]{}]+/g, "")) {
    open += bracket === "[" || bracket === "{" ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}

const ESCAPED = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);
const BLANK = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\0-\x1f]*/y;
const NUMBER = /(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?/y;

/** JSON as Python's `json` reads it, with its messages. */
class Parser {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.float = false;
    /** @type {string | undefined} */
    this.half = undefined;
  }

  whole() {
    if (this.text.startsWith("\ufeff")) this.refuse("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0);
    this.skip();
    const value = this.value();
    this.skip();
    if (this.at < this.text.length) this.refuse("Extra data", this.at);
    if (this.half) throw new Fault(`half of a surrogate pair, \\u${this.half}`);
    return value;
  }

  /** @param {string} said @param {number} at @returns {never} */
  refuse(said, at) {
    const before = this.text.slice(0, at);
    const line = before.split("\n").length;
    throw new Fault(
      `${said}: line ${line} column ${len(before.slice(before.lastIndexOf("\n") + 1)) + 1} (char ${len(before)})`,
    );
  }

  skip() {
    BLANK.lastIndex = this.at;
    BLANK.exec(this.text);
    this.at = BLANK.lastIndex;
  }

  /** @returns {any} */
  value() {
    const sign = this.text[this.at];
    this.float = false;
    if (sign === '"') return this.string();
    if (sign === "{") return this.object();
    if (sign === "[") return this.list();
    for (const [word, value] of /** @type {[string, any][]} */ ([
      ["null", null],
      ["true", true],
      ["false", false],
    ])) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (found) {
      this.at = NUMBER.lastIndex;
      return this.number(found);
    }
    const named = ["NaN", "Infinity", "-Infinity"].find((name) => this.text.startsWith(name, this.at));
    if (named) throw new Fault(`${named} is no JSON number`);
    return this.refuse("Expecting value", this.at);
  }

  /** @param {RegExpExecArray} found */
  number(found) {
    const digits = found[0];
    this.float = found[2] !== undefined || found[3] !== undefined;
    const value = Number(digits);
    if (this.float && !Number.isFinite(value)) throw new Fault(`the number ${digits.slice(0, 20)} is too large`);
    if (!this.float && (digits.length > 20 || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits))) {
      throw new Fault(`the number ${digits.slice(0, 20)}... has more than 64 bits`);
    }
    return value;
  }

  string() {
    const begin = this.at++;
    let made = "";
    for (;;) {
      PLAIN.lastIndex = this.at;
      made += /** @type {RegExpExecArray} */ (PLAIN.exec(this.text))[0];
      this.at = PLAIN.lastIndex;
      const sign = this.text[this.at];
      if (sign === undefined) this.refuse("Unterminated string starting at", begin);
      if (sign === '"') break;
      if (sign !== "\\") this.refuse("Invalid control character at", this.at);
      const next = this.text[this.at + 1];
      if (next === undefined) this.refuse("Unterminated string starting at", begin);
      if (next === "u") {
        const digits = this.text.slice(this.at + 2, this.at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(digits) || this.at + 6 >= this.text.length)
          this.refuse("Invalid \\uXXXX escape", this.at + 1);
        made += String.fromCharCode(parseInt(digits, 16));
        this.at += 6;
      } else {
        const plain = ESCAPED.get(next);
        if (plain === undefined) this.refuse("Invalid \\escape", this.at);
        made += plain;
        this.at += 2;
      }
    }
    this.at += 1;
    const half = /[\ud800-\udfff]/u.exec(made);
    if (half) this.half ??= half[0].charCodeAt(0).toString(16);
    return made;
  }

  object() {
    const made = new Map();
    const floats = new Set();
    let twice;
    this.at += 1;
    this.skip();
    if (this.text[this.at] === "}") this.at += 1;
    else {
      for (;;) {
        if (this.text[this.at] !== '"') this.refuse("Expecting property name enclosed in double quotes", this.at);
        const name = this.string();
        this.skip();
        if (this.text[this.at] !== ":") this.refuse("Expecting ':' delimiter", this.at);
        this.at += 1;
        this.skip();
        if (made.has(name)) twice ??= name;
        made.set(name, this.value());
        if (this.float) floats.add(name);
        this.skip();
        if (this.text[this.at] === "}") break;
        if (this.text[this.at] !== ",") this.refuse("Expecting ',' delimiter", this.at);
        this.at += 1;
        this.skip();
      }
      this.at += 1;
    }
    if (twice !== undefined) throw new Fault(`the key ${repr(cut(twice, 60))} is there twice`);
    FLOATS.set(made, floats);
    this.float = false;
    return made;
  }

  list() {
    const made = [];
    const floats = new Set();
    this.at += 1;
    this.skip();
    if (this.text[this.at] === "]") this.at += 1;
    else {
      for (;;) {
        made.push(this.value());
        if (this.float) floats.add(made.length - 1);
        this.skip();
        if (this.text[this.at] === "]") break;
        if (this.text[this.at] !== ",") this.refuse("Expecting ',' delimiter", this.at);
        this.at += 1;
        this.skip();
      }
      this.at += 1;
    }
    FLOATS.set(made, floats);
    this.float = false;
    return made;
  }
}

/** A number of bytes for people. @param {number} size */
export function inUnits(size) {
  for (const [power, unit] of /** @type {[number, string][]} */ ([
    [30, "GiB"],
    [20, "MiB"],
    [10, "KiB"],
  ])) {
    if (size >= 2 ** power) return `${(size / 2 ** power).toFixed(1)} ${unit}`;
  }
  return `${size} byte${size === 1 ? "" : "s"}`;
}
