/* Keeps this site for when there is no network. `rnnkit export --format web` writes `SITE` in front: its files. */

const HERE = new URL("./", self.location).href;
/* Caches belong to all sites of a host, so that their names say whose they are. */
const OURS = `rnnkit ${HERE} `;
const CACHE = OURS + SITE.version;

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
  const old = (name) => name.startsWith(OURS) && name !== CACHE;
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
  event.respondWith(
    request.mode === "navigate" ? page(request) : kept(request).then((found) => found ?? fetch(request)),
  );
});

/** The page as its host has it now, which may be another site by now; the kept one where there is no network. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(request);
    if (found) return found;
    throw error;
  }
}

/** What is kept of a request; nothing of what else its owner has put below this address. */
async function kept({ url }) {
  const cache = await caches.open(CACHE);
  const start = new URL("index.html", HERE).href;
  const wanted = url.split(/[?#]/)[0];
  return cache.match(wanted === start ? HERE : wanted);
}
