/** Labels with their probabilities, as bars. */

import { h } from "./dom.js";
import { percent } from "./words.js";

const MOST = 8;

/**
 * A list of bars, the most probable first; of many labels those at the end are behind a button.
 * @param {Iterable<[string, number]>} probabilities
 * @param {{chosen?: (label: string) => boolean, sorted?: boolean}} [how] Which ones stand out; whether they are sorted.
 */
export function bars(probabilities, { chosen = () => false, sorted = true } = {}) {
  const rows = [...probabilities];
  if (sorted) rows.sort((a, b) => b[1] - a[1]);
  const items = rows.map(([label, probability]) => {
    const part = h("span", { class: "part" });
    part.style.setProperty("inline-size", percent(probability));
    return h(
      "li",
      { class: chosen(label) ? "chosen" : null },
      h("span", { class: "name", dir: "auto" }, label),
      h("span", { class: "value" }, percent(probability)),
      h("span", { class: "whole", "aria-hidden": "true" }, part),
    );
  });
  const list = h("ol", { class: "bars" }, items.slice(0, MOST));
  const rest = items.slice(MOST);
  if (!rest.length) return list;
  const more = h("button", { type: "button", class: "quiet", onclick: () => show() }, `${rest.length} more labels`);
  const show = () => {
    list.append(...rest);
    more.remove();
    rest[0].setAttribute("tabindex", "-1");
    rest[0].focus();
  };
  return h("div", {}, list, more);
}
