// @ts-check
// A complex in space: cells of three inputs as solids, or the graph of an output over the cells of two. Every pixel knows its facet by
// a depth buffer, so what is in front is drawn in front, and a pixel picks its cell; turned by dragging or the arrow keys.

import { colourCells } from "./colours.js";
import { fillFacets, NO_CELL } from "./raster.js";

/** @typedef {import("./frame.js").Frame} Frame */
/**
 * @typedef {{colour?: string, dark?: boolean | "auto", apart?: number, cut?: number, boundary?: boolean, output?: number, label?: string}} SpaceOptions
 * `apart`: how far cells shrink towards their centres, 0 to 1; `cut`: the share of the first axis that is shown; `boundary`: only the
 * facets between cells of different class; `output`: whose graph is drawn, of two inputs
 */
/** @typedef {{begin: number[], corners: number[], cells: number[], at: Float64Array}} Facets polygons, the cell of each, and points of space */

const TURN = [-0.6, 0.45];

/** Events: "hover", "select" with `detail` {cell, point}; "click" with the same. */
export class SpaceView extends EventTarget {
  /** @param {HTMLElement} element @param {SpaceOptions} [options] */
  constructor(element, options = {}) {
    super();
    /** @type {SpaceOptions} */
    this.options = { colour: "pattern", dark: "auto", apart: 0.06, cut: 1, boundary: false, output: 0, ...options };
    this.element = element;
    this.canvas = document.createElement("canvas");
    this.canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;touch-action:none";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", options.label ?? "The cells in space; arrow keys turn, plus and minus zoom, 0 shows everything");
    element.append(this.canvas);
    /** @type {Frame | null} */
    this.frame = null;
    this.turn = [...TURN];
    this.zoomed = 1;
    this.hovered = this.selected = NO_CELL;
    this.ids = new Int32Array(0);
    this.depth = new Float64Array(0);
    /** @type {Facets | null} */
    this.facets = null;
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.listen();
  }

  get dark() {
    return this.options.dark === "auto" ? this.scheme.matches : Boolean(this.options.dark);
  }

  get ratio() {
    return globalThis.devicePixelRatio || 1;
  }

  /** @param {Frame} frame of three dimensions, or of two with the array maps; bounded */
  setFrame(frame) {
    this.frame = frame;
    this.hovered = this.selected = NO_CELL;
    this.draw();
  }

  /** @param {SpaceOptions} options */
  setOptions(options) {
    Object.assign(this.options, options);
    this.draw();
  }

  draw() {
    const [width, height] = [this.element.clientWidth, this.element.clientHeight].map((size) => Math.round(size * this.ratio));
    if (!this.frame || !width || !height || this.canvas.hidden) return;
    if (this.canvas.width !== width || this.canvas.height !== height) [this.canvas.width, this.canvas.height] = [width, height];
    if (this.ids.length !== width * height) [this.ids, this.depth] = [new Int32Array(width * height), new Float64Array(width * height)];
    this.facets = this.frame.header.dim === 3 ? solids(this.frame, this.options) : surface(this.frame, this.options.output ?? 0);
    const placed = this.place(width, height);
    fillFacets(this.ids, this.depth, width, height, this.facets.begin, this.facets.corners, placed);
    this.paint(placed);
  }

  /** The three rows of the rotation: to the right, up, towards the reader. */
  get axes() {
    const [[ca, sa], [ce, se]] = this.turn.map((t) => [Math.cos(t), Math.sin(t)]);
    return [[ca, sa, 0], [-sa * se, ca * se, ce], [sa * ce, -ca * ce, se]];
  }

  /** Points in pixels, with depth towards the reader; one scale for the three, so angles stay. @param {number} width @param {number} height */
  place(width, height) {
    const { at } = /** @type {Facets} */ (this.facets);
    const { middle, stretch } = this.fit(at);
    const axes = this.axes;
    const scale = 0.56 * Math.min(width, height) * this.zoomed;
    const [xs, ys, zs] = axes.map(() => new Float64Array(at.length / 3));
    for (let v = 0; 3 * v < at.length; v++) {
      const p = [0, 1, 2].map((k) => (at[3 * v + k] - middle[k]) * stretch[k]);
      const [x, y, z] = axes.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
      [xs[v], ys[v], zs[v]] = [width / 2 + scale * x, height / 2 - scale * y, scale * z];
    }
    this.placed = { middle, stretch, scale };
    return { xs, ys, zs };
  }

  /** The box of all vertices, put into a ball; the graph's height has a scale of its own. @param {Float64Array} at */
  fit(at) {
    const frame = /** @type {Frame} */ (this.frame);
    const points = frame.header.dim === 3 ? frame.arrays.vertices : at;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let k = 0; k < points.length; k++) {
      low[k % 3] = Math.min(low[k % 3], points[k]);
      high[k % 3] = Math.max(high[k % 3], points[k]);
    }
    const sizes = low.map((a, k) => high[k] - a || 1);
    const flat = frame.header.dim === 2 ? 2 : 3;
    const ball = Math.hypot(...sizes.slice(0, flat), ...(flat === 2 ? [0.6 * Math.max(sizes[0], sizes[1])] : []));
    const stretch = sizes.map((size, k) => (k < flat ? 1.6 / ball : (0.96 * Math.max(sizes[0], sizes[1])) / ball / size));
    return { middle: low.map((a, k) => (a + high[k]) / 2), stretch };
  }

  /** @param {{xs: Float64Array, ys: Float64Array, zs: Float64Array}} placed */
  paint(placed) {
    const frame = /** @type {Frame} */ (this.frame);
    const facets = /** @type {Facets} */ (this.facets);
    const { colours, legend } = colourCells(frame, this.options.colour ?? "pattern", this.dark);
    this.legend = legend;
    const shown = facets.cells.map((cell, f) => shaded(cell === this.selected ? this.mark : colours[cell], facing(facets, placed, f)));
    const { width, height } = this.canvas;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const line = this.dark ? 0xffe3e6e8 : 0xff241f1c;
    for (let k = 0; k < pixels.length; k++) {
      const id = this.ids[k];
      const edge = (k % width < width - 1 && this.ids[k + 1] !== id) || (k + width < pixels.length && this.ids[k + width] !== id);
      pixels[k] = edge ? line : id === NO_CELL ? 0 : shown[id];
    }
    context.putImageData(image, 0, 0);
  }

  get mark() {
    return this.dark ? 0xff42e4f0 : 0xff2ad0f0; // yellow, in the order of pixels
  }

  /** @param {number} px @param {number} py canvas pixels @returns {{cell: number, point: number[]}} the cell there, and the point of its facet */
  pick(px, py) {
    const [x, y] = [Math.floor(px), Math.floor(py)];
    const { width, height } = this.canvas;
    const id = x < 0 || y < 0 || x >= width || y >= height ? NO_CELL : this.ids[y * width + x];
    if (id === NO_CELL || !this.facets || !this.placed) return { cell: NO_CELL, point: [NaN, NaN, NaN] };
    const { middle, stretch, scale } = this.placed;
    const seen = [(x + 0.5 - width / 2) / scale, (height / 2 - y - 0.5) / scale, this.depth[y * width + x] / scale];
    const axes = this.axes;
    const point = [0, 1, 2].map((k) => middle[k] + (axes[0][k] * seen[0] + axes[1][k] * seen[1] + axes[2][k] * seen[2]) / stretch[k]);
    return { cell: this.facets.cells[id], point };
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {{cell: number, point: number[]}} picked */
  select(picked) {
    this.selected = picked.cell;
    this.draw();
    this.emit("select", picked);
  }

  later() {
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => this.draw());
  }

  /** @param {number} across @param {number} up angles */
  rotate(across, up) {
    this.turn = [this.turn[0] + across, Math.min(Math.max(this.turn[1] + up, -Math.PI / 2), Math.PI / 2)];
    this.later();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.zoomed = Math.min(Math.max(this.zoomed * factor, 0.1), 1e3);
    this.later();
  }

  listen() {
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      return /** @type {[number, number]} */ ([(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio]);
    };
    /** @type {[number, number] | null} */
    let from = null;
    let travelled = 0;
    this.canvas.addEventListener("pointerdown", (event) => {
      [from, travelled] = [at(event), 0];
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const here = at(event);
      if (!from) return this.emit("hover", this.pick(...here));
      travelled += Math.hypot(here[0] - from[0], here[1] - from[1]);
      if (travelled > 3) this.rotate((from[0] - here[0]) * 0.008, (here[1] - from[1]) * 0.008);
      from = here;
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (from && travelled <= 3) this.select(this.pick(...at(event)));
      from = null;
    });
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015));
    }, { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.scheme.addEventListener("change", () => this.draw());
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { width, height } = this.canvas;
    const actions = /** @type {Record<string, () => void>} */ ({
      ArrowLeft: () => this.rotate(0.1, 0),
      ArrowRight: () => this.rotate(-0.1, 0),
      ArrowUp: () => this.rotate(0, -0.1),
      ArrowDown: () => this.rotate(0, 0.1),
      "+": () => this.zoom(1.25),
      "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8),
      0: () => (([this.turn, this.zoomed] = [[...TURN], 1]), this.later()),
      Enter: () => this.select(this.pick(width / 2, height / 2)),
      Escape: () => this.select({ cell: NO_CELL, point: [NaN, NaN, NaN] }),
    });
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  }

  /** @returns {Promise<Blob | null>} */
  png() {
    const whole = document.createElement("canvas");
    [whole.width, whole.height] = [this.canvas.width, this.canvas.height];
    const context = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
    context.fillStyle = this.dark ? "#14161a" : "#ffffff";
    context.fillRect(0, 0, whole.width, whole.height);
    context.drawImage(this.canvas, 0, 0);
    return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
  }
}

/** The graph of an output: the cells of the plane, lifted by their own affine maps. @param {Frame} frame @param {number} output @returns {Facets} */
function surface({ header, arrays }, output) {
  const { outline_begin: begin, outline_corners: corners, vertices, maps } = arrays;
  const row = Math.min(output, header.n_outputs - 1);
  const at = new Float64Array(3 * corners.length);
  const cells = [];
  for (let cell = 0; cell < header.n_cells; cell++) {
    cells.push(cell);
    const first = (cell * header.n_outputs + row) * 3;
    for (let c = begin[cell]; c < begin[cell + 1]; c++) {
      const [x, y] = [vertices[2 * corners[c]], vertices[2 * corners[c] + 1]];
      at.set([x, y, maps[first] * x + maps[first + 1] * y + maps[first + 2]], 3 * c);
    }
  }
  return { begin: [...begin], corners: Array.from(corners, (_, c) => c), cells, at };
}

/** The facets of the cells that are shown, shrunk towards their centres. @param {Frame} frame @param {SpaceOptions} options @returns {Facets} */
function solids(frame, { apart = 0, cut = 1, boundary = false }) {
  const { arrays } = frame;
  const { outline_begin: begin, outline_corners: corners, outline_cells: sides, vertices, labels } = arrays;
  const centres = cellCentres(frame);
  let [low, high] = [Infinity, -Infinity];
  for (let v = 0; v < vertices.length; v += 3) [low, high] = [Math.min(low, vertices[v]), Math.max(high, vertices[v])];
  const visible = (/** @type {number} */ cell) => cell >= 0 && centres[3 * cell] <= low + cut * (high - low);
  /** @type {{begin: number[], corners: number[], cells: number[], at: number[]}} */
  const facets = { begin: [0], corners: [], cells: [], at: [] };
  const add = (/** @type {number} */ f, /** @type {number} */ cell, /** @type {number} */ shrink) => {
    for (let c = begin[f]; c < begin[f + 1]; c++) {
      facets.corners.push(facets.at.length / 3);
      for (let k = 0; k < 3; k++) facets.at.push(vertices[3 * corners[c] + k] + shrink * (centres[3 * cell + k] - vertices[3 * corners[c] + k]));
    }
    facets.begin.push(facets.corners.length);
    facets.cells.push(cell);
  };
  for (let f = 0; f + 1 < begin.length; f++) {
    const pair = [sides[2 * f], sides[2 * f + 1]];
    const seen = pair.filter(visible);
    if (boundary) {
      if (seen.length === 2 && labels[pair[0]] !== labels[pair[1]]) add(f, pair[0], 0);
    } else if (apart > 0) {
      for (const cell of seen) add(f, cell, apart);
    } else if (seen.length === 1) {
      add(f, seen[0], 0);
    }
  }
  return { ...facets, at: Float64Array.from(facets.at) };
}

/** Means of the corners of each cell's facets: inside, since cells are convex. @param {Frame} frame of three dimensions */
export function cellCentres({ header, arrays }) {
  const { outline_begin: begin, outline_corners: corners, outline_cells: sides, vertices } = arrays;
  const centres = new Float64Array(3 * header.n_cells);
  const counts = new Int32Array(header.n_cells);
  for (let f = 0; f + 1 < begin.length; f++) {
    for (const cell of [sides[2 * f], sides[2 * f + 1]]) {
      if (cell < 0) continue;
      counts[cell] += begin[f + 1] - begin[f];
      for (let c = begin[f]; c < begin[f + 1]; c++) for (let k = 0; k < 3; k++) centres[3 * cell + k] += vertices[3 * corners[c] + k];
    }
  }
  return centres.map((sum, k) => sum / counts[Math.floor(k / 3)]);
}

/** How much a facet faces the reader, 0 to 1. @param {Facets} facets @param {{xs: Float64Array, ys: Float64Array, zs: Float64Array}} placed @param {number} f */
function facing({ begin, corners }, { xs, ys, zs }, f) {
  const normal = [0, 0, 0];
  for (let c = begin[f]; c < begin[f + 1]; c++) {
    const [a, b] = [corners[c], corners[c + 1 < begin[f + 1] ? c + 1 : begin[f]]];
    normal[0] += (ys[a] - ys[b]) * (zs[a] + zs[b]);
    normal[1] += (zs[a] - zs[b]) * (xs[a] + xs[b]);
    normal[2] += (xs[a] - xs[b]) * (ys[a] + ys[b]);
  }
  const size = Math.hypot(...normal);
  const side = normal[2] < 0 ? -1 : 1;
  return size ? Math.max(0, (side * (0.3 * normal[0] - 0.5 * normal[1] + 0.8 * normal[2])) / size) : 0;
}

/** @param {number} colour a pixel @param {number} light 0 to 1 */
function shaded(colour, light) {
  const factor = 0.62 + 0.38 * light;
  let result = 255 << 24;
  for (const shift of [0, 8, 16]) result |= Math.round(((colour >> shift) & 255) * factor) << shift;
  return result >>> 0;
}
