"""Our own floating-point environment, whatever the process has set.

``torch.set_flush_denormal(True)``, libraries built with ``-ffast-math`` and ``fesetround`` change
what sums, comparisons and conversions of doubles give, in Python and NumPy as well: with
denormals-are-zero a float32 weight of 1e-40 becomes the double 0. Entry points that convert or
decide anything exactly are therefore decorated with `ieee_arithmetic`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

from .. import _core

__all__ = ["ieee_arithmetic", "is_guarded"]

T = TypeVar("T")

# Methods beyond those with public names through which values come in or are compared.
_SPECIAL = (
    "__init__",
    "__post_init__",
    "__call__",
    "__contains__",
    "__eq__",
    "__getitem__",
    "__and__",
    "__or__",
    "__sub__",
    "__xor__",
    "__invert__",
)


def ieee_arithmetic(target: T) -> T:
    """Decorator: round to nearest and keep subnormal numbers while `target` runs.

    What the process had set is put back afterwards, also after an exception. Of a class, all public
    methods, properties and constructors run so.

    Parameters
    ----------
    target : function or class

    Returns
    -------
    function or class
        The class itself.

    Raises
    ------
    TypeError
        For a generator function: it would leave the environment to whoever asks for the next item.

    Examples
    --------
    >>> from relutope.common.arithmetic import ieee_arithmetic
    >>> @ieee_arithmetic
    ... def halved(x: float) -> float:
    ...     return x / 2
    >>> halved(3e-323) > 0
    True
    """
    if not isinstance(target, type):
        return cast(T, _guarded(cast(Callable[..., Any], target)))
    for name, member in list(vars(target).items()):
        if name.startswith("_") and name not in _SPECIAL:
            continue
        guarded = _guarded_member(member)
        if guarded is not member:
            setattr(target, name, guarded)
    target.__ieee_arithmetic__ = True  # type: ignore[attr-defined]
    return target


def is_guarded(target: object) -> bool:
    """Whether `target` is decorated with `ieee_arithmetic` itself; a base class does not count."""
    return "__ieee_arithmetic__" in vars(target)


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    if is_guarded(function):
        return function
    if inspect.isgeneratorfunction(function):
        raise TypeError(f"{function.__qualname__} is a generator; decorate what consumes it")

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return _core.in_own_environment(function, args, kwargs)

    call.__ieee_arithmetic__ = True  # type: ignore[attr-defined]
    return call


def _guarded_member(member: Any) -> Any:
    if inspect.isgeneratorfunction(member):
        return member
    if inspect.isfunction(member):
        return _guarded(member)
    if isinstance(member, (classmethod, staticmethod)):
        return type(member)(_guarded(member.__func__))
    if isinstance(member, property) and member.fget is not None:
        return property(_guarded(member.fget), member.fset, member.fdel, member.__doc__)
    if isinstance(member, cached_property):
        member.func = _guarded(member.func)
    return member
