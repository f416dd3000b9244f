"""Reading ONNX files: the graph of the outputs that are asked for."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidNetworkError, RelutopeError, UnsupportedLayerError
from .imported import Imported
from .layers import last, refused
from .onnx_feed import Feed
from .onnx_model import _DOMAINS, Array, Model, load_model, name_of
from .registry import ONNX, Value, note
from .tensor import Tensor, joined

__all__ = ["graph_of_onnx"]


def graph_of_onnx(
    path: Path,
    input_shape: Any = None,
    *,
    output: str | None = None,
    until: str | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Imported:
    """The graph of the model's outputs for one input; see `load_network`.

    Raises
    ------
    MissingDependencyError
        If onnx is not installed.
    InvalidNetworkError
        If the file is no ONNX file, or shapes do not fit.
    UnsupportedLayerError
        Names the operator and the node.
    """
    model = load_model(path)
    first: RelutopeError | None = None
    for feed in _feeds(model, input_shape, inputs or {}):
        try:
            return _Reader(model, feed).imported(output, until)
        except RelutopeError as error:
            first = first or error
    assert first is not None
    raise first


def _feeds(model: Model, input_shape: Any, fixed: Mapping[str, Any]) -> Iterator[Feed]:
    """What to try: first with a batch of one, then with the first axis as the network's own."""
    names = [value.name for value in model.inputs]
    unknown = [name for name in fixed if name not in names]
    if unknown:
        raise InvalidNetworkError(f"`inputs`: there is no input {unknown[0]!r}; there are {names}")
    free = [value for value in model.inputs if value.name not in fixed]
    if not free:
        raise InvalidNetworkError("the ONNX model has no input that is not fixed")
    shapes = input_shape if isinstance(input_shape, Mapping) else {free[0].name: input_shape}
    if len(free) > 1 and input_shape is not None and not isinstance(input_shape, Mapping):
        raise InvalidNetworkError(
            f"`input_shape` must map the names of the inputs {[v.name for v in free]} to shapes"
        )
    given = {v.name: _whole_shape(model.dimensions(v), shapes.get(v.name), v.name) for v in free}
    batches = {dims[0] for dims in given.values() if len(dims) > 1 and dims[0] and dims[0] > 1}
    for value in free:
        kind = model.dtype(value)
        if kind is not None and np.dtype(kind).kind in "iub":
            raise UnsupportedLayerError(
                f"the input {value.name!r} holds {np.dtype(kind).name}, no real numbers; fix it "
                "with `inputs=`"
            )
    constants = {name: _fixed(model, name, value) for name, value in fixed.items()}
    one = {name: (1, *dims[1:]) if len(dims) > 1 or dims[:1] == [None] else tuple(dims)
           for name, dims in given.items()}  # fmt: skip
    yield Feed(one, constants, batches.pop() if len(batches) == 1 else 1)
    if any(dims[0] and dims[0] > 1 for dims in given.values() if len(dims) > 1):
        shapes = {name: (dims[0] or 1, *dims[1:]) for name, dims in given.items()}
        yield Feed(shapes, constants, whole=max(shape[0] for shape in shapes.values()))


def _whole_shape(dims: list[int | None], given: Any, name: str) -> list[Any]:
    """The input's shape with its first axis, which may be open."""
    sizes = (given,) if isinstance(given, int) else given
    if sizes is None:
        if None in dims[1:]:
            raise InvalidNetworkError(
                f"the input {name!r} has shape {tuple(dims)}, which leaves sizes open; give "
                "`input_shape`, the shape of one input without the batch axis"
            )
        return dims
    for first in ([1], []):
        whole = [*first, *sizes]
        known = dims if not first else [None, *dims[1:]]
        fits = len(whole) == len(dims) and min(whole, default=1) >= 1
        if fits and all(d in (None, size) for d, size in zip(known, whole, strict=True)):
            return [dims[0] if first else whole[0], *whole[1:]]
    if not dims:  # no shape is declared
        return [None, *sizes]
    raise InvalidNetworkError(
        f"`input_shape` is {tuple(sizes)}, but the input {name!r} has shape {tuple(dims)} (the "
        "first is the batch)"
    )


def _fixed(model: Model, name: str, value: Any) -> Array:
    """The value of an input, of its declared type, with a batch axis if that is left out."""
    declared = next(v for v in model.inputs if v.name == name)
    array = np.asarray(value, dtype=model.dtype(declared))
    rank = len(model.dimensions(declared))
    return array[None] if array.ndim == rank - 1 else array


class _Reader:
    """Computes values on demand, with `Tensor` in place of what depends on the input."""

    def __init__(self, model: Model, feed: Feed) -> None:
        self.model = model
        self.feed = feed
        self.values: dict[str, Value | RelutopeError] = dict(feed.fixed)
        whole = Tensor.input([sum(feed.sizes)])
        first = 0
        for (name, shape), size in zip(feed.shapes.items(), feed.sizes, strict=True):
            self.values[name] = whole.take(np.arange(first, first + size).reshape(shape))
            first += size

    # -- what is asked for

    def imported(self, output: str | None, until: str | None) -> Imported:
        names = self.names(output, until)
        found = {name: self.value(name) for name in names}
        if output is None and until is None:
            found = self.useful(found)
        for name, value in found.items():
            if isinstance(value, RelutopeError):
                hint = f"; `output=` chooses one of {names}" if len(names) > 1 else ""
                raise type(value)(f"{value}{hint}")
            if not isinstance(value, Tensor) or value.values() is not None:
                raise InvalidNetworkError(f"the output {name!r} does not depend on the input")
        self.say()
        tensors = [value for value in found.values() if isinstance(value, Tensor)]
        from .onnx_reference import Reference

        reference = Reference(self.model, self.feed, [self.tensor_name(name) for name in found])
        if len(tensors) == 1:
            applied = tensors[0].applied if isinstance(tensors[0], last.LeftOff) else None
            return Imported(tensors[0].node, reference, applied)
        if any(isinstance(tensor, last.LeftOff) for tensor in tensors):
            raise UnsupportedLayerError(
                f"one of the outputs {list(found)} ends in a softmax or sigmoid; `output=` "
                "chooses one of them"
            )
        note(f"the outputs {', '.join(found)} are joined one after the other")
        return Imported(joined(tensors).node, reference)

    def say(self) -> None:
        if len(self.feed.shapes) > 1:
            note(f"the inputs {', '.join(self.feed.shapes)} are joined one after the other")
        if self.feed.batch > 1:
            note(f"the file fixes a batch of {self.feed.batch}; one of it is taken")
        if self.feed.whole > 1:
            note(f"the first axis, of {self.feed.whole}, is no batch: all of it is one input")

    def names(self, output: str | None, until: str | None) -> list[str]:
        outputs = [value.name for value in self.model.proto.graph.output]
        if until is not None:
            named = [n for n in self.model.proto.graph.node if n.name == until and n.output]
            if not named and until not in self.model.makers:
                raise InvalidNetworkError(
                    f"`until`: there is no node or value {until!r}; nodes are "
                    + ", ".join(n.name or n.output[0] for n in self.model.proto.graph.node)
                )
            return [named[0].output[0] if named else until]
        if output is None:
            return outputs
        if output not in outputs and output not in self.model.makers:
            raise InvalidNetworkError(
                f"`output`: there is no output {output!r}; there are {outputs}"
            )
        return [output]

    def useful(self, found: dict[str, Any]) -> dict[str, Any]:
        """Without labels, indices and the like, where there are outputs that are real numbers."""
        declared = {value.name: value for value in self.model.proto.graph.output}

        def is_real(name: str) -> bool:
            kind = self.model.dtype(declared[name])
            return kind is None or np.dtype(kind).kind not in "iubSUO"

        computed = {k: v for k, v in found.items() if isinstance(v, Tensor)}
        real = {k: v for k, v in found.items() if is_real(k)} or found
        mapped = {k for k in real if self.model.dtype(declared[k]) is None}
        kept = {k: v for k, v in real.items() if k in computed or k not in mapped} or real
        for name in found:
            if name not in kept:
                note(f"the output {name!r} is left off: it holds labels, which jump")
        return kept

    def tensor_name(self, name: str) -> str:
        """The value itself where the output is a mapping from classes to its entries."""
        while name in self.model.makers and self.model.makers[name].op_type == "ZipMap":
            name = self.model.makers[name].input[0]
        return name

    # -- values

    def value(self, name: str) -> Value | RelutopeError:
        """A value, or why it cannot be had; without recursion, since files may be deep."""
        waiting, begun = [name], set()
        while waiting:
            current = waiting[-1]
            if current in self.values:
                waiting.pop()
                continue
            node = self.model.makers.get(current)
            missing = [] if node is None else [n for n in node.input if n and n not in self.values]
            cyclic = [n for n in missing if n in begun]
            absent = [n for n in missing if not self.known(n)]
            if missing and not cyclic and not absent:
                begun.add(current)
                waiting += missing
                continue
            waiting.pop()
            try:
                if absent:
                    raise InvalidNetworkError(
                        f"{name_of(node)}: nothing in the model makes its input {absent[0]!r}"
                    )
                if cyclic:
                    raise InvalidNetworkError(f"{name_of(node)}: the model is cyclic")
                self.make(current, node)
            except RelutopeError as error:
                self.values[current] = error
        return self.values[name]

    def known(self, name: str) -> bool:
        """Whether a value is there or something makes it."""
        return name in self.model.makers or self.model.holds(name)

    def make(self, name: str, node: Any) -> None:
        """Puts the value of this name, and what its node makes beside it, among the values."""
        stored = self.model.stored(name)
        if stored is not None:
            self.values[name] = stored
            return
        if node is None:
            raise InvalidNetworkError(f"nothing in the model makes the value {name!r}")
        inputs: list[Any] = [self.values[n] if n else None for n in node.input]
        for value in inputs:
            if isinstance(value, RelutopeError):
                raise value
        while inputs and inputs[-1] is None:
            inputs.pop()
        inputs = [_plain(value) for value in inputs]
        try:
            results = self.results(node, inputs)
        except RelutopeError as error:
            raise type(error)(f"{name_of(node)}: {error}") from None
        for output, result in zip(node.output, results, strict=False):
            if output:
                self.values[output] = result
        if name not in self.values:
            raise UnsupportedLayerError(f"{name_of(node)}: its output {name!r} is not supported")

    def results(self, node: Any, inputs: list[Any]) -> Sequence[Any]:
        if node.op_type in ("If", "Loop", "Scan"):
            return self.branch(node, inputs)
        if node.op_type in ("Shape", "Size"):
            return [_shape(node.op_type, inputs[0], **self.model.attributes(node))]
        if not any(isinstance(value, Tensor) for value in inputs):
            if node.op_type.startswith(("Random", "Multinomial", "Bernoulli")):
                raise UnsupportedLayerError("it draws random numbers")
            return self.model.evaluated(node, inputs)
        left_off = [value for value in inputs if isinstance(value, last.LeftOff)]
        if left_off and node.op_type not in last.MAY_FOLLOW:
            return [self.after_last(node, inputs)]
        found = self.called(node, inputs)
        if left_off:
            return [left_off[0].like(found)]
        return found if isinstance(found, tuple) else [found]

    def called(self, node: Any, inputs: list[Any]) -> Any:
        """The result of the operator's function in the registry."""
        known = ONNX.get(node.op_type) if node.domain in _DOMAINS else None
        if known is None:
            why = refused.reason(node.op_type)
            raise UnsupportedLayerError(
                "the operator is not supported"
                + (f": {why}" if why else f"; supported are {', '.join(sorted(ONNX))}")
                + "; `until=` stops at an earlier node"
            )
        if node.op_type == "Reshape" and self.feed.batch > 1:
            inputs = [inputs[0], *(_one_of_batch(v, self.feed.batch) for v in inputs[1:])]
        attributes = self.model.attributes(node)
        signature = inspect.signature(known)
        if "outputs" in signature.parameters:
            attributes["outputs"] = len(node.output)
        if "opset" in signature.parameters:
            attributes["opset"] = self.model.opset(node)
        try:
            signature.bind(*inputs, **attributes)
        except TypeError as error:
            raise UnsupportedLayerError(f"unsupported inputs or attributes: {error}") from None
        try:
            return known(*inputs, **attributes)
        except RelutopeError:
            raise
        except (TypeError, AttributeError, IndexError, ValueError) as error:
            raise InvalidNetworkError(f"unsupported inputs: {error}") from error

    def after_last(self, node: Any, inputs: list[Any]) -> Tensor:
        """The scores of two classes, ``[1 - p, p]``; nothing else may follow a last activation."""
        found = None
        if node.op_type == "Sub" and isinstance(inputs[1], last.LeftOff):
            found = last.complement(inputs[1], inputs[0])
        if node.op_type == "Concat" and len(inputs) == 2:
            a, b = inputs
            if isinstance(a, last.LeftOff) and isinstance(b, last.LeftOff):
                found = last.two_classes(a, b)
        if found is None:
            raise UnsupportedLayerError(
                "it follows a softmax or sigmoid, which is not piecewise linear; only a last one "
                "can be left off; `until=` stops at an earlier node"
            )
        return found

    def branch(self, node: Any, inputs: list[Any]) -> Sequence[Any]:
        """The branch that a constant condition chooses."""
        if node.op_type != "If" or isinstance(inputs[0], Tensor):
            raise UnsupportedLayerError("control flow that depends on the input is not supported")
        attributes = self.model.attributes(node)
        graph = attributes["then_branch" if np.all(inputs[0]) else "else_branch"]
        self.model.add_graph(graph)
        results = [self.value(value.name) for value in graph.output]
        for result in results:
            if isinstance(result, RelutopeError):
                raise result
        return results


def _plain(value: Any) -> Any:
    """A constant tensor as an array."""
    constant = value.values() if isinstance(value, Tensor) else None
    return value if constant is None else constant


def _one_of_batch(sizes: Any, batch: int) -> Any:
    """The shape for one of a batch that is fixed in the file."""
    if isinstance(sizes, np.ndarray) and sizes.size and sizes.flat[0] == batch:
        return np.array([1, *sizes.ravel()[1:]])
    return sizes


def _shape(operator: str, x: Any, start: int = 0, end: int | None = None) -> Array:
    if operator == "Size":
        return np.array(math.prod(x.shape), dtype=np.int64)
    return np.array(x.shape[start:end], dtype=np.int64)
