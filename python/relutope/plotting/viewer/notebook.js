// @ts-check
// A live figure in a notebook, through anywidget: the engine runs beside the reader, and the kernel hears of it only when there is
// something new to know. live_view.py is the other side.

import { LiveFigure, startEngine, stillLine } from "./live.js";
import { make } from "./dom.js";

/** @typedef {import("./live.js").NetworkJSON} NetworkJSON */
/**
 * What anywidget hands over.
 * @typedef {{
 *   get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void,
 *   on: (name: string, listener: () => void) => void, off: (name: string, listener: () => void) => void,
 * }} Model
 */

/**
 * @param {{model: Model, el: HTMLElement}} context @param {string} packed @param {string} workerSource
 * @returns {Promise<() => void>} what ends the figure, with its worker
 */
export async function renderLive({ model, el }, packed, workerSource) {
  // Keys that are pressed here are no commands of JupyterLab.
  const place = make("div", { class: "relutope-live", "data-lm-suppress-shortcuts": "true" });
  el.append(place);
  let provider;
  try {
    provider = await startEngine(packed, workerSource);
  } catch (error) {
    place.append(make("p", {}, [stillLine(error)]));
    return () => place.remove();
  }
  const figure = new LiveFigure(place, model.get("recording"), provider);
  Object.assign(place, { figure });
  /** What the kernel knows, so that nothing is sent back to where it came from. */
  let known = JSON.stringify(model.get("weights"));
  if (known !== JSON.stringify(figure.network)) figure.setNetwork(model.get("weights"));

  figure.addEventListener("network", (event) => {
    const { network, index } = /** @type {CustomEvent} */ (event).detail;
    known = JSON.stringify(network);
    model.set("weights", network);
    model.set("index", index);
    model.save_changes();
  });
  figure.addEventListener("select", (event) => {
    model.set("bits", /** @type {CustomEvent} */ (event).detail.pattern);
    model.save_changes();
  });
  const hear = () => {
    const weights = model.get("weights");
    if (JSON.stringify(weights) === known) return;
    known = JSON.stringify(weights);
    figure.setNetwork(weights);
  };
  model.on("change:weights", hear);
  return () => {
    model.off("change:weights", hear);
    figure.close();
    place.remove();
  };
}
