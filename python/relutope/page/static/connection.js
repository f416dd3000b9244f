// @ts-check
// Who computes for the page: the engine in a worker, Python over a websocket, or both.

import { byId } from "./controls.js";
import { SocketProvider, WorkerProvider } from "./providers.js";

export const BY_PYTHON = "Python answers this: start `relutope app`";

/** @param {any} config of the page @param {(text: string) => void} say @returns {Promise<{worker?: WorkerProvider, python?: SocketProvider}>} */
export async function connect(config, say) {
  /** @type {{worker?: WorkerProvider, python?: SocketProvider}} */
  const found = {};
  if (config.socket) {
    found.python = new SocketProvider(`ws://${location.host}${config.socket}`);
    await found.python.ready;
  }
  try {
    found.worker = await engineWorker(config, say);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    if (!found.python) throw new Error(`the engine does not run in this browser (${why}); with Python there is \`relutope app\``);
  }
  if (!found.worker && !found.python) throw new Error("there is no engine here: relutope was built without WebAssembly");
  return found;
}

/** @param {any} config @param {(text: string) => void} say @returns {Promise<WorkerProvider | undefined>} */
async function engineWorker(config, say) {
  const code = await engineCode(config);
  if (!code) return undefined;
  const address = config.worker ?? URL.createObjectURL(new Blob([JSON.parse(byId("worker-source").textContent)], { type: "text/javascript" }));
  const worker = new WorkerProvider(() => new Worker(address), code, ({ stage, seconds }) => say(`computing ${stage}, ${seconds.toFixed(1)} s`));
  try {
    await worker.start();
    return worker;
  } catch (error) {
    worker.close();
    throw error;
  }
}

/** @param {any} config @returns {Promise<ArrayBuffer | null>} */
async function engineCode(config) {
  if (config.packed) {
    const bytes = Uint8Array.from(atob(byId("packed").textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }
  return config.engine ? (await fetch(config.engine)).arrayBuffer() : null;
}
