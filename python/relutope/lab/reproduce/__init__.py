"""Repeat the source paper's experiments over several seeds, beside null models."""

from .options import InvalidOptionError, Options
from .running import reproduce

__all__ = ["InvalidOptionError", "Options", "reproduce"]
