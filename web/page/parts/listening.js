/** The button that turns the microphone on and off. */

import { h } from "./dom.js";
import { Microphone } from "./microphone.js";

/**
 * @param {import("./frame.js").Frame} frame
 * @param {number} rate Samples a second that are wanted.
 * @param {(microphone: Microphone) => Promise<void>} hear Shows what it hears, until it is off.
 */
export function listening(frame, rate, hear) {
  /** @type {Microphone | null} */
  let microphone = null;
  const button = h("button", { type: "button", class: "main" }, "Listen");
  button.addEventListener("click", async () => {
    if (microphone !== null) {
      await microphone.stop();
      return;
    }
    button.disabled = true;
    try {
      microphone = await Microphone.on(rate);
      button.textContent = "Stop listening";
      button.disabled = false;
      frame.error.hidden = true;
      frame.output.hidden = false;
      await hear(microphone);
    } catch (error) {
      frame.fail(error);
    } finally {
      await microphone?.stop().catch(() => {});
      microphone = null;
      button.disabled = false;
      button.textContent = "Listen";
    }
  });
  return button;
}
