/**
 * Builds the page of `rnnkit try`: `node tools/build_page.js [FOLDER]` puts all that it needs into a folder, by default
 * rnnkit/page/built, which the wheel carries.
 */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const target = process.argv[2] ?? join(WEB, "..", "rnnkit", "page", "built");
const require = createRequire(import.meta.url);
/** The one build of LiteRT that all browsers take; the others are as large and need more. */
const LITERT = ["litert_wasm_compat_internal.js", "litert_wasm_compat_internal.wasm"];
/** abcjs sets attributes `style`, which the page's policy forbids; as a property it may. */
const STYLED = /^(\s*[\w.]+)\.setAttribute\(\s*['"]style['"]\s*,\s*(.+?)\)(;?)$/gm;
/** It also adds an element `style`, for notes that are dragged about, which ours are not. */
const ADDED = /^\s*renderer\.paper\.insertStyles\(.*\);?$/gm;
const FORBIDDEN = /setAttribute\(\s*['"]style|\.insertStyles\(/;

/** @type {import("esbuild").Plugin} */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /abcjs[\\/]src[\\/].*\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf-8").replace(STYLED, "$1.style.cssText = $2$3").replace(ADDED, "");
      if (FORBIDDEN.test(contents)) throw new Error(`${path} styles elements in another way than it did.`);
      return { contents };
    });
  },
};

/** A package's own licence. @param {string} name @param {string} file */
const licence = (name, file) => readFileSync(join(dirname(require.resolve(`${name}/package.json`)), file), "utf-8");

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "litert"), { recursive: true });
await build({
  entryPoints: [join(WEB, "page", "page.js")],
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  chunkNames: "parts/[name]-[hash]",
  plugins: [styles],
});
cpSync(join(WEB, "page", "static"), target, { recursive: true });
for (const file of LITERT) {
  const from = join(WEB, "node_modules", "@litertjs", "core", "wasm", file);
  writeFileSync(join(target, "litert", file), readFileSync(from));
}
const apache = readFileSync(join(WEB, "..", "LICENSE"), "utf-8");
const notices = [
  "This page is part of rnnkit, under the Apache License 2.0, whose text is below.",
  "litert/ is LiteRT.js (@litertjs/core and @litertjs/wasm-utils) of Google, under the same licence; it contains\n" +
    "TensorFlow Lite and XNNPACK. https://github.com/google-ai-edge/LiteRT",
  "pictures/photographer.jpg: Lav Varshney, CC0. pictures/astronaut.jpg: NASA, public domain. pictures/cat.jpg:\n" +
    "Stefan van der Walt, public domain.",
  `Tunes are drawn by abcjs, https://abcjs.net, under this licence:\n\n${licence("abcjs", "LICENSE.md")}`,
  `The Apache License 2.0:\n\n${apache}`,
];
writeFileSync(join(target, "licences.txt"), `${notices.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
