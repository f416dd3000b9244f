// @ts-check
// The state of the page: one network, its data and training, with a history. Commands change it and say so; drawing is elsewhere.

import { normalNumbers, randomNumbers, sampleData } from "./samples.js";

/** @typedef {{W: number[][], b: number[]}} LayerJSON */
/** @typedef {{layers: LayerJSON[]}} NetworkJSON */
/** @typedef {{layer: number, row: number, column: number}} Place column: an input, or -1 for the bias */
/** @typedef {{step: number, loss: number, accuracy: number, held: number, network: NetworkJSON}} Recorded */

export const INITIALISATIONS = { he: "He", uniform: "uniform in [-1, 1]", "zero biases": "He, zero biases", small: "He, a tenth" };
const MOST_UNDO = 100;

/** Events: "change" with `detail` "network", "data" or "training". */
export class Model extends EventTarget {
  constructor() {
    super();
    /** @type {NetworkJSON[]} */
    this.past = [];
    /** @type {NetworkJSON[]} */
    this.future = [];
    this.seed = 1;
    this.data = sampleData("annuli", 200, 0.02, 1);
    this.network = initial([2, 8, 1], "he", this.seed);
    /** What "reset" goes back to. */
    this.start = structuredClone(this.network);
    /** @type {unknown} of the optimiser */
    this.state = undefined;
    this.step = 0;
    /** @type {Recorded[]} */
    this.history = [];
    this.place = { layer: 0, row: 0, column: 0 };
    /** "logistic" (cross entropy with several outputs) or "squares" */
    this.loss = "logistic";
  }

  /** @param {string} what */
  changed(what) {
    this.dispatchEvent(new CustomEvent("change", { detail: what }));
  }

  get sizes() {
    return [this.network.layers[0].W[0].length, ...this.network.layers.map((layer) => layer.b.length)];
  }

  get inputs() {
    return this.sizes[0];
  }

  get outputs() {
    return /** @type {number} */ (this.sizes.at(-1));
  }

  /** @param {NetworkJSON} network @param {boolean} [remember] */
  setNetwork(network, remember = true) {
    if (remember) this.remember();
    this.network = network;
    const { layer, row, column } = this.place;
    if (column >= (network.layers[layer]?.W[row]?.length ?? 0) || !network.layers[layer]?.W[row]) this.place = { layer: 0, row: 0, column: 0 };
    this.changed("network");
  }

  /** "undo" comes back to the network as it is now. */
  remember() {
    this.past.push(structuredClone(this.network));
    if (this.past.length > MOST_UNDO) this.past.shift();
    this.future = [];
  }

  /** @param {number[]} sizes @param {string} how */
  rebuild(sizes, how) {
    this.seed += 1;
    this.begin(initial(sizes, how, this.seed));
  }

  /** Another network, not yet trained. @param {NetworkJSON} network */
  begin(network) {
    this.forget();
    this.start = structuredClone(network);
    this.setNetwork(network);
  }

  /** Back to the weights before training and editing. */
  reset() {
    this.forget();
    this.setNetwork(structuredClone(this.start));
  }

  zero() {
    this.forget();
    this.setNetwork({ layers: this.network.layers.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) })) });
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  /** @param {NetworkJSON[]} from @param {NetworkJSON[]} to */
  travel(from, to) {
    const network = from.pop();
    if (!network) return;
    to.push(structuredClone(this.network));
    this.setNetwork(network, false);
  }

  get value() {
    const { layer, row, column } = this.place;
    return column < 0 ? this.network.layers[layer].b[row] : this.network.layers[layer].W[row][column];
  }

  /** @param {number} value @param {boolean} remember false while a slider moves */
  setValue(value, remember) {
    if (!Number.isFinite(value)) return;
    const network = structuredClone(this.network);
    const { layer, row, column } = this.place;
    if (column < 0) network.layers[layer].b[row] = value;
    else network.layers[layer].W[row][column] = value;
    this.setNetwork(network, remember);
  }

  /** @param {import("./samples.js").Samples} data */
  setData(data) {
    this.data = data;
    this.forget();
    this.changed("data");
  }

  /** @param {number[]} point @param {number} label */
  addPoint(point, label) {
    this.data = { points: [...this.data.points, point], labels: [...this.data.labels, label] };
    this.changed("data");
  }

  /** Training starts anew. */
  forget() {
    this.state = undefined;
    this.step = 0;
    this.history = [];
    this.changed("training");
  }

  /** Every fifth point is held out. @param {boolean} held */
  rows(held) {
    const chosen = this.data.points.map((_, k) => k).filter((k) => (k % 5 === 4) === held);
    return { X: chosen.map((k) => this.data.points[k]), y: chosen.map((k) => this.data.labels[k]) };
  }

  /** What one call of the command "train" needs. @param {number} steps @param {Record<string, any>} optimizer @param {number | null} batch */
  trainRequest(steps, optimizer, batch) {
    const { X, y } = this.rows(false);
    const usual = this.outputs === 1 ? "binary" : "classes";
    if (this.loss === "squares" && this.outputs > 1) throw new Error("squares need one output; take the logistic loss");
    const targets = this.loss === "squares" ? y.map((label) => (label ? 1 : -1)) : y; // the decision is at 0
    return { network: this.network, X, y: targets, loss: this.loss === "squares" ? this.loss : usual, steps, batch, optimizer, state: this.state, seed: this.seed };
  }

  /** @param {{network: NetworkJSON, losses: number[], state: unknown}} answer */
  trained({ network, losses, state }) {
    this.state = state;
    this.step += losses.length;
    const last = this.history.at(-1)?.step ?? 0;
    this.network = network;
    if (this.step < 20 || this.step >= last * 1.08) {
      const loss = /** @type {number} */ (losses.at(-1));
      this.history.push({ step: this.step, loss, accuracy: this.accuracy(false), held: this.accuracy(true), network: structuredClone(network) });
    }
    this.changed("training");
    this.changed("network");
  }

  /** Which points a network gets wrong. @param {NetworkJSON} network @returns {boolean[]} */
  wrong(network) {
    const { points, labels } = this.data;
    const inputs = network.layers[0].W[0].length;
    const flat = flattened(network);
    return points.map((x, k) => x.length === inputs && decided(flat, x) !== labels[k]);
  }

  /** Share of points whose class the network says. @param {boolean} held */
  accuracy(held) {
    const { X, y } = this.rows(held);
    if (!X.length || this.inputs !== X[0].length) return NaN;
    const flat = flattened(this.network);
    return X.filter((x, k) => decided(flat, x) === y[k]).length / X.length;
  }
}

/** @typedef {{W: Float64Array, b: Float64Array}[]} Flat rows of the weights one after the other */

/** For many points: numbers that came in a message are slow where they are. @param {NetworkJSON} network @returns {Flat} */
export function flattened({ layers }) {
  return layers.map(({ W, b }) => ({ W: Float64Array.from(W.flat()), b: Float64Array.from(b) }));
}

/** @param {Flat} layers @param {ArrayLike<number>} x @returns {Float64Array} */
function outputsOf(layers, x) {
  let h = Float64Array.from(x);
  layers.forEach(({ W, b }, l) => {
    const last = l === layers.length - 1;
    const z = b.slice();
    for (let i = 0, at = 0; i < z.length; i++) {
      for (let j = 0; j < h.length; j++) z[i] += W[at++] * h[j];
      if (!last && z[i] < 0) z[i] = 0;
    }
    h = z;
  });
  return h;
}

/** @param {Flat} layers @param {number[]} x */
function decided(layers, x) {
  const f = outputsOf(layers, x);
  return f.length === 1 ? Number(f[0] > 0) : f.indexOf(Math.max(...f));
}

/** @param {number[]} sizes @param {string} how one of INITIALISATIONS @param {number} seed @returns {NetworkJSON} */
export function initial(sizes, how, seed) {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  const layers = sizes.slice(1).map((outputs, l) => {
    const scale = Math.sqrt(2 / sizes[l]) * (how === "small" ? 0.1 : 1);
    const weight = how === "uniform" ? () => 2 * random() - 1 : () => scale * normal();
    const bias = how === "uniform" ? () => 2 * random() - 1 : how === "zero biases" ? () => 0 : () => 0.5 * scale * normal();
    const round = (/** @type {number} */ v) => Math.round(v * 1e4) / 1e4;
    return { W: Array.from({ length: outputs }, () => Array.from({ length: sizes[l] }, () => round(weight()))), b: Array.from({ length: outputs }, () => round(bias())) };
  });
  return { layers };
}

/** @param {string} inputs @param {string} widths @param {string} outputs */
export function sizesFrom(inputs, widths, outputs) {
  const hidden = widths.split(/[ ,;-]+/).filter(Boolean).map(Number);
  const sizes = [Number(inputs), ...hidden, Number(outputs)];
  const most = [10, ...hidden.map(() => 128), 10];
  if (!hidden.length || hidden.length > 8 || sizes.some((size, k) => !Number.isInteger(size) || size < 1 || size > most[k])) {
    throw new Error("give 1 to 10 inputs and outputs, and 1 to 8 hidden layers of 1 to 128 neurons");
  }
  return sizes;
}
