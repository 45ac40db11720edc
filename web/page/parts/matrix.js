/** Weights between the words of two sentences, as a table of squares. */

import { h } from "./dom.js";

/**
 * @param {readonly string[]} columns The words of the source.
 * @param {readonly string[]} rows The words of the target.
 * @param {readonly (readonly number[])[]} weights `[rows][columns]`, 0 to 1.
 */
export function matrix(columns, rows, weights) {
  const head = columns.map((word) => h("th", { scope: "col" }, h("span", { dir: "auto" }, word)));
  const body = rows.map((word, row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", dir: "auto" }, word),
      columns.map((column, place) => square(word, column, weights[row][place])),
    ),
  );
  const table = h("table", { class: "matrix" }, h("thead", {}, h("tr", {}, h("td"), head)), h("tbody", {}, body));
  return h("div", { class: "scrolls", tabindex: "0", role: "group", "aria-label": "Weights between words" }, table);
}

/** @param {string} row @param {string} column @param {number} weight */
function square(row, column, weight) {
  const shown = `${Math.round(100 * Math.min(Math.max(weight, 0), 1))}%`;
  const inner = h("span", { "aria-hidden": "true" });
  inner.style.setProperty("opacity", shown);
  return h("td", { title: `${row} ← ${column}: ${shown}` }, inner, h("span", { class: "hidden" }, shown));
}
