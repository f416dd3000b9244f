// @ts-check
// Eigenpairs of a dual graph's Laplacian, and the Fiedler partition; as relutope.fiedler and relutope.spectrum.

import { components } from "./cells.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {{value: number, vector: Float64Array, partition: Uint8Array, gap: number, multiplicity: number, nComponents: number, statement: string, values?: Float64Array}} Fiedler */

const SAME = 1e-9; // relative difference below which eigenvalues count as one
const NODES = 20_000;

/**
 * The `count` smallest eigenvalues, 0 once per component, ascending.
 * @param {Engine} engine @param {number} nodes @param {Int32Array} ends @param {Float64Array} weights @param {number} count
 * @param {boolean} [normalized]
 */
export function spectrum(engine, nodes, ends, weights, count, normalized = false) {
  const kept = positive(ends, weights);
  const { component, count: parts } = components(nodes, kept.ends);
  /** @type {number[]} */
  const values = new Array(Math.min(parts, count)).fill(0);
  if (count > parts) {
    const found = Array.from({ length: parts }, (_, part) => partOf(kept, component, part))
      .filter((part) => part.nodes > 1)
      .flatMap((part) => [...engine.modes(part.nodes, part.ends, part.weights, Math.min(count - parts, 64), normalized).values]);
    values.push(...found.sort((a, b) => a - b).slice(0, count - parts));
  }
  return Float64Array.from(values);
}

/**
 * The second-smallest eigenpair and its partition; the first entry of the vector that is not zero is positive. Where the graph is
 * connected, `values` are the positive eigenvalues that were found with it, ascending.
 * @param {Engine} engine @param {number} nodes @param {Int32Array} ends @param {Float64Array} weights @param {boolean} [normalized]
 * @param {number} [count] how many eigenvalues are found, at least
 * @returns {Fiedler}
 */
export function fiedler(engine, nodes, ends, weights, normalized = false, count = 1) {
  const kept = positive(ends, weights);
  const { component, count: parts } = components(nodes, kept.ends);
  const nothing = { vector: new Float64Array(nodes).fill(NaN), partition: new Uint8Array(nodes), gap: NaN, nComponents: parts };
  if (nodes === 1) return { ...nothing, value: NaN, multiplicity: 0, statement: "A graph of one node has no second eigenvalue." };
  if (nodes > NODES) return { ...nothing, value: NaN, multiplicity: 0, statement: `The graph has ${nodes} nodes; the page computes spectra up to ${NODES}.` };
  if (parts > 1) {
    const two = parts === 2;
    return {
      ...nothing,
      value: 0,
      multiplicity: parts - 1,
      partition: two ? Uint8Array.from(component, (c) => (c === 0 ? 1 : 0)) : nothing.partition,
      statement: two ? "The graph has two components: the partition is these two." : `No partition: the graph has ${parts} components.`,
    };
  }
  const { values, vectors } = engine.modes(nodes, kept.ends, kept.weights, Math.min(Math.max(4, count), 64, nodes - 1), normalized);
  const vector = vectors.slice(0, nodes);
  let largest = 0;
  for (const x of vector) largest = Math.max(largest, Math.abs(x));
  const tolerance = 1e-6 * largest;
  const first = vector.findIndex((x) => Math.abs(x) > tolerance);
  if (vector[first] < 0) vector.forEach((x, k) => (vector[k] = -x));
  const multiplicity = values.filter((value) => value - values[0] <= SAME * values[0]).length;
  const gap = multiplicity < values.length ? values[multiplicity] - values[0] : NaN;
  const statement =
    multiplicity > 1
      ? `Not unique: the eigenvalue ${format(values[0])} is repeated, this partition is one choice among many.`
      : `Unique up to its sign: the eigenvalue ${format(values[0])} is simple.`;
  return { value: values[0], vector, partition: Uint8Array.from(vector, (x) => (x >= -tolerance ? 1 : 0)), gap, multiplicity, nComponents: 1, statement, values };
}

/** @param {number} value */
function format(value) {
  return String(Number(value.toPrecision(6)));
}

/** Edges of weight 0 couple nothing. @param {Int32Array} ends @param {Float64Array} weights */
function positive(ends, weights) {
  const kept = Array.from(weights.keys()).filter((k) => weights[k] > 0);
  return { ends: Int32Array.from(kept.flatMap((k) => [ends[2 * k], ends[2 * k + 1]])), weights: Float64Array.from(kept, (k) => weights[k]) };
}

/** @param {{ends: Int32Array, weights: Float64Array}} graph @param {Int32Array} component @param {number} part */
function partOf(graph, component, part) {
  const number = new Int32Array(component.length).fill(-1);
  let nodes = 0;
  component.forEach((c, v) => {
    if (c === part) number[v] = nodes++;
  });
  const kept = Array.from(graph.weights.keys()).filter((k) => component[graph.ends[2 * k]] === part);
  return {
    nodes,
    ends: Int32Array.from(kept.flatMap((k) => [number[graph.ends[2 * k]], number[graph.ends[2 * k + 1]]])),
    weights: Float64Array.from(kept, (k) => graph.weights[k]),
  };
}
