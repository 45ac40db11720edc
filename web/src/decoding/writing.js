/** Open-ended generation: each id is yielded as soon as it is sampled. */

import { NEVER, drawn } from "./choices.js";
import * as ops from "./numpy_ops.js";
import { Generator } from "../python/random.js";
import { Tensor } from "../tensor.js";

/**
 * `(last ids [rows], states)` to `[logits [rows, words], new states]`.
 * @typedef {(last: Tensor, states: any) => Promise<[Tensor, any]>} Stepper
 */
/**
 * `(row, id)`: whether this id may come next in this row.
 * @typedef {(row: number, place: number) => boolean} Allowed
 */

/**
 * Sample ids for ever, or until all rows have ended; reproducible on every machine.
 *
 * Yields int32 `[rows]`, the next id of each; `end` for a row from its end on.
 * @param {Stepper} step One step of the network.
 * @param {any} states Before the first one.
 * @param {readonly number[]} given What all rows begin with, at least one id; read, and not handed out.
 * @param {object} how
 * @param {number} how.rows Samples drawn side by side.
 * @param {number} how.end The id that ends a row.
 * @param {readonly number[]} how.never Ids that are never drawn.
 * @param {number} [how.temperature] As for `decode`; so are `top_k` and `top_p`.
 * @param {number} [how.top_k]
 * @param {number} [how.top_p]
 * @param {number} [how.no_repeat] No stretch of so many ids comes twice in a row; 0 for no such guard.
 * @param {number | null} [how.seed] Of the draws; a row's hang on it and on the row's number alone.
 * @param {Allowed | null} [how.allowed] Asked before an id is taken; where it says no, another is drawn.
 * @returns {AsyncGenerator<Int32Array, void, void>}
 */
export async function* write(step, states, given, how) {
  const {
    rows,
    end,
    never,
    temperature = 1.0,
    top_k = 0,
    top_p = 1.0,
    no_repeat = 0,
    seed = null,
    allowed = null,
  } = how;
  const sampling = { temperature, top_k, top_p };
  const randoms = Array.from({ length: rows }, (_, row) => new Generator(seed === null ? null : [seed, row]));
  const guards = Array.from({ length: no_repeat ? rows : 0 }, () => new Guard(no_repeat, given));
  const done = new Array(rows).fill(false);
  let logits = ops.zeros([rows, 0]);
  for (const begun of given) [logits, states] = await step(ops.full([rows], begun, "int32"), states);
  for (;;) {
    const uniform = Float32Array.from(randoms, (random) => random.random());
    const left = ops.cast(logits, "float32");
    const lines = Array.from({ length: rows }, (_, row) => left.row(row));
    lines.forEach(({ data }, row) =>
      [...never, ...(guards[row]?.refused() ?? [])].forEach((place) => (data[place] = NEVER)),
    );
    const chosen = Int32Array.from(drawn(left, new Tensor(uniform), sampling).data);
    for (let row = 0; row < rows; row++) {
      const { data } = lines[row];
      const may = () => allowed === null || chosen[row] === end || allowed(row, chosen[row]);
      while (!done[row] && (data[chosen[row]] <= NEVER || !may())) {
        data[chosen[row]] = NEVER;
        if (data.every((logit) => logit <= NEVER)) {
          chosen[row] = end;
          break;
        }
        const one = Float32Array.of(randoms[row].random()); // the old one is where the refused id was
        chosen[row] = drawn(new Tensor(data, [1, data.length]), new Tensor(one), sampling).data[0];
      }
      if (done[row]) chosen[row] = end;
      done[row] ||= chosen[row] === end;
      guards[row]?.add(chosen[row]);
    }
    yield chosen;
    if (done.every((each) => each)) return;
    [logits, states] = await step(new Tensor(chosen), states);
  }
}

/** A record of the ids that followed each n-gram of one row. */
class Guard {
  /** @param {number} length @param {readonly number[]} given */
  constructor(length, given) {
    this.length = length;
    /** @type {number[]} */
    this.last = [];
    /** @type {Map<string, number[]>} */
    this.followed = new Map();
    given.forEach((place) => this.add(place));
  }

  /** The ids that would repeat an n-gram. */
  refused() {
    return this.last.length === this.length - 1 ? (this.followed.get(this.last.join()) ?? []) : [];
  }

  /** The next id. @param {number} place */
  add(place) {
    if (this.last.length === this.length - 1) {
      const followed = this.followed.get(this.last.join());
      if (followed) followed.push(place);
      else this.followed.set(this.last.join(), [place]);
    }
    this.last = this.length > 1 ? [...this.last, place].slice(1 - this.length) : [];
  }
}
