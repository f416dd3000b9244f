// @ts-check
// The affine map of one cell, for the page: frames leave those of all cells out unless they are coloured by them.

/**
 * f(x) = A x + c on a cell, as rows [...A, c].
 * @param {{layers: {W: number[][], b: number[]}[]}} network without linear units
 * @param {ArrayLike<number>} bits which of its neurons are active, layer by layer
 * @returns {number[][]}
 */
export function mapOfCell(network, bits) {
  const n = network.layers[0].W[0].length;
  let first = 0;
  /** @type {number[][]} */
  let rows = Array.from({ length: n }, (_, i) => Array.from({ length: n + 1 }, (_, k) => (k === i ? 1 : 0)));
  network.layers.forEach(({ W, b }, l) => {
    const last = l === network.layers.length - 1;
    rows = W.map((weights, i) => {
      if (!last && !bits[first + i]) return new Array(n + 1).fill(0);
      const row = new Array(n + 1).fill(0);
      row[n] = b[i];
      weights.forEach((w, j) => rows[j].forEach((a, k) => (row[k] += w * a)));
      return row;
    });
    first += b.length;
  });
  return rows;
}
