"""Colours: one meaning, one colour, in every picture of the package.

The classes, the parts of a cut and the series of a chart keep their hues apart under the common
kinds of colour blindness; lightness alone separates the two of each pair in print.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

Floats = NDArray[np.float64]

CLASSES = (
    "#6f9fd0",
    "#eb9a5e",
    "#5fb39a",
    "#c58ac9",
    "#d9c25a",
    "#8a8f98",
    "#b5651d",
    "#4f6d9c",
    "#a3c65f",
    "#d77f8f",
)
"""Areas of class 0, 1, ..., light enough for lines and points on top."""
SAMPLES = (
    "#0d3b70",
    "#8a3400",
    "#0b5443",
    "#5f1f6b",
    "#6b5a00",
    "#3c4048",
    "#5a2f06",
    "#1f3558",
    "#4a6312",
    "#7a2233",
)
"""Points of class 0, 1, ..., each a dark shade of its area's hue."""
PARTS = ("#0f8a7e", "#8b3fa8")
"""The two parts of a Fiedler cut."""
CUT = "#f5b400"
"""Facets that a partition cuts."""
BOUNDARY = "#111111"
"""Where the decision changes."""
FACET = "#1c2733"
"""Facets between cells, drawn thin and translucent."""
SERIES = ("#2b6cb0", "#dd6b20", "#0f8a7e", "#8b3fa8", "#c53052", "#7a7f87")
"""Lines of a chart; in charts of homology the series k is dimension k."""
PAPER = "#f6f3ee"
"""The middle of diverging scales."""

_ROWS = 4096  # patterns whose hues are computed at once; bounds the memory

__all__ = [
    "BOUNDARY",
    "CLASSES",
    "CUT",
    "FACET",
    "PAPER",
    "PARTS",
    "SAMPLES",
    "SERIES",
    "diverging",
    "layer_colours",
    "pattern_hues",
    "sequential",
]


def diverging(ends: tuple[str, str]) -> LinearSegmentedColormap:
    """From one colour through paper white to the other.

    Parameters
    ----------
    ends : pair of str
        Colours of the lowest and the highest value.

    Returns
    -------
    matplotlib.colors.LinearSegmentedColormap

    See Also
    --------
    sequential
    """
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("diverging", [ends[0], PAPER, ends[1]])


def sequential() -> LinearSegmentedColormap:
    """Low to high, for values without a natural zero.

    Returns
    -------
    matplotlib.colors.LinearSegmentedColormap

    See Also
    --------
    diverging
    """
    from matplotlib.colors import LinearSegmentedColormap

    stops = ["#22335c", "#2f6f9f", "#4fa8a0", "#a9cf8b", "#f3e7a9"]
    return LinearSegmentedColormap.from_list("sequential", stops)


def layer_colours(layers: int) -> Floats:
    """A colour per hidden layer, dark for the first, RGB float64 (layers, 3).

    Parameters
    ----------
    layers : int

    Returns
    -------
    ndarray of float64, shape (layers, 3)

    See Also
    --------
    sequential
    """
    shades = sequential()(np.linspace(0.0, 0.8, max(layers, 1)))
    return np.asarray(shades[:layers, :3], dtype=np.float64)


def pattern_hues(patterns: NDArray[np.bool_]) -> Floats:
    """A colour per activation pattern that depends on nothing else.

    Patterns that differ in few neurons have close hues: each neuron has a fixed direction in the
    plane of hues, and a pattern's hue is the sum of those of its active neurons. The lightness
    is a hash of the whole pattern, so that neighbours can be told apart.

    Parameters
    ----------
    patterns : ndarray of bool, shape (k, N)

    Returns
    -------
    ndarray of float64, shape (k, 3)
        RGB in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> few, many = np.eye(3, dtype=bool)[:2], np.eye(3, dtype=bool)
    >>> bool((pattern_hues(few) == pattern_hues(many)[:2]).all())
    True
    """
    n = patterns.shape[1]
    angle = 2 * np.pi * np.modf(np.arange(n) * 0.6180339887498949)[0]  # golden section: spread out
    # Sums of whole numbers, which doubles hold: a row's colour does not depend on those beside it.
    directions = np.rint(2**16 * np.column_stack([np.cos(angle), np.sin(angle)]))
    sums = np.empty((len(patterns), 2))
    for start in range(0, len(patterns), _ROWS):
        sums[start : start + _ROWS] = (
            patterns[start : start + _ROWS].astype(np.float64) @ directions
        )
    a, b = np.tanh((2 * sums - directions.sum(axis=0)).T / (2**16 * np.sqrt(max(n, 1)) / 1.6))
    lightness = 0.78 + 0.09 * (2 * _hashes(patterns) - 1)
    return oklab_to_rgb(lightness, 0.105 * a, 0.105 * b)


def _hashes(patterns: NDArray[np.bool_]) -> Floats:
    """A number in [0, 1) per row, well mixed (splitmix64 of the packed bits)."""
    packed = np.packbits(patterns, axis=1, bitorder="little")
    width = -(-max(packed.shape[1], 1) // 8) * 8
    rows = np.zeros((len(packed), width), dtype=np.uint8)
    rows[:, : packed.shape[1]] = packed
    words = np.ascontiguousarray(rows).view(np.uint64)
    state = np.zeros(len(words), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for word in words.T:
            state = (state ^ word) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53


def oklab_to_rgb(lightness: Floats, a: Floats, b: Floats) -> Floats:
    """RGB in [0, 1] of Oklab coordinates (B. Ottosson, 2020), where equal distances look equal.

    Parameters
    ----------
    lightness, a, b : ndarray of float64, shape (k,)

    Returns
    -------
    ndarray of float64, shape (k, 3)
        Colours out of range are clipped.
    """
    to_cones = np.array(
        [
            [1, 0.3963377774, 0.2158037573],
            [1, -0.1055613458, -0.0638541728],
            [1, -0.0894841775, -1.2914855480],
        ]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((np.column_stack([lightness, a, b]) @ to_cones.T) ** 3 @ to_rgb.T, 0.0, 1.0)
    colours: Floats = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return colours
