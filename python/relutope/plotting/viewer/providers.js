// @ts-check
// Two providers of one protocol (README.md): the engine in a worker, and Python over a websocket. Each answers
// `ask(command, request)`; of several unanswered questions of one kind only the latest matters, earlier ones are dropped.

import { decodeFrame } from "./frame.js";

/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {{stage: string, seconds: number}} Progress what is being computed, and for how long */

export class ProviderError extends Error {
  /** @param {string} kind "input", "cells", "memory", "dropped", "cancelled", "broken", ... @param {string} message */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

const RECYCLE = 256 * 2 ** 20; // bytes of memory beyond which a worker is replaced: WebAssembly never gives memory back

const PATIENCE = 200; // ms after which progress is told of

export class WorkerProvider {
  /**
   * @param {() => Worker} makeWorker @param {BufferSource | WebAssembly.Module} code relutope.wasm
   * @param {(progress: Progress) => void} [onprogress] told several times a second of a question that takes long
   */
  constructor(makeWorker, code, onprogress = () => {}) {
    this.makeWorker = makeWorker;
    this.code = code;
    this.onprogress = onprogress;
    this.next = 0;
    this.restarts = 0;
    this.closed = false;
    /** @type {{id: number, command: string, request: unknown, resolve: (value: any) => void, reject: (error: Error) => void} | null} */
    this.running = null;
    /** @type {Map<string, NonNullable<WorkerProvider["running"]>>} the latest question of each kind */
    this.waiting = new Map();
    /** @type {Worker | null} */
    this.worker = null;
  }

  /** Starts the worker; a promise of the engine being ready. @param {boolean} [compiled] whether the worker gets compiled code */
  async start(compiled = true) {
    if (compiled && !(this.code instanceof WebAssembly.Module)) this.code = await WebAssembly.compile(this.code);
    return this.launch();
  }

  /** A worker, asked to start before everything that waits. @returns {Promise<any>} */
  async launch() {
    try {
      this.worker = this.makeWorker();
    } catch (error) {
      const broken = new ProviderError("broken", `no worker can be started here: ${error instanceof Error ? error.message : error}`);
      this.rejectAll(broken);
      throw broken;
    }
    this.worker.onmessage = (event) => this.hear(event.data);
    this.worker.onerror = (event) => this.restart(new ProviderError("broken", `the engine's worker ended: ${event.message || "out of memory"}`));
    const waiting = [...this.waiting];
    this.waiting.clear();
    const ready = this.ask("start", { code: this.code }, "start");
    for (const [key, one] of waiting) this.waiting.set(key, one);
    return ready;
  }

  /**
   * @param {string} command @param {unknown} request
   * @param {string} [kind] questions of the same kind replace each other while they wait; "" for none
   * @returns {Promise<any>} a decoded frame, or an answer
   */
  ask(command, request, kind = command) {
    if (this.closed) return Promise.reject(new ProviderError("cancelled", "the page was closed"));
    return new Promise((resolve, reject) => {
      const question = { id: this.next++, command, request, resolve, reject };
      const key = kind || String(question.id);
      this.waiting.get(key)?.reject(new ProviderError("dropped", "a later question took its place"));
      this.waiting.delete(key);
      this.waiting.set(key, question);
      if (this.worker) this.pump();
      else this.launch().catch(() => {}); // one that did not start is tried again when it is asked for
    });
  }

  pump() {
    if (this.running || !this.worker) return;
    const [key, question] = this.waiting.entries().next().value ?? [];
    if (!question || key === undefined) return;
    this.waiting.delete(key);
    this.running = question;
    this.worker.postMessage({ id: question.id, command: question.command, request: question.request });
    this.watch(question.command);
  }

  /** Tells of progress until the question is answered; the worker only says which stage it is in. @param {string} stage */
  watch(stage) {
    const began = performance.now();
    this.stage = stage;
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      if (this.running) this.onprogress({ stage: this.stage ?? stage, seconds: (performance.now() - began) / 1000 });
      else clearInterval(this.timer);
    }, PATIENCE);
  }

  /** @param {any} message */
  hear(message) {
    const question = this.running;
    if (!question || question.id !== message.id) return;
    if (message.stage) return void (this.stage = message.stage);
    this.running = null;
    if (message.error) question.reject(new ProviderError(message.error.kind, message.error.message));
    else question.resolve(message.frame ? decodeFrame(message.frame) : message.answer);
    if (message.memory > RECYCLE || message.dead) this.restart(null);
    else this.pump();
  }

  /** Stops what is running. */
  cancel() {
    if (this.running) this.restart(new ProviderError("cancelled", "the computation was stopped"));
  }

  /**
   * A fresh worker; what waits goes to it. One that ended before it had started is not replaced until something is asked for.
   * @param {ProviderError | null} error for the running question
   */
  restart(error) {
    this.restarts += 1;
    this.worker?.terminate();
    this.worker = null;
    const question = this.running;
    this.running = null;
    if (error && question?.command === "start") this.rejectAll(error);
    else this.launch().catch(() => {}); // its error goes to what waits
    if (error) question?.reject(error);
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.worker?.terminate();
    this.worker = null;
    const error = new ProviderError("cancelled", "the page was closed");
    this.running?.reject(error);
    this.running = null;
    this.rejectAll(error);
  }

  /** @param {ProviderError} error for all that wait */
  rejectAll(error) {
    for (const question of this.waiting.values()) question.reject(error);
    this.waiting.clear();
  }
}

/** Asks by two lines of JSON: id, command and kind, and the request, which another process reads. */
export class SocketProvider {
  /** @param {string} address ws://... @param {(progress: Progress) => void} [onprogress] */
  constructor(address, onprogress = () => {}) {
    this.onprogress = onprogress;
    this.next = 0;
    /** @type {Map<number, {command: string, resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.open = new Map();
    this.socket = new WebSocket(address);
    this.socket.binaryType = "arraybuffer";
    this.ready = new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve(this);
      this.socket.onerror = () => reject(new ProviderError("broken", "there is no connection to Python"));
    });
    this.socket.onmessage = (event) => this.hear(event.data);
    this.socket.onclose = () => this.close();
  }

  /** @param {string} command @param {unknown} request @param {string} [kind] as for WorkerProvider @returns {Promise<any>} */
  ask(command, request, kind = command) {
    if (this.socket.readyState > WebSocket.OPEN) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.open.set(id, { command, resolve, reject });
      this.socket.send(`${JSON.stringify({ id, command, kind })}\n${JSON.stringify(request ?? null)}`);
    });
  }

  /** @param {string | ArrayBuffer} data an answer as JSON, or the question's number in eight bytes and a frame */
  hear(data) {
    const frame = typeof data === "string" ? null : decodeFrame(data.slice(8));
    const message = typeof data === "string" ? JSON.parse(data) : { id: Number(new DataView(data).getBigInt64(0, true)) };
    if (message.progress) return this.onprogress(message.progress);
    const question = this.open.get(message.id);
    this.open.delete(message.id);
    if (message.error) question?.reject(new ProviderError(message.error.kind, message.error.message));
    else question?.resolve(frame ?? message.answer);
  }

  get ended() {
    return new ProviderError("broken", "the connection to Python ended; start `relutope app` again");
  }

  cancel() {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ id: this.next++, command: "cancel" }));
  }

  close() {
    for (const question of this.open.values()) question.reject(this.ended);
    this.open.clear();
    this.socket.close();
  }
}
