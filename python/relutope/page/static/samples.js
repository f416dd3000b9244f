// @ts-check
// Data to learn from, drawn in [-1, 1]^2.

/** @typedef {{points: number[][], labels: number[]}} Samples */

/** Uniform numbers from a seed (mulberry32). @param {number} seed */
export function randomNumbers(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {() => number} random @returns {() => number} normal numbers (Box and Muller) */
export function normalNumbers(random) {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** @param {number} r @param {number} t */
const polar = (r, t) => [r * Math.cos(t), r * Math.sin(t)];

/** A point and its class. @type {Record<string, (random: () => number, k: number) => {point: number[], label: number}>} */
const MAKERS = {
  annuli: (random, k) => ({ point: polar(k % 2 ? 0.7 + 0.2 * random() : 0.45 * Math.sqrt(random()), 2 * Math.PI * random()), label: k % 2 }),
  circles: (random, k) => ({ point: polar(k % 2 ? 0.8 : 0.4, 2 * Math.PI * random()), label: k % 2 }),
  clusters: (random, k) => ({ point: [(k % 2 ? 0.45 : -0.45) + 0.5 * (random() - 0.5), (k % 2 ? 0.45 : -0.45) + 0.5 * (random() - 0.5)], label: k % 2 }),
  xor: (random) => square(random, (x, y) => x * y > 0),
  checkerboard: (random) => square(random, (x, y) => (Math.floor(2 * x) + Math.floor(2 * y)) % 2 !== 0),
  "half plane": (random) => square(random, (x, y) => x + 0.5 * y > 0),
  spiral: (random, k) => {
    const t = random();
    return { point: polar(0.1 + 0.8 * t, 3.5 * Math.PI * t + (k % 2) * Math.PI), label: k % 2 };
  },
  moons: (random, k) => {
    const [x, y] = polar(0.6, Math.PI * random());
    return { point: k % 2 ? [x - 0.3, y - 0.2] : [0.3 - x, 0.2 - y], label: k % 2 };
  },
};

/** @param {() => number} random @param {(x: number, y: number) => boolean} inside */
function square(random, inside) {
  const point = [2 * random() - 1, 2 * random() - 1];
  return { point, label: inside(point[0], point[1]) ? 1 : 0 };
}

export const DATASETS = Object.keys(MAKERS);

/** Balls and shells about the origin, in any dimension: radius of a point of each class. @type {Record<string, (random: () => number, k: number, n: number) => number>} */
const RADII = {
  annuli: (random, k, n) => (k % 2 ? 0.7 + 0.2 * random() : 0.45 * random() ** (1 / n)),
  circles: (_, k) => (k % 2 ? 0.8 : 0.4),
};

/**
 * In other dimensions than two: annuli and circles are balls and shells; of the other sets there are the first coordinate, or more
 * coordinates, which say nothing of the class.
 * @param {() => number} random @param {() => number} normal @param {string} name @param {number} k @param {number} n
 */
function sampleIn(random, normal, name, k, n) {
  if (!RADII[name]) {
    const { point, label } = MAKERS[name](random, k);
    return { point: Array.from({ length: n }, (_, i) => point[i] ?? 2 * random() - 1), label };
  }
  const direction = Array.from({ length: n }, () => normal());
  const radius = RADII[name](random, k, n) / Math.hypot(...direction);
  return { point: direction.map((x) => radius * x), label: k % 2 };
}

/** @param {string} name @param {number} count @param {number} noise @param {number} seed @param {number} [n] inputs @returns {Samples} */
export function sampleData(name, count, noise, seed, n = 2) {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const found = Array.from({ length: count }, (_, k) => (n === 2 ? MAKERS[name](random, k) : sampleIn(random, normal, name, k, n)));
  return { points: found.map(({ point }) => point.map((x) => x + noise * normal())), labels: found.map(({ label }) => label) };
}

/** Rows "x, y, class" of text, or of 1 to 10 numbers and a class. @param {string} text @returns {Samples} */
export function parseTable(text) {
  /** @type {Samples} */
  const data = { points: [], labels: [] };
  text.split(/\r?\n/).forEach((line, k) => {
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
    if (cells.every((cell) => cell === "")) return;
    const numbers = cells.map(Number);
    const bad = cells.some((cell, i) => cell === "" || !Number.isFinite(numbers[i]));
    if (bad && k === 0) return; // names of columns
    const label = numbers[numbers.length - 1];
    const width = data.points[0]?.length ?? numbers.length - 1;
    if (bad || width < 1 || width > 10 || numbers.length !== width + 1 || !Number.isInteger(label) || label < 0 || label > 7) {
      throw new Error(`line ${k + 1} is not "x, y, class", 1 to 10 numbers, as many in each line, and a class from 0 to 7`);
    }
    data.points.push(numbers.slice(0, -1));
    data.labels.push(label);
  });
  if (data.points.length > 5000) throw new Error(`the table has ${data.points.length} rows; the page takes 5000`);
  if (!data.points.length) throw new Error("the table has no rows");
  return data;
}
