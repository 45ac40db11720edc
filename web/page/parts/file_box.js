/** A box to choose a file in, to drop one on, or to paste one. */

import { h, labelled } from "./dom.js";

/**
 * @param {object} how
 * @param {string} how.label
 * @param {string} how.accept The kinds of files, as browsers have them.
 * @param {string} how.hint
 * @param {(file: Blob) => void} how.use Takes a file.
 */
export function fileBox({ label, accept, hint, use }) {
  const box = h("input", { type: "file", accept });
  box.addEventListener("change", () => {
    const [file] = box.files ?? [];
    if (file) use(file);
  });
  const given = (/** @type {Event} */ event, /** @type {DataTransfer | null} */ data) => {
    const [file] = data?.files ?? [];
    if (!file) return;
    event.preventDefault();
    use(file);
  };
  const drop = h("div", { class: "drop" }, labelled(label, box, hint));
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => given(event, event.dataTransfer));
  document.addEventListener("paste", (event) => given(event, event.clipboardData));
  return drop;
}
