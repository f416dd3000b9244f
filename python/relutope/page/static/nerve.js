// @ts-check
// The nerve of the regions where neurons are active: neurons span a simplex where some cell has them all active. As
// relutope.topology.neuron_nerve, up to triangles.

import { svg } from "./charts.js";

/** @typedef {import("../../plotting/viewer/frame.js").Frame} Frame */

export const MOST_NEURONS = 40;
const MOST_TRIANGLES = 600;

/** Simplices as increasing lists of neurons. @param {Frame} frame @returns {number[][][]} neurons, pairs, triples */
export function neuronNerve({ header, arrays }) {
  const { n_cells: count, n_neurons: N, n_output_neurons: extra } = header;
  const width = N - extra;
  const points = new Set();
  const pairs = new Set();
  const triples = new Set();
  for (let cell = 0; cell < count; cell++) {
    /** @type {number[]} */
    const active = [];
    for (let k = 0; k < width; k++) if (arrays.patterns[cell * N + k]) active.push(k);
    active.forEach((a, i) => {
      points.add(a);
      for (let j = i + 1; j < active.length; j++) {
        pairs.add(a * width + active[j]);
        for (let l = j + 1; l < active.length; l++) triples.add((a * width + active[j]) * width + active[l]);
      }
    });
  }
  const sorted = (/** @type {Set<number>} */ set, /** @type {(key: number) => number[]} */ split) => [...set].sort((a, b) => a - b).map(split);
  return [
    sorted(points, (a) => [a]),
    sorted(pairs, (key) => [Math.floor(key / width), key % width]),
    sorted(triples, (key) => [Math.floor(key / width / width), Math.floor(key / width) % width, key % width]),
  ];
}

/** Neurons on a circle; a click on a simplex chooses its neurons. @param {Element} element @param {number[][][]} nerve @param {(neurons: number[]) => void} onpick */
export function drawNerve(element, [points, pairs, triples], onpick) {
  element.replaceChildren();
  element.setAttribute("viewBox", "0 0 300 240");
  const place = new Map(points.map(([neuron], k) => {
    const angle = (2 * Math.PI * k) / points.length - Math.PI / 2;
    return [neuron, [150 + 104 * Math.cos(angle), 120 + 104 * Math.sin(angle)]];
  }));
  const at = (/** @type {number} */ neuron) => /** @type {number[]} */ (place.get(neuron));
  const add = (/** @type {Element} */ shape, /** @type {number[]} */ neurons) => {
    shape.append(svg("title", {}, `neurons ${neurons.join(", ")} are active together`));
    shape.addEventListener("click", () => onpick(neurons));
    element.append(shape);
  };
  const shown = triples.length > MOST_TRIANGLES ? [] : triples;
  for (const triple of shown) add(svg("polygon", { points: triple.map((k) => at(k).join(",")).join(" "), class: "simplex", "fill-opacity": Math.max(0.012, 0.3 / Math.sqrt(shown.length)) }), triple);
  for (const [a, b] of pairs) add(svg("line", { x1: at(a)[0], y1: at(a)[1], x2: at(b)[0], y2: at(b)[1], class: "simplex" }), [a, b]);
  for (const [a] of points) {
    add(svg("circle", { cx: at(a)[0], cy: at(a)[1], r: 8, class: "simplex" }), [a]);
    element.append(svg("text", { x: at(a)[0], y: at(a)[1] + 3.5, "text-anchor": "middle", class: "number" }, String(a)));
  }
}
