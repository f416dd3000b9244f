// @ts-check
// Which cell each pixel belongs to. Every pixel's centre is given to one polygon of those around it, so there are no seams between
// neighbours, no blending, and the cell under the pointer is a look-up.

export const NO_CELL = -1;

const LONG = 48; // pixels from which on a call of `fill` is faster than a loop

/**
 * Fills `ids` (width x height) with the number of the polygon at each pixel's centre.
 * @param {Int32Array} ids @param {number} width @param {number} height
 * @param {ArrayLike<number>} begin polygon k has the corners begin[k] .. begin[k + 1]
 * @param {ArrayLike<number>} corners vertices, in order around each convex polygon
 * @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys of the vertices, in pixels
 */
export function fillPolygons(ids, width, height, begin, corners, xs, ys) {
  ids.fill(NO_CELL);
  const left = new Float64Array(height);
  const right = new Float64Array(height);
  for (let k = 0; k + 1 < begin.length; k++) {
    const end = begin[k + 1];
    let low = Infinity;
    let high = -Infinity;
    for (let c = begin[k]; c < end; c++) {
      const y = ys[corners[c]];
      if (y < low) low = y;
      if (y > high) high = y;
    }
    const first = Math.max(0, Math.ceil(low - 0.5));
    const last = Math.min(height, Math.ceil(high - 0.5)); // rows with low <= row + 1/2 < high
    for (let row = first; row < last; row++) {
      left[row] = Infinity;
      right[row] = -Infinity;
    }
    if (first < last) for (let c = begin[k], before = corners[end - 1]; c < end; before = corners[c++]) mark(left, right, first, last, before, corners[c], xs, ys);
    for (let row = first; row < last; row++) {
      const from = row * width + Math.max(0, Math.ceil(left[row] - 0.5));
      const to = row * width + Math.min(width, Math.ceil(right[row] - 0.5));
      if (to - from > LONG) ids.fill(k, from, to);
      else for (let at = from; at < to; at++) ids[at] = k;
    }
  }
}

/**
 * Fills flat polygons of space as they are seen: at each pixel the facet that is nearest to the reader, and its depth.
 * @param {Int32Array} ids @param {Float64Array} depth @param {number} width @param {number} height
 * @param {ArrayLike<number>} begin @param {ArrayLike<number>} corners as for `fillPolygons`
 * @param {{xs: ArrayLike<number>, ys: ArrayLike<number>, zs: ArrayLike<number>}} at points in pixels; depth grows towards the reader
 */
export function fillFacets(ids, depth, width, height, begin, corners, { xs, ys, zs }) {
  ids.fill(NO_CELL);
  depth.fill(-Infinity);
  const left = new Float64Array(height);
  const right = new Float64Array(height);
  for (let k = 0; k + 1 < begin.length; k++) {
    let low = Infinity;
    let high = -Infinity;
    let [nx, ny, nz] = [0, 0, 0]; // the polygon's normal, after Newell
    for (let c = begin[k]; c < begin[k + 1]; c++) {
      const [a, b] = [corners[c], corners[c + 1 < begin[k + 1] ? c + 1 : begin[k]]];
      low = Math.min(low, ys[a]);
      high = Math.max(high, ys[a]);
      nx += (ys[a] - ys[b]) * (zs[a] + zs[b]);
      ny += (zs[a] - zs[b]) * (xs[a] + xs[b]);
      nz += (xs[a] - xs[b]) * (ys[a] + ys[b]);
    }
    const first = Math.max(0, Math.ceil(low - 0.5));
    const last = Math.min(height, Math.ceil(high - 0.5));
    if (first >= last || Math.abs(nz) <= 1e-6 * Math.hypot(nx, ny)) continue; // seen from the side
    left.fill(Infinity, first, last);
    right.fill(-Infinity, first, last);
    for (let c = begin[k]; c < begin[k + 1]; c++) {
      mark(left, right, first, last, corners[c], corners[c + 1 < begin[k + 1] ? c + 1 : begin[k]], xs, ys);
    }
    const v = corners[begin[k]];
    for (let row = first; row < last; row++) {
      const from = Math.max(0, Math.ceil(left[row] - 0.5));
      const to = Math.min(width, Math.ceil(right[row] - 0.5));
      for (let column = from; column < to; column++) {
        const z = zs[v] - (nx * (column + 0.5 - xs[v]) + ny * (row + 0.5 - ys[v])) / nz;
        const pixel = row * width + column;
        if (z <= depth[pixel]) continue;
        depth[pixel] = z;
        ids[pixel] = k;
      }
    }
  }
}

/**
 * Where the side from a to b crosses the rows' centres. Both cells of a side see the same numbers: it is taken from below.
 * @param {Float64Array} left @param {Float64Array} right @param {number} first @param {number} last
 * @param {number} a @param {number} b @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys
 */
function mark(left, right, first, last, a, b, xs, ys) {
  const [p, q] = ys[a] < ys[b] || (ys[a] === ys[b] && a < b) ? [a, b] : [b, a];
  const slope = (xs[q] - xs[p]) / (ys[q] - ys[p]);
  const end = Math.min(last, Math.ceil(ys[q] - 0.5));
  for (let row = Math.max(first, Math.ceil(ys[p] - 0.5)); row < end; row++) {
    const x = xs[p] + (row + 0.5 - ys[p]) * slope;
    if (x < left[row]) left[row] = x;
    if (x > right[row]) right[row] = x;
  }
}

/**
 * The part of a segment inside the rectangle [0, width] x [0, height] with a margin, or null (Liang and Barsky 1984). Canvas paths
 * have single precision: far ends must be cut before.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} width @param {number} height
 * @returns {[number, number, number, number] | null}
 */
export function clipSegment(x0, y0, x1, y1, width, height) {
  const margin = 8;
  let t0 = 0;
  let t1 = 1;
  const sides = [
    [x0 - x1, x0 + margin],
    [x1 - x0, width + margin - x0],
    [y0 - y1, y0 + margin],
    [y1 - y0, height + margin - y0],
  ];
  for (const [p, q] of sides) {
    if (p === 0) {
      if (q < 0) return null;
    } else if (p < 0) {
      t0 = Math.max(t0, q / p);
    } else {
      t1 = Math.min(t1, q / p);
    }
    if (t0 > t1) return null;
  }
  return [x0 + t0 * (x1 - x0), y0 + t0 * (y1 - y0), x0 + t1 * (x1 - x0), y0 + t1 * (y1 - y0)];
}

/**
 * Draws segments over pixels, smooth: a pixel is covered as far as it lies within the line, seen along the steeper axis.
 * @param {Uint32Array} pixels of an ImageData, width x height
 * @param {number} width @param {number} height
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 in pixels
 * @param {number} thickness in pixels @param {readonly [number, number, number]} rgb @param {number} alpha between 0 and 1
 */
export function strokeSegment(pixels, width, height, x0, y0, x1, y1, thickness, rgb, alpha) {
  const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
  const [a, b, c, d] = steep ? [y0, x0, y1, x1] : [x0, y0, x1, y1]; // from (a, b) to (c, d), a running fastest
  const slope = c === a ? 0 : (d - b) / (c - a);
  const across = steep ? width : height;
  const stepAlong = steep ? width : 1;
  const stepAcross = steep ? 1 : width;
  const half = (thickness / 2) * Math.sqrt(1 + slope * slope);
  const from = Math.max(0, Math.ceil(Math.min(a, c) - 0.5));
  const to = Math.min(steep ? height : width, Math.ceil(Math.max(a, c) - 0.5));
  const redBlue = rgb[0] | (rgb[2] << 16);
  const green = rgb[1] << 8;
  for (let i = from; i < to; i++) {
    const middle = b + (i + 0.5 - a) * slope;
    const low = middle - half;
    const high = middle + half;
    const last = Math.min(across, Math.ceil(high));
    for (let j = Math.max(0, Math.floor(low)); j < last; j++) {
      const share = Math.round(128 * alpha * ((high < j + 1 ? high : j + 1) - (low > j ? low : j)));
      const at = i * stepAlong + j * stepAcross;
      const under = pixels[at];
      if (under === 0) {
        pixels[at] = (Math.min(255, 2 * share) << 24) | redBlue | green;
        continue;
      }
      const mixed = (under & 0xff00ff) * (128 - share) + redBlue * share; // two colours at once: no product reaches the next
      pixels[at] = (255 << 24) | ((mixed >> 7) & 0xff00ff) | ((((under & 0xff00) * (128 - share) + green * share) >> 7) & 0xff00);
    }
  }
}
