// @ts-check
// Answers the command "complex" of the protocol (README.md) with the core: one request, one frame. frames.py answers it in Python.

import { affineMaps, cellPoints, decisionRegions, drawnVertices, edgeEnds, edgeWeights } from "./cells.js";
import { EngineError } from "./engine.js";
import { InputError, Network } from "./network.js";
import { fiedler, spectrum } from "./spectrum.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Complex} Complex */
/** @typedef {import("./frame.js").Column} Column */
/** @typedef {{of?: import("./engine.js").Region, level?: number, label?: number | null, field?: number, compactify?: boolean}} BettiRequest */
/**
 * @typedef {{
 *   network: unknown, domain?: import("./engine.js").Domain | null,
 *   slice?: {points?: number[][], origin?: number[], basis?: number[][]},
 *   outputs?: "sign" | "argmax" | null, maxCells?: number, want?: string[],
 *   weight?: string, normalized?: boolean, modes?: number, betti?: BettiRequest[],
 *   persistence?: "sublevel" | "superlevel", locate?: number[][], draft?: boolean,
 * }} PictureRequest
 */

export const MOST_CELLS = 100_000;
/** What can be had of vertices that are not rounded once. */
const DRAFTED = ["outlines", "patterns", "edges", "decisions", "maps", "bounded", "f_vector"];

/**
 * @param {Engine} engine @param {PictureRequest} request
 * @param {(stage: string) => void} [onstage] told what is being computed: "cells", then each of `want`
 * @returns {{header: Record<string, any>, arrays: Record<string, Column>, shapes: Record<string, number[]>}}
 */
export function picture(engine, request, onstage = () => {}) {
  /** @type {Record<string, number>} */
  const stages = {};
  let begin = performance.now();
  const end = (/** @type {string} */ stage) => {
    const now = performance.now();
    stages[stage] = (now - begin) / 1000;
    begin = now;
  };
  onstage("cells");
  const { network, domain } = sliced(Network.fromJSON(request.network), request);
  const maxCells = Math.min(request.maxCells ?? MOST_CELLS, MOST_CELLS);
  const want = request.want ?? ["outlines", "patterns", "edges"];
  const vertices = want.some((name) => ["outlines", "edges", "points", "f_vector"].includes(name));
  const draft = vertices && Boolean(request.draft) && want.every((name) => DRAFTED.includes(name));
  const cx = decomposed(engine, network, domain, { outputs: request.outputs, maxCells, vertices: draft ? "near" : vertices });
  try {
    end("cells");
    const answer = new Answer(engine, cx, request);
    for (const name of want) {
      onstage(name);
      answer.add(name);
      end(name);
    }
    answer.header.stages = stages;
    if (draft) answer.header.draft = true;
    return answer;
  } finally {
    cx.free();
  }
}

/**
 * @param {Engine} engine @param {Network} network @param {import("./engine.js").Domain | null} domain
 * @param {{outputs?: "sign" | "argmax" | null, maxCells: number, vertices: boolean | "near"}} options
 */
function decomposed(engine, network, domain, options) {
  try {
    return engine.decompose(network, domain, options);
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== "cells") throw error;
    const most = options.maxCells.toLocaleString("en");
    throw new EngineError("cells", `there are more than ${most} cells, too many to be held here; take a smaller domain or network, or Python`);
  }
}

/** The network and domain of the parameters, if a slice is asked for. @param {Network} network @param {PictureRequest} request */
function sliced(network, { slice, domain = null }) {
  if (!slice) return { network, domain };
  if (slice.points) {
    const k = slice.points.length - 1;
    const corner = { lower: new Array(k).fill(0), upper: new Array(k).fill(Infinity), halfspaces: [[...new Array(k).fill(-1), 1]] };
    const simplex = k === 1 ? { lower: [0], upper: [1] } : corner;
    return { network: network.throughPoints(slice.points), domain: domain ?? simplex };
  }
  if (!slice.basis || !slice.origin) throw new InputError("`slice` needs `points`, or `origin` and `basis`");
  const rows = slice.basis;
  return { network: network.afterAffine(slice.origin.map((_, i) => rows.map((row) => row[i])), slice.origin), domain };
}

class Answer {
  /** @param {Engine} engine @param {Complex} cx @param {PictureRequest} request */
  constructor(engine, cx, request) {
    this.engine = engine;
    this.cx = cx;
    this.request = request;
    const box = [...cx.domain.lower, ...cx.domain.upper].some(Number.isFinite);
    /** @type {Record<string, any>} */
    this.header = {
      kind: "complex",
      provider: "worker",
      dim: cx.dim,
      n_cells: cx.nCells,
      n_edges: cx.nEdges,
      n_neurons: cx.network.nNeurons,
      n_output_neurons: cx.nOutputNeurons,
      n_outputs: cx.network.outputDim,
      hidden: cx.network.hiddenWidths,
      lineality: cx.lineality,
      domain: box ? { lower: cx.domain.lower.map(bound), upper: cx.domain.upper.map(bound) } : null,
    };
    /** @type {Record<string, Column>} */
    this.arrays = {};
    /** @type {Record<string, number[]>} */
    this.shapes = {};
  }

  /** @param {string} name @param {Column} column @param {number[]} [shape] */
  put(name, column, shape) {
    this.arrays[name] = column;
    if (shape) this.shapes[name] = shape;
  }

  /** @param {string} name */
  add(name) {
    const add = {
      outlines: () => this.addOutlines(),
      patterns: () => this.put("patterns", this.cx.patterns, [this.cx.nCells, this.cx.network.nNeurons]),
      edges: () => this.addEdges(),
      maps: () => this.put("maps", affineMaps(this.cx), [this.cx.nCells, this.cx.network.outputDim, this.cx.dim + 1]),
      points: () => this.put("points", cellPoints(this.cx, drawnVertices(this.cx)), [this.cx.nCells, this.cx.dim]),
      bounded: () => this.put("bounded", this.cx.bounded),
      decisions: () => this.addDecisions(),
      f_vector: () => (this.header.f_vector = this.cx.fVector),
      betti: () => (this.header.betti = (this.request.betti ?? [{ of: "all" }]).map((one) => this.cx.betti(one.of ?? "all", one))),
      persistence: () => this.addPersistence(),
      spectrum: () => this.addSpectrum(),
      values: () => this.addValues(),
      locate: () => this.put("located", this.cx.locate((this.request.locate ?? []).flat())),
    }[name];
    if (!add) throw new InputError(`\`want\` has "${name}", which is unknown`);
    add();
  }

  addOutlines() {
    const { cx } = this;
    const vertices = drawnVertices(cx);
    this.header.n_finite_vertices = cx.vertices.nFinite;
    this.put("vertices", vertices, [vertices.length / cx.dim, cx.dim]);
    const { begin, corners, facet } = cx.outlines;
    this.put("outline_begin", begin);
    this.put("outline_corners", corners);
    if (cx.kept.length < 3) return;
    const owner = new Int32Array(cx.facetId.length);
    for (let cell = 0; cell < cx.nCells; cell++) owner.fill(cell, cx.facetBegin[cell], cx.facetBegin[cell + 1]);
    this.put("outline_cells", Int32Array.from([...facet].flatMap((f) => [owner[f], cx.facetNeighbour[f]])), [facet.length, 2]);
    this.put("outline_id", Int32Array.from(facet, (f) => cx.facetId[f]));
  }

  addEdges() {
    const { cx } = this;
    this.put("adjacency", cx.adjacency, [cx.nEdges, 2]);
    this.put("zero_begin", cx.zeroBegin);
    this.put("zero_neurons", cx.zeroIds);
    if (cx.kept.length > 2) return;
    this.put("edge_ends", edgeEnds(cx), [cx.nEdges, 2]);
  }

  addDecisions() {
    const { labels, regions, nRegions } = decisionRegions(this.cx);
    this.put("labels", labels);
    this.put("regions", regions);
    this.header.n_regions = nRegions;
  }

  addPersistence() {
    const pairs = this.cx.persistence(this.request.persistence ?? "sublevel");
    this.put("persistence", Float64Array.from(pairs.flat()), [pairs.length, 3]);
  }

  addSpectrum() {
    const { cx, request } = this;
    const weights = edgeWeights(cx, request.weight ?? "unit");
    const normalized = request.normalized ?? false;
    const count = Math.min(request.modes ?? 0, cx.nCells);
    const found = fiedler(this.engine, cx.nCells, cx.adjacency, weights, normalized, count - 1);
    this.put("weights", weights);
    this.put("fiedler", found.vector);
    this.put("fiedler_side", found.partition);
    this.header.fiedler = { value: found.value, multiplicity: found.multiplicity, statement: found.statement };
    if (!count) return;
    const known = (found.values?.length ?? 0) >= count - 1;
    const values = found.values && known ? Float64Array.from([0, ...found.values.slice(0, count - 1)]) : spectrum(this.engine, cx.nCells, cx.adjacency, weights, count, normalized);
    this.put("spectrum", values);
  }

  addValues() {
    const { values, ranks } = this.cx.vertexValues;
    const shape = [values.length / this.cx.network.outputDim, this.cx.network.outputDim];
    this.put("vertex_values", values, shape);
    this.put("vertex_ranks", ranks, shape);
  }
}

/** JSON has no infinities. @param {number} x */
function bound(x) {
  return Number.isFinite(x) ? x : null;
}
