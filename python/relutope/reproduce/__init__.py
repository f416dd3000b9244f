"""Repeat the source paper's experiments over several seeds, beside null models."""

from .options import InvalidOptionError, Options
from .run import reproduce

__all__ = ["InvalidOptionError", "Options", "reproduce"]
