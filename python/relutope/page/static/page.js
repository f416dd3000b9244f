// @ts-check
// The page: controls change the model, the model is decomposed, the answer is drawn.
// One file: every panel is a few lines that tie its controls to the same settings, model and view; what has a use without them
// (model, charts, samples, expressions, exports, training, providers) is a module of its own.

import { drawHistory, drawNetwork, drawPersistence, drawSpectrum, short, svg } from "./charts.js";
import { COLOURINGS, css, neededFor } from "./colours.js";
import { button, byId, input, panel, row, select } from "./controls.js";
import { make } from "./dom.js";
import { download, graphML, pythonLines } from "./exports.js";
import { parseFormula } from "./expression.js";
import { INITIALISATIONS, Model } from "./model.js";
import { mapOfCell } from "./maps.js";
import { Network } from "./network.js";
import { ProviderError, SocketProvider, WorkerProvider } from "./providers.js";
import { DATASETS, parseTable, sampleData } from "./samples.js";
import { STORIES } from "./stories.js";
import { viewSvg } from "./svg.js";
import { train } from "./training.js";
import { ComplexView } from "./view.js";

/** @typedef {import("./frame.js").Frame} Frame */

const MOST_DRAWN = 100_000;
const WEIGHTS = ["unit", "facet", "distance", "bend", "hamming", "output", "inverse-distance", "inverse-bend", "inverse-hamming", "inverse-output"];
const SETS = { superlevel: "f ≥ level", sublevel: "f ≤ level", level: "f = level" };

class Page {
  /** @param {any} config */
  constructor(config) {
    this.config = config;
    this.model = new Model();
    this.settings = { init: "he", colour: "label", weight: "unit", normalized: false, level: 0, everywhere: false, window: false, box: 1.2, data: "annuli", count: 200, noise: 0.02, label: 1, add: false };
    this.training = { kind: "adamw", rate: 0.03, decay: 0, batch: 0, steps: 5, running: false };
    /** @type {number[]} values of the inputs beyond the second */
    this.fixed = [];
    /** @type {Frame | null} */
    this.frame = null;
    /** The question that the frame answers. @type {any} */
    this.shown = null;
    this.build();
    this.view = new ComplexView(byId("stage"), { colour: "label" });
    this.listen();
    if (config.network) {
      this.model.network = config.network;
      this.matchControls();
    }
    this.connect().then(() => this.refresh(), (error) => this.say(error.message, true));
  }

  // -- who computes

  async connect() {
    if (this.config.socket) {
      const socket = new SocketProvider(`ws://${location.host}${this.config.socket}`);
      await socket.ready;
      this.python = socket;
    }
    const code = await this.engineCode();
    if (code) {
      const address = this.config.worker ?? URL.createObjectURL(new Blob([JSON.parse(byId("worker-source").textContent)], { type: "text/javascript" }));
      this.worker = new WorkerProvider(() => new Worker(address), code, ({ stage, seconds }) => this.say(`computing ${stage}, ${seconds.toFixed(1)} s`));
      await this.worker.start();
    }
    if (!this.worker && !this.python) throw new Error("there is no engine here: relutope was built without WebAssembly");
  }

  async engineCode() {
    if (this.config.packed) {
      const bytes = Uint8Array.from(atob(byId("packed").textContent), (c) => c.charCodeAt(0));
      return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    }
    return this.config.engine ? (await fetch(this.config.engine)).arrayBuffer() : null;
  }

  /** @param {object} request @param {string} kind @returns {Promise<Frame>} */
  ask(request, kind) {
    const provider = this.worker ?? this.python;
    if (!provider) return Promise.reject(new Error("the engine is starting"));
    return provider.ask("complex", { ...request, maxCells: MOST_DRAWN }, kind);
  }

  // -- what is asked

  get outputs() {
    return this.model.outputs === 1 ? "sign" : "argmax";
  }

  get domain() {
    if (this.settings.everywhere) return null;
    if (this.settings.window && this.view?.frame && this.model.inputs !== 1) return this.view.window;
    const n = Math.min(this.model.inputs, 2);
    return { lower: new Array(n).fill(-this.settings.box), upper: new Array(n).fill(this.settings.box) };
  }

  get request() {
    const { network, inputs } = this.model;
    const base = { network, domain: this.domain, outputs: this.outputs };
    if (inputs <= 2) return base;
    const unit = (/** @type {number} */ k) => Array.from({ length: inputs }, (_, i) => (i === k ? 1 : 0));
    return { ...base, slice: { origin: [0, 0, ...this.fixed], basis: [unit(0), unit(1)] } };
  }

  /** The picture at once, the numbers when nothing newer is asked for. */
  async refresh() {
    const { colour, weight, normalized } = this.settings;
    const want = ["outlines", "patterns", "edges", "decisions", ...neededFor(colour, this.model.inputs)];
    const request = this.request;
    const start = performance.now();
    clearTimeout(this.later);
    for (const name of ["f", "euler", "betti", "lambda", "agreement"]) this.stale(name);
    try {
      const frame = await this.ask({ ...request, want, weight, normalized }, "picture");
      this.frame = frame;
      this.shown = request;
      Object.assign(this.view.options, { colour, boundary: true });
      this.view.setFrame(frame);
      this.state("cells", frame.header.n_cells);
      this.state("edges", frame.header.n_edges);
      this.state("regions", frame.header.n_regions);
      this.showLegend();
      this.say(`${frame.header.n_cells} cells, drawn in ${(performance.now() - start).toFixed(0)} ms by ${this.worker ? "this browser" : "Python"}`);
      this.later = window.setTimeout(() => this.refreshFacts(request), this.training.running ? 400 : 100);
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {any} request */
  async refreshFacts(request) {
    const { weight, normalized, level } = this.settings;
    const one = this.model.outputs === 1;
    const want = ["f_vector", "spectrum", "decisions", ...(one ? ["betti", "persistence"] : [])];
    const betti = Object.keys(SETS).map((of) => ({ of, level }));
    try {
      const { header, arrays } = await this.ask({ ...request, want, weight, normalized, modes: 12, betti }, "facts");
      const euler = header.f_vector.reduce((/** @type {number} */ sum, /** @type {number} */ f, /** @type {number} */ k) => sum + (k % 2 ? -f : f), 0);
      this.state("f", header.f_vector.join(", "));
      this.state("euler", euler);
      this.state("betti", header.betti?.map((/** @type {number[]} */ b) => `(${b.join(", ")})`).join(" ") ?? "–");
      this.state("lambda", header.fiedler.value === null || Number.isNaN(header.fiedler.value) ? "–" : header.fiedler.value.toPrecision(6));
      this.state("agreement", one ? `${(100 * share(arrays.fiedler_side, arrays.labels)).toFixed(1)} %` : "–");
      byId("statement").textContent = header.fiedler.statement;
      drawSpectrum(byId("spectrum"), arrays.spectrum ?? []);
      drawPersistence(byId("persistence"), arrays.persistence ?? []);
    } catch (error) {
      this.complain(error);
    }
  }

  // -- building

  build() {
    const left = make("div", { id: "left" }, [this.networkPanel(), this.weightPanel(), this.dataPanel()]);
    const stage = make("div", { id: "stage" });
    const middle = make("div", { id: "middle" }, [stage, make("p", { id: "status", role: "status" }), make("p", { class: "legend", id: "legend" }), make("p", { id: "hover" }), this.storyPanel()]);
    const right = make("div", { id: "right" }, [this.trainingPanel(), this.complexPanel(), this.graphPanel(), this.topologyPanel(), this.exportPanel()]);
    document.body.append(
      make("header", {}, [make("h1", {}, ["relutope"]), make("p", {}, ["How a ReLU network cuts its input space into cells, exactly, while you change it."])]),
      make("main", {}, [left, middle, right]),
    );
    this.fillFixed();
  }

  networkPanel() {
    const rebuild = () => {
      try {
        this.model.rebuild(sizesFrom(byId("inputs").value, byId("widths").value, byId("outputs").value), this.settings.init);
        this.fillFixed();
        this.view.fitted = false;
      } catch (error) {
        this.complain(error);
      }
    };
    const drawing = svg("svg", { id: "network", role: "img", "aria-label": "the network; choose an edge or a neuron" });
    const file = input("open a file", "file", "file", "", () => this.open(), { accept: ".json,.npz,.onnx" });
    return panel("Network", [
      row(input("inputs", "inputs", "number", "2", rebuild, { min: "1", max: "10" }), input("outputs", "outputs", "number", "1", rebuild, { min: "1", max: "10" })),
      input("hidden layers", "widths", "text", "8", rebuild),
      select("initial weights", "init", INITIALISATIONS, this.settings.init, (value) => (this.settings.init = value)),
      row(button("Randomise", rebuild, "randomise"), button("Zero", () => this.model.zero(), "zero"), button("Undo", () => this.model.undo(), "undo"), button("Redo", () => this.model.redo(), "redo")),
      drawing,
      file,
      make("div", { id: "fixed" }),
    ]);
  }

  weightPanel() {
    const slider = make("input", { id: "slider", type: "range", step: "any", min: "-3", max: "3", "aria-label": "value of the chosen weight" });
    slider.addEventListener("input", () => this.model.setValue(Number(slider.value), false));
    return panel("Weight", [
      make("p", { class: "note", id: "place" }),
      row(slider, input("", "value", "number", "0", (value) => this.model.setValue(Number(value), true), { step: "any", "aria-label": "value as a number" })),
    ]);
  }

  dataPanel() {
    const draw = () => this.model.setData(sampleData(this.settings.data, this.settings.count, this.settings.noise, ++this.model.seed));
    return panel("Data", [
      select("points", "data", DATASETS, this.settings.data, (value) => ((this.settings.data = value), draw())),
      row(input("number", "count", "number", "200", (value) => ((this.settings.count = clamp(Number(value), 2, 2000)), draw())), input("noise", "noise", "number", "0.02", (value) => ((this.settings.noise = clamp(Number(value), 0, 1)), draw()), { step: "0.01" })),
      input("classes where this is > 0", "formula", "text", "", (value) => this.useFormula(value), { placeholder: "x^2 + y^2 - 0.5" }),
      row(input("click adds class", "adding", "checkbox", "false", (value) => (this.settings.add = value === "true")), input("", "addlabel", "number", "1", (value) => (this.settings.label = clamp(Math.round(Number(value)), 0, 7)), { min: "0", max: "7", "aria-label": "class to add" })),
      make("textarea", { id: "table", rows: "2", placeholder: "x, y, class", "aria-label": "table of points" }),
      row(button("Use the table", () => this.try(() => this.model.setData(parseTable(byId("table").value))), "usetable"), button("No points", () => this.model.setData({ points: [], labels: [] }), "nodata")),
    ]);
  }

  trainingPanel() {
    const t = this.training;
    return panel("Training", [
      row(button("Step", () => this.trainSome(1), "step"), button("Run", () => this.run(), "run"), button("Start again", () => this.model.forget(), "forget")),
      select("method", "method", { adamw: "AdamW", sgd: "SGD" }, t.kind, (value) => (t.kind = value)),
      row(input("rate", "rate", "number", "0.03", (v) => (t.rate = Number(v)), { step: "any" }), input("decay", "decay", "number", "0", (v) => (t.decay = Number(v)), { step: "any" })),
      row(input("batch (0: all)", "batch", "number", "0", (v) => (t.batch = clamp(Math.round(Number(v)), 0, 2000))), input("steps a picture", "speed", "number", "5", (v) => (t.steps = clamp(Math.round(Number(v)), 1, 200)))),
      make("p", { class: "note", id: "progress" }),
      svg("svg", { id: "history", role: "img", "aria-label": "loss and accuracy; choose a point to go back to it" }),
      make("p", { class: "note" }, ["Black: loss; blue: accuracy; orange, dashed: accuracy on held-out points. Choose a point to go back."]),
    ]);
  }

  complexPanel() {
    const titles = Object.fromEntries(Object.entries(COLOURINGS).map(([name, { title }]) => [name, title]));
    return panel("Complex", [
      select("colour", "colour", titles, this.settings.colour, (value) => ((this.settings.colour = value), this.refresh())),
      row(input("box ±", "box", "number", "1.2", (v) => ((this.settings.box = clamp(Number(v), 1e-6, 1e6)), (this.view.fitted = false), this.refresh()), { step: "any" }), input("facets", "facets", "checkbox", "true", (v) => this.view.setOptions({ facets: v === "true" }))),
      input("the whole plane", "everywhere", "checkbox", "false", (v) => ((this.settings.everywhere = v === "true"), (this.view.fitted = false), this.refresh())),
      input("decompose what is in sight", "window", "checkbox", "false", (v) => ((this.settings.window = v === "true"), this.refresh())),
      input("mark cells where neurons are active", "highlight", "text", "", (v) => this.view.setOptions({ highlight: v.split(/[ ,]+/).filter(Boolean).map(Number).filter(Number.isInteger) }), { placeholder: "0, 3" }),
      this.facts([["cells", "cells"], ["edges", "adjacent pairs"], ["regions", "decision regions"]]),
      button("Stop computing", () => (this.worker ?? this.python)?.cancel(), "cancel"),
    ]);
  }

  graphPanel() {
    return panel("Dual graph", [
      select("weight", "weight", WEIGHTS, "unit", (value) => ((this.settings.weight = value), this.refresh())),
      input("normalised Laplacian", "normalized", "checkbox", "false", (v) => ((this.settings.normalized = v === "true"), this.refresh())),
      this.facts([["lambda", "algebraic connectivity"], ["agreement", "Fiedler cut agrees with classes"]]),
      make("p", { class: "note", id: "statement" }),
      svg("svg", { id: "spectrum", role: "img", "aria-label": "lowest eigenvalues of the Laplacian" }),
    ]);
  }

  topologyPanel() {
    return panel("Topology", [
      this.facts([["f", "faces by dimension"], ["euler", "Euler characteristic"], ["betti", "Betti numbers, f ≥, ≤, = level"]]),
      input("level", "level", "number", "0", (v) => ((this.settings.level = Number(v) || 0), this.refresh()), { step: "any" }),
      make("p", { class: "note" }, ["Persistence of the sublevel sets of f: birth to the right, death upward; blue: components, orange: holes."]),
      svg("svg", { id: "persistence", role: "img", "aria-label": "persistence diagram" }),
    ]);
  }

  exportPanel() {
    const ready = (/** @type {(frame: Frame) => void} */ act) => () => this.frame && act(this.frame);
    return panel("Export", [
      row(
        button("PNG", async () => { const blob = await this.view.png(); if (blob) download("complex.png", blob); }, "png"),
        button("SVG", ready(() => download("complex.svg", viewSvg(this.view))), "svg"),
        button("JSON", () => download("network.json", JSON.stringify(this.model.network)), "json"),
        button("GraphML", ready((frame) => download("dual-graph.graphml", graphML(frame))), "graphml"),
        button("Python", () => download("complex.py", pythonLines(this.model.network, this.domain, this.outputs)), "python"),
      ),
    ]);
  }

  storyPanel() {
    const text = make("p", { class: "note", id: "story" }, ["Choose something to see."]);
    return panel("Stories", [row(...STORIES.map((story, k) => button(story.title, () => this.tell(story), `story${k}`))), text]);
  }

  /** @param {[string, string][]} list */
  facts(list) {
    return make("dl", {}, list.map(([name, title]) => make("div", { "data-fact": name }, [make("dt", {}, [title]), make("dd", {}, ["–"])])));
  }

  // -- what readers do

  listen() {
    this.model.addEventListener("change", (event) => {
      const what = /** @type {CustomEvent} */ (event).detail;
      if (what === "network") {
        this.showWeight();
        this.refresh();
      }
      if (what === "data") this.view.setData(this.model.data.points.length ? this.model.data : null);
      this.showTraining();
    });
    this.view.setData(this.model.data);
    this.view.addEventListener("hover", (event) => this.describe(/** @type {CustomEvent} */ (event).detail));
    this.view.addEventListener("click", (event) => {
      const { point } = /** @type {CustomEvent} */ (event).detail;
      if (this.settings.add && this.model.inputs === 2) this.model.addPoint(point, this.settings.label);
    });
    this.view.addEventListener("select", (event) => this.select(/** @type {CustomEvent} */ (event).detail.cell));
    this.view.addEventListener("window", () => this.settings.window && this.refresh());
    this.showWeight();
    this.showTraining();
  }

  /** @param {() => void} act */
  try(act) {
    try {
      act();
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {string} text */
  useFormula(text) {
    this.try(() => {
      const formula = parseFormula(text);
      const { points } = this.model.data.points.length ? this.model.data : sampleData("xor", this.settings.count, 0, ++this.model.seed);
      this.model.setData({ points, labels: points.map(([x, y]) => (formula(x, y ?? 0) > 0 ? 1 : 0)) });
    });
  }

  async open() {
    const file = byId("file").files[0];
    if (!file) return;
    try {
      if (file.size > 8 * 2 ** 20) throw new Error("the file is larger than 8 MiB");
      const json = file.name.endsWith(".json") ? JSON.parse(await file.text()) : (await this.fromPython(file)).network;
      const network = Network.fromJSON(json);
      if (network.layers.some((layer) => layer.linear)) throw new Error("this network has linear units; look at it from Python");
      this.model.forget();
      this.model.setNetwork(/** @type {any} */ (network.toJSON()));
      this.matchControls();
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {File} file */
  async fromPython(file) {
    if (!this.python) throw new Error("this file is read by Python: start `relutope app`, or save the network as JSON");
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return this.python.ask("open", { name: file.name, data: btoa(text) });
  }

  matchControls() {
    const sizes = this.model.sizes;
    [byId("inputs").value, byId("outputs").value] = [String(sizes[0]), String(sizes.at(-1))];
    byId("widths").value = sizes.slice(1, -1).join(", ");
    this.fillFixed();
    this.view.fitted = false;
    this.refresh();
  }

  fillFixed() {
    const count = Math.max(0, this.model.inputs - 2);
    this.fixed = Array.from({ length: count }, (_, k) => this.fixed[k] ?? 0);
    byId("fixed").replaceChildren(...this.fixed.map((value, k) => {
      const slider = make("input", { type: "range", min: "-2", max: "2", step: "any", "aria-label": `input ${k + 3}` });
      slider.value = String(value);
      slider.addEventListener("input", () => ((this.fixed[k] = Number(slider.value)), this.refresh()));
      return make("label", {}, [`input ${k + 3}`, slider]);
    }));
  }

  /** @param {import("./stories.js").Story} story */
  tell(story) {
    byId("story").textContent = story.text;
    this.training.running = false;
    this.settings.box = story.box ?? 1.2;
    this.settings.everywhere = this.settings.window = false;
    this.settings.colour = story.colour;
    [byId("box").value, byId("colour").value] = [String(this.settings.box), story.colour];
    byId("everywhere").checked = byId("window").checked = false;
    this.model.setData(story.data ? sampleData(story.data, story.data === "xor" ? 24 : 200, 0.02, 1) : { points: [], labels: [] });
    this.model.place = story.place ?? { layer: 0, row: 0, column: 0 };
    this.model.setNetwork(structuredClone(story.network));
    if (story.title === "Late understanding") [byId("decay").value, this.training.decay] = ["1", 1];
    this.matchControls();
  }

  async run() {
    this.training.running = !this.training.running;
    byId("run").textContent = this.training.running ? "Pause" : "Run";
    while (this.training.running) {
      const went = await this.trainSome(this.training.steps);
      if (!went) this.training.running = false;
      await new Promise((resolve) => setTimeout(resolve, 16));
    }
    byId("run").textContent = "Run";
  }

  /** @param {number} steps */
  async trainSome(steps) {
    const { kind, rate, decay, batch } = this.training;
    const request = this.model.trainRequest(steps, { kind, rate, decay }, batch || null);
    try {
      this.model.trained(this.worker ? await this.worker.ask("train", request, "train") : train(/** @type {any} */ (request)));
      return true;
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  // -- what is shown

  showWeight() {
    const { layer, row: i, column } = this.model.place;
    const last = layer === this.model.network.layers.length - 1;
    byId("place").textContent = `${last ? "output" : `layer ${layer + 1}, neuron`} ${i + 1}: ${column < 0 ? "bias" : `weight of ${layer ? "neuron" : "input"} ${column + 1}`}`;
    const value = this.model.value;
    const slider = byId("slider");
    if (Math.abs(value) > Number(slider.max)) [slider.min, slider.max] = [String(-2 * Math.abs(value)), String(2 * Math.abs(value))];
    slider.value = String(value);
    byId("value").value = String(value);
    drawNetwork(byId("network"), this.model.network, this.point ?? null, this.model.place, (place) => ((this.model.place = place), this.showWeight()));
  }

  showTraining() {
    const last = this.model.history.at(-1);
    byId("progress").textContent = last ? `step ${this.model.step}: loss ${short(last.loss)}, accuracy ${short(last.accuracy)}, held out ${short(last.held)}` : "not trained yet";
    drawHistory(byId("history"), this.model.history, (record) => {
      this.training.running = false;
      this.model.setNetwork(structuredClone(record.network));
      this.say(`back at step ${record.step}`);
    });
  }

  showLegend() {
    const { legend } = this.view;
    if (!legend) return;
    if (legend.kind === "scale") {
      const bar = make("span", { class: "bar" });
      bar.style.background = `linear-gradient(to right, ${legend.stops.map(css).join(", ")})`;
      byId("legend").replaceChildren(legend.name, short(legend.low), bar, short(legend.high));
    } else {
      byId("legend").replaceChildren(...legend.entries.flatMap(({ name, colour }) => {
        const key = make("span", { class: "key" });
        key.style.background = css(colour);
        return [key, name];
      }));
    }
  }

  /** @param {{cell: number, point: number[]}} hovered */
  describe({ cell, point }) {
    const frame = this.frame;
    this.point = Number.isFinite(point[0]) ? [...point.slice(0, Math.min(2, this.model.inputs)), ...this.fixed].slice(0, this.model.inputs) : undefined;
    if (!frame || cell < 0 || cell >= frame.header.n_cells) return;
    const { n_neurons: N, dim: n, n_output_neurons: extra } = frame.header;
    const { patterns, adjacency, labels } = frame.arrays;
    const bits = patterns.subarray(cell * N, (cell + 1) * N - extra).join("");
    const degree = adjacency.filter((i) => i === cell).length;
    const fixed = /** @type {number[]} */ (this.shown?.slice?.origin.slice(2) ?? []);
    const forms = mapOfCell(this.shown?.network ?? this.model.network, patterns.subarray(cell * N, (cell + 1) * N)).map((row) => {
      const constant = fixed.reduce((sum, value, k) => sum + value * row[n + k], row[row.length - 1]);
      return [...row.slice(0, n).map((a, j) => `${short(a)}${"xy"[j]}`), short(constant)].join(" + ");
    });
    byId("hover").textContent = `cell ${cell} at (${point.slice(0, n).map(short).join(", ")}): pattern ${bits}, class ${labels?.[cell] ?? "–"}, ${degree} neighbours; f = ${forms.join("; ")}`;
  }

  /** @param {number} cell */
  select(cell) {
    const frame = this.frame;
    if (!frame || cell < 0 || cell >= frame.header.n_cells) return;
    const { adjacency, zero_begin: begin, zero_neurons: zeros } = frame.arrays;
    const found = [];
    for (let k = 0; 2 * k < adjacency.length; k++) {
      const [a, b] = [adjacency[2 * k], adjacency[2 * k + 1]];
      if (a === cell || b === cell) found.push(`${a === cell ? b : a} (neuron ${zeros.subarray(begin[k], begin[k + 1]).join(", ")})`);
    }
    this.say(`cell ${cell} touches ${found.join("; ")}`);
  }

  /** @param {string} name */
  entry(name) {
    return /** @type {HTMLElement} */ (document.querySelector(`[data-fact="${name}"] dd`));
  }

  /** @param {string} name @param {unknown} value */
  state(name, value) {
    this.entry(name).textContent = String(value ?? "–");
    this.entry(name).classList.remove("stale");
  }

  /** @param {string} name */
  stale(name) {
    this.entry(name).classList.add("stale");
  }

  /** @param {unknown} error */
  complain(error) {
    if (error instanceof ProviderError && ["dropped", "cancelled"].includes(error.kind)) return;
    this.say(error instanceof Error ? error.message : String(error), true);
  }

  /** @param {string} text @param {boolean} [bad] */
  say(text, bad = false) {
    byId("status").textContent = text;
    byId("status").classList.toggle("bad", bad);
  }
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b share of equal entries, the better way round */
function share(a, b) {
  let same = 0;
  for (let k = 0; k < a.length; k++) same += Number(a[k] === b[k]);
  return Math.max(same, a.length - same) / a.length;
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(Number.isFinite(value) ? value : low, low), high);
}

/** @param {string} inputs @param {string} widths @param {string} outputs */
function sizesFrom(inputs, widths, outputs) {
  const hidden = widths.split(/[ ,;-]+/).filter(Boolean).map(Number);
  const sizes = [Number(inputs), ...hidden, Number(outputs)];
  const most = [10, ...hidden.map(() => 128), 10];
  if (!hidden.length || hidden.length > 8 || sizes.some((size, k) => !Number.isInteger(size) || size < 1 || size > most[k])) {
    throw new Error("give 1 to 10 inputs and outputs, and 1 to 8 hidden layers of 1 to 128 neurons");
  }
  return sizes;
}

const pageConfig = JSON.parse(byId("config").textContent);
Object.assign(window, { page: new Page(pageConfig) });
if (location.search) window.history.replaceState(null, "", location.pathname); // the token stays out of sight
