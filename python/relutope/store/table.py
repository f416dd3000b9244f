"""The table of a store, ``jobs.jsonl``: a line for each task that is done.

A line is a JSON object with the task as ``task`` (prefix, begin, end, pattern of the cell before in
hexadecimal), ``cells``, ``facets``, ``bytes`` and ``crc32`` of its file, ``file``, the tasks that
are left of it as ``rest``, and ``check``: the CRC-32 of the line without it. ``{"durable": true}``,
with a check, says that the files of all lines before are on the disk.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from ..search.tasks import Task

__all__ = ["DURABLE", "Entry", "checked", "file_name", "read_checked", "read_line", "written_line"]

_LARGEST = 2**62
_LARGEST_INDEX = 2**32


@dataclass(frozen=True)
class Entry:
    """A task that is done; `file` is empty if it has no cells, or they are not kept."""

    task: Task
    cells: int
    facets: int
    bytes: int
    crc32: int
    file: str
    rest: tuple[Task, ...]


def file_name(task: Task) -> str:
    """Of the task's cells; names increase as the tasks' keys do."""
    return "_".join(f"{index:03d}" for index in task.key) + ".arrow"


def checked(content: dict[str, Any]) -> dict[str, Any]:
    """The same with a last entry by which `read_checked` finds out damage."""
    return content | {"check": f"{zlib.crc32(json.dumps(content).encode()):08x}"}


def read_checked(text: bytes) -> dict[str, Any]:
    """What `checked` was given, from JSON.

    Raises
    ------
    ValueError
        If the text is something else.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("it is no object")
    check = content.pop("check", None)
    if check != checked(content)["check"]:
        raise ValueError("it does not fit its `check`")
    return content


DURABLE = json.dumps(checked({"durable": True})).encode()


def written_line(entry: Entry) -> str:
    """The line of an entry, without its end."""
    content = {
        "task": _plain(entry.task),
        "cells": entry.cells,
        "facets": entry.facets,
        "bytes": entry.bytes,
        "crc32": entry.crc32,
        "file": entry.file,
        "rest": [_plain(task) for task in entry.rest],
    }
    return json.dumps(checked(content))


def read_line(line: bytes) -> Entry:
    """The reverse of `written_line`.

    Raises
    ------
    ValueError
        If it cannot be.
    """
    content = read_checked(line)
    try:
        task, rest = _task(content["task"]), tuple(_task(given) for given in content["rest"])
        numbers = [content[name] for name in ("cells", "facets", "bytes", "crc32")]
        file = content["file"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"it lacks something: {error}") from None
    if not all(type(number) is int and 0 <= number < _LARGEST for number in numbers):
        raise ValueError("numbers that cannot be")
    if file != (file_name(task) if numbers[2] else ""):
        raise ValueError("a file of another task")
    cells, facets, size, crc32 = numbers
    return Entry(task, cells, facets, size, crc32, file, rest)


def _plain(task: Task) -> list[Any]:
    return [list(task.prefix), task.begin, task.end, task.after.hex()]


def _task(given: list[Any]) -> Task:
    prefix, begin, end, after = given
    if not all(type(x) is int and 0 <= x < _LARGEST_INDEX for x in (*prefix, begin, end)):
        raise ValueError("a task that cannot be")
    return Task(tuple(prefix), begin, end, bytes.fromhex(after))
