/**
 * NumPy's `default_rng`: SeedSequence and PCG64 (XSL-RR, 128 bits), so that a seed draws the same in every language.
 */

const [MASK_64, MASK_128] = [(1n << 64n) - 1n, (1n << 128n) - 1n];
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const [INIT_A, MULT_A, INIT_B, MULT_B] = [0x43b0d7e5, 0x931e8875, 0x8b51f9dd, 0x58f38ded];
const [MIX_L, MIX_R, POOL] = [0xca01f9dd, 0x4973f715, 4];

/**
 * Whole numbers from 0 as 32-bit words, the lowest first, as SeedSequence takes them.
 * @param {readonly number[]} seed
 */
function words(seed) {
  return seed.flatMap((number) => {
    const found = [];
    for (let rest = BigInt(number); rest > 0n || !found.length; rest >>= 32n) found.push(Number(rest & 0xffffffffn));
    return found;
  });
}

/**
 * The words that SeedSequence makes of an entropy.
 * @param {readonly number[]} entropy 32-bit words.
 * @param {number} count
 */
function seedWords(entropy, count) {
  let constant = INIT_A;
  /** @param {number} value */
  const hashed = (value) => {
    let made = (value ^ constant) >>> 0;
    constant = Math.imul(constant, MULT_A) >>> 0;
    made = Math.imul(made, constant) >>> 0;
    return (made ^ (made >>> 16)) >>> 0;
  };
  /** @param {number} x @param {number} y */
  const mixed = (x, y) => {
    const made = (Math.imul(MIX_L, x) - Math.imul(MIX_R, y)) >>> 0;
    return (made ^ (made >>> 16)) >>> 0;
  };
  const pool = Array.from({ length: POOL }, (_, place) => hashed(entropy[place] ?? 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mixed(pool[to], hashed(pool[from]));
  }
  for (const word of entropy.slice(POOL)) {
    for (let to = 0; to < POOL; to++) pool[to] = mixed(pool[to], hashed(word));
  }
  constant = INIT_B;
  return Array.from({ length: count }, (_, place) => {
    let made = (pool[place % POOL] ^ constant) >>> 0;
    constant = Math.imul(constant, MULT_B) >>> 0;
    made = Math.imul(made, constant) >>> 0;
    return (made ^ (made >>> 16)) >>> 0;
  });
}

/** A generator of random numbers. */
export class Generator {
  /** @param {readonly number[] | null} seed Whole numbers from 0; null for something else each time. */
  constructor(seed) {
    const entropy = seed === null ? [...crypto.getRandomValues(new Uint32Array(4))] : words(seed);
    const made = seedWords(entropy, 8).map(BigInt);
    const [a, b, c, d] = [0, 2, 4, 6].map((place) => made[place] | (made[place + 1] << 32n));
    this.increment = ((((c << 64n) | d) << 1n) | 1n) & MASK_128;
    this.state = 0n;
    this.step();
    this.state = (this.state + ((a << 64n) | b)) & MASK_128;
    this.step();
    /** @type {number | undefined} */
    this.left = undefined; // the upper half of the last 64 bits
  }

  step() {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }

  /** The next 32 bits. */
  bits() {
    if (this.left !== undefined) {
      const left = this.left;
      this.left = undefined;
      return left;
    }
    this.step();
    const by = this.state >> 122n;
    const folded = ((this.state >> 64n) ^ this.state) & MASK_64;
    const made = ((folded >> by) | (folded << ((64n - by) & 63n))) & MASK_64;
    this.left = Number(made >> 32n);
    return Number(made & 0xffffffffn);
  }

  /** A float32 from 0 to 1, as `random(dtype=np.float32)`. */
  random() {
    return (this.bits() >>> 8) / 2 ** 24;
  }

  /** A whole number from 0 to `most`: bits are drawn until they are none above. @param {number} most */
  below(most) {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const found = (this.bits() & mask) >>> 0;
      if (found <= most) return found;
    }
  }

  /** The same numbers in another order. @param {ArrayLike<number>} values */
  permutation(values) {
    const made = Array.from(values);
    for (let place = made.length - 1; place > 0; place--) {
      const other = this.below(place);
      [made[place], made[other]] = [made[other], made[place]];
    }
    return made;
  }
}
