/** Answers in JSON's kinds, for people who program and for tests. */

/**
 * An answer in JSON's kinds: Maps, typed arrays and class instances as objects and lists.
 * @param {any} value
 * @returns {any}
 */
export function plain(value) {
  if (value === undefined) return null;
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]));
  if (ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value), plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  }
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
