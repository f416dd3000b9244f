// @ts-check
// Training, one picture after the other: while one is drawn, the engine takes the steps to the next.

import { byId } from "./controls.js";
import { liveFacts } from "./facts.js";
import { train } from "./training.js";

/** @typedef {import("./page.js").Page} Page */

const SHORTEST = 16; // ms: no screen shows more
const BETWEEN = 400; // ms between numbers of a training's pictures
const BUDGET = 60; // ms that they may take: a seventh of the time

/** Starts or pauses. @param {Page} page */
export async function runTraining(page) {
  const { training } = page;
  training.running = !training.running;
  byId("run").textContent = training.running ? "Pause" : "Run";
  if (training.busy) return; // the one that was paused goes on
  training.busy = true;
  const wanted = () => training.running;
  let counted = -Infinity;
  let steps = wanted() ? trainSome(page, training.steps, wanted) : Promise.resolve(false);
  while (wanted()) {
    const start = performance.now();
    if (!(await steps)) break;
    const drawn = page.refreshing;
    steps = wanted() ? trainSome(page, training.steps, wanted) : Promise.resolve(false);
    await drawn;
    if (wanted() && performance.now() > counted + BETWEEN) {
      await liveFacts(page, performance.now() + BUDGET);
      counted = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + SHORTEST - performance.now())));
  }
  training.running = training.busy = false;
  byId("run").textContent = "Run";
  page.undescribed = true;
  page.describeSoon();
  page.settle();
}

/**
 * Whether there is more to come. What was changed in the meantime is not overwritten.
 * @param {Page} page @param {number} steps @param {() => boolean} [wanted]
 */
export async function trainSome(page, steps, wanted = () => true) {
  const { model } = page;
  const { kind, rate, decay, batch } = page.training;
  const { data, state } = model;
  try {
    const request = model.trainRequest(steps, { kind, rate, decay }, batch || null);
    const answer = page.worker ? await page.worker.ask("train", request, "train") : train(/** @type {any} */ (request));
    if (wanted() && model.network === request.network && model.state === state && model.data === data) model.trained(answer);
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
