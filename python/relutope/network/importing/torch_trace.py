"""Running a torch module on a traced input. Imported only when a torch module is given.

The module's own forward is run, with its hooks, parametrisations and shape checks, on tensors that
hold `Tensor` instead of numbers; every ATen operation on them goes through the registry. So what is
read is what torch runs, or the operation that cannot be read is named. One file, since all of it
handles what torch calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from ...common.tensors import detached
from ...errors import InvalidNetworkError, RelutopeError, UnsupportedLayerError
from .layers import last, refused
from .layers.maxima import WithoutIndices
from .registry import ATEN
from .tensor import Tensor, gathered
from .traced import Traced, Unread, as_torch, stand_in

__all__ = ["Trace", "run"]

# Run as they are on the places of numbers instead of numbers. `fill` gives the argument that is a
# number to be written.
_ARRANGEMENTS = [
    "_reshape_copy",
    "_unsafe_view",
    "cat",
    "channel_shuffle",
    "clone",
    "concat",
    "constant_pad_nd",
    "copy",
    "diag_embed",
    "expand_copy",
    "fill",
    "flip",
    "gather",
    "im2col",
    "index",
    "index_put",
    "index_select",
    "lift_fresh",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "narrow_copy",
    "native_channel_shuffle",
    "permute_copy",
    "pixel_shuffle",
    "pixel_unshuffle",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "repeat",
    "repeat_interleave",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
    "roll",
    "rot90",
    "scatter",
    "select_scatter",
    "slice_scatter",
    "stack",
    "take",
    "tril",
    "triu",
    "unfold_copy",
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d",
    "view_copy",
    "where",
    "zero",
    "_index_put_impl",
    "_unsafe_index",
]
_LABELS = ["argmax", "argmin", "eq", "ge", "gt", "le", "lt", "ne"]
_FILL = {"constant_pad_nd": 2, "fill": 1, "masked_fill": 2, "scatter": 3}
_CONSTANTS = [
    "empty_like",
    "full_like",
    "new_empty",
    "new_full",
    "new_ones",
    "new_zeros",
    "ones_like",
    "zeros_like",
]
_READS = [
    "_local_scalar_dense",
    "is_nonzero",
    "equal",
    "item",
    "allclose",
    "_assert_async",
    "nonzero",
]
_FIRST = ("mm", "mv", "convolution", "pool1d", "pool2d", "pool3d", "pool2d_with_indices", "linear",
          "pool3d_with_indices", "native_batch_norm")  # fmt: skip
_VIEWS_AND_COPIES = {
    *("view", "_unsafe_view", "clone", "alias", "detach", "squeeze", "unsqueeze", "t"),
    *("permute", "transpose", "reshape", "_to_copy", "lift_fresh"),
}


SUPPORTED = (
    "supported are Linear, convolutions and their transposes, BatchNorm, Dropout in eval mode, "
    "maximum and average pooling, ReLU and its kin (LeakyReLU, PReLU, ReLU6, Hardtanh, "
    "Hardsigmoid, Threshold, Softshrink, clamp, abs), maxima and minima, sums and means, "
    "interpolation, padding, sums and products with constants, indexing, joining and reshaping"
)


class Trace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows all operations of a forward.

    Attributes
    ----------
    error : RelutopeError or None
        The first refusal: code between it and the caller may turn it into something else.
    dtypes : set of torch.dtype
        Float types of the traced tensors.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.error: RelutopeError | None = None
        self.dtypes: set[torch.dtype] = set()
        self.first: str | None = None  # the first operation that has weights or windows
        self._names = {id(m): name for name, m in module.named_modules()}
        self._running: list[torch.nn.Module] = []
        self._leaving = False  # the last of them is done but for its forward hooks

    def input(self, shape: Any, dtype: torch.dtype) -> Traced:
        """The network's input."""
        return self.traced(Tensor.input(shape), dtype)

    def traced(self, value: Tensor, dtype: torch.dtype) -> Traced:
        """A tensor with these numbers."""
        self.dtypes.add(dtype)
        return Traced.of(value, dtype)

    @contextmanager
    def following(self) -> Iterator[None]:
        """While this lasts, operations are followed and layers are known by name."""
        before = torch.nn.modules.module.register_module_forward_pre_hook(self._enter)
        after = torch.nn.modules.module.register_module_forward_hook(self._leave)
        try:
            with torch.no_grad(), self:
                yield
        finally:
            before.remove()
            after.remove()

    def _enter(self, module: Any, _: Any) -> None:
        self._left()
        if id(module) in self._names:
            self._running.append(module)
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm) and (
            module.training or module.running_mean is None
        ):
            self.error = self.error or InvalidNetworkError(
                f"{self.where()}: batch normalisation uses the statistics of the batch; call "
                "network.eval() first (layers without running statistics cannot be used)"
            )
            raise self.error

    def _leave(self, module: Any, *_: Any) -> None:
        self._left()
        if self._running and self._running[-1] is module:
            self._leaving = True

    def _left(self) -> None:
        if self._leaving:
            self._running.pop()
        self._leaving = False

    def where(self) -> str:
        """The layer that is running, as ``network.features.3 (Softplus)``."""
        if self._leaving and not self._running[-1]._forward_hooks:
            self._left()
        module = self._running[-1] if self._running else None
        if module is None:
            return "`network`"
        name = ".".join(["network", self._names[id(module)]]).rstrip(".")
        hooks = [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]
        words = ", ".join(getattr(h, "__qualname__", type(h).__name__) for h in hooks)
        return f"`{name}` ({type(module).__name__}{f', with the hooks {words}' if words else ''})"

    # -- operations

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        leaves = pytree.tree_leaves((args, kwargs))
        name = func.overloadpacket.__name__
        traced = [leaf for leaf in leaves if isinstance(leaf, Traced)]
        try:
            if not traced:
                if torch.Tag.nondeterministic_seeded in func.tags:
                    raise UnsupportedLayerError(
                        f"`{name}` draws random numbers; call network.eval() first"
                    )
                return func(*args, **kwargs)
            for leaf in leaves:
                if isinstance(leaf, Unread):
                    self.error = self.error or leaf.error
                    raise leaf.error
            if name in _LABELS:
                return Unread.of(
                    UnsupportedLayerError(f"{self.where()}: `{name}`: {refused.reason(name)}")
                )
            return self._operation(func, name, traced, args, kwargs)
        except RelutopeError as error:
            self.error = self.error or type(error)(f"{self.where()}: {error}")
            raise self.error from None

    def _operation(self, func: Any, name: str, traced: list[Traced], args: Any, kwargs: Any) -> Any:
        if self.first is None and name.endswith(_FIRST):
            self.first = name
        if name in _CONSTANTS:
            return self._constants(func, traced[0], args, kwargs)
        if func.is_view:
            return self._view(func, args, kwargs)
        if name in _READS:
            raise UnsupportedLayerError(
                f"the forward depends on the values of its input (`{name}`), which is not a "
                "network of fixed layers"
            )
        if not func._schema.is_mutable or name == "rrelu_with_noise":  # eval mode writes nothing
            return self._result(self._value(func, name, traced, args, kwargs), traced)
        if not name.endswith("_") or kwargs.get("out") is not None:
            raise UnsupportedLayerError(
                f"`{name}` writes into its arguments, which is not supported"
            )
        target = args[0]
        if not isinstance(target, Traced):
            raise UnsupportedLayerError(
                f"`{name}` writes what depends on the input into a constant tensor; make that "
                "tensor from the input (torch.zeros_like, x.new_zeros), or join parts by torch.cat"
            )
        value = self._in_place(name[:-1], target, traced, func, args, kwargs)
        if isinstance(value, last.LeftOff):
            if target.places.numel() != target.memory.value.size:
                raise UnsupportedLayerError(f"`{name}` of a part of a tensor is not supported")
            target.memory.value = value.like(value.reshape([value.size]))
            return target
        target.write(value if isinstance(value, Tensor) else Tensor.constant(value))
        return target

    def _in_place(
        self, name: str, target: Traced, traced: list[Traced], func: Any, args: Any, kwargs: Any
    ) -> Any:
        """What an operation in place writes, in the shape of its target."""
        if name == "zero":
            return np.zeros(target.shape)
        if name in ("copy", "fill"):
            source = self._given(args[1], target.dtype)
            if isinstance(source, last.LeftOff):
                return source
            whole = source if isinstance(source, Tensor) else Tensor.constant(source)
            return whole.spread(tuple(target.shape))
        found = self._value(getattr(torch.ops.aten, name), name, traced, args, kwargs)
        return found.spread(tuple(target.shape)) if isinstance(found, Tensor) else found

    def _constants(self, func: Any, like: Traced, args: Any, kwargs: Any) -> Traced:
        """A new tensor that may be written to."""
        plain = pytree.tree_map(stand_in, (args, kwargs))
        made = func(*plain[0], **plain[1])
        name = func.overloadpacket.__name__
        values = np.zeros(tuple(made.shape)) if "empty" in name else detached(made)
        return self.traced(Tensor.constant(values), like.dtype)

    def _view(self, func: Any, args: Any, kwargs: Any) -> Any:
        source = args[0]
        if not isinstance(source, Traced):
            raise UnsupportedLayerError(f"`{func}` of several tensors is not supported")
        views = func(source.places, *args[1:], **kwargs)
        left_off = isinstance(source.memory.value, last.LeftOff)
        if left_off and func.overloadpacket.__name__ not in _VIEWS_AND_COPIES:
            raise _inside()
        return pytree.tree_map(lambda places: Traced(source.memory, places, source.dtype), views)

    def _result(self, found: Any, traced: list[Traced]) -> Any:
        """Wraps what a function of the registry returned."""
        dtype = traced[0].dtype
        for other in traced[1:]:
            dtype = torch.promote_types(dtype, other.dtype)
        if isinstance(found, Tensor):
            return self.traced(found, dtype)
        if isinstance(found, (tuple, list)):
            absent = torch.empty(0, dtype=torch.int64)
            parts = [self._result(part, traced) for part in found]
            if isinstance(found, WithoutIndices):
                error = UnsupportedLayerError(
                    f"{self.where()}: the indices of maxima are used, which are not continuous"
                )
                parts[1:] = [Unread.of(error) for _ in parts[1:]]
            return tuple(absent if part is None else part for part in parts)
        return found

    def _value(self, func: Any, name: str, traced: list[Traced], args: Any, kwargs: Any) -> Any:
        """The result of a functional operation."""
        left_off = [t for t in traced if isinstance(t.memory.value, last.LeftOff)]
        if left_off and name not in _VIEWS_AND_COPIES:
            raise _inside()
        if name == "_to_copy":
            return self._copied(traced[0], kwargs)
        if name in _ARRANGEMENTS:
            return self._arranged(func, name, args, kwargs)
        known = ATEN.get(name)
        if known is None:
            why = refused.reason(name)
            raise UnsupportedLayerError(
                f"`{name}` is not supported"
                + (f": {why}" if why else f"; {SUPPORTED}")
                + "; `until=` stops at an earlier layer"
            )
        # The epsilon of a normalisation is used as it is.
        dtype = torch.float64 if "batch_norm" in name else traced[0].dtype
        given, named = pytree.tree_map(
            lambda value: self._given(value, dtype), (list(args), dict(kwargs))
        )
        if not any(isinstance(v, Tensor) for v in pytree.tree_leaves((given, named))):
            found = func(*pytree.tree_map(as_torch, given), **pytree.tree_map(as_torch, named))
            return pytree.tree_map(lambda v: Tensor.constant(detached(v)), found)
        try:
            return known(*given, **named)
        except RelutopeError:
            raise
        except TypeError as error:
            raise UnsupportedLayerError(f"`{name}`: unsupported arguments: {error}") from error

    def _given(self, value: Any, dtype: torch.dtype) -> Any:
        """An argument as functions of the registry take it.

        A number in the module's code is rounded as torch does when it computes with it.
        """
        if isinstance(value, Traced):
            read = value.read()
            constant = read.values()
            return read if constant is None else constant
        if isinstance(value, torch.Tensor):
            return detached(value)
        if isinstance(value, float) and dtype.is_floating_point:
            return float(torch.tensor(value, dtype=dtype))
        return value

    def _copied(self, source: Traced, kwargs: Any) -> Tensor:
        dtype = kwargs.get("dtype") or source.dtype
        if not dtype.is_floating_point:
            raise UnsupportedLayerError(f"a cast to {dtype} rounds and is not continuous")
        self.dtypes.add(dtype)
        return source.read()

    def _arranged(self, func: Any, name: str, args: Any, kwargs: Any) -> Tensor:
        """Runs the operation on places in a vector of all numbers; place 0 holds a zero."""
        parts: list[Any] = [np.zeros(1)]
        size = 1

        def placed(value: Any) -> Any:
            nonlocal size
            if not isinstance(value, torch.Tensor):
                return value
            if not isinstance(value, Traced) and not value.dtype.is_floating_point:
                return value
            part = value.read() if isinstance(value, Traced) else detached(value)
            parts.append(part)
            count = int(np.prod(value.shape))
            places = torch.arange(size, size + count, dtype=torch.float64).reshape(value.shape)
            size += count
            return places

        adds = name.endswith(("index_put", "_index_put_impl")) and (
            kwargs.get("accumulate", False) or (len(args) > 3 and args[3])
        )
        if adds or "reduce" in kwargs:
            raise UnsupportedLayerError(f"`{name}` that adds to what is there is not supported")
        places, named = pytree.tree_map(placed, (list(args), dict(kwargs)))
        fill = _FILL.get(name)
        if fill is not None and fill < len(args) and isinstance(args[fill], (int, float)):
            places[fill] = float(size)
            parts.append(np.array([float(args[fill])]))
        which = func(*places, **named).to(torch.int64).numpy()
        found = gathered(parts, which)
        return parts[1].like(found) if isinstance(parts[1], last.LeftOff) else found


def _inside() -> UnsupportedLayerError:
    return UnsupportedLayerError(
        "a softmax or sigmoid is not piecewise linear, and only the last one can be left off; "
        "`until=` stops at an earlier layer"
    )


def run(
    module: torch.nn.Module,
    forward: Callable[..., Any],
    trace: Trace,
    inputs: tuple[Any, ...],
    named: Any,
) -> Any:
    """The result of ``forward(*inputs, **named)``, or the refusal that stopped it."""
    try:
        with trace.following():
            return forward(*inputs, **named)
    except RelutopeError as error:
        raise trace.error or error from None
    except Exception as error:  # whatever the module's own code raises
        if trace.error is not None:
            raise trace.error from None
        raise UnsupportedLayerError(
            f"{trace.where()}: the forward of {type(module).__name__} cannot be followed: {error}"
        ) from error
