/**
 * Asks bundles in a real browser: `node tools/browser.js CHROMIUM asked.json`, which has for each bundle its folder, a
 * method and what it is called with, and may name another build of LiteRT.js. Writes to the standard output, in JSON,
 * for each what came, or the error, and the milliseconds of opening it and of each call; fails where the page wrote an
 * error to its console or asked for anything off this machine.
 */

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

const WEB = fileURLToPath(new URL("..", import.meta.url));
/** @type {Record<string, string>} */
const KINDS = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
/** What LiteRT notes where errors go. */
const NOTE = /^(INFO|WARNING): (\[\w+\.cc:\d+\] |Created TensorFlow Lite)/;
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>rnnkit</title>
<script type="importmap">{"imports": {"@litertjs/core": "/web/node_modules/@litertjs/core/dist/index.js",
"@litertjs/wasm-utils": "/web/node_modules/@litertjs/wasm-utils/dist/index.js"}}</script>
<script type="module">
import { load } from "/web/src/index.js";
import { plain } from "/web/test/plain.js";
window.ask = async (name, method, calls, wasm = "") => {
  const began = performance.now();
  const runner = await load("/" + name, { wasm: "/web/node_modules/@litertjs/core/wasm/" + wasm });
  const opened = performance.now();
  const [answers, times] = [[], []];
  for (const [given, how] of calls) {
    const before = performance.now();
    const made = await runner[method](...given.map((each) => (each?.rgba ? picture(each) : each)), how);
    times.push(performance.now() - before);
    answers.push(plain(made));
  }
  return { answers, open: opened - began, times };
};
const picture = ({ width, height, rgba }) =>
  new ImageData(Uint8ClampedArray.from(atob(rgba), (each) => each.charCodeAt(0)), width, height);
window.ready = true;
</script>`;

/** @param {Record<string, string>} folders Where the files of each bundle lie, by its name. */
async function serving(folders) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    const [, name, ...rest] = path.split("/");
    const root = name === "web" ? WEB : folders[name];
    const file = root === undefined ? "" : join(root, ...rest);
    if (path === "/") response.writeHead(200, { "content-type": KINDS[".html"] }).end(PAGE);
    else if (!existsSync(file) || !statSync(file).isFile()) response.writeHead(404).end();
    else {
      response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  return server;
}

const [executablePath, listed] = process.argv.slice(2);
/** @type {Record<string, {folder: string, method: string, calls: [any[], any][], wasm?: string}>} */
const asked = JSON.parse(readFileSync(listed, "utf-8"));
const server = await serving(Object.fromEntries(Object.entries(asked).map(([name, { folder }]) => [name, folder])));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const browser = await puppeteer.launch({ executablePath, headless: true, args: ["--no-sandbox"] });
const faults = /** @type {string[]} */ ([]);
/** @type {Record<string, any>} */
const found = {};
try {
  for (const [name, { method, calls, wasm }] of Object.entries(asked)) {
    const context = await browser.createBrowserContext(); // with nothing in its cache
    const page = await context.newPage();
    page.on("console", (said) => {
      if (said.type() === "error" && !NOTE.test(said.text())) faults.push(`${name}: console: ${said.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${name}: ${error}`));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && protocol !== "blob:" && hostname !== "127.0.0.1")
        faults.push(`${name}: ${request.url()}`);
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction("window.ready");
    found[name] = await page.evaluate(
      (...given) =>
        /** @type {any} */ (window).ask(...given).catch((/** @type {any} */ error) => ({ error: String(error) })),
      name,
      method,
      calls,
      wasm,
    );
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
process.stdout.write(JSON.stringify({ found, faults, browser: executablePath }));
