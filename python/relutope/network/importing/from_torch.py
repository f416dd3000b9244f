"""Reading torch modules, by running them on a traced input (`torch_trace`).

Imported only when a torch module is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from ...errors import InvalidNetworkError, RelutopeError, UnsupportedLayerError
from .imported import Imported
from .layers.last import LeftOff
from .registry import note
from .tensor import Tensor, joined
from .torch_state import on_this_thread, preserved
from .torch_trace import Trace, run
from .traced import Traced, Unread

__all__ = ["graph_of_torch"]


def graph_of_torch(
    module: Any,
    input_shape: Any = None,
    *,
    output: str | int | None = None,
    until: str | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> Imported:
    """The graph of the module's output for one input; see `Network.from_torch`.

    Raises
    ------
    UnsupportedLayerError
        Names the layer and the operation that cannot be read.
    InvalidNetworkError
        If the shapes do not fit, or layers are in training mode.
    """
    reader = _Reader(unwrapped(module), output, until, dict(inputs or {}))
    if until is not None:
        reader.layer_to_stop_at()
    first: RelutopeError | None = None
    with on_this_thread(), preserved(reader.module):
        for shapes in reader.shapes(input_shape):
            try:
                found = reader.read(shapes)
            except RelutopeError as error:
                first = first or error
                continue
            if input_shape is None and found.guess_is_doubtful:
                break
            return found.imported
    if input_shape is None and (first is None or isinstance(first, InvalidNetworkError)):
        reason = f" ({first})" if first else ""
        raise InvalidNetworkError(
            "`input_shape` is needed, the shape of one input without the batch axis: what the "
            f"network takes cannot be read off its first layer{reason}"
        )
    assert first is not None
    raise first


def unwrapped(module: Any) -> nn.Module:
    """The module inside torch.compile, DataParallel and the like."""
    while True:
        if isinstance(getattr(module, "_orig_mod", None), nn.Module):
            module = module._orig_mod
        elif type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
            module = module.module
        elif type(module).__name__ == "ExportedProgram":
            module = module.module()
        else:
            break
    if not isinstance(module, nn.Module):
        raise InvalidNetworkError(
            f"`network` must be a torch.nn.Module, got {type(module).__name__}; a dictionary of "
            "weights is loaded by module.load_state_dict(...)"
        )
    return module


class _Stop(BaseException):
    """The layer at which to stop has given its output."""


class _Found:
    def __init__(self, imported: Imported, trace: Trace) -> None:
        self.imported = imported
        first = trace.first
        self.guess_is_doubtful = first is not None and not first.endswith(("mm", "mv", "linear"))
        if first == "native_batch_norm":
            self.guess_is_doubtful = False


class _Reader:
    """Reads one module for given shapes."""

    def __init__(
        self, module: nn.Module, output: Any, until: str | None, inputs: dict[str, Any]
    ) -> None:
        self.module = module
        self.output_name = output
        self.until = until
        self.inputs = inputs
        kinds = (p.dtype for p in _numbers(module) if p.dtype.is_floating_point)
        self.dtype = next(kinds, torch.float64)

    def shapes(self, given: Any) -> Iterator[list[Any]]:
        """Shapes to try for the inputs, first with a batch axis of 1."""
        if isinstance(given, Mapping):
            yield [{name: (1, *_sizes(shape)) for name, shape in given.items()}]
            yield [{name: _sizes(shape) for name, shape in given.items()}]
        elif given is None:
            for size in dict.fromkeys(_fan_ins(self.module)):
                yield [(1, size)]
                yield [(size,)]
        else:
            several = not isinstance(given, int) and any(
                isinstance(part, (tuple, list)) for part in given
            )
            shapes = [_sizes(part) for part in given] if several else [_sizes(given)]
            yield [(1, *shape) for shape in shapes]
            yield list(shapes)

    def read(self, shapes: list[Any]) -> _Found:
        trace = Trace(self.module)
        named = shapes[0] if isinstance(shapes[0], dict) else {}
        positional = [] if named else shapes
        sizes = [_count(shape) for shape in (*positional, *named.values())]
        whole = Tensor.input([sum(sizes)])
        parts = _split(whole, [*positional, *named.values()])
        if len(parts) > 1:
            note("the inputs are joined one after the other, in the order given")
        traced = [trace.traced(part, self.dtype) for part in parts]
        fixed = {name: torch.as_tensor(value) for name, value in self.inputs.items()}
        args = tuple(traced[: len(positional)])
        kwargs = fixed | dict(zip(named, traced[len(positional) :], strict=True))
        found = self.called(trace, args, kwargs)
        result, apply = self.chosen(found)
        return _Found(self.imported(result, apply, trace, shapes, fixed), trace)

    def imported(
        self, result: Tensor, apply: Any, trace: Trace, shapes: list[Any], fixed: dict[str, Any]
    ) -> Imported:
        from .torch_reference import Reference

        named = shapes[0] if isinstance(shapes[0], dict) else {}
        reference = Reference(
            module=self.module,
            call=lambda *given: self.flat(self.called(None, *given)),
            shapes=[] if named else shapes,
            named=named,
            fixed=fixed,
            dtype=self.dtype,
            dtypes=trace.dtypes,
        )
        return Imported(result.node, reference, apply)

    def called(self, trace: Trace | None, args: Any, kwargs: Any, state: Any = None) -> Any:
        """The module's result, or the output of the layer at which to stop.

        Parameters
        ----------
        trace : Trace or None
            None runs it on numbers.
        state : dict of Tensor, optional
            Parameters and buffers to be taken instead of the module's own.
        """
        stopped: list[Any] = []

        def stop(_: Any, __: Any, result: Any) -> None:
            stopped.append(result)
            raise _Stop

        handle = self.layer_to_stop_at().register_forward_hook(stop) if self.until else None
        try:
            if trace is not None:
                return run(self.module, self.module, trace, args, kwargs)
            with torch.no_grad():
                if state is None:
                    return self.module(*args, **kwargs)
                return torch.func.functional_call(self.module, state, args, kwargs)
        except _Stop:
            return stopped[0]
        finally:
            if handle is not None:
                handle.remove()

    def layer_to_stop_at(self) -> nn.Module:
        layers = dict(self.module.named_modules())
        if self.until not in layers:
            raise InvalidNetworkError(
                f"`until`: there is no layer {self.until!r}; layers are "
                f"{', '.join(name for name in layers if name)}"
            )
        found: nn.Module = layers[self.until]
        return found

    def picked(self, found: Any) -> list[Any]:
        """The outputs that are asked for."""
        if self.output_name is not None and not isinstance(found, torch.Tensor):
            try:
                return [found[self.output_name]]
            except (KeyError, IndexError, TypeError):
                names = list(found) if isinstance(found, Mapping) else f"0 to {len(found) - 1}"
                raise InvalidNetworkError(
                    f"`output`: there is no output {self.output_name!r}; there are {names}"
                ) from None
        if isinstance(found, torch.Tensor):
            return [found]
        if isinstance(found, Mapping):
            return list(found.values())
        if isinstance(found, (tuple, list)):
            return list(found)
        raise UnsupportedLayerError(
            "`network` must return tensors that are computed from its input, it returns "
            f"{type(found).__name__}"
        )

    def chosen(self, found: Any) -> tuple[Tensor, Any]:
        parts = self.picked(found)
        labels = [part for part in parts if isinstance(part, Unread)]
        if labels and len(labels) == len(parts):
            raise labels[0].error
        if labels:
            note("the outputs that are labels or indices are left off")
            parts = [part for part in parts if not isinstance(part, Unread)]
        traced = [part.read() for part in parts if isinstance(part, Traced)]
        if not traced or len(traced) < len(parts):
            raise UnsupportedLayerError(
                "`network` must return one tensor that is computed from its input, it returns "
                f"{[type(part).__name__ for part in parts]}; `output=` chooses one of several"
            )
        if len(traced) == 1:
            one = traced[0]
            return one, one.applied if isinstance(one, LeftOff) else None
        if any(isinstance(part, LeftOff) for part in traced):
            raise UnsupportedLayerError(
                "`network`: one of several outputs ends in a softmax or sigmoid; `output=` chooses"
            )
        note("the outputs are joined one after the other, in their order")
        return joined(traced), None

    def flat(self, found: Any) -> torch.Tensor:
        """The outputs that are real numbers, one after the other."""
        parts = [part for part in self.picked(found) if part.is_floating_point()]
        return torch.cat([part.reshape(-1) for part in parts])


def _numbers(module: nn.Module) -> Iterator[torch.Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _fan_ins(module: nn.Module) -> Iterator[int]:
    """What the number of inputs may be: first what Linear layers take."""
    layers = list(module.modules())
    yield from (layer.in_features for layer in layers if isinstance(layer, nn.Linear))
    yield from (int(n) for m in layers for n in [getattr(m, "num_features", 0)] if n)
    matrices = [p for p in _numbers(module) if p.ndim == 2]
    yield from (int(size) for p in matrices for size in reversed(p.shape))


def _sizes(shape: Sequence[int] | int) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not sizes or any(not isinstance(size, int) or size < 1 for size in sizes):
        raise InvalidNetworkError(
            f"`input_shape` must hold positive integers, without the batch axis; got {shape!r}"
        )
    return sizes


def _count(shape: Sequence[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _split(whole: Tensor, shapes: Sequence[Sequence[int]]) -> list[Tensor]:
    """One tensor of each shape, one after the other."""
    if len(shapes) == 1:
        return [whole.reshape(shapes[0])]
    parts, first = [], 0
    for shape in shapes:
        order = torch.arange(first, first + _count(shape)).reshape(tuple(shape)).numpy()
        parts.append(whole.take(order))
        first += _count(shape)
    return parts
