// @ts-check
// Colours of cells. Told apart by people with every kind of colour vision: after Okabe and Ito (2008), and cividis (Nuñez, Anderton,
// Renslow 2018) for amounts.

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {[number, number, number]} RGB */
/** @typedef {{colours: Uint32Array, legend: {kind: "classes", entries: {name: string, colour: RGB}[]} | {kind: "scale", low: number, high: number, stops: RGB[], name: string}}} Colouring */

const CLASSES = /** @type {RGB[]} */ ([[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [213, 94, 0], [240, 228, 66], [120, 120, 120]]);
const AMOUNTS = /** @type {RGB[]} */ ([[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 182, 107], [254, 232, 56]]);
const BALANCE = /** @type {RGB[]} */ ([[0, 90, 150], [110, 170, 215], [236, 236, 236], [240, 170, 100], [190, 80, 0]]);
const LAYERS = /** @type {RGB[]} */ ([[30, 30, 30], [0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233]]);
const LAYERS_DARK = /** @type {RGB[]} */ ([[240, 240, 240], [86, 180, 233], [255, 150, 70], [60, 210, 165], [230, 160, 205], [240, 228, 66]]);

/** What cells can be coloured by, with the arrays that it needs. */
export const COLOURINGS = {
  pattern: { title: "activation pattern", needs: ["adjacency"] },
  label: { title: "class", needs: ["labels"] },
  value: { title: "output at the cell's centre", needs: ["maps", "points"] },
  gradient: { title: "length of the gradient", needs: ["maps"] },
  fiedler: { title: "Fiedler vector", needs: ["fiedler"] },
  cut: { title: "Fiedler partition", needs: ["fiedler_side"] },
  degree: { title: "number of neighbours", needs: ["adjacency"] },
  active: { title: "number of active neurons", needs: ["patterns"] },
  probability: { title: "probability of the class at the cell's centre", needs: ["maps", "points"] },
  volume: { title: "length, area or volume", needs: ["outline_corners"] },
  depth: { title: "deepest layer of its facets", needs: ["zero_neurons"] },
};

/** What further can be coloured by where Python answers. @type {Record<string, {title: string, needs: string[]}>} */
export const PARTITIONS = { clusters: { title: "spectral clusters (Python)", needs: ["clusters"] }, nodal: { title: "nodal domains (Python)", needs: ["nodal"] } };
export const PYTHON_ONLY = Object.keys(PARTITIONS);

/**
 * What to ask for to colour by that, beside outlines, patterns, edges and decisions; on a line maps give the graph of f.
 * @param {string} by @param {number} dim
 */
export function neededFor(by, dim) {
  if (PARTITIONS[by]) return [...PARTITIONS[by].needs, ...(dim === 1 ? ["maps"] : [])];
  const { needs } = COLOURINGS[/** @type {"pattern"} */ (by)];
  const arrays = /** @type {string[]} */ (needs);
  const spectral = arrays.some((name) => name.startsWith("fiedler"));
  return [...(spectral ? ["spectrum"] : []), ...(dim === 1 || arrays.includes("maps") ? ["maps"] : []), ...(arrays.includes("points") ? ["points"] : [])];
}

/** @param {RGB} rgb */
export function css(rgb) {
  return `rgb(${rgb.map(Math.round).join(" ")})`;
}

/** Colour of the facets of hidden layer `layer`. @param {number} layer @param {boolean} dark @returns {RGB} */
export function layerColour(layer, dark) {
  const list = dark ? LAYERS_DARK : LAYERS;
  return list[layer % list.length];
}

/** @param {RGB} a @param {RGB} b @param {number} t @returns {RGB} */
function mix(a, b, t) {
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
}

/** @param {RGB} rgb as a pixel of an ImageData */
function pixel(rgb) {
  return (255 << 24) | (Math.round(rgb[2]) << 16) | (Math.round(rgb[1]) << 8) | Math.round(rgb[0]);
}

/** @param {RGB[]} stops @param {number} t between 0 and 1 @returns {RGB} */
function along(stops, t) {
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[k], stops[k + 1], at - k);
}

/**
 * A colour for each cell, and what the colours mean.
 * @param {Frame} frame @param {string} by one of COLOURINGS @param {boolean} dark
 * @returns {Colouring}
 */
export function colourCells(frame, by, dark) {
  const paper = /** @type {RGB} */ (dark ? [27, 30, 36] : [255, 255, 255]);
  const soft = (/** @type {RGB} */ c) => mix(c, paper, dark ? 0.45 : 0.5);
  const count = frame.header.n_cells;
  const { arrays } = frame;
  if (by === "pattern") {
    const chosen = colourGreedily(count, arrays.adjacency);
    const tints = CLASSES.map((c) => mix(c, paper, dark ? 0.62 : 0.68));
    return classes(chosen, tints, []);
  }
  if (by === "label") {
    const tints = CLASSES.map(soft);
    const known = [...new Set(arrays.labels)].sort((a, b) => a - b);
    return classes(arrays.labels, tints, known.map((k) => ({ name: `class ${k}`, colour: tints[k % tints.length] })));
  }
  if (by === "cut") {
    const tints = [CLASSES[0], CLASSES[1]].map(soft);
    return classes(arrays.fiedler_side, tints, [1, 0].map((k) => ({ name: k ? "Fiedler vector ≥ 0" : "Fiedler vector < 0", colour: tints[k] })));
  }
  if (PARTITIONS[by]) {
    return classes(colourParts(arrays[by], arrays.adjacency), [paper, ...CLASSES.map(soft)], []);
  }
  const values = cellNumbers(frame, by);
  const signed = by === "value" || by === "fiedler";
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v < low && v > -Infinity) low = v;
    if (v > high && v < Infinity) high = v;
  }
  if (signed) {
    high = Math.max(Math.abs(low), Math.abs(high));
    low = -high;
  }
  const stops = signed ? BALANCE.map((c, k) => (k === 2 ? mix(c, paper, 0.6) : c)) : AMOUNTS;
  const span = high > low ? high - low : 1;
  const colours = Uint32Array.from(values, (v) => pixel(Number.isFinite(v) ? along(stops, (v - low) / span) : paper));
  return { colours, legend: { kind: "scale", low, high, stops, name: COLOURINGS[/** @type {"value"} */ (by)].title } };
}

/** @param {ArrayLike<number>} chosen @param {RGB[]} tints @param {{name: string, colour: RGB}[]} entries @returns {Colouring} */
function classes(chosen, tints, entries) {
  const pixels = Uint32Array.from(tints, pixel);
  const colours = new Uint32Array(chosen.length);
  for (let cell = 0; cell < chosen.length; cell++) colours[cell] = pixels[chosen[cell] % pixels.length];
  return { colours, legend: { kind: "classes", entries } };
}

/** A number per cell. @param {Frame} frame @param {string} by @returns {ArrayLike<number> & Iterable<number>} */
export function cellNumbers({ header, arrays }, by) {
  const { n_cells: count, dim: n, n_outputs: m } = header;
  if (by === "fiedler") return arrays.fiedler;
  const result = new Float64Array(count);
  if (by === "degree") {
    for (const cell of arrays.adjacency) result[cell] += 1;
  } else if (by === "active") {
    const N = header.n_neurons;
    for (let i = 0; i < count; i++) for (let k = 0; k < N - header.n_output_neurons; k++) result[i] += arrays.patterns[i * N + k];
  } else if (by === "gradient") {
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let row = 0; row < m; row++) for (let k = 0; k < n; k++) sum += arrays.maps[(i * m + row) * (n + 1) + k] ** 2;
      result[i] = Math.sqrt(sum);
    }
  } else if (by === "volume") {
    return cellVolumes({ header, arrays });
  } else if (by === "depth") {
    header.hidden.reduce((/** @type {number} */ first, /** @type {number} */ width, /** @type {number} */ layer) => {
      for (let k = 0; 2 * k < arrays.adjacency.length; k++) {
        for (let z = arrays.zero_begin[k]; z < arrays.zero_begin[k + 1]; z++) {
          if (arrays.zero_neurons[z] < first || arrays.zero_neurons[z] >= Math.min(first + width, header.n_neurons - header.n_output_neurons)) continue;
          result[arrays.adjacency[2 * k]] = result[arrays.adjacency[2 * k + 1]] = layer + 1;
        }
      }
      return first + width;
    }, 0);
  } else {
    for (let i = 0; i < count; i++) {
      const outputs = Array.from({ length: by === "value" ? 1 : m }, (_, row) => {
        const first = (i * m + row) * (n + 1);
        let sum = arrays.maps[first + n];
        for (let k = 0; k < n; k++) sum += arrays.maps[first + k] * arrays.points[i * n + k];
        return sum;
      });
      const largest = Math.max(...outputs);
      if (by === "value") result[i] = outputs[0];
      else if (m === 1) result[i] = 1 / (1 + Math.exp(-outputs[0]));
      else result[i] = 1 / outputs.reduce((sum, z) => sum + Math.exp(z - largest), 0);
    }
  }
  return result;
}

/** Lengths, areas or volumes; infinite where a cell is. @param {Pick<Frame, "header" | "arrays">} frame */
export function cellVolumes({ header, arrays }) {
  const { outline_begin: begin, outline_corners: corners, outline_cells: sides, vertices: at } = arrays;
  const { dim: n, n_cells: count, n_finite_vertices: finite = at.length / n } = header;
  const result = new Float64Array(count);
  const first = new Int32Array(count).fill(-1); // in space: a corner of the cell, from which pyramids over its facets fill it
  for (let k = 0; k + 1 < begin.length; k++) {
    for (const cell of n === 3 ? [sides[2 * k], sides[2 * k + 1]] : [k]) {
      if (cell < 0) continue;
      if (first[cell] < 0) first[cell] = corners[begin[k]];
      const [o, a] = [first[cell] * n, corners[begin[k]] * n];
      if (n === 1) result[cell] = Math.abs(at[corners[begin[k] + 1]] - at[a]);
      for (let c = begin[k] + 1; n > 1 && c + 1 < begin[k + 1]; c++) {
        const [b, d] = [corners[c] * n, corners[c + 1] * n];
        if (n === 2) result[cell] += Math.abs((at[b] - at[a]) * (at[d + 1] - at[a + 1]) - (at[b + 1] - at[a + 1]) * (at[d] - at[a])) / 2;
        else result[cell] += Math.abs(determinant([a, b, d].map((v) => [at[v] - at[o], at[v + 1] - at[o + 1], at[v + 2] - at[o + 2]]))) / 6;
      }
      for (let c = begin[k]; c < begin[k + 1]; c++) if (corners[c] >= finite) result[cell] = Infinity;
    }
  }
  return result;
}

/** @param {number[][]} rows three of three numbers */
function determinant([u, v, w]) {
  return u[0] * (v[1] * w[2] - v[2] * w[1]) - u[1] * (v[0] * w[2] - v[2] * w[0]) + u[2] * (v[0] * w[1] - v[1] * w[0]);
}

/** Colours 1 to 8 for parts, so that parts that touch differ as far as eight suffice; 0 for what is in none. @param {ArrayLike<number>} part @param {ArrayLike<number>} adjacency */
function colourParts(part, adjacency) {
  /** @type {Set<number>[]} parts of lower number that touch this one */
  const lower = Array.from({ length: Array.from(part).reduce((most, k) => Math.max(most, k + 1), 0) }, () => new Set());
  for (let k = 0; k < adjacency.length; k += 2) {
    const [a, b] = [part[adjacency[k]], part[adjacency[k + 1]]];
    if (a >= 0 && b >= 0 && a !== b) lower[Math.max(a, b)].add(Math.min(a, b));
  }
  /** @type {number[]} */
  const chosen = [];
  lower.forEach((others, k) => {
    const taken = new Set([...others].map((other) => chosen[other]));
    const free = CLASSES.findIndex((_, colour) => !taken.has(colour + 1));
    chosen[k] = 1 + (free < 0 ? k % CLASSES.length : free);
  });
  return Array.from(part, (k) => (k < 0 ? 0 : chosen[k]));
}

/** Neighbours never get the same of the colours, as far as eight suffice. @param {number} count @param {ArrayLike<number>} adjacency */
function colourGreedily(count, adjacency) {
  const taken = new Int32Array(count); // bits: colours of lower neighbours
  const chosen = new Int32Array(count);
  let k = 0;
  for (let cell = 0; cell < count; cell++) {
    const free = ~taken[cell];
    chosen[cell] = free === 0 ? 0 : 31 - Math.clz32(free & -free);
    for (; k < adjacency.length && adjacency[k] === cell; k += 2) taken[adjacency[k + 1]] |= 1 << chosen[cell];
  }
  return chosen;
}
