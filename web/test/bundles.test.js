/** Every task's bundle answers what it answers in Python, and broken ones are refused in the same line. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { golden, plain } from "./golden.js";
import { fileOf, filesOf, picture, replaying } from "./recorded.js";
import { load } from "../src/index.js";

const CASES = golden("bundles");

/**
 * Whether two answers are equal but for the last digits of numbers.
 * @param {any} now
 * @param {any} then
 * @param {string} where
 */
function same(now, then, where) {
  if (typeof then === "number" && typeof now === "number") {
    assert.ok(Math.abs(now - then) <= 1e-5 * Math.max(1, Math.abs(then)), `${where}: ${now} is not ${then}`);
  } else if (Array.isArray(then)) {
    assert.equal(now?.length, then.length, where);
    then.forEach((each, place) => same(now[place], each, `${where}[${place}]`));
  } else if (then !== null && typeof then === "object") {
    for (const name of Object.keys(then)) same(now?.[name], then[name], `${where}.${name}`);
  } else assert.equal(now, then, where);
}

for (const [task, { method, models, cases }] of Object.entries(CASES.tasks)) {
  for (const [number, { given, how, answers, refused }] of cases.entries()) {
    test(`${task}: ${number}`, async () => {
      const runner = await load("BUNDLE/", { openModel: replaying(models), fetch: filesOf(task.split(" ")[0]) });
      const asked = async () => {
        const made = await runner[method](
          ...given.map((/** @type {any} */ each) => (each === "picture" ? picture(30, 40, 3) : each)),
          how,
        );
        if (typeof made?.next !== "function") return made;
        const found = [];
        for await (const each of made) found.push(each);
        return found;
      };
      if (refused === undefined) same(plain(await asked()), answers, task);
      else await assert.rejects(asked, { name: "RnnkitError", message: refused });
    });
  }
}

/** @param {Uint8Array} bytes */
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

for (const { task, file, change, resigned, refused } of CASES.broken) {
  test(`refused: ${refused}`, async () => {
    /** @type {Record<string, Uint8Array | null>} */
    const changed = { [file]: null };
    if (change !== null) {
      const before = fileOf(task, file);
      const [old, made] = change.map((/** @type {string} */ text) =>
        Buffer.from(text.replace(/[\udc80-\udcff]/g, "\0"), "utf-8"),
      );
      const odd = /[\udc80-\udcff]/.exec(change[1]);
      if (odd) made[made.indexOf(0)] = odd[0].charCodeAt(0) - 0xdc00;
      const at = before.indexOf(old);
      const after = Buffer.concat([before.subarray(0, at), made, before.subarray(at + old.length)]);
      changed[file] = after;
      if (resigned) {
        const text = fileOf(task, "bundle.json").toString("utf-8").replace(digest(before), digest(after));
        changed["bundle.json"] = Buffer.from(text);
      }
    }
    const opening = load("BUNDLE", { openModel: replaying(CASES.tasks[task].models), fetch: filesOf(task, changed) });
    await assert.rejects(opening, { name: "RnnkitError", message: refused });
  });
}
