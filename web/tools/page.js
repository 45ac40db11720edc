/** What the page of browser.js runs: `ask` opens a bundle with one of several clients, and calls it. */

import { openClient } from "/docs/clients/client.js";
import { load } from "/web/src/index.js";
import { plain } from "/web/test/plain.js";

const LITERT = "/web/node_modules/@litertjs/core/wasm/";

/**
 * What opens the bundle at an address, by the client's name.
 * @type {Record<string, (url: string, wasm: string) => Promise<any>>}
 */
const OPENERS = {
  "rnnkit-lite": (url, wasm) => load(url, { wasm: LITERT + wasm }),
  async docs(url) {
    const litert = await import("@litertjs/core");
    await litert.loadLiteRt(LITERT);
    return openClient(
      async (/** @type {string} */ name) => new Uint8Array(await (await fetch(`${url}/${name}`)).arrayBuffer()),
      litert,
    );
  },
  async mediapipe(url) {
    const { FilesetResolver, TextClassifier } = await import("@mediapipe/tasks-text");
    const files = await FilesetResolver.forTextTasks("/web/node_modules/@mediapipe/tasks-text/wasm");
    return TextClassifier.createFromModelPath(files, `${url}/model.tflite`);
  },
};

/** @param {any} given A picture as JSON has it, or anything else. */
const argument = (given) =>
  given?.rgba === undefined
    ? given
    : new ImageData(
        Uint8ClampedArray.from(atob(given.rgba), (each) => each.charCodeAt(0)),
        given.width,
        given.height,
      );

/** @param {string} url @param {string} client @param {string} method @param {any[][]} calls @param {string} [wasm] */
async function ask(url, client, method, calls, wasm = "") {
  const began = performance.now();
  const runner = await OPENERS[client](url, wasm);
  const opened = performance.now();
  const [answers, times] = [/** @type {any[]} */ ([]), /** @type {number[]} */ ([])];
  for (const [given, ...more] of calls) {
    const before = performance.now();
    const made = await runner[method](...given.map(argument), ...more);
    times.push(performance.now() - before);
    answers.push(plain(made));
  }
  return { answers, open: opened - began, times };
}

Object.assign(window, { ask, ready: true });
