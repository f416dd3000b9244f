// @ts-check
// The picture of a complex: cells filled without seams, facets by layer, decision boundary, points; pan, zoom, hover, selection.
// One or two dimensions; a canvas of pixels by cell below, a canvas of lines above. README.md shows how to use it.
// What lies over the cells is in layers.js.
// One file: window, hit test and picture share the scale, the canvases and the cell of each pixel, which only methods of one class keep
// private to it.

import { colourCells, css } from "./colours.js";
import { drawBoundary, drawGraph, drawPoints, INK, outlineCell, paintFacets } from "./layers.js";
import { fillPolygons, NO_CELL } from "./raster.js";

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {{points: number[][], labels?: number[], wrong?: boolean[]}} Data wrong: points to ring */
/**
 * @typedef {{
 *   colour?: string, facets?: boolean, byLayer?: boolean, boundary?: boolean, labels?: boolean, dark?: boolean | "auto",
 *   highlight?: number[], label?: string,
 * }} ViewOptions
 * `colour`: one of COLOURINGS; `facets`, `boundary`: lines to draw; `highlight`: neurons whose active cells are marked
 */

const HIGHLIGHT_DIM = 0.55;

/** Events: "hover", "select" with `detail` {cell, point}, "window" with {lower, upper} after a pan or zoom. */
export class ComplexView extends EventTarget {
  /** @param {HTMLElement} element @param {ViewOptions} [options] */
  constructor(element, options = {}) {
    super();
    /** @type {ViewOptions} */
    this.options = { colour: "pattern", facets: true, byLayer: true, boundary: true, dark: "auto", ...options };
    this.element = element;
    this.base = makeCanvas(element);
    this.lines = makeCanvas(element);
    if (getComputedStyle(element).position === "static") element.style.position = "relative";
    this.lines.tabIndex = 0;
    this.lines.setAttribute("role", "application");
    this.lines.setAttribute("aria-label", options.label ?? "Cells of the network; arrow keys move, plus and minus zoom, 0 shows everything");
    /** @type {Frame | null} */
    this.frame = null;
    /** @type {Data | null} */
    this.data = null;
    /** What else is drawn over cells and facets. @type {((context: CanvasRenderingContext2D) => void) | null} */
    this.overlay = null;
    this.ids = new Int32Array(0);
    /** @type {ImageData | null} */
    this.image = null;
    this.hovered = NO_CELL;
    this.selected = NO_CELL;
    /** What is shown: centre and pixels per unit. */
    this.centre = [0, 0];
    this.scale = [1, 1];
    this.fitted = false;
    /** CSS pixels of the element, told by an observer: asking for them has the browser lay out the whole page. @type {{width: number, height: number} | null} */
    this.room = null;
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.dark = this.isDark();
    this.ended = new AbortController();
    this.listen();
  }

  /** Looked up when it may have changed, not for every picture: the page's style has to be computed for it. */
  isDark() {
    return this.options.dark === "auto" ? hasLightText(this.element) ?? this.scheme.matches : Boolean(this.options.dark);
  }

  get ratio() {
    return globalThis.devicePixelRatio || 1;
  }

  /** @param {Frame} frame with the arrays vertices, outline_begin, outline_corners and those of its colouring */
  setFrame(frame) {
    const first = !this.frame || this.frame.header.dim !== frame.header.dim;
    this.frame = frame;
    this.hovered = this.selected = NO_CELL;
    if (first || !this.fitted) this.fit();
    else this.draw();
  }

  /** @param {Data | null} data */
  setData(data) {
    this.data = data;
    this.drawLines();
  }

  /** Both at once. @param {Frame} frame @param {Data | null} data */
  setPicture(frame, data) {
    this.data = data;
    this.setFrame(frame);
  }

  /** @param {ViewOptions} options */
  setOptions(options) {
    Object.assign(this.options, options);
    this.dark = this.isDark();
    this.draw();
  }

  /** Shows the whole domain, or all finite vertices. */
  fit() {
    const box = this.extent();
    if (!box || !this.resize()) return;
    this.dark = this.isDark();
    const [low, high] = box;
    const width = this.base.width;
    const height = this.base.height;
    const margin = this.frame?.header.domain ? 0.98 : 0.7;
    const unit = Math.min((margin * width) / (high[0] - low[0]), (margin * height) / (high[1] - low[1]));
    this.scale = this.frame?.header.dim === 1 ? [(margin * width) / (high[0] - low[0]), (margin * height) / (high[1] - low[1])] : [unit, unit];
    this.centre = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
    this.fitted = true;
    this.draw();
  }

  /** @returns {[number[], number[]] | null} */
  extent() {
    const frame = this.frame;
    if (!frame) return null;
    if (frame.header.dim === 1) return this.extentOfGraph();
    const low = [Infinity, Infinity];
    const high = [-Infinity, -Infinity];
    const finite = 2 * (frame.header.n_finite_vertices ?? frame.arrays.vertices.length / 2);
    for (let k = 0; k < finite; k++) {
      low[k % 2] = Math.min(low[k % 2], frame.arrays.vertices[k]);
      high[k % 2] = Math.max(high[k % 2], frame.arrays.vertices[k]);
    }
    for (const axis of [0, 1]) {
      if (!(low[axis] <= high[axis])) [low[axis], high[axis]] = [-1, 1];
      if (low[axis] === high[axis]) [low[axis], high[axis]] = [low[axis] - 1, high[axis] + 1];
    }
    return [low, high];
  }

  /** The function of one input as a graph: its own extent, with the first output's values. @returns {[number[], number[]]} */
  extentOfGraph() {
    const xs = this.finiteEnds();
    let [low, high] = [Math.min(...xs), Math.max(...xs)];
    if (!(low < high)) [low, high] = [Number.isFinite(low) ? low - 1 : -1, Number.isFinite(low) ? low + 1 : 1];
    const ys = this.graph().map(([, y]) => y);
    const [bottom, top] = ys.length ? [Math.min(0, ...ys), Math.max(0, ...ys)] : [-1, 1];
    return [[low, bottom === top ? -1 : bottom], [high, bottom === top ? 1 : top]];
  }

  finiteEnds() {
    const frame = /** @type {Frame} */ (this.frame);
    return Array.from(frame.arrays.vertices.subarray(0, frame.header.n_finite_vertices ?? frame.arrays.vertices.length));
  }

  /** Corners of the graph of the first output over the finite vertices, x increasing. @returns {number[][]} */
  graph() {
    const frame = /** @type {Frame} */ (this.frame);
    const { maps, outline_begin: begin, outline_corners: corners, vertices } = frame.arrays;
    if (!maps) return [];
    const finite = frame.header.n_finite_vertices ?? vertices.length;
    const found = [];
    for (let cell = 0; cell < frame.header.n_cells; cell++) {
      for (const v of [corners[begin[cell]], corners[begin[cell] + 1]]) {
        if (v < finite) found.push([vertices[v], maps[cell * 2 * frame.header.n_outputs] * vertices[v] + maps[cell * 2 * frame.header.n_outputs + 1]]);
      }
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  /** Canvas pixels follow the element. @returns {boolean} whether there is room to draw */
  resize() {
    this.room ??= { width: this.element.clientWidth, height: this.element.clientHeight };
    const width = Math.round(this.room.width * this.ratio);
    const height = Math.round(this.room.height * this.ratio);
    for (const canvas of [this.base, this.lines]) {
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    }
    if (this.ids.length !== width * height) this.ids = new Int32Array(width * height);
    return width > 0 && height > 0;
  }

  /** @param {number} x @param {number} y in units of the complex @returns {[number, number]} pixels */
  toPixels(x, y) {
    return [(x - this.centre[0]) * this.scale[0] + this.base.width / 2, (this.centre[1] - y) * this.scale[1] + this.base.height / 2];
  }

  /** @param {number} px @param {number} py pixels @returns {[number, number]} */
  toUnits(px, py) {
    return [(px - this.base.width / 2) / this.scale[0] + this.centre[0], this.centre[1] - (py - this.base.height / 2) / this.scale[1]];
  }

  draw() {
    if (!this.frame || !this.resize()) return;
    this.place();
    this.paint();
    this.drawLines();
  }

  /** Vertices in pixels, and the cell of every pixel. */
  place() {
    const { arrays, header } = /** @type {Frame} */ (this.frame);
    const n = header.dim;
    const count = arrays.vertices.length / n;
    const xs = new Float64Array(count);
    const ys = new Float64Array(count);
    for (let v = 0; v < count; v++) [xs[v], ys[v]] = this.toPixels(arrays.vertices[v * n], n > 1 ? arrays.vertices[v * n + 1] : 0);
    this.at = { xs, ys };
    const { width, height } = this.base;
    if (n === 2) fillPolygons(this.ids, width, height, arrays.outline_begin, arrays.outline_corners, xs, ys);
    else this.placeBands(xs, arrays, width, height);
  }

  /** Cells of a line as upright bands. @param {Float64Array} xs @param {Frame["arrays"]} arrays @param {number} width @param {number} height */
  placeBands(xs, arrays, width, height) {
    this.ids.fill(NO_CELL);
    for (let cell = 0; cell + 1 < arrays.outline_begin.length; cell++) {
      const [a, b] = [0, 1].map((k) => Math.ceil(xs[arrays.outline_corners[arrays.outline_begin[cell] + k]] - 0.5));
      const from = Math.min(Math.max(a, 0), width);
      const to = Math.min(Math.max(b, 0), width);
      for (let row = 0; from < to && row < height; row++) this.ids.fill(cell, row * width + from, row * width + to);
    }
  }

  /** Colours of the cells to their pixels, and the facets over them. */
  paint() {
    const frame = /** @type {Frame} */ (this.frame);
    const { colours, legend } = colourCells(frame, this.options.colour ?? "pattern", this.dark);
    this.legend = legend;
    const wanted = this.options.highlight ?? [];
    const shown = wanted.length ? colours.map((colour, cell) => (this.allActive(cell, wanted) ? colour : faded(colour, this.dark))) : colours;
    const { width, height } = this.base;
    const context = context2d(this.base);
    if (!this.image || this.image.width !== width || this.image.height !== height) this.image = context.createImageData(width, height);
    const pixels = new Uint32Array(this.image.data.buffer);
    const table = new Uint32Array(shown.length + 1); // entry 0: no cell
    table.set(shown, 1);
    const { ids } = this;
    for (let k = 0; k < pixels.length; k++) pixels[k] = table[ids[k] + 1];
    if (this.options.facets && frame.header.dim === 2 && frame.arrays.edge_ends) paintFacets(this, pixels);
    context.putImageData(this.image, 0, 0);
  }

  /** @param {number} cell @param {number[]} neurons */
  allActive(cell, neurons) {
    const { arrays, header } = /** @type {Frame} */ (this.frame);
    return neurons.every((k) => arrays.patterns?.[cell * header.n_neurons + k]);
  }

  drawLines() {
    if (!this.frame || !this.at) return;
    const context = context2d(this.lines);
    context.clearRect(0, 0, this.lines.width, this.lines.height);
    context.lineJoin = "round";
    if (this.frame.header.dim === 1) drawGraph(this, context);
    if (this.options.boundary && this.frame.arrays.labels) drawBoundary(this, context);
    this.overlay?.(context);
    if (this.selected !== NO_CELL) {
      for (const cell of this.neighbours(this.selected)) outlineCell(this, context, cell, 1.6);
      outlineCell(this, context, this.selected, 4);
    }
    if (this.hovered !== NO_CELL && this.hovered !== this.selected) outlineCell(this, context, this.hovered, 2);
    drawPoints(this, context);
  }

  /** @param {number} cell @returns {number[]} the cells that share a facet with it */
  neighbours(cell) {
    const pairs = this.frame?.arrays.adjacency ?? [];
    const found = [];
    for (let k = 0; k < pairs.length; k++) if (pairs[k] === cell) found.push(pairs[k ^ 1]);
    return found;
  }

  get ink() {
    return css(INK[Number(this.dark)]);
  }

  /** @param {number} px @param {number} py canvas pixels @returns {number} the cell there */
  cellAt(px, py) {
    const [x, y] = [Math.floor(px), Math.floor(py)];
    if (x < 0 || y < 0 || x >= this.base.width || y >= this.base.height) return NO_CELL;
    return this.ids[y * this.base.width + x];
  }

  /** Lower and upper ends of what is shown. */
  get window() {
    const [left, bottom] = this.toUnits(0, this.base.height);
    const [right, top] = this.toUnits(this.base.width, 0);
    return { lower: [left, bottom], upper: [right, top] };
  }

  /** @param {number} factor @param {number} px @param {number} py the pixel that stays */
  zoom(factor, px, py) {
    const [x, y] = this.toUnits(px, py);
    this.scale = this.scale.map((s) => s * factor);
    const [newX, newY] = this.toUnits(px, py);
    this.centre = [this.centre[0] + x - newX, this.centre[1] + y - newY];
    this.moved();
  }

  /** @param {number} dx @param {number} dy canvas pixels */
  pan(dx, dy) {
    this.centre = [this.centre[0] - dx / this.scale[0], this.centre[1] + dy / this.scale[1]];
    this.moved();
  }

  moved() {
    cancelAnimationFrame(this.pending ?? 0);
    this.pending = requestAnimationFrame(() => {
      this.draw();
      this.emit("window", this.window);
    });
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {number} cell */
  select(cell) {
    this.selected = cell;
    this.drawLines();
    this.emit("select", { cell });
  }

  listen() {
    const at = (/** @type {PointerEvent | WheelEvent} */ event) => {
      const box = this.lines.getBoundingClientRect();
      return /** @type {[number, number]} */ ([(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio]);
    };
    /** @type {[number, number] | null} */
    let from = null;
    let travelled = 0;
    this.lines.addEventListener("pointerdown", (event) => {
      from = at(event);
      travelled = 0;
      this.lines.setPointerCapture(event.pointerId);
    });
    this.lines.addEventListener("pointermove", (event) => {
      const here = at(event);
      if (from) {
        travelled += Math.hypot(here[0] - from[0], here[1] - from[1]);
        if (travelled > 3) this.pan(here[0] - from[0], here[1] - from[1]);
        from = here;
      } else {
        this.hover(this.cellAt(...here), this.toUnits(...here));
      }
    });
    this.lines.addEventListener("pointerup", (event) => {
      const here = at(event);
      if (from && travelled <= 3) {
        this.emit("click", { cell: this.cellAt(...here), point: this.toUnits(...here) });
        this.select(this.cellAt(...here));
      }
      from = null;
    });
    this.lines.addEventListener("pointerleave", () => this.hover(NO_CELL, [NaN, NaN]));
    this.lines.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), ...at(event));
    }, { passive: false });
    this.lines.addEventListener("dblclick", () => this.fit());
    this.lines.addEventListener("keydown", (event) => this.key(event));
    const themed = () => {
      const { dark } = this;
      this.dark = this.isDark();
      if (dark !== this.dark) this.draw();
    };
    this.scheme.addEventListener("change", themed, { signal: this.ended.signal });
    this.observer = new ResizeObserver(() => {
      this.dark = this.isDark();
      this.room = null;
      if (this.fitted) this.draw();
      else this.fit();
    });
    this.observer.observe(this.element);
    // Pages that have a switch for it say in an attribute, each its own, whether they are dark.
    this.theme = new MutationObserver(themed);
    for (const element of [document.documentElement, document.body]) this.theme.observe(element, { attributes: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = 40 * this.ratio;
    const middle = /** @type {[number, number]} */ ([this.base.width / 2, this.base.height / 2]);
    const actions = /** @type {Record<string, () => void>} */ ({
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      "+": () => this.zoom(1.25, ...middle),
      "=": () => this.zoom(1.25, ...middle),
      "-": () => this.zoom(0.8, ...middle),
      0: () => this.fit(),
      Enter: () => this.select(this.cellAt(...middle)),
      Escape: () => this.select(NO_CELL),
    });
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  }

  /** @param {number} cell @param {[number, number]} point */
  hover(cell, point) {
    if (cell !== this.hovered) {
      this.hovered = cell;
      this.drawLines();
    }
    this.emit("hover", { cell, point });
  }

  /** A PNG of both canvases. @returns {Promise<Blob | null>} */
  png() {
    const whole = document.createElement("canvas");
    [whole.width, whole.height] = [this.base.width, this.base.height];
    const context = context2d(whole);
    context.fillStyle = this.dark ? "#14161a" : "#ffffff";
    context.fillRect(0, 0, whole.width, whole.height);
    context.drawImage(this.base, 0, 0);
    context.drawImage(this.lines, 0, 0);
    return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
  }

  destroy() {
    this.ended.abort();
    this.observer?.disconnect();
    this.theme?.disconnect();
    this.base.remove();
    this.lines.remove();
  }
}

/** @param {HTMLElement} element */
function makeCanvas(element) {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;touch-action:none";
  element.append(canvas);
  return canvas;
}

/** Whether text is light there, so that the page around it is dark; undefined if it cannot be told. @param {HTMLElement} element */
function hasLightText(element) {
  const [, space, numbers] = getComputedStyle(element).color.match(/^(rgba?|color\(srgb)[( ](.*)\)$/) ?? [];
  const rgb = numbers?.split(/[ ,/]+/).slice(0, 3).map(Number) ?? [];
  if (rgb.length < 3 || rgb.some(Number.isNaN)) return undefined;
  return rgb[0] + rgb[1] + rgb[2] > 1.5 * (space.startsWith("rgb") ? 255 : 1);
}

/** @param {HTMLCanvasElement} canvas */
function context2d(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** @param {number} colour a pixel @param {boolean} dark */
function faded(colour, dark) {
  const paper = dark ? 27 : 255;
  let result = 255 << 24;
  for (const shift of [0, 8, 16]) {
    const part = (colour >> shift) & 255;
    result |= Math.round(part + (paper - part) * HIGHLIGHT_DIM) << shift;
  }
  return result;
}
