/** Texts to numbers, as "Reading text" in docs/bundle_format.md says. */

const R = String.raw;
const M = R`\p{M}\u00AD\u200C\u200D`;
const W = R`\p{L}\p{N}_${M}`;
const B = R`\s\p{Z}\p{Cc}\p{Cf}`;
const Q = R`'\u2018\u2019\u201B\u02BB\u02BC\u00B4\u0060\u2032\u05F3\uFF07`;
const H = R`\u2E80-\u2FDF\u3005-\u3007\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uD840\uDC00-\uD8BF\uDFFF`;
const X = R`[[${W}]&&[^${H}${Q}]]`;
const L = R`[[\p{L}\p{Nl}\p{No}${M}]&&[^${H}${Q}]]`;
const S = R`(?:[sdmSDM\u017F]|[rR][eE]|[vV][eE]|[lL]{2})(?![${W}])`;
const C = R`A-Z\u00C0-\u00D6\u00D8-\u00DE`;
const LINK = R`(?:https?:\/\/|www\.)[[^${B}<>"]${M}]*[${W}\/]`;
const MAIL = R`(?<![${W}.+\-])[${W}.+\-]+@[${W}\-]+(?:\.[${W}\-]+)+`;
const END = R`(?<=[${W}.])[${Q}]${S}`;
const INITIAL = R`(?<![${W}.])(?!I)[${C}]\.(?=[[${B}]&&[^${M}]]{1,3}[${C}])`;
const DOTTED = R`(?<![${W}.])(?:${L}\.){2,}(?!${X})|(?<![${W}.])(?:${L}\.)+${L}(?!${X})|(?<![${W}.])\.\p{Nd}+`;
const INNER = R`-|[${Q}](?!${S})|(?<=\p{Nd})[.,:\/](?=\p{Nd})|(?<=${L})\.(?=[a-z])|(?<=${L})&(?=${L})`;
const WORD = R`(?:${DOTTED}|${X}+)(?:(?:${INNER})${X}+)*`;
const TOKEN = R`${LINK}|${MAIL}|[${H}][${M}]*|${END}|${INITIAL}|${WORD}|\.{2,}|-{2,}|[[^${B}]${M}][${M}]*`;
const V = R`\p{L}\p{N}\p{Mn}\p{Mc}_`;
const KEPT = { words: R`[${V}]+(?:'[${V}]+)*`, unicode: R`[\p{L}\p{N}_']+`, ascii: R`[A-Za-z0-9_']+` };
const QUOTE = R`[\u02BB\u02BC]|(?<=[${V}])[${Q}](?=[${V}])`;
const F = R`\u00AD\u034F\u061C\u200C-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0F\uFEFF`;
const SILENT = R`[${F}\uDB40\uDC00-\uDB43\uDFFF]`;
const all = (pattern) => new RegExp(pattern, "gv");

export const canonical = (text) =>
  text.replace(all(SILENT), "").replaceAll("\u200B", " ").normalize("NFC").replace(all(QUOTE), "'");

/** The words of a text, for a classifier. */
export function wordsOf(text, delimiters) {
  const read = text.split("\0")[0];
  const spelt = delimiters === "words" ? canonical(read) : read;
  return Array.from(spelt.matchAll(all(KEPT[delimiters])), ([word]) => fold(word));
}

function fold(word) {
  const lower = word.toLowerCase();
  const letters = Array.from(lower);
  const first = letters.findIndex((letter) => letter.toUpperCase() !== letter);
  const capitalised = letters.map((letter, place) => (place === first ? letter.toUpperCase() : letter)).join("");
  return word === capitalised || word === lower.toUpperCase() ? lower : word;
}

/** The tokens of a sentence, for a tagger, with their first place and the one after the last. */
export const tokensOf = (text) =>
  Array.from(text.matchAll(all(TOKEN)), ({ index, 0: token }) => ({ token, start: index, end: index + token.length }));

export function casing(letters) {
  const count = (kind) => letters.filter((letter) => kind.test(letter)).length;
  const [digits, lower] = [count(/\p{Nd}/v), count(/\p{Lowercase}/v)];
  const [upper, title] = [count(/\p{Uppercase}/v), count(/\p{Lt}/v)];
  if (digits > 0 && digits === letters.length) return 2;
  if (digits > 1 && digits * 2 >= letters.length) return 3;
  if (digits > 0) return 7;
  if (lower > 0 && upper + title === 0) return 4;
  if (upper > 0 && lower + title === 0) return 5;
  return /\p{Uppercase}/v.test(letters[0]) ? 6 : 1;
}

/** A token's ids of word, casing and letters, of which there are `most`. */
export function featuresOf(token, words, letters, most) {
  const spelt = /^[\0-\x7F]*$/v.test(token) ? token : canonical(token);
  const [now, before] = [numbersOf(spelt, letters, most), numbersOf(token, letters, most)];
  const older = now.includes(2) || Array.from(token).some((sign) => letters.has(sign) && canonical(sign) !== sign);
  return {
    word: idOf(words, words.has(zeroed(token)) ? zeroed(token) : zeroed(spelt)),
    casing: casing(Array.from(canonical(token))),
    letters: older && !before.includes(2) ? before : now,
  };
}

const zeroed = (word) => word.toLowerCase().replace(/\p{Nd}/gv, "0");

function numbersOf(word, letters, most) {
  const signs = Array.from(word);
  const half = most >> 1;
  const read = signs.length <= most ? signs : [...signs.slice(0, most - half), ...signs.slice(signs.length - half)];
  return [...read.map((sign) => idOf(letters, sign)), ...Array(most - read.length).fill(0)];
}

/** The id of a word in a vocabulary; 2 where it is not listed. */
export const idOf = (ids, word) => Math.max(ids.get(word) ?? 2, 2);
