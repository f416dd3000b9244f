"""The tracker as a PyTorch Lightning callback; importing this needs Lightning."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from ...errors import MissingDependencyError
from .hooks import LightningHooks

__all__ = ["LightningTracker"]

PACKAGES = ("lightning.pytorch", "pytorch_lightning")
"""Two names of one package, whose classes differ; the one that is in use is taken."""


def callback_class() -> Any:
    """Lightning's class of callbacks.

    Raises
    ------
    MissingDependencyError
        If neither ``lightning`` nor ``pytorch_lightning`` is installed.
    """
    error: ImportError | None = None
    for package in sorted(PACKAGES, key=lambda name: name not in sys.modules):
        try:
            return import_module(package).Callback
        except ImportError as missing:
            error = missing
    raise MissingDependencyError(
        "LightningTracker needs PyTorch Lightning, which is not installed: `pip install lightning`"
    ) from error


_Callback: Any = callback_class()


class LightningTracker(LightningHooks, _Callback):  # type: ignore[misc]
    """A Lightning callback that asks a tracker during ``trainer.fit``.

    Only the process of global rank zero records. The metrics of a row are
    ``trainer.callback_metrics``, so what the module has logged.

    Parameters
    ----------
    tracker : Tracker
        Its `steps` choose among the steps that it is asked at.
    per : {"epoch", "step"}
        Ask after each epoch, where ``step`` is the number of epochs done; or after each update,
        where it is ``trainer.global_step``. In both cases also before the first.
    network : str or callable, optional
        The network in the LightningModule: the name of an attribute, or a function of the module.
        The module itself by default; then its ``forward`` is traced.

    Raises
    ------
    ValueError
        If `per` is neither "epoch" nor "step".
    MissingDependencyError
        On import, if neither ``lightning`` nor ``pytorch_lightning`` is installed.
    """
