/** One question at a time: a model answers what was asked last. */

/**
 * @typedef {object} Asked
 * @property {() => Promise<any>} work Gives the answer.
 * @property {(answer: any, took: number) => void} show Shows it, with the milliseconds that it took.
 */

/** Asks a model, which can do one thing at a time; of questions that come meanwhile only the last one is answered. */
export class Asking {
  /** @param {(error: unknown) => void} fail Says what went wrong. @param {(busy: boolean) => void} [wait] */
  constructor(fail, wait = () => {}) {
    this.fail = fail;
    this.wait = wait;
    /** @type {Asked | null} */
    this.next = null;
    this.running = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * Ask.
   * @param {Asked["work"]} work
   * @param {Asked["show"]} show
   * @param {number} [delay] Milliseconds to wait for a later question, such as of the next letter typed.
   */
  ask(work, show, delay = 0) {
    this.next = { work, show };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.go(), delay);
  }

  async go() {
    if (this.running) return;
    this.running = true;
    while (this.next !== null) {
      const { work, show } = this.next;
      this.next = null;
      this.wait(true);
      await painted();
      try {
        const began = performance.now();
        const answer = await work();
        const took = performance.now() - began;
        if (this.next === null) show(answer, took);
      } catch (error) {
        if (this.next === null) this.fail(error);
      }
    }
    this.running = false;
    this.wait(false);
  }
}

/** A turn for the browser to draw and to take what was typed. @returns {Promise<void>} */
export const painted = () => new Promise((done) => setTimeout(done, 0));
