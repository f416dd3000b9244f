// @ts-check
// The points that the page shows and trains with: drawn at random, computed, from tables.

import { byId } from "./controls.js";
import { parseFormula } from "./expression.js";
import { sizesFrom } from "./model.js";
import { parseTable, sampleData } from "./samples.js";

/** @typedef {import("./page.js").Page} Page */

/** @param {Page} page */
export function drawSamples(page) {
  const { data, count, noise } = page.settings;
  page.target = null;
  page.model.setData(sampleData(data, count, noise, ++page.model.seed, page.model.inputs));
}

/** Points of any number of inputs: the network and the box follow. @param {Page} page @param {import("./samples.js").Samples} samples */
export function setSamples(page, samples) {
  const size = samples.points[0].length;
  page.target = null;
  if (size !== page.model.inputs) {
    byId("inputs").value = String(size);
    const sizes = sizesFrom(String(size), byId("widths").value, byId("outputs").value);
    page.model.rebuild(sizes, page.settings.init);
    page.fillFixed();
  }
  const reach = samples.points.flat().reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  page.settings.box = Math.max(1.2, Number((1.1 * reach).toPrecision(2)));
  byId("box").value = String(page.settings.box);
  page.view.fitted = false;
  page.model.setData(samples);
  page.refresh();
}

/** @param {Page} page @param {string} text */
export function useFormula(page, text) {
  page.try(() => {
    const formula = parseFormula(text);
    const known = page.model.data.points.length ? page.model.data : sampleData("xor", page.settings.count, 0, ++page.model.seed, page.model.inputs);
    page.target = formula;
    page.model.setData({ points: known.points, labels: known.points.map(([x, y]) => (formula(x, y ?? 0) > 0 ? 1 : 0)) });
  });
}

/** @param {Page} page @param {string} text */
export function useTable(page, text) {
  page.try(() => setSamples(page, parseTable(text)));
}

/** @param {Page} page */
export async function openTable(page) {
  const file = byId("tablefile").files[0];
  if (!file) return;
  if (file.size > 8 * 2 ** 20) return page.say("the file is larger than 8 MiB", true);
  useTable(page, await file.text());
}

/** @param {Page} page @param {string} name */
export function useRealData(page, name) {
  if (!name) return;
  return page.askPython("data", { name }, (found) => {
    setSamples(page, { points: found.points, labels: found.labels });
    page.say(`${found.title}: ${found.axes.join("; ")}`);
  });
}
