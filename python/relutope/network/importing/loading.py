"""Networks and domains from files."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...domain.box import Box, FlatBox
from ...errors import InvalidDomainError, InvalidNetworkError
from ..network import Network
from .vnnlib import box_of_vnnlib

__all__ = ["load_domain", "load_network"]


def load_network(
    path: str | Path,
    *,
    input_shape: Sequence[int] | None = None,
    allow_pickle: bool = False,
) -> Network:
    """Reads a network from a file; its suffix says what it is.

    - ``.onnx``: an ONNX model of one input and one output (needs the extra ``onnx``). Operators as
      in `Network.from_torch`, and nothing is rounded either. The batch axis, the first, is 1.
    - ``.npz``: arrays ``W0``, ``b0``, ``W1``, ``b1``, ... of the layers and, if there are any, the
      numbers ``linear_units``, as `Network` takes them.
    - ``.pt``, ``.pth``: a whole torch module, as ``torch.save(module, path)`` writes it. Reading it
      runs code that the file names, so it must be allowed.

    Inputs and outputs are in the order of the flattened tensors (C order).

    Parameters
    ----------
    path : str or Path
    input_shape : sequence of int, optional
        Shape of one input without the batch axis, where the file leaves it open.
    allow_pickle : bool
        Whether a ``.pt`` file may be read. Only for files that you trust.

    Returns
    -------
    Network

    Raises
    ------
    InvalidNetworkError
        If the file is not such a file, or the network in it cannot be used.
    UnsupportedLayerError
        Names the operator or layer that is not supported, and where it is.
    MissingDependencyError
        If a package that is needed is not installed.
    FileNotFoundError
        If there is no such file.
    """
    place = Path(path)
    suffix = place.suffix.lower()
    if suffix not in (".onnx", ".npz", ".pt", ".pth"):
        raise InvalidNetworkError(
            f"`path`: networks are read from files .onnx, .npz and .pt, got {str(path)!r}"
        )
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(path)!r}")
    if suffix == ".onnx":
        from .from_onnx import graph_of_onnx

        return Network._from_graph(graph_of_onnx(place, input_shape))
    if suffix == ".npz":
        return _from_npz(place)
    return Network.from_torch(_unpickled(place, allow_pickle), input_shape)


def _from_npz(path: Path) -> Network:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    except (ValueError, zipfile.BadZipFile) as error:
        raise InvalidNetworkError(f"`path`: {path} is no .npz file: {error}") from None
    count = sum(f"W{k}" in arrays and f"b{k}" in arrays for k in range(len(arrays)))
    expected = {f"{name}{k}" for name in "Wb" for k in range(count)}
    if not count or expected != set(arrays) - {"linear_units"}:
        raise InvalidNetworkError(
            f"`path`: {path} must hold arrays W0, b0, W1, b1, ... and perhaps linear_units; it "
            f"holds {', '.join(sorted(arrays)) or 'none'}"
        )
    return Network(
        [(arrays[f"W{k}"], arrays[f"b{k}"]) for k in range(count)], arrays.get("linear_units")
    )


def _unpickled(path: Path, allow_pickle: bool) -> Any:
    if not allow_pickle:
        raise InvalidNetworkError(
            f"`path`: {path} is a pickle, and reading it runs code that it names; if you trust it, "
            "give allow_pickle=True"
        )
    import torch

    try:
        module = torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:  # whatever unpickling runs
        raise InvalidNetworkError(f"`path`: {path} cannot be unpickled: {error}") from error
    if not isinstance(module, torch.nn.Module) or isinstance(module, torch.jit.ScriptModule):
        raise InvalidNetworkError(
            f"`path`: {path} holds a {type(module).__name__}, not a whole torch module; build the "
            "module, load what the file holds into it, and pass it to Network.from_torch"
        )
    return module


def load_domain(path: str | Path) -> Box | FlatBox:
    """The input box of a verification property, ``.vnnlib`` or ``.vnnlib.gz``.

    Bounds of the inputs ``X_0``, ``X_1``, ... are read, decimal numbers rounded to the nearest
    double; an input without a bound is unbounded. What is said of the outputs is ignored.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Box or FlatBox
        A `FlatBox` when the file fixes an input to one value: `slice` takes it as its domain.

    Raises
    ------
    InvalidDomainError
        If the file is not such a file, gives several boxes, or sets other conditions on the inputs
        than bounds of each.
    FileNotFoundError
        If there is no such file.
    """
    place = Path(path)
    name = place.name.lower()
    if not name.endswith((".vnnlib", ".vnnlib.gz")):
        raise InvalidDomainError(
            f"`path`: domains are read from files .vnnlib and .vnnlib.gz, got {str(path)!r}"
        )
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(path)!r}")
    return box_of_vnnlib(place)
