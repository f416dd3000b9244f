"""Networks from files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...common.arithmetic import ieee_arithmetic
from ...errors import InvalidNetworkError
from ..network import Network
from .from_npz import network_of_npz
from .imported import built
from .named_errors import naming_the_file
from .nnet import network_of_nnet

__all__ = ["load_network"]

_SUFFIXES = (".onnx", ".onnx.gz", ".npz", ".nnet", ".pt", ".pth", ".pt2", ".safetensors")


@ieee_arithmetic
@naming_the_file
def load_network(
    path: str | Path,
    *,
    input_shape: Any = None,
    output: str | int | None = None,
    until: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    architecture: Any = None,
    allow_pickle: bool = False,
) -> Network:
    """Reads a network from a file; its suffix says what it is.

    - ``.onnx``, ``.onnx.gz``: an ONNX model (needs the extra ``onnx``). Where onnxruntime is
      installed, the network is compared with what it computes.
    - ``.npz``: arrays ``W0``, ``b0``, ``W1``, ``b1``, ... of the layers and, if there are any, the
      numbers ``linear_units``, as `Network` takes them.
    - ``.nnet``: the text format of the ACAS Xu networks; inputs and outputs are normalised as the
      file says.
    - ``.pt``, ``.pth``: a TorchScript module, weights (a ``state_dict``) with `architecture`, or a
      whole module as ``torch.save(module, path)`` writes it, which must be allowed: reading it
      runs code that the file names.
    - ``.pt2``: a program of ``torch.export.save``.
    - ``.safetensors``: weights with `architecture`.

    Inputs and outputs are in the order of the flattened tensors (C order). A last softmax or
    sigmoid is left off; `Network.notes` says so, and what else is worth knowing.

    Parameters
    ----------
    path : str or Path
    input_shape : sequence of int, or mapping of str to sequence of int, optional
        Shape of one input without the batch axis, where the file leaves it open; by the names of
        several inputs.
    output : str or int, optional
        Which of several outputs is meant; all are joined by default.
    until : str, optional
        A node, value or layer: the network ends with what it gives.
    inputs : mapping of str to array_like, optional
        Values of inputs that are fixed, by name. Several free inputs are joined.
    architecture : torch.nn.Module or sequence of int, optional
        For weights alone: a module to load them into, or the widths of a chain of Linear and ReLU
        layers, inputs and outputs included.
    allow_pickle : bool
        Whether a whole module may be read. Only for files that you trust.

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

    See Also
    --------
    as_network, load_domain, Network.from_torch
    """
    place = Path(path)
    name = place.name.lower()
    suffix = next((s for s in _SUFFIXES if name.endswith(s)), None)
    if suffix is None:
        raise InvalidNetworkError(
            f"`path`: networks are read from files {', '.join(_SUFFIXES)}, got {str(path)!r}"
        )
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(path)!r}")
    wanted = {"output": output, "until": until, "inputs": inputs}
    if suffix in (".npz", ".nnet"):
        if any(value is not None for value in (*wanted.values(), input_shape, architecture)):
            raise InvalidNetworkError(f"a {suffix} file holds one network and takes no options")
        return network_of_npz(place) if suffix == ".npz" else network_of_nnet(place)
    if suffix.startswith(".onnx"):
        from .from_onnx import graph_of_onnx

        chosen = None if output is None else str(output)
        return built(
            Network,
            lambda: graph_of_onnx(place, input_shape, output=chosen, until=until, inputs=inputs),
        )
    from .torch_files import module_of

    module = module_of(place, architecture, allow_pickle=allow_pickle)
    return Network.from_torch(module, input_shape, output=output, until=until, inputs=inputs)
