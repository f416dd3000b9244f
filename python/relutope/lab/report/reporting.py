"""A page about anything: a complex, a training, or both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...common.arithmetic import ieee_arithmetic
from ...common.extras import require
from ...common.files import write_text
from ...network.conversion import as_network
from ...plotting.viewer import Record
from .free import Material, page_of
from .page import render
from .svg import style

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ...decomposition.complex import Complex
    from ...domain.box import Box
    from ...domain.polytope import Polytope
    from ...tracking.tracker import Tracker

__all__ = ["report"]


@ieee_arithmetic
def report(
    path: str | Path,
    cx: Complex | None = None,
    *,
    table: Tracker | Mapping[str, Sequence[Any]] | None = None,
    networks: Mapping[int, Any] | None = None,
    domain: Box | Polytope | None = None,
    data: tuple[ArrayLike, ArrayLike | None] | None = None,
    title: str | None = None,
    files: Sequence[str | Path] = (),
) -> Path:
    """Write one self-contained page about a complex, a training, or both.

    Pictures of the cells, of the table's columns, and, in one or two inputs over a bounded box, a
    live figure: the browser decomposes the network anew while one scrubs through the training or
    drags a weight. The page refers to nothing outside itself; where scripts are off, the still
    pictures are there.

    Parameters
    ----------
    path : str or Path
        The page, ``.html``.
    cx : Complex, optional
        Cells to draw and to count.
    table : Tracker or mapping of str to columns, optional
        One picture for each column of numbers, over the column ``step``.
    networks : mapping of int to network, optional
        Networks of a training by step, for the live figure; anything that `as_network` takes.
    domain : Box or Polytope, optional
        Of the `networks`; by default that of `cx` or of the tracker.
    data : pair (X, y), optional
        Points to draw on the cells, shape (k, n), with labels 0, 1, ... or None.
    title : str, optional
        Heading of the page.
    files : sequence of str or Path, optional
        Files of the complex and the table, which the page links to and says how to load.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    ValueError
        If there is nothing to report, or the networks do not fit a live figure.
    MissingDependencyError
        If matplotlib is not installed.

    See Also
    --------
    plot, Tracker, relutope.plotting.save_html

    Examples
    --------
    >>> import tempfile
    >>> import relutope as rt
    >>> cx = rt.decompose(rt.mlp([2, 6, 1], seed=1), rt.Box(-1, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = rt.report(folder + "/cells.html", cx, title="Six neurons")
    ...     "Six neurons" in page.read_text()
    True
    """
    require("matplotlib", "a report")
    if cx is None and table is None and not networks:
        raise ValueError("`cx`, `table` or `networks`: give one at least; there is nothing to show")
    columns: Mapping[str, Sequence[Any]] | None = None
    if isinstance(table, Mapping):
        columns = table
    elif table is not None:
        columns = table.columns()
        domain = table.domain if domain is None else domain
    points, labels = data if data is not None else (None, None)
    records = [Record(int(k), as_network(one)) for k, one in sorted((networks or {}).items())]
    about = Material(
        cx=cx,
        table=columns,
        records=records,
        domain=cx.domain if domain is None and cx is not None else domain,
        points=None if points is None else np.asarray(points, dtype=np.float64),
        labels=labels,
        title=title,
        files=[str(name) for name in files],
    )
    with style():
        page = page_of(about)
    place = Path(path)
    write_text(place, render(page))
    return place
