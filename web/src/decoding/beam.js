/** Beam search: several hypotheses of each row at once, all rows in one batch, without a loop over either. */

import { NEVER, logSoftmax } from "./choices.js";
import * as ops from "./numpy_ops.js";
import { mostAttended, withoutMarks } from "./step.js";

/** @typedef {import("../tensor.js").Tensor} Tensor */
const LIVING = NEVER / 2; // scores above it belong to a hypothesis, those below to an empty place

/**
 * A beam search over one batch.
 *
 * At each step the best `width` continuations of a row's living hypotheses are kept. One that ends gives up its place:
 * the beam narrows, so that `width` hypotheses are finished in all. A row is decided when none of its living hypotheses
 * can still rise above the `nBest`-th finished one.
 */
export class Beam {
  /**
   * @param {import("./step.js").Step} step One step of the decoder, for `rows * width` hypotheses, those of a row
   *   together.
   * @param {import("./step.js").Marks} marks The ids with a meaning of their own.
   * @param {number} most Ids at most.
   * @param {number} width Hypotheses of a row.
   * @param {number} nBest How many of them are wanted.
   * @param {import("./penalties.js").Penalties} penalties How hypotheses of different lengths are compared.
   * @param {boolean} early Stops when all rows are decided; without it, when all hypotheses have ended.
   */
  constructor(step, marks, most, width, nBest, penalties, early) {
    this.step = step;
    this.marks = marks;
    this.most = most;
    this.width = width;
    this.nBest = nBest;
    this.penalties = penalties;
    this.early = early;
  }

  /**
   * The best hypotheses of each row.
   * @param {Tensor[]} states Before the first step, each `[rows, ...]`.
   * @param {Tensor[]} memory What every step reads, each `[rows, ...]`.
   * @param {number} rows How many there are.
   * @param {Tensor | null} sourceMask 1 where there is a source word, `[rows, source]`; null for a step without
   *   attention.
   * @param {Tensor | null} sourceWords 1 where there is one that an id may be aligned to, `[rows, source]`; null
   *   likewise.
   * @returns {Promise<import("./step.js").Decoded>}
   */
  async search(states, memory, rows, sourceMask, sourceWords) {
    const { width, most } = this;
    memory = memory.map((each) => ops.repeat(each, width));
    const [mask, words] = [sourceMask, sourceWords].map((each) =>
      each === null ? null : ops.repeat(ops.cast(each, "float32"), width),
    );
    const count = rows * width;
    const first = ops.equal(ops.arange(width), 0); // all are alike at first: one of them is enough
    let alive = ops.where(first, ops.zeros([rows, width]), NEVER);
    let ids = ops.zeros([count, most], "int32");
    let aligned = ids;
    let covered = mask === null ? ops.zeros([count, 1]) : ops.zerosLike(mask);
    let ended = ops.full([rows, width], NEVER);
    let [endedIds, endedAligned] = [ids, ids];
    let last = ops.full([count], this.marks.start, "int32");
    states = states.map((each) => ops.repeat(each, width));
    let t = 0;
    for (; t < most && ops.any(this.open(alive, ended)); t++) {
      const [logits, newStates, attention] = await this.step(last, states, memory);
      const [best, parents, chosen] = this.best(logits, alive, ended, rows);
      alive = best;
      const here = ops.equal(ops.expandDims(ops.arange(most), 0), t);
      ids = ops.where(here, ops.expandDims(chosen, -1), ops.take(ids, parents));
      [aligned, covered] = [aligned, covered].map((each) => ops.take(each, parents));
      if (mask !== null && words !== null && attention !== null) {
        const looked = ops.take(ops.cast(attention, "float32"), parents);
        aligned = ops.where(here, mostAttended(looked, words), aligned);
        covered = ops.add(covered, looked);
      }
      const ends = ops.reshape(ops.equal(chosen, this.marks.end), [rows, width]);
      let scores = this.scores(alive, t + 1, covered, mask, rows);
      scores = ops.where(ops.logicalAnd(ends, ops.greater(alive, LIVING)), scores, NEVER);
      [ended, endedIds, endedAligned] = this.merge([ended, endedIds, endedAligned], [scores, ids, aligned], rows);
      alive = ops.where(ops.logicalOr(ends, ops.lessEqual(alive, LIVING)), NEVER, alive);
      last = chosen;
      states = newStates.map((each) => ops.take(each, parents));
    }
    // Those that came to `most` ids without END stand beside the ended ones, and the best of all are kept.
    let scores = this.scores(alive, t, covered, mask, rows);
    scores = t === most ? ops.where(ops.greater(alive, LIVING), scores, NEVER) : ops.full([rows, width], NEVER);
    [scores, ids, aligned] = this.merge([ended, endedIds, endedAligned], [scores, ids, aligned], rows);
    const [foundIds, foundAligned] = [ids, aligned].map((each) => this.firsts(each, rows, most));
    return {
      ids: foundIds,
      scores: ops.squeeze(this.firsts(scores, rows, 1), -1),
      aligned: mask === null ? null : foundAligned,
    };
  }

  /**
   * The first `nBest` of each row: `[rows, nBest, size]`.
   * @param {Tensor} x
   * @param {number} rows
   * @param {number} size
   */
  firsts(x, rows, size) {
    const places = ops.zeros([rows * this.nBest], "int32");
    places.data.forEach((_, at) => (places.data[at] = Math.floor(at / this.nBest) * this.width + (at % this.nBest)));
    return ops.reshape(ops.take(ops.reshape(x, [rows * this.width, size]), places), [rows, this.nBest, size]);
  }

  /** For each row, whether continuing can change its answer. @param {Tensor} alive @param {Tensor} ended */
  open(alive, ended) {
    const best = ops.max(alive);
    const living = ops.greater(best, LIVING);
    if (!this.early) return living;
    const place = ops.full([ended.shape[0], 1], this.nBest - 1, "int32");
    const worst = ops.squeeze(ops.takeAlongAxis(ended, place), -1);
    return ops.logicalAnd(living, ops.greater(this.penalties.bound(best, this.most), worst));
  }

  /**
   * The best continuations: their log p `[rows, width]`, whose continuations they are and by which ids, `[rows *
   * width]`.
   * @param {Tensor} logits @param {Tensor} alive @param {Tensor} ended @param {number} rows
   * @returns {[Tensor, Tensor, Tensor]}
   */
  best(logits, alive, ended, rows) {
    const { width } = this;
    const logP = logSoftmax(withoutMarks(logits, this.marks));
    const each = Math.min(width, /** @type {number} */ (logits.shape.at(-1)));
    const [gained, ids] = ops.topK(logP, each); // of one hypothesis no more can be among the best of its row
    const sums = ops.add(ops.expandDims(alive, -1), ops.reshape(gained, [rows, width, each]));
    const [found, places] = ops.topK(ops.reshape(sums, [rows, -1]), width);
    const endedAlready = ops.sum(ops.cast(ops.greater(ended, LIVING), "int32"), true);
    const rank = ops.expandDims(ops.arange(width), 0);
    const best = ops.where(ops.less(rank, ops.subtract(width, endedAlready)), found, NEVER);
    const chosen = ops.takeAlongAxis(ops.reshape(ids, [rows, width * each]), places);
    const row = ops.expandDims(ops.arange(rows), -1);
    const parents = ops.add(ops.multiply(row, width), ops.floorDivide(places, each));
    return [best, ops.reshape(parents, [-1]), ops.reshape(chosen, [-1])];
  }

  /**
   * @param {Tensor} alive
   * @param {number} length
   * @param {Tensor} covered
   * @param {Tensor | null} mask
   * @param {number} rows
   */
  scores(alive, length, covered, mask, rows) {
    const shape = [rows, this.width, -1];
    const seen = mask === null ? null : ops.reshape(covered, shape);
    const known = mask === null ? null : ops.reshape(mask, shape);
    return this.penalties.score(alive, ops.cast(length, "float32"), seen, known);
  }

  /**
   * The best `width` of two sets of hypotheses: scores `[rows, width]`, and what belongs to each.
   * @param {[Tensor, Tensor, Tensor]} old @param {[Tensor, Tensor, Tensor]} made @param {number} rows
   * @returns {[Tensor, Tensor, Tensor]}
   */
  merge(old, made, rows) {
    const { width, most } = this;
    const [scores, places] = ops.topK(ops.concatenate([old[0], made[0]], 1), width);
    const row = ops.expandDims(ops.arange(rows), -1);
    const flat = ops.reshape(ops.add(ops.multiply(row, 2 * width), places), [-1]);
    const [ids, aligned] = [1, 2].map((part) => {
      const sides = [old[part], made[part]].map((side) => ops.reshape(side, [rows, width, most]));
      return ops.take(ops.reshape(ops.concatenate([sides[0], sides[1]], 1), [rows * 2 * width, most]), flat);
    });
    return [scores, ids, aligned];
  }
}
