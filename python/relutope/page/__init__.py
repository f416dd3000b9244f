"""The page: build a network, train it, move a weight, and watch the exact decomposition.

``relutope app`` serves it to this machine's browser; ``relutope app --static FOLDER`` writes it as
one file that works without Python.
"""

from __future__ import annotations

from .launch import app
from .site import write_site

__all__ = ["app", "write_site"]
