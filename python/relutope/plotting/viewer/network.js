// @ts-check
// A network as plain arrays, and the exact surgery that asks questions of it. No weight is ever rounded.

/**
 * z = W h + b + low over the reals; the last `linear` units pass z on, the others are neurons with a ReLU. In the output layer
 * `linear` has no meaning.
 * @typedef {{inputs: number, outputs: number, linear: number, W: Float64Array, b: Float64Array, low: Float64Array}} Layer
 */
/** @typedef {{W: number[][], b: number[], low?: number[], linear?: number}} LayerJSON */
/** @typedef {{layers: (LayerJSON | [number[][], number[]])[]}} NetworkJSON */

export class InputError extends Error {}

/** @param {string} name @param {ArrayLike<unknown>} values @returns {Float64Array} */
function finite(name, values) {
  const result = new Float64Array(values.length);
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new InputError(`\`${name}\` has the entry ${String(value)}; entries must be finite numbers`);
    }
    result[k] = value;
  }
  return result;
}

/** @param {string} name @param {unknown} rows @returns {{flat: Float64Array, height: number, width: number}} */
export function matrix(name, rows) {
  if (!Array.isArray(rows) || rows.length === 0 || !rows.every(Array.isArray)) {
    throw new InputError(`\`${name}\` must be a list of rows`);
  }
  const width = rows[0].length;
  if (width === 0 || rows.some((row) => row.length !== width)) {
    throw new InputError(`\`${name}\` has rows of different length, or empty ones`);
  }
  return { flat: finite(name, rows.flat()), height: rows.length, width };
}

export class Network {
  /** @param {Layer[]} layers */
  constructor(layers) {
    if (layers.length < 2) throw new InputError("a network needs a hidden layer and an output layer");
    layers.forEach((layer, k) => {
      if (k > 0 && layers[k - 1].outputs !== layer.inputs) {
        throw new InputError(`\`W\` of layer ${k} takes ${layer.inputs} inputs, but layer ${k - 1} has ${layers[k - 1].outputs} outputs`);
      }
    });
    this.layers = layers;
  }

  /**
   * From (W, b) pairs, W a list of rows.
   * @param {[number[][], number[]][]} pairs
   */
  static fromArrays(pairs) {
    return Network.fromJSON({ layers: pairs });
  }

  /**
   * @param {NetworkJSON | unknown} json as `toJSON` gives it; with pairs [W, b] as layers; or as neural-network-elements saves it:
   *   `weights` and, as columns, `biases` per layer
   */
  static fromJSON(json) {
    const object = /** @type {any} */ (json);
    const columns = Array.isArray(object?.weights) && Array.isArray(object?.biases);
    const given = columns ? object.weights.map((/** @type {any} */ W, /** @type {number} */ k) => [W, [object.biases[k]].flat(2)]) : object?.layers;
    if (!Array.isArray(given)) throw new InputError("`network` must have a list of `layers`");
    const layers = given.map((/** @type {any} */ layer, /** @type {number} */ k) => {
      const pair = Array.isArray(layer);
      const rows = matrix(`W of layer ${k}`, pair ? layer[0] : layer?.W);
      const b = finite(`b of layer ${k}`, (pair ? layer[1] : layer?.b) ?? []);
      const low = finite(`low of layer ${k}`, (pair ? undefined : layer.low) ?? new Float64Array(b.length));
      const linear = (pair ? 0 : layer.linear) ?? 0;
      if (b.length !== rows.height || low.length !== rows.height) {
        throw new InputError(`\`b\` of layer ${k} must have ${rows.height} entries to fit W, got ${b.length}`);
      }
      if (!Number.isInteger(linear) || linear < 0 || linear > rows.height) {
        throw new InputError(`\`linear\` of layer ${k} must be an integer from 0 to ${rows.height}`);
      }
      return { inputs: rows.width, outputs: rows.height, linear, W: rows.flat, b, low };
    });
    return new Network(layers);
  }

  /** @returns {NetworkJSON} */
  toJSON() {
    return {
      layers: this.layers.map((layer) => ({
        W: Array.from({ length: layer.outputs }, (_, i) => [...layer.W.subarray(i * layer.inputs, (i + 1) * layer.inputs)]),
        b: [...layer.b],
        ...(layer.low.some((x) => x !== 0) ? { low: [...layer.low] } : {}),
        ...(layer.linear ? { linear: layer.linear } : {}),
      })),
    };
  }

  get inputDim() {
    return this.layers[0].inputs;
  }

  get outputDim() {
    return this.layers[this.layers.length - 1].outputs;
  }

  /** Number of neurons of each hidden layer; linear units are not counted. */
  get hiddenWidths() {
    return this.layers.slice(0, -1).map((layer) => layer.outputs - layer.linear);
  }

  get nNeurons() {
    return this.hiddenWidths.reduce((a, b) => a + b, 0);
  }

  /** @param {ArrayLike<number>} x @returns {Float64Array} the outputs in floating point */
  forward(x) {
    /** @type {ArrayLike<number>} */
    let h = x;
    this.layers.forEach((layer, l) => {
      const z = affine(layer, h);
      if (l < this.layers.length - 1) for (let i = 0; i < layer.outputs - layer.linear; i++) z[i] = Math.max(z[i], 0);
      h = z;
    });
    return /** @type {Float64Array} */ (h);
  }

  /**
   * The network with its decision as its last neurons: "sign" of one output, or "argmax" of several. One neuron
   * f_k - max(f_0, ..., f_(k-1)) for each output but the first; linear units carry the maximum so far and all outputs.
   * @param {"sign" | "argmax"} outputs
   */
  withOutputNeurons(outputs) {
    const m = this.outputDim;
    if ((outputs === "sign") !== (m === 1)) {
      throw new InputError(`\`outputs\` is "${outputs}", but the network has ${m} output${m === 1 ? "" : "s"}; "sign" is for one, "argmax" for several`);
    }
    const last = this.layers[this.layers.length - 1];
    if (outputs === "sign") {
      const twice = (/** @type {Float64Array} */ a) => Float64Array.from([...a, ...a]);
      const both = { inputs: last.inputs, outputs: 2, linear: 1, W: twice(last.W), b: twice(last.b), low: twice(last.low) };
      return new Network([...this.layers.slice(0, -1), both, plain([[0, 1]], [0])]);
    }
    const layers = [...this.layers.slice(0, -1), { ...last, linear: m }];
    for (let k = 1; k < m; k++) {
      const width = k === 1 ? m : m + 2;
      const unit = (/** @type {number} */ j) => Array.from({ length: width }, (_, i) => (i === j ? 1 : 0));
      const maximum = Array.from({ length: width }, (_, i) => (i < (k === 1 ? 1 : 2) ? 1 : 0));
      const carried = Array.from({ length: m }, (_, j) => unit(width - m + j));
      const rows = [carried[k].map((x, i) => x - maximum[i]), maximum, ...carried];
      layers.push({ ...plain(rows, new Array(rows.length).fill(0)), linear: m + 1 });
    }
    const pick = Array.from({ length: m }, (_, j) => Array.from({ length: m + 2 }, (_, i) => (i === j + 2 ? 1 : 0)));
    return new Network([...layers, plain(pick, new Array(m).fill(0))]);
  }

  /**
   * The network with f - level as one more neuron, exactly. One output only.
   * @param {number} level
   */
  minusLevel(level) {
    if (this.outputDim !== 1) throw new InputError(`a level set needs one output, the network has ${this.outputDim}`);
    if (!Number.isFinite(level)) throw new InputError(`\`level\` is ${level}; give a finite number`);
    const last = this.layers[this.layers.length - 1];
    const [high, low] = twoSum(last.b[0], -level);
    const hidden = this.layers.slice(0, -1);
    if (last.low[0] === 0 && Number.isFinite(high)) {
      const shifted = { ...last, linear: 0, b: Float64Array.of(high), low: Float64Array.of(low) };
      return new Network([...hidden, shifted, plain([[1]], [0])]);
    }
    return new Network([...hidden, { ...last, linear: 1 }, plain([[1]], [-level]), plain([[1]], [0])]);
  }

  /**
   * The network on x = A t + c as a function of t.
   * @param {number[][]} A @param {number[]} c
   */
  afterAffine(A, c) {
    const layer = plain(A, c);
    if (layer.outputs !== this.inputDim) throw new InputError(`the map has ${layer.outputs} rows, but the network has ${this.inputDim} inputs`);
    return new Network([{ ...layer, linear: layer.outputs }, ...this.layers]);
  }

  /**
   * The network on the segment, triangle or simplex of affinely independent points: x = sum_j w_j p_j, w = (1 - sum(t), t).
   * The differences of the points need not be doubles and are never formed.
   * @param {number[][]} points k + 1 of them
   */
  throughPoints(points) {
    const { height, width } = matrix("points", points);
    if (width !== this.inputDim || height < 2) throw new InputError(`\`points\` must be two or more points of ${this.inputDim} coordinates`);
    const columns = Array.from({ length: width }, (_, i) => points.map((p) => p[i]));
    const weights = Array.from({ length: height }, (_, i) => Array.from({ length: height - 1 }, (_, j) => (i === 0 ? -1 : i === j + 1 ? 1 : 0)));
    const one = Array.from({ length: height }, (_, i) => (i === 0 ? 1 : 0));
    return this.afterAffine(columns, new Array(width).fill(0)).afterAffine(weights, one);
  }
}

/** @param {number[][]} rows @param {number[]} b @returns {Layer} */
function plain(rows, b) {
  const { flat, height, width } = matrix("matrix", rows);
  const bias = finite("vector", b);
  if (bias.length !== height) throw new InputError(`the vector has ${bias.length} entries, the matrix ${height} rows`);
  return { inputs: width, outputs: height, linear: 0, W: flat, b: bias, low: new Float64Array(height) };
}

/** a + b as an unevaluated sum of two doubles (Knuth). @param {number} a @param {number} b @returns {[number, number]} */
function twoSum(a, b) {
  const s = a + b;
  const t = s - a;
  return [s, a - (s - t) + (b - t)];
}

/** @param {Layer} layer @param {ArrayLike<number>} h */
export function affine(layer, h) {
  const z = new Float64Array(layer.outputs);
  for (let i = 0; i < layer.outputs; i++) {
    let sum = layer.b[i] + layer.low[i];
    for (let j = 0; j < layer.inputs; j++) sum += layer.W[i * layer.inputs + j] * h[j];
    z[i] = sum;
  }
  return z;
}
