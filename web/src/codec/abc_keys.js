/** Keys in ABC notation: what a `K:` field says, and its plain form. */

import { S, split, strip } from "../python/unicode.js";

/** Accidentals and the semitones by which they alter a letter. */
export const ACCIDENTALS = new Map([
  ["__", -2],
  ["_", -1],
  ["=", 0],
  ["^", 1],
  ["^^", 2],
]);
export const SIGNS = new Map(Array.from(ACCIDENTALS, ([sign, number]) => [number, sign]));
/** The mode of keys that have the accidentals they name and no others. */
export const EXPLICIT = " exp";
/** Reasons for leaving a tune out. */
export const [UNKNOWN_KEY, MOVING_KEY] = ["a key that is not understood", "a key or clef that moves all pitches"];

const SHARPS = "FCGDAEB";
const ALTERED = new Map([
  ["b", -1],
  ["", 0],
  ["#", 1],
]);
/** The modes by their first three letters in the plain form, and by how many sharps fewer they have than major. */
const MODES = new Map(
  Object.entries({
    m: "m",
    min: "m",
    aeo: "m",
    maj: "",
    ion: "",
    exp: EXPLICIT,
    mix: "mix",
    dor: "dor",
    phr: "phr",
    lyd: "lyd",
    loc: "loc",
  }),
);
const FEWER = new Map(Object.entries({ "": 0, lyd: -1, mix: 1, dor: 2, m: 3, phr: 4, loc: 5 }));
const TONIC = /^(?:(HP|Hp)(?![A-Za-z])|([nN][oO][nN][eE])(?![A-Za-z])|([A-G])([#b]?))/;
const ACCIDENTAL = /^(\^\^?|__?|=)([A-Ga-g])/;
// A word before = is a property.
const MODE = new RegExp(`^(?:[A-Za-z]+(?![A-Za-z0-9])|[${S}]+[A-Za-z]+(?![A-Za-z0-9=]))`);
const CLEFS = "treble|bass|alto|tenor|baritone|soprano|mezzosoprano|mezzo|perc|none|auto|(?<==)[CFGP]";
const CLEF = new RegExp(`^(?:clef=)?"?(?:${CLEFS})[1-5]?([+-](?:8|15))?"?(?![A-Za-z0-9=])`);
const PROPERTY = new RegExp(`^([A-Za-z]+)=("[^"]*"|[^${S}"]*)`);
const MOVING = ["octave", "transpose", "t", "score", "sound", "shift"];
const HARMLESS = new Set(
  (
    "clef middle m staffscale scale stafflines stem stems gstem dyn lyrics name nm subname snm sname " +
    "merge up down gchord style cue"
  ).split(" "),
);

/** A `K:` field cannot be kept; the message is the reason, one of `UNKNOWN_KEY` and `MOVING_KEY`. */
export class NotAKey extends Error {}

/** A key. */
export class Key {
  /**
   * @param {string} tonic A letter with `#` or `b`, "none", "HP" or "Hp"; "" where a field names no key, only a clef.
   * @param {string} mode "" for major, "m", "mix", "dor", "phr", "lyd", "loc" or `EXPLICIT`.
   * @param {ReadonlyMap<string, number>} accidentals Those that the field adds, by upper-case letters.
   */
  constructor(tonic, mode, accidentals) {
    this.tonic = tonic;
    this.mode = mode;
    this.accidentals = accidentals;
  }

  /** The key as it is learnt and shown: short, with single blanks. */
  get plain() {
    const added = Array.from(this.accidentals, ([letter, number]) => SIGNS.get(number) + letter.toLowerCase());
    return [this.tonic + this.mode, ...added].join(" ");
  }

  /** Refuse a key of more than seven sharps or flats. */
  check() {
    const fewer = FEWER.get(this.mode);
    const fifths = this.tonic ? SHARPS.indexOf(this.tonic[0]) - 1 : -2;
    if (["HP", "Hp", "none"].includes(this.tonic) || fifths < -1 || fewer === undefined) return;
    if (Math.abs(fifths + 7 * (ALTERED.get(this.tonic.slice(1)) ?? 0) - fewer) > 7) throw new NotAKey(UNKNOWN_KEY);
  }
}

/**
 * The key that a `K:` field names.
 * @param {string} text What stands behind `K:`: a tonic and a mode, accidentals, and a clef, which is passed over.
 * @throws {NotAKey} Something in it is not understood, or moves all pitches, such as `transpose=2` and `clef=treble-8`.
 */
export function readKey(text) {
  let rest = strip(withoutRemark(text).replaceAll("♯", "#").replaceAll("♭", "b"));
  let [tonic, mode] = ["", ""];
  const first = TONIC.exec(rest);
  if (first) {
    tonic = first[1] ?? (first[2] ? "none" : first[3] + first[4]);
    rest = rest.slice(first[0].length);
    const word = first[3] ? MODE.exec(rest) : null;
    const named = word ? MODES.get(strip(word[0]).slice(0, 3).toLowerCase()) : undefined;
    if (word && named !== undefined) {
      mode = named;
      rest = rest.slice(word[0].length);
    }
  }
  const accidentals = new Map();
  while ((rest = rest.replace(/^[ \t,]+/, "")) !== "") {
    let match = tonic ? ACCIDENTAL.exec(rest) : null;
    if (match) accidentals.set(match[2].toUpperCase(), ACCIDENTALS.get(match[1]));
    else if ((match = CLEF.exec(rest))) {
      if (match[1]) throw new NotAKey(MOVING_KEY);
    } else {
      match = PROPERTY.exec(rest);
      const name = match?.[1].toLowerCase() ?? "";
      if (!match || !(HARMLESS.has(name) || MOVING.includes(name))) throw new NotAKey(UNKNOWN_KEY);
      if (moves(match[1], match[2])) throw new NotAKey(MOVING_KEY);
    }
    rest = rest.slice(match[0].length);
  }
  const key = new Key(tonic, mode, accidentals);
  key.check();
  return key;
}

/** A field without a trailing remark. @param {string} text */
export const withoutRemark = (text) => text.replace(/(?<!\\)%.*/g, "");

/** Whether a property of a key, clef or voice moves its pitches. @param {string} name @param {string} value */
export function moves(name, value) {
  const plain = value.replace(/^"+|"+$/g, "");
  if (name === "clef") return ["+8", "-8", "+15", "-15"].some((end) => plain.endsWith(end));
  return MOVING.includes(name) && plain.replace(/^[+\-0]+|[+\-0]+$/g, "") !== "";
}

/**
 * A key in its plain form: the tonic and, unless major, the mode in one or three letters; then its accidentals.
 *
 * What names no key is "none"; what is no key stays as it is, with single blanks.
 * @param {string} key
 */
export function plainKey(key) {
  try {
    return readKey(key).plain || "none";
  } catch (error) {
    if (error instanceof NotAKey) return split(key).join(" ");
    throw error;
  }
}

/** Whether a `K:` field within a tune changes the key; one that names a clef alone does not. @param {string} text */
export function namesKey(text) {
  try {
    return readKey(text).tonic !== "";
  } catch (error) {
    if (error instanceof NotAKey) return true;
    throw error;
  }
}
