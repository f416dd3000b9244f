"""The folder of a store: what is searched, which tasks are done, and where their cells are.

- ``manifest.json``: ``format`` ("relutope-store"), ``version``, ``relutope``, ``network`` (SHA-256
  as in a complex's file), ``domain``, ``outputs``, ``engine``, ``children`` (parts of the domain
  that the search begins with), ``cells_per_task``.
- ``problem.npz``: the network and the domain, with the members of a complex's file.
- ``jobs.jsonl``: a line for each task that is done, appended once its cells are on the disk: its
  ``task`` (prefix, begin, end, pattern of the cell before in hexadecimal), ``cells``, ``facets``,
  ``bytes``, ``crc32`` and ``file``, and the tasks that are left of it, ``rest``. A line that was
  cut off by a crash is ignored: the task runs again, and gives the same file. ``{"durable": true}``
  says that all files of the lines before are on the disk; those of later lines are looked at.
- ``cells/``: a file for each task that has cells; see `relutope.store.shards`.
- ``graph/``: the dual graph, once all cells are known; see `relutope.store.linking`.
- ``lock``: held by the process that writes.
"""

from __future__ import annotations

import json
import shutil
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ..common.archive import Archive, write_archive
from ..common.arguments import Engine
from ..common.files import append, flush, replacing, write_text
from ..common.version import VERSION
from ..complex.stored_problem import HEADER, ProblemReader, problem_members
from ..domain.box import Box
from ..errors import InvalidFileError
from ..search.problem import Problem
from ..search.tasks import ByEngine, Shard, Task, cells_per_task, first_tasks
from .lock import writing_alone
from .shards import write_shard

__all__ = ["FORMAT", "Entry", "Folder"]

FORMAT = "relutope-store"
FORMAT_VERSION = 1
_DURABLE = {"durable": True}
_DURABLE_LINE = json.dumps(_DURABLE).encode()
_SYNC_SECONDS = 5.0
_MANIFEST, _PROBLEM, _JOBS, _CELLS, _LOCK = (
    "manifest.json",
    "problem.npz",
    "jobs.jsonl",
    "cells",
    "lock",
)


@dataclass(frozen=True)
class Entry:
    """A task that is done."""

    task: Task
    cells: int
    facets: int
    bytes: int
    crc32: int
    file: str
    rest: tuple[Task, ...]


class Folder:
    """What is in the folder of a store.

    Attributes
    ----------
    path : Path
    problem : Problem
    engine : {"vertex", "lp"}
    n_children : int
    entries : list of Entry
        Tasks that are done, in the order of their cells.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        manifest = self._manifest()
        self.engine: ByEngine = manifest["engine"]
        self.n_children: int = manifest["children"]
        with Archive(path / _PROBLEM) as archive, archive.decoding():
            reader = ProblemReader(archive, "problem of a store", FORMAT, FORMAT_VERSION)
            network = reader.network()
            outputs: Any = manifest["outputs"]
            reader.check_outputs(outputs, network)
            self.problem = reader.problem(network, outputs)
            if reader.header.get("network") != manifest["network"]:
                raise self.wrong("problem.npz has another network than manifest.json")
        self.entries: list[Entry] = []
        self._unsynced: list[Path] = []
        self._synced = time.monotonic()
        self.refresh()

    def wrong(self, reason: str) -> InvalidFileError:
        return InvalidFileError(f"`store`: {self.path}: {reason}")

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self.path / _MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FileNotFoundError(f"`store`: there is no store in {self.path}") from None
        except (ValueError, NotADirectoryError) as error:
            raise self.wrong(f"manifest.json cannot be read: {error}") from None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise self.wrong("it is no store")
        if manifest.get("version") != FORMAT_VERSION:
            raise self.wrong(
                f"it has version {manifest.get('version')!r} of the format, written by relutope "
                f"{manifest.get('relutope')!r}; this relutope reads version {FORMAT_VERSION}"
            )
        known = manifest.get("engine") in get_args(ByEngine)
        children = manifest.get("children")
        if not (known and isinstance(children, int) and children > 0):
            raise self.wrong("manifest.json names no engine or no parts of the domain")
        return manifest

    # -- making one

    @classmethod
    @contextmanager
    def written(cls, path: Path, problem: Problem, engine: Engine) -> Iterator[Folder]:
        """A new store at `path`, or the one that is there, which no other process writes meanwhile.

        Raises
        ------
        BusyError
            If another process writes it.
        ValueError
            If there is a store of another problem, or something else, at `path`.
        OSError
            If it cannot be written.
        """
        there = [p.name for p in path.iterdir()] if path.is_dir() else []
        strange = [x for x in there if x not in _OWN and not x.startswith(_HALF)]
        if not (path / _MANIFEST).exists() and (strange or (path.exists() and not path.is_dir())):
            raise ValueError(
                f"`store`: {path} is no store and not empty ({', '.join(strange[:3]) or 'a file'});"
                " give a folder of its own"
            )
        path.mkdir(parents=True, exist_ok=True)
        with writing_alone(path / _LOCK):
            if (path / _MANIFEST).exists():
                folder = cls(path)
                folder.check_problem(problem, engine)
            else:
                folder = cls._made(path, problem, engine)
            folder.forget_what_was_cut_off()
            try:
                yield folder
            finally:
                folder.sync()

    @classmethod
    def _made(cls, path: Path, problem: Problem, engine: Engine) -> Folder:
        by: Any = problem.faster_engine if engine == "auto" else engine
        children = len(first_tasks(problem, by))
        (path / _CELLS).mkdir(exist_ok=True)
        header, arrays = problem_members(problem, FORMAT, FORMAT_VERSION)
        with replacing(path / _PROBLEM) as fresh, open(fresh, "wb") as file:
            write_archive(file, {HEADER: header}, arrays)
        manifest = {
            **{name: header[name] for name in ("format", "version", "network")},
            "relutope": VERSION,
            "domain": _about_domain(problem),
            "outputs": problem.outputs,
            "engine": by,
            "children": children,
            "cells_per_task": cells_per_task(problem, by, keep=True),
        }
        write_text(path / _MANIFEST, json.dumps(manifest, indent=1) + "\n")
        return cls(path)

    def check_problem(self, problem: Problem, engine: Engine) -> None:
        """Raises ValueError, naming the difference, unless the store is of this problem."""
        for name in ("network", "domain", "outputs"):
            here, there = getattr(self.problem, name), getattr(problem, name)
            if here != there:
                raise ValueError(
                    f"`store`: {self.path} holds cells of another `{name}`: of {here!r}, where "
                    f"{there!r} is decomposed; give another path"
                )
        if engine not in ("auto", self.engine):
            raise ValueError(
                f"`engine` is {engine!r}, but the store {self.path} is made by {self.engine!r}"
            )

    # -- tasks

    def refresh(self) -> None:
        """Reads again which tasks are done, whoever has done them."""
        entries = []
        for line in self._whole_lines():
            try:
                read = json.loads(line)
                if read != _DURABLE:
                    entries.append(_entry(read))
            except (ValueError, KeyError, TypeError) as error:
                raise self.wrong(
                    f"jobs.jsonl has a line that is none of its own: {error}"
                ) from None
        self.entries = sorted(entries, key=lambda entry: entry.task.key)
        done = {entry.task for entry in entries}
        if len(done) != len(entries) or not done <= self._known():
            raise self.wrong("jobs.jsonl has tasks that do not belong there")

    def _whole_lines(self) -> list[bytes]:
        try:
            content = (self.path / _JOBS).read_bytes()
        except FileNotFoundError:
            return []
        return content.split(b"\n")[:-1]  # what follows the last end of a line was cut off

    def _known(self) -> set[Task]:
        first = {Task((), child, child + 1) for child in range(self.n_children)}
        return first.union(*(entry.rest for entry in self.entries))

    @property
    def unfinished(self) -> list[Task]:
        """Tasks that are to be done, in the order of their cells."""
        done = {entry.task for entry in self.entries}
        return sorted(self._known() - done, key=lambda task: task.key)

    @property
    def files(self) -> list[tuple[Path, Entry]]:
        """Files of cells, in the order of these."""
        return [(self.path / _CELLS / e.file, e) for e in self.entries if e.cells]

    def forget_what_was_cut_off(self) -> None:
        """Removes what a process has left that was killed, or a machine that went down.

        Lines after the last one that says so are not known to be on the disk with their files: they
        are kept up to the first whose file is not as it says.
        """
        lines = self._whole_lines()
        marks = [k for k, line in enumerate(lines) if line == _DURABLE_LINE]
        kept = marks[-1] + 1 if marks else 0
        while kept < len(lines) and self._is_whole(_entry(json.loads(lines[kept]))):
            kept += 1
        jobs = self.path / _JOBS
        whole = sum(len(line) + 1 for line in lines[:kept])
        if jobs.exists() and jobs.stat().st_size > whole:
            with open(jobs, "r+b") as file:
                file.truncate(whole)
            self.refresh()
        for folder in (self.path, self.path / _CELLS):
            for left in folder.glob(".*-*"):  # of `replacing`, and of a graph
                with suppress(OSError):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _is_whole(self, entry: Entry) -> bool:
        if not entry.cells:
            return True
        try:
            content = (self.path / _CELLS / entry.file).read_bytes()
        except OSError:
            return False
        return len(content) == entry.bytes and zlib.crc32(content) == entry.crc32

    def add(self, task: Task, shard: Shard, rest: list[Task]) -> None:
        """Keeps what a task has found: at once for a process that dies, soon for a machine."""
        name = "-".join(f"{index:03d}" for index in task.key) + ".arrow"
        size = crc32 = 0
        if len(shard):
            size, crc32 = write_shard(self.path / _CELLS / name, shard)
            self._unsynced.append(self.path / _CELLS / name)
        entry = Entry(task, len(shard), len(shard.facet_id), size, crc32, name, tuple(rest))
        append(self.path / _JOBS, json.dumps(_line(entry)) + "\n", durable=False)
        self.entries.append(entry)
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Waits until all that was added is on the disk, and notes it."""
        if self._unsynced:
            with ThreadPoolExecutor(8) as pool:  # file systems write several at once
                list(pool.map(flush, [*self._unsynced, self.path / _CELLS]))
            append(self.path / _JOBS, _DURABLE_LINE.decode() + "\n")
        self._unsynced.clear()
        self._synced = time.monotonic()

    def sort(self) -> None:
        """Puts entries into the order of their cells, after some were added."""
        self.entries.sort(key=lambda entry: entry.task.key)


_HALF = (".problem-", ".manifest-", ".graph-")  # what a process leaves that is killed
_OWN = {_MANIFEST, _PROBLEM, _JOBS, _CELLS, _LOCK, "graph"}


def _about_domain(problem: Problem) -> dict[str, Any]:
    domain = problem.domain
    if domain is None:
        return {"kind": "R^n"}
    if isinstance(domain, Box):
        lower, upper = (side.tolist() for side in (domain.lower, domain.upper))
        return {"kind": "box", "lower": [repr(x) for x in lower], "upper": [repr(x) for x in upper]}
    return {"kind": "polytope", "inequalities": len(domain.b)}


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "task": _plain(entry.task),
        "cells": entry.cells,
        "facets": entry.facets,
        "bytes": entry.bytes,
        "crc32": entry.crc32,
        "file": entry.file if entry.cells else "",
        "rest": [_plain(task) for task in entry.rest],
    }


def _entry(line: dict[str, Any]) -> Entry:
    task, rest = _task(line["task"]), tuple(_task(given) for given in line["rest"])
    numbers = [line[x] for x in ("cells", "facets", "bytes", "crc32")]
    if not all(type(number) is int and number < 2**62 for number in numbers):
        raise ValueError("numbers that cannot be")
    cells, facets, size, crc32 = numbers
    file = str(line["file"])
    if min(cells, facets, size) < 0 or "/" in file or (cells > 0) != bool(file):
        raise ValueError("numbers or names that cannot be")
    return Entry(task, cells, facets, size, crc32, file, rest)


def _plain(task: Task) -> list[Any]:
    return [list(task.prefix), task.begin, task.end, task.after.hex()]


def _task(given: list[Any]) -> Task:
    prefix, begin, end, after = given
    return Task(tuple(int(x) for x in prefix), int(begin), int(end), bytes.fromhex(after))
