/** Pictures are resized as by Pillow, to the last bit. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { golden } from "./golden.js";
import { picture } from "./recorded.js";
import { asPicture } from "../src/codec/pictures.js";

for (const [height, width, size, fit, withOpacity, digest] of golden("pictures")) {
  test(`${height} x ${width} to ${size}, ${fit}${withOpacity ? ", see-through" : ""}`, () => {
    const made = asPicture(picture(height, width, withOpacity ? 4 : 3), size, fit);
    assert.equal(createHash("sha256").update(made).digest("hex").slice(0, 16), digest);
  });
}

test("what is no picture is refused", () => {
  assert.throws(() => asPicture(/** @type {any} */ ("file.jpg")), /given as str; expected an ImageData/);
  assert.throws(() => asPicture({ width: 2, height: 2, data: new Uint8Array(5) }), /5 bytes for 2 x 2 pixels/);
  assert.throws(() => asPicture(picture(2, 2), 0), /size is 0/);
});
