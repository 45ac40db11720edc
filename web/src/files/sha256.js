/**
 * SHA-256 (FIPS 180-4). The browser's own is there on secure pages alone, not on a phone that opens http://192.168....
 */

/** The first 32 bits of the fractions of roots of the first primes. @param {number} root @param {number} count */
function fractions(root, count) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    let prime = true;
    for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) prime = false;
    if (prime) found.push(((number ** (1 / root) % 1) * 2 ** 32) | 0);
  }
  return found;
}

const START = fractions(2, 8);
const ROUNDS = fractions(3, 64);

/** @param {number} x @param {number} by */
const turned = (x, by) => (x >>> by) | (x << (32 - by));

/**
 * The digest in 64 hexadecimal digits.
 * @param {Uint8Array} bytes
 */
export function sha256(bytes) {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const tail = new Uint8Array(64 * (blocks - Math.floor(bytes.length / 64)));
  const whole = Math.floor(bytes.length / 64);
  tail.set(bytes.subarray(whole * 64));
  tail[bytes.length - whole * 64] = 0x80;
  const ends = new DataView(tail.buffer);
  ends.setUint32(tail.length - 8, Math.floor((bytes.length * 8) / 2 ** 32));
  ends.setUint32(tail.length - 4, (bytes.length * 8) >>> 0);
  const state = Int32Array.from(START);
  const w = new Int32Array(64);
  for (let block = 0; block < blocks; block++) {
    const [from, at] = block < whole ? [bytes, block * 64] : [tail, (block - whole) * 64];
    for (let t = 0; t < 16; t++) {
      const place = at + 4 * t;
      w[t] = (from[place] << 24) | (from[place + 1] << 16) | (from[place + 2] << 8) | from[place + 3];
    }
    for (let t = 16; t < 64; t++) {
      const [x, y] = [w[t - 15], w[t - 2]];
      w[t] =
        w[t - 16] +
        w[t - 7] +
        (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)) +
        (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10));
    }
    let a = state[0],
      b = state[1],
      c = state[2],
      d = state[3],
      e = state[4],
      f = state[5],
      g = state[6],
      h = state[7];
    for (let t = 0; t < 64; t++) {
      const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
