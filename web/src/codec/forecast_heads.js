/** From the parameters that a network gives for a step ahead to quantiles. */

/** The quantiles that are answered: the median, and the ends of intervals of 50 %, 80 % and 95 %. */
export const LEVELS = Object.freeze([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]);
/** The number of parameters of each head. */
export const HEADS = new Map([
  ["quantiles", LEVELS.length],
  ["gaussian", 2],
  ["student_t", 3],
  ["negative_binomial", 2],
  ["point", 1],
]);
/** The least of what is positive, and of the degrees of freedom. */
export const [LEAST, FREEDOM] = [1e-4, 2.0];
const NODES = 400;
const MOST_COUNTED = 100_000;

/** The levels of the quantiles that a head gives. @param {string} head @returns {readonly number[]} */
export const levelsOf = (head) => (head === "point" ? [0.5] : LEVELS);

/**
 * The quantiles of a scaled value, in rising order.
 * @param {string} head One of `HEADS`.
 * @param {ArrayLike<number>} given The network's parameters.
 * @param {number} scale What values were divided by; counts depend on it.
 * @param {readonly number[]} [levels] Those to give, of a distribution.
 * @returns {number[]}
 */
export function quantilesOf(head, given, scale, levels = LEVELS) {
  if (head === "quantiles" || head === "point") return Array.from(given).sort((a, b) => a - b);
  if (head === "negative_binomial") {
    const [mean, dispersion] = [(softplus(given[0]) + LEAST) * scale, softplus(given[1]) + LEAST];
    return negativeBinomialQuantiles(mean, dispersion, levels).map((count) => count / scale);
  }
  const [place, spread] = [given[0], softplus(given[1]) + LEAST];
  if (head === "gaussian") return levels.map((level) => place + spread * normalQuantile(level));
  const freedom = FREEDOM + softplus(given[2]);
  return levels.map((level) => place + spread * tQuantile(level, freedom));
}

/** log(1 + e^x). @param {number} x */
export const softplus = (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/**
 * The quantile of Student's t, for 2 degrees of freedom and more, to five digits.
 * @param {number} level Between 0 and 1.
 * @param {number} freedom Degrees of freedom.
 */
export function tQuantile(level, freedom) {
  const values = tTable(Math.max(level, 1 - level));
  const place = (1 / Math.max(freedom, FREEDOM) / (1 / FREEDOM)) * (NODES - 1);
  const low = Math.min(Math.floor(place), NODES - 2);
  return Math.sign(level - 0.5) * (values[low] + (place - low) * (values[low + 1] - values[low]));
}

/** @type {Map<number, number[]>} */
const TABLES = new Map();

/**
 * The quantile at a grid of 1 / degrees of freedom, by Newton's method on the integral of the density from 0.
 * @param {number} level
 */
function tTable(level) {
  const known = TABLES.get(level);
  if (known) return known;
  const values = [normalQuantile(level)];
  const [nodes, weights] = gauss(40);
  for (let number = 1; number < NODES; number++) {
    const freedom = 1 / ((number / (NODES - 1)) * (1 / FREEDOM));
    const constant = logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - 0.5 * Math.log(freedom * Math.PI);
    /** @param {number} at */
    const density = (at) => Math.exp(constant - ((freedom + 1) / 2) * Math.log1p((at * at) / freedom));
    let x = values[number - 1];
    for (let turn = 0; turn < 20; turn++) {
      const area = nodes.reduce((sum, node, place) => sum + weights[place] * density((x / 2) * (node + 1)), 0);
      const step = (0.5 + (x / 2) * area - level) / density(x);
      x -= step;
      if (Math.abs(step) < 1e-10) break;
    }
    values.push(x);
  }
  TABLES.set(level, values);
  return values;
}

/** The places and weights of Gauss and Legendre, on -1 to 1. @param {number} count @returns {[number[], number[]]} */
function gauss(count) {
  const nodes = [];
  const weights = [];
  for (let number = 0; number < count; number++) {
    let x = -Math.cos((Math.PI * (number + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 100; turn++) {
      let [before, here] = [1, x];
      for (let degree = 2; degree <= count; degree++)
        [before, here] = [here, ((2 * degree - 1) * x * here - (degree - 1) * before) / degree];
      slope = (count * (x * here - before)) / (x * x - 1);
      const step = here / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    nodes.push(x);
    weights.push(2 / ((1 - x * x) * slope * slope));
  }
  return [nodes, weights];
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The logarithm of the gamma function, for x from 0.5. @param {number} x */
function logGamma(x) {
  const sum = LANCZOS.reduce((all, each, place) => (place ? all + each / (x - 1 + place) : each), 0);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The quantiles of a count whose variance is mean + dispersion mean^2; of large ones nearly.
 * @param {number} mean Above 0.
 * @param {number} dispersion Likewise.
 * @param {readonly number[]} levels Between 0 and 1, rising.
 * @returns {number[]}
 */
export function negativeBinomialQuantiles(mean, dispersion, levels) {
  const size = 1 / dispersion;
  const share = mean / (mean + size);
  let chance = Math.exp(-size * Math.log1p(mean * dispersion));
  const found = nearly(mean, dispersion, levels);
  const last = levels.length - 1;
  if (!(chance > 1e-280 && found[last] < MOST_COUNTED)) return found;
  found.fill(0);
  let [below, at] = [0, 0];
  do {
    below += chance;
    levels.forEach((level, place) => (found[place] += Number(below < level)));
    chance *= (share * (at + size)) / (at + 1);
    at += 1;
  } while (below < levels[last] && at < 2 * MOST_COUNTED);
  return found;
}

/**
 * By the normal distribution with the skewness (Cornish and Fisher).
 * @param {number} mean
 * @param {number} dispersion
 * @param {readonly number[]} levels
 */
function nearly(mean, dispersion, levels) {
  const deviation = Math.sqrt(mean + dispersion * mean ** 2);
  const skew = (1 + 2 * dispersion * mean) / Math.sqrt(mean * (1 + dispersion * mean));
  return levels.map((level) => {
    const normal = normalQuantile(level);
    const value = mean + deviation * (normal + (skew * (normal ** 2 - 1)) / 6);
    const near = Math.round(value);
    return Math.max(near - value === 0.5 && near % 2 ? near - 1 : near, 0); // halves to the even one
  });
}

const A = [
  2.50908_09287_30122_6727e3, 3.34305_75583_58812_8105e4, 6.72657_70927_00870_0853e4, 4.59219_53931_54987_1457e4,
  1.37316_93765_50946_1125e4, 1.97159_09503_06551_4427e3, 1.33141_66789_17843_7745e2, 3.38713_28727_96366_6080e0,
];
const B = [
  5.22649_52788_52854_5610e3, 2.87290_85735_72194_2674e4, 3.93078_95800_09271_0610e4, 2.12137_94301_58659_5867e4,
  5.39419_60214_24751_1077e3, 6.87187_00749_20579_0830e2, 4.23133_30701_60091_1252e1, 1.0,
];
const C = [
  7.74545_01427_83414_07640e-4, 2.27238_44989_26918_45833e-2, 2.41780_72517_74506_11770e-1, 1.27045_82524_52368_38258e0,
  3.64784_83247_63204_60504e0, 5.76949_72214_60691_40550e0, 4.63033_78461_56545_29590e0, 1.42343_71107_49683_57734e0,
];
const D = [
  1.05075_00716_44416_84324e-9, 5.47593_80849_95344_94600e-4, 1.51986_66563_61645_71966e-2,
  1.48103_97642_74800_74590e-1, 6.89767_33498_51000_04550e-1, 1.67638_48301_83803_84940e0, 2.05319_16266_37758_82187e0,
  1.0,
];
const E = [
  2.01033_43992_92288_13265e-7, 2.71155_55687_43487_57815e-5, 1.24266_09473_88078_43860e-3,
  2.65321_89526_57612_30930e-2, 2.96560_57182_85048_91230e-1, 1.78482_65399_17291_33580e0, 5.46378_49111_64114_36990e0,
  6.65790_46435_01103_77720e0,
];
const F = [
  2.04426_31033_89939_78564e-15, 1.42151_17583_16445_88870e-7, 1.84631_83175_10054_68180e-5,
  7.86869_13114_56132_59100e-4, 1.48753_61290_85061_48525e-2, 1.36929_88092_27358_05310e-1,
  5.99832_20655_58879_37690e-1, 1.0,
];

/** @param {readonly number[]} terms @param {number} r */
const polynomial = (terms, r) => terms.reduce((sum, term) => sum * r + term, 0);

/** The quantile of the normal distribution (Wichura's AS241, as Python's `statistics`). @param {number} p */
export function normalQuantile(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (polynomial(A, r) * q) / polynomial(B, r);
  }
  let r = Math.sqrt(-Math.log(q <= 0 ? p : 1 - p));
  const [top, bottom] = r <= 5 ? [C, D] : [E, F];
  r -= r <= 5 ? 1.6 : 5;
  const x = polynomial(top, r) / polynomial(bottom, r);
  return q < 0 ? -x : x;
}
