"""Charts beside the picture: persistence, Betti curves, spectra, trainings, histograms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import colours
from .figures import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..graph import Spectrum
    from ..topology import RandomBettiCurves

Floats = NDArray[np.float64]

__all__ = [
    "plot_barcode",
    "plot_betti_curves",
    "plot_histogram",
    "plot_persistence_diagram",
    "plot_spectrum",
    "plot_training",
]


def _axes(ax: Axes | None, width: float = 5.2, height: float = 3.6) -> Axes:
    return ax if ax is not None else new_axes(width, height)


def _by_dimension(pairs: Iterable[Any]) -> dict[int, Floats]:
    """Births and deaths per dimension."""
    found: dict[int, list[tuple[float, float]]] = {}
    for dim, (birth, death) in pairs:
        found.setdefault(int(dim), []).append((float(birth), float(death)))
    return {dim: np.array(rows) for dim, rows in sorted(found.items())}


def _finite_span(groups: Mapping[int, Floats]) -> tuple[float, float]:
    ends = np.concatenate([rows.ravel() for rows in groups.values()]) if groups else np.zeros(1)
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        return 0.0, 1.0
    low, high = float(ends.min()), float(ends.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def plot_persistence_diagram(pairs: Iterable[Any], *, ax: Axes | None = None) -> Axes:
    """Draw births against deaths; classes that never die lie on the line "∞".

    Parameters
    ----------
    pairs : list of (dim, (birth, death))
        As `relutope.persistence` and gudhi return them.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    plot_barcode

    Examples
    --------
    >>> ax = plot_persistence_diagram([(0, (0.0, float("inf"))), (1, (0.2, 0.7))])
    >>> ax.get_xlabel()
    'birth'
    """
    ax = _axes(ax, 4.4, 4.2)
    groups = _by_dimension(pairs)
    low, high = _finite_span(groups)
    falling = any((rows[:, 0] > rows[:, 1]).any() for rows in groups.values())
    infinity = low - 0.12 * (high - low) if falling else high + 0.12 * (high - low)
    ax.plot([low, high], [low, high], color=colours.SERIES[5], linewidth=0.8, zorder=1)
    ax.axhline(infinity, color=colours.SERIES[5], linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    ax.annotate("∞", (low, infinity), xytext=(3, 3), textcoords="offset points")
    for dim, rows in groups.items():
        deaths = np.where(np.isfinite(rows[:, 1]), rows[:, 1], infinity)
        ax.scatter(
            rows[:, 0],
            deaths,
            s=22,
            color=colours.SERIES[dim % len(colours.SERIES)],
            edgecolors="#ffffff",
            linewidths=0.5,
            label=f"H{'₀₁₂₃₄₅'[min(dim, 5)]}",
            zorder=3,
        )
    ax.set_xlabel("birth")
    ax.set_ylabel("death")
    ax.set_aspect("equal")
    if groups:
        ax.legend(loc="upper left" if falling else "lower right")
    return ax


def plot_barcode(pairs: Iterable[Any], *, ax: Axes | None = None) -> Axes:
    """Draw a bar per class, from birth to death, longest below in each dimension.

    Parameters
    ----------
    pairs : list of (dim, (birth, death))
        As `relutope.persistence` and gudhi return them.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Bars of classes that never die run to the edge.

    See Also
    --------
    plot_persistence_diagram
    """
    from matplotlib.collections import LineCollection

    ax = _axes(ax)
    groups = _by_dimension(pairs)
    low, high = _finite_span(groups)
    end = high + 0.08 * (high - low)
    start = low - 0.08 * (high - low)
    row = 0
    for dim, bars in groups.items():
        drawn = np.where(np.isneginf(bars), start, np.where(np.isposinf(bars), end, bars))
        drawn = drawn[np.argsort(-np.abs(drawn[:, 1] - drawn[:, 0]), kind="stable")]
        lines = [[(a, row + k), (b, row + k)] for k, (a, b) in enumerate(drawn.tolist())]
        width = float(np.clip(120 / max(sum(map(len, groups.values())), 1), 0.8, 4.0))
        ax.add_collection(
            LineCollection(
                lines,
                colors=colours.SERIES[dim % len(colours.SERIES)],
                linewidths=width,
                label=f"H{'₀₁₂₃₄₅'[min(dim, 5)]}: {len(bars)}",
            )
        )
        row += len(bars)
    ax.set_xlim(start, end)
    ax.set_ylim(-1, max(row, 1))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("value of the filtration")
    if groups:
        ax.legend(loc="center right")
    return ax


def plot_betti_curves(
    curves: RandomBettiCurves | Iterable[Any],
    *,
    dims: Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw Betti numbers along a filtration, with the confidence band where there is one.

    Parameters
    ----------
    curves : RandomBettiCurves or list of pairs
        Of `relutope.topology.random_betti_curves`, or pairs of `relutope.persistence`.
    dims : sequence of int, optional
        Which dimensions; all that are not zero throughout by default.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    relutope.topology.random_betti_curves
    relutope.betti_curve
    """
    from ..topology import RandomBettiCurves, betti_curve

    ax = _axes(ax)
    if isinstance(curves, RandomBettiCurves):
        grid, mean, low, high = curves.grid, curves.mean, curves.low, curves.high
        ax.set_xlabel("share of the cells that have entered")
    else:
        pairs = list(curves)
        groups = _by_dimension(pairs)
        grid = np.linspace(*_finite_span(groups), 400)
        top = max(groups, default=0)
        mean = np.array([betti_curve(pairs, grid, k) for k in range(top + 1)], dtype=float)
        low = high = mean
        ax.set_xlabel("value of the filtration")
    chosen = dims if dims is not None else [k for k in range(len(mean)) if mean[k].any()]
    for k in chosen:
        colour = colours.SERIES[k % len(colours.SERIES)]
        ax.fill_between(grid, low[k], high[k], color=colour, alpha=0.2, linewidth=0)
        ax.plot(grid, mean[k], color=colour, label=f"β{'₀₁₂₃₄₅'[min(k, 5)]}")
    ax.set_ylabel("Betti number")
    ax.set_ylim(bottom=0)
    ax.margins(x=0)
    ax.legend()
    return ax


def plot_spectrum(found: Spectrum | ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw the smallest eigenvalues of a Laplacian in order.

    Parameters
    ----------
    found : Spectrum or array_like
        Of `relutope.spectrum`, or eigenvalues.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    See Also
    --------
    relutope.spectrum
    """
    from ..graph import Spectrum

    values = np.asarray(found.values if isinstance(found, Spectrum) else found, dtype=np.float64)
    ax = _axes(ax)
    number = np.arange(1, len(values) + 1)
    ax.vlines(number, 0, values, color=colours.SERIES[0], linewidth=1.2)
    ax.scatter(number, values, s=22, color=colours.SERIES[0], zorder=3)
    if len(values) > 1:
        ax.set_title(f"λ₂ = {values[1]:.4g}, the Fiedler value", loc="left")
    ax.set_xlabel("number")
    ax.set_ylabel("eigenvalue")
    ax.set_ylim(bottom=0)
    return ax


def plot_training(
    table: Any, columns: Sequence[str] | None = None, *, log: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw columns of a tracker's table against the step.

    Parameters
    ----------
    table : Tracker, mapping, or pandas DataFrame
        With a column `step`.
    columns : sequence of str, optional
        Which; `loss` and the numbers of cells by default, those that are there.
    log : bool
        Logarithmic axes for values and steps.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        Each column has an axis of values of its own colour if there are two.

    Raises
    ------
    ValueError
        If a column is missing.

    See Also
    --------
    relutope.Tracker
    """
    data = table.columns() if callable(getattr(table, "columns", None)) else table
    names = columns or [name for name in ("loss", "n_cells", "count") if name in data]
    missing = [name for name in ("step", *names) if name not in data]
    if missing:
        raise ValueError(f"`table` has no column {missing[0]!r}; it has {', '.join(data)}")
    ax = _axes(ax, 6.0, 3.4)
    steps = np.asarray(data["step"], dtype=np.float64)
    twin = ax.twinx() if len(names) == 2 else None
    for k, name in enumerate(names):
        target = twin if twin is not None and k == 1 else ax
        values = np.array([np.nan if v is None else v for v in data[name]], dtype=np.float64)
        colour = colours.SERIES[k % len(colours.SERIES)]
        target.plot(steps, values, color=colour, label=name)
        if twin is not None:
            target.set_ylabel(name, color=colour)
            target.tick_params(axis="y", labelcolor=colour)
        if log:
            target.set_yscale("log")
    if twin is not None:
        twin.spines["right"].set_visible(True)
    else:
        ax.legend()
    if log:
        ax.set_xscale("symlog", linthresh=1)
    ax.set_xlabel("step")
    return ax


def plot_histogram(
    values: ArrayLike, *, label: str = "value", bins: int | str = "auto", ax: Axes | None = None
) -> Axes:
    """Draw how often values occur; whole numbers get a bar each.

    Parameters
    ----------
    values : array_like
        Such as degrees, facet counts, distances.
    label : str
        What they are, for the axis.
    bins : int or str
        As for `numpy.histogram`, for values that are not whole.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The mean is marked.

    See Also
    --------
    relutope.Complex.cell_volumes
    """
    given = np.asarray(values, dtype=np.float64).ravel()
    given = given[np.isfinite(given)]
    if not len(given):
        raise ValueError("`values` has no finite entries")
    ax = _axes(ax)
    whole = bool((given == np.round(given)).all()) and np.ptp(given) < 60
    edges = np.arange(given.min() - 0.5, given.max() + 1) if whole else bins
    ax.hist(given, bins=edges, color=colours.SERIES[0], edgecolor="#ffffff", linewidth=0.6)  # type: ignore[arg-type]
    mean = float(given.mean())
    ax.axvline(mean, color=colours.SERIES[1], linewidth=1.2)
    ax.annotate(
        f"mean {mean:.3g}",
        (mean, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -10),
        textcoords="offset points",
        color=colours.SERIES[1],
    )
    ax.set_xlabel(label)
    ax.set_ylabel("how many")
    return ax
