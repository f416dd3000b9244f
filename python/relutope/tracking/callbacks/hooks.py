"""What a Lightning callback does; knows nothing of Lightning but the names of its hooks."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Literal

from ..tracker import Tracker

__all__ = ["LightningHooks"]


class LightningHooks:
    """Ask a tracker from the hooks of a Lightning trainer.

    See :class:`relutope.tracking.callbacks.LightningTracker`, which is this and a ``lightning``
    Callback.

    Parameters
    ----------
    tracker : Tracker
    per : {"epoch", "step"}
    network : str or callable, optional

    Raises
    ------
    ValueError
        If `per` is neither "epoch" nor "step".
    """

    def __init__(
        self,
        tracker: Tracker,
        *,
        per: Literal["epoch", "step"] = "epoch",
        network: str | Callable[[Any], object] | None = None,
    ) -> None:
        super().__init__()
        if per not in ("epoch", "step"):
            raise ValueError(f"`per`: got {per!r}, expected 'epoch' or 'step'")
        self.tracker, self.per = tracker, per
        self._network = operator.attrgetter(network) if isinstance(network, str) else network
        self._last: int | None = None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Record the network before the first update, or where a training goes on."""
        done = trainer.current_epoch if self.per == "epoch" else trainer.global_step
        self._record(trainer, pl_module, done)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Record the epoch."""
        if self.per == "epoch":
            self._record(trainer, pl_module, trainer.current_epoch + 1)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        """Record the update, unless gradients are only being accumulated."""
        if self.per == "step":
            self._record(trainer, pl_module, trainer.global_step)

    def _record(self, trainer: Any, pl_module: Any, step: int) -> None:
        if step == self._last or not getattr(trainer, "is_global_zero", True):
            return
        self._last = step
        if self.tracker.due(step):
            model = pl_module if self._network is None else self._network(pl_module)
            self.tracker(step, model, dict(trainer.callback_metrics))
