// @ts-check
// Small charts as SVG.

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
export function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {number} x */
export function short(x) {
  if (!Number.isFinite(x)) return x > 0 ? "∞" : x < 0 ? "−∞" : "–";
  return String(Number(x.toPrecision(3)));
}

const W = 300;
const H = 130;
const M = { left: 34, right: 8, top: 8, bottom: 18 };

/** @param {number} low @param {number} high @param {number} from @param {number} to */
function scale(low, high, from, to) {
  const span = high > low ? high - low : 1;
  return (/** @type {number} */ v) => from + ((v - low) / span) * (to - from);
}

/** @param {Element} element @param {number[]} xs @param {number[]} ys the ends of both axes */
function frame(element, xs, ys) {
  element.replaceChildren();
  element.setAttribute("viewBox", `0 0 ${W} ${H}`);
  element.append(svg("path", { d: `M${M.left} ${M.top}V${H - M.bottom}H${W - M.right}`, class: "axis" }));
  const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ anchor, /** @type {number} */ value) =>
    element.append(svg("text", { x, y, "text-anchor": anchor }, short(value)));
  text(M.left - 4, H - M.bottom, "end", ys[0]);
  text(M.left - 4, M.top + 8, "end", ys[1]);
  text(M.left, H - 5, "start", xs[0]);
  text(W - M.right, H - 5, "end", xs[1]);
  return { x: scale(xs[0], xs[1], M.left, W - M.right), y: scale(ys[0], ys[1], H - M.bottom, M.top) };
}

/** Loss and accuracies over steps; a click restores the nearest record. @param {SVGSVGElement} element @param {import("./model.js").Recorded[]} history @param {(record: import("./model.js").Recorded) => void} onpick */
export function drawHistory(element, history, onpick) {
  if (!history.length) return element.replaceChildren();
  const most = Math.max(1e-9, ...history.map(({ loss }) => loss));
  const place = frame(element, [history[0].step, history[history.length - 1].step], [0, most]);
  const line = (/** @type {(r: import("./model.js").Recorded) => number} */ of, /** @type {string} */ name) =>
    element.append(svg("polyline", { points: history.map((r) => `${place.x(r.step)},${place.y(of(r))}`).join(" "), class: name }));
  line((r) => r.loss, "loss");
  line((r) => r.accuracy * most, "train");
  if (history.every((r) => Number.isFinite(r.held))) line((r) => r.held * most, "held");
  const nearest = (/** @type {MouseEvent} */ { clientX }) => {
    const { left, width } = element.getBoundingClientRect();
    const away = (/** @type {import("./model.js").Recorded} */ { step }) => Math.abs(place.x(step) - ((clientX - left) * W) / width);
    return history.reduce((best, record) => (away(record) < away(best) ? record : best));
  };
  element.onclick = (event) => onpick(nearest(event));
}

/** Eigenvalues in order. @param {Element} element @param {ArrayLike<number>} values */
export function drawSpectrum(element, values) {
  if (!values.length) return element.replaceChildren();
  const place = frame(element, [1, values.length], [0, values[values.length - 1]]);
  Array.from(values).forEach((value, k) => {
    const dot = svg("circle", { cx: place.x(k + 1), cy: place.y(value), r: 3, class: "dot" });
    dot.append(svg("title", {}, `eigenvalue ${k + 1}: ${value}`));
    element.append(dot);
  });
}

/** Mean curves with their bands, one for each dimension. @param {Element} element @param {{grid: number[], mean: number[][], low: number[][], high: number[][]}} curves */
export function drawCurves(element, { grid, mean, low, high }) {
  const most = Math.max(1, ...high.flat());
  const place = frame(element, [0, 1], [0, most]);
  mean.forEach((curve, dim) => {
    const edge = (/** @type {number[]} */ values, /** @type {number[]} */ xs) => xs.map((x, k) => `${place.x(x)},${place.y(Math.max(0, values[k]))}`);
    const band = [...edge(high[dim], grid), ...edge([...low[dim]].reverse(), [...grid].reverse())].join(" ");
    if (curve.some((value) => value > 0)) element.append(svg("polygon", { points: band, class: `band dim${dim}` }), svg("polyline", { points: edge(curve, grid).join(" "), class: `curve dim${dim}` }));
  });
}

/** @param {Element} element @param {ArrayLike<number>} pairs rows of dimension, birth, death */
export function drawPersistence(element, pairs) {
  const rows = Array.from({ length: pairs.length / 3 }, (_, k) => [pairs[3 * k], pairs[3 * k + 1], pairs[3 * k + 2]]);
  const finite = rows.flatMap(([, birth, death]) => [birth, death]).filter(Number.isFinite);
  if (!finite.length) return element.replaceChildren();
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (low === high) [low, high] = [low - 1, high + 1];
  const place = frame(element, [low, high], [low, high]);
  element.append(svg("path", { d: `M${place.x(low)} ${place.y(low)}L${place.x(high)} ${place.y(high)}`, class: "axis" }));
  for (const [dim, birth, death] of rows) {
    if (!Number.isFinite(birth)) continue;
    const at = { cx: place.x(birth), cy: Number.isFinite(death) ? place.y(death) : M.top, r: 3.5, class: `dim${dim}` };
    const dot = svg("circle", at);
    dot.append(svg("title", {}, `dimension ${dim}: ${short(birth)} to ${short(death)}`));
    element.append(dot);
  }
}
