// Answers questions, one JSON object a line, with the WebAssembly core: node answers.mjs FOLDER_OF_THE_VIEWER < questions > answers.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, folder));
const [{ Engine }, { Network }, cells, spectra, training, { picture }, { encodeFrame, decodeFrame }] = await Promise.all(
  ["engine.js", "network.js", "cells.js", "spectrum.js", "training.js", "picture.js", "frame.js"].map(load),
);
let polls = 0;
let stopAfter = Infinity;
const engine = await Engine.start(readFileSync(new URL("relutope.wasm", folder)), () => ++polls > stopAfter);
const numbers = (array) => Array.from(array, (x) => (Number.isFinite(x) ? x : String(x)));
const infinite = (bounds) => bounds.map((x) => (x === null ? undefined : x));

function domainOf({ domain }) {
  if (!domain) return null;
  const lower = infinite(domain.lower).map((x) => x ?? -Infinity);
  const upper = infinite(domain.upper).map((x) => x ?? Infinity);
  return { lower, upper, halfspaces: domain.halfspaces ?? [] };
}

const commands = {
  complex(question) {
    const network = Network.fromJSON(question.network);
    const cx = engine.decompose(network, domainOf(question), question);
    try {
      const answer = {
        n_cells: cx.nCells,
        patterns: Buffer.from(cx.patterns).toString("hex"),
        adjacency: [...cx.adjacency],
        zeros: Array.from({ length: cx.nEdges }, (_, k) => [...cx.zeroIds.subarray(cx.zeroBegin[k], cx.zeroBegin[k + 1])]),
        bounded: [...cx.bounded],
        lineality: cx.lineality,
      };
      for (const [name, make] of Object.entries(wanted)) if (question.want?.includes(name)) answer[name] = make(cx, question);
      return answer;
    } finally {
      cx.free();
    }
  },
  picture(question) {
    const { header, arrays, shapes } = picture(engine, question.request);
    const frame = decodeFrame(encodeFrame(header, arrays, shapes));
    return { header: frame.header, shapes: frame.shapes, arrays: Object.fromEntries(Object.entries(frame.arrays).map(([k, v]) => [k, numbers(v)])) };
  },
  frame(question) {
    const { header, arrays, shapes } = picture(engine, question.request);
    return { base64: Buffer.from(encodeFrame(header, arrays, shapes)).toString("base64") };
  },
  decode(question) {
    const bytes = Buffer.from(question.base64, "base64");
    const { header, arrays, shapes } = decodeFrame(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return { header, shapes, arrays: Object.fromEntries(Object.entries(arrays).map(([k, v]) => [k, numbers(v)])) };
  },
  fiedler({ nodes, ends, weights, normalized }) {
    const found = spectra.fiedler(engine, nodes, Int32Array.from(ends), Float64Array.from(weights), normalized);
    return { value: found.value, vector: numbers(found.vector), partition: [...found.partition], multiplicity: found.multiplicity };
  },
  spectrum: ({ nodes, ends, weights, count, normalized }) =>
    numbers(spectra.spectrum(engine, nodes, Int32Array.from(ends), Float64Array.from(weights), count, normalized)),
  gradient({ network, X, y, loss }) {
    const found = training.lossAndGradient(Network.fromJSON(network), X, y, loss);
    return { loss: found.loss, gradient: found.gradient.map((row) => [...row]) };
  },
  train: (question) => training.train(question.request),
  forward: ({ network, X }) => X.map((x) => [...Network.fromJSON(network).forward(x)]),
  stopped(question) {
    stopAfter = polls + question.polls;
    try {
      return commands.complex(question);
    } finally {
      stopAfter = Infinity;
    }
  },
  reserve: ({ doubles }) => engine.call("locate", [0], { doubles: { length: doubles } }).length,
  state: () => ({ held: engine.held, memory: engine.memory, polls }),
  times: ({ network, domain, repeats }) => {
    const net = Network.fromJSON(network);
    const seconds = Array.from({ length: repeats }, () => {
      const start = performance.now();
      engine.decompose(net, domain, {}).free();
      return (performance.now() - start) / 1000;
    });
    return Math.min(...seconds);
  },
};

const wanted = {
  f_vector: (cx) => cx.fVector,
  vertices: (cx) => ({ coordinates: numbers(cx.vertices.coordinates), finite: cx.vertices.nFinite, kept: cx.kept }),
  signs: (cx) => [...cx.vertexSigns],
  values: (cx) => ({ values: numbers(cx.vertexValues.values), ranks: [...cx.vertexValues.ranks] }),
  outlines: (cx) => ({ begin: [...cx.outlines.begin], corners: [...cx.outlines.corners], facet: [...cx.outlines.facet], begin_of_cell: [...cx.facetBegin] }),
  betti: (cx, { betti }) => betti.map((one) => cx.betti(one.of, one)),
  persistence: (cx, { filtration }) => cx.persistence(filtration ?? "sublevel").map(([d, ...rest]) => [d, ...numbers(rest)]),
  locate: (cx, { points }) => [...cx.locate(points.flat())],
  maps: (cx) => numbers(cells.affineMaps(cx)),
  weights: (cx, { weights }) => weights.map((name) => numbers(cells.edgeWeights(cx, name))),
  decisions: (cx) => {
    const { labels, regions } = cells.decisionRegions(cx);
    return { labels: [...labels], regions: [...regions] };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = { answer: commands[question.command](question) };
  } catch (error) {
    answer = { error: error.kind ?? error.constructor.name, message: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
