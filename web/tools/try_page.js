/**
 * Tries pages in a real browser as a person does: `node tools/try_page.js CHROMIUM asked.json [SOUND.wav]`, which the
 * browser's microphone hears over and over. For each page: its address, what is done there, and where its pictures go.
 * Writes to the standard output, in JSON, what the page answered and how long it took, and what was wrong: a line in
 * the console, an error, a request off this machine, a page that is wider than a small phone.
 */

import { readFileSync } from "node:fs";

import puppeteer from "puppeteer-core";

/**
 * What is done on a page: type a text into the control of a label, choose a file or an option there, press a button,
 * draw over a lane from left to right, press a key, or wait for milliseconds.
 * @typedef {{type?: string, label?: string, file?: string, choose?: string, press?: string, draw?: string,
 *   key?: string, times?: number, wait?: number}} Act
 */
/**
 * `stop` is the process of the page's host: it is ended, and the page loaded again.
 * @typedef {{name: string, address: string, acts: Act[], pictures?: string, stop?: number}} Asked
 */

/** What LiteRT and the browser note where errors go: a browser without a graphics card says so. */
const NOTE = /^(INFO|WARNING): (\[\w+\.cc:\d+\] |Created TensorFlow Lite)|No available adapters|WebGPU device/;
const PHONE = { width: 360, height: 780, deviceScaleFactor: 1 };
const DESK = { width: 1280, height: 860, deviceScaleFactor: 1 };
const PATIENCE = 60_000;

const [executablePath, listed, sound] = process.argv.slice(2);
/** @type {Asked[]} */
const asked = JSON.parse(readFileSync(listed, "utf-8"));
const flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"];
if (sound)
  flags.push(
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${sound}`,
  );
const browser = await puppeteer.launch({ executablePath, headless: true, args: flags });
/** @type {string[]} */
const faults = [];
/** @type {Record<string, any>} */
const found = {};
try {
  for (const each of asked) found[each.name] = await tried(each);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify({ found, faults }));

/** @param {Asked} asked */
async function tried({ name, address, acts, pictures, stop }) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("console", (said) => {
    if (said.type() === "error" && !NOTE.test(said.text())) faults.push(`${name}: console: ${said.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${name}: ${error}`));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && host !== new URL(address).host)
      faults.push(`${name}: asked for ${request.url()}`);
  });
  await page.setViewport(DESK);
  const began = performance.now();
  await page.goto(address);
  await page.waitForFunction("document.documentElement.dataset.loaded");
  await answered(page);
  const first = performance.now() - began;
  const answers = [await answer(page)];
  for (const act of acts) {
    await done(page, act);
    answers.push(await answer(page));
  }
  if (stop !== undefined) {
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
    process.kill(stop, "SIGKILL");
    await page.reload();
    await page.waitForFunction("document.documentElement.dataset.loaded");
    await answered(page);
    answers.push(await answer(page));
  }
  const widths = [];
  for (const [size, viewport] of Object.entries({ 1280: DESK, 360: PHONE }))
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.setViewport(viewport);
      await new Promise((go) => setTimeout(go, 300));
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth"));
      widths.push(wide);
      if (wide > viewport.width) faults.push(`${name}: the page is ${wide} wide at ${viewport.width}.`);
      if (pictures) await page.screenshot({ path: `${pictures}_${size}_${scheme}.png`, fullPage: true });
    }
  const unlabelled = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, [tabindex='0']")]
      .filter((control) => {
        const own = /** @type {HTMLInputElement} */ (control);
        return !(own.labels?.length || own.getAttribute("aria-label") || own.textContent?.trim());
      })
      .map((control) => control.outerHTML.slice(0, 80)),
  );
  faults.push(...unlabelled.map((control) => `${name}: nothing says what this is for: ${control}`));
  await page.close();
  return { answers, first, widths };
}

/** Waits until nothing is being answered. @param {import("puppeteer-core").Page} page */
async function answered(page) {
  await new Promise((go) => setTimeout(go, 400)); // letters are waited for
  await page.waitForSelector('section[aria-label="The answer"][aria-busy="false"]');
}

/** What the page shows. @param {import("puppeteer-core").Page} page */
function answer(page) {
  return page.evaluate(() => {
    const text = (/** @type {string} */ selector) => document.querySelector(selector)?.textContent ?? "";
    const json = text('[aria-label="The answer as JSON"]');
    const error = /** @type {HTMLElement} */ (document.querySelector(".error"));
    return {
      error: error.hidden ? "" : error.textContent,
      answer: error.hidden && json ? JSON.parse(json) : null,
      shown: text(".output"),
      said: text('[role="status"]'),
      time: text("footer dd"),
      notes: document.querySelectorAll(".score .abcjs-note").length,
      sounding: document.querySelectorAll(".score .sounds").length,
      focus: document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
    };
  });
}

/** Does something as a person does. @param {import("puppeteer-core").Page} page @param {Act} act */
async function done(page, act) {
  if (act.label !== undefined) {
    const found = await page.evaluateHandle(
      (name) => [...document.querySelectorAll("label")].find((label) => label.textContent === name)?.control,
      act.label,
    );
    const control = /** @type {import("puppeteer-core").ElementHandle<HTMLElement> | null} */ (found.asElement());
    if (control === null) throw new Error(`There is no ${act.label}.`);
    if (act.file !== undefined)
      await /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (control).uploadFile(act.file);
    else if (act.choose !== undefined) await control.select(act.choose);
    else {
      await control.focus();
      await page.keyboard.down("Control");
      await page.keyboard.press("a");
      await page.keyboard.up("Control");
      await page.keyboard.press("Backspace");
      if (act.type) await page.keyboard.type(act.type);
    }
  }
  if (act.press !== undefined) await (await page.waitForSelector(`::-p-aria([name="${act.press}"])`))?.click();
  if (act.draw !== undefined) {
    const lane = await page.waitForSelector(act.draw);
    const box = await lane?.boundingBox();
    if (!box) throw new Error(`There is no ${act.draw}.`);
    await page.mouse.move(box.x + 60, box.y + 15);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height - 15, { steps: 12 });
    await page.mouse.up();
  }
  if (act.wait !== undefined) await new Promise((go) => setTimeout(go, act.wait));
  for (let turn = 0; act.key !== undefined && turn < (act.times ?? 1); turn++)
    await page.keyboard.press(/** @type {import("puppeteer-core").KeyInput} */ (act.key));
  await answered(page);
}
