"""A process for each tab that answers its questions, and is ended to cancel one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import threading
from multiprocessing.connection import Connection
from typing import Any

from .problems import RequestError

__all__ = ["Cancelled", "TabWorker"]


class Cancelled(Exception):
    """The question was cancelled, or its process ended."""


def _serve(connection: Connection) -> None:
    from .commands import answer  # half of what the page's start would take, and only needed here

    with contextlib.suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            command, request = connection.recv()
            try:
                connection.send(("ok", answer(command, _read(request))))
            except RequestError as error:
                connection.send(("input", str(error)))
            except Exception as error:
                connection.send(("broken", f"{type(error).__name__}: {error}"))


def _read(request: str) -> Any:
    try:
        return json.loads(request)
    except (ValueError, RecursionError):
        raise RequestError("the request is no JSON") from None


class TabWorker:
    """Started when first asked; one question at a time."""

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()
        self._starting = threading.Lock()  # questions wait in threads, and one may just start
        self._closed = False

    def _start(self) -> Connection:
        with self._starting:
            if self._closed:
                raise EOFError("the tab was closed")
            if self._connection is None or self._process is None or not self._process.is_alive():
                context = multiprocessing.get_context("spawn")
                self._connection, theirs = context.Pipe()
                self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
                self._process.start()
                theirs.close()
            return self._connection

    async def ask(self, command: str, request: str) -> bytes | dict[str, Any]:
        """The answer to a command with a request in JSON.

        Raises
        ------
        RequestError
            With words for the reader.
        Cancelled
            If `cancel` was called, or the process died.
        """
        async with self._lock:
            try:
                kind, found = await asyncio.to_thread(self._ask, command, request)
            except (EOFError, OSError, TypeError) as error:
                self.cancel()
                raise Cancelled("the computation was stopped, or ran out of memory") from error
        if kind != "ok":
            raise RequestError(found)
        result: bytes | dict[str, Any] = found
        return result

    def _ask(self, command: str, request: str) -> tuple[str, Any]:
        connection = self._start()
        connection.send((command, request))
        reply: tuple[str, Any] = connection.recv()
        return reply

    def cancel(self) -> None:
        """Ends the process, and with it the question that runs."""
        with self._starting:
            process, self._process = self._process, None
            connection, self._connection = self._connection, None
        if process is not None:
            process.terminate()
            process.join(2)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """As `cancel`, for ever."""
        self._closed = True
        self.cancel()
