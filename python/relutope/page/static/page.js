// @ts-check
// The page: controls change the model, the model is decomposed, the answer is drawn. The controls are in panels.js; what has a use
// without the page (model, charts, samples, expressions, exports, training, providers) is a module of its own.
// One file: who is asked, what is asked and what is shown share one state, the question that the picture answers.

import { agreementOf } from "./agreement.js";
import { drawCurves, drawHistory, drawNetwork, drawPersistence, drawSpectrum, short } from "./charts.js";
import { cellVolumes, css, neededFor, PYTHON_ONLY } from "./colours.js";
import { byId } from "./controls.js";
import { make } from "./dom.js";
import { download, downloadBytes, graphML, pythonLines } from "./exports.js";
import { parseFormula } from "./expression.js";
import { Model } from "./model.js";
import { mapOfCell } from "./maps.js";
import { drawNerve, MOST_NEURONS, neuronNerve } from "./nerve.js";
import { Network } from "./network.js";
import { drawZeroLine } from "./overlay.js";
import { clamp, complexPanel, dataPanel, exportPanel, graphPanel, networkPanel, storyPanel, topologyPanel, trainingPanel, weightPanel } from "./panels.js";
import { ProviderError, SocketProvider, WorkerProvider } from "./providers.js";
import { parseTable, sampleData } from "./samples.js";
import { SpaceView } from "./space.js";
import { viewSvg } from "./svg.js";
import { train } from "./training.js";
import { ComplexView } from "./view.js";

/** @typedef {import("./frame.js").Frame} Frame */

const MOST_DRAWN = 100_000;
const MANY = 20_000; // cells beyond which a smaller window is offered
const SETS = { superlevel: "f ≥ level", sublevel: "f ≤ level", level: "f = level" };
const BY_PYTHON = "Python answers this: start `relutope app`";

export class Page {
  /** @param {any} config */
  constructor(config) {
    this.config = config;
    this.model = new Model();
    this.settings = { init: "he", colour: "label", look: "plane", weight: "unit", normalized: false, level: 0, everywhere: false, window: false, box: 1.2, data: "annuli", count: 200, noise: 0.02, label: 1, add: false, target: true, wrong: true, parts: 4, mode: 2 };
    this.training = { kind: "adamw", rate: 0.03, decay: 0, batch: 0, steps: 5, running: false };
    /** @type {number[]} values of the inputs beyond those drawn */
    this.fixed = [];
    /** @type {number[][] | null} three points whose triangle is drawn */
    this.points = null;
    /** @type {((x: number, y: number) => number) | null} */
    this.target = null;
    /** @type {Frame | null} */
    this.frame = null;
    /** The question that the frame answers. @type {any} */
    this.shown = null;
    /** Counts the questions, so that a late answer is known. */
    this.turn = 0;
    this.build();
    this.view = new ComplexView(byId("stage"), { colour: "label" });
    this.view.overlay = (context) => this.target && this.settings.target && this.isPlane && drawZeroLine(context, this.view, this.target);
    this.space = new SpaceView(byId("stage"), { colour: "label" });
    this.space.canvas.hidden = true;
    this.listen();
    if (config.data) this.model.setData(config.data);
    if (config.box) [this.settings.box, byId("box").value] = [config.box, String(config.box)];
    if (config.network) {
      this.model.begin(config.network);
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

  /** @param {Record<string, any>} request @param {string} kind @returns {Promise<Frame>} */
  ask(request, kind) {
    const byPython = request.want.some((/** @type {string} */ name) => PYTHON_ONLY.includes(name));
    const provider = byPython ? this.python : this.worker ?? this.python;
    if (!provider) return Promise.reject(new Error(byPython ? BY_PYTHON : "the engine is starting"));
    return provider.ask("complex", { ...request, maxCells: MOST_DRAWN }, kind);
  }

  /** What only Python answers, greyed where there is none. @template {Element} T @param {T} element @returns {T} */
  forPython(element) {
    if (this.config.socket) return element;
    element.setAttribute("title", BY_PYTHON);
    for (const control of /** @type {any[]} */ ([...element.querySelectorAll("button, input, select")])) control.disabled = true;
    return element;
  }

  cancel() {
    this.worker?.cancel();
    this.python?.cancel();
  }

  // -- what is asked

  get outputs() {
    return this.model.outputs === 1 ? "sign" : "argmax";
  }

  /** Dimension of what is decomposed. */
  get dim() {
    return this.isThrough ? 2 : Math.min(this.model.inputs, this.settings.look === "space" ? 3 : 2);
  }

  get isThrough() {
    return this.points !== null && this.points[0].length === this.model.inputs && this.settings.look === "plane";
  }

  /** Whether the picture is of the first two inputs. */
  get isPlane() {
    return this.dim === 2 && !this.isThrough;
  }

  get inSpace() {
    return this.settings.look === "space" && this.model.inputs > 1;
  }

  get domain() {
    const { everywhere, window, box } = this.settings;
    if (this.isThrough || (everywhere && !this.inSpace)) return null;
    if (window && this.view?.frame && this.isPlane && !this.inSpace) return this.view.window;
    return { lower: new Array(this.dim).fill(-box), upper: new Array(this.dim).fill(box) };
  }

  get request() {
    const { network, inputs } = this.model;
    const base = { network, domain: this.domain, outputs: this.outputs };
    if (this.isThrough) return { ...base, slice: { points: this.points } };
    if (inputs <= this.dim) return base;
    const basis = Array.from({ length: this.dim }, (_, k) => Array.from({ length: inputs }, (_, i) => (i === k ? 1 : 0)));
    return { ...base, slice: { origin: [...new Array(this.dim).fill(0), ...this.fixed], basis } };
  }

  /** The picture at once, the numbers when nothing newer is asked for. */
  async refresh() {
    const { colour, weight, normalized, parts, mode } = this.settings;
    const needed = neededFor(colour, this.dim);
    const want = [...new Set(["outlines", "patterns", "edges", "decisions", ...needed, ...(this.inSpace ? ["maps"] : [])])];
    const request = this.request;
    const start = performance.now();
    const turn = ++this.turn;
    clearTimeout(this.later);
    for (const element of document.querySelectorAll("[data-fact] dd, #curve, #nullresult, #parted, #nerve")) element.classList.add("stale");
    try {
      const frame = await this.ask({ ...request, want, weight, normalized, ...(colour === "clusters" ? { parts } : {}), ...(colour === "nodal" ? { mode } : {}) }, "picture");
      if (turn !== this.turn) return; // the other provider has answered a later question
      this.frame = frame;
      this.shown = request;
      this.draw(frame, colour);
      this.state("cells", frame.header.n_cells);
      this.state("edges", frame.header.n_edges);
      this.state("regions", frame.header.n_regions);
      this.showLegend();
      this.showParts(frame.header);
      this.elapsed = performance.now() - start;
      const many = frame.header.n_cells > MANY ? "; so many are slow, take a smaller window" : "";
      byId("smaller").hidden = !many;
      this.say(`${frame.header.n_cells} cells, drawn in ${this.elapsed.toFixed(0)} ms by ${frame.header.provider === "python" ? "Python" : "this browser"}${many}`);
      this.later = window.setTimeout(() => this.refreshFacts(request, turn), this.training.running ? 400 : 100);
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {Frame} frame @param {string} colour */
  draw(frame, colour) {
    const space = frame.header.dim === 3 || (this.inSpace && frame.header.dim === 2);
    this.space.canvas.hidden = !space;
    for (const canvas of [this.view.base, this.view.lines]) canvas.hidden = space;
    if (space) {
      this.space.options.colour = colour;
      this.space.setFrame(frame);
    } else {
      Object.assign(this.view.options, { colour, boundary: true });
      this.view.setFrame(frame);
    }
  }

  /** @param {any} request @param {number} turn */
  async refreshFacts(request, turn) {
    const { weight, normalized, level } = this.settings;
    const one = this.model.outputs === 1;
    const want = ["f_vector", "spectrum", "decisions", "patterns", "edges", "outlines", ...(one ? ["betti", "persistence"] : [])];
    const betti = Object.keys(SETS).map((of) => ({ of, level }));
    try {
      const frame = await this.ask({ ...request, want, weight, normalized, modes: 12, betti }, "facts");
      if (turn !== this.turn) return;
      const { header, arrays } = frame;
      const euler = header.f_vector.reduce((/** @type {number} */ sum, /** @type {number} */ f, /** @type {number} */ k) => sum + (k % 2 ? -f : f), 0);
      this.state("f", header.f_vector.join(", "));
      this.state("euler", euler);
      this.state("betti", header.betti?.map((/** @type {number[]} */ b) => `(${b.join(", ")})`).join(" ") ?? "–");
      this.state("lambda", header.fiedler.value === null || Number.isNaN(header.fiedler.value) ? "–" : header.fiedler.value.toPrecision(6));
      const found = one ? agreementOf(arrays.fiedler_side, arrays.labels, arrays.adjacency, cellVolumes(frame)) : null;
      const percent = (/** @type {number | undefined} */ x) => (x === undefined || Number.isNaN(x) ? "–" : `${(100 * x).toFixed(1)} %`);
      this.state("agreement", percent(found?.accuracy));
      for (const name of /** @type {const} */ (["volume", "recall", "precision"])) this.state(name, percent(found?.[name]));
      this.state("ari", found ? found.ari.toFixed(3) : "–");
      byId("statement").textContent = header.fiedler.statement;
      drawSpectrum(byId("spectrum"), arrays.spectrum ?? []);
      drawPersistence(byId("persistence"), arrays.persistence ?? []);
      this.showNerve(frame);
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {string} command @param {object} more @param {(answer: any) => void} show */
  async askPython(command, more, show) {
    if (!this.python) return this.say(BY_PYTHON, true);
    const request = this.request;
    const { weight, normalized } = this.settings;
    this.say(`Python computes: ${command}`);
    try {
      const found = await this.python.ask(command, { ...request, weight, normalized, ...more }, command);
      if (["curves", "nulls"].includes(command) && JSON.stringify(request) !== JSON.stringify(this.request)) return; // of another network
      show(found);
      this.say("");
    } catch (error) {
      this.complain(error);
    }
  }

  askCurves() {
    return this.askPython("curves", { draws: 20 }, (found) => {
      drawCurves(byId("curve"), found);
      byId("curve").classList.remove("stale");
      byId("curvenote").textContent = `Mean Betti numbers (blue: components, orange: holes) while the ${found.n_cells} cells enter in ${found.draws} random orders; bands: 95 % of the mean.`;
    });
  }

  askNulls() {
    return this.askPython("nulls", { draws: 10 }, (found) => {
      const percent = (/** @type {number | null} */ x) => (x === null ? "undefined" : `${(100 * x).toFixed(1)} %`);
      const spread = (/** @type {string} */ name) => {
        const known = found[name].filter((/** @type {number | null} */ x) => x !== null).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
        const missing = found[name].length - known.length;
        const middle = known.length ? `${percent((known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2)} (${percent(known[0])} to ${percent(known[known.length - 1])})` : "undefined";
        return `${name} ${middle}${missing ? `, ${missing} undefined` : ""}`;
      };
      byId("nullresult").textContent = `Agreement: this network ${percent(found.own)}; medians of ten: ${spread("shuffled weights")}; ${spread("untrained")}.`;
      byId("nullresult").classList.remove("stale");
    });
  }

  /** @param {string} name */
  useRealData(name) {
    if (!name) return;
    return this.askPython("data", { name }, (found) => {
      this.setSamples({ points: found.points, labels: found.labels });
      this.say(`${found.title}: ${found.axes.join("; ")}`);
    });
  }

  /** @param {string} format */
  export(format) {
    const history = this.model.history.map(({ step, loss, accuracy, network }) => ({ step, loss, accuracy, network }));
    return this.askPython("export", { format, history, data: this.model.data }, ({ name, data }) => downloadBytes(name, data));
  }

  // -- building

  build() {
    const left = make("div", { id: "left" }, [networkPanel(this), weightPanel(this), dataPanel(this)]);
    const stage = make("div", { id: "stage" });
    const middle = make("div", { id: "middle" }, [stage, make("p", { id: "status", role: "status" }), make("p", { class: "legend", id: "legend" }), make("p", { id: "hover" }), storyPanel(this), make("div", { id: "below" }, [graphPanel(this), topologyPanel(this)])]);
    const right = make("div", { id: "right" }, [trainingPanel(this), complexPanel(this), exportPanel(this)]);
    document.body.append(
      make("header", {}, [make("h1", {}, ["relutope"]), make("p", {}, ["How a ReLU network cuts its input space into cells, exactly, while you change it."])]),
      make("main", {}, [left, middle, right]),
    );
    byId("smaller").hidden = true;
    this.fillFixed();
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
        this.refreshing = this.refresh();
      }
      this.showData();
      this.showTraining();
    });
    this.showData();
    for (const view of [this.view, this.space]) {
      view.addEventListener("hover", (event) => this.describe(/** @type {CustomEvent} */ (event).detail));
      view.addEventListener("select", (event) => this.select(/** @type {CustomEvent} */ (event).detail.cell));
    }
    this.view.addEventListener("click", (event) => {
      const { point } = /** @type {CustomEvent} */ (event).detail;
      if (this.settings.add && this.model.inputs === 2) this.model.addPoint(point, this.settings.label);
    });
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

  rebuild() {
    this.try(() => {
      const sizes = sizesFrom(byId("inputs").value, byId("widths").value, byId("outputs").value);
      const other = sizes[0] !== this.model.inputs;
      this.view.fitted = false;
      this.model.rebuild(sizes, this.settings.init);
      this.fillFixed();
      if (other && this.model.data.points.length) this.drawSamples();
      if (other) this.refresh();
    });
  }

  drawSamples() {
    const { data, count, noise } = this.settings;
    this.target = null;
    this.model.setData(sampleData(data, count, noise, ++this.model.seed, this.model.inputs));
  }

  /** Points of any number of inputs: the network and the box follow. @param {import("./samples.js").Samples} samples */
  setSamples(samples) {
    const size = samples.points[0].length;
    this.target = null;
    if (size !== this.model.inputs) {
      byId("inputs").value = String(size);
      const sizes = sizesFrom(String(size), byId("widths").value, byId("outputs").value);
      this.model.rebuild(sizes, this.settings.init);
      this.fillFixed();
    }
    const reach = samples.points.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    this.settings.box = Math.max(1.2, Number((1.1 * reach).toPrecision(2)));
    byId("box").value = String(this.settings.box);
    this.view.fitted = false;
    this.model.setData(samples);
    this.refresh();
  }

  /** @param {string} text */
  useTable(text) {
    this.try(() => this.setSamples(parseTable(text)));
  }

  async openTable() {
    const file = byId("tablefile").files[0];
    if (!file) return;
    if (file.size > 8 * 2 ** 20) return this.say("the file is larger than 8 MiB", true);
    this.useTable(await file.text());
  }

  /** @param {string} text */
  useFormula(text) {
    this.try(() => {
      const formula = parseFormula(text);
      const known = this.model.data.points.length ? this.model.data : sampleData("xor", this.settings.count, 0, ++this.model.seed, this.model.inputs);
      this.target = formula;
      this.model.setData({ points: known.points, labels: known.points.map(([x, y]) => (formula(x, y ?? 0) > 0 ? 1 : 0)) });
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
      this.model.begin(/** @type {any} */ (network.toJSON()));
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
    const { inputs } = this.model;
    const count = Math.max(0, inputs - this.dim);
    this.fixed = Array.from({ length: this.isThrough ? 0 : count }, (_, k) => this.fixed[k] ?? 0);
    byId("fixed").replaceChildren(...this.fixed.map((value, k) => {
      const number = this.dim + k + 1;
      const slider = make("input", { type: "range", min: "-2", max: "2", step: "any", "aria-label": `input ${number}` });
      slider.value = String(value);
      slider.addEventListener("input", () => ((this.fixed[k] = Number(slider.value)), this.refresh()));
      return make("label", {}, [`input ${number}`, slider]);
    }));
    byId("through").hidden = inputs < 3 || this.settings.look === "space";
    byId("spacial").hidden = this.settings.look !== "space";
  }

  /** @param {string} look */
  lookAt(look) {
    this.settings.look = look;
    this.fixed = [];
    this.fillFixed();
    this.view.fitted = false;
    this.refresh();
  }

  /** @param {string} text three points, or nothing */
  sliceThrough(text) {
    this.try(() => {
      const rows = text.split(";").map((part) => part.split(",").map(Number)).filter(() => text.trim() !== "");
      if (rows.length && (rows.length !== 3 || rows.some((row) => row.length !== this.model.inputs || !row.every(Number.isFinite)))) {
        throw new Error(`give three points of ${this.model.inputs} numbers, as in 0,0,0; 1,0,0; 0,1,1`);
      }
      this.points = rows.length ? rows : null;
      this.fillFixed();
      this.view.fitted = false;
      this.refresh();
    });
  }

  /** @param {string} colour */
  colourBy(colour) {
    this.settings.colour = byId("colour").value = colour;
    this.refresh();
  }

  /** @param {number[]} neurons */
  highlight(neurons) {
    byId("highlight").value = neurons.join(", ");
    this.view.setOptions({ highlight: neurons });
  }

  shrink() {
    this.settings.box /= 2;
    byId("box").value = String(this.settings.box);
    if (this.settings.window) this.view.zoom(2, this.view.base.width / 2, this.view.base.height / 2);
    this.view.fitted = this.settings.window;
    this.refresh();
  }

  /** Layer, neuron and input by number, from 1; input 0 is the bias. @param {number} layer @param {number} row @param {number} column */
  choose(layer, row, column) {
    const { layers } = this.model.network;
    const l = clamp(Math.round(layer), 1, layers.length) - 1;
    const i = clamp(Math.round(row), 1, layers[l].b.length) - 1;
    this.model.place = { layer: l, row: i, column: clamp(Math.round(column), 0, layers[l].W[0].length) - 1 };
    this.showWeight();
  }

  /** @param {import("./stories.js").Story} story */
  tell(story) {
    byId("story").textContent = story.text;
    this.training.running = false;
    this.points = this.target = null;
    Object.assign(this.settings, { box: story.box ?? 1.2, everywhere: false, window: false, colour: story.colour, look: "plane" });
    [byId("box").value, byId("colour").value, byId("look").value] = [String(this.settings.box), story.colour, "plane"];
    byId("everywhere").checked = byId("window").checked = false;
    this.model.data = story.data ? sampleData(story.data, story.data === "xor" ? 24 : 200, 0.02, 1) : { points: [], labels: [] };
    this.model.place = story.place ?? { layer: 0, row: 0, column: 0 };
    this.model.begin(structuredClone(story.network));
    this.training.decay = story.decay ?? 0;
    byId("decay").value = String(this.training.decay);
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
    try {
      const request = this.model.trainRequest(steps, { kind, rate, decay }, batch || null);
      this.model.trained(this.worker ? await this.worker.ask("train", request, "train") : train(/** @type {any} */ (request)));
      return true;
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  /** @param {import("./model.js").Recorded | undefined} record */
  goBack(record) {
    if (!record) return;
    this.training.running = false;
    this.model.setNetwork(structuredClone(record.network));
    this.say(`back at step ${record.step}`);
  }

  // -- files

  async png() {
    const blob = await (this.inSpace ? this.space : this.view).png();
    if (blob) download("complex.png", blob);
  }

  svg() {
    if (this.inSpace) return this.say("in space there is a PNG; the SVG is of the plane", true);
    if (this.frame) download("complex.svg", viewSvg(this.view));
  }

  json() {
    download("network.json", JSON.stringify(this.model.network));
  }

  graphML() {
    if (this.frame) download("dual-graph.graphml", graphML(this.frame));
  }

  lines() {
    download("complex.py", pythonLines(this.request));
  }

  // -- what is shown

  showData() {
    const { data, inputs } = this.model;
    const shown = data.points.length > 0 && !this.isThrough;
    const wrong = this.settings.wrong && data.points[0]?.length === inputs ? this.model.wrong : undefined;
    this.view.setData(shown ? { ...data, wrong } : null);
  }

  showWeight() {
    const { layer, row: i, column } = this.model.place;
    const last = layer === this.model.network.layers.length - 1;
    byId("place").textContent = `${last ? "output" : `layer ${layer + 1}, neuron`} ${i + 1}: ${column < 0 ? "bias" : `weight of ${layer ? "neuron" : "input"} ${column + 1}`}`;
    [byId("placelayer").value, byId("placerow").value, byId("placecolumn").value] = [layer, i, column].map((k) => String(k + 1));
    const value = this.model.value;
    const slider = byId("slider");
    if (Math.abs(value) > Number(slider.max)) [slider.min, slider.max] = [String(-2 * Math.abs(value)), String(2 * Math.abs(value))];
    slider.value = String(value);
    byId("value").value = String(value);
    drawNetwork(byId("network"), this.model.network, this.point ?? null, this.model.place, (place) => ((this.model.place = place), this.showWeight()));
  }

  showTraining() {
    const { history } = this.model;
    const last = history.at(-1);
    byId("progress").textContent = last ? `step ${this.model.step}: loss ${short(last.loss)}, accuracy ${short(last.accuracy)}, held out ${short(last.held)}` : "not trained yet";
    const slider = byId("when");
    slider.max = String(Math.max(0, history.length - 1));
    if (document.activeElement !== slider) slider.value = slider.max;
    drawHistory(byId("history"), history, (record) => this.goBack(record));
  }

  showLegend() {
    const { legend } = this.inSpace ? this.space : this.view;
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

  /** What Python says of the partition that colours the cells. @param {Record<string, any>} header */
  showParts({ clusters, nodal }) {
    const note = byId("parted");
    if (clusters) note.textContent = `${clusters.sizes.length} clusters of ${clusters.sizes.join(", ")} cells; normalised cut ${short(clusters.normalized_cut)}`;
    if (nodal) note.textContent = `mode ${nodal.mode}, eigenvalue ${short(nodal.value)}: ${nodal.n_strong} strong and ${nodal.n_weak} weak nodal domains, ${nodal.n_zero} zeros`;
    if (clusters || nodal) note.classList.remove("stale");
  }

  /** @param {Frame} frame */
  showNerve(frame) {
    const width = frame.header.n_neurons - frame.header.n_output_neurons;
    if (width > MOST_NEURONS) {
      byId("nerve").replaceChildren();
      return this.state("nerve", `up to ${MOST_NEURONS} neurons`);
    }
    const nerve = neuronNerve(frame);
    this.state("nerve", nerve.map((list) => list.length).join(", "));
    drawNerve(byId("nerve"), nerve, (neurons) => this.highlight(neurons));
    byId("nerve").classList.remove("stale");
  }

  /** Rows [a..., c] of the outputs in the coordinates of the picture. @param {number} cell */
  formsOf(cell) {
    const { header, arrays } = /** @type {Frame} */ (this.frame);
    const rows = mapOfCell(this.shown.network, arrays.patterns.subarray(cell * header.n_neurons, (cell + 1) * header.n_neurons));
    const { slice } = this.shown;
    if (!slice) return rows;
    const origin = /** @type {number[]} */ (slice.origin ?? slice.points[0]);
    const basis = /** @type {number[][]} */ (slice.basis ?? slice.points.slice(1).map((/** @type {number[]} */ p) => p.map((x, i) => x - origin[i])));
    const along = (/** @type {number[]} */ row, /** @type {number[]} */ v) => v.reduce((sum, x, i) => sum + x * row[i], 0);
    return rows.map((row) => [...basis.map((v) => along(row, v)), along(row, origin) + row[row.length - 1]]);
  }

  /** @param {{cell: number, point: number[]}} hovered */
  describe({ cell, point }) {
    const frame = this.frame;
    const drawn = Math.min(this.dim, this.model.inputs);
    this.point = Number.isFinite(point[0]) && !this.isThrough ? [...point.slice(0, drawn), ...this.fixed].slice(0, this.model.inputs) : undefined;
    if (!frame || cell < 0 || cell >= frame.header.n_cells) return;
    const { n_neurons: N, dim: n, n_output_neurons: extra } = frame.header;
    const { patterns, adjacency, labels } = frame.arrays;
    const bits = patterns.subarray(cell * N, (cell + 1) * N - extra).join("");
    const degree = adjacency.filter((i) => i === cell).length;
    this.volumes = this.measured === frame ? this.volumes : cellVolumes(frame);
    this.measured = frame;
    const forms = this.formsOf(cell).map((row) => [...row.slice(0, n).map((a, j) => `${short(a)}${"xyz"[j]}`), short(row[n])].join(" + "));
    byId("hover").textContent = `cell ${cell} at (${point.slice(0, n).map(short).join(", ")}): pattern ${bits}, class ${labels?.[cell] ?? "–"}, ${degree} neighbours, ${["", "length", "area", "volume"][n]} ${short(this.volumes?.[cell] ?? NaN)}; f = ${forms.join("; ")}`;
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

  /** @param {string} name @param {unknown} value */
  state(name, value) {
    const entry = /** @type {HTMLElement} */ (document.querySelector(`[data-fact="${name}"] dd`));
    entry.textContent = String(value ?? "–");
    entry.classList.remove("stale");
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
