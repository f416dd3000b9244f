// @ts-check
// The network as a drawing: edges by sign and size, neurons by activity at a point; edges and neurons can be chosen.
//
// Edges are pixels of a canvas: a line of SVG for each weight takes a browser longer to style and to draw than the cells take to be found.
// What is under the pointer is known by its place.

import { short, svg } from "./charts.js";
import { make } from "./dom.js";
import { strokeSegment } from "./raster.js";

/** @typedef {import("./model.js").NetworkJSON} NetworkJSON */
/** @typedef {import("./model.js").Place} Place */

const DRAWING = 300; // width
const RADIUS = 7;
const REACH = 5; // how far from an edge it is still meant
const MOST_EDGES = 400; // of more, the largest are drawn: the others would cover all
const DASH = [5, 3]; // of negative weights: told apart without colours, too
/** Of negative and positive weights, and of the chosen one. @type {Record<"light" | "dark", [number, number, number][]>} */
const EDGE_COLOURS = { light: [[176, 74, 0], [0, 90, 150], [28, 31, 36]], dark: [[255, 150, 70], [86, 180, 233], [232, 230, 227]] };

export class Diagram {
  /** @param {HTMLElement} element @param {(place: Place) => void} onpick */
  constructor(element, onpick) {
    this.element = element;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.dots = svg("svg", { role: "img", "aria-label": "the network; choose an edge or a neuron" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    /** @type {ImageData | null} */
    this.image = null;
    /** @type {number[]} */
    this.sizes = [];
    this.height = 0;
    /** Pixels of the canvas for each unit of the drawing. */
    this.density = 1;
    /** What is drawn. @type {[NetworkJSON, number[] | null, Place] | null} */
    this.drawn = null;
    element.replaceChildren(this.canvas, this.dots);
    this.scheme.addEventListener("change", () => this.drawn && this.draw(...this.drawn));
    element.addEventListener("click", (event) => {
      const found = this.find(...this.at(event));
      if (found) onpick(found);
    });
    element.addEventListener("pointermove", (event) => {
      const place = this.find(...this.at(event));
      element.title = place ? this.describe(place) : "";
      element.style.cursor = place ? "pointer" : "";
    });
  }

  /** @param {NetworkJSON} network @param {number[] | null} point @param {Place} chosen */
  draw(network, point, chosen) {
    this.drawn = [network, point, chosen];
    const sizes = [network.layers[0].W[0].length, ...network.layers.map((layer) => layer.b.length)];
    if (sizes.join() !== this.sizes.join()) this.build(sizes);
    this.drawEdges(network, chosen);
    this.drawNeurons(network, point, chosen);
  }

  /** @param {number[]} sizes */
  build(sizes) {
    this.sizes = sizes;
    this.height = Math.max(120, Math.max(...sizes) * 20);
    this.dots.setAttribute("viewBox", `0 0 ${DRAWING} ${this.height}`);
    this.density = this.height > 1000 ? 1 : Math.min(2, globalThis.devicePixelRatio || 1);
    [this.canvas.width, this.canvas.height] = [DRAWING, this.height].map((size) => Math.round(size * this.density));
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.dots.replaceChildren(...sizes.flatMap((size, l) => Array.from({ length: size }, (_, i) => svg("circle", { cx: this.x(l), cy: this.y(l, i), r: RADIUS, class: "neuron" }))));
  }

  /** @param {number} layer of neurons, from that of the inputs */
  x(layer) {
    return 16 + (layer / (this.sizes.length - 1)) * (DRAWING - 32);
  }

  /** @param {number} layer @param {number} i */
  y(layer, i) {
    return ((i + 0.5) / this.sizes[layer]) * this.height;
  }

  /** @param {NetworkJSON} network @param {Place} chosen */
  drawEdges({ layers }, chosen) {
    const { image, density } = this;
    if (!image) return;
    const sizes = Float64Array.from(layers.flatMap(({ W: rows }) => rows.flat()), Math.abs).sort();
    const largest = Math.max(1e-9, sizes[sizes.length - 1]);
    const least = sizes[Math.max(0, sizes.length - MOST_EDGES)];
    const pixels = new Uint32Array(image.data.buffer).fill(0);
    const colours = EDGE_COLOURS[this.scheme.matches ? "dark" : "light"];
    const dash = DASH.map((part) => part * density);
    const stroke = (/** @type {number} */ l, /** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ w, /** @type {[number, number, number]} */ colour) => {
      const ends = [this.x(l), this.y(l, j), this.x(l + 1), this.y(l + 1, i)].map((z) => z * density);
      strokeDashed(pixels, image, ends, (0.4 + (3 * Math.abs(w)) / largest) * density, colour, w < 0 ? dash : null);
    };
    layers.forEach(({ W: rows }, l) => rows.forEach((row, i) => row.forEach((w, j) => Math.abs(w) >= least && stroke(l, i, j, w, colours[w < 0 ? 0 : 1]))));
    const { layer, row, column } = chosen;
    if (column >= 0) stroke(layer, row, column, layers[layer].W[row][column], colours[2]);
    this.context.putImageData(image, 0, 0);
  }

  /** @param {NetworkJSON} network @param {number[] | null} point @param {Place} chosen */
  drawNeurons({ layers }, point, chosen) {
    let h = point ?? [];
    let k = 0;
    this.sizes.forEach((size, l) => {
      if (l > 0 && point) {
        const { W: rows, b } = layers[l - 1];
        h = rows.map((row, i) => row.reduce((sum, w, j) => sum + w * h[j], b[i]));
        if (l < this.sizes.length - 1) h = h.map((t) => Math.max(t, 0));
      }
      for (let i = 0; i < size; i++, k++) {
        const picked = l > 0 && chosen.layer === l - 1 && chosen.row === i && chosen.column < 0;
        setChanged(this.dots.children[k], "class", `neuron${point && h[i] > 0 ? " active" : ""}${picked ? " picked" : ""}`);
      }
    });
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  at({ clientX, clientY }) {
    const { left, top, width } = this.element.getBoundingClientRect();
    return [((clientX - left) * DRAWING) / width, ((clientY - top) * DRAWING) / width];
  }

  /** The neuron there, or else the nearest edge; inputs have no bias. @param {number} x @param {number} y @returns {Place | null} */
  find(x, y) {
    for (let l = 0; l < this.sizes.length; l++) {
      const i = Math.floor((y * this.sizes[l]) / this.height);
      if (i >= 0 && i < this.sizes[l] && Math.hypot(x - this.x(l), y - this.y(l, i)) <= RADIUS) return l ? { layer: l - 1, row: i, column: -1 } : null;
    }
    const layer = Math.floor(((x - 16) * (this.sizes.length - 1)) / (DRAWING - 32));
    if (layer < 0 || layer > this.sizes.length - 2) return null;
    const [x0, x1] = [this.x(layer), this.x(layer + 1)];
    let nearest = REACH;
    /** @type {Place | null} */
    let found = null;
    for (let i = 0; i < this.sizes[layer + 1]; i++) {
      for (let j = 0; j < this.sizes[layer]; j++) {
        const [y0, y1] = [this.y(layer, j), this.y(layer + 1, i)];
        const away = Math.abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / Math.hypot(x1 - x0, y1 - y0);
        if (away < nearest) [nearest, found] = [away, { layer, row: i, column: j }];
      }
    }
    return found;
  }

  /** @param {Place} place */
  describe({ layer, row, column }) {
    const { W: rows, b } = /** @type {[NetworkJSON, number[] | null, Place]} */ (this.drawn)[0].layers[layer];
    return column < 0 ? `bias ${short(b[row])}` : `weight ${short(rows[row][column])}`;
  }
}

/**
 * @param {Uint32Array} pixels @param {ImageData} image @param {number[]} ends x and y of both
 * @param {number} thickness @param {[number, number, number]} colour @param {number[] | null} dash
 */
function strokeDashed(pixels, { width, height }, [x0, y0, x1, y1], thickness, colour, dash) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [on, off] = dash?.map((part) => part / length) ?? [1, 0];
  for (let t = 0; t < 1; t += on + off) {
    const end = Math.min(t + on, 1);
    strokeSegment(pixels, width, height, x0 + t * (x1 - x0), y0 + t * (y1 - y0), x0 + end * (x1 - x0), y0 + end * (y1 - y0), thickness, colour, 1);
  }
}

/** What stays as it was costs nothing. @param {Element} element @param {string} name @param {string} value */
function setChanged(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
