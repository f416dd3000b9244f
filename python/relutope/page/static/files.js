// @ts-check
// Files that the page opens and writes.

import { byId } from "./controls.js";
import { download, downloadBytes, graphML, pythonLines } from "./exports.js";
import { Network } from "./network.js";
import { viewSvg } from "./svg.js";

/** @typedef {import("./page.js").Page} Page */

/** @param {Page} page */
export async function openNetwork(page) {
  const file = byId("file").files[0];
  if (!file) return;
  try {
    if (file.size > 8 * 2 ** 20) throw new Error("the file is larger than 8 MiB");
    const json = file.name.endsWith(".json") ? JSON.parse(await file.text()) : (await readByPython(page, file)).network;
    const network = Network.fromJSON(json);
    if (network.layers.some((layer) => layer.linear)) throw new Error("this network has linear units; look at it from Python");
    page.model.begin(/** @type {any} */ (network.toJSON()));
    page.matchControls();
  } catch (error) {
    page.complain(error);
  }
}

/** @param {Page} page @param {File} file */
export async function readByPython(page, file) {
  if (!page.python) throw new Error("this file is read by Python: start `relutope app`, or save the network as JSON");
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return page.python.ask("open", { name: file.name, data: btoa(text) });
}

/** @param {Page} page @param {string} format */
export function exportFile(page, format) {
  const history = page.model.history.map(({ step, loss, accuracy, network }) => ({ step, loss, accuracy, network }));
  return page.askPython("export", { format, history, data: page.model.data }, ({ name, data }) => downloadBytes(name, data));
}

/** @param {Page} page */
export async function savePng(page) {
  const blob = await (page.inSpace ? page.space : page.view).png();
  if (blob) download("complex.png", blob);
}

/** @param {Page} page */
export function saveSvg(page) {
  if (page.inSpace) return page.say("in space there is a PNG; the SVG is of the plane", true);
  if (page.frame) download("complex.svg", viewSvg(page.view));
}

/** @param {Page} page */
export function saveJson(page) {
  download("network.json", JSON.stringify(page.model.network));
}

/** @param {Page} page */
export function saveGraphML(page) {
  if (page.frame) download("dual-graph.graphml", graphML(page.frame));
}

/** @param {Page} page */
export function saveLines(page) {
  download("complex.py", pythonLines(page.request));
}
