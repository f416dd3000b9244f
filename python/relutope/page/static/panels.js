// @ts-check
// The panels of the page: each a few controls that change the page's settings or its model. What they do is in page.js, points.js, files.js, facts.js and trainer.js.

import { svg } from "./charts.js";
import { COLOURINGS, PARTITIONS } from "./colours.js";
import { button, byId, input, panel, row, select } from "./controls.js";
import { make } from "./dom.js";
import { FORMATS } from "./exports.js";
import { askCurves, askNulls } from "./facts.js";
import { exportFile, openNetwork, saveGraphML, saveJson, saveLines, savePng, saveSvg } from "./files.js";
import { INITIALISATIONS } from "./model.js";
import { drawSamples, openTable, useFormula, useRealData, useTable } from "./points.js";
import { DATASETS } from "./samples.js";
import { STORIES } from "./stories.js";
import { goBack, runTraining, trainSome } from "./trainer.js";

/** @typedef {import("./page.js").Page} Page */

const WEIGHTS = ["unit", "facet", "distance", "bend", "hamming", "output", "inverse-distance", "inverse-bend", "inverse-hamming", "inverse-output"];
const REAL = { "": "choose", "breast-cancer": "breast cancer", iris: "iris", wine: "wine", "digits-3-8": "digits 3 and 8" };

/** @param {Page} page */
export function networkPanel(page) {
  const rebuild = () => page.rebuild();
  const drawing = make("div", { id: "network" });
  return panel("Network", [
    row(input("inputs", "inputs", "number", "2", rebuild, { min: "1", max: "10" }), input("outputs", "outputs", "number", "1", rebuild, { min: "1", max: "10" })),
    input("hidden layers", "widths", "text", "8", rebuild),
    select("initial weights", "init", INITIALISATIONS, page.settings.init, (value) => (page.settings.init = value)),
    row(button("Randomise", rebuild, "randomise"), button("Zero", () => page.model.zero(), "zero"), button("Reset", () => page.model.reset(), "reset"), button("Undo", () => page.model.undo(), "undo"), button("Redo", () => page.model.redo(), "redo")),
    drawing,
    input("open a file", "file", "file", "", () => openNetwork(page), { accept: ".json,.npz,.onnx" }),
  ]);
}

/** @param {Page} page */
export function weightPanel(page) {
  const slider = make("input", { id: "slider", type: "range", step: "any", min: "-3", max: "3", "aria-label": "value of the chosen weight" });
  let moving = false; // one step of "undo" for each drag
  slider.addEventListener("input", () => {
    if (!moving) page.model.remember();
    moving = true;
    page.model.setValue(Number(slider.value), false);
  });
  slider.addEventListener("change", () => (moving = false));
  const choose = () => page.choose(Number(byId("placelayer").value), Number(byId("placerow").value), Number(byId("placecolumn").value));
  const whole = (/** @type {string} */ text, /** @type {string} */ id, /** @type {string} */ least) => input(text, id, "number", least, choose, { min: least });
  return panel("Weight", [
    make("p", { class: "note", id: "place" }),
    row(slider, input("", "value", "number", "0", (value) => page.model.setValue(Number(value), true), { step: "any", "aria-label": "value as a number" })),
    row(whole("layer", "placelayer", "1"), whole("neuron", "placerow", "1"), whole("input (0: bias)", "placecolumn", "0")),
  ]);
}

/** @param {Page} page */
export function dataPanel(page) {
  const { settings, model } = page;
  return panel("Data", [
    select("points", "data", DATASETS, settings.data, (value) => ((settings.data = value), drawSamples(page))),
    row(input("number", "count", "number", "200", (value) => ((settings.count = clamp(Number(value), 2, 2000)), drawSamples(page))), input("noise", "noise", "number", "0.02", (value) => ((settings.noise = clamp(Number(value), 0, 1)), drawSamples(page)), { step: "0.01" })),
    page.forPython(select("real tables", "real", REAL, "", (value) => useRealData(page, value))),
    input("classes where this is > 0", "formula", "text", "", (value) => useFormula(page, value), { placeholder: "x^2 + y^2 - 0.5" }),
    row(input("click adds class", "adding", "checkbox", "false", (value) => (settings.add = value === "true")), input("", "addlabel", "number", "1", (value) => (settings.label = clamp(Math.round(Number(value)), 0, 7)), { min: "0", max: "7", "aria-label": "class to add" })),
    make("textarea", { id: "table", rows: "2", placeholder: "x, y, class", "aria-label": "table of points" }),
    row(button("Use the table", () => useTable(page, byId("table").value), "usetable"), button("No points", () => model.setData({ points: [], labels: [] }), "nodata")),
    input("open a table", "tablefile", "file", "", () => openTable(page), { accept: ".csv,.txt,.tsv" }),
  ]);
}

/** @param {Page} page */
export function trainingPanel(page) {
  const t = page.training;
  const when = make("input", { id: "when", type: "range", min: "0", max: "0", step: "1", "aria-label": "recorded step of the training to go back to" });
  when.addEventListener("input", () => goBack(page, page.model.history[Number(when.value)]));
  return panel("Training", [
    row(button("Step", () => trainSome(page, 1), "step"), button("Run", () => runTraining(page), "run"), button("Forget the steps", () => page.model.forget(), "forget")),
    row(select("method", "method", { adamw: "AdamW", sgd: "SGD" }, t.kind, (value) => (t.kind = value)), select("loss", "loss", { logistic: "logistic", squares: "squares" }, "logistic", (value) => (page.model.loss = value))),
    row(input("rate", "rate", "number", "0.03", (v) => (t.rate = Number(v)), { step: "any" }), input("decay", "decay", "number", "0", (v) => (t.decay = Number(v)), { step: "any" })),
    row(input("batch (0: all)", "batch", "number", "0", (v) => (t.batch = clamp(Math.round(Number(v)), 0, 2000))), input("steps a picture", "speed", "number", "5", (v) => (t.steps = clamp(Math.round(Number(v)), 1, 200)))),
    make("p", { class: "note", id: "progress" }),
    svg("svg", { id: "history", role: "img", "aria-label": "loss and accuracy; choose a point to go back to it" }),
    make("label", {}, ["go back to", when]),
    make("p", { class: "note" }, ["Solid: loss; blue: accuracy; orange, dashed: accuracy on held-out points (every fifth)."]),
  ]);
}

/** @param {Page} page */
export function complexPanel(page) {
  const { settings } = page;
  const titles = Object.fromEntries(Object.entries({ ...COLOURINGS, ...(page.config.socket ? PARTITIONS : {}) }).map(([name, { title }]) => [name, title]));
  const set = (/** @type {object} */ change) => (Object.assign(settings, change), page.refresh());
  const anew = (/** @type {object} */ change) => ((page.view.fitted = false), set(change));
  const share = (/** @type {string} */ text, /** @type {string} */ id, /** @type {string} */ value, /** @type {(v: number) => void} */ act) => {
    const slider = make("input", { id, type: "range", min: "0", max: "1", step: "0.01" });
    slider.value = value;
    slider.addEventListener("input", () => act(Number(slider.value)));
    return make("label", {}, [text, slider]);
  };
  return panel("Complex", [
    select("colour", "colour", titles, settings.colour, (value) => set({ colour: value })),
    select("look at it", "look", { plane: "in the plane", space: "in space" }, settings.look, (value) => page.lookAt(value)),
    make("div", { id: "spacial", hidden: "" }, [
      share("cells apart", "apart", "0.06", (v) => page.space.setOptions({ apart: 0.5 * v })),
      share("cut open", "cut", "1", (v) => page.space.setOptions({ cut: v })),
      input("only the decision boundary", "only", "checkbox", "false", (v) => page.space.setOptions({ boundary: v === "true" })),
      input("output", "output", "number", "0", (v) => page.space.setOptions({ output: clamp(Math.round(Number(v)), 0, 9) }), { min: "0", max: "9" }),
    ]),
    row(input("box ±", "box", "number", "1.2", (v) => anew({ box: clamp(Number(v), 1e-6, 1e6) }), { step: "any" }), input("facets", "facets", "checkbox", "true", (v) => page.view.setOptions({ facets: v === "true" }))),
    input("the whole plane", "everywhere", "checkbox", "false", (v) => anew({ everywhere: v === "true" })),
    input("decompose what is in sight", "window", "checkbox", "false", (v) => set({ window: v === "true" })),
    make("div", { id: "fixed" }),
    make("div", { id: "through", hidden: "" }, [input("slice through three points", "points", "text", "", (v) => page.sliceThrough(v), { placeholder: "0,0,0; 1,0,0; 0,1,1" })]),
    input("mark cells where neurons are active", "highlight", "text", "", (v) => page.highlight(v.split(/[ ,]+/).filter(Boolean).map(Number).filter(Number.isInteger)), { placeholder: "0, 3" }),
    row(input("target", "target", "checkbox", "true", (v) => ((settings.target = v === "true"), page.view.drawLines())), input("ring wrong points", "wrong", "checkbox", "true", (v) => ((settings.wrong = v === "true"), page.showData()))),
    page.facts([["cells", "cells"], ["edges", "adjacent pairs"], ["regions", "decision regions"]]),
    row(button("Stop computing", () => page.cancel(), "cancel"), button("Smaller window", () => page.shrink(), "smaller")),
  ]);
}

/** @param {Page} page */
export function graphPanel(page) {
  const { settings } = page;
  return panel("Dual graph", [
    select("weight", "weight", WEIGHTS, "unit", (value) => ((settings.weight = value), page.refresh())),
    input("normalised Laplacian", "normalized", "checkbox", "false", (v) => ((settings.normalized = v === "true"), page.refresh())),
    page.facts([["lambda", "algebraic connectivity"], ["agreement", "cells where Fiedler cut and classes agree"], ["volume", "the same, by volume"], ["ari", "adjusted Rand index"], ["recall", "boundary facets that are cut"], ["precision", "cut facets on the boundary"]]),
    make("p", { class: "note", id: "statement" }),
    svg("svg", { id: "spectrum", role: "img", "aria-label": "lowest eigenvalues of the Laplacian" }),
    page.forPython(row(input("clusters", "parts", "number", "4", (v) => ((settings.parts = clamp(Math.round(Number(v)), 1, 24)), page.colourBy("clusters")), { min: "1", max: "24" }), input("nodal domains of mode", "mode", "number", "2", (v) => ((settings.mode = clamp(Math.round(Number(v)), 1, 64)), page.colourBy("nodal")), { min: "1", max: "64" }))),
    make("p", { class: "note", id: "parted" }),
    page.forPython(row(button("Null models", () => askNulls(page), "nulls"))),
    make("p", { class: "note", id: "nullresult" }),
  ]);
}

/** @param {Page} page */
export function topologyPanel(page) {
  return panel("Topology", [
    page.facts([["f", "faces by dimension"], ["euler", "Euler characteristic"], ["betti", "Betti numbers, f ≥, ≤, = level"]]),
    input("level", "level", "number", "0", (v) => ((page.settings.level = Number(v) || 0), page.refresh()), { step: "any" }),
    make("p", { class: "note" }, ["Persistence of the sublevel sets of f: birth to the right, death upward; blue: components, orange: holes."]),
    svg("svg", { id: "persistence", role: "img", "aria-label": "persistence diagram" }),
    page.facts([["nerve", "nerve of active neurons: vertices, edges, triangles"]]),
    svg("svg", { id: "nerve", role: "img", "aria-label": "neurons that are active together; choose a simplex to mark its cells" }),
    page.forPython(row(button("Cells in random order", () => askCurves(page), "curves"))),
    svg("svg", { id: "curve", role: "img", "aria-label": "mean Betti numbers while cells enter in random order, with bands of 95 %" }),
    make("p", { class: "note", id: "curvenote" }),
  ]);
}

/** @param {Page} page */
export function exportPanel(page) {
  const files = Object.entries(FORMATS).map(([format, title]) => button(title, () => exportFile(page, format), format));
  return panel("Export", [
    row(
      button("PNG", () => savePng(page), "png"), button("SVG", () => saveSvg(page), "svg"), button("JSON", () => saveJson(page), "json"),
      button("GraphML", () => saveGraphML(page), "graphml"), button("Python", () => saveLines(page), "python"),
    ),
    page.forPython(row(...files)),
  ]);
}

/** @param {Page} page */
export function storyPanel(page) {
  const text = make("p", { class: "note", id: "story" }, ["Choose something to see."]);
  return panel("Stories", [row(...STORIES.map((story, k) => button(story.title, () => page.tell(story), `story${k}`))), text]);
}

/** @param {number} value @param {number} low @param {number} high */
export function clamp(value, low, high) {
  return Math.min(Math.max(Number.isFinite(value) ? value : low, low), high);
}
