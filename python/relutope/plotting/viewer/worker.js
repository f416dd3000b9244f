// @ts-check
// The engine in a Web Worker. Messages in: {id, command, request}. Out: {id, frame}, {id, answer} or {id, error}; before that {id, stage},
// what is being computed.
// A worker cannot hear a message while it computes: to cancel, the page ends it and starts another (providers.js).

import { Engine, EngineError } from "./engine.js";
import { encodeFrame } from "./frame.js";
import { InputError } from "./network.js";
import { picture } from "./picture.js";
import { train } from "./training.js";

/** @type {Engine | undefined} */
let workerEngine;

/** @param {{id: number, command: string, request: any}} message */
async function answer({ id, command, request }) {
  if (command === "start") {
    workerEngine = await Engine.start(request.code);
    return self.postMessage({ id, answer: { memory: workerEngine.memory } });
  }
  if (command === "train") return self.postMessage({ id, answer: train(request) });
  if (!workerEngine) throw new EngineError("broken", "the engine was not started");
  if (command !== "complex") throw new InputError(`the command "${command}" is unknown`);
  const { header, arrays, shapes } = picture(workerEngine, request, (stage) => self.postMessage({ id, stage }));
  const frame = encodeFrame(header, arrays, shapes);
  return self.postMessage({ id, frame, memory: workerEngine.memory }, { transfer: [frame] });
}

self.onmessage = (event) => {
  answer(event.data).catch((error) => {
    const kind = error instanceof EngineError ? error.kind : error instanceof InputError ? "input" : "broken";
    self.postMessage({ id: event.data.id, error: { kind, message: String(error?.message ?? error) }, dead: workerEngine?.dead });
  });
};
