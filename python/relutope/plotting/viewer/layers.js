// @ts-check
// What lies over the cells of a ComplexView: facets by layer, decision boundary, the graph of a line's function, points.

import { layerColour } from "./colours.js";
import { clipSegment, strokeSegment } from "./raster.js";
import { pointColour } from "./svg.js";

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {import("./view.js").ComplexView} ComplexView */

export const INK = /** @type {[number, number, number][]} */ ([[28, 31, 36], [232, 230, 227]]); // light, dark

/** Facets in the colours of their layers. Lines of a canvas would take longer than all the rest. @param {ComplexView} view @param {Uint32Array} pixels */
export function paintFacets(view, pixels) {
  const { arrays, header } = /** @type {Frame} */ (view.frame);
  const { edge_ends: ends, zero_begin: begin, zero_neurons: neurons } = arrays;
  const { xs, ys } = /** @type {{xs: Float64Array, ys: Float64Array}} */ (view.at);
  const { width, height } = view.base;
  const first = header.n_neurons - header.n_output_neurons;
  const colours = header.hidden.flatMap((/** @type {number} */ size, /** @type {number} */ layer) => new Array(size).fill(view.options.byLayer ? layerColour(layer, view.dark) : INK[Number(view.dark)]));
  const dense = header.n_cells > 4000;
  const thickness = (dense ? 0.5 : 1) * view.ratio;
  for (let k = 0; 2 * k < ends.length; k++) {
    const neuron = neurons[begin[k]];
    if (neuron >= first) continue;
    const [a, b] = [ends[2 * k], ends[2 * k + 1]];
    strokeSegment(pixels, width, height, xs[a], ys[a], xs[b], ys[b], thickness, colours[neuron], dense ? 0.55 : 0.8);
  }
}

/** Facets between cells of different class. @param {ComplexView} view @param {CanvasRenderingContext2D} context */
export function drawBoundary(view, context) {
  const { arrays } = /** @type {Frame} */ (view.frame);
  if (!arrays.edge_ends) return;
  context.beginPath();
  for (let k = 0; 2 * k < arrays.edge_ends.length; k++) {
    if (arrays.labels[arrays.adjacency[2 * k]] === arrays.labels[arrays.adjacency[2 * k + 1]]) continue;
    const [a, b] = [arrays.edge_ends[2 * k], arrays.edge_ends[2 * k + 1]];
    if (a !== b) segment(view, context, a, b);
  }
  for (const [style, width] of /** @type {[string, number][]} */ ([[view.dark ? "#14161a" : "#ffffff", 5], [view.ink, 2.5]])) {
    context.strokeStyle = style;
    context.lineWidth = width * view.ratio;
    context.stroke();
  }
}

/** @param {ComplexView} view @param {CanvasRenderingContext2D} context */
export function drawGraph(view, context) {
  const points = view.graph().map(([x, y]) => view.toPixels(x, y));
  const { height } = view.lines;
  const { xs } = /** @type {{xs: Float64Array}} */ (view.at);
  context.beginPath();
  for (const x of xs) if (x > -9 && x < view.lines.width + 9) [context.moveTo(x, 0), context.lineTo(x, height)];
  context.strokeStyle = view.ink;
  context.globalAlpha = 0.35;
  context.lineWidth = view.ratio;
  context.stroke();
  context.globalAlpha = 1;
  context.beginPath();
  for (let k = 0; k + 1 < points.length; k++) {
    const part = clipSegment(points[k][0], points[k][1], points[k + 1][0], points[k + 1][1], view.lines.width, height);
    if (part) [context.moveTo(part[0], part[1]), context.lineTo(part[2], part[3])];
  }
  context.lineWidth = 2.5 * view.ratio;
  context.stroke();
}

/** @param {ComplexView} view @param {CanvasRenderingContext2D} context @param {number} cell @param {number} width */
export function outlineCell(view, context, cell, width) {
  const { arrays, header } = /** @type {Frame} */ (view.frame);
  if (cell >= header.n_cells) return;
  const corners = arrays.outline_corners.subarray(arrays.outline_begin[cell], arrays.outline_begin[cell + 1]);
  context.beginPath();
  if (header.dim === 1) {
    const [a, b] = [view.at?.xs[corners[0]] ?? 0, view.at?.xs[corners[1]] ?? 0].map((x) => Math.min(Math.max(x, -9), view.lines.width + 9));
    context.rect(a, 0, b - a, view.lines.height);
  } else {
    corners.forEach((a, k) => segment(view, context, a, corners[(k + 1) % corners.length]));
  }
  context.strokeStyle = view.ink;
  context.lineWidth = width * view.ratio;
  context.stroke();
}

/** Points, one path for each class. @param {ComplexView} view @param {CanvasRenderingContext2D} context */
export function drawPoints(view, context) {
  if (!view.data) return;
  const { points, labels, wrong } = view.data;
  const size = 3 * view.ratio;
  /** @type {Map<number, Path2D>} */
  const paths = new Map();
  const rings = new Path2D();
  points.forEach((point, k) => {
    const [x, y] = view.toPixels(point[0], point[1] ?? 0);
    if (x < -9 || y < -9 || x > view.lines.width + 9 || y > view.lines.height + 9) return;
    const label = labels?.[k] ?? 0;
    const path = paths.get(label) ?? new Path2D();
    paths.set(label, path);
    if (label % 2) path.rect(x - size, y - size, 2 * size, 2 * size); // told apart by shape, too
    else addCircle(path, x, y, size * 1.1);
    if (wrong?.[k]) addCircle(rings, x, y, 2.4 * size);
  });
  for (const [label, path] of paths) {
    context.fillStyle = pointColour(label);
    context.fill(path);
    context.strokeStyle = "#ffffff";
    context.lineWidth = view.ratio;
    context.stroke(path);
  }
  context.strokeStyle = view.ink;
  context.lineWidth = 1.6 * view.ratio;
  context.stroke(rings);
}

/** @param {ComplexView} view @param {CanvasRenderingContext2D} context @param {number} a @param {number} b vertices */
function segment(view, context, a, b) {
  const { xs, ys } = /** @type {{xs: Float64Array, ys: Float64Array}} */ (view.at);
  const part = clipSegment(xs[a], ys[a], xs[b], ys[b], view.lines.width, view.lines.height);
  if (!part) return;
  context.moveTo(part[0], part[1]);
  context.lineTo(part[2], part[3]);
}

/** @param {Path2D} path @param {number} x @param {number} y @param {number} radius */
function addCircle(path, x, y, radius) {
  path.moveTo(x + radius, y);
  path.arc(x, y, radius, 0, 2 * Math.PI);
}
