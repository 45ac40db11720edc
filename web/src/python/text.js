/** How Python writes values into messages: `repr`, the formats `g` and `,`, and a text cut to a width. */

import { isprintable, known, slice, strip } from "./unicode.js";

/** A number that was written as a float, such as 1.0, for `repr`. */
export class Float {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
  }
}

/**
 * A value as Python's `repr` writes it. Whole numbers are ints; `Float` makes them floats.
 * @param {any} value
 * @returns {string}
 */
export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number")
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : floatText(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Map)
    return `{${Array.from(value, ([name, each]) => `${repr(name)}: ${repr(each)}`).join(", ")}}`;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `[${Array.from(/** @type {any} */ (value), repr).join(", ")}]`;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return repr(new Map(Object.entries(value)));
  return String(value);
}

/** @param {any} value */
export const typeName = (value) => {
  if (value === null || value === undefined) return "NoneType";
  if (value instanceof Float) return "float";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return "list";
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype ? "dict" : value.constructor.name;
};

/** A float as Python's `repr` writes it: 1.0, 1e-05, 1e+16. @param {number} value */
export function floatText(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, power] = value.toExponential().split("e");
    return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

const ESCAPES = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** @param {string} text */
function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let made = "";
  for (const sign of text) {
    const code = /** @type {number} */ (sign.codePointAt(0));
    if (sign === quote || ESCAPES.has(sign)) made += ESCAPES.get(sign) ?? `\\${sign}`;
    else if (sign === " " || isprintable(sign)) made += sign;
    else if (code < 0x100) made += `\\x${code.toString(16).padStart(2, "0")}`;
    else
      made += code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return quote + made + quote;
}

/** The beginning of a text, as the format `.60` cuts it. @param {string} text @param {number} most */
export const cut = (text, most) => slice(text, 0, most);

/** A whole number with commas between thousands. @param {number} value */
export const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * A number as the format `g` of Python writes it; halves go to the even neighbour, as in `rounded`.
 * @param {number} value
 * @param {number} [digits]
 */
export function general(value, digits = 6) {
  if (!Number.isFinite(value)) return floatText(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [exact, power] = Math.abs(value).toExponential(100).split("e");
  const signs = exact.replace(".", "");
  const [kept, shift] = roundedDigits(signs.slice(0, digits), signs.slice(digits));
  const exponent = Number(power) + shift;
  const sign = value < 0 ? "-" : "";
  const plain = kept.slice(0, digits).replace(/0+$/, "") || "0";
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${plain[0]}${plain.length > 1 ? `.${plain.slice(1)}` : ""}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${plain}`;
  const whole = plain.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}${plain.length > exponent + 1 ? `.${plain.slice(exponent + 1)}` : ""}`;
}

/**
 * Decimal digits, rounded by those behind them, and by how many they have grown.
 * @param {string} kept
 * @param {string} rest
 * @returns {[string, number]}
 */
function roundedDigits(kept, rest) {
  const half = `5${"0".repeat(Math.max(rest.length - 1, 0))}`;
  const up = rest > half || (rest === half && Number(kept[kept.length - 1] ?? 0) % 2 === 1);
  const made = up ? (BigInt(kept || "0") + 1n).toString().padStart(kept.length, "0") : kept;
  return [made, made.length - kept.length];
}

/**
 * Python's `round(value, digits)`: halves go to the even neighbour, and what counts is the exact binary value.
 * @param {number} value
 * @param {number} [digits]
 */
export function rounded(value, digits = 0) {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const exact = Math.abs(value).toFixed(100);
  const [whole, part] = exact.split(".");
  const [text] = roundedDigits(whole + part.slice(0, digits), part.slice(digits));
  const made = Number(`${text.slice(0, text.length - digits)}.${text.slice(text.length - digits) || "0"}`);
  return value < 0 || Object.is(value, -0) ? -made : made;
}

const NUMBER = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const NAMED = /^([+-]?)(inf|infinity|nan)$/i;

/** The digits of any script as ASCII's, as Python's numbers read them. @param {string} text */
export const asciiDigits = (text) =>
  known(text).replace(/\p{Nd}/gu, (sign) => {
    let value = 0;
    const code = /** @type {number} */ (sign.codePointAt(0));
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1)) && !startsDigits(code - value))
      value += 1;
    return String(value);
  });

/**
 * Whether a digit is the zero of its script: digits stand in tens, whose first follows no digit of the same ten.
 * @param {number} code
 */
const startsDigits = (code) => (code >= 0x1d7ce && code <= 0x1d7ff ? (code - 0x1d7ce) % 10 === 0 : false);

/**
 * A number as Python's `float` reads it; undefined for what is none.
 * @param {string} text
 * @returns {number | undefined}
 */
export function float(text) {
  const plain = asciiDigits(strip(text));
  const named = NAMED.exec(plain);
  if (named) return named[2].toLowerCase() === "nan" ? NaN : named[1] === "-" ? -Infinity : Infinity;
  return NUMBER.test(plain) ? Number(plain.replaceAll("_", "")) : undefined;
}
