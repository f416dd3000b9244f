"""One self-contained HTML page: headline numbers, pictures with captions, how to reproduce them."""

from .captions import Captions
from .page import Fact, Page, Panel, Section, render, table
from .svg import figure, kept_pictures, style, to_svg

__all__ = [
    "Captions",
    "Fact",
    "Page",
    "Panel",
    "Section",
    "figure",
    "kept_pictures",
    "render",
    "style",
    "table",
    "to_svg",
]
