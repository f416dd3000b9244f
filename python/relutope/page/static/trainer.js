// @ts-check
// Training, one picture after the other.

import { byId } from "./controls.js";
import { liveFacts } from "./facts.js";
import { train } from "./training.js";

/** @typedef {import("./page.js").Page} Page */

const FRAME = 33; // ms that steps, picture and numbers may take together
const SHORTEST = 16; // ms: no screen shows more

/** Starts or pauses. @param {Page} page */
export async function runTraining(page) {
  page.training.running = !page.training.running;
  byId("run").textContent = page.training.running ? "Pause" : "Run";
  while (page.training.running) {
    const start = performance.now();
    if (!(await trainSome(page, page.training.steps))) break;
    await page.refreshing;
    if (page.training.running) await liveFacts(page, start + FRAME);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + SHORTEST - performance.now())));
  }
  page.training.running = false;
  byId("run").textContent = "Run";
  page.settle();
}

/** @param {Page} page @param {number} steps */
export async function trainSome(page, steps) {
  const { kind, rate, decay, batch } = page.training;
  try {
    const request = page.model.trainRequest(steps, { kind, rate, decay }, batch || null);
    page.model.trained(page.worker ? await page.worker.ask("train", request, "train") : train(/** @type {any} */ (request)));
    return true;
  } catch (error) {
    page.complain(error);
    return false;
  }
}

/** @param {Page} page @param {import("./model.js").Recorded | undefined} record */
export function goBack(page, record) {
  if (!record) return;
  page.training.running = false;
  page.model.setNetwork(structuredClone(record.network));
  page.say(`back at step ${record.step}`);
}
