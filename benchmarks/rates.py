"""Cells per second on the standard networks, and which of two programs, or runs, is slower.

Part of `run.py`. Every round starts processes of its own, and in it each network has its turn, so
that the repeats of a network are spread over the whole run and over the places in memory that a
process may happen to get.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import show, zoo
from comparison import Factor, compare_pairs, compare_runs, relative
from workers import Worker

NAMES = (*zoo.STANDARD, *zoo.HIGH_DIMENSIONAL)
# Cells per second that a release must reach on an otherwise idle core of a 2021 server.
GOALS = {
    "deep-2d": 600_000,
    "deep-3d": 600_000,
    "wide-3d": 600_000,
    "deep-4d": 600_000,
    "deep-5d": 300_000,
    "deep-6d": 100_000,
    "wide-2d": 120_000,
}
ROUNDS = 7
ROUNDS_AGAINST = 15
# Seconds that a network has in a round, unless one search takes longer.
TURN = 0.05
MOST = 5  # searches of a network in a round
# Smaller differences are not named: two runs of one program are this far apart now and then.
FLOOR_COMPARE, FLOOR_AGAINST = 1.10, 1.03


def check(name: str, answer: dict[str, Any]) -> None:
    """Cells and edges are those that two independent programs agree on."""
    case = zoo.standard(name)
    known = (case.n_cells, case.n_edges)
    assert (answer["cells"], answer["edges"]) == known, (name, answer["cells"], answer["edges"])


def repeats_of(worker: Worker, names: tuple[str, ...]) -> dict[str, int]:
    """How often each network fits into its turn; checks the answers."""
    repeats = {}
    for name in names:
        answer = worker.ask("timings", network=name, repeats=2)
        check(name, answer)
        repeats[name] = max(1, min(MOST, int(TURN / min(answer["seconds"]))))
    return repeats


def measure(names: tuple[str, ...] = NAMES, rounds: int = ROUNDS) -> Iterator[dict[str, Any]]:
    """The figures of each network, after all rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    calibrated: dict[str, list[float]] = {name: [] for name in names}
    calibration: dict[str, list[float]] = {name: [] for name in names}
    pairs: dict[str, list[float]] = {name: [] for name in names}
    answers = {}
    with Worker() as worker:
        repeats = repeats_of(worker, names)
    for _ in range(rounds):
        with Worker() as worker:
            worker.ask("timings", network=names[0])
            for name in names:
                answer = worker.ask("calibrated", network=name, repeats=repeats[name])
                check(name, answer)
                answers[name] = answer
                seconds[name] += answer["seconds"]
                calibration[name] += answer["calibration"]
                pairs[name] += [
                    p / s for p, s in zip(answer["pairs"], answer["seconds"], strict=True)
                ]
                quotients = relative(answer["seconds"], answer["calibration"])
                calibrated[name].append(statistics.median(quotients))
    for name in names:
        yield figures(name, answers[name], seconds[name]) | {
            "pairs_share": statistics.median(pairs[name]),
            "calibration_s": statistics.median(calibration[name]),
            "calibrated": calibrated[name],
        }


def figures(name: str, answer: dict[str, Any], seconds: list[float]) -> dict[str, Any]:
    """One network's row: rates by the best and by the median timing, and their spread."""
    cells, best, median = answer["cells"], min(seconds), statistics.median(seconds)
    row = {
        "network": name,
        "cells": cells,
        "edges": answer["edges"],
        "best_s": best,
        "median_s": median,
        "spread": sorted(seconds)[9 * (len(seconds) - 1) // 10] / best,
        "cells_per_s": cells / best,
        "cells_per_s_median": cells / median,
        "bytes_per_cell": answer["bytes"] / cells,
        "stats": answer["stats"],
    }
    if name in GOALS:
        row["goal"] = GOALS[name]
        row["reached"] = row["cells_per_s_median"] / GOALS[name]
    return row


def section(names: tuple[str, ...], rounds: int) -> list[dict[str, Any]]:
    """Measures, and prints the table."""
    return show(
        f"RATES  one thread, CPU time, certified, facets with neighbors; {rounds} rounds.\n"
        "  Known numbers of cells and edges are asserted. 'spread': slowest tenth over best.\n"
        "  'reached': the median's share of the goal, which is for an idle core of a 2021 server.\n"
        "  'pairs': what `cx.adjacency`, the sorted array of pairs, adds when it is asked for.\n"
        "  'B/cell': with that array.",
        {
            "network": ("network", "<12"),
            "cells": ("cells", "8,"),
            "edges": ("edges", "8,"),
            "cells_per_s": ("cells/s, best", "14,.0f"),
            "cells_per_s_median": ("median", "10,.0f"),
            "spread": ("spread", "7.2f"),
            "goal": ("goal", "9,"),
            "reached": ("reached", "8.2f"),
            "pairs_share": ("pairs", "7.0%"),
            "bytes_per_cell": ("B/cell", "7.0f"),
        },
        measure(names, rounds),
    )


def compare(before: list[dict[str, Any]], after: list[dict[str, Any]], alike: bool) -> list[Any]:
    """Names what a stored run did faster or slower than this one; `alike`: on such a machine."""
    stored = {row["network"]: row for row in before}
    factors = compare_runs(
        {name: row["calibrated"] for name, row in stored.items()},
        {row["network"]: row["calibrated"] for row in after},
    )
    speed = statistics.median(
        row["calibration_s"] / stored[row["network"]]["calibration_s"]
        for row in after
        if row["network"] in stored
    )
    return verdicts(
        "COMPARED  with a stored run: time of this run by time of that one, both in units of the\n"
        f"  calibration beside them, which took {speed:.2f} times as long as then.",
        factors,
        FLOOR_COMPARE,
        "" if alike else "another processor, Python or NumPy: nothing is named",
    )


def against(
    other: Path, names: tuple[str, ...], rounds: int = ROUNDS_AGAINST
) -> list[dict[str, Any]]:
    """This relutope and another in turns, within milliseconds of each other."""
    ratios: dict[str, list[float]] = {name: [] for name in names}
    with Worker() as ours:
        repeats = repeats_of(ours, names)
    for turn in range(rounds):
        with Worker(other) as theirs, Worker() as ours:
            for worker in (ours, theirs):
                worker.ask("timings", network=names[0])
            for name in names:
                ratios[name].append(in_turns(name, ours, theirs, repeats[name], turn))
    return verdicts(
        f"AGAINST  {other}: time of this relutope by time of that one, in turns, {rounds} rounds.",
        compare_pairs(ratios),
        FLOOR_AGAINST,
    )


def in_turns(name: str, ours: Worker, theirs: Worker, pairs: int, turn: int) -> float:
    """The median ratio of neighbouring timings; who begins changes from pair to pair."""
    quotients = []
    for k in range(pairs):
        order = (ours, theirs) if (k + turn) % 2 else (theirs, ours)
        seconds = {}
        for worker in order:
            answer = worker.ask("timings", network=name)
            check(name, answer)
            seconds[worker] = answer["seconds"][0]
        quotients.append(seconds[ours] / seconds[theirs])
    return statistics.median(quotients)


def verdicts(
    title: str, factors: dict[str, Factor], floor: float, doubt: str = ""
) -> list[dict[str, Any]]:
    """Prints the factors with their intervals; names none where there is a `doubt`."""
    rows = [
        {
            "network": name,
            "factor": factor.estimate,
            "low": factor.low,
            "high": factor.high,
            "verdict": "" if doubt else factor.verdict(floor),
        }
        for name, factor in factors.items()
    ]
    show(
        f"{title}\n  'slower' or 'faster' where the whole interval is more than "
        f"{100 * (floor - 1):.0f} % away from 1." + (f"\n  {doubt}" if doubt else ""),
        {
            "network": ("network", "<12"),
            "factor": ("factor", "8.3f"),
            "low": ("from", "8.3f"),
            "high": ("to", "8.3f"),
            "verdict": ("", "<8"),
        },
        rows,
    )
    slower = [row["network"] for row in rows if row["verdict"] == "slower"]
    print(f"  slower: {', '.join(slower)}" if slower else "  nothing is slower beyond noise")
    return rows
