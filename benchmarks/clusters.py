"""What stores and executors cost: rates of writing, bytes a cell, workers of Dask.

python benchmarks/clusters.py store [--neurons 200]    # wide-3d with more neurons has more cells
python benchmarks/clusters.py dask [--neurons 200]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

import relutope as rt


def wide(neurons: int) -> tuple[rt.Network, rt.Box]:
    """An arrangement in general position in three dimensions."""
    rng = np.random.default_rng(0)
    W = rng.normal(size=(neurons, 3))
    layers = [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), np.zeros(1))]
    return rt.as_network(layers), rt.Box(-1, 1, dim=3)


def seconds_of(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def store(neurons: int, threads: int) -> dict[str, float]:
    """Cells a second with and without a store, and bytes a cell on disk."""
    network, box = wide(neurons)
    with tempfile.TemporaryDirectory(dir=".") as folder:  # what is imported once is no matter
        rt.decompose(*wide(8), threads=threads, store=Path(folder) / "s")
    in_memory, cx = seconds_of(lambda: rt.decompose(network, box, threads=threads))
    cells = cx.n_cells
    del cx
    with tempfile.TemporaryDirectory(dir=".") as folder:
        on_disk, made = seconds_of(
            lambda: rt.decompose(network, box, threads=threads, store=Path(folder) / "s")
        )
        size = made.nbytes
    return {
        "cells": cells,
        "threads": threads,
        "in_memory_per_second": cells / in_memory,
        "stored_per_second": cells / on_disk,
        "ratio": in_memory / on_disk,
        "bytes_per_cell": size / cells,
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _alone(neurons: int) -> int:
    return int(rt.count(*wide(neurons), threads=1))


def dask(neurons: int) -> dict[str, float]:
    """Counting by one and by two workers of Dask, beside two processes of their own."""
    import distributed

    network, box = wide(neurons)
    found: dict[str, float] = {}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_alone, [20, 20]))
        one, _ = seconds_of(lambda: pool.submit(_alone, neurons).result())
        two, _ = seconds_of(lambda: list(pool.map(_alone, [neurons, neurons])))
        found["gain_of_two_processes"] = 2 * one / two
        found["alone_seconds"] = one
    for workers in (1, 2):
        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            executor = client.get_executor()
            rt.count(*wide(20), executor=executor)
            start = time.perf_counter()
            found["cells"] = int(rt.count(network, box, executor=executor))
            found[f"dask_{workers}_seconds"] = time.perf_counter() - start
    found["dask_gain"] = found["dask_1_seconds"] / found["dask_2_seconds"]
    return found


def main() -> None:
    """Run one of the measurements, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("store", "dask"))
    parser.add_argument("--neurons", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    found = (
        store(arguments.neurons, arguments.threads)
        if arguments.what == "store"
        else dask(arguments.neurons)
    )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
