/** Nodes of more children than a call takes are composed in parts, with the sums over earlier ones carried along. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileOf, filesOf } from "./recorded.js";
import { load } from "../src/index.js";
import { Tensor } from "../src/tensor.js";

const [WIDTH, AT_ONCE, SIZE] = [16, 4, 5];
/** @param {string} name @param {number[]} shape @param {string} [dtype] */
const tensor = (name, shape, dtype = "float32") => [name, { name, shape, dtype }];
/** @param {any[]} inputs @param {any[]} outputs */
const signature = (inputs, outputs) => ({ inputs: new Map(inputs), outputs: new Map(outputs) });

/** A network whose states count the words below: a leaf has 1, and a node the sum of its children's. */
async function counting() {
  /** @type {number[]} */
  const calls = [];
  const signatures = new Map([
    ["leaf", signature([tensor("word", [WIDTH], "int32")], [tensor("state", [WIDTH, SIZE])])],
    [
      "compose",
      signature(
        [tensor("children", [WIDTH, AT_ONCE, SIZE]), tensor("before", [WIDTH, SIZE])],
        [tensor("state", [WIDTH, SIZE]), tensor("sums", [WIDTH, SIZE])],
      ),
    ],
    ["classify", signature([tensor("state", [WIDTH, SIZE])], [tensor("probabilities", [WIDTH, SIZE])])],
  ]);
  /** @param {string} name @param {any} given @returns {Promise<any>} */
  const run = async (name, given) => {
    const made = new Float32Array(WIDTH * SIZE);
    if (name === "leaf") made.fill(1);
    if (name === "classify") made.set(given.state.data);
    if (name !== "compose") return { [name === "leaf" ? "state" : "probabilities"]: new Tensor(made, [WIDTH, SIZE]) };
    calls.push(given.children.data.filter((/** @type {number} */ each) => each > 0).length / SIZE);
    made.forEach((_, at) => {
      const [row, place] = [Math.floor(at / SIZE), at % SIZE];
      made[at] = given.before.data[at];
      for (let child = 0; child < AT_ONCE; child++)
        made[at] += given.children.data[(row * AT_ONCE + child) * SIZE + place];
    });
    return { state: new Tensor(made, [WIDTH, SIZE]), sums: new Tensor(made.slice(), [WIDTH, SIZE]) };
  };
  const said = JSON.parse(fileOf("tree_classifier", "bundle.json").toString("utf-8"));
  const changed = { "bundle.json": Buffer.from(JSON.stringify({ ...said, any_children: true })) };
  const runner = await load("BUNDLE", {
    openModel: async () => ({ signatures, run, close() {} }),
    fetch: filesOf("tree_classifier", changed),
  });
  return { runner, calls };
}

test("children are composed four at a time", async () => {
  const { runner, calls } = await counting();
  const [answer] = await runner.predict("((a) (b) (c) ((d) (e)) (f) (g) (h) (i) (j))");
  assert.deepEqual(
    answer.nodes.map((/** @type {any} */ { probability }) => probability),
    [1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 10],
  );
  assert.deepEqual(calls, [2, 0, 0, 4, 4, 1]); // as many for each node of a tree as its widest takes
  const [word] = await runner.predict("(a)");
  assert.equal(word.nodes.length, 1);
});
