"""Networks saved during training, and the table that a tracker would have made of them."""

from __future__ import annotations

import copy
import io
import os
import pickle
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.arithmetic import ieee_arithmetic
from ..common.files import replacing
from ..errors import InvalidNetworkError
from ..network.importing.loading import load_network
from ..network.importing.torch_source import torch_source
from ..search.crew import Executors
from .schedule import is_due
from .tracker import Tracker

if TYPE_CHECKING:
    import torch

    from ..domain.box import Box
    from ..domain.polytope import Polytope

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

__all__ = [
    "Checkpoints",
    "analyse_checkpoints",
    "checkpoint_files",
    "load_checkpoint",
    "step_of_name",
]

TORCH = (".pt", ".pth", ".ckpt")
SUFFIXES = (*TORCH, ".npz", ".onnx")
NESTED = ("state_dict", "model_state_dict", "model")


class Checkpoints:
    """A callback that saves a module's weights at chosen steps, as ``step-000100.pt``.

    Each file holds a dict: ``state_dict``, ``step`` and ``metrics``. `analyse_checkpoints` reads
    them.

    Parameters
    ----------
    folder : path-like
        Made if it is not there.
    steps : None, int or collection of int
        As for :class:`relutope.Tracker`.
    """

    def __init__(
        self, folder: str | os.PathLike[str], steps: int | Collection[int] | None = None
    ) -> None:
        self.folder = Path(folder)
        self.steps = steps

    def __call__(
        self, step: int, model: torch.nn.Module, metrics: Mapping[str, float] | None = None
    ) -> None:
        """Save `model` if `step` is due."""
        if not is_due(self.steps, step):
            return
        import torch

        content = {
            "state_dict": model.state_dict(),
            "step": step,
            "metrics": {name: float(value) for name, value in (metrics or {}).items()},
        }
        packed = io.BytesIO()  # so that a full disk is an OSError
        torch.save(content, packed)
        with replacing(self.folder / f"step-{step:06d}.pt") as fresh:
            fresh.write_bytes(packed.getvalue())


@ieee_arithmetic
def analyse_checkpoints(
    checkpoints: Paths,
    domain: Box | Polytope | None,
    *,
    model: torch.nn.Module | None = None,
    step_of: Callable[[Path], int | None] | None = None,
    allow_pickle: bool = False,
    path: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int, int], object] | None = None,
    executor: Executors | None = None,
    **settings: Any,
) -> Tracker:
    """The table that a tracker would have made during training, from saved networks.

    Checkpoints are taken by increasing step. With a `path` the analysis can be interrupted and
    called again, also when there are more checkpoints: what is in the table is not computed again.

    Parameters
    ----------
    checkpoints : path-like or iterable of path-like
        A folder, of which all files with a known suffix are read, or files.
    domain : Box, Polytope or None
        Of the decompositions.
    model : torch.nn.Module, optional
        Module of the same architecture, for files that hold a state dict. It is not changed.
    step_of : callable, optional
        The step of a file, or None to leave it out; by default `step_of_name`.
    allow_pickle : bool
        Whether to read pickled modules, which runs code that the files name. Only for files that
        you trust.
    path : path-like, optional
        The table, ``.csv`` or ``.parquet``. It is resumed if it exists; see `Tracker`.
    progress : callable, optional
        Is told after each checkpoint how many rows the table has, how many checkpoints are done,
        and how many there are. If it returns True, the analysis ends with the rows so far.
    executor : concurrent.futures.Executor or callable, optional
        Who finds and counts the cells of each network, as for `decompose`. The table does not
        depend on it.
    **settings
        Others of `Tracker`: ``measures``, ``steps``, ``seed``, ``budget``, ``max_cells`` ...

    Returns
    -------
    Tracker
        Its ``rows``, ``columns()`` and ``to_frame()`` are the table. Metrics are there if the file
        has a dict ``metrics``, as those of `Checkpoints`.

    Raises
    ------
    ValueError
        If there is no checkpoint, a name has no step or two have the same, or the table at `path`
        was made with other settings or goes beyond a checkpoint that it lacks.
    InvalidNetworkError
        If a file cannot be read; what was recorded before is kept.

    See Also
    --------
    Tracker, Checkpoints

    Examples
    --------
    >>> import tempfile
    >>> import relutope as rt
    >>> model = rt.mlp([2, 4, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Checkpoints(folder)(0, model, {"loss": 0.5})
    ...     found = analyse_checkpoints(folder, rt.Box(-1, 1), model=model, measures=["count"])
    >>> int(rt.count(model, rt.Box(-1, 1))) == found.rows[0]["count"], found.rows[0]["loss"]
    (True, 0.5)
    """
    settings.setdefault("resume", path is not None)
    if executor is not None:
        settings["executor"] = executor
    tracker = Tracker(domain, path=path, **settings)
    files = {s: f for s, f in checkpoint_files(checkpoints, step_of).items() if tracker.due(s)}
    recorded = {row["step"] for row in tracker.rows}
    for step, file in files.items():
        if tracker.resumed(step) and step not in recorded:
            raise ValueError(
                f"`checkpoints`: the table {path} goes beyond step {step} of {file.name}, which it "
                "lacks; write to another `path`"
            )
    for done, (step, file) in enumerate(files.items(), start=1):
        if step in recorded:
            continue
        network, metrics = load_checkpoint(file, model, allow_pickle=allow_pickle)
        tracker(step, network, metrics)
        if progress is not None and progress(len(tracker.rows), done, len(files)) is True:
            break
    return tracker


def step_of_name(path: str | os.PathLike[str]) -> int:
    """The step in a file's name: the number after "step", else after "epoch", else the last one.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> [step_of_name(name) for name in ("epoch=3-step=120.ckpt", "net_0040.pt", "epoch-2-0.25.pt")]
    [120, 40, 2]
    """
    stem = Path(path).stem
    for pattern in (r"step[=_-]?(\d+)", r"epoch[=_-]?(\d+)", r"(\d+)(?!.*\d)"):
        found = re.search(pattern, stem, re.IGNORECASE)
        if found:
            return int(found[1])
    raise ValueError(
        f"`checkpoints`: there is no step in the name {Path(path).name!r}; rename it, or list the "
        "files you mean (in Python also: step_of=)"
    )


def load_checkpoint(
    path: str | os.PathLike[str],
    model: torch.nn.Module | None = None,
    *,
    allow_pickle: bool = False,
) -> tuple[Any, dict[str, float]]:
    """The network in a file, and the metrics beside it.

    - ``.npz``, ``.onnx``: as :func:`relutope.load_network` reads them.
    - ``.pt``, ``.pth``, ``.ckpt``: a state dict; a dict that holds one as ``state_dict``,
      ``model_state_dict`` or ``model``; or a whole module. Names may have a prefix that those of
      `model` lack, as Lightning, DataParallel and ``torch.compile`` give them.

    Parameters
    ----------
    path : path-like
    model : torch.nn.Module, optional
        What the state dict belongs to; a copy takes it, in the precision of the file.
    allow_pickle : bool
        Whether to read pickled modules.

    Returns
    -------
    network : Network or torch.nn.Module
    metrics : dict of str to float
        The file's dict ``metrics``, or empty.

    Raises
    ------
    InvalidNetworkError
        If the file holds no such thing, `model` is missing or does not fit, or a pickle is not
        allowed.
    """
    place = Path(path)
    if place.suffix.lower() not in TORCH:
        return load_network(place), {}
    import torch

    content = _unpickled(place, allow_pickle)
    if isinstance(content, torch.nn.Module):
        return content, {}
    if not isinstance(content, Mapping):
        raise InvalidNetworkError(f"`checkpoints`: {place} holds a {type(content).__name__}")
    if model is None:
        raise InvalidNetworkError(
            f"`model`: {place.name} holds weights only; give a module of that architecture"
        )
    metrics = content.get("metrics")
    inner = [content[key] for key in NESTED if isinstance(content.get(key), Mapping)]
    state = inner[0] if inner else content
    fitted = copy.deepcopy(model)
    try:
        fitted.load_state_dict(_matching(state, list(fitted.state_dict())), assign=True)
    except (RuntimeError, ValueError) as error:
        raise InvalidNetworkError(f"`model`: {place.name} does not fit it: {error}") from error
    return fitted, dict(metrics) if isinstance(metrics, Mapping) else {}


def _unpickled(path: Path, allow_pickle: bool) -> Any:
    import torch

    try:
        return torch.load(torch_source(path), map_location="cpu", weights_only=not allow_pickle)
    except pickle.UnpicklingError as error:
        raise InvalidNetworkError(
            f"`allow_pickle`: {path} holds more than tensors, and reading it runs code that it "
            "names; if you trust it, give allow_pickle=True"
        ) from error
    except FileNotFoundError:
        raise
    except Exception as error:  # half a file, another format, or whatever unpickling runs
        raise InvalidNetworkError(f"`checkpoints`: {path} cannot be read: {error}") from error


def _matching(state: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """`state`, or its part after the one prefix with which all of `names` are there."""
    if not names or all(name in state for name in names):
        return dict(state)
    prefixes = {key.removesuffix(names[0]) for key in state if key.endswith(names[0])}
    fitting = sorted(p for p in prefixes if all(p + name in state for name in names))
    if len(fitting) > 1:
        raise ValueError(f"its names fit after several prefixes: {', '.join(fitting)}")
    start = fitting[0] if fitting else ""
    return {key.removeprefix(start): v for key, v in state.items() if key.startswith(start)}


def checkpoint_files(
    checkpoints: Paths, step_of: Callable[[Path], int | None] | None = None
) -> dict[int, Path]:
    """Files by increasing step; arguments as for `analyse_checkpoints`.

    Raises
    ------
    ValueError
        If there is none, a name has no step, or two have the same.
    """
    found: dict[int, Path] = {}
    for file in _files(checkpoints):
        step = (step_of or step_of_name)(file)
        if step is None:
            continue
        if step in found:
            raise ValueError(
                f"`checkpoints`: {found[step].name} and {file.name} are both of step {step}; list "
                "the files you mean, or give `step_of`"
            )
        found[step] = file
    if not found:
        raise ValueError(f"`checkpoints`: there is no file {', '.join(SUFFIXES)} in {checkpoints}")
    return dict(sorted(found.items()))


def _files(checkpoints: Paths) -> list[Path]:
    if not isinstance(checkpoints, str | os.PathLike):
        return [Path(file) for file in checkpoints]
    place = Path(checkpoints)
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise FileNotFoundError(f"`checkpoints`: there is no folder {os.fspath(place)!r}")
    return sorted(
        file
        for file in place.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    )
