"""What stores and executors cost: rates of writing, bytes a cell, workers of Dask.

python benchmarks/clusters.py store [--neurons 200]  # wide-3d with more neurons has more cells
python benchmarks/clusters.py faces [--neurons 200]  # f-vector and volumes of a store
python benchmarks/clusters.py dask [--neurons 200]
python benchmarks/clusters.py large --neurons 845 --threads 2 --memory 4  # 10^8 cells, 10 GB
python benchmarks/clusters.py forecast  # what `relutope info --estimate` says, and what came
python benchmarks/clusters.py fiedler --neurons 620 --threads 2  # 10^7 cells and their cut
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import pickle
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

import relutope as rt
from relutope.search.forecast import Forecast, forecast
from relutope.search.problem import Problem
from relutope.search.tasks import first_tasks, run_task
from relutope.store.folder import Folder


def wide(neurons: int) -> tuple[rt.Network, rt.Box]:
    """An arrangement in general position in three dimensions."""
    rng = np.random.default_rng(0)
    W = rng.normal(size=(neurons, 3))
    layers = [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), np.zeros(1))]
    return rt.as_network(layers), rt.Box(-1, 1, dim=3)


def deep(widths: list[int], side: float) -> tuple[rt.Network, rt.Box]:
    """Random layers over a cube."""
    rng = np.random.default_rng(0)
    layers = [
        (rng.normal(size=(m, n)) * np.sqrt(2 / n), rng.uniform(-0.5, 0.5, m))
        for n, m in pairwise(widths)
    ]
    return rt.Network(layers), rt.Box(-side, side, dim=widths[0])


def seconds_of(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def store(neurons: int, threads: int) -> dict[str, float]:
    """Cells a second with and without a store, and bytes a cell on disk."""
    network, box = wide(neurons)
    with tempfile.TemporaryDirectory(dir=".") as folder:  # what is imported once is no matter
        rt.decompose(*wide(8), threads=threads, store=Path(folder) / "s")
    start = time.process_time()
    in_memory, cx = seconds_of(lambda: rt.decompose(network, box, threads=threads))
    cpu_in_memory = time.process_time() - start
    cells = cx.n_cells
    del cx
    with tempfile.TemporaryDirectory(dir=".") as folder:
        start = time.process_time()
        on_disk, made = seconds_of(
            lambda: rt.decompose(network, box, threads=threads, store=Path(folder) / "s")
        )
        cpu_on_disk = time.process_time() - start
        size = made.nbytes
    return {
        "cells": cells,
        "threads": threads,
        "in_memory_per_second": cells / in_memory,
        "stored_per_second": cells / on_disk,
        "ratio": in_memory / on_disk,
        "ratio_of_processor_time": cpu_in_memory / cpu_on_disk,
        "bytes_per_cell": size / cells,
        "peak_MB": peak_MB(),
    }


def faces(neurons: int, threads: int) -> dict[str, float]:
    """Cells a second of processor time while faces are counted and volumes measured."""
    network, box = wide(neurons)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        made = rt.decompose(network, box, threads=threads, store=Path(folder) / "s")
        before = peak_MB()
        start = time.process_time()
        f_vector = made.count_faces(threads=threads)
        counted = time.process_time()
        volume = math.fsum(math.fsum(v) for v in made.iter_volumes(threads=threads))
        measured = time.process_time()
    assert (f_vector * [1, -1, 1, -1]).sum() == 1
    assert math.isclose(volume, 8.0, rel_tol=1e-12)
    return {
        "cells": made.n_cells,
        "threads": threads,
        "counted_per_second": made.n_cells / (counted - start),
        "measured_per_second": made.n_cells / (measured - counted),
        "made_peak_MB": before,
        "peak_MB": peak_MB(),
    }


def _alone(neurons: int) -> int:
    return int(rt.count(*wide(neurons), threads=1))


# Dask looks at itself up to a hundred times a second in each process: a share of the cores
# that counts where these are two. As in docs/guide/clusters/local.md.
CALM = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
}


def dask(neurons: int) -> dict[str, float]:
    """Counting by one and by two workers of Dask, beside two processes of their own."""
    import dask

    found = by_processes(neurons) | by_dask(neurons, "as_it_comes")
    with dask.config.set(CALM):
        return found | by_dask(neurons, "calm")


def by_processes(neurons: int) -> dict[str, float]:
    """What two independent processes gain."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_alone, [20, 20]))
        one, _ = seconds_of(lambda: pool.submit(_alone, neurons).result())
        two, _ = seconds_of(lambda: list(pool.map(_alone, [neurons, neurons])))
    return {"alone_seconds": one, "gain_of_two_processes": 2 * one / two}


def by_dask(neurons: int, settings: str) -> dict[str, float]:
    """What one worker takes, what two do, and how much of the time they are at work."""
    import distributed

    network, box = wide(neurons)
    found: dict[str, float] = {}
    for workers in (1, 2):
        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            executor = client.get_executor()
            rt.count(*wide(20), executor=executor)
            client.get_task_stream()  # begins to listen
            begun = time.time()
            taken, count = seconds_of(lambda: rt.count(network, box, executor=executor))  # noqa: B023
            found["cells"], found[f"{settings}_{workers}_seconds"] = int(count), taken
            stream = client.get_task_stream(start=begun)
            work = [span for task in stream for span in task["startstops"]]
            busy = sum(span["stop"] - span["start"] for span in work)
            found[f"{settings}_{workers}_tasks"] = len(stream)
            found[f"{settings}_{workers}_busy_share"] = busy / taken / workers
    found[f"{settings}_gain"] = found[f"{settings}_1_seconds"] / found[f"{settings}_2_seconds"]
    return found


class Phases:
    """The watch of a long call: when its steps began, said on stderr."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.said = -60.0

    def __call__(self, cells: int, done: int, steps: int) -> bool:
        now = time.perf_counter() - self.start
        if now - self.said >= 60:
            print(f"{now:.0f} s: {cells:,} cells, {done} of {steps}", file=sys.stderr, flush=True)
            self.said = now
        return False


def peak_MB() -> float:
    """The most memory that this process has held, mapped files included."""
    lines = Path("/proc/self/status").read_text().splitlines()  # getrusage counts the parent's, too
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1.024e-3


def large(neurons: int, threads: int, memory: float, folder: Path) -> dict[str, float]:
    """A store made, linked and opened again while this process may have so many GiB of data.

    Over all of R^3, where m planes in general position make ``sum of C(m, k) for k <= 3`` cells.
    """
    limit = int(memory * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    network, _ = wide(neurons)
    options = {"threads": threads, "store": folder, "memory_limit": limit - 2**29}
    made, found = seconds_of(lambda: rt.decompose(network, progress=Phases(), **options))
    cells, edges, size = found.n_cells, found.n_edges, found.nbytes
    peak = peak_MB()
    del found
    reopened, again = seconds_of(lambda: rt.open_store(folder))
    points = np.random.default_rng(1).uniform(-1, 1, size=(1000, 3))
    located, where = seconds_of(lambda: again.locate(points))
    expected, _ = seconds_of(lambda: again.patterns[where])
    assert cells == again.n_cells == sum(math.comb(neurons, k) for k in range(4))
    assert edges == again.n_edges == neurons * sum(math.comb(neurons - 1, k) for k in range(3))
    assert (where >= 0).all()
    return {
        "cells": cells,
        "edges": edges,
        "made_seconds": made,
        "bytes_per_cell": size / cells,
        "peak_MB": peak,
        "reopened_seconds": reopened,
        "located_1000_seconds": located,
        "read_1000_patterns_seconds": expected,
    }


def fiedler(neurons: int, threads: int, folder: Path) -> dict[str, float]:
    """The Fiedler vector of a store's graph, which stays on disk."""
    network, box = wide(neurons)
    made, found = seconds_of(
        lambda: rt.decompose(network, box, threads=threads, store=folder, progress=Phases())
    )
    before = peak_MB()
    seconds, cut = seconds_of(lambda: rt.fiedler(found.dual_graph()))
    return {
        "cells": found.n_cells,
        "made_seconds": made,
        "made_peak_MB": before,
        "fiedler_seconds": seconds,
        "value": float(cut.value),
        "smaller_side": float(min(cut.partition.mean(), 1 - cut.partition.mean())),
        "peak_MB": peak_MB(),
    }


FORECAST = {  # widths of the layers, half the width of the box
    "wide-2d": ([2, 800, 1], 1.0),
    "deep-2d": ([2, 150, 150, 150, 1], 1.0),
    "wide-3d": ([3, 200, 1], 1.0),
    "deep-3d": ([3, 60, 60, 1], 1.0),
    "deep-5d": ([5, 16, 16, 1], 1.0),
}


def predicted(cost: Forecast) -> dict[str, float]:
    """What a forecast says of one core, beside `measured`."""
    return {
        "cells": cost.cells,
        "seconds": cost.seconds,
        "bytes_in_memory": cost.bytes_in_memory,
        "bytes_on_disk": cost.bytes_on_disk,
        "bytes_sent": cost.bytes_sent,
    }


def grown(connection: Connection, widths: list[int], side: float) -> None:
    """In a process of its own: how much memory a complex takes while it is made."""
    network, box = deep(widths, side)
    rt.decompose(*wide(8), threads=1)
    before = peak_MB()
    rt.decompose(network, box, threads=1)
    connection.send(1e6 * (peak_MB() - before))


def measured(widths: list[int], side: float, folder: Path) -> dict[str, float]:
    """The same quantities, found out by doing it."""
    network, box = deep(widths, side)
    problem = Problem(network, box)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=grown, args=(there, widths, side))
    process.start()
    memory = here.recv()
    process.join()
    store = rt.decompose(network, box, threads=1, store=folder)
    engine, cells, sent, seconds = problem.faster_engine, 0, 0, 0.0
    left = first_tasks(problem, engine)
    while left:
        start = time.perf_counter()
        shard, rest = run_task(problem, engine, left.pop())
        seconds += time.perf_counter() - start
        cells += len(shard)
        sent += len(pickle.dumps(shard))
        left += rest
    return {
        "cells": cells,
        "seconds": seconds,
        "bytes_in_memory": memory,
        "bytes_on_disk": store.nbytes,
        "bytes_sent": sent,
    }


def handling(folder: Path) -> dict[str, float]:
    """What the process that gives out tasks pays: a second takes in so many bytes, a task costs."""
    network, box = wide(200)
    engine, problem = "vertex", Problem(network, box)
    shards, left = [], first_tasks(problem, engine)
    while left:
        task = left.pop()
        shard, rest = run_task(problem, engine, task)
        shards.append((task, pickle.dumps(shard), rest))
        left += rest
    size = sum(len(packed) for _, packed, _ in shards)
    with Folder.written(folder, problem, engine) as target:
        start = time.perf_counter()
        for task, packed, rest in shards:
            target.add(task, pickle.loads(packed), rest)
        target.sort()
        taken = time.perf_counter() - start
    found = {"tasks": len(shards), "taken_in_bytes_per_second": size / taken}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(abs, 1).result()
        alone, _ = seconds_of(lambda: [pool.submit(abs, 1).result() for _ in range(500)])
    return found | {"seconds_of_an_empty_task": alone / 500}


def forecasts(folder: Path) -> dict[str, dict[str, float]]:
    """Ratios of what came and what was forecast; what handing out costs."""
    found = {"handling": handling(folder / "handling")}
    for name, (widths, side) in FORECAST.items():
        network, box = deep(widths, side)
        said = predicted(forecast(Problem(network, box), rt.estimate_count(network, box)))
        came = measured(widths, side, folder / name)
        found[name] = {key: came[key] / said[key] for key in said} | {"cells_found": came["cells"]}
    return found


def main() -> None:
    """Run one of the measurements, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("store", "faces", "dask", "large", "fiedler", "forecast"))
    parser.add_argument("--neurons", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=float, default=4.0, help="GiB, for large")
    arguments = parser.parse_args()
    neurons, threads = arguments.neurons, arguments.threads
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name) / "store"
        measurements = {
            "store": lambda: store(neurons, threads),
            "faces": lambda: faces(neurons, threads),
            "dask": lambda: dask(neurons),
            "large": lambda: large(neurons, threads, arguments.memory, folder),
            "forecast": lambda: forecasts(folder),
            "fiedler": lambda: fiedler(neurons, threads, folder),
        }
        found = measurements[arguments.what]()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
