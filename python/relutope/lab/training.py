"""Full-batch training of small ReLU networks, with callbacks that may watch every step.

The networks are float64 by default: what is trained is bit for bit what is decomposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_seed
from ..common.extras import require

if TYPE_CHECKING:
    import torch

    Loss = Literal["bce", "mse"] | Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

Metrics = Mapping[str, float]
Callback = Callable[[int, "torch.nn.Module", Metrics], object]

__all__ = ["TrainResult", "mlp", "train"]


@dataclass(frozen=True)
class TrainResult:
    """A trained model and what happened on the way.

    Attributes
    ----------
    model : torch.nn.Module
        The module that was passed in, or the one built from widths; trained in place.
    history : dict of str to float64 (epochs + 1,)
        One array per metric; entry s belongs to the weights after s updates.
    """

    model: torch.nn.Module
    history: dict[str, NDArray[np.float64]]

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.6g}" for name, values in self.history.items())
        return f"TrainResult({type(self.model).__name__}, {last})"


def mlp(widths: Sequence[int], *, seed: int = 0) -> torch.nn.Sequential:
    """A fully connected float64 ReLU network with PyTorch's default initialisation.

    Parameters
    ----------
    widths : sequence of int
        Input dimension, hidden widths, output dimension: ``[2, 16, 16, 1]``.
    seed : int
        Fixes the weights; the global random state is left as it was.

    Returns
    -------
    torch.nn.Sequential

    Raises
    ------
    ValueError
        If there are fewer than two widths or one is not positive.

    See Also
    --------
    train, as_network

    Examples
    --------
    >>> sum(p.numel() for p in mlp([2, 8, 1]).parameters())
    33
    """
    require("torch", "`mlp`")
    import torch

    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(
            f"`widths`: got {list(widths)}, expected positive input, hidden and output widths; "
            "use e.g. [2, 16, 16, 1]"
        )
    layers: list[torch.nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(checked_seed(seed))
        for fan_in, fan_out in pairwise(widths):
            layers += [torch.nn.Linear(fan_in, fan_out, dtype=torch.float64), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def train(
    model: torch.nn.Module | Sequence[int],
    X: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss = "bce",
    epochs: int = 1000,
    lr: float = 0.01,
    weight_decay: float = 0.0,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    threads: int = 1,
    progress: bool = False,
) -> TrainResult:
    """Train by full-batch Adam on the CPU; equal seeds give equal weights on the same machine.

    Parameters
    ----------
    model : torch.nn.Module or sequence of int
        A module (trained in place), or hidden widths for :func:`mlp`.
    X : array_like float (k, n)
        Inputs.
    y : array_like float (k,) or (k, m)
        Labels 0/1 (`loss` "bce", one logit) or target values.
    loss : {"bce", "mse"} or callable
        Binary cross-entropy of the logit, mean squared error, or ``loss(output, target) ->
        scalar``.
    epochs : int
        Number of updates; each sees all samples.
    lr, weight_decay : float
        Adam's step size and L2 penalty.
    seed : int
        Fixes the initial weights when `model` is a list of widths.
    callbacks : sequence of callable
        Each is called as ``callback(step, model, metrics)`` for every step 0, ..., `epochs`, before
        the update, so that `metrics` belong to the weights it sees. A :class:`relutope.Tracker` is
        one. If one returns True, the training ends there.
    validation : pair (X, y), optional
        Adds ``test_loss`` and ``test_accuracy`` / ``test_r2`` to the metrics.
    threads : int
        Threads of PyTorch meanwhile: for small networks more than one only costs time.
    progress : bool
        Show a progress bar (needs tqdm).

    Returns
    -------
    TrainResult

    Raises
    ------
    ValueError
        For mismatched shapes, labels other than 0 and 1 with "bce", or an unknown loss.

    See Also
    --------
    mlp, Tracker

    Notes
    -----
    KeyboardInterrupt is not caught; a module that was passed in then keeps its current weights.
    Adam: D. Kingma and J. Ba, ICLR 2015.

    Examples
    --------
    >>> X = np.linspace(-1, 1, 20)[:, None]
    >>> result = train([4], X, X[:, 0] > 0, epochs=200, lr=0.05)
    >>> float(result.history["accuracy"][-1])
    1.0
    """
    require("torch", "`train`")
    import torch

    samples, seed = _tensors(X, y, loss), checked_seed(seed)
    if not isinstance(model, torch.nn.Module):
        model = mlp([samples[0].shape[1], *model, samples[1].shape[1]], seed=seed)
    held_out = None if validation is None else _tensors(*validation, loss)
    adam = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    history: list[dict[str, float]] = []
    with _torch_threads(threads):
        for step in _bar(range(epochs + 1), progress):
            adam.zero_grad()
            output = model(samples[0])
            value = _loss_value(loss, output, samples[1])
            history.append(_metrics(loss, value, output, samples[1]))
            if held_out is not None:
                history[-1] |= _held_out(loss, model, held_out)
            answers = [callback(step, model, history[-1]) for callback in callbacks]
            if any(answer is True for answer in answers):
                break
            if step < epochs:
                value.backward()  # type: ignore[no-untyped-call]
                adam.step()
    return TrainResult(model, {key: np.array([row[key] for row in history]) for key in history[0]})


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _bar(steps: range, show: bool) -> Iterable[int]:
    if not show:
        return steps
    require("tqdm", "`progress`")
    from tqdm import tqdm

    shown: Iterable[int] = tqdm(steps, desc="training", dynamic_ncols=True, mininterval=0.2)
    return shown


def _tensors(X: ArrayLike, y: ArrayLike, loss: Loss) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    inputs = np.asarray(X, dtype=np.float64)
    targets = np.asarray(y, dtype=np.float64)
    if inputs.ndim != 2 or len(inputs) == 0 or len(inputs) != len(targets):
        raise ValueError(
            f"`X`, `y`: got shapes {inputs.shape} and {targets.shape}, "
            "expected (k, n) and (k,) or (k, m)"
        )
    if loss == "bce" and not np.isin(targets, (0.0, 1.0)).all():
        raise ValueError(
            f"`y`: got labels {np.unique(targets)[:5]}, expected 0 and 1 with loss 'bce'"
        )
    if not callable(loss) and loss not in ("bce", "mse"):
        raise ValueError(f"`loss`: got {loss!r}, expected 'bce', 'mse' or a callable")
    return torch.from_numpy(inputs), torch.from_numpy(targets.reshape(len(targets), -1))


def _loss_value(loss: Loss, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    import torch

    if callable(loss):
        return loss(output, target)
    if output.shape != target.shape:
        raise ValueError(
            f"`model`: got outputs of shape {tuple(output.shape)}, "
            f"expected {tuple(target.shape)} as `y`"
        )
    if loss == "bce":
        return torch.nn.functional.binary_cross_entropy_with_logits(output, target)
    return torch.nn.functional.mse_loss(output, target)


def _metrics(
    loss: Loss, value: torch.Tensor, output: torch.Tensor, target: torch.Tensor
) -> dict[str, float]:
    """``loss`` and, where meaningful, ``accuracy`` or ``r2`` (share of variance explained)."""
    found = {"loss": float(value.detach())}
    if loss == "bce":
        found["accuracy"] = float(((output > 0) == (target > 0.5)).double().mean())
    elif loss == "mse":
        spread = float(target.var(dim=0, unbiased=False).mean())
        found["r2"] = 1.0 - found["loss"] / spread if spread > 0 else float("nan")
    return found


def _held_out(
    loss: Loss, model: torch.nn.Module, samples: tuple[torch.Tensor, torch.Tensor]
) -> dict[str, float]:
    import torch

    with torch.no_grad():
        output = model(samples[0])
        found = _metrics(loss, _loss_value(loss, output, samples[1]), output, samples[1])
    return {f"test_{key}": value for key, value in found.items()}
