/** Labels texts and tags sentences with a bundle of rnnkit, on LiteRT.js: docs/bundle_format.md in code. */

import { featuresOf, idOf, tokensOf, wordsOf } from "./reading.js";

/** Opens a bundle: `read(name)` gives the bytes of a file in it, `litert` is `@litertjs/core`, loaded. */
export async function openClient(read, litert) {
  const text = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const said = JSON.parse(text(await read("bundle.json")));
  const known = said.format === "rnnkit-bundle" && said.format_version === 1 && !said.resets_state;
  const ours = said.task === "token_tagger" || said.tokenizer?.type === "RegexTokenizer";
  if (!known || !ours) throw new Error("This client does not read such a bundle.");
  const file = async (key) => {
    const name = said[key];
    if (/[\/\\]/.test(name)) throw new Error(`${name} is not in the bundle's folder.`);
    const bytes = await read(name);
    const digest = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
    const hex = digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== said.sha256[name]) throw new Error(`${name} is not the file that the bundle was written with.`);
    return bytes;
  };
  const lines = async (key) => text(await file(key)).split("\n").filter((line) => line !== "");
  const vocabulary = async (key) => new Map((await lines(key)).map((line, id) => [line.split(" ")[0], id]));
  const labels = await lines("labels");
  const words = await vocabulary("vocabulary");
  const letters = "characters" in said ? await vocabulary("characters") : new Map();
  const model = await litert.loadAndCompile(await file("model"), { accelerator: "wasm" });
  const [signature] = Object.values(model.signatures);

  const run = async (steps, given, output) => {
    const shaped = Object.entries(given).map(([name, numbers]) => {
      const shape = name === "characters" ? [1, steps, said.word_length] : [1, steps];
      const data = new Int32Array(shape.reduce((one, next) => one * next));
      data.set(numbers); // and 0 behind
      return [name, new litert.Tensor(data, shape)];
    });
    return (await signature.run(Object.fromEntries(shaped)))[output].data();
  };

  const stepsOf = (length) => (said.fixed_length ? said.max_length : length);

  /** The probability of each label of a text. */
  const classify = async (given) => {
    const found = wordsOf(given, said.tokenizer.delimiters).map((word) => idOf(words, word));
    const ids = [1, ...found].slice(0, said.max_length);
    const made = await run(stepsOf(ids.length), { ids }, "probabilities");
    return labels.map((label, place) => ({ label, probability: made[place] }));
  };

  /** The entities of a sentence, each from one place in it to another. */
  const tag = async (sentence) => {
    const found = [];
    let before = ["O", ""];
    const tokens = tokensOf(sentence);
    for (let first = 0; first < tokens.length; first += said.max_length) {
      const part = tokens.slice(first, first + said.max_length);
      const read = part.map(({ token }) => featuresOf(token, words, letters, said.word_length));
      const given = {
        words: read.map((token) => token.word),
        casing: read.map((token) => token.casing),
        characters: read.flatMap((token) => token.letters),
      };
      const made = await run(stepsOf(part.length), given, "tags");
      part.forEach(({ start, end }, place) => {
        const now = partsOf(labels[made[place]], said.scheme);
        const apart = "BSU".includes(now[0]) || "ESLU".includes(before[0]);
        if (now[1] !== "" && now[1] === before[1] && (!apart || place === 0)) found.at(-1).end = end;
        else if (now[1] !== "") found.push({ type: now[1], start, end });
        before = now;
      });
    }
    return found;
  };

  if (said.strategy === "padded") {
    const sizes = said.inputs.map(({ name, shape }) => [name, shape.reduce((one, next) => one * next)]);
    const ones = Object.fromEntries(sizes.map(([name, size]) => [name, new Array(size).fill(1)]));
    await run(said.max_length, ones, said.outputs[0].name);
  }
  return { classify, tag };
}

/** Letter and type of a label: "B-LOC" is B and LOC, "O" is O and no type. */
function partsOf(label, scheme) {
  if (label === "O") return ["O", ""];
  if (scheme === "plain") return ["S", label];
  const [letter, ...type] = label.split("-");
  return [letter, type.join("-") || "ENTITY"];
}
