"""What a search will cost, before it is begun: cells, hours, bytes, and what workers gain."""

from __future__ import annotations

import heapq
import math
import pickle
import time
from dataclasses import dataclass, field

from .counting import CountEstimate
from .problem import Problem
from .tasks import ByEngine, Task, count_task, first_tasks, run_task

__all__ = ["Forecast", "Schedule", "forecast"]

# Of the process that gives out tasks: bytes of results that it takes in and writes a second, and
# seconds that a task costs it otherwise (benchmarks/clusters.py forecast; a pool of processes takes
# 0.4 ms, a scheduler more). They say from where on one process limits many workers.
_TAKEN_IN = 90e6
_PER_TASK = 2e-3
# The most that a complex took while its jobs were put together, in its arrays (1.4 to 1.75 times
# these in two to five dimensions, by the same benchmark).
_COPIES = 1.75


@dataclass(frozen=True)
class Schedule:
    """What a number of workers makes of a search.

    Attributes
    ----------
    workers : int
    seconds : float
    speedup : float
        Against one worker.
    limit : str
        What keeps it from being faster.
    """

    workers: int
    seconds: float
    speedup: float
    limit: str


@dataclass(frozen=True)
class Forecast:
    """What a search will cost, from an estimate of its cells and from tasks that were tried here.

    Attributes
    ----------
    cells : float
        How many there are, estimated.
    interval : tuple of float
        With the estimate's confidence.
    engine : {"vertex", "lp"}
    cells_tried : int
        In the tasks that were tried.
    seconds_tried : float
        What they took, on one core.
    bytes_in_memory, bytes_on_disk : float
        Of the complex with its facets and neighbours: while it is made, and of a store.
    bytes_sent : float
        From workers to the process that gives out tasks.
    task_seconds : list of float
        Of the tasks that were tried.
    most_tasks : int, optional
        How many tasks there can be, if there is a limit.
    """

    cells: float
    interval: tuple[float, float]
    engine: ByEngine
    cells_tried: int
    seconds_tried: float
    bytes_in_memory: float
    bytes_on_disk: float
    bytes_sent: float
    task_seconds: list[float] = field(repr=False)
    most_tasks: int | None = None

    @property
    def seconds(self) -> float:
        """On one core."""
        return self.cells * self.seconds_tried / max(1, self.cells_tried)

    def hours(self, cores: int) -> float:
        """On so many cores of one machine like this."""
        return self.seconds / 3600 / cores

    def schedule(self, workers: int) -> Schedule:
        """Tasks of the sizes that were tried, given to whichever worker is free first.

        One process hands them out and takes back their cells, one at a time.
        """
        sizes = sorted(self.task_seconds)
        mean = sum(sizes) / len(sizes)
        count = max(len(sizes), math.ceil(self.seconds / mean))
        count = min(count, self.most_tasks or count)
        scale = self.seconds / (count * mean)
        together = max(1, count // 100_000)  # of a huge number, some at a time
        handling = together * _PER_TASK + together * self.bytes_sent / count / _TAKEN_IN
        free = [0.0] * workers
        taken_in = 0.0
        stride = 0.6180339887498949  # sizes in an order that is spread evenly
        for k in range(math.ceil(count / together)):
            size = sizes[int(len(sizes) * (k * stride % 1.0))] * scale * together
            start = heapq.heappop(free)
            taken_in = max(taken_in, start + size) + handling if k >= workers else taken_in
            heapq.heappush(free, start + size)
        last = max(free)
        handled = handling * count / together
        seconds = max(last, handled) + handling
        if handled > 0.9 * last:
            limit = "one process takes back all cells"
        elif last > 1.1 * self.seconds / workers:
            limit = "there are too few tasks"
        else:
            limit = "work"
        return Schedule(workers, seconds, self.seconds / seconds, limit)


def forecast(problem: Problem, estimate: CountEstimate, *, seconds: float = 5.0) -> Forecast:
    """Tries tasks of the search for some seconds, on one core.

    Parameters
    ----------
    problem : Problem
    estimate : CountEstimate
        Of its cells.
    seconds : float
        About how long.
    """
    engine: ByEngine = "vertex" if problem.faster_engine == "vertex" else "lp"
    tasks = first_tasks(problem, engine)
    left = sorted(tasks, key=lambda task: task.begin * 0.6180339887498949 % 1.0)
    cells = facets = sent = 0
    sizes: list[float] = []
    begun = time.perf_counter()
    while left and time.perf_counter() - begun < seconds:
        task: Task = left.pop(0)
        start = time.perf_counter()
        if engine == "lp":  # whole parts are too large to be tried
            count, rest = count_task(problem, engine, task)
        else:
            shard, rest = run_task(problem, engine, task)
            count = len(shard)
            facets += len(shard.facet_id)
            sent += len(pickle.dumps(shard))
        sizes.append(max(time.perf_counter() - start, 1e-6))
        cells += count
        left += rest
    exact = estimate.estimate if estimate.exact else max(estimate.estimate, cells)
    words = max(1, -(-problem.network.n_neurons // 64))
    degree = facets / max(1, cells) if engine == "vertex" else 2.0 * problem.essential_dim
    points = 8.0 * problem.essential_dim if engine == "lp" else 0.0
    return Forecast(
        cells=exact,
        interval=estimate.interval,
        engine=engine,
        cells_tried=cells,
        seconds_tried=sum(sizes),
        bytes_in_memory=exact * _COPIES * (8 * words + 8 + 8 * degree + points),
        bytes_on_disk=exact * (8 * words + 8 + 6 * degree + points),
        bytes_sent=exact * (sent / max(1, cells) if sent else 8 * words + points),
        task_seconds=sizes,
        most_tasks=len(tasks) if engine == "lp" else None,
    )
