// @ts-check
// Training of a small network in the page: forward and backward pass, SGD and AdamW, as torch.optim does them.

import { affine, InputError, Network } from "./network.js";

/** @typedef {"binary" | "classes" | "squares"} Loss logistic loss of one output, cross entropy of several, mean of squares */
/**
 * @typedef {{
 *   network: unknown, X: number[][], y: number[], loss: Loss, steps?: number, batch?: number | null, seed?: number,
 *   optimizer?: {kind?: "sgd" | "adamw", rate?: number, momentum?: number, decay?: number, betas?: [number, number], eps?: number},
 *   state?: OptimizerState,
 * }} TrainRequest
 */
/** @typedef {{step: number, first: number[][], second: number[][], draw: number}} OptimizerState */

/**
 * The loss, averaged over rows, and its gradient by the layers' weights and biases, one array [W..., b...] a layer.
 * @param {Network} network @param {ArrayLike<number>[]} X @param {ArrayLike<number>} y @param {Loss} loss
 * @returns {{loss: number, gradient: Float64Array[]}}
 */
export function lossAndGradient(network, X, y, loss) {
  const { layers } = network;
  const gradient = layers.map((layer) => new Float64Array(layer.W.length + layer.outputs));
  let total = 0;
  X.forEach((x, row) => {
    /** @type {ArrayLike<number>[]} inputs of each layer */
    const seen = [];
    /** @type {ArrayLike<number>} */
    let h = x;
    layers.forEach((layer, l) => {
      seen.push(h);
      const z = affine(layer, h);
      if (l < layers.length - 1) for (let i = 0; i < layer.outputs - layer.linear; i++) z[i] = Math.max(z[i], 0);
      h = z;
    });
    const { value, slope } = lossOf(h, y[row], loss);
    total += value / X.length;
    let back = slope.map((s) => s / X.length);
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l];
      const into = new Float64Array(layer.inputs);
      for (let i = 0; i < layer.outputs; i++) {
        gradient[l][layer.W.length + i] += back[i];
        if (back[i] === 0) continue;
        for (let j = 0; j < layer.inputs; j++) {
          gradient[l][i * layer.inputs + j] += back[i] * seen[l][j];
          into[j] += back[i] * layer.W[i * layer.inputs + j];
        }
      }
      const neurons = l > 0 ? layers[l - 1].outputs - layers[l - 1].linear : 0;
      back = into.map((s, j) => (j < neurons && !(seen[l][j] > 0) ? 0 : s));
    }
  });
  return { loss: total, gradient };
}

/** @param {ArrayLike<number>} f @param {number} target @param {Loss} loss @returns {{value: number, slope: Float64Array}} */
function lossOf(f, target, loss) {
  if (loss === "binary") {
    const z = f[0];
    const value = Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z)));
    return { value, slope: Float64Array.of(1 / (1 + Math.exp(-z)) - target) };
  }
  if (loss === "classes") {
    const largest = Math.max(...Array.from(f));
    const exps = Float64Array.from(f, (z) => Math.exp(z - largest));
    const sum = exps.reduce((a, b) => a + b, 0);
    return { value: Math.log(sum) + largest - f[target], slope: exps.map((e, k) => e / sum - (k === target ? 1 : 0)) };
  }
  if (loss !== "squares") throw new InputError(`\`loss\` is "${loss}"; use "binary", "classes" or "squares"`);
  return { value: (f[0] - target) ** 2, slope: Float64Array.of(2 * (f[0] - target)) };
}

/**
 * Some steps of an optimizer. Everything that goes on is in the answer, so the next call may go to another worker.
 * @param {TrainRequest} request
 */
export function train({ network: given, X, y, loss, steps = 1, batch = null, seed = 0, optimizer = {}, state }) {
  let network = Network.fromJSON(given);
  if (!X.length || X.length !== y.length || X.some((x) => x.length !== network.inputDim)) {
    throw new InputError(`\`X\` needs rows of ${network.inputDim} numbers, and \`y\` one number for each`);
  }
  if (loss === "classes" && y.some((k) => !Number.isInteger(k) || k < 0 || k >= network.outputDim)) throw new InputError("`y` has a class that is no output");
  const zeros = () => network.layers.map((layer) => new Array(layer.W.length + layer.outputs).fill(0));
  const now = state ?? { step: 0, first: zeros(), second: zeros(), draw: seed };
  /** @type {number[]} */
  const losses = [];
  for (let k = 0; k < steps; k++) {
    const rows = batch && batch < X.length ? sample(X.length, batch, now) : X.map((_, i) => i);
    const found = lossAndGradient(network, rows.map((i) => X[i]), rows.map((i) => y[i]), loss);
    if (!Number.isFinite(found.loss)) throw new InputError(`the loss is ${found.loss}; take a smaller learning rate`);
    losses.push(found.loss);
    now.step += 1;
    network = stepped(network, found.gradient, optimizer, now);
  }
  return { network: network.toJSON(), losses, state: now };
}

/** @param {Network} network @param {Float64Array[]} gradient @param {NonNullable<TrainRequest["optimizer"]>} optimizer @param {OptimizerState} state */
function stepped(network, gradient, { kind = "adamw", rate = 0.01, momentum = 0, decay = 0, betas = [0.9, 0.999], eps = 1e-8 }, state) {
  const layers = network.layers.map((layer, l) => {
    const size = layer.W.length;
    const values = Float64Array.from([...layer.W, ...layer.b]);
    values.forEach((value, k) => {
      const first = state.first[l];
      const second = state.second[l];
      if (kind === "sgd") {
        const slope = gradient[l][k] + decay * value;
        first[k] = state.step === 1 ? slope : momentum * first[k] + slope;
        values[k] = value - rate * (momentum ? first[k] : slope);
        return;
      }
      first[k] = betas[0] * first[k] + (1 - betas[0]) * gradient[l][k];
      second[k] = betas[1] * second[k] + (1 - betas[1]) * gradient[l][k] ** 2;
      const mean = first[k] / (1 - betas[0] ** state.step);
      const spread = Math.sqrt(second[k] / (1 - betas[1] ** state.step)) + eps;
      values[k] = value * (1 - rate * decay) - (rate * mean) / spread;
    });
    return { ...layer, W: values.slice(0, size), b: values.slice(size) };
  });
  return new Network(layers);
}

/** Rows without repetition (mulberry32). @param {number} total @param {number} count @param {OptimizerState} state */
function sample(total, count, state) {
  const rows = Array.from({ length: total }, (_, i) => i);
  for (let k = 0; k < count; k++) {
    state.draw = (state.draw + 0x6d2b79f5) | 0;
    let t = Math.imul(state.draw ^ (state.draw >>> 15), 1 | state.draw);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const j = k + (((t ^ (t >>> 14)) >>> 0) % (total - k));
    [rows[k], rows[j]] = [rows[j], rows[k]];
  }
  return rows.slice(0, count);
}
