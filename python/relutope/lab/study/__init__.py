"""Train a small network, track its complex, and write a folder with everything and a report."""

from ..runs import Outcome
from .options import InvalidOptionError, Options
from .running import run

__all__ = ["InvalidOptionError", "Options", "Outcome", "run"]
