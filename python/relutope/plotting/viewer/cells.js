// @ts-check
// What cells say beyond the combinatorics: affine maps, classes and their regions, weights of the dual graph. Rounded where numbers
// are, exact where they are labels.

import { InputError } from "./network.js";

/** @typedef {import("./engine.js").Complex} Complex */
/** @typedef {"unit" | "facet" | "distance" | "bend" | "hamming" | "output"} Difference */

/**
 * The affine map of each cell: f(x) = A x + c as rows [A | c], cells x outputs x (n + 1).
 * @param {Complex} cx @returns {Float64Array}
 */
export function affineMaps(cx) {
  const { network, dim: n, nCells } = cx;
  const m = network.outputDim;
  const result = new Float64Array(nCells * m * (n + 1));
  const N = network.nNeurons;
  const hidden = network.layers.slice(0, -1);
  const firsts = hidden.map((_, l) => network.hiddenWidths.slice(0, l).reduce((a, b) => a + b, 0));
  // Cells are in lexicographic order: what depends only on bits that the cell before has as well is kept.
  /** @type {Float64Array[]} before the ReLUs */
  const raw = [];
  /** @type {Float64Array[]} after them */
  const maps = [];
  for (let cell = 0; cell < nCells; cell++) {
    const bits = cx.patterns.subarray(cell * N, (cell + 1) * N);
    const before = cx.patterns.subarray((cell - 1) * N, cell * N);
    const same = cell === 0 ? -1 : bits.findIndex((bit, i) => bit !== before[i]);
    hidden.forEach((layer, l) => {
      const end = firsts[l] + network.hiddenWidths[l];
      if (end <= same) return;
      if (firsts[l] > same) raw[l] = composed(layer, l === 0 ? null : maps[l - 1], n);
      maps[l] = raw[l].slice();
      for (let i = firsts[l]; i < end; i++) if (!bits[i]) maps[l].fill(0, (i - firsts[l]) * (n + 1), (i - firsts[l] + 1) * (n + 1));
    });
    result.set(composed(network.layers[hidden.length], maps[hidden.length - 1], n), cell * m * (n + 1));
  }
  return result;
}

/** @param {import("./network.js").Layer} layer @param {Float64Array | null} before rows [A | c] of its inputs @param {number} n */
function composed({ inputs, outputs, W, b, low }, before, n) {
  const width = n + 1;
  const rows = new Float64Array(outputs * width);
  for (let i = 0; i < outputs; i++) rows[i * width + n] = b[i] + low[i];
  for (let j = 0; j < inputs; j++) {
    if (before !== null && isZero(before, j * width, width)) continue; // an inactive neuron
    for (let i = 0; i < outputs; i++) {
      const w = W[i * inputs + j];
      if (before === null) rows[i * width + j] += w;
      else for (let k = 0; k < width; k++) rows[i * width + k] += w * before[j * width + k];
    }
  }
  return rows;
}

/** @param {Float64Array} values @param {number} from @param {number} count */
function isZero(values, from, count) {
  for (let k = from; k < from + count; k++) if (values[k] !== 0) return false;
  return true;
}

/**
 * The class of each cell, and its connected region of one class, numbered by first cells; as relutope.decision_regions.
 * @param {Complex} cx made with `outputs`
 * @returns {{labels: Int32Array, regions: Int32Array, nRegions: number}}
 */
export function decisionRegions(cx) {
  const count = cx.nOutputNeurons;
  if (!count) throw new InputError("the complex was made without `outputs`, so a cell may have points of several classes");
  const N = cx.network.nNeurons;
  // Column k - 1 says whether class k beats all classes before it: the last that does, wins.
  const labels = new Int32Array(cx.nCells);
  for (let cell = 0; cell < cx.nCells; cell++) {
    let label = count;
    while (label > 0 && !cx.patterns[(cell + 1) * N - count + label - 1]) label -= 1;
    labels[cell] = label;
  }
  const { component, count: nRegions } = components(cx.nCells, cx.adjacency, (k) => labels[cx.adjacency[2 * k]] === labels[cx.adjacency[2 * k + 1]]);
  return { labels, regions: component, nRegions };
}

/**
 * Connected components, numbered by their first nodes.
 * @param {number} nodes @param {Int32Array} ends pairs @param {(edge: number) => boolean} [joins]
 */
export function components(nodes, ends, joins = () => true) {
  const parent = Int32Array.from({ length: nodes }, (_, k) => k);
  const root = (/** @type {number} */ v) => {
    while (parent[v] !== v) v = parent[v] = parent[parent[v]];
    return v;
  };
  for (let k = 0; 2 * k < ends.length; k++) {
    if (!joins(k)) continue;
    const [a, b] = [root(ends[2 * k]), root(ends[2 * k + 1])];
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  const component = new Int32Array(nodes);
  let count = 0;
  for (let v = 0; v < nodes; v++) component[v] = parent[v] === v ? count++ : component[root(v)];
  return { component, count };
}

/**
 * Points of the cells to draw and to measure with: means of the vertices; of unbounded cells far along their directions.
 * Coordinates of all n inputs.
 * @param {Complex} cx @param {Float64Array} drawn vertices, see `drawnVertices`
 */
export function cellPoints(cx, drawn) {
  const n = cx.dim;
  const { cellBegin, cellVertices, interior } = cx.vertices;
  const points = new Float64Array(cx.nCells * n);
  for (let cell = 0; cell < cx.nCells; cell++) {
    if (cx.bounded[cell]) {
      cx.kept.forEach((axis, k) => (points[cell * n + axis] = interior[cell * cx.kept.length + k]));
      continue;
    }
    const own = cellVertices.subarray(cellBegin[cell], cellBegin[cell + 1]);
    for (let axis = 0; axis < n; axis++) {
      let sum = 0;
      for (const v of own) sum += drawn[v * n + axis];
      points[cell * n + axis] = sum / own.length;
    }
  }
  return points;
}

/**
 * Vertices as points of all n inputs; those at infinity, p + q R, for R = `reach`.
 * @param {Complex} cx @param {number} [reach] a thousand times the size of the complex by default
 */
export function drawnVertices(cx, reach = 0) {
  const n = cx.dim;
  const { coordinates, infinite, nVertices } = cx.vertices;
  const r = cx.kept.length;
  let R = reach;
  if (infinite.length && !R) {
    R = 1;
    for (const x of coordinates) R = Math.max(R, Math.abs(x));
    R *= 1000;
  }
  const drawn = new Float64Array(nVertices * n);
  for (let v = 0; v < nVertices; v++)
    for (let k = 0; k < r; k++) drawn[v * n + cx.kept[k]] = coordinates[v * r + k] + (infinite.length ? R * infinite[v * r + k] : 0);
  return drawn;
}

/**
 * Weights of the dual graph's edges, in the order of `adjacency`; as relutope.dual_graph, with "inverse-..." as m / (m + d).
 * @param {Complex} cx @param {string} weight
 */
export function edgeWeights(cx, weight) {
  const name = weight.replace(/^inverse-/, "");
  const values = differences(cx, /** @type {Difference} */ (name));
  if (name === weight) return values;
  if (name === "unit" || name === "facet") throw new InputError(`the weight "${weight}" is unknown`);
  const positive = values.filter((d) => d > 0).sort();
  const half = positive.length >> 1;
  const middle = positive.length === 0 ? 1 : positive.length % 2 ? positive[half] : (positive[half - 1] + positive[half]) / 2;
  return values.map((d) => middle / (middle + d));
}

/** @param {Complex} cx @param {Difference} name */
function differences(cx, name) {
  const { adjacency, nEdges, dim: n } = cx;
  const pairs = (/** @type {(i: number, j: number, k: number) => number} */ of) =>
    Float64Array.from({ length: nEdges }, (_, k) => of(adjacency[2 * k], adjacency[2 * k + 1], k));
  if (name === "unit") return pairs(() => 1);
  if (name === "hamming") {
    const N = cx.network.nNeurons;
    return pairs((i, j) => {
      let count = 0;
      for (let b = 0; b < N; b++) count += cx.patterns[i * N + b] ^ cx.patterns[j * N + b];
      return count;
    });
  }
  if (name === "facet") return facetMeasures(cx);
  if (name === "distance") {
    const points = cellPoints(cx, drawnVertices(cx));
    return pairs((i, j) => norm(Float64Array.from({ length: n }, (_, k) => points[i * n + k] - points[j * n + k])));
  }
  const maps = affineMaps(cx);
  const m = cx.network.outputDim;
  const size = m * (n + 1);
  if (name === "bend") {
    return pairs((i, j) => norm(Float64Array.from({ length: m * n }, (_, k) => {
      const at = Math.floor(k / n) * (n + 1) + (k % n);
      return maps[i * size + at] - maps[j * size + at];
    })));
  }
  if (name !== "output") throw new InputError(`the weight "${name}" is unknown`);
  const points = cellPoints(cx, drawnVertices(cx));
  const value = (/** @type {number} */ cell, /** @type {number} */ row) => {
    let sum = maps[cell * size + row * (n + 1) + n];
    for (let k = 0; k < n; k++) sum += maps[cell * size + row * (n + 1) + k] * points[cell * n + k];
    return sum;
  };
  return pairs((i, j) => norm(Float64Array.from({ length: m }, (_, row) => value(i, row) - value(j, row))));
}

/** @param {Complex} cx */
function facetMeasures(cx) {
  if (cx.dim === 1) return new Float64Array(cx.nEdges).fill(1);
  if (cx.bounded.includes(0)) throw new InputError('the weight "facet" needs bounded facets; take a box');
  const at = drawnVertices(cx);
  const ends = edgeOutlines(cx);
  const n = cx.dim;
  const corner = (/** @type {number} */ v) => at.subarray(v * n, (v + 1) * n);
  return Float64Array.from(ends, (corners) => {
    if (n === 2) return Math.hypot(corner(corners[0])[0] - corner(corners[1])[0], corner(corners[0])[1] - corner(corners[1])[1]);
    let total = 0;
    for (let k = 1; k + 1 < corners.length; k++) total += triangleArea(corner(corners[0]), corner(corners[k]), corner(corners[k + 1]));
    return total;
  });
}

/**
 * The corners of the facet of each pair of adjacent cells: its two ends in 2 dimensions, a circle in 3, one vertex in 1.
 * @param {Complex} cx @returns {Int32Array[]}
 */
export function edgeOutlines(cx) {
  const { begin, corners, facet } = cx.outlines;
  const place = new Int32Array(cx.facetId.length).fill(-1);
  facet.forEach((f, k) => (place[f] = k));
  if (cx.kept.length === 3) return Array.from(cx.edgeFacets, (f) => corners.slice(begin[place[f]], begin[place[f] + 1]));
  return Array.from(cx.edgeFacets, (f, k) => {
    const at = place[f];
    const cell = cx.adjacency[2 * k];
    if (cx.kept.length === 1) return corners.slice(at, at + 1);
    return Int32Array.of(corners[at], corners[at + 1 < begin[cell + 1] ? at + 1 : begin[cell]]);
  });
}

/** The two ends of each facet between cells, the lower vertex first; on a line the same twice. @param {Complex} cx of up to two dimensions */
export function edgeEnds(cx) {
  const { begin, corners, facet } = cx.outlines;
  const place = new Int32Array(cx.facetId.length);
  for (let k = 0; k < facet.length; k++) place[facet[k]] = k;
  const ends = new Int32Array(2 * cx.nEdges);
  for (let k = 0; k < cx.nEdges; k++) {
    const at = place[cx.edgeFacets[k]];
    const cell = cx.adjacency[2 * k];
    const a = corners[at];
    const b = cx.kept.length === 1 ? a : corners[at + 1 < begin[cell + 1] ? at + 1 : begin[cell]];
    ends[2 * k] = a < b ? a : b;
    ends[2 * k + 1] = a < b ? b : a;
  }
  return ends;
}

/** @param {Float64Array} a @param {Float64Array} b @param {Float64Array} c */
function triangleArea(a, b, c) {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
  return Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
}

/** @param {Float64Array} values */
function norm(values) {
  return Math.hypot(...values);
}
