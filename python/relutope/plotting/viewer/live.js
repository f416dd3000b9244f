// @ts-check
// A live figure in a page of its own, or in a notebook (notebook.js): the engine is unpacked from the page itself, recorded networks are
// decomposed anew as the reader scrubs through them or drags a weight. Without scripts, workers or WebAssembly what the page had before
// stays.
// One file: what is shown, asked, and stated belongs to one network at a time; what has a use of its own (picture, frames, maps, workers)
// is a module.

import { COLOURINGS, css, neededFor } from "./colours.js";
import { make } from "./dom.js";
import { mapOfCell } from "./maps.js";
import { ProviderError, WorkerProvider } from "./providers.js";
import { ComplexView } from "./view.js";

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {{layers: {W: number[][], b: number[], low?: number[]}[]}} NetworkJSON */
/**
 * @typedef {{
 *   records: {step: number, network: NetworkJSON, note?: string}[], domain: import("./engine.js").Domain | null,
 *   outputs: "sign" | "argmax" | null, data?: {points: number[][], labels?: number[]} | null, unit?: string, colour?: string,
 * }} Recording
 */

/**
 * @param {string} packed relutope.wasm, compressed by gzip, in base64 @returns {Promise<ArrayBuffer>}
 */
export async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** The engine in a worker made of the page's own text. @param {string} packed @param {string} source of the worker */
export async function startEngine(packed, source) {
  const code = await unpack(packed);
  const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const provider = new WorkerProvider(() => new Worker(blob), code);
  try {
    await provider.start();
    return provider;
  } catch (error) {
    provider.close();
    if (typeof WebAssembly === "undefined") throw error;
  }
  // Some notebooks forbid workers from blobs. One from a data address shares no compiled code with the page.
  const other = new WorkerProvider(() => new Worker(`data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`), code);
  await other.start(false);
  return other;
}

const FACTS = /** @type {[string, string][]} */ ([
  ["cells", "cells"],
  ["edges", "adjacent pairs"],
  ["f", "faces by dimension"],
  ["euler", "Euler characteristic"],
  ["regions", "decision regions"],
  ["above", "Betti numbers, f ≥ 0"],
  ["below", "Betti numbers, f ≤ 0"],
  ["level", "Betti numbers, f = 0"],
  ["lambda", "algebraic connectivity"],
  ["agreement", "Fiedler cut agrees with classes"],
  ["time", "decomposed in"],
]);

/** Events: "network" with `detail` {network, index} when the reader pauses, "select" with `detail` {pattern}, bits or none. */
export class LiveFigure extends EventTarget {
  /** @param {HTMLElement} element @param {Recording} recording @param {WorkerProvider} provider */
  constructor(element, recording, provider) {
    super();
    this.recording = recording;
    this.provider = provider;
    provider.onprogress = ({ stage, seconds }) => this.say(`computing ${stage} for ${seconds.toFixed(0)} s`, true);
    this.index = recording.records.length - 1;
    this.network = structuredClone(recording.records[this.index].network);
    this.shown = this.network; // the one that the frame is of
    element.replaceChildren();
    element.classList.add("live");
    const stage = make("div", { class: "live-stage" });
    const panel = make("div", { class: "live-panel" });
    stage.style.aspectRatio = String(this.shape);
    element.append(stage, panel);
    this.view = new ComplexView(stage, { colour: recording.colour ?? (recording.outputs ? "label" : "pattern") });
    this.view.setData(recording.data ?? null);
    this.buildControls(panel);
    this.view.addEventListener("hover", (event) => this.tell(/** @type {CustomEvent} */ (event).detail.cell));
    this.view.addEventListener("select", (event) => this.emit("select", { pattern: this.patternOf(/** @type {CustomEvent} */ (event).detail.cell) }));
    this.status = make("span", { role: "status" });
    this.stop = make("button", { type: "button", hidden: "" }, ["Stop"]);
    this.stop.addEventListener("click", () => this.provider.cancel());
    panel.append(make("p", { class: "live-status" }, [this.status, " ", this.stop]));
    this.showIndex(this.index, false);
  }

  get dim() {
    return this.recording.records[0].network.layers[0].W[0].length;
  }

  /** Width by height of the stage. */
  get shape() {
    if (this.dim === 1) return 1.5;
    const [a, b] = [0, 1].map((k) => (this.recording.domain?.upper[k] ?? Infinity) - (this.recording.domain?.lower[k] ?? -Infinity));
    return Number.isFinite(a / b) ? Math.min(Math.max(a / b, 0.75), 2) : 1;
  }

  /** @param {string} name @param {object} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {number} cell @returns {number[]} */
  patternOf(cell) {
    const { n_neurons: N, n_cells: count } = this.frame?.header ?? { n_cells: 0 };
    return cell >= 0 && cell < count ? [...(this.frame?.arrays.patterns.subarray(cell * N, (cell + 1) * N) ?? [])] : [];
  }

  /** @param {HTMLElement} panel */
  buildControls(panel) {
    const { records, unit } = this.recording;
    this.slider = make("input", { type: "range", min: "0", max: String(records.length - 1), value: String(this.index), "aria-label": unit ?? "epoch" });
    this.slider.addEventListener("input", () => this.showIndex(Number(this.slider?.value)));
    this.when = make("output");
    this.play = make("button", { type: "button" }, ["Play"]);
    this.play.addEventListener("click", () => this.toggle());
    this.colours = make("select", { "aria-label": "colour of the cells" });
    for (const [name, { title }] of Object.entries(COLOURINGS)) {
      if (name === "label" && !this.recording.outputs) continue;
      this.colours.append(make("option", { value: name }, [title]));
    }
    this.colours.value = this.view.options.colour ?? "pattern";
    this.colours.addEventListener("change", () => this.request(false));
    this.parameter = make("select", { "aria-label": "weight to change" });
    this.fillParameters();
    this.parameter.addEventListener("change", () => this.showParameter());
    this.weight = make("input", { type: "range", step: "any", "aria-label": "value of the weight" });
    this.weight.addEventListener("input", () => this.setParameter(Number(this.weight?.value)));
    this.number = make("input", { type: "number", step: "any", "aria-label": "value of the weight as a number" });
    this.number.addEventListener("input", () => this.setParameter(this.number?.valueAsNumber ?? NaN));
    const reset = make("button", { type: "button" }, ["Reset"]);
    reset.addEventListener("click", () => this.showIndex(this.index));
    this.facts = make("dl", { class: "live-facts" });
    const { outputs } = this.recording;
    const absent = [...(outputs ? [] : ["regions"]), ...(outputs === "sign" ? [] : ["above", "below", "level", "agreement"])];
    for (const [name, title] of FACTS.filter(([name]) => !absent.includes(name))) this.facts.append(make("div", { "data-fact": name }, [make("dt", {}, [title]), make("dd", {}, ["–"])]));
    this.legend = make("p", { class: "live-legend" });
    this.hovered = make("p", { class: "live-hover" }, ["Point at a cell."]);
    if (records.length > 1) {
      panel.append(make("label", {}, [unit ?? "epoch", " ", this.when]), make("div", { class: "live-row" }, [this.slider, this.play]));
    }
    panel.append(
      make("label", {}, ["colour", this.colours]),
      this.legend,
      make("label", {}, ["change a weight", this.parameter]),
      make("div", { class: "live-row" }, [this.weight, this.number, reset]),
      this.facts,
      this.hovered,
    );
  }

  fillParameters() {
    const before = this.parameter?.value;
    this.parameter?.replaceChildren();
    this.network.layers.forEach((layer, l) => {
      const last = l === this.network.layers.length - 1;
      const group = make("optgroup", { label: last ? "output" : `hidden layer ${l + 1}` });
      layer.W.forEach((row, i) => {
        [...row.keys(), row.length].forEach((j) => {
          const name = j < row.length ? `neuron ${i + 1}, weight of input ${j + 1}` : `neuron ${i + 1}, bias`;
          group.append(make("option", { value: `${l},${i},${j}` }, [name]));
        });
      });
      this.parameter?.append(group);
    });
    if (!this.parameter) return;
    this.parameter.value = before || "0,0,0";
    if (this.parameter.selectedIndex < 0) this.parameter.selectedIndex = 0;
  }

  /** The array that holds the chosen weight or bias, and where. */
  chosen() {
    const [l, i, j] = (this.parameter?.value ?? "0,0,0").split(",").map(Number);
    const layer = this.network.layers[l];
    return j < layer.W[i].length ? { row: layer.W[i], at: j, layer } : { row: layer.b, at: i, layer };
  }

  showParameter() {
    const { row, at } = this.chosen();
    if (!this.weight || !this.number) return;
    const reach = Math.max(2, 2 * Math.abs(row[at]));
    [this.weight.min, this.weight.max, this.weight.value] = [String(-reach), String(reach), String(row[at])];
    this.number.value = String(row[at]);
  }

  /** @param {number} value */
  setParameter(value) {
    if (!Number.isFinite(value)) return;
    const { row, at, layer } = this.chosen();
    row[at] = value;
    if (row === layer.b && layer.low) layer.low[at] = 0; // what one double does not hold of a bias
    if (this.number && this.number.valueAsNumber !== value) this.number.value = String(value); // else it is being typed
    if (this.weight) this.weight.value = String(value);
    this.request();
  }

  /** @param {number} index of a record @param {boolean} [changed] */
  showIndex(index, changed = true) {
    this.index = index;
    const record = this.recording.records[index];
    this.network = structuredClone(record.network);
    if (this.slider) this.slider.value = String(index);
    if (this.when) this.when.value = `${record.step}${record.note ? ` · ${record.note}` : ""}`;
    this.showParameter();
    return this.request(changed);
  }

  /** Another network of as many inputs, from outside. @param {NetworkJSON} network */
  setNetwork(network) {
    this.network = structuredClone(network);
    this.fillParameters();
    this.showParameter();
    return this.request(false);
  }

  toggle() {
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = 0;
    } else {
      const last = this.recording.records.length - 1;
      if (this.index === last) this.showIndex(0);
      this.timer = window.setInterval(() => (this.index < last ? this.showIndex(this.index + 1) : this.toggle()), 250);
    }
    if (this.play) this.play.textContent = this.timer ? "Pause" : "Play";
  }

  /** Asks for the picture at once, and for what takes longer when the reader pauses. @param {boolean} [changed] whether to tell of it */
  async request(changed = true) {
    const { domain, outputs } = this.recording;
    const colour = this.colours?.value ?? "pattern";
    const want = ["outlines", "patterns", "edges", ...(outputs ? ["decisions"] : []), ...neededFor(colour, this.dim)];
    const base = { network: structuredClone(this.network), domain, outputs };
    const start = performance.now();
    clearTimeout(this.later);
    try {
      /** @type {Frame} */
      const frame = await this.provider.ask("complex", { ...base, want, draft: true }, "picture");
      this.frame = frame;
      this.shown = base.network;
      this.view.options.colour = colour;
      if (this.view.selected >= 0) this.emit("select", { pattern: [] });
      this.view.setFrame(frame);
      this.elapsed = performance.now() - start;
      this.state("cells", String(frame.header.n_cells));
      this.state("edges", String(frame.header.n_edges));
      this.state("regions", String(frame.header.n_regions ?? "–"));
      this.state("time", `${this.elapsed.toFixed(0)} ms, drawn`);
      for (const name of ["f", "euler", "above", "below", "level", "lambda", "agreement"]) this.stale(name);
      this.showLegend();
      this.say((this.complaint = ""));
      this.died = false;
      this.settle(base, changed);
    } catch (error) {
      this.complain(error);
      // The picture before stays, and so do its facts, which may have been about to be asked for. One that was dropped is followed by another.
      const dropped = error instanceof ProviderError && error.kind === "dropped";
      if (this.frame && !dropped && !this.provider.closed) this.settle({ ...base, network: this.shown }, false);
    }
  }

  /** Asks for the facts of a picture, unless another one comes before. @param {{network: NetworkJSON}} base @param {boolean} changed */
  settle(base, changed) {
    clearTimeout(this.later); // an answer before this one was waiting to ask for its own facts
    this.later = window.setTimeout(() => {
      if (changed) this.emit("network", { network: base.network, index: this.index });
      this.requestFacts(base);
    }, 120);
  }

  /** What is soon known first: the next picture waits for one of these at most. @param {{network: NetworkJSON}} base */
  async requestFacts(base) {
    const { outputs } = this.recording;
    const one = outputs === "sign";
    const betti = one ? ["superlevel", "sublevel", "level"].map((of) => ({ of })) : [];
    const ask = (/** @type {object} */ more) => this.provider.ask("complex", { ...base, ...more }, "facts");
    try {
      const { header, arrays } = await ask({ want: ["outlines", "f_vector", "betti"], betti });
      if (base.network !== this.shown) return; // another picture came in the meantime, and its facts will come
      if (this.frame) this.frame.arrays.vertices = arrays.vertices; // the same, rounded once: good for looking closely
      this.state("f", header.f_vector.join(", "));
      this.state("euler", String(header.f_vector.reduce((/** @type {number} */ sum, /** @type {number} */ f, /** @type {number} */ k) => sum + (k % 2 ? -f : f), 0)));
      ["above", "below", "level"].forEach((name, k) => this.state(name, header.betti[k]?.join(", ") ?? "–"));
      const { header: { fiedler }, arrays: cut } = await ask({ want: ["spectrum", ...(outputs ? ["decisions"] : [])] });
      if (base.network !== this.shown) return;
      this.say(this.complaint ?? "");
      this.state("lambda", Number.isFinite(fiedler.value) ? fiedler.value.toPrecision(5) : "–");
      this.state("agreement", one ? `${(100 * agreement(cut.fiedler_side, cut.labels)).toFixed(1)} % of cells` : "–");
    } catch (error) {
      this.complain(error);
    }
  }

  /** The place of a fact; null where it has no meaning. @param {string} name */
  entry(name) {
    return /** @type {HTMLElement | null} */ (this.facts?.querySelector(`[data-fact="${name}"] dd`));
  }

  /** @param {string} name @param {string} text */
  state(name, text) {
    const entry = this.entry(name);
    if (!entry) return;
    entry.textContent = text;
    entry.classList.remove("stale");
  }

  /** @param {string} name */
  stale(name) {
    this.entry(name)?.classList.add("stale");
  }

  showLegend() {
    const legend = this.view.legend;
    if (!legend || !this.legend) return;
    if (legend.kind === "scale") {
      const bar = make("span", { class: "live-bar" });
      bar.style.background = `linear-gradient(to right, ${legend.stops.map(css).join(", ")})`;
      this.legend.replaceChildren(legend.low.toPrecision(3), bar, legend.high.toPrecision(3));
    } else {
      this.legend.replaceChildren(...legend.entries.flatMap(({ name, colour }) => {
        const key = make("span", { class: "live-key" });
        key.style.background = css(colour);
        return [key, `${name} `];
      }));
    }
  }

  /** @param {number} cell */
  tell(cell) {
    const frame = this.frame;
    if (!this.hovered || !frame) return;
    if (cell < 0 || cell >= frame.header.n_cells) {
      this.hovered.textContent = "Point at a cell.";
      return;
    }
    const { n_neurons: N, dim: n, hidden } = frame.header;
    const { patterns, adjacency } = frame.arrays;
    const own = hidden.slice(0, this.network.layers.length - 1); // without what compares the outputs
    let from = cell * N;
    const bits = own.map((/** @type {number} */ width) => patterns.subarray(from, (from += width)).join("")).join(" ");
    const degree = adjacency.filter((i) => i === cell).length;
    const rows = mapOfCell(this.shown, patterns.subarray(cell * N, (cell + 1) * N));
    const terms = rows.map((row) => row.map((a, k) => `${a.toPrecision(3)}${k < n ? ` x${k + 1}` : ""}`).join(" + ").replaceAll("+ -", "− "));
    this.hovered.textContent = `Cell ${cell}: pattern ${bits}; ${degree} neighbours; f = ${terms.join("; ")}`;
  }

  /** The picture before stays. A worker that died is asked once more for the same. @param {unknown} error */
  complain(error) {
    const kind = error instanceof ProviderError ? error.kind : "";
    if (kind === "dropped" || this.provider.closed) return;
    this.complaint = kind === "cancelled" ? "Stopped; the picture before stays." : error instanceof Error ? error.message : String(error);
    this.say(this.complaint);
    if (kind !== "broken" || this.died) return;
    this.died = true;
    this.request();
  }

  /** @param {string} text @param {boolean} [busy] */
  say(text, busy = false) {
    if (this.status) this.status.textContent = text;
    this.stop?.toggleAttribute("hidden", !busy);
  }

  close() {
    clearTimeout(this.later);
    clearInterval(this.timer);
    this.view.destroy();
    this.provider.close();
  }
}

/** Share of cells on whose side two partitions agree, the better way round. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function agreement(a, b) {
  let same = 0;
  for (let k = 0; k < a.length; k++) same += Number(a[k] === b[k]);
  return Math.max(same, a.length - same) / a.length;
}

/** Why a figure does not come to life. @param {unknown} error */
export function stillLine(error) {
  return typeof WebAssembly === "undefined"
    ? "This figure stays still: WebAssembly is switched off in this browser."
    : `This figure stays still: ${error instanceof Error ? error.message : error}.`;
}

/**
 * Puts a figure into every element with the class "relutope-live" whose `data-recording` names a JSON script.
 * @param {string} packed @param {string} workerSource
 */
export async function mountAll(packed, workerSource) {
  const places = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".relutope-live")]);
  for (const place of places) {
    const text = document.getElementById(place.dataset.recording ?? "")?.textContent;
    if (!text) continue;
    try {
      const provider = await startEngine(packed, workerSource);
      const target = make("div");
      const figure = new LiveFigure(target, JSON.parse(text), provider);
      place.replaceChildren(target);
      figure.view.fit();
      Object.assign(place, { figure });
    } catch (error) {
      place.append(make("p", { class: "live-status" }, [stillLine(error)]));
    }
  }
}
