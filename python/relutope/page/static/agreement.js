// @ts-check
// How well a partition of the cells agrees with their classes; as relutope.agreement.

/**
 * @param {ArrayLike<number>} side @param {ArrayLike<number>} labels 0 or 1 for each cell
 * @param {ArrayLike<number>} adjacency pairs of cells @param {ArrayLike<number>} volumes
 * @returns {{accuracy: number, volume: number, ari: number, recall: number, precision: number}} shares; NaN where undefined
 */
export function agreementOf(side, labels, adjacency, volumes) {
  let [same, sameVolume, volume] = [0, 0, 0];
  const counts = [[0, 0], [0, 0]];
  for (let k = 0; k < side.length; k++) {
    const equal = Number(side[k] === labels[k]);
    same += equal;
    sameVolume += equal * volumes[k];
    volume += volumes[k];
    counts[side[k]][labels[k]] += 1;
  }
  let [boundary, cut, both] = [0, 0, 0];
  for (let k = 0; k < adjacency.length; k += 2) {
    const [a, b] = [adjacency[k], adjacency[k + 1]];
    const between = Number(labels[a] !== labels[b]);
    const crossed = Number(side[a] !== side[b]);
    boundary += between;
    cut += crossed;
    both += between * crossed;
  }
  const better = (/** @type {number} */ x) => Math.max(x, 1 - x);
  return {
    accuracy: better(same / side.length),
    volume: Number.isFinite(volume) ? better(sameVolume / volume) : NaN,
    ari: adjustedRand(counts),
    recall: boundary ? both / boundary : NaN,
    precision: cut ? both / cut : NaN,
  };
}

/** The adjusted Rand index of two partitions (Hubert and Arabie 1985). @param {number[][]} counts cells by part and class */
function adjustedRand(counts) {
  const pairs = (/** @type {number[]} */ list) => list.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const rows = counts.map((row) => row.reduce((a, b) => a + b));
  const columns = counts[0].map((_, k) => counts.reduce((sum, row) => sum + row[k], 0));
  const [same, a, b, all] = [pairs(counts.flat()), pairs(rows), pairs(columns), pairs([rows.reduce((x, y) => x + y)])];
  const expected = all ? (a * b) / all : 0;
  const best = (a + b) / 2;
  return best === expected ? 1 : (same - expected) / (best - expected);
}
