"""Objects that one thread at a time may use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import BusyError, RelutopeError

__all__ = ["Exclusive"]


class Exclusive:
    """Passes attributes and calls on to `inner`, one at a time.

    A use while another thread is in one is an error, so that nobody waits for long or sees half
    of a step. What has run out of memory may be half-way through a step, and is not used again.

    Parameters
    ----------
    inner : object
        Its methods may release the interpreter's lock.
    name : str
        What it is, for messages.

    Raises
    ------
    BusyError
        From attributes and calls, while another thread is in one.
    RelutopeError
        From those after one that ended with `MemoryError`.
    """

    def __init__(self, inner: Any, name: str) -> None:
        self._inner = inner
        self._name = name
        self._lock = threading.Lock()
        self._lost = False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            raise BusyError(
                f"the {self._name} is running in another thread; wait until that is done, or give "
                "each thread its own"
            )
        try:
            if self._lost:
                raise RelutopeError(
                    f"the {self._name} ran out of memory and may be incomplete; start another, "
                    "with a smaller limit"
                )
            yield
        except MemoryError:
            self._lost = True
            raise
        finally:
            self._lock.release()

    def __getattr__(self, name: str) -> Any:
        with self._alone():
            value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **options: Any) -> Any:
            with self._alone():
                return value(*arguments, **options)

        return call
