/**
 * Asks bundles in a real browser, Chromium or Firefox: `node tools/browser.js BROWSER asked.json`, which has for each
 * bundle its folder, the client (of page.js; without one "rnnkit-lite"), a method and what it is called with, and may
 * name a build of LiteRT.js, with which nothing is in the cache. Writes to the standard output, in JSON, for each what
 * came, or the error, and the milliseconds of opening it and of each call; fails where the page wrote an error to its
 * console or asked for anything off this machine.
 */

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

/** @type {Record<string, string>} */
const ROOTS = {
  web: fileURLToPath(new URL("..", import.meta.url)),
  docs: fileURLToPath(new URL("../../docs", import.meta.url)),
};
/** @type {Record<string, string>} */
const KINDS = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
/** What LiteRT notes where errors go. */
const NOTE = /^(INFO|WARNING): (\[\w+\.cc:\d+\] |Created TensorFlow Lite)/;
const MODULES = {
  "@litertjs/core": "/web/node_modules/@litertjs/core/dist/index.js",
  "@litertjs/wasm-utils": "/web/node_modules/@litertjs/wasm-utils/dist/index.js",
  "@mediapipe/tasks-text": "/web/node_modules/@mediapipe/tasks-text/text_bundle.mjs",
};
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>rnnkit</title>
<script type="importmap">${JSON.stringify({ imports: MODULES })}</script>
<script type="module" src="/web/tools/page.js"></script>`;

/** @param {Record<string, string>} folders Where the files of each bundle lie, by its name. */
async function serving(folders) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    const [, name, ...rest] = path.split("/");
    const root = ROOTS[name] ?? folders[name];
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
/** @type {Record<string, {folder: string, client?: string, method: string, calls: any[][], wasm?: string}>} */
const asked = JSON.parse(readFileSync(listed, "utf-8"));
const server = await serving(Object.fromEntries(Object.entries(asked).map(([name, { folder }]) => [name, folder])));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const firefox = basename(executablePath).startsWith("firefox");
const browser = await puppeteer.launch({
  browser: firefox ? "firefox" : "chrome",
  executablePath,
  headless: true,
  args: firefox ? [] : ["--no-sandbox"],
});
const faults = /** @type {string[]} */ ([]);
/** @type {Record<string, any>} */
const found = {};
try {
  for (const [name, { client = "rnnkit-lite", method, calls, wasm }] of Object.entries(asked)) {
    const context = wasm === undefined ? browser : await browser.createBrowserContext();
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
      `/${name}`,
      client,
      method,
      calls,
      wasm,
    );
    await page.close();
    if (context !== browser) await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
process.stdout.write(JSON.stringify({ found, faults, browser: executablePath }));
