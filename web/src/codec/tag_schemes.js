/**
 * Tag schemes for entities in a sentence: IOB1, IOB2 (BIO), IOBES (BIOES), BILOU, or the type alone.
 *
 * The kit works with IOB2 throughout: B-X begins an entity of type X, I-X continues it, O is outside. The other schemes
 * are read into it and written from it.
 */

import { RnnkitError, didYouMean } from "../errors.js";
import { repr } from "../python/text.js";
import { compare, len, lower } from "../python/unicode.js";

export const OUTSIDE = "O";
/** The type of entities whose tags are a bare B, I or O. */
export const UNNAMED = "ENTITY";
/** The letters of each scheme before the hyphen. Those that end an entity: E and L, of one token S and U. */
export const SCHEMES = new Map([
  ["iob1", "BI"],
  ["iob2", "BI"],
  ["iobes", "BIES"],
  ["bilou", "BILU"],
  ["plain", ""],
]);
const ALIASES = new Map([
  ["bio", "iob2"],
  ["bioes", "iobes"],
]);
const [BEGIN_ONLY, LAST] = ["BSU", "ESLU"];
/** How the last token of several and the only token are written. @type {Map<string, [string, string]>} */
const ENDINGS = new Map([
  ["iobes", ["E", "S"]],
  ["bilou", ["L", "U"]],
]);

/** @typedef {[first: number, end: number, kind: string]} Span */

/**
 * The scheme's own name for a name of it, "bio" being "iob2" and "bioes" being "iobes".
 * @param {string} scheme
 * @throws {RnnkitError} There is no such scheme.
 */
export function knownScheme(scheme) {
  const name = ALIASES.get(lower(scheme)) ?? lower(scheme);
  if (!SCHEMES.has(name)) {
    const options = [...SCHEMES.keys(), ...ALIASES.keys()];
    throw new RnnkitError(
      `Unknown tag scheme ${repr(scheme)}; expected one of: ${options.join(", ")}.${didYouMean(scheme, options)}`,
    );
  }
  return name;
}

/**
 * A tag's letter and its type, split at the first hyphen; a bare B or I has the type "ENTITY".
 * @param {string} tag
 * @param {string} [scheme]
 * @returns {[letter: string, kind: string]}
 * @throws {RnnkitError} The scheme has no such tag.
 */
export function splitTag(tag, scheme = "iob2") {
  if (tag === OUTSIDE) return [OUTSIDE, ""];
  if (scheme === "plain" && tag) return ["S", tag];
  const at = tag.indexOf("-");
  const [letter, kind] = at < 0 ? [tag, ""] : [tag.slice(0, at), tag.slice(at + 1)];
  const letters = SCHEMES.get(scheme) ?? "";
  if (len(letter) === 1 && letters.includes(letter) && at >= 0 === (kind !== "")) return [letter, kind || UNNAMED];
  const options = Array.from(letters, (each) => `${each}-TYPE`).join(", ");
  throw new RnnkitError(`the tag ${repr(tag)} is none of ${scheme}; expected ${options || "a TYPE"} or O`);
}

/**
 * The entities that IOB2 tags mark, from left to right: (first token, one past the last, type).
 *
 * An I-X after anything but B-X or I-X begins an entity too, as in the CoNLL script `conlleval`. With `strict` only B-X
 * begins one and such an I-X is outside.
 * @param {readonly string[]} tags B-X, I-X and O.
 * @param {boolean} [strict] Whether an entity must begin with B-X.
 * @returns {Span[]}
 * @throws {RnnkitError} A tag is none of IOB2.
 */
export function spans(tags, strict = false) {
  /** @type {Span[]} */
  const found = [];
  let [begin, current] = [0, ""];
  tags.forEach((tag, place) => {
    const [letter, kind] = splitTag(tag);
    if (letter === "I" && kind === current) return;
    if (current) found.push([begin, place, current]);
    [begin, current] = [place, strict && letter === "I" ? "" : kind];
  });
  if (current) found.push([begin, tags.length, current]);
  return found;
}

/**
 * The tags of `length` tokens that mark these entities; entities must not overlap.
 * @param {readonly Span[]} found
 * @param {number} length
 * @param {string} [scheme]
 */
export function fromSpans(found, length, scheme = "iob2") {
  const name = knownScheme(scheme);
  const [last, only] = ENDINGS.get(name) ?? ["I", "B"];
  const tags = new Array(length).fill(OUTSIDE);
  let before = [0, ""];
  for (const [begin, end, kind] of [...found].sort((a, b) => a[0] - b[0] || a[1] - b[1] || compare(a[2], b[2]))) {
    const letters = end - begin > 1 ? ["B", ...new Array(end - begin - 2).fill("I"), last] : [only];
    if (name === "iob1" && !(before[0] === begin && before[1] === kind)) letters[0] = "I";
    tags.splice(begin, end - begin, ...letters.map((letter) => (name === "plain" ? kind : `${letter}-${kind}`)));
    before = [end, kind];
  }
  return tags;
}

/**
 * Tags of any scheme as IOB2. Invalid tags are read as `repair` reads them.
 *
 * In the plain scheme each token that is not O becomes an entity of its own.
 * @param {readonly string[]} tags Those of one sentence.
 * @param {string} scheme "iob1", "iob2" ("bio"), "iobes" ("bioes"), "bilou" or "plain".
 * @throws {RnnkitError} The scheme has no such tag.
 */
export function toIob2(tags, scheme) {
  const name = knownScheme(scheme);
  /** @type {[string, string]} */
  let before = [OUTSIDE, ""];
  return tags.map((tag) => {
    const [letter, kind] = splitTag(tag, name);
    const made = kind ? `${continues(before, letter, kind) ? "I" : "B"}-${kind}` : OUTSIDE;
    before = [letter, kind];
    return made;
  });
}

/**
 * IOB2 tags in another scheme. "plain" keeps the types alone, so where one entity ends and the next begins is lost.
 * @param {readonly string[]} tags
 * @param {string} scheme
 */
export const fromIob2 = (tags, scheme) => fromSpans(spans(tags), tags.length, scheme);

/** IOB2 tags with each I-X that continues nothing made B-X. @param {readonly string[]} tags */
export const repair = (tags) => toIob2(tags, "iob2");

/**
 * Whether a tag goes on with the entity of the tag before.
 * @param {[string, string]} before
 * @param {string} letter
 * @param {string} kind
 */
const continues = (before, letter, kind) =>
  kind !== "" && !BEGIN_ONLY.includes(letter) && !LAST.includes(before[0]) && before[1] === kind;
