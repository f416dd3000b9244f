"""Live figures in headless Chromium, opened from a file without a network."""

from __future__ import annotations

import json

import numpy as np
import pytest

import relutope as rt
from any_browser import CHROMIUM
from relutope.page import write_site
from relutope.plotting.viewer import Record, has_engine, live_figure, live_page
from test_wasm import network_json, small

playwright = pytest.importorskip("playwright.sync_api")

WAIT = 60_000  # ms: machines of continuous integration are slow at first

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Watched:
    """A tab that remembers what it asked for and complained of."""

    def __init__(self, browser, *, offline=False, **options):
        self.context = browser.new_context(offline=offline, **options)
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(WAIT)
        self.requests, self.complaints = [], []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def fact(self, name):
        """A number of the page once it is not stale."""
        entry = f'[data-fact="{name}"] dd'
        self.tab.wait_for_function(
            "(q) => { const e = document.querySelector(q);"
            " return e && e.textContent !== '–' && !e.classList.contains('stale') }",
            arg=entry,
        )
        return self.tab.text_content(entry)


def expected(network, box):
    cx = rt.decompose(network, box, outputs="sign")
    return {
        "cells": str(cx.n_cells),
        "edges": str(cx.n_edges),
        "f": ", ".join(map(str, cx.f_vector.tolist())),
        "euler": "1",
        "regions": str(rt.decision_regions(cx).n_regions),
        **{
            name: ", ".join(map(str, rt.betti(cx, of).tolist()))
            for name, of in (("above", "superlevel"), ("below", "sublevel"), ("level", "level"))
        },
    }


def shown(watched, names):
    return {name: watched.fact(name) for name in names}


def test_a_live_figure_works_from_a_file_without_a_network(browser, tmp_path):
    networks = [small([2, 6, 4, 1], seed) for seed in (1, 2, 3)]
    box = rt.Box(-1.5, 1.5)
    records = [Record(10 * k, network) for k, network in enumerate(networks)]
    figure = live_figure(records, box, outputs="sign", points=[[0, 0], [1, 1]], labels=[0, 1])
    path = tmp_path / "report.html"
    path.write_text(live_page("Training", figure))
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    at_end = expected(networks[2], box)
    assert shown(watched, at_end) == at_end
    fiedler = rt.fiedler(rt.decompose(networks[2], box, outputs="sign"))
    assert float(watched.fact("lambda")) == pytest.approx(fiedler.value, rel=1e-4)

    slider = watched.tab.locator('input[type="range"]').first
    slider.fill("0")  # scrub to the first record
    at_start = expected(networks[0], box)
    watched.tab.wait_for_function(
        "(n) => document.querySelector('[data-fact=cells] dd').textContent === n",
        arg=at_start["cells"],
    )
    assert shown(watched, at_start) == at_start

    W, b = (np.array(part) for part in networks[0].layers[0])
    W[0, 0] = 0.0  # drag the first weight to zero
    changed = rt.Network([(W, b), *networks[0].layers[1:]])
    number = watched.tab.locator('input[type="number"]').first
    number.fill("0")
    number.press("Enter")
    after = expected(changed, box)
    watched.tab.wait_for_function(
        "(n) => document.querySelector('[data-fact=cells] dd').textContent === n",
        arg=after["cells"],
    )
    assert shown(watched, after) == after

    canvas = watched.tab.locator("canvas").last
    canvas.hover(position={"x": 100, "y": 100})
    assert "pattern" in watched.tab.text_content(".live-hover")
    outside = [url for url in watched.requests if not url.startswith(("file:", "blob:", "data:"))]
    assert outside == []
    assert watched.complaints == []


def test_pixels_belong_to_the_cells_that_python_locates(browser, tmp_path):
    """No seam between neighbours, and each pixel's cell is the one that contains its centre."""
    network, box = small([2, 9, 7, 1], 8), rt.Box(-1, 1)
    path = tmp_path / "report.html"
    path.write_text(live_page("Cells", live_figure([Record(0, network)], box)))
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    watched.fact("f")
    ids, centres = watched.tab.evaluate(
        """() => {
          const view = document.querySelector('.relutope-live').figure.view;
          const width = view.base.width, rows = [];
          for (let k = 0; k < view.ids.length; k += 97) {
            const [x, y] = [k % width, Math.floor(k / width)];
            rows.push([view.ids[k], ...view.toUnits(x + 0.5, y + 0.5)]);
          }
          return [rows.map((r) => r[0]), rows.map((r) => r.slice(1))];
        }"""
    )
    cx = rt.decompose(network, box)
    located = cx.locate(np.array(centres))
    inside = located >= 0
    assert inside.sum() > 1000
    assert (np.array(ids)[inside] == located[inside]).mean() > 0.999  # a centre on a facet
    assert (np.array(ids)[inside] >= 0).all()


def test_without_scripts_the_still_picture_stays(browser, tmp_path):
    path = tmp_path / "report.html"
    figure = live_figure([Record(0, small([2, 3, 1], 0))], rt.Box(-1, 1), still="<b>still</b>")
    path.write_text(live_page("Cells", figure))
    watched = Watched(browser, java_script_enabled=False)
    watched.tab.goto(path.as_uri())
    assert watched.tab.text_content(".relutope-live") == "still"


def settled(watched):
    """Facts of the page once everything that was asked for is there."""
    return {name: watched.fact(name) for name in ("cells", "edges", "regions", "f", "lambda")}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_page_says_what_the_package_says(browser, tmp_path, seed):
    """The site of one file, opened without a network: three networks, every control once."""
    path = write_site(tmp_path)
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    settled(watched)
    network = small([2, 5, 4, 1], seed)
    saved = tmp_path / "network.json"
    saved.write_text(json.dumps(network_json(network)))
    watched.tab.set_input_files("#file", saved)
    cx = rt.decompose(network, rt.Box(-1.2, 1.2), outputs="sign")
    watched.tab.wait_for_function(
        "(f) => document.querySelector('[data-fact=f] dd').textContent === f",
        arg=", ".join(map(str, cx.f_vector.tolist())),
    )
    found = settled(watched)
    assert int(found["cells"]) == cx.n_cells
    assert int(found["edges"]) == cx.n_edges
    assert int(found["regions"]) == rt.decision_regions(cx).n_regions
    assert float(found["lambda"]) == pytest.approx(rt.fiedler(cx).value, rel=1e-4)
    sets = [rt.betti(cx, of).tolist() for of in ("superlevel", "sublevel", "level")]
    betti = " ".join(f"({', '.join(map(str, numbers))})" for numbers in sets)
    assert watched.fact("betti") == betti
    if seed == 1:
        use_every_control(watched)
    assert watched.complaints == []
    outside = [url for url in watched.requests if not url.startswith(("file:", "blob:", "data:"))]
    assert outside == []


def use_every_control(watched):
    tab = watched.tab
    usable = ":visible:enabled"  # what only Python answers is greyed
    for box in tab.locator(f"main select{usable}").all():
        for option in box.locator("option").all():
            box.select_option(option.get_attribute("value"))
    for box in tab.locator(f'main input[type="checkbox"]{usable}').all():
        box.click()
        box.click()
    for field in tab.locator(f'main input[type="number"]{usable}').all():
        field.press("ArrowUp")
        field.press("Enter")
    tab.select_option("#look", "plane")
    tab.fill("#formula", "x^2 + y^2 - 0.5")
    tab.press("#formula", "Enter")
    tab.fill("#table", "x,y,class\n0,0,1\n1,1,0")
    for name in ("usetable", "step", "undo", "redo", "run", "zero", "forget", "nodata", "cancel"):
        tab.click(f"#{name}")
    tab.click("#randomise")
    for name in ("png", "svg", "json", "graphml", "python"):
        with tab.expect_download():
            tab.click(f"#{name}")
    for story in range(5):
        tab.click(f"#story{story}")
        settled(watched)
    for key in ("ArrowLeft", "ArrowUp", "+", "-", "0", "Enter", "Escape"):
        tab.locator("#stage canvas").nth(1).press(key)
    tab.locator("#stage canvas").nth(1).click(position={"x": 50, "y": 60})
    settled(watched)
