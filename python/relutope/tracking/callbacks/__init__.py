"""Ways for a :class:`relutope.Tracker` to live in the training loops of others.

`LightningTracker` is a callback of PyTorch Lightning; `TensorBoard` is a listener of a tracker.
Neither package is needed until the name is used. A plain torch loop needs nothing of this: it calls
the tracker, ``tracker(step, model, {"loss": loss.item()})``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lightning import LightningTracker
    from .tensorboard import TensorBoard

_LATER = {"LightningTracker": "lightning", "TensorBoard": "tensorboard"}

__all__ = ["LightningTracker", "TensorBoard"]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATER[name]}", __name__), name)
