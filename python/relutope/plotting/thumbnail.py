"""A small picture of a plane complex as SVG, for notebooks; needs no drawing package."""

from __future__ import annotations

from html import escape

import numpy as np

from ..complex.cell_complex import CellComplex
from .colours import pattern_hues
from .polygons import cell_polygons

__all__ = ["html_of"]

_SIDE = 240.0  # pixels
_MOST_CELLS = 3000


def html_of(cx: CellComplex, words: str | None = None) -> str:
    """The complex as HTML: its `repr`, or `words`, and its cells if they are a bounded plane."""
    drawn = cx.dim == 2 and cx.n_cells <= _MOST_CELLS and bool(cx.bounded.all())
    picture = _svg(cx) if drawn else ""
    return f"<div>{picture}<code>{escape(words or repr(cx))}</code></div>"


def _svg(cx: CellComplex) -> str:
    low = cx.vertices.min(axis=0)
    with np.errstate(over="ignore"):
        span = cx.vertices.max(axis=0) - low
    if not (np.isfinite(span).all() and (span > 0).all()):
        return ""
    width, height = _SIDE * span / span.max()
    hues = np.rint(255 * pattern_hues(cx.patterns)[:, :3]).astype(int).tolist()
    shapes = []
    for polygon, hue in zip(cell_polygons(cx), hues, strict=True):
        x, y = ((polygon - low) / span).T
        corners = " ".join(
            f"{a:.1f},{b:.1f}" for a, b in zip(width * x, height * (1 - y), strict=True)
        )
        shapes.append(f'<polygon points="{corners}" fill="rgb{tuple(hue)}"/>')
    return (
        f'<svg width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{cx.n_cells} cells" style="display:block" '
        f'stroke="#fff" stroke-width="0.7" stroke-linejoin="round">{"".join(shapes)}</svg>'
    )
