"""An ONNX model: reading it, finding what makes a value, and evaluating constants.

Needs the package onnx, which is imported when a file is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.reading import read_bytes
from ...errors import (
    InvalidFileError,
    InvalidNetworkError,
    MissingDependencyError,
    UnsupportedLayerError,
)

__all__ = ["Model", "load_model", "name_of"]

Array = NDArray[Any]

_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")


def load_model(path: Path) -> Model:
    """Reads a file, ``.onnx`` or ``.onnx.gz``.

    Raises
    ------
    MissingDependencyError
        If onnx is not installed.
    InvalidNetworkError
        If the file is no ONNX file.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingDependencyError(
            "reading ONNX files needs the package onnx: pip install 'relutope[onnx]'"
        ) from error
    try:
        if path.suffix == ".gz":
            model = onnx.load_model_from_string(read_bytes(path))
        else:
            model = onnx.load(path)
        if model.functions:
            from onnx import inliner

            model = inliner.inline_local_functions(model)
    except (OSError, InvalidFileError):
        raise
    except Exception as error:  # of protobuf
        raise InvalidNetworkError(f"`path`: {path} is not a valid ONNX file: {error}") from None
    if not model.graph.output:
        raise InvalidNetworkError(f"`path`: {path} is not a valid ONNX file: it has no outputs")
    return Model(onnx, model)


def name_of(node: Any) -> str:
    """How messages call a node."""
    return f"node {node.name or (node.output[0] if node.output else '')!r} ({node.op_type})"


class Model:
    """Nodes by what they make, and the types of values.

    Attributes
    ----------
    proto : onnx.ModelProto
    makers : dict of str to onnx.NodeProto
        The node that makes each value.
    """

    def __init__(self, onnx: Any, proto: Any) -> None:
        self.onnx = onnx
        self.proto = proto
        self.makers: dict[str, Any] = {}
        self._stored: dict[str, Any] = {}
        self.opsets = {o.domain or "ai.onnx": int(o.version) for o in proto.opset_import}
        self.add_graph(proto.graph)

    def add_graph(self, graph: Any) -> None:
        """Makes known the nodes and constants of the graph or a subgraph."""
        self._stored |= {tensor.name: tensor for tensor in graph.initializer}
        self._stored |= {sparse.values.name: sparse for sparse in graph.sparse_initializer}
        for node in graph.node:
            self.makers |= {name: node for name in node.output if name}

    def opset(self, node: Any) -> int:
        """The version of the operators that a node is of."""
        return self.opsets.get(node.domain or "ai.onnx", 1)

    @property
    def inputs(self) -> list[Any]:
        """The graph's inputs without those that have a value in the file."""
        return [value for value in self.proto.graph.input if value.name not in self._stored]

    def holds(self, name: str) -> bool:
        """Whether there is a constant of this name."""
        return name in self._stored

    def stored(self, name: str) -> Array | None:
        """The constant of this name, if there is one."""
        tensor = self._stored.get(name)
        if tensor is None:
            return None
        if not isinstance(tensor, self.onnx.TensorProto):
            raise UnsupportedLayerError(f"the sparse constant {name!r} is not supported")
        return self.array(tensor)

    def array(self, tensor: Any) -> Array:
        """The numbers of a stored tensor."""
        try:
            return np.asarray(self.onnx.numpy_helper.to_array(tensor))
        except Exception as error:  # sizes that do not fit the data, and the like
            raise InvalidNetworkError(
                f"the constant {tensor.name!r} cannot be read: {error}"
            ) from None

    def attributes(self, node: Any) -> dict[str, Any]:
        """The node's attributes as Python values."""
        found = {}
        for attribute in node.attribute:
            value = self.onnx.helper.get_attribute_value(attribute)
            if isinstance(value, self.onnx.TensorProto):
                value = self.array(value)
            found[attribute.name] = value.decode() if isinstance(value, bytes) else value
        return found

    def dimensions(self, value: Any) -> list[int | None]:
        """The declared shape of a graph's input, None where it is open."""
        dims = value.type.tensor_type.shape.dim
        return [int(d.dim_value) if d.HasField("dim_value") and d.dim_value else None for d in dims]

    def dtype(self, value: Any) -> Any:
        """The NumPy type of a graph's input or output; None if it is no tensor."""
        kind = value.type.tensor_type.elem_type
        if not value.type.HasField("tensor_type") or not kind:
            return None
        try:
            return self.onnx.helper.tensor_dtype_to_np_dtype(kind)
        except (KeyError, ValueError, TypeError):
            return None

    def roundoff(self) -> float:
        """The unit roundoff of the coarsest float type in which something may be computed."""
        kinds = {value.type.tensor_type.elem_type for value in self.proto.graph.input}
        kinds |= {getattr(t, "data_type", 0) for t in self._stored.values()}
        for node in self.proto.graph.node:
            if node.op_type == "Cast":
                kinds |= {int(a.i) for a in node.attribute if a.name == "to"}
        T = self.onnx.TensorProto
        units = {T.BFLOAT16: 2.0**-8, T.FLOAT16: 2.0**-11, T.FLOAT: 2.0**-24, T.DOUBLE: 2.0**-53}
        return max((units[kind] for kind in kinds if kind in units), default=2.0**-24)

    def evaluated(self, node: Any, inputs: Sequence[Array | None]) -> list[Array]:
        """What a node makes of constants, in their own types as a runtime computes it."""
        from onnx.reference import ReferenceEvaluator

        helper = self.onnx.helper
        given = {n: v for n, v in zip(node.input, inputs, strict=False) if n and v is not None}
        values = [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape
            )
            for name, value in given.items()
        ]
        made = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
        graph = helper.make_graph([node], "constant", values, made)
        model = helper.make_model(graph, opset_imports=list(self.proto.opset_import))
        try:
            with np.errstate(all="ignore"):
                found = ReferenceEvaluator(model).run(None, given)
        except Exception as error:
            raise UnsupportedLayerError(
                f"its constant inputs cannot be evaluated: {error}"
            ) from None
        results = iter(found)
        return [np.asarray(next(results)) if name else np.empty(0) for name in node.output]
