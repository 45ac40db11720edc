/** Labels that a stream is never decided to have: those of sounds that are nothing to be told. */

/** Names of recordings without any word or event, without underscores at their ends and in small letters. */
const BACKGROUND = ["background", "background noise", "background_noise", "silence", "noise"];
/** The same for words and events other than those to be told. */
const UNKNOWN = ["unknown", "other", "others", "none"];

/**
 * Of labels those of the background and of unknown words, in their order.
 * @param {readonly string[]} labels The labels of a network.
 */
export function silentLabels(labels) {
  const named = (/** @type {string} */ label) => label.toLowerCase().replace(/^[_ ]+|[_ ]+$/g, "");
  return labels.filter((label) => [...BACKGROUND, ...UNKNOWN].includes(named(label)));
}
