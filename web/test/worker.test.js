/** What keeps a site for when there is no network: its own files, and nothing of its neighbours on the same host. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const WORKER = readFileSync(new URL("../page/static/sw.js", import.meta.url), "utf-8");

/** A host's caches by their names, each with answers by their addresses. */
class Caches extends Map {
  async open(name) {
    if (!this.has(name)) this.set(name, new Map());
    const cache = this.get(name);
    const bare = (request) => (request.url ?? request).split("?")[0];
    return {
      addAll: async (requests) => requests.forEach((each) => cache.set(bare(each), `kept ${bare(each)}`)),
      match: async (request) => cache.get(bare(request)),
    };
  }
  async keys() {
    return [...super.keys()];
  }
}

/** Runs the worker of a site; gives what asks it for an address. */
async function installed(caches, here, version) {
  const listeners = {};
  const self = {
    location: `${here}sw.js`,
    addEventListener: (name, listener) => (listeners[name] = listener),
    skipWaiting: async () => {},
    clients: { claim: async () => {} },
  };
  const fetched = async ({ url }) => {
    if (caches.offline) throw new TypeError("Failed to fetch");
    return `asked ${url}`;
  };
  runInNewContext(WORKER, { SITE: { version, files: ["./", "page.js"] }, self, caches, URL, Request, fetch: fetched });
  for (const name of ["install", "activate"]) {
    let done;
    listeners[name]({ waitUntil: (promise) => (done = promise) });
    await done;
  }
  return async (url, mode = "navigate") => {
    let answer;
    listeners.fetch({ request: { url, mode, method: "GET" }, respondWith: (promise) => (answer = promise) });
    return answer;
  };
}

test("a site is kept, and what its owner put beside it is asked for", async () => {
  const caches = new Caches();
  const ask = await installed(caches, "https://a.example/site/", "1");
  assert.equal(await ask("https://a.example/site/"), "asked https://a.example/site/");
  caches.offline = true;
  for (const page of ["", "?x=1", "index.html", "index.html#top"])
    assert.equal(await ask(`https://a.example/site/${page}`), "kept https://a.example/site/");
  await assert.rejects(ask("https://a.example/site/about.html"), /Failed to fetch/);
  caches.offline = false;
  assert.equal(await ask("https://a.example/site/page.js", "cors"), "kept https://a.example/site/page.js");
  assert.equal(await ask("https://a.example/site/about.html"), "asked https://a.example/site/about.html");
  assert.equal(await ask("https://a.example/site/other/"), "asked https://a.example/site/other/");
  assert.equal(await ask("https://a.example/elsewhere/"), undefined);
});

test("a new version takes the place of the old one, and leaves other sites of the host alone", async () => {
  const caches = new Caches();
  await installed(caches, "https://a.example/", "1");
  await installed(caches, "https://a.example/site/", "1");
  await installed(caches, "https://a.example/", "2");
  assert.deepEqual(await caches.keys(), ["rnnkit https://a.example/site/ 1", "rnnkit https://a.example/ 2"]);
});
