"""A training as a film: the complexes of its steps, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.extras import require
from ..common.files import replacing
from ..complex.cell_complex import CellComplex
from ..errors import MissingDependencyError
from .figures import new_axes
from .picture import plot
from .quantities import Quantity, quantity

__all__ = ["aligned_fiedler", "animate"]


def animate(
    frames: Mapping[Any, CellComplex] | Sequence[CellComplex],
    path: str | Path,
    by: Any = "prediction",
    *,
    fps: float = 6.0,
    width: float = 4.6,
    dpi: int = 110,
    **options: Any,
) -> Path:
    """Write a film of two-dimensional complexes: GIF, MP4 or HTML, by the name's ending.

    Parameters
    ----------
    frames : mapping of step to Complex, or sequence of Complex
        In order. All have one domain. The steps are written above.
    path : str or Path
        ``.gif`` needs pillow (it comes with matplotlib), ``.mp4`` the program ffmpeg, ``.html`` is
        one file with its own controls.
    by : str
        As for `relutope.plot`. The scale is the same in all frames, and a Fiedler vector keeps its
        sign from frame to frame.
    fps : float
        Frames per second.
    width : float
        In inches.
    dpi : int
    **options
        For `relutope.plot`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If there are no frames or the ending is another one.
    MissingDependencyError
        If ffmpeg is needed and missing.

    See Also
    --------
    relutope.plot, relutope.Tracker
    """
    pictures = dict(frames) if isinstance(frames, Mapping) else dict(enumerate(frames))
    if not pictures:
        raise ValueError("`frames` is empty; give at least one complex")
    ending = Path(path).suffix.lower()
    if ending not in (".gif", ".mp4", ".html"):
        raise ValueError(f"`path` ends in {ending!r}; use .gif, .mp4 or .html")
    require("matplotlib", "a film")
    from matplotlib.animation import FuncAnimation

    ax = new_axes(width, width)
    titles, complexes = list(pictures), list(pictures.values())
    colourings = _colourings(complexes, by)

    def draw(k: int) -> list[Any]:
        ax.clear()
        plot(complexes[k], colourings[k], ax=ax, legend=False, **options)
        ax.set_title(f"step {titles[k]}: {complexes[k].n_cells:,} cells", loc="left")
        return []

    interval = 1000 / fps
    film = FuncAnimation(ax.figure, draw, frames=len(pictures), interval=interval, blit=False)  # type: ignore[arg-type]
    with replacing(path) as fresh:
        if ending == ".html":
            fresh.write_text(_page(film.to_jshtml(fps=round(fps))), encoding="utf-8")
        else:
            film.save(fresh, writer=_writer(ending, fps), dpi=dpi)
    return Path(path)


def _page(player: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Film</title>{player}</html>"
    )


def _writer(ending: str, fps: float) -> Any:
    from matplotlib.animation import FFMpegWriter, PillowWriter

    if ending == ".gif":
        return PillowWriter(fps=fps)  # type: ignore[arg-type]
    if not FFMpegWriter.isAvailable():
        raise MissingDependencyError(
            "`path` ends in .mp4, which needs the program ffmpeg; install it, or use .gif or .html"
        )
    return FFMpegWriter(fps=fps)  # type: ignore[arg-type]


def _colourings(complexes: list[CellComplex], by: Any) -> list[Quantity]:
    """What colours the cells of each frame, on one scale."""
    found = [quantity(cx, by) for cx in complexes]
    if by == "fiedler":
        vectors = aligned_fiedler(complexes)
        found = [replace(one, values=vector) for one, vector in zip(found, vectors, strict=True)]
    if found[0].values.ndim != 1:
        return found
    low = min(float(one.values.min()) for one in found)
    high = max(float(one.values.max()) for one in found)
    if low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    return [
        replace(one, limits=found[0].limits if by == "probability" else (low, high))
        for one in found
    ]


def aligned_fiedler(complexes: Sequence[CellComplex]) -> list[NDArray[np.float64]]:
    """Fiedler vectors of consecutive complexes, each with the sign that agrees with the one before.

    Parameters
    ----------
    complexes : sequence of Complex
        Over one domain.

    Returns
    -------
    list of ndarray of float64, shapes (n_cells,)

    See Also
    --------
    relutope.fiedler
    """
    from ..graph import fiedler

    found: list[NDArray[np.float64]] = []
    for k, cx in enumerate(complexes):
        vector = fiedler(cx).vector
        if k:
            before = complexes[k - 1]
            inside = cx.locate(before.interior_points)
            seen = inside >= 0
            if float(found[-1][seen] @ vector[inside[seen]]) < 0:
                vector = -vector
        found.append(vector)
    return found
