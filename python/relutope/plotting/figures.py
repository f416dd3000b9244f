"""Figures of the package: their type and lines, and how they are written to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.extras import require
from ..common.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTHS = {"column": 3.3, "text": 6.9}
"""Widths of pictures in papers, in inches."""

STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "relutope",
    "pdf.fonttype": 42,
    "figure.dpi": 110,
}
"""Settings of matplotlib while a figure is made or written."""

__all__ = ["STYLE", "WIDTHS", "new_axes", "new_figure", "save"]


def new_figure(width: float = 5.2, height: float = 4.4) -> Figure:
    """An empty figure of matplotlib that no window manager knows.

    Parameters
    ----------
    width, height : float
        In inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingDependencyError
        If matplotlib is not installed.

    See Also
    --------
    save
    """
    require("matplotlib", "drawing")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        return Figure(figsize=(width, height), layout="compressed")


def new_axes(width: float = 5.2, height: float = 4.4, **projection: Any) -> Axes:
    """Axes of a figure of their own, in the package's style.

    Parameters
    ----------
    width, height : float
        Of the figure, in inches.
    **projection
        For ``Figure.add_subplot``.

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    new_figure, save
    """
    figure = new_figure(width, height)
    from matplotlib import rc_context

    with rc_context(STYLE):
        axes: Axes = figure.add_subplot(**projection)
    return axes


def save(
    picture: Axes | Figure,
    path: str | Path,
    *,
    width: float | str | None = None,
    dpi: int = 200,
) -> Path:
    """Write a figure to a file: PDF, SVG or PNG, by the name's ending.

    Parameters
    ----------
    picture : matplotlib Axes or Figure
    path : str or Path
        The file is complete or not there at all.
    width : {"column", "text"} or float, optional
        Width of the figure: of one column of a paper (3.3 inches), of its text (6.9 inches), or in
        inches. The height keeps its proportion. As it is by default.
    dpi : int
        Pixels per inch, of PNG files and of what is drawn as pixels in vector files.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the width is not known or no width, or the file's ending is not known.

    See Also
    --------
    relutope.plot

    Examples
    --------
    >>> import relutope as rt, tempfile, pathlib
    >>> cx = rt.decompose(rt.mlp([2, 6, 1]), rt.Box(-1, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save(rt.plot(cx), pathlib.Path(folder) / "cells.pdf", width="column")
    ...     file.exists()
    True
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = picture if isinstance(picture, Figure) else picture.get_figure(root=True)
    if figure is None:
        raise ValueError("`picture` has no figure")
    if width is not None:
        if isinstance(width, str) and width not in WIDTHS:
            raise ValueError(f"`width` is {width!r}; use 'column', 'text' or inches")
        inches = WIDTHS[width] if isinstance(width, str) else float(width)
        if not 0.1 <= inches <= 1000:
            raise ValueError(f"`width` is {inches:g} inches; use 0.1 to 1000")
        old_width, old_height = figure.get_size_inches()
        figure.set_size_inches(inches, inches * old_height / old_width)
    ending = Path(path).suffix.lstrip(".").lower()
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise ValueError(f"`path` ends in {Path(path).suffix!r}; use .pdf, .svg or .png")
    stable = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with rc_context(STYLE), replacing(path) as fresh:
        figure.savefig(fresh, dpi=dpi, metadata=stable.get(ending), bbox_inches=None)
    return Path(path)
