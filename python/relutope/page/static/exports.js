// @ts-check
// What is shown, as files of others.

/** @typedef {import("../../plotting/viewer/frame.js").Frame} Frame */

/** @param {string} name @param {string | Blob} content */
export function download(name, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: "text/plain" }));
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The dual graph. @param {Frame} frame */
export function graphML({ header, arrays }) {
  const N = header.n_neurons;
  const nodes = Array.from({ length: header.n_cells }, (_, i) => `<node id="${i}"><data key="pattern">${arrays.patterns.subarray(i * N, (i + 1) * N).join("")}</data></node>`);
  const edges = Array.from({ length: header.n_edges }, (_, k) => {
    const zeros = arrays.zero_neurons.subarray(arrays.zero_begin[k], arrays.zero_begin[k + 1]).join(" ");
    return `<edge source="${arrays.adjacency[2 * k]}" target="${arrays.adjacency[2 * k + 1]}"><data key="neurons">${zeros}</data></edge>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="pattern" for="node" attr.name="pattern" attr.type="string"/>
<key id="neurons" for="edge" attr.name="neurons" attr.type="string"/>
<graph edgedefault="undirected">
${nodes.join("\n")}
${edges.join("\n")}
</graph>
</graphml>
`;
}

/** Lines of Python that make the same complex. @param {any} request of the protocol */
export function pythonLines({ network, domain, outputs, slice }) {
  const rows = network.layers.map((/** @type {any} */ { W, b }) => `    (${JSON.stringify(W)}, ${JSON.stringify(b)}),`);
  const box = domain ? `rt.Box(${JSON.stringify(domain.lower)}, ${JSON.stringify(domain.upper)})` : "None";
  const cut = outputs ? `, outputs="${outputs}"` : "";
  const along = slice?.basis ? `embedding=(${JSON.stringify(slice.origin)}, ${JSON.stringify(slice.basis)})` : JSON.stringify(slice?.points);
  const made = slice ? `rt.slice(network, ${along}${domain ? `, domain=${box}` : ""}${cut}).complex` : `rt.decompose(network, ${box}${cut})`;
  return `import relutope as rt

network = rt.Network([
${rows.join("\n")}
])
cx = ${made}
print(cx)
`;
}

/** Files that Python writes. */
export const FORMATS = { npz: "NPZ", csv: "Table of cells", vtu: "VTU", report: "HTML report", film: "Animation" };

/** @param {string} name @param {string} data in base64 */
export function downloadBytes(name, data) {
  download(name, new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]));
}
