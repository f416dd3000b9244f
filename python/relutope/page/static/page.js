// @ts-check
// The page: controls change the model, the model is decomposed, the answer is drawn. The state, and what is asked; the controls are in
// panels.js, what they do in files.js, points.js and trainer.js, what is said beside the picture in readout.js and facts.js.
// One file: who is asked, what is asked and what is shown share one state, the question that the picture answers.

import { BY_PYTHON, connect } from "./connection.js";
import { neededFor, PYTHON_ONLY } from "./colours.js";
import { byId } from "./controls.js";
import { Diagram } from "./diagram.js";
import { make } from "./dom.js";
import { refreshFacts } from "./facts.js";
import { Model, sizesFrom } from "./model.js";
import { drawZeroLine } from "./overlay.js";
import { paced } from "./pace.js";
import { clamp, complexPanel, dataPanel, exportPanel, graphPanel, networkPanel, storyPanel, topologyPanel, trainingPanel, weightPanel } from "./panels.js";
import { drawSamples } from "./points.js";
import { ProviderError } from "./providers.js";
import { describeCell, describeTouching, drawDiagram, showLegend, showParts, showTraining, showWeight } from "./readout.js";
import { sampleData } from "./samples.js";
import { SpaceView } from "./space.js";
import { ComplexView } from "./view.js";

/** @typedef {import("./frame.js").Frame} Frame */

const MOST_DRAWN = 100_000;
const MANY = 20_000; // cells beyond which a smaller window is offered
// A browser without a graphics card takes longer to lay out and paint a page whose words change than the engine takes for a picture:
// while one picture follows another, words and drawings beside them come less often.
const LAG = 250; // ms between drawings of the network and of its history
const WORDS = 150; // ms between words about the picture and the weight

export class Page {
  /** @param {any} config */
  constructor(config) {
    this.config = config;
    this.model = new Model();
    this.settings = { init: "he", colour: "label", look: "plane", weight: "unit", normalized: false, level: 0, everywhere: false, window: false, box: 1.2, data: "annuli", count: 200, noise: 0.02, label: 1, add: false, target: true, wrong: true, parts: 4, mode: 2 };
    this.training = { kind: "adamw", rate: 0.03, decay: 0, batch: 0, steps: 5, running: false, busy: false };
    /** @type {number[]} values of the inputs beyond those drawn */
    this.fixed = [];
    /** @type {number[][] | null} three points whose triangle is drawn */
    this.points = null;
    /** @type {((x: number, y: number) => number) | null} */
    this.target = null;
    this.said = { text: "", bad: false };
    /** @type {Frame | null} */
    this.frame = null;
    /** The question that the frame answers. @type {any} */
    this.shown = null;
    /** Counts the questions, so that a late answer is known. */
    this.turn = 0;
    /** Seconds a cell that each kind of numbers took last. @type {Map<string, number>} */
    this.costs = new Map();
    /** Which kind of numbers comes first, see `liveFacts`. */
    this.first = 0;
    /** Whether curves of random orders follow the network. */
    this.follows = false;
    /** Sizes of the cells of a frame, once a cell was pointed at. @type {{frame: Frame, volumes: Float64Array} | undefined} */
    this.measured = undefined;
    /** What is pointed at. @type {number[] | undefined} */
    this.point = undefined;
    /** @type {import("./providers.js").WorkerProvider | undefined} */
    this.worker = undefined;
    /** @type {import("./providers.js").SocketProvider | undefined} */
    this.python = undefined;
    this.build();
    /** Places of the numbers. @type {Map<string, HTMLElement>} */
    this.places = new Map(Array.from(document.querySelectorAll("[data-fact]"), (entry) => [/** @type {HTMLElement} */ (entry).dataset.fact ?? "", /** @type {HTMLElement} */ (entry.querySelector("dd"))]));
    /** What comes later than the picture. */
    this.lagging = [...this.places.values(), ...["curve", "nullresult", "parted", "nerve", "spectrum", "statement", "persistence"].map(byId)];
    this.diagram = new Diagram(byId("network"), (place) => ((this.model.place = place), showWeight(this)));
    this.describeSoon = paced(() => this.describe(), WORDS);
    this.drawDiagram = paced(() => drawDiagram(this), LAG);
    this.drawProgress = paced(() => showTraining(this), LAG);
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
    connect(config, (text) => (byId("status").textContent = text)).then((found) => {
      Object.assign(this, found);
      this.refresh();
    }, (error) => this.say(error.message, true));
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
    this.complained = false;
    this.turnGrey();
    try {
      const frame = await this.ask({ ...request, want, draft: true, weight, normalized, ...(colour === "clusters" ? { parts } : {}), ...(colour === "nodal" ? { mode } : {}) }, "picture");
      if (turn !== this.turn) return; // the other provider has answered a later question
      this.frame = frame;
      this.shown = request;
      this.draw(frame, colour);
      this.elapsed = performance.now() - start;
      this.undescribed = true;
      this.describeSoon();
    } catch (error) {
      this.complain(error);
    }
    if (turn === this.turn) this.settle();
  }

  /** What is known with a picture: of the one that is shown. */
  describe() {
    const { frame } = this;
    showWeight(this);
    if (!frame || !this.undescribed) return;
    this.undescribed = false;
    const { header } = frame;
    this.state("cells", header.n_cells);
    this.state("edges", header.n_edges);
    this.state("regions", header.n_regions);
    showLegend(this);
    showParts(this, header);
    if (this.complained) return; // of a later question
    const many = header.n_cells > MANY ? "; so many are slow, take a smaller window" : "";
    byId("smaller").hidden = !many;
    this.say(`${header.n_cells} cells, drawn in ${(this.elapsed ?? 0).toFixed(0)} ms by ${header.provider === "python" ? "Python" : "this browser"}${many}`);
  }

  /** Numbers of another picture than the one that comes. */
  turnGrey() {
    if (this.grey) return;
    this.grey = true;
    for (const element of this.lagging) element.classList.add("stale");
  }

  /** What an element says is of the picture that is shown; while a training runs, the next one has come already. @param {Element} element */
  turnFresh(element) {
    if (this.training.running) return;
    this.grey = false;
    element.classList.remove("stale");
  }

  /** The numbers of the picture that is shown, soon, unless another one comes before; a training asks for them itself. */
  settle() {
    const { shown, turn } = this;
    clearTimeout(this.later);
    if (shown && !this.training.running) this.later = window.setTimeout(() => refreshFacts(this, shown, turn), 100);
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
      this.view.setPicture(frame, this.shownData);
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
        this.describeSoon();
        this.refreshing = this.refresh(); // and the points with it
      } else {
        if (what === "data") this.showData();
        if (this.training.running) this.drawProgress();
        else showTraining(this);
      }
    });
    this.showData();
    for (const view of [this.view, this.space]) {
      view.addEventListener("hover", (event) => describeCell(this, /** @type {CustomEvent} */ (event).detail));
      view.addEventListener("select", (event) => describeTouching(this, /** @type {CustomEvent} */ (event).detail.cell));
    }
    this.view.addEventListener("click", (event) => {
      const { point } = /** @type {CustomEvent} */ (event).detail;
      if (this.settings.add && this.model.inputs === 2) this.model.addPoint(point, this.settings.label);
    });
    this.view.addEventListener("window", () => this.settings.window && this.refresh());
    showWeight(this);
    showTraining(this);
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
      if (other && this.model.data.points.length) drawSamples(this);
      if (other) this.refresh();
    });
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
    showWeight(this);
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

  // -- what is shown

  /** The points of the plane, and which the network of the picture gets wrong. */
  get shownData() {
    const { data, inputs } = this.model;
    if (!data.points.length || this.isThrough) return null;
    const rings = this.settings.wrong && data.points[0].length === inputs;
    return { ...data, wrong: rings ? this.model.wrong(this.shown?.network ?? this.model.network) : undefined };
  }

  showData() {
    this.view.setData(this.shownData);
  }

  /** @param {string} name @param {unknown} value */
  state(name, value) {
    const entry = /** @type {HTMLElement} */ (this.places.get(name));
    entry.textContent = String(value ?? "–");
    this.turnFresh(entry);
  }

  /** @param {unknown} error */
  complain(error) {
    if (error instanceof ProviderError && ["dropped", "cancelled"].includes(error.kind)) return;
    this.complained = true;
    this.say(error instanceof Error ? error.message : String(error), true);
  }

  /** @param {string} text @param {boolean} [bad] */
  say(text, bad = false) {
    this.said = { text, bad };
    byId("status").textContent = text;
    byId("status").classList.toggle("bad", bad);
  }
}

const pageConfig = JSON.parse(byId("config").textContent);
Object.assign(window, { page: new Page(pageConfig) });
if (location.search) window.history.replaceState(null, "", location.pathname); // the token stays out of sight
