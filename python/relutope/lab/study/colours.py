"""The colours of the report: one meaning, one colour, on every picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

CLASS = ("#6f9fd0", "#eb9a5e")
SAMPLE = ("#0d3b70", "#8a3400")
PART = ("#0f8a7e", "#8b3fa8")
CUT = "#f5b400"
LINES = ("#2b6cb0", "#dd6b20", "#0f8a7e", "#8b3fa8", "#c53052", "#7a7f87")
PAPER = "#f6f3ee"

__all__ = ["CLASS", "CUT", "LINES", "PAPER", "PART", "SAMPLE", "diverging", "key", "sequential"]


def diverging(ends: tuple[str, str]) -> LinearSegmentedColormap:
    """From one colour through paper white to the other."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("diverging", [ends[0], PAPER, ends[1]])


def sequential() -> LinearSegmentedColormap:
    """Low to high, for values without a natural zero."""
    from matplotlib.colors import LinearSegmentedColormap

    stops = ["#22335c", "#2f6f9f", "#4fa8a0", "#a9cf8b", "#f3e7a9"]
    return LinearSegmentedColormap.from_list("sequential", stops)


def key(colour: str) -> str:
    """A small square of the colour for captions (HTML)."""
    return f'<span class="key" style="background:{colour}"></span>'
