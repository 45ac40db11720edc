/** Text to ids and back for language models: the base class of all units, characters and bytes. */

import { UNKNOWN_SIGN } from "./pieces.js";
import { SPECIALS, UNKNOWN } from "./vocabulary.js";
import { RnnkitError } from "../errors.js";
import { utf8Length } from "../files/reading.js";
import { chars, encoded, len } from "../python/unicode.js";

export const FILE = "units.json";
const FIRST = SPECIALS.length;

/** A decoder of ids one by one, returning the text that each adds. */
export class UnitWriter {
  /** The text that an id adds. @param {number} place @returns {string} */
  write(place) {
    throw new Error(`no text of ${place}`);
  }

  /** The text that an id would add. @param {number} place @returns {string} */
  peek(place) {
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this).write(place);
  }
}

/**
 * An ordered list of units; a unit's place is its id, and 0, 1, 2 are `<PAD>`, `<START>` and `<UNKNOWN>`.
 *
 * `<START>` stands before each text, and so also ends the one before it.
 */
export class TextUnits {
  kind = "";
  /** Whether `decode(encode(text))` is the text itself, blanks and line ends and all. */
  lossless = false;

  /** Ids of a text, without `<START>`. @param {string} text @returns {Int32Array} */
  encode(text) {
    throw new Error(`no ids of ${text}`);
  }

  /** A decoder of ids, one by one. @returns {UnitWriter} */
  writer() {
    return new UnitWriter();
  }

  get length() {
    return 0;
  }

  /**
   * Ids to text.
   * @param {Iterable<number>} ids
   * @throws {RnnkitError} There is no unit of that id.
   */
  decode(ids) {
    const writer = this.writer();
    return Array.from(ids, (place) => writer.write(place)).join("");
  }

  /**
   * The id.
   * @param {number} place
   * @throws {RnnkitError} There is no unit of that id.
   */
  known(place) {
    if (!(place >= 0 && place < this.length)) {
      throw new RnnkitError(`There is no ${this.kind} with id ${place}; ids go from 0 to ${this.length - 1}.`);
    }
    return place;
  }
}

/** Unicode characters, line ends and blanks among them. */
export class Characters extends TextUnits {
  kind = "character";
  lossless = true;

  /** @param {readonly string[]} characters */
  constructor(characters) {
    super();
    this.characters = characters;
    this.ids = new Map(characters.map((character, place) => [character, place + FIRST]));
    if (this.ids.size !== characters.length || characters.some((each) => len(each) !== 1)) {
      throw new RnnkitError("The characters of a text are single and each is there once; these are not.");
    }
  }

  /** @param {string} text */
  encode(text) {
    return Int32Array.from(chars(text), (character) => this.ids.get(character) ?? UNKNOWN);
  }

  writer() {
    return new CharacterWriter(this);
  }

  get length() {
    return FIRST + this.characters.length;
  }
}

/** The 256 bytes of UTF-8: no character is unknown. */
export class Bytes extends TextUnits {
  kind = "byte";
  lossless = true;

  /** @param {string} text */
  encode(text) {
    return Int32Array.from(encoded(text), (byte) => byte + FIRST);
  }

  writer() {
    return new ByteWriter(this);
  }

  get length() {
    return FIRST + 256;
  }
}

class CharacterWriter extends UnitWriter {
  /** @param {Characters} units */
  constructor(units) {
    super();
    this.units = units;
  }

  /** @param {number} place */
  write(place) {
    return ["", "", UNKNOWN_SIGN][place] ?? this.units.characters[this.units.known(place) - FIRST];
  }
}

class ByteWriter extends UnitWriter {
  /** @param {Bytes} units */
  constructor(units) {
    super();
    this.units = units;
    /** @type {readonly number[]} */
    this.begun = []; // of a character that is not whole yet
  }

  /** @param {number} place */
  write(place) {
    if (this.units.known(place) < FIRST) return place === UNKNOWN ? UNKNOWN_SIGN : "";
    const bytes = [...this.begun, place - FIRST];
    let [text, at] = ["", 0];
    while (at < bytes.length) {
      const size = utf8Length(bytes, at);
      if (size === 0) break;
      text +=
        size < 0
          ? "\ufffd"
          : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes.slice(at, at + size)));
      at += Math.abs(size);
    }
    this.begun = bytes.slice(at);
    return text;
  }
}
