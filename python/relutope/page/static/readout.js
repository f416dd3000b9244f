// @ts-check
// What the page says of its state: the chosen weight, the training, the legend, the cell under the pointer.

import { drawHistory, short } from "./charts.js";
import { cellVolumes, css } from "./colours.js";
import { byId } from "./controls.js";
import { make } from "./dom.js";
import { mapOfCell } from "./maps.js";
import { goBack } from "./trainer.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../../plotting/viewer/frame.js").Frame} Frame */

/** @param {Page} page */
export function showWeight(page) {
  const { layer, row: i, column } = page.model.place;
  const last = layer === page.model.network.layers.length - 1;
  byId("place").textContent = `${last ? "output" : `layer ${layer + 1}, neuron`} ${i + 1}: ${column < 0 ? "bias" : `weight of ${layer ? "neuron" : "input"} ${column + 1}`}`;
  [byId("placelayer").value, byId("placerow").value, byId("placecolumn").value] = [layer, i, column].map((k) => String(k + 1));
  const value = page.model.value;
  const slider = byId("slider");
  if (Math.abs(value) > Number(slider.max)) [slider.min, slider.max] = [String(-2 * Math.abs(value)), String(2 * Math.abs(value))];
  slider.value = String(value);
  byId("value").value = String(value);
  page.drawDiagram();
}

/** @param {Page} page */
export function drawDiagram(page) {
  page.diagram.draw(page.model.network, page.point ?? null, page.model.place);
}

/** @param {Page} page */
export function showTraining(page) {
  const { history } = page.model;
  const last = history.at(-1);
  byId("progress").textContent = last ? `step ${page.model.step}: loss ${short(last.loss)}, accuracy ${short(last.accuracy)}, held out ${short(last.held)}` : "not trained yet";
  const slider = byId("when");
  slider.max = String(Math.max(0, history.length - 1));
  if (document.activeElement !== slider) slider.value = slider.max;
  drawHistory(byId("history"), history, (record) => goBack(page, record));
}

/** @param {Page} page */
export function showLegend(page) {
  const { legend } = page.inSpace ? page.space : page.view;
  if (!legend) return;
  const key = legend.kind === "classes" ? JSON.stringify(legend) : "";
  if (key && byId("legend").dataset.key === key) return;
  byId("legend").dataset.key = key;
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

/** What Python says of the partition that colours the cells. @param {Page} page @param {Record<string, any>} header */
export function showParts(page, { clusters, nodal }) {
  const note = byId("parted");
  if (clusters) note.textContent = `${clusters.sizes.length} clusters of ${clusters.sizes.join(", ")} cells; normalised cut ${short(clusters.normalized_cut)}`;
  if (nodal) note.textContent = `mode ${nodal.mode}, eigenvalue ${short(nodal.value)}: ${nodal.n_strong} strong and ${nodal.n_weak} weak nodal domains, ${nodal.n_zero} zeros`;
  if (clusters || nodal) page.turnFresh(note);
}

/** Rows [a..., c] of the outputs in the coordinates of the picture. @param {Page} page @param {number} cell */
function formsOf(page, cell) {
  const { header, arrays } = /** @type {Frame} */ (page.frame);
  const rows = mapOfCell(page.shown.network, arrays.patterns.subarray(cell * header.n_neurons, (cell + 1) * header.n_neurons));
  const { slice } = page.shown;
  if (!slice) return rows;
  const origin = /** @type {number[]} */ (slice.origin ?? slice.points[0]);
  const basis = /** @type {number[][]} */ (slice.basis ?? slice.points.slice(1).map((/** @type {number[]} */ p) => p.map((x, i) => x - origin[i])));
  const along = (/** @type {number[]} */ row, /** @type {number[]} */ v) => v.reduce((sum, x, i) => sum + x * row[i], 0);
  return rows.map((row) => [...basis.map((v) => along(row, v)), along(row, origin) + row[row.length - 1]]);
}

/** @param {Page} page @param {{cell: number, point: number[]}} hovered */
export function describeCell(page, { cell, point }) {
  const frame = page.frame;
  const drawn = Math.min(page.dim, page.model.inputs);
  page.point = Number.isFinite(point[0]) && !page.isThrough ? [...point.slice(0, drawn), ...page.fixed].slice(0, page.model.inputs) : undefined;
  page.drawDiagram(); // which neurons are active there
  if (!frame || cell < 0 || cell >= frame.header.n_cells) return;
  const { n_neurons: N, dim: n, n_output_neurons: extra } = frame.header;
  const { patterns, adjacency, labels } = frame.arrays;
  const bits = patterns.subarray(cell * N, (cell + 1) * N - extra).join("");
  const degree = adjacency.filter((i) => i === cell).length;
  if (page.measured?.frame !== frame) page.measured = { frame, volumes: cellVolumes(frame) };
  const forms = formsOf(page, cell).map((row) => [...row.slice(0, n).map((a, j) => `${short(a)}${"xyz"[j]}`), short(row[n])].join(" + "));
  byId("hover").textContent = `cell ${cell} at (${point.slice(0, n).map(short).join(", ")}): pattern ${bits}, class ${labels?.[cell] ?? "–"}, ${degree} neighbours, ${["", "length", "area", "volume"][n]} ${short(page.measured.volumes[cell])}; f = ${forms.join("; ")}`;
}

/** @param {Page} page @param {number} cell */
export function describeTouching(page, cell) {
  const frame = page.frame;
  if (!frame || cell < 0 || cell >= frame.header.n_cells) return;
  const { adjacency, zero_begin: begin, zero_neurons: zeros } = frame.arrays;
  const found = [];
  for (let k = 0; 2 * k < adjacency.length; k++) {
    const [a, b] = [adjacency[2 * k], adjacency[2 * k + 1]];
    if (a === cell || b === cell) found.push(`${a === cell ? b : a} (neuron ${zeros.subarray(begin[k], begin[k + 1]).join(", ")})`);
  }
  page.say(`cell ${cell} touches ${found.join("; ")}`);
}
