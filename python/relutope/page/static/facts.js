// @ts-check
// Numbers and charts beside the picture.

import { agreementOf } from "./agreement.js";
import { drawCurves, drawPersistence, drawSpectrum } from "./charts.js";
import { cellVolumes } from "./colours.js";
import { byId } from "./controls.js";
import { drawNerve, MOST_NEURONS, neuronNerve } from "./nerve.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../../plotting/viewer/frame.js").Frame} Frame */

const SETS = ["superlevel", "sublevel", "level"];
const BASE = ["decisions", "patterns", "edges", "outlines"];
const HOPE = 0.98; // a kind that was too slow once is expected to be faster by and by

/** Kinds of numbers: what they want of an engine, and how they are shown. @type {Record<string, {want: string[], show: (page: Page, frame: Frame) => void}>} */
const NUMBERS = {
  faces: { want: ["f_vector"], show: showFaces },
  nerve: { want: [], show: showNerve },
  spectrum: { want: ["spectrum"], show: showSpectrum },
  persistence: { want: ["persistence"], show: showPersistence },
  betti: { want: ["betti"], show: showBetti },
};

/** Those that come first, and what takes longer: the next picture waits for one of these at most. */
const GROUPS = [["faces", "nerve", "betti"], ["persistence"], ["spectrum"]];

/** All numbers of a picture. @param {Page} page @param {any} request @param {number} turn */
export async function refreshFacts(page, request, turn) {
  for (const kinds of GROUPS) if (turn === page.turn) await askFor(page, request, turn, kinds);
  if (page.follows && turn === page.turn) await askCurves(page);
}

/**
 * As many kinds of numbers of the picture that is shown as can be expected before `deadline`; the others stay grey. Each time another
 * kind comes first.
 * @param {Page} page @param {number} deadline of performance.now()
 */
export async function liveFacts(page, deadline) {
  const count = page.frame?.header.n_cells ?? 0;
  const cost = (/** @type {string} */ kind) => 1000 * count * (page.costs.get(kind) ?? Infinity);
  let left = deadline - performance.now() - cost("base");
  const kinds = Object.keys(NUMBERS);
  page.first = (page.first + 1) % kinds.length;
  const chosen = [...kinds.slice(page.first), ...kinds.slice(0, page.first)].filter((kind) => {
    const fits = cost(kind) <= left;
    if (fits) left -= cost(kind);
    else page.costs.set(kind, HOPE * (page.costs.get(kind) ?? Infinity));
    return fits;
  });
  if (chosen.length && page.shown) await askFor(page, page.shown, page.turn, chosen);
}

/** @param {Page} page @param {any} request @param {number} turn @param {string[]} kinds */
async function askFor(page, request, turn, kinds) {
  const { weight, normalized, level } = page.settings;
  const one = request.network.layers.at(-1).b.length === 1;
  const asked = kinds.flatMap((kind) => NUMBERS[kind].want).filter((name) => one || !["betti", "persistence"].includes(name));
  const betti = SETS.map((of) => ({ of, level }));
  try {
    const frame = await page.ask({ ...request, want: [...BASE, ...asked], weight, normalized, modes: 12, betti }, "facts");
    if (turn !== page.turn) return;
    page.say(page.said.text, page.said.bad); // instead of how far the numbers are
    if (page.frame && page.frame.header.n_cells === frame.header.n_cells && page.shown === request) page.frame.arrays.vertices = frame.arrays.vertices; // rounded once
    const { n_cells: count, stages } = frame.header;
    const all = Object.values(stages).reduce((sum, seconds) => sum + seconds, 0);
    const own = asked.reduce((sum, name) => sum + stages[name], 0);
    page.costs.set("base", (all - own) / count);
    for (const kind of kinds) {
      const begin = performance.now();
      NUMBERS[kind].show(page, frame);
      const shown = (performance.now() - begin) / 1000;
      page.costs.set(kind, (shown + NUMBERS[kind].want.reduce((sum, name) => sum + (stages[name] ?? 0), 0)) / count);
    }
  } catch (error) {
    page.complain(error);
  }
}

/** @param {Page} page @param {Frame} frame */
function showFaces(page, { header }) {
  page.state("f", header.f_vector.join(", "));
  page.state("euler", header.f_vector.reduce((/** @type {number} */ sum, /** @type {number} */ f, /** @type {number} */ k) => sum + (k % 2 ? -f : f), 0));
}

/** @param {Page} page @param {Frame} frame */
function showBetti(page, { header }) {
  page.state("betti", header.betti?.map((/** @type {number[]} */ b) => `(${b.join(", ")})`).join(" ") ?? "–");
}

/** @param {Page} page @param {Frame} frame */
function showSpectrum(page, frame) {
  const { header, arrays } = frame;
  page.state("lambda", header.fiedler.value === null || Number.isNaN(header.fiedler.value) ? "–" : header.fiedler.value.toPrecision(6));
  const found = header.n_outputs === 1 ? agreementOf(arrays.fiedler_side, arrays.labels, arrays.adjacency, cellVolumes(frame)) : null;
  const percent = (/** @type {number | undefined} */ x) => (x === undefined || Number.isNaN(x) ? "–" : `${(100 * x).toFixed(1)} %`);
  page.state("agreement", percent(found?.accuracy));
  for (const name of /** @type {const} */ (["volume", "recall", "precision"])) page.state(name, percent(found?.[name]));
  page.state("ari", found ? found.ari.toFixed(3) : "–");
  byId("statement").textContent = header.fiedler.statement;
  drawSpectrum(byId("spectrum"), arrays.spectrum ?? []);
  for (const id of ["statement", "spectrum"]) page.turnFresh(byId(id));
}

/** @param {Page} page @param {Frame} frame */
function showPersistence(page, frame) {
  drawPersistence(byId("persistence"), frame.arrays.persistence ?? []);
  page.turnFresh(byId("persistence"));
}

/** @param {Page} page */
export function askCurves(page) {
  page.follows = true; // once they were asked for, they follow the network
  return page.askPython("curves", { draws: 20 }, (found) => {
    drawCurves(byId("curve"), found);
    page.turnFresh(byId("curve"));
    byId("curvenote").textContent = `Mean Betti numbers (blue: components, orange: holes) while the ${found.n_cells} cells enter in ${found.draws} random orders; bands: 95 % of the mean.`;
  });
}

/** @param {Page} page */
export function askNulls(page) {
  return page.askPython("nulls", { draws: 10 }, (found) => {
    const percent = (/** @type {number | null} */ x) => (x === null ? "undefined" : `${(100 * x).toFixed(1)} %`);
    const spread = (/** @type {string} */ name) => {
      const known = found[name].filter((/** @type {number | null} */ x) => x !== null).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
      const missing = found[name].length - known.length;
      const middle = known.length ? `${percent((known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2)} (${percent(known[0])} to ${percent(known[known.length - 1])})` : "undefined";
      return `${name} ${middle}${missing ? `, ${missing} undefined` : ""}`;
    };
    byId("nullresult").textContent = `Agreement: this network ${percent(found.own)}; medians of ten: ${spread("shuffled weights")}; ${spread("untrained")}.`;
    page.turnFresh(byId("nullresult"));
  });
}

/** @param {Page} page @param {Frame} frame */
function showNerve(page, frame) {
  const width = frame.header.n_neurons - frame.header.n_output_neurons;
  if (width > MOST_NEURONS) {
    byId("nerve").replaceChildren();
    return page.state("nerve", `up to ${MOST_NEURONS} neurons`);
  }
  const nerve = neuronNerve(frame);
  page.state("nerve", nerve.map((list) => list.length).join(", "));
  drawNerve(byId("nerve"), nerve, (neurons) => page.highlight(neurons));
  page.turnFresh(byId("nerve"));
}
