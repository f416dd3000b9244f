"""The core in headless Chromium without a GPU: from a dragged weight to the picture, and its start.

python benchmarks/browser.py             milliseconds of CPU and of the clock; goals
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
from itertools import pairwise
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

import relutope as rt
from common import machine, zoo
from relutope.plotting.viewer import Record, engine_bytes, live_scripts, recording_json, style
from relutope.plotting.viewer.bundle import PAGE, bundle, engine_arguments

BOX = rt.Box(-1.5, 1.5)
DRAGS = {  # name: widths, milliseconds
    "1,500 cells": ([2, 40, 40, 1], 16.0),
    "5,700 cells": ([2, 82, 82, 1], 50.0),
    "20,000 cells": ([2, 140, 140, 1], None),
}
START = 100.0
"""Milliseconds of unpacking, compiling, and starting the worker."""
REPEATS = 40
REFERENCE = 2.7
"""Milliseconds of the cells of deep-2d, without pictures, on the machine that the goals are for."""

# Functions of a page whose scripts are global; the engine is ENGINE.
START_SCRIPT = """async () => {
  window.provider?.close();
  const begin = performance.now();
  window.provider = await startEngine(...ENGINE);
  return performance.now() - begin;
}"""
FIGURE_SCRIPT = """async (recording) => {
  window.figure = new LiveFigure(document.getElementById("place"), recording, provider);
  for (let k = 0; k < 5; k++) await figure.request(false);
}"""
DRAG_SCRIPT = """async (repeats) => {
  const drags = [], core = [];
  for (let k = 1; k <= repeats; k++) {
    figure.network.layers[0].b[0] = k / repeats;
    await figure.request(false);
    drags.push(figure.elapsed);
    core.push(1000 * (figure.frame.header.stages.cells + figure.frame.header.stages.outlines));
  }
  clearTimeout(figure.later);
  return [drags, core];
}"""
CELLS_SCRIPT = """async ([network, domain, cells, repeats]) => {
  const times = [];
  for (let k = 0; k < repeats; k++) {
    const { header } = await provider.ask("complex", { network, domain, want: ["patterns"] });
    if (header.n_cells !== cells) throw new Error(`${header.n_cells} cells instead of ${cells}`);
    times.push(1000 * header.stages.cells);
  }
  return times;
}"""
FACTS_SCRIPT = """async () => {
  const { domain, outputs } = figure.recording;
  const begin = performance.now();
  await figure.requestFacts({ network: figure.shown, domain, outputs });
  const facts = performance.now() - begin;
  return { facts, n_cells: figure.frame.header.n_cells, f: figure.entry("f").textContent };
}"""


def network(widths: list[int]) -> rt.Network:
    """Standard normal weights."""
    rng = np.random.default_rng(0)
    return rt.Network(
        [(rng.standard_normal((m, n)), rng.standard_normal(m)) for n, m in pairwise(widths)]
    )


def verdict(value: float, goal: float | None) -> str:
    """The goal, and whether it is missed."""
    return "" if goal is None else f" of {goal:.0f}" + "  MISSED" * (value > goal)


class Renderer:
    """CPU milliseconds of what runs pages: wall clocks of shared machines say little."""

    def __init__(self, browser: Browser) -> None:
        self.session = browser.new_browser_cdp_session()

    def __call__(self) -> float:
        found = self.session.send("SystemInfo.getProcessInfo")["processInfo"]
        return 1000 * sum(one["cpuTime"] for one in found if one["type"] == "renderer")


def check(found: dict[str, Any], given: rt.Network) -> None:
    """What the page shows is what Python finds."""
    W, b = given.layers[0]
    last = rt.Network([(W, np.concatenate([[1.0], b[1:]])), *given.layers[1:]])
    cx = rt.decompose(last, BOX, outputs="sign")
    assert found["n_cells"] == cx.n_cells, (found["n_cells"], cx.n_cells)
    assert found["f"] == ", ".join(map(str, cx.f_vector.tolist())), found["f"]


def drag(tab: Page, renderer: Renderer, name: str, widths: list[int], goal: float | None) -> None:
    """One line: a weight dragged through many values, then the numbers that take longer."""
    given = network(widths)
    tab.evaluate(FIGURE_SCRIPT, recording_json([Record(0, given)], BOX, outputs="sign"))
    before = renderer()
    drags, core = tab.evaluate(DRAG_SCRIPT, REPEATS)
    cpu = (renderer() - before) / REPEATS
    found = tab.evaluate(FACTS_SCRIPT)
    check(found, given)
    print(
        f"{name:13} drag to picture {cpu:6.1f} ms of CPU{verdict(cpu, goal)}; wall: median "
        f"{statistics.median(drags):.1f}, best {min(drags):.1f}, of it the core "
        f"{statistics.median(core):.1f} and {min(core):.1f}; Betti numbers and Fiedler vector "
        f"{found['facts']:.0f} ms; {found['n_cells']:,} cells"
    )


def reference(tab: Page) -> None:
    """One line: how fast this machine is beside the one that the goals are for."""
    case = zoo.standard("deep-2d")
    layers = [{"W": np.asarray(W).tolist(), "b": np.asarray(b).tolist()} for W, b in case.layers]
    low, high = case.domain
    domain = {"lower": [low] * 2, "upper": [high] * 2}
    times = tab.evaluate(CELLS_SCRIPT, [{"layers": layers}, domain, case.n_cells, REPEATS])
    print(
        f"deep-2d       cells alone {statistics.median(times):.1f} ms, best {min(times):.1f}; on "
        f"the machine of the goals {REFERENCE}"
    )


def main() -> None:
    """Print a line per figure."""
    print(machine())
    size = len(gzip.compress(engine_bytes(), 9, mtime=0))
    print(f"relutope.wasm {size:,} bytes compressed of 300,000" + "  MISSED" * (size > 300_000))
    print(f"scripts and engine of a page: {len(live_scripts()):,} bytes")
    page = (
        f"<!doctype html><style>{style()}</style><div id=place style='width:1000px'></div>"
        f"<script>{bundle(PAGE)}\nconst ENGINE = [{engine_arguments()}];</script>"
    )
    with sync_playwright() as driver:
        chromium = os.environ.get("RELUTOPE_CHROMIUM") or shutil.which("chromium")
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"Chromium {browser.version}")
        renderer = Renderer(browser)
        for name, (widths, goal) in DRAGS.items():
            tab = browser.new_page()
            tab.set_content(page)
            tab.evaluate(START_SCRIPT)
            drag(tab, renderer, name, widths, goal)
            reference(tab)
            if name == "1,500 cells":
                before = renderer()
                starts = [tab.evaluate(START_SCRIPT) for _ in range(REPEATS)]
                cpu = (renderer() - before) / REPEATS
                print(
                    f"start of the engine {cpu:6.1f} ms of CPU{verdict(cpu, START)}; wall: median "
                    f"{statistics.median(starts):.1f}, best {min(starts):.1f}"
                )
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
