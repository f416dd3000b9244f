// @ts-check
// A function drawn over the cells: the line where it vanishes, by its signs on a grid of the window. A picture, not a result.

/** @typedef {import("../../plotting/viewer/view.js").ComplexView} ComplexView */

const STEP = 6; // CSS pixels of the grid

/** @param {CanvasRenderingContext2D} context @param {ComplexView} view @param {(x: number, y: number) => number} f */
export function drawZeroLine(context, view, f) {
  const step = STEP * view.ratio;
  const columns = Math.ceil(context.canvas.width / step);
  const rows = Math.ceil(context.canvas.height / step);
  const at = (/** @type {number} */ i, /** @type {number} */ j) => f(...view.toUnits(i * step, j * step));
  let above = Array.from({ length: columns + 1 }, (_, i) => at(i, 0));
  context.beginPath();
  for (let j = 0; j < rows; j++) {
    const below = Array.from({ length: columns + 1 }, (_, i) => at(i, j + 1));
    for (let i = 0; i < columns; i++) {
      const [p, q, r, s] = [above[i], above[i + 1], below[i + 1], below[i]];
      /** @type {number[][]} */
      const ends = [];
      const cross = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number[]} */ from, /** @type {number[]} */ to) => {
        if (a > 0 === b > 0 || !Number.isFinite(a - b)) return;
        const t = a / (a - b);
        ends.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
      };
      cross(p, q, [i, j], [i + 1, j]);
      cross(q, r, [i + 1, j], [i + 1, j + 1]);
      cross(s, r, [i, j + 1], [i + 1, j + 1]);
      cross(p, s, [i, j], [i, j + 1]);
      for (let k = 0; k + 1 < ends.length; k += 2) {
        context.moveTo(ends[k][0] * step, ends[k][1] * step);
        context.lineTo(ends[k + 1][0] * step, ends[k + 1][1] * step);
      }
    }
    above = below;
  }
  context.strokeStyle = view.dark ? "#e6a0cd" : "#a0307e";
  context.lineWidth = 2 * view.ratio;
  context.stroke();
}
