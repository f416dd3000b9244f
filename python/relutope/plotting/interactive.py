"""A complex as one HTML file to pan, zoom, hover and select: the viewer with the cells inside."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ..common.files import write_text
from ..complex.cell_complex import CellComplex
from ..complex.cells import ComplexLike, complex_of

COLOURINGS = ("pattern", "value", "gradient", "degree", "active")
"""What the page can colour cells by; "label" where cells were cut by the outputs."""

_MODULES = ("frame.js", "raster.js", "colours.js", "svg.js", "layers.js", "view.js")

__all__ = ["COLOURINGS", "save_html"]


def save_html(cx: ComplexLike, path: str | Path, by: str = "pattern", *, title: str = "") -> Path:
    """Write a page with a complex of one or two dimensions, to look at in any browser.

    Pan, zoom, hover (pattern, affine map, neighbours, area), select with its neighbours, colour by
    something else. One file that refers to nothing outside; works from a folder, without a server.

    Parameters
    ----------
    cx : Complex
        Of one or two dimensions, bounded.
    path : str or Path
    by : {"pattern", "value", "gradient", "degree", "active", "label"}
        What colours cells at first; "label", the class, where cells were cut by the outputs.
    title : str
        Heading of the page.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the complex is unbounded or has another dimension, or the colouring is unknown.

    See Also
    --------
    relutope.plot, relutope.plotting.viewer.live_figure

    Examples
    --------
    >>> import relutope as rt, tempfile, pathlib
    >>> cx = rt.decompose(rt.mlp([2, 6, 1]), rt.Box(-1, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = save_html(cx, pathlib.Path(folder) / "cells.html").read_text()
    >>> "http://" in page.replace("http://www.w3.org", "") or "https://" in page
    False
    """
    cx = complex_of(cx)
    if cx.dim > 2 or not cx.bounded.all():
        raise ValueError(
            f"`cx` has {cx.dim} dimensions and {int((~cx.bounded).sum())} unbounded cells; a page "
            "shows one or two dimensions of a bounded domain: take a box, or a slice"
        )
    known = (*COLOURINGS, "label") if cx.n_output_neurons else COLOURINGS
    if by not in known:
        raise ValueError(f"`by` is {by!r}; use one of {', '.join(known)}")
    write_text(path, _page(cx, by, title or f"{cx.n_cells:,} cells", known))
    return Path(path)


def _page(cx: CellComplex, by: str, title: str, known: tuple[str, ...]) -> str:
    from .viewer.bundle import bundle
    from .viewer.frame import complex_frame

    want = ["outlines", "patterns", "edges", "maps", "points"]
    if cx.n_output_neurons:
        want.append("decisions")
    areas = np.ascontiguousarray(cx.cell_volumes, dtype=np.float64)
    frame = base64.b64encode(complex_frame(cx, want, further={"areas": areas})).decode("ascii")
    words: dict[str, Any] = {
        "title": escape(title),
        "frame": frame,
        "script": bundle(_MODULES),
        "by": by,
        "options": "".join(
            f'<option value="{name}"{" selected" if name == by else ""}>{_NAMES[name]}</option>'
            for name in known
        ),
    }
    page = _TEMPLATE
    for name, value in words.items():
        page = page.replace(f"%{name}%", value)
    return page


_NAMES = {
    "pattern": "activation pattern",
    "value": "output",
    "gradient": "length of the gradient",
    "degree": "number of neighbours",
    "active": "active neurons",
    "label": "class",
}

_TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>%title%</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: light-dark(#fbfaf8, #14161a);
  color: light-dark(#1c1f24, #e8e6e3); }
main { max-width: 1080px; margin: 0 auto; padding: 20px; }
h1 { font-size: 20px; margin: 0 0 12px; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) 280px; gap: 20px; }
#view { position: relative; width: 100%; aspect-ratio: 1; border-radius: 8px; overflow: hidden; }
#cell { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
@media (max-width: 760px) { .row { grid-template-columns: minmax(0, 1fr); } }
</style></head><body><main>
<h1>%title%</h1>
<div class="row"><div id="view"></div>
<aside><label>Colour by <select id="by">%options%</select></label>
<p id="cell">Point at a cell; click to keep it. Drag to move, wheel to zoom.</p></aside></div>
</main>
<script type="module">
%script%
const bytes = Uint8Array.from(atob("%frame%"), (c) => c.charCodeAt(0));
const frame = decodeFrame(bytes.buffer);
const view = new ComplexView(document.getElementById("view"), { colour: "%by%" });
view.setFrame(frame);
const { adjacency, patterns, maps, areas } = frame.arrays;
const n = frame.header.dim, N = frame.header.n_neurons, m = frame.header.n_outputs;
const degree = new Int32Array(frame.header.n_cells);
for (const cell of adjacency) degree[cell] += 1;
const number = (x) => Number(x).toPrecision(4);
function describe(cell) {
  const bits = Array.from(patterns.subarray(cell * N, cell * N + N)).join("");
  const rows = [`cell ${cell}`, `pattern ${bits}`];
  for (let k = 0; k < m; k += 1) {
    const row = maps.subarray((cell * m + k) * (n + 1), (cell * m + k + 1) * (n + 1));
    const terms = Array.from(row.subarray(0, n), (a, i) => `${number(a)} x${i + 1}`);
    rows.push(`f${m > 1 ? k : ""} = ${[...terms, number(row[n])].join(" + ")}`);
  }
  rows.push(`neighbours ${degree[cell]}`, `${n === 2 ? "area" : "length"} ${number(areas[cell])}`);
  return rows.join("\\n");
}
const text = document.getElementById("cell");
let kept = -1;
const show = (cell) => { if (cell >= 0) text.textContent = describe(cell); };
view.addEventListener("hover", (event) => { if (kept < 0) show(event.detail.cell); });
view.addEventListener("select", (event) => { kept = event.detail.cell; show(kept); });
document.getElementById("by").addEventListener("change", (event) => {
  view.setOptions({ colour: event.target.value });
});
</script></body></html>
"""
