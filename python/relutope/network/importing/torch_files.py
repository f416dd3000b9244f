"""Torch modules from files: TorchScript, exported programs, weights, and whole modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...common.extras import require
from ...errors import InvalidNetworkError, MissingDependencyError
from .torch_source import torch_source

__all__ = ["module_of", "with_weights"]


def module_of(path: Path, architecture: Any, *, allow_pickle: bool) -> Any:
    """The module in a file; see `load_network`.

    Raises
    ------
    InvalidNetworkError
        If the file holds none, or weights without an architecture.
    """
    if path.suffix == ".safetensors":
        return with_weights(_safetensors(path), architecture, str(path))
    require("torch", f"reading {path}")
    import torch

    source = torch_source(path)  # whatever it is: its sizes are checked
    if path.suffix == ".pt2":
        try:
            return torch.export.load(path).module()
        except Exception as error:
            raise InvalidNetworkError(f"`path`: {path} is no exported program: {error}") from None
    if _is_torchscript(path):
        try:
            return torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
        except Exception as error:
            raise InvalidNetworkError(f"`path`: {path} cannot be read: {error}") from None
    try:
        found = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:
        return _whole_module(path, allow_pickle, error)
    return with_weights(found, architecture, str(path))


def _is_torchscript(path: Path) -> bool:
    """TorchScript archives hold code and constants beside the numbers."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _whole_module(path: Path, allow_pickle: bool, reason: Exception) -> Any:
    import torch

    if not allow_pickle:
        first = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
        raise InvalidNetworkError(
            f"`path`: {path} holds more than weights, or is damaged; reading a whole module runs "
            "code that the file names: if you trust it, give allow_pickle=True. Else save "
            f"module.state_dict() and give `architecture`. (torch says: {first})"
        )
    source = torch_source(path)
    try:
        found = torch.load(source, map_location="cpu", weights_only=False)
    except Exception as error:  # whatever unpickling runs
        raise InvalidNetworkError(f"`path`: {path} cannot be unpickled: {error}") from error
    if not isinstance(found, torch.nn.Module):
        raise InvalidNetworkError(
            f"`path`: {path} holds a {type(found).__name__}, neither a module nor its weights"
        )
    return found


def _safetensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingDependencyError(
            "reading .safetensors files needs the package safetensors: pip install safetensors"
        ) from error
    try:
        # The format sorts the names as texts; layers are numbered.
        return dict(sorted(load_file(str(path)).items(), key=lambda item: _in_steps(item[0])))
    except Exception as error:
        raise InvalidNetworkError(f"`path`: {path} is no .safetensors file: {error}") from None


def _in_steps(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts 10 behind 2, and weights ahead of biases."""
    parts = name.replace("weight", "0").split(".")
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]


def with_weights(found: Any, architecture: Any, where: str) -> Any:
    """The architecture with these weights, in eval mode.

    Parameters
    ----------
    found : mapping of str to Tensor
        A ``state_dict``, or what holds one under ``state_dict``, ``model_state_dict`` or ``model``.
    architecture : torch.nn.Module or sequence of int
        The module is copied, not changed. Numbers are the widths of Linear layers with ReLUs
        between them.

    Raises
    ------
    InvalidNetworkError
        If there is no architecture, or the weights do not fit it.
    """
    import copy

    import torch

    weights = _weights_in(found)
    if weights is None:
        raise InvalidNetworkError(
            f"`path`: {where} holds a {type(found).__name__}, neither a module nor its weights"
        )
    if architecture is None:
        shapes = ", ".join(f"{name} {tuple(v.shape)}" for name, v in weights.items())
        raise InvalidNetworkError(
            f"`path`: {where} holds weights alone ({shapes}); give `architecture`, the module to "
            "load them into, or the widths of a chain of Linear and ReLU layers"
        )
    if isinstance(architecture, torch.nn.Module):
        module = copy.deepcopy(architecture)
        try:
            module.load_state_dict(weights)
        except Exception as error:
            raise InvalidNetworkError(
                f"`architecture`: the weights of {where} do not fit it: {error}"
            ) from None
        return module.eval()
    return _chain(weights, architecture, where)


def _weights_in(found: Any) -> dict[str, Any] | None:
    import torch

    for key in (None, "state_dict", "model_state_dict", "model"):
        inner = found if key is None else (found.get(key) if isinstance(found, Mapping) else None)
        if (
            isinstance(inner, Mapping)
            and inner
            and all(isinstance(v, torch.Tensor) for v in inner.values())
        ):
            return dict(inner)
    return None


def _chain(weights: dict[str, Any], widths: Sequence[int], where: str) -> Any:
    """Linear and ReLU layers, their weights in the order of the file."""
    import torch

    sizes = [int(width) for width in widths]
    expected = [s for a, b in pairwise(sizes) for s in ((b, a), (b,))]
    given = [tuple(tensor.shape) for tensor in weights.values()]
    if given != expected or len(sizes) < 2:
        raise InvalidNetworkError(
            f"`architecture`: the widths {sizes} are those of weights of shapes {expected}, but "
            f"{where} holds {given}"
        )
    values, layers = list(weights.values()), []
    for k, (a, b) in enumerate(pairwise(sizes)):
        layer = torch.nn.Linear(a, b, dtype=values[2 * k].dtype)
        layer.load_state_dict({"weight": values[2 * k], "bias": values[2 * k + 1]})
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1]).eval()
