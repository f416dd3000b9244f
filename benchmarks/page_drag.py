"""The page: from a weight's new value to the drawn picture, and frames of training a second.

    python benchmarks/page_drag.py

Needs chromium, playwright and the extra ``app``. The picture is made by the engine in the browser's
worker, and by Python over the websocket. Medians of drags one after the other, in a window of 1500
x 1000 pixels, without a graphics card. "Core" is what finding cells and outlines takes in the same
drags: 2 and 5 ms on the machine that the goals are for, so that a slower or busier one is seen.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import relutope as rt

NETWORKS = {  # widths, and milliseconds of a drag's goal: by the worker, by Python
    "500 cells": ([2, 28, 20, 1], None, None),
    "1,500 cells": ([2, 54, 36, 1], 16.0, 40.0),
    "5,700 cells": ([2, 88, 84, 1], 50.0, 80.0),
    "20,000 cells": ([2, 160, 150, 1], None, None),
}
PICTURES = 30.0
"""Goal of a training at 500 cells, a second."""
DRAG = """async ([steps]) => {
  const page = window.page, times = [], core = [];
  for (let k = 0; k < steps; k++) {
    page.model.place = { layer: 0, row: 0, column: 0 };
    const start = performance.now();
    const value = page.model.value + 0.001;
    const network = structuredClone(page.model.network);
    network.layers[0].W[0][0] = value;
    page.model.network = network;
    await page.refresh();
    times.push(performance.now() - start);
    core.push(1000 * (page.frame.header.stages.cells + page.frame.header.stages.outlines));
  }
  clearTimeout(page.later);
  return [page.frame.header.n_cells, times, core];
}"""
TRAIN = """async ([seconds]) => {
  const page = window.page, button = document.getElementById("run");
  page.training.steps = 1;
  const first = page.turn, start = performance.now();
  button.click();
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  const pictures = (page.turn - first) / (performance.now() - start) * 1000;
  button.click();
  while (button.textContent !== "Run") await new Promise((resolve) => setTimeout(resolve, 20));
  await page.refreshing;
  return pictures;
}"""


def serve(engine: str) -> None:
    """The page on a free port, which is printed."""
    import relutope.page.site as site

    if engine == "python":
        site.has_engine = lambda: False  # type: ignore[assignment]
    rt.app(open_browser=False, say=lambda line: print(line, flush=True))


def measured(page: Page, sizes: list[int], goal: float | None, drags: int) -> str:
    """Cells, and milliseconds from the value to the picture."""
    layers = rt.as_network(rt.mlp(sizes, seed=1)).layers
    network = {"layers": [{"W": W.tolist(), "b": b.tolist()} for W, b in layers]}
    page.evaluate("(network) => { page.model.begin(network); page.matchControls(); }", network)
    page.evaluate(DRAG, [3])
    cells, times, core = page.evaluate(DRAG, [drags])
    shown = page.evaluate("() => window.page.shown.network.layers")
    network = rt.Network([(one["W"], one["b"]) for one in shown])
    assert cells == rt.decompose(network, rt.Box(-1.2, 1.2), outputs="sign").n_cells
    middle, worst = statistics.median(times), max(times)
    stated = "" if goal is None else f" of {goal:.0f}" + "  MISSED" * (middle > goal)
    return (
        f"{int(cells):>7,} cells: median {middle:6.1f} ms{stated}; best {min(times):.1f}, "
        f"worst {worst:.1f}; core: median {statistics.median(core):.1f}, best {min(core):.1f}"
    )


def main() -> None:
    """Print a line for each engine and network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["browser", "python"])
    parser.add_argument("--drags", type=int, default=21)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    chromium = os.environ.get("RELUTOPE_CHROMIUM") or shutil.which("chromium")
    for engine in ("browser", "python"):
        command = [sys.executable, str(Path(__file__).resolve()), "--serve", engine]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
            sync_playwright() as driver,
        ):
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                browser = driver.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport={"width": 1500, "height": 1000})
                page.goto(address)
                page.wait_for_function("() => window.page.frame")
                for name, (sizes, *goals) in NETWORKS.items():
                    goal = goals[engine == "python"]
                    print(f"{engine:8}", measured(page, sizes, goal, arguments.drags), flush=True)
                    if name != "500 cells":
                        continue
                    speed = page.evaluate(TRAIN, [4])
                    missed = "  MISSED" * (speed < PICTURES)
                    print(f"{engine:8} training: {speed:.1f} pictures a second{missed}", flush=True)
                browser.close()
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
