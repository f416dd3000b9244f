// @ts-check
// The binary frame in which pictures of complexes travel; README.md describes the layout, frames.py writes the same.

/** @typedef {Uint8Array | Int8Array | Int32Array | Float32Array | Float64Array} Column */
/** @typedef {{header: Record<string, any>, arrays: Record<string, Column>, shapes: Record<string, number[]>}} Frame */

const MAGIC = 0x46544c52; // "RLTF", little-endian
const VERSION = 1;
const TYPES = { u8: Uint8Array, i8: Int8Array, i32: Int32Array, f32: Float32Array, f64: Float64Array };
const aligned = (/** @type {number} */ n) => Math.ceil(n / 8) * 8;

/**
 * @param {Record<string, any>} header @param {Record<string, Column>} arrays
 * @param {Record<string, number[]>} [shapes] those of arrays of more than one axis
 * @returns {ArrayBuffer}
 */
export function encodeFrame(header, arrays, shapes = {}) {
  let offset = 0;
  const list = Object.entries(arrays).map(([name, column]) => {
    const type = Object.entries(TYPES).find(([, kind]) => column instanceof kind)?.[0];
    const entry = { name, type, shape: shapes[name] ?? [column.length], offset };
    offset += aligned(column.byteLength);
    return entry;
  });
  const text = new TextEncoder().encode(JSON.stringify({ ...header, arrays: list }));
  const begin = aligned(16 + text.length);
  const buffer = new ArrayBuffer(begin + offset);
  new Uint32Array(buffer, 0, 4).set([MAGIC, VERSION, text.length, begin]);
  const bytes = new Uint8Array(buffer);
  bytes.set(text, 16);
  list.forEach(({ name, offset: at }) => {
    const column = arrays[name];
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), begin + at);
  });
  return buffer;
}

/** @param {ArrayBuffer} buffer @returns {Frame} whose arrays are views of the buffer */
export function decodeFrame(buffer) {
  const broken = (/** @type {string} */ why) => new Error(`this is no frame of a complex: ${why}`);
  if (buffer.byteLength < 16) throw broken("too short");
  const [magic, version, length, begin] = new Uint32Array(buffer, 0, 4);
  if (magic !== MAGIC || version !== VERSION) throw broken("wrong signature or version");
  if (begin < 16 + length || begin % 8 || begin > buffer.byteLength) throw broken("its parts do not fit together");
  const { arrays: list, ...header } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 16, length)));
  /** @type {Record<string, Column>} */
  const arrays = {};
  /** @type {Record<string, number[]>} */
  const shapes = {};
  for (const { name, type, shape, offset } of list) {
    const kind = TYPES[/** @type {"u8"} */ (type)];
    const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    if (!kind || offset % 8 || begin + offset + size * kind.BYTES_PER_ELEMENT > buffer.byteLength) throw broken(`array ${name} is outside`);
    arrays[name] = new kind(buffer, begin + offset, size);
    shapes[name] = shape;
  }
  return { header, arrays, shapes };
}
