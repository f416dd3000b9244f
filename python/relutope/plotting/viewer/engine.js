// @ts-check
// The exact core, compiled to WebAssembly: the other side of cpp/wasm/module.cpp. Everything here is synchronous; the page runs it in
// a worker (worker.js). The module needs nothing of emscripten's.

import { InputError, Network } from "./network.js";

/** What went wrong, by the status of a call. */
const KINDS = ["ok", "input", "cells", "empty", "facets", "memory", "stopped", "broken"];

export class EngineError extends Error {
  /** @param {string} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** @typedef {Uint8Array | Int8Array | Int32Array | Float64Array} Column */
/**
 * A box [lower, upper], whose sides may be infinite (or null, as JSON has no infinities), cut by halfspaces w . x + c >= 0, rows
 * [...w, c].
 * @typedef {{lower: (number | null)[], upper: (number | null)[], halfspaces?: number[][]}} Domain
 * @typedef {{lower: number[], upper: number[], halfspaces: number[][]}} CheckedDomain
 */
/** @typedef {"all" | "superlevel" | "sublevel" | "level" | "class" | "class boundary"} Region */

export class Engine {
  /**
   * @param {BufferSource | WebAssembly.Module} code
   * @param {() => boolean} [poll] called now and then during work on faces and spectra; true stops the call
   */
  static async start(code, poll = () => false) {
    const closed = () => 8; // there are no files: EBADF
    const imports = {
      env: {
        relutope_poll: () => (poll() ? 1 : 0),
        emscripten_notify_memory_growth: () => {},
      },
      wasi_snapshot_preview1: {
        fd_close: closed,
        fd_seek: closed,
        fd_write: closed,
        proc_exit: () => {
          throw new EngineError("broken", "the core ended");
        },
      },
    };
    const module = code instanceof WebAssembly.Module ? code : await WebAssembly.compile(code);
    const instance = await WebAssembly.instantiate(module, imports);
    return new Engine(instance.exports);
  }

  /** @param {any} exports */
  constructor(exports) {
    this.core = exports;
    /** Whether a call failed in a way that leaves memory in disorder. */
    this.dead = false;
    exports._initialize?.();
  }

  /** Bytes of memory that the core has taken; it never shrinks, and is used again. */
  get memory() {
    return this.core.memory.buffer.byteLength;
  }

  /** How many complexes have not been given back by `Complex.free`. */
  get held() {
    return this.core.relutope_held();
  }

  /**
   * @param {string} name @param {number[]} args
   * @param {{ints?: ArrayLike<number>, doubles?: ArrayLike<number>}} [request]
   * @returns {any[]} the arrays of the reply
   */
  call(name, args, { ints = [], doubles = [] } = {}) {
    if (this.dead) throw new EngineError("broken", "the engine has failed before; start another");
    const intArea = this.core.relutope_ints(ints.length) >>> 0;
    const doubleArea = this.core.relutope_doubles(doubles.length) >>> 0;
    if ((ints.length && !intArea) || (doubles.length && !doubleArea)) throw this.failure(5);
    new Int32Array(this.core.memory.buffer, intArea, ints.length).set(ints);
    new Float64Array(this.core.memory.buffer, doubleArea, doubles.length).set(doubles);
    let status = 0;
    try {
      status = this.core[`relutope_${name}`](...args);
    } catch (error) {
      // A trap, or the end of the stack: what is in memory now is not to be relied upon.
      this.dead = true;
      throw new EngineError("broken", `the core failed: ${error instanceof Error ? error.message : error}`);
    }
    if (status !== 0) throw this.failure(status);
    const kinds = [Uint8Array, Int8Array, Int32Array, Float64Array];
    const arrays = Array.from({ length: this.core.relutope_arrays() }, (_, k) => {
      const length = this.core.relutope_array_length(k);
      const data = this.core.relutope_array_data(k) >>> 0;
      const view = new kinds[this.core.relutope_array_type(k)](this.core.memory.buffer, length ? data : 0, length);
      return view.slice();
    });
    this.core.relutope_clear();
    return arrays;
  }

  /** @param {number} status */
  failure(status) {
    const bytes = new Uint8Array(this.core.memory.buffer);
    const begin = this.core.relutope_message() >>> 0;
    const message = new TextDecoder().decode(bytes.slice(begin, bytes.indexOf(0, begin)));
    return new EngineError(KINDS[status] ?? "broken", message);
  }

  /**
   * All cells of a network over a domain (null: all of R^n).
   * @param {Network} network
   * @param {Domain | null} domain
   * @param {{outputs?: "sign" | "argmax" | null, maxCells?: number, vertices?: boolean | "near"}} [options] `outputs` also cuts where the
   *   decision changes; `vertices` are found at once, where they are needed anyway; "near" ones are for pictures: within 2^-30 of their
   *   size instead of rounded once, and without interior points
   */
  decompose(network, domain, { outputs = null, maxCells = 100_000, vertices = false } = {}) {
    const cut = outputs ? network.withOutputNeurons(outputs) : network;
    return new Complex(this, cut, checkedDomain(domain, network.inputDim), outputs, maxCells, vertices);
  }

  /**
   * The lowest positive eigenvalues of a connected graph's Laplacian, with unit eigenvectors in the rows of `vectors`.
   * @param {number} nodes @param {Int32Array} ends pairs of nodes @param {Float64Array} weights positive
   * @param {number} count @param {boolean} [normalized]
   * @returns {{values: Float64Array, vectors: Float64Array, residuals: Float64Array}}
   */
  modes(nodes, ends, weights, count, normalized = false) {
    const [values, vectors, residuals] = this.call("modes", [nodes, count, normalized ? 1 : 0], { ints: ends, doubles: weights });
    return { values, vectors, residuals };
  }
}

/** @param {Domain | null} domain @param {number} n @returns {CheckedDomain} */
function checkedDomain(domain, n) {
  const lower = (domain?.lower ?? new Array(n).fill(null)).map((x) => x ?? -Infinity);
  const upper = (domain?.upper ?? new Array(n).fill(null)).map((x) => x ?? Infinity);
  const halfspaces = domain?.halfspaces ?? [];
  if (lower.length !== n || upper.length !== n || halfspaces.some((row) => row.length !== n + 1)) {
    throw new InputError(`\`domain\` does not have the network's ${n} inputs`);
  }
  if ([...lower, ...upper].some((x) => typeof x !== "number" || Number.isNaN(x))) throw new InputError("`domain` has a bound that is no number");
  // 0 >= 0 has no inner side; 1 >= 0 says the same.
  const rows = halfspaces.map((row) => (row.every((x) => x === 0) ? [...new Array(n).fill(0), 1] : row));
  return { lower, upper, halfspaces: rows };
}

/** The cells of a network and how they touch. Give it back with `free` when it is no longer needed. */
export class Complex {
  /**
   * @param {Engine} engine @param {Network} network @param {CheckedDomain} domain
   * @param {"sign" | "argmax" | null} outputs @param {number} maxCells @param {boolean | "near"} vertices
   */
  constructor(engine, network, domain, outputs, maxCells, vertices) {
    this.engine = engine;
    this.network = network;
    this.domain = domain;
    this.outputs = outputs;
    this.maxCells = maxCells;
    const shapes = network.layers.flatMap((layer) => [layer.inputs, layer.outputs, layer.linear]);
    const numbers = network.layers.flatMap((layer) => [...layer.W, ...layer.b, ...layer.low]);
    const found = engine.call("decompose", [maxCells, vertices === "near" ? 2 : vertices ? 1 : 0], {
      ints: [network.layers.length, ...shapes, domain.halfspaces.length],
      doubles: [...numbers, ...domain.lower, ...domain.upper, ...domain.halfspaces.flat()],
    });
    /** 0 or 1 for each cell and neuron; rows increase lexicographically. @type {Uint8Array} */
    this.patterns = found[0];
    /** Adjacent cells, pairs i < j in lexicographic order. @type {Int32Array} */
    this.adjacency = found[1];
    /** For each pair the facet of cell i. @type {Int32Array} */
    this.edgeFacets = found[2];
    /** Neurons that vanish on the facet of pair k: zeroIds[zeroBegin[k] .. zeroBegin[k + 1]]. @type {Int32Array} */
    this.zeroBegin = found[3];
    /** @type {Int32Array} */
    this.zeroIds = found[4];
    /** Facets of cell i: facetBegin[i] .. facetBegin[i + 1]. @type {Int32Array} */
    this.facetBegin = found[5];
    /** A neuron, or side s of the domain as -1 - s. @type {Int32Array} */
    this.facetId = found[6];
    /** The cell behind the facet, -1 at the domain's boundary. @type {Int32Array} */
    this.facetNeighbour = found[7];
    /** @type {Uint8Array} */
    this.bounded = found[8];
    /** Neurons that vanish on whole cells, as pairs of these two. @type {Int32Array} */
    this.zeroCell = found[9];
    /** @type {Int32Array} */
    this.zeroNeuron = found[10];
    /** Inputs on which the problem was solved; the others change nothing. @type {number[]} */
    this.kept = [...found[11]];
    const [lineality, inherited, filtered, refined, exact] = found[12];
    /** Dimension of the space of directions along which nothing changes. @type {number} */
    this.lineality = lineality;
    /** How many signs each stage decided. */
    this.signs = { inherited, filtered, refined, exact };
    /** @type {number} */
    this.handle = found[13][0];
    /** @type {Map<string, any>} */
    this.cache = new Map();
    /** See `cutAt`. @type {{level: number, complex: Complex} | undefined} */
    this.cut = undefined;
  }

  get dim() {
    return this.network.inputDim;
  }

  get nCells() {
    return this.facetBegin.length - 1;
  }

  get nEdges() {
    return this.adjacency.length / 2;
  }

  /** How many of the neurons, the last ones, compare outputs. */
  get nOutputNeurons() {
    return this.outputs ? Math.max(this.network.outputDim - 1, 1) : 0;
  }

  free() {
    if (!this.engine.dead) this.engine.core.relutope_free(this.handle);
    this.cache.clear();
    this.cut?.complex.free();
    this.cut = undefined;
  }

  /** @template T @param {string} name @param {() => T} make @returns {T} */
  once(name, make) {
    if (!this.cache.has(name)) this.cache.set(name, make());
    return this.cache.get(name);
  }

  /**
   * Vertices; those from `nFinite` on are where unbounded cells leave the symbolically infinite box, p + q R. Coordinates are in the
   * `kept` inputs.
   * @returns {{coordinates: Float64Array, infinite: Float64Array, cellBegin: Int32Array, cellVertices: Int32Array,
   *   interior: Float64Array, inside: Uint8Array, nFinite: number, nVertices: number}}
   */
  get vertices() {
    return this.once("vertices", () => {
      const [coordinates, infinite, cellBegin, cellVertices, interior, inside, counts] = this.engine.call("vertices", [this.handle, 0]);
      return { coordinates, infinite, cellBegin, cellVertices, interior, inside, nFinite: counts[0], nVertices: counts[1] };
    });
  }

  /**
   * The outputs at the vertices, rounded to nearest, and the rank of the exact value among those of the same output.
   * @returns {{values: Float64Array, ranks: Int32Array}}
   */
  get vertexValues() {
    return this.once("values", () => {
      const found = this.engine.call("vertices", [this.handle, 1]);
      return { values: found[7], ranks: found[8] };
    });
  }

  /** Exact signs of all neurons at all vertices. @returns {Int8Array} */
  get vertexSigns() {
    return this.once("signs", () => this.engine.call("signs", [this.handle])[0]);
  }

  /**
   * Corners in order: of the cells in 1 and 2 dimensions, of the facets in 3; see cpp/complex/faces/outlines.hpp.
   * @returns {{begin: Int32Array, corners: Int32Array, facet: Int32Array}}
   */
  get outlines() {
    return this.once("outlines", () => {
      const [begin, corners, facet] = this.engine.call("outlines", [this.handle]);
      return { begin, corners, facet };
    });
  }

  /** Number of faces of each dimension 0..n. @returns {number[]} */
  get fVector() {
    return this.once("f", () => [...new Array(this.dim - this.kept.length).fill(0), ...this.engine.call("face_counts", [this.handle])[0]]);
  }

  /**
   * The lowest of the closed cells that contain each point (rows of n exact doubles), -1 outside.
   * @param {ArrayLike<number>} points @returns {Int32Array}
   */
  locate(points) {
    return this.engine.call("locate", [this.handle], { doubles: points })[0];
  }

  /**
   * Betti numbers over GF(field) of a closed set, entry k the k-th.
   * @param {Region} of @param {{level?: number, label?: number | null, field?: number, compactify?: boolean}} [options]
   * @returns {number[]}
   */
  betti(of = "all", { level = 0, label = null, field = 2, compactify = false } = {}) {
    if (of === "all") return this.bettiOf([], field, compactify);
    if (of === "class" || of === "class boundary") return this.bettiOfClass(of, label, field, compactify);
    if (!["superlevel", "sublevel", "level"].includes(of)) throw new InputError(`\`of\` is "${of}"; use "all", "superlevel", "sublevel", "level", "class" or "class boundary"`);
    const refined = this.cutAt(level);
    const signs = refined.once("last signs", () => column(refined.vertexSigns, refined.network.nNeurons, refined.network.nNeurons - 1));
    const inside = { superlevel: (/** @type {number} */ s) => s >= 0, sublevel: (/** @type {number} */ s) => s <= 0, level: (/** @type {number} */ s) => s === 0 }[/** @type {"level"} */ (of)];
    return refined.bettiOf([Array.from(signs, (s) => (inside(s) ? 1 : 0))], field, compactify);
  }

  /** The complex whose last neuron is f - level: this one, or one that is kept until another level is asked for. @param {number} level */
  cutAt(level) {
    if (this.outputs === "sign" && level === 0) return this;
    if (this.cut?.level !== level) {
      this.cut?.complex.free();
      this.cut = undefined;
      this.cut = { level, complex: this.refined(this.network.minusLevel(level)) };
    }
    return this.cut.complex;
  }

  /** @param {"class" | "class boundary"} of @param {number | null} label @param {number} field @param {boolean} compactify */
  bettiOfClass(of, label, field, compactify) {
    const m = this.network.outputDim;
    const known = label !== null && Number.isInteger(label) && label >= 0 && label < m;
    if (m < 2 || (of === "class" && label === null) || (label !== null && !known)) {
      throw new InputError(`\`of\` is "${of}" and \`label\` is ${label}; the network has ${m} output${m === 1 ? "" : "s"}`);
    }
    const refined = this.outputs ? this : this.refined(this.network.withOutputNeurons("argmax"));
    try {
      const N = refined.network.nNeurons;
      const count = refined.vertices.nVertices;
      // ahead[k]: the sign of f_k - max(f_0, ..., f_(k-1)); f_0 is ahead at first
      const ahead = [new Int8Array(count).fill(1), ...Array.from({ length: m - 1 }, (_, k) => column(refined.vertexSigns, N, N - m + 1 + k))];
      const wins = ahead.map((_, k) => Array.from({ length: count }, (_, v) => (ahead[k][v] >= 0 && ahead.slice(k + 1).every((later) => later[v] <= 0) ? 1 : 0)));
      const pairs = wins.flatMap((_, i) => wins.map((_, k) => [i, k])).filter(([i, k]) => i < k && (label === null || label === i || label === k));
      const sets = of === "class" ? [wins[/** @type {number} */ (label)]] : pairs.map(([i, k]) => wins[i].map((w, v) => w & wins[k][v]));
      return refined.bettiOf(sets, field, compactify);
    } finally {
      if (refined !== this) refined.free();
    }
  }

  /** @param {number[][]} sets flags of vertices; the full subcomplexes are joined. None: everything. @param {number} field @param {boolean} compactify @returns {number[]} */
  bettiOf(sets, field, compactify) {
    const found = [...this.engine.call("betti", [this.handle, field, compactify ? 1 : 0], { ints: sets.flat() })[0]];
    const shift = this.dim - this.kept.length;
    if (!compactify) return [...found, ...new Array(shift).fill(0)];
    const numbers = [...new Array(shift).fill(0), ...found];
    numbers[0] += 1; // the point at infinity; times R^shift is the suspension
    return numbers;
  }

  /**
   * Persistent homology over GF(field): [dimension, birth, death] sorted; what never dies has death Infinity (-Infinity for
   * "superlevel"). Of the one output, or of one value per cell, a face entering with the first cell it lies in.
   * @param {"sublevel" | "superlevel" | ArrayLike<number>} [filtration] @param {number} [field]
   * @returns {[number, number, number][]}
   */
  persistence(filtration = "sublevel", field = 2) {
    const byCells = typeof filtration !== "string";
    const sign = filtration === "superlevel" ? -1 : 1;
    if (!byCells && this.network.outputDim !== 1) throw new InputError(`the filtration "${filtration}" needs one output, the network has ${this.network.outputDim}`);
    if (!byCells && !["sublevel", "superlevel"].includes(filtration)) throw new InputError(`the filtration "${filtration}" is unknown`);
    if (!byCells && this.variesAlongLines()) return [[0, -sign * Infinity, sign * Infinity]];
    const values = byCells ? Float64Array.from(filtration) : this.vertexValues.values;
    const keys = byCells ? values : Float64Array.from(this.vertexValues.ranks, (rank) => sign * rank);
    const order = Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b]);
    const steps = new Int32Array(keys.length);
    /** @type {number[]} */
    const valueOfStep = [];
    order.forEach((item, k) => {
      if (k === 0 || keys[item] !== keys[order[k - 1]]) valueOfStep.push(values[item]);
      steps[item] = valueOfStep.length - 1;
    });
    const [dims, births, deaths] = this.engine.call("persistence", [this.handle, field, byCells ? 1 : 0], { ints: steps });
    /** @type {[number, number, number][]} */
    const pairs = Array.from(dims, (dim, k) => [dim, valueOfStep[births[k]], deaths[k] < 0 ? sign * Infinity : valueOfStep[deaths[k]]]);
    return pairs
      .filter(([, birth, death]) => Number.isFinite(birth) || birth !== death) // the rest lives at infinity only
      .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  }

  /** Whether f changes along directions in which no cell does: every sublevel set is then a half-space, up to homeomorphism. */
  variesAlongLines() {
    if (!this.lineality || !this.network.layers.some((layer) => layer.linear)) return false;
    const refined = this.refined(this.network.minusLevel(0), false);
    refined.free();
    return refined.lineality < this.lineality;
  }

  /** @param {Network} network with further neurons at its end @param {boolean} [vertices] */
  refined(network, vertices = true) {
    return new Complex(this.engine, network, this.domain, null, this.maxCells, vertices);
  }
}

/** @param {Int8Array} rows @param {number} width @param {number} k */
function column(rows, width, k) {
  return Int8Array.from({ length: rows.length / width }, (_, row) => rows[row * width + k]);
}
