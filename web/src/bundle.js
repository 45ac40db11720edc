/** Read `bundle.json`, the description of an exported model, and check it. Twin of rnnkit/lite/bundle.py. */

import { RnnkitError } from "./errors.js";
import { MODEL_BYTES, WORDS_BYTES, inUnits, isFloat, parseJson, utf8 } from "./files/reading.js";
import { sha256 } from "./files/sha256.js";
import { Float, cut, repr, typeName } from "./python/text.js";

export const FILE_NAME = "bundle.json";
export const FORMAT = "rnnkit-bundle";
export const FORMAT_VERSION = 1;
const MODEL = ".tflite";
/** How many states or memories a model has at most. */
export const MOST_STATES = 10_000;
const ADVICE = "Export it again.";
/** Steps that every input is padded to, at most; the options allow a tenth of it. */
export const LONGEST = 1_000_000;
const ANY_LENGTH = 2 ** 31 - 1;

/** @typedef {"text" | "whole" | "truth" | "object" | "list"} Kind */
/** @type {Record<Kind, string>} */
const KINDS = { text: "a text", whole: "a whole number", truth: "true or false", object: "an object", list: "a list" };
/** What `bundle.json` names files by, and the names of files that are not named. */
const NAMED = [
  "model",
  "encoder",
  "decoder",
  "step",
  "labels",
  "vocabulary",
  "characters",
  "channels",
  "plan",
  "pieces",
];
const SIDES = ["source_pieces", "target_pieces"];
const UNNAMED = ["units.json", "vocab.txt", "headers.json"];

/** The bytes of a file, or why it cannot be read. @typedef {Uint8Array | string} Found */
/** @typedef {(url: string) => Promise<{ok: boolean, status: number, arrayBuffer(): Promise<ArrayBuffer>}>} Fetch */

/** An exported model and its preprocessing. */
export class Bundle {
  /**
   * @param {string} folder The address of the folder, without a slash at its end.
   * @param {Map<string, any>} settings All of `bundle.json`.
   */
  constructor(folder, settings) {
    this.folder = folder;
    this.settings = settings;
    /** @type {Map<string, Found>} */
    this.files = new Map();
    /** What it does, such as "text_classifier". @type {string} */
    this.task = this.setting("task", "text");
    /** How time became a graph: "padded", "loop", "unroll" or "fused". @type {string} */
    this.strategy = this.setting("strategy", "text");
    /** "none", "float16", "dynamic" or "int8". @type {string} */
    this.quantize = this.setting("quantize", "text");
    /** The most steps the model takes. @type {number} */
    this.maxLength = this.setting("max_length", "whole");
    /** The model takes exactly `maxLength` steps; if not, as many as the input has. @type {boolean} */
    this.fixedLength = this.setting("fixed_length", "truth");
    /** The model keeps its state between calls, so it must be reset before each. @type {boolean} */
    this.resetsState = this.setting("resets_state", "truth");
    this.number("max_length", 1, this.fixedLength ? LONGEST : ANY_LENGTH);
  }

  /**
   * The value of `name` in `bundle.json`.
   * @param {string} name
   * @param {Kind} kind
   * @returns {any}
   * @throws {RnnkitError} It is missing or of another kind.
   */
  setting(name, kind) {
    const path = this.path(FILE_NAME);
    if (!this.settings.has(name))
      throw new RnnkitError(`${path} has no ${repr(name)}; expected ${KINDS[kind]}. Export it again.`);
    const value = this.settings.get(name);
    const float = isFloat(this.settings, name);
    const fits = {
      text: typeof value === "string",
      whole: typeof value === "number" && !float,
      truth: typeof value === "boolean",
      object: value instanceof Map,
      list: Array.isArray(value),
    };
    if (!fits[kind]) {
      const shown = cut(repr(float ? new Float(value) : value), 80);
      throw new RnnkitError(`${path} says ${name}: ${shown}; expected ${KINDS[kind]}. Export it again.`);
    }
    return value;
  }

  /**
   * The whole number that `bundle.json` has under `name`.
   * @param {string} name
   * @param {number} low
   * @param {number} high
   * @returns {number}
   * @throws {RnnkitError} It is missing, of another kind, or below `low` or above `high`.
   */
  number(name, low, high) {
    const value = this.setting(name, "whole");
    if (!(low <= value && value <= high)) {
      throw new RnnkitError(
        `${this.path(FILE_NAME)} says ${name}: ${value}; expected ${low} to ${high}. Export it again.`,
      );
    }
    return value;
  }

  /**
   * The contents of the file that `bundle.json` has under `name`, such as "model" or "labels".
   * @param {string} name
   * @returns {Uint8Array}
   * @throws {RnnkitError} The file is missing or too large, lies outside the folder, or has another SHA-256 than the
   *   one on record.
   */
  read(name) {
    const file = this.setting(name, "text");
    const content = this.checked(file);
    if ((this.setting("sha256", "object").get(file) ?? null) === null && (name === "model" || file.endsWith(MODEL))) {
      throw new RnnkitError(`${this.path(FILE_NAME)} records no SHA-256 of ${file}. Export it again.`);
    }
    return content;
  }

  /** Compare the words, labels and the like with the SHA-256 that `bundle.json` records; models are when read. */
  checkTexts() {
    for (const file of this.setting("sha256", "object").keys()) if (!file.endsWith(MODEL)) this.checked(file);
  }

  /** @param {string} file */
  checked(file) {
    const path = this.inside(file);
    const content = this.bytes(file, "The bundle's file", ADVICE);
    const recorded = this.setting("sha256", "object").get(file) ?? null;
    if (recorded !== null && recorded !== sha256(content)) {
      throw new RnnkitError(`${path} is not the file the bundle was written with: its SHA-256 differs. Copy it again.`);
    }
    return content;
  }

  /**
   * The lines of the UTF-8 text file that `bundle.json` has under `name`.
   * @param {string} name
   * @returns {string[]}
   * @throws {RnnkitError} As `read`, or the file is not UTF-8.
   */
  readLines(name) {
    const found = utf8(this.read(name));
    if ("fault" in found) {
      throw new RnnkitError(
        `${this.path(this.settings.get(name))} is not UTF-8 at byte ${found.fault}. Export it again.`,
      );
    }
    return found.text
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => line.replace(/\r$/, ""));
  }

  /** Where a file is, for messages. @param {string} file */
  path(file) {
    return `${this.folder}/${file}`;
  }

  /** Whether there is a file. @param {string} file */
  has(file) {
    return this.files.get(file) instanceof Uint8Array;
  }

  /**
   * The bytes of a file.
   * @param {string} file
   * @param {string} [what] Words before its name in the error.
   * @param {string} [advice] A sentence after it.
   * @throws {RnnkitError} It could not be read.
   */
  bytes(file, what = "", advice = "") {
    const found = this.files.get(file) ?? "cannot be read (it is not there).";
    if (typeof found === "string") throw new RnnkitError(`${what} ${this.path(file)} ${found} ${advice}`.trim());
    return found;
  }

  /** Files of a bundle lie side by side: a name with a folder in it is refused. @param {string} name */
  inside(name) {
    if (!isPlain(name)) {
      throw new RnnkitError(
        `${this.path(FILE_NAME)} names the file ${cut(repr(name), 80)}; expected one inside the bundle's own folder.`,
      );
    }
    return this.path(name);
  }

  /** The files that a runner may ask for. */
  wanted() {
    const sums = this.settings.get("sha256");
    const texts = sums instanceof Map ? [...sums.keys()].filter((file) => !file.endsWith(MODEL)) : [];
    const named = [...NAMED, ...SIDES].map((name) => this.settings.get(name));
    const listed = UNNAMED.some((file) => texts.includes(file)); // one that is not there would be a line in the console
    return new Set(
      [...texts, ...named, ...(this.settings.has("unit") && !listed ? UNNAMED : [])].filter(
        (file) => typeof file === "string" && isPlain(file),
      ),
    );
  }
}

/** @param {string} name */
const isPlain = (name) => !["", ".", ".."].includes(name) && !/[/\\\0]/.test(name) && !/^[A-Za-z]:/.test(name);

/**
 * Read and check the `bundle.json` of a folder, and fetch its other files, which are checked when they are needed.
 * @param {string | URL} url What `rnnkit export` wrote: the address of the folder.
 * @param {Fetch} fetch
 * @returns {Promise<Bundle>}
 * @throws {RnnkitError} There is none, it is no bundle, or it is of a version that cannot be read.
 */
export async function readBundle(url, fetch) {
  const folder = String(url).replace(/\/(bundle\.json)?$/, "");
  const path = `${folder}/${FILE_NAME}`;
  const content = await fetched(path, JSON_MOST, fetch);
  if (content === MISSING) {
    throw new RnnkitError(
      `${folder} is no exported bundle: there is no ${FILE_NAME}. \`rnnkit export RUN\` writes one.`,
    );
  }
  if (typeof content === "string") throw new RnnkitError(`${path} ${content} ${ADVICE}`);
  const settings = parseJson(content, path, ADVICE);
  if (!(settings instanceof Map)) {
    throw new RnnkitError(`${path} holds a ${typeName(settings)}; expected a JSON object. Export it again.`);
  }
  if (settings.get("format") !== FORMAT) {
    throw new RnnkitError(`${path} says format ${cut(repr(settings.get("format")), 80)}; expected ${repr(FORMAT)}.`);
  }
  if (Number(settings.get("format_version")) !== FORMAT_VERSION || typeof settings.get("format_version") === "string") {
    throw new RnnkitError(
      `${path} is of format version ${cut(repr(settings.get("format_version")), 80)}; this rnnkit reads ` +
        `${FORMAT_VERSION}.` +
        " Export it again, or install the rnnkit it was written with.",
    );
  }
  const bundle = new Bundle(folder, settings);
  await Promise.all(
    Array.from(bundle.wanted(), async (file) => {
      const most = file.endsWith(MODEL) ? MODEL_BYTES : WORDS_BYTES;
      bundle.files.set(file, await fetched(`${folder}/${encodeURIComponent(file)}`, most, fetch));
    }),
  );
  return bundle;
}

const JSON_MOST = 4 << 20;
const MISSING = "cannot be read (No such file or directory).";

/** @param {string} url @param {number} most @param {Fetch} fetch @returns {Promise<Found>} */
async function fetched(url, most, fetch) {
  try {
    const response = await fetch(url);
    if (response.status === 404) return MISSING;
    if (!response.ok) return `cannot be read (the server says ${response.status}).`;
    const content = new Uint8Array(await response.arrayBuffer());
    return content.length <= most ? content : `has ${inUnits(content.length)}; expected at most ${inUnits(most)}.`;
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : error}).`;
  }
}
