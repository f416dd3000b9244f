"""The folder of a store: what is searched, which tasks are done, and where their cells are.

- ``manifest.json``: ``format`` ("relutope-store"), ``version``, ``network`` (SHA-256 as in a
  complex's file), ``relutope``, ``domain``, ``outputs``, ``engine``, ``children`` (parts of the
  domain that the search begins with), ``cells_per_task``, ``check``.
- ``problem.npz``: the network and the domain, with the members of a complex's file.
- ``jobs.jsonl``: a line for each task that is done, appended once its cells are on the disk; see
  `relutope.store.table`. A line that was cut off by a crash is ignored: the task runs again, and
  gives the same file. Files of lines behind the last one that says that all before are on the disk
  are looked at, and count up to the first that is not as its line says.
- ``cells/``: a file for each task that has cells; see `relutope.store.shards`.
- ``graph/``: the dual graph, once all cells are known; see `relutope.store.graph`.
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
from pathlib import Path
from typing import Any, Self, get_args

from ..common.archive import Archive, write_archive
from ..common.arguments import Engine
from ..common.files import append, flush, replacing, write_text
from ..common.version import VERSION
from ..complex.stored_problem import HEADER, ProblemReader, problem_members
from ..domain.box import Box
from ..errors import InvalidFileError
from ..search.problem import Problem
from ..search.tasks import (
    ByEngine,
    Shard,
    Task,
    cells_per_task,
    first_groups,
    first_tasks,
)
from .cell_files import CellFiles
from .lock import writing_alone
from .shards import Kind, ShardFile, write_shard
from .table import DURABLE, Entry, checked, file_name, read_checked, read_line, written_line

__all__ = ["FORMAT", "MANIFEST", "CountFolder", "Folder"]

FORMAT = "relutope-store"
FORMAT_VERSION = 4
_SYNC_SECONDS = 5.0
MANIFEST, _PROBLEM, _JOBS, _CELLS, _LOCK = (
    "manifest.json",
    "problem.npz",
    "jobs.jsonl",
    "cells",
    "lock",
)


class Folder:
    """What is in the folder of a store.

    A class that keeps no cells, only how many each task has, says so: see `CountFolder`.

    Attributes
    ----------
    path : Path
    problem : Problem
    engine : {"vertex", "lp"}
    n_children : int
    entries : list of Entry
        Tasks that are done, in the order of their cells.
    """

    format = FORMAT
    keeps = True

    def __init__(self, path: Path) -> None:
        self.path = path
        manifest = self._manifest()
        self.engine: ByEngine = manifest["engine"]
        self.n_children: int = manifest["children"]
        self.cells_per_task: int = manifest["cells_per_task"]
        try:
            self.problem = self._problem(manifest)
        except FileNotFoundError:
            raise self.wrong("problem.npz is missing") from None
        self.kind = Kind.of(self.problem)
        self.entries: list[Entry] = []
        self._unsynced: list[Path] = []
        self._synced = time.monotonic()
        self._table_bytes = self._read_table()

    def wrong(self, reason: str) -> InvalidFileError:
        return InvalidFileError(f"`store`: {self.path}: {reason}")

    def _manifest(self) -> dict[str, Any]:
        try:
            text = (self.path / MANIFEST).read_bytes()
        except FileNotFoundError:
            raise FileNotFoundError(f"`store`: there is no store in {self.path}") from None
        except NotADirectoryError as error:
            raise self.wrong(f"it is no folder: {error}") from None
        try:
            manifest = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.wrong(f"{MANIFEST} cannot be read: {error}") from None
        if not isinstance(manifest, dict) or "format" not in manifest:
            raise self.wrong("it is no store")
        if manifest["format"] != self.format:
            raise self.wrong(f"it has {manifest['format']!r}, where {self.format!r} is asked for")
        if manifest.get("version") != FORMAT_VERSION:
            raise self.wrong(
                f"it has version {manifest.get('version')!r} of the format, written by relutope "
                f"{manifest.get('relutope')!r}; this relutope reads version {FORMAT_VERSION}"
            )
        try:
            read_checked(text)
        except ValueError as error:
            raise self.wrong(f"{MANIFEST}: {error}") from None
        known = manifest.get("engine") in get_args(ByEngine)
        numbers = [manifest.get("children"), manifest.get("cells_per_task")]
        if not (known and all(type(k) is int and 0 < k < 2**64 for k in numbers)):
            raise self.wrong(f"{MANIFEST} names no engine or no parts of the domain")
        return manifest

    def _problem(self, manifest: dict[str, Any]) -> Problem:
        with Archive(self.path / _PROBLEM) as archive, archive.decoding():
            reader = ProblemReader(archive, "problem of a store", self.format, FORMAT_VERSION)
            network = reader.network()
            outputs: Any = manifest.get("outputs")
            reader.check_outputs(outputs, network)
            problem = reader.problem(network, outputs)
            if reader.header.get("network") != manifest.get("network"):
                raise self.wrong(f"{_PROBLEM} has another network than {MANIFEST}")
            if _about_domain(problem) != manifest.get("domain"):
                raise self.wrong(f"{_PROBLEM} has another domain than {MANIFEST}")
        return problem

    # -- making one

    @classmethod
    @contextmanager
    def written(cls, path: Path, problem: Problem, engine: Engine) -> Iterator[Self]:
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
        if not (path / MANIFEST).exists() and (strange or (path.exists() and not path.is_dir())):
            raise ValueError(
                f"`store`: {path} is no store and not empty ({', '.join(strange[:3]) or 'a file'});"
                " give a folder of its own"
            )
        path.mkdir(parents=True, exist_ok=True)
        with writing_alone(path / _LOCK):
            if (path / MANIFEST).exists():
                folder = cls(path)
                folder.check_problem(problem, engine)
            else:
                folder = cls._made(path, problem, engine)
            folder._forget_what_was_cut_off()
            try:
                yield folder
            except BaseException:
                with suppress(OSError):  # of the same disk: the first error says it
                    folder.sync()
                raise
            folder.sync()

    @classmethod
    def _made(cls, path: Path, problem: Problem, engine: Engine) -> Self:
        by: Any = engine
        if engine == "auto":
            by = problem.faster_engine if cls.keeps else problem.faster_counter
        children = len(first_tasks(problem, by, counted=not cls.keeps))
        if cls.keeps:
            (path / _CELLS).mkdir(exist_ok=True)
        header, arrays = problem_members(problem, cls.format, FORMAT_VERSION)
        with replacing(path / _PROBLEM) as fresh, open(fresh, "wb") as file:
            write_archive(file, {HEADER: header}, arrays)
        manifest = {
            **{name: header[name] for name in ("format", "version", "network")},
            "relutope": VERSION,
            "domain": _about_domain(problem),
            "outputs": problem.outputs,
            "engine": by,
            "children": children,
            "cells_per_task": cells_per_task(problem, by, keep=cls.keeps),
        }
        write_text(path / MANIFEST, json.dumps(checked(manifest), indent=1) + "\n")
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

    def check_children(self) -> None:
        """Raises InvalidFileError if its tasks are not those of this relutope."""
        found = len(first_tasks(self.problem, self.engine, counted=not self.keeps))
        if found != self.n_children:
            raise self.wrong(
                f"its search begins with {self.n_children} parts of the domain, and that of this "
                f"relutope with {found}; finish it with the relutope that made it"
            )

    # -- tasks

    def _read_table(self) -> int:
        """Reads which tasks are done; returns the length of the table as far as it counts."""
        try:
            lines = (self.path / _JOBS).read_bytes().split(b"\n")[:-1]  # the rest was cut off
        except FileNotFoundError:
            return 0
        marks = [k for k, line in enumerate(lines) if line == DURABLE]
        durable = marks[-1] + 1 if marks else 0
        self.entries.clear()
        size = 0
        for number, line in enumerate(lines):
            if line != DURABLE:
                try:
                    entry = read_line(line)
                except ValueError as error:
                    if number >= durable:  # the file had grown, but not its contents
                        break
                    raise self.wrong(f"{_JOBS}, line {number + 1}: {error}") from None
                if number >= durable and not self._is_whole(entry):
                    break
                if bool(entry.bytes) != (self.keeps and entry.cells > 0):
                    raise self.wrong(f"{_JOBS}, line {number + 1} has a file where none belongs")
                self.entries.append(entry)
            size += len(line) + 1
        self.sort()
        done = {entry.task for entry in self.entries}
        if len(done) != len(self.entries) or not done <= self._known():
            raise self.wrong(f"{_JOBS} has tasks that do not belong there")
        return size

    def _known(self) -> set[Task]:
        first = first_groups(self.n_children, self.engine)
        return set(first).union(*(entry.rest for entry in self.entries))

    @property
    def unfinished(self) -> list[Task]:
        """Tasks that are to be done, in the order of their cells."""
        done = {entry.task for entry in self.entries}
        return sorted(self._known() - done, key=lambda task: task.key)

    @property
    def files(self) -> list[ShardFile]:
        """Files of cells, in the order of these."""
        return [self._file(entry) for entry in self.entries if entry.bytes]

    def _file(self, entry: Entry) -> ShardFile:
        path = self.path / _CELLS / entry.file
        return ShardFile(path, entry.cells, entry.facets, entry.bytes, entry.crc32)

    def check_files(self) -> None:
        """Raises InvalidFileError if a file is missing, or not as long as it was."""
        for file in self.files:
            if not _has_size(file):
                raise self.wrong(
                    f"{file.path.name} is missing or damaged; call decompose(network, domain, "
                    "store=...) again, which makes it anew"
                )

    @property
    def lost(self) -> list[Task]:
        """Tasks that were done, but whose files are missing, or not as long as they were."""
        return [e.task for e in self.entries if e.bytes and not _has_size(self._file(e))]

    def cells(self) -> CellFiles:
        """All cells that are there."""
        return CellFiles(self.files, self.kind)

    def _forget_what_was_cut_off(self) -> None:
        """Removes what a process has left that was killed, or a machine that went down."""
        jobs = self.path / _JOBS
        if jobs.exists() and jobs.stat().st_size > self._table_bytes:
            with open(jobs, "r+b") as file:
                file.truncate(self._table_bytes)
        left = [*(self.path / _CELLS).glob(".[0-9]*-*.arrow")]
        for prefix in _HALF:
            left += self.path.glob(prefix + "*")
        for path in left:
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _is_whole(self, entry: Entry) -> bool:
        if not entry.bytes:
            return True
        try:
            content = (self.path / _CELLS / entry.file).read_bytes()
        except OSError:
            return False
        return len(content) == entry.bytes and zlib.crc32(content) == entry.crc32

    def add(self, task: Task, shard: Shard, rest: list[Task]) -> None:
        """Keeps what a task has found: at once for a process that dies, soon for a machine."""
        size = crc32 = 0
        if len(shard):
            path = self.path / _CELLS / file_name(task)
            size, crc32 = write_shard(path, shard, self.kind)
            self._unsynced.append(path)
        name = file_name(task) if len(shard) else ""
        entry = Entry(task, len(shard), len(shard.facet_id), size, crc32, name, tuple(rest))
        known = [other for other in self.entries if other.task == task]
        if not known:
            self._note(entry)
        elif known != [entry]:
            raise self.wrong(
                f"{name}, which was lost, is not what it was: another relutope or machine has made "
                "this store; delete its folder"
            )
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self.sync()

    def _note(self, entry: Entry) -> None:
        append(self.path / _JOBS, written_line(entry) + "\n", durable=False)
        self.entries.append(entry)

    def sync(self) -> None:
        """Waits until all that was added is on the disk, and notes it."""
        if self._unsynced:
            _flush_all([*self._unsynced, self.path / _CELLS])
            append(self.path / _JOBS, DURABLE.decode() + "\n")
        self._unsynced.clear()
        self._synced = time.monotonic()

    def sort(self) -> None:
        """Puts entries into the order of their cells, after some were added."""
        self.entries.sort(key=lambda entry: entry.task.key)


class CountFolder(Folder):
    """The folder of a count: the same without cells, of which lines only say how many there are."""

    format = "relutope-count"
    keeps = False

    def add_count(self, task: Task, cells: int, rest: list[Task]) -> None:
        """Notes how many cells a task has: at once for a process that dies, soon for a machine."""
        self._note(Entry(task, cells, 0, 0, 0, "", tuple(rest)))


_HALF = (".problem-", ".manifest-", ".graph-")  # what a process leaves that is killed
_OWN = {MANIFEST, _PROBLEM, _JOBS, _CELLS, _LOCK, "graph"}


def _flush_all(paths: list[Path]) -> None:
    with ThreadPoolExecutor(8) as pool:  # file systems write several at once
        try:
            list(pool.map(flush, paths))
        except RuntimeError:  # no thread is to be had
            for path in paths:
                flush(path)


def _has_size(file: ShardFile) -> bool:
    try:
        return file.path.stat().st_size == file.bytes
    except OSError:
        return False


def _about_domain(problem: Problem) -> dict[str, Any]:
    domain = problem.domain
    if domain is None:
        return {"kind": "R^n"}
    if isinstance(domain, Box):
        lower, upper = (side.tolist() for side in (domain.lower, domain.upper))
        return {"kind": "box", "lower": [repr(x) for x in lower], "upper": [repr(x) for x in upper]}
    return {"kind": "polytope", "inequalities": len(domain.b)}
