// @ts-check
// What a ComplexView shows as SVG: cells, facets by layer, decision boundary, the graph of a line's function, points.

import { colourCells, css, layerColour } from "./colours.js";
import { clipSegment } from "./raster.js";

/** @typedef {import("./view.js").ComplexView} ComplexView */

/** @param {ComplexView} view with a frame @returns {string} */
export function viewSvg(view) {
  const { arrays, header } = /** @type {import("./frame.js").Frame} */ (view.frame);
  const { xs, ys } = /** @type {{xs: Float64Array, ys: Float64Array}} */ (view.at);
  const [width, height] = [view.base.width, view.base.height];
  const parts = [`<rect width="${width}" height="${height}" fill="${view.dark ? "#14161a" : "#ffffff"}"/>`, ...cellShapes(view, width, height)];
  const line = (/** @type {number} */ a, /** @type {number} */ b) => {
    const part = clipSegment(xs[a], ys[a], xs[b], ys[b], width, height);
    return part ? `M${two(part[0])} ${two(part[1])}L${two(part[2])} ${two(part[3])}` : "";
  };
  const stroke = (/** @type {string} */ d, /** @type {string} */ colour, /** @type {number} */ size) =>
    d && parts.push(`<path d="${d}" fill="none" stroke="${colour}" stroke-width="${size * view.ratio}"/>`);
  if (header.dim === 2 && arrays.edge_ends && view.options.facets) {
    const own = header.n_neurons - header.n_output_neurons;
    const layers = header.hidden.flatMap((/** @type {number} */ size, /** @type {number} */ l) => new Array(size).fill(l));
    header.hidden.forEach((/** @type {number} */ _, /** @type {number} */ layer) => {
      const chosen = edges(arrays).filter((k) => arrays.zero_neurons[arrays.zero_begin[k]] < own && layers[arrays.zero_neurons[arrays.zero_begin[k]]] === layer);
      stroke(chosen.map((k) => line(arrays.edge_ends[2 * k], arrays.edge_ends[2 * k + 1])).join(""), css(layerColour(layer, view.dark)), 0.8);
    });
  }
  if (header.dim === 2 && arrays.edge_ends && arrays.labels && view.options.boundary) {
    const between = edges(arrays).filter((k) => arrays.labels[arrays.adjacency[2 * k]] !== arrays.labels[arrays.adjacency[2 * k + 1]]);
    stroke(between.map((k) => line(arrays.edge_ends[2 * k], arrays.edge_ends[2 * k + 1])).join(""), view.ink, 2.5);
  }
  if (header.dim === 1) {
    const points = view.graph().map(([x, y]) => view.toPixels(x, y));
    stroke(points.map(([x, y], k) => `${k ? "L" : "M"}${two(x)} ${two(y)}`).join(""), view.ink, 2.5);
  }
  view.data?.points.forEach((point, k) => {
    const [x, y] = view.toPixels(point[0], point[1] ?? 0);
    if (x < 0 || y < 0 || x > width || y > height) return;
    const label = view.data?.labels?.[k] ?? 0;
    const size = 3 * view.ratio;
    const style = `fill="${pointColour(label)}" stroke="#ffffff" stroke-width="${view.ratio}"`;
    parts.push(label % 2 ? `<rect x="${two(x - size)}" y="${two(y - size)}" width="${2 * size}" height="${2 * size}" ${style}/>` : `<circle cx="${two(x)}" cy="${two(y)}" r="${size * 1.1}" ${style}/>`);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${parts.join("\n")}</svg>\n`;
}

/** @param {ComplexView} view @param {number} width @param {number} height */
function cellShapes(view, width, height) {
  const { arrays, header } = /** @type {import("./frame.js").Frame} */ (view.frame);
  const { xs, ys } = /** @type {{xs: Float64Array, ys: Float64Array}} */ (view.at);
  const { colours } = colourCells(/** @type {import("./frame.js").Frame} */ (view.frame), view.options.colour ?? "pattern", view.dark);
  return Array.from({ length: header.n_cells }, (_, cell) => {
    const corners = arrays.outline_corners.subarray(arrays.outline_begin[cell], arrays.outline_begin[cell + 1]);
    const fill = css([colours[cell] & 255, (colours[cell] >> 8) & 255, (colours[cell] >> 16) & 255]);
    const across = [...corners].map((v) => xs[v]);
    const up = header.dim === 2 ? [...corners].map((v) => ys[v]) : [0, height];
    if (Math.max(...across) < 0 || Math.min(...across) > width || Math.max(...up) < 0 || Math.min(...up) > height) return "";
    const points = header.dim === 2 ? across.map((x, k) => [x, up[k]]) : [[across[0], 0], [across[1], 0], [across[1], height], [across[0], height]];
    return `<polygon points="${points.map(([x, y]) => `${two(x)},${two(y)}`).join(" ")}" fill="${fill}" stroke="${fill}" stroke-width="0.4"/>`;
  });
}

/** @param {Record<string, any>} arrays */
function edges(arrays) {
  return Array.from({ length: arrays.adjacency.length / 2 }, (_, k) => k);
}

/** @param {number} x */
function two(x) {
  return Math.round(x * 100) / 100;
}

const POINTS = ["#005a96", "#c05000", "#007a5a", "#a0487e", "#2a7fb5", "#8a3a00", "#8a8000", "#555555"];

/** Colour of points of a class. @param {number} label */
export function pointColour(label) {
  return POINTS[label % POINTS.length];
}
