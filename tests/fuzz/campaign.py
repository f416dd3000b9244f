"""Random networks of every kind against the rational reference, as many as there is time for.

``python tests/fuzz/campaign.py --networks 1000000 --seed 1 --processes 2 --folder campaign``

Case number i of a seed is always the same, of family ``i % len(FAMILIES)`` of `families`. Both
engines and local search must say what the reference says, see `fuzz`. The folder holds a log with a
line per thousand networks; the same command goes on after its last line. A mismatch is made smaller
and written there as a test case. The exit status is the number of mismatches (at most 100).
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))

import fuzz
from convolutions import Convolution
from families import FAMILIES, Case
from shrink import smallest

BLOCK = 50  # networks that a process takes at once
LINE = 1000  # networks per line of the log
SECONDS = 120  # of the processor for one network, after which it counts as a mismatch


@dataclass
class Tally:
    """What came of some networks."""

    networks: int = 0
    cells: int = 0
    seconds: float = 0.0
    families: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    mismatches: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds another tally."""
        self.networks += other.networks
        self.cells += other.cells
        self.seconds += other.seconds
        self.families += other.families
        self.stages += other.stages
        self.mismatches += other.mismatches

    def as_json(self) -> dict[str, Any]:
        """For the log."""
        return {**vars(self), "families": dict(self.families), "stages": dict(self.stages)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """From a line of the log."""
        data = {k: v for k, v in data.items() if k != "next"}
        data["families"], data["stages"] = Counter(data["families"]), Counter(data["stages"])
        data["mismatches"] = [(int(i), str(text)) for i, text in data["mismatches"]]
        return cls(**data)


def case_number(seed: int, index: int) -> tuple[str, Case | Convolution]:
    """A case and its family."""
    names = list(FAMILIES)
    name = names[index % len(names)]
    return name, FAMILIES[name](np.random.default_rng([seed, index]))


def run_block(seed: int, begin: int, end: int) -> Tally:
    """The networks from `begin` to `end`."""
    tally = Tally()
    start = time.monotonic()
    for index in range(begin, end):
        name, case = case_number(seed, index)
        tally.networks += 1
        tally.families[name] += 1
        texts, cells, stages = examined(case)
        tally.cells += cells
        tally.stages += stages
        if texts:
            tally.mismatches.append((index, f"{name}: {texts[0][:300]}"))
    tally.seconds = time.monotonic() - start
    return tally


def examined(case: Case | Convolution) -> tuple[list[str], int, Counter[str]]:
    """What is wrong, the cells, and how many signs each stage decided."""
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        expected = case.reference()
        stages: Counter[str] = Counter()
        texts = fuzz.failures(case, expected, stages)
    except Exception as error:  # the reference's checks, or the time is over
        return [f"{type(error).__name__}: {error}"], 0, Counter()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return texts, len(expected.patterns), stages


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not done after {SECONDS} s")


def blocks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges of at most `BLOCK` networks, none across the end of a line of the log."""
    while begin < end:
        stop = min(begin + BLOCK, end, (begin // LINE + 1) * LINE)
        yield begin, stop
        begin = stop


class Campaign:
    """A run that can be stopped and resumed; its state is the log."""

    def __init__(self, folder: Path, seed: int, processes: int) -> None:
        self.folder, self.seed, self.processes = folder, seed, processes
        self.log = folder / f"seed-{seed}.jsonl"
        self.total, self.next = Tally(), 0
        folder.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
            for line in lines:
                self.total.add(Tally.from_json(line))
            self.next = lines[-1]["next"] if lines else 0

    def run(self, networks: int, deadline: float) -> None:
        """Goes on to so many networks, or to the deadline."""
        pending = Tally()
        for (_, end), tally in self.tallies(networks, deadline):
            pending.add(tally)
            for index, text in tally.mismatches:
                self.report(index, text)
            if end % LINE == 0 or end == networks:
                self.write(pending, end)
                pending = Tally()
        if pending.networks:
            self.write(pending, self.next + pending.networks)

    def tallies(self, networks: int, deadline: float) -> Iterator[tuple[tuple[int, int], Tally]]:
        """Blocks in their order, some of them at work at the same time."""
        todo = blocks(self.next, networks)
        running: list[tuple[tuple[int, int], Any]] = []
        pool = self.pool()
        try:
            while True:
                while len(running) < 2 * self.processes and time.monotonic() < deadline:
                    block = next(todo, None)
                    if block is None:
                        break
                    running.append((block, pool.submit(run_block, self.seed, *block)))
                if not running:
                    return
                block, future = running.pop(0)
                try:
                    yield block, future.result()
                except BrokenProcessPool:
                    pool = self.pool()
                    yield block, self.one_by_one(block)
                    running = [(b, pool.submit(run_block, self.seed, *b)) for b, _ in running]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.processes, mp_context=get_context("spawn"))

    def one_by_one(self, block: tuple[int, int]) -> Tally:
        """A block in which a process died: which network was it?"""
        tally = Tally()
        for index in range(*block):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                try:
                    tally.add(pool.submit(run_block, self.seed, index, index + 1).result())
                except BrokenProcessPool:
                    name, _ = case_number(self.seed, index)
                    tally.networks += 1
                    tally.mismatches.append((index, f"{name}: the process died"))
        return tally

    def report(self, index: int, text: str) -> None:
        """Writes a mismatch as a test case, made smaller where that can be tried."""
        _, case = case_number(self.seed, index)
        print(f"mismatch: seed {self.seed}, network {index}: {text}", flush=True)
        given_up = "process died" in text or "not done" in text
        if isinstance(case, Case) and not given_up:
            case = smallest(case, lambda c: bool(examined(c)[0]), seconds=60)
        path = self.folder / f"test_seed_{self.seed}_network_{index}.py"
        path.write_text(TEST.format(text=text.replace("\\", "/"), literal=case.literal()), "utf-8")

    def write(self, tally: Tally, end: int) -> None:
        """One line of the log."""
        self.total.add(tally)
        self.next = end
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"next": end, **tally.as_json()}) + "\n")
        rate = tally.networks / max(tally.seconds, 1e-9)
        print(
            f"{end} networks, {self.total.cells} cells, {len(self.total.mismatches)} mismatches, "
            f"{rate:.1f} networks/s of a process",
            flush=True,
        )


TEST = '''"""{text}"""

from numpy import inf, nan

import fuzz
from convolutions import Convolution
from families import Case, Sample


def test_agrees_with_the_reference():
    case = {literal}
    assert fuzz.failures(case, case.reference()) == []
'''


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the core with the exact reference.")
    parser.add_argument("--networks", type=int, default=10**6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--folder", type=Path, default=Path("build/campaign"))
    options = parser.parse_args()
    campaign = Campaign(options.folder, options.seed, options.processes)
    campaign.run(options.networks, time.monotonic() + options.seconds)
    total = campaign.total
    print(f"{total.networks} networks, {total.cells} cells, {total.seconds:.0f} s of processes")
    print("families:", ", ".join(f"{k} {v}" for k, v in sorted(total.families.items())))
    print("signs:", ", ".join(f"{k} {v}" for k, v in sorted(total.stages.items())))
    print(f"{len(total.mismatches)} mismatches (seed {options.seed})")
    return min(len(total.mismatches), 100)


if __name__ == "__main__":
    raise SystemExit(main())
