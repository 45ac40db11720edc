/** Numbers and pieces of words as a person reads them. */

const MARK = "\u2581"; // in front of a piece that begins a word

/** A probability: "98.2%". @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** Bytes: "733 kB", "1.44 MB". @param {number} count */
export const bytes = (count) => (count >= 1e6 ? `${(count / 1e6).toFixed(2)} MB` : `${Math.round(count / 1e3)} kB`);

/** Milliseconds: "0.42 ms", "7.3 ms", "210 ms", "1.4 s". @param {number} count */
export function milliseconds(count) {
  if (count >= 1000) return `${(count / 1000).toFixed(1)} s`;
  return `${count >= 100 ? Math.round(count) : count >= 1 ? count.toFixed(1) : count.toFixed(2)} ms`;
}

/** A number in few digits: "1,234", "12.3", "0.0457". @param {number} value */
export function brief(value) {
  if (Number.isNaN(value)) return "missing";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** A key as words: "text_classifier" to "text classifier". @param {string} key */
export const spaced = (key) => key.replaceAll("_", " ");

/**
 * Pieces put together into words, and the places of the pieces of each.
 * @param {readonly string[]} pieces A piece that begins a word has U+2581 in front.
 * @returns {{words: string[], places: number[][]}}
 */
export function wordsOf(pieces) {
  /** @type {string[]} */
  const words = [];
  /** @type {number[][]} */
  const places = [];
  pieces.forEach((piece, place) => {
    if (!words.length || piece.startsWith(MARK)) {
      words.push("");
      places.push([]);
    }
    words[words.length - 1] += piece.replaceAll(MARK, "");
    places[places.length - 1].push(place);
  });
  return { words, places };
}

/**
 * Weights between words from those between their pieces: added up over the pieces of a source word, and their mean over
 * those of a target word.
 * @param {{data: ArrayLike<number>, shape: readonly number[]}} weights `[target pieces, source pieces]`.
 * @param {readonly number[][]} targets The places of the pieces of each target word.
 * @param {readonly number[][]} sources Likewise.
 * @returns {number[][]} `[targets][sources]`
 */
export const betweenWords = (weights, targets, sources) =>
  targets.map((rows) =>
    sources.map((columns) => {
      let sum = 0;
      for (const row of rows) for (const column of columns) sum += weights.data[row * weights.shape[1] + column];
      return sum / rows.length;
    }),
  );
