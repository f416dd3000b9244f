"""Train a small network, track its complex, and write a folder with everything and a report."""

from .options import InvalidOptionError, Options
from .running import Outcome, run

__all__ = ["InvalidOptionError", "Options", "Outcome", "run"]
