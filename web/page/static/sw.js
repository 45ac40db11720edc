/* Keeps this site for when there is no network. `rnnkit export --format web` writes `SITE` in front: its files. */

const CACHE = `rnnkit ${SITE.version}`;
const HERE = new URL("./", self.location).href;

self.addEventListener("install", (event) => {
  const wanted = SITE.files.map((file) => new Request(new URL(file, HERE), { cache: "reload" }));
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(wanted))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("rnnkit ") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(HERE)) return;
  event.respondWith(kept(request).then((found) => found ?? fetch(request)));
});

/** What is kept of a request; for a page that is not, such as index.html, the page itself. */
async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request, { ignoreSearch: true });
  return found ?? (request.mode === "navigate" ? cache.match(HERE) : undefined);
}
