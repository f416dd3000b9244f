"""`relutope app` in headless Chromium, over its websocket: every control, against the package."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

import relutope as rt
from any_browser import CHROMIUM
from relutope.page.problems import network_of
from relutope.plotting.viewer import has_engine
from test_wasm import network_json, small

playwright = pytest.importorskip("playwright.sync_api")
for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package)

WAIT = 90_000  # ms: machines of continuous integration are slow at first

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SERVE = """
import sys
import relutope.page.site as site
from relutope.page.launch import app
if __name__ == "__main__":
    if sys.argv[1] == "python":
        site.has_engine = lambda: False
    app(open_browser=False, say=lambda line: print(line, flush=True))
"""


@contextmanager
def serving(folder, engine):
    """The process that serves the page, and its address."""
    script = folder / "serve.py"
    script.write_text(SERVE)
    command = [sys.executable, str(script), engine]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process, process.stdout.readline().strip()
        process.terminate()


ENGINES = [
    pytest.param(
        "browser",
        marks=pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built"),
    ),
    "python",
]


BOTH = ("three_networks", "colours", "told", "in_space", "three_points")


def pytest_generate_tests(metafunc):
    """Tests of pictures run with both engines; the rest where the browser makes them."""
    if "served" in metafunc.fixturenames:
        both = any(name in metafunc.function.__name__ for name in BOTH)
        metafunc.parametrize(
            "served", ENGINES if both else ENGINES[:1], indirect=True, scope="module"
        )


@pytest.fixture(scope="module")
def served(request, tmp_path_factory):
    """The address of a running page whose pictures are made by the browser, or by Python."""
    with serving(tmp_path_factory.mktemp("served"), request.param) as (_, address):
        yield address


class Tab:
    """A tab of the page, which remembers what it complained of and asked of whom."""

    def __init__(self, browser, address, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.complaints, self.requests = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
        self.address = address.split("/?")[0]
        self.settle()

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def settle(self):
        """Waits until the numbers shown are those of the network, domain and settings shown."""
        self.page.wait_for_function(
            """() => {
              const page = window.page;
              const asked = JSON.stringify(page.request);
              return asked === JSON.stringify(page.shown) &&
                !document.querySelector('[data-fact] dd.stale');
            }"""
        )

    def do(self, act):
        """An act that the page answers with new numbers."""
        self.page.evaluate("() => { window.page.shown = null; }")
        act()
        self.settle()

    def facts(self):
        return self.page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('[data-fact]')].map("
            "(e) => [e.dataset.fact, e.querySelector('dd').textContent]))"
        )

    def complex(self):
        """What the package says of the question that the page shows."""
        from relutope.page.problems import decomposed

        return decomposed(self.page.evaluate("() => window.page.shown"))

    def wait_for_text(self, selector):
        self.page.wait_for_function(
            "(q) => { const e = document.querySelector(q);"
            " return e.textContent !== '' && !e.classList.contains('stale') }",
            arg=selector,
        )
        return self.page.text_content(selector)

    def set(self, selector, value):
        self.page.fill(selector, str(value))
        self.page.press(selector, "Enter")

    def open(self, network, tmp_path):
        path = tmp_path / "network.json"
        path.write_text(json.dumps(network_json(network)))
        self.do(lambda: self.page.set_input_files("#file", path))

    def close(self):
        assert self.complaints == []
        here = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        assert [url for url in self.requests if not url.startswith(here)] == []
        self.context.close()


def percent(x):
    return "–" if np.isnan(x) else f"{100 * x:.1f} %"


def expected(cx, weight="unit", normalized=False, level=0.0):
    """The page's numbers, by the package."""
    found = {
        "cells": str(cx.n_cells),
        "edges": str(cx.n_edges),
        "regions": str(rt.decision_regions(cx).n_regions),
        "f": ", ".join(map(str, cx.f_vector.tolist())),
        "euler": str(cx.euler_characteristic),
    }
    nerve = rt.topology.neuron_nerve(cx, 2)
    own = cx.n_neurons - cx.n_output_neurons
    sizes = [0, 0, 0]
    for simplex, _ in nerve.get_simplices():
        if max(simplex) < own:
            sizes[len(simplex) - 1] += 1
    found["nerve"] = ", ".join(map(str, sizes))
    if cx.network.output_dim > 1:
        return found
    sets = [rt.betti(cx, of, level).tolist() for of in ("superlevel", "sublevel", "level")]
    found["betti"] = " ".join(f"({', '.join(map(str, numbers))})" for numbers in sets)
    cut = rt.fiedler(cx, weight, normalized=normalized)
    bounded = cx.bounded.all()
    volumes = cx.cell_volumes if bounded else None
    labels = rt.decision_regions(cx).labels > 0
    if cut.multiplicity == 1 and np.isfinite(cut.value) and not is_near_zero(cut.vector):
        agreed = rt.agreement(cut.partition, labels, cx.adjacency, volumes)
        found["agreement"] = percent(agreed.accuracy)
        if bounded:
            found["volume"] = percent(agreed.accuracy_by_volume)
        found["recall"] = percent(agreed.boundary_cut)
        found["precision"] = percent(agreed.cut_boundary)
        found["ari"] = f"{agreed.ari:.3f}"
    return found


def is_near_zero(vector):
    """Whether a component is so small that rounding decides its side."""
    return bool((np.abs(vector) < 1e-5 * np.abs(vector).max()).any())


def check(tab, **options):
    cx = tab.complex()
    mine = expected(cx, **options)
    found = tab.facts()
    assert {name: found[name] for name in mine} == mine
    if cx.network.output_dim == 1 and cx.n_cells > 1:
        value = rt.fiedler(
            cx, options.get("weight", "unit"), normalized=options.get("normalized", False)
        ).value
        if np.isfinite(value):
            assert float(found["lambda"]) == pytest.approx(value, rel=1e-4, abs=1e-9)
    return cx


@pytest.fixture
def tab(browser, served):
    opened = Tab(browser, served)
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_of_three_networks(tab, tmp_path, seed):
    network = small([2, 5, 4, 1], seed)
    tab.open(network, tmp_path)
    cx = check(tab)
    assert cx.n_cells == rt.decompose(network, rt.Box(-1.2, 1.2), outputs="sign").n_cells


def test_controls_of_the_network(tab):
    page = tab.page
    before = page.evaluate("() => JSON.stringify(window.page.model.network)")
    for name in ("randomise", "zero", "reset", "undo", "redo"):
        tab.do(lambda name=name: page.click(f"#{name}"))
        if name != "zero":
            check(tab)
    for init in page.eval_on_selector_all("#init option", "list => list.map((e) => e.value)"):
        page.select_option("#init", init)
        tab.do(lambda: page.click("#randomise"))
        check(tab)
    tab.do(lambda: tab.set("#widths", "4, 3"))
    assert check(tab).network.hidden_widths[:2] == [4, 3]
    tab.do(lambda: tab.set("#outputs", 3))
    assert check(tab).network.output_dim == 3
    tab.do(lambda: tab.set("#inputs", 1))
    assert check(tab).dim == 1
    tab.set("#widths", "none")
    assert "hidden layers" in page.text_content("#status")
    assert before != page.evaluate("() => JSON.stringify(window.page.model.network)")


def test_weights_by_number_slider_and_keyboard(tab, tmp_path):
    page = tab.page
    network = small([2, 4, 3, 1], 5)
    tab.open(network, tmp_path)
    for selector, value in (("#placelayer", 2), ("#placerow", 3), ("#placecolumn", 0)):
        tab.set(selector, value)
    assert "layer 2, neuron 3: bias" in page.text_content("#place")
    tab.do(lambda: tab.set("#value", 0.75))
    layers = [(W.copy(), b.copy()) for W, b in network.layers]
    layers[1][1][2] = 0.75
    check(tab)
    assert network_of(page.evaluate("() => window.page.model.network")) == rt.Network(layers)
    page.focus("#slider")
    tab.do(lambda: page.press("#slider", "Home"))
    value = page.evaluate("() => window.page.model.value")
    assert value == float(page.evaluate("() => document.querySelector('#slider').min"))
    check(tab)
    tab.do(lambda: page.click("#undo"))  # one step back, however long the drag
    assert network_of(page.evaluate("() => window.page.model.network")) == rt.Network(layers)
    page.locator("#network .neuron").last.click()
    assert "output 1: bias" in page.text_content("#place")
    x, y, width = page.evaluate(
        """() => {
          const d = window.page.diagram;
          return [(2 * d.x(0) + d.x(1)) / 3, (2 * d.y(0, 0) + d.y(1, 0)) / 3, 300];
        }"""
    )
    share = page.locator("#network").bounding_box()["width"] / width
    page.locator("#network").click(position={"x": x * share, "y": y * share})
    assert "layer 1, neuron 1: weight of input 1" in page.text_content("#place")


def test_colours_looks_windows_and_weights_of_the_graph(tab, tmp_path):
    page = tab.page
    tab.open(small([2, 5, 4, 1], 2), tmp_path)
    for colour in page.eval_on_selector_all("#colour option", "list => list.map((e) => e.value)"):
        page.select_option("#colour", colour)
        tab.settle()
    check(tab)
    tab.do(lambda: tab.set("#box", 0.7))
    assert check(tab).domain == rt.Box([-0.7, -0.7], [0.7, 0.7])
    tab.do(lambda: page.check("#everywhere"))
    assert not check(tab).bounded.all()
    tab.do(lambda: page.uncheck("#everywhere"))
    page.check("#window")
    page.locator("#stage canvas").nth(1).hover(position={"x": 200, "y": 150})
    tab.do(lambda: page.mouse.wheel(0, -300))
    page.wait_for_function("() => JSON.stringify(page.domain) === JSON.stringify(page.view.window)")
    tab.settle()
    check(tab)
    page.uncheck("#window")
    tab.settle()
    for weight in page.eval_on_selector_all("#weight option", "list => list.map((e) => e.value)"):
        tab.do(lambda weight=weight: page.select_option("#weight", weight))
        check(tab, weight=weight)
    tab.do(lambda: page.check("#normalized"))
    check(tab, weight=weight, normalized=True)
    tab.do(lambda: tab.set("#level", 0.25))
    check(tab, weight=weight, normalized=True, level=0.25)
    for box in ("facets", "target", "wrong"):
        page.click(f"#{box}")
        page.click(f"#{box}")
    page.evaluate("() => window.page.say('')")
    page.click("#cancel")
    assert page.is_hidden("#smaller")


def test_what_is_told_of_a_cell(tab, tmp_path):
    page = tab.page
    network = small([2, 4, 3, 1], 7)
    tab.open(network, tmp_path)
    cx = tab.complex()
    canvas = page.locator("#stage canvas").nth(1)
    for x, y in ((120, 90), (300, 260), (200, 340)):
        canvas.hover(position={"x": x, "y": y})
        told = page.text_content("#hover")
        cell = int(told.split()[1])
        point = page.evaluate(
            "([x, y]) => page.view.toUnits(x * page.view.ratio, y * page.view.ratio)", [x, y]
        )
        assert cx.locate([point])[0] == cell
        own = cx.patterns[cell][: cx.n_neurons - cx.n_output_neurons].astype(int)
        assert f"pattern {''.join(map(str, own))}," in told
        assert f"{len(cx.neighbours(cell))} neighbours" in told
        area = float(told.split("area ")[1].split(";")[0])
        assert area == pytest.approx(cx.cell_volumes[cell], rel=1e-2)
        A, c = cx.affine_map(cell)
        terms = told.split("f = ")[1].replace("x", "").replace("y", "").split(" + ")
        assert [float(t) for t in terms] == pytest.approx([*A[0], c[0]], rel=1e-2, abs=1e-9)
    canvas.click(position={"x": 300, "y": 260})
    said = page.text_content("#status").split(" touches ")
    cell = int(said[0].split()[1])
    assert sorted(int(t.split()[0]) for t in said[1].split("; ")) == sorted(cx.neighbours(cell))
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "+", "-", "0"):
        canvas.press(key)
    canvas.press("Enter")
    assert "touches" in page.text_content("#status")
    canvas.press("Escape")
    tab.set("#highlight", "0, 2")
    assert page.evaluate("() => page.view.options.highlight") == [0, 2]
    page.locator("#nerve line").first.dispatch_event("click")
    first = next(s for s, _ in rt.topology.neuron_nerve(cx, 1).get_simplices() if len(s) == 2)
    assert len(page.evaluate("() => page.view.options.highlight")) == len(first)


def test_three_inputs_in_space(tab, tmp_path):
    """The solid's front is made of facets of the box; a pixel's cell is the one that is there."""
    page = tab.page
    network = small([3, 5, 3, 1], 3)
    tab.open(network, tmp_path)
    assert check(tab).dim == 2  # the slice in the first two inputs
    page.locator("#fixed input").fill("0.5")
    tab.settle()
    flat = rt.slice(
        network, embedding=([0, 0, 0.5], [[1, 0, 0], [0, 1, 0]]), domain=rt.Box(-1.2, 1.2)
    )
    assert check(tab).network.input_dim == flat.complex.network.input_dim
    tab.do(lambda: page.select_option("#look", "space"))
    cx = check(tab)
    assert cx.dim == 3
    assert (
        cx.f_vector.tolist()
        == rt.decompose(network, rt.Box(-1.2, 1.2), outputs="sign").f_vector.tolist()
    )
    page.locator("#apart").fill("0")
    picked = page.evaluate(
        """() => {
          const { width, height } = page.space.canvas, found = [];
          for (let k = 0; k < 900; k++) {
            const one = page.space.pick(width * (k % 30) / 30, height * Math.floor(k / 30) / 30);
            if (one.cell >= 0) found.push([one.cell, ...one.point]);
          }
          return found;
        }"""
    )
    cells, points = np.array(picked)[:, 0].astype(int), np.array(picked)[:, 1:]
    assert len(points) > 150
    assert np.abs(np.abs(points).max(axis=1) - 1.2).max() < 1e-6  # on the box
    inside = np.clip(points, -1.2, 1.2)
    assert (cx.locate(inside) == cells).mean() > 0.98  # but for pixels on an edge
    page.check("#only")
    shown = page.evaluate("() => page.space.facets.cells.length")
    labels = rt.decision_regions(cx).labels
    assert shown == sum(labels[i] != labels[j] for i, j in cx.adjacency)
    page.uncheck("#only")
    page.locator("#cut").fill("0.5")
    page.locator("#apart").fill("0.4")
    canvas = page.locator("#stage canvas").nth(2)
    for key in (
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "+",
        "-",
        "0",
        "Enter",
        "Escape",
    ):
        canvas.press(key)
    canvas.hover(position={"x": 200, "y": 200})
    with page.expect_download():
        page.click("#png")
    page.click("#svg")
    assert "PNG" in page.text_content("#status")


def test_the_graph_of_a_function_in_space(tab, tmp_path):
    page = tab.page
    network = small([2, 5, 3, 2], 4)
    tab.open(network, tmp_path)
    tab.do(lambda: page.select_option("#look", "space"))
    cx = check(tab)
    for output in (0, 1):
        tab.set("#output", output)
        at, corners = page.evaluate(
            "() => [Array.from(page.space.facets.at), page.space.facets.corners.length]"
        )
        points = np.array(at).reshape(-1, 3)
        assert len(points) == corners
        values = network.forward(points[:, :2])[:, output]
        np.testing.assert_allclose(points[:, 2], values, rtol=1e-6, atol=1e-9)
    assert len(points) == sum(len(v) for v in cx.cell_vertices)


def test_a_slice_through_three_points(tab, tmp_path):
    page = tab.page
    network = small([4, 5, 3, 1], 6)
    tab.open(network, tmp_path)
    points = [[0, 0, 0, 0.5], [1, 0.25, 0, -1], [0, 1, -1, 1]]
    tab.do(lambda: tab.set("#points", "; ".join(",".join(map(str, p)) for p in points)))
    cx = check(tab)
    mine = rt.slice(network, points, outputs="sign").complex
    assert cx.f_vector.tolist() == mine.f_vector.tolist()
    page.locator("#stage canvas").nth(1).hover(position={"x": 300, "y": 300})
    tab.set("#points", "1,2")
    assert "three points of 4 numbers" in page.text_content("#status")
    tab.do(lambda: tab.set("#points", ""))
    check(tab)


def test_data_and_training(tab, tmp_path):
    page = tab.page
    for name in page.eval_on_selector_all("#data option", "list => list.map((e) => e.value)"):
        page.select_option("#data", name)
    tab.set("#count", 60)
    tab.set("#noise", 0.05)
    assert page.evaluate("() => page.model.data.points.length") == 60
    tab.set("#formula", "x^2 + y^2 - 0.5")
    points, labels = page.evaluate("() => [page.model.data.points, page.model.data.labels]")
    assert labels == [int(x * x + y * y > 0.5) for x, y in points]
    wrong, network = page.evaluate("() => [page.view.data.wrong, page.model.network]")
    decided = network_of(network).forward(points)[:, 0] > 0
    assert wrong == (decided != np.array(labels, dtype=bool)).tolist()
    tab.set("#formula", "fetch('/')")
    assert "not understood" in page.text_content("#status")
    page.check("#adding")
    tab.set("#addlabel", 3)
    page.locator("#stage canvas").nth(1).click(position={"x": 90, "y": 90})
    assert page.evaluate("() => page.model.data.labels.at(-1)") == 3
    page.uncheck("#adding")
    page.fill("#table", "x,y,class\n0,0,1\n1,1,0\n0.5,-1,1")
    page.click("#usetable")
    assert page.evaluate("() => page.model.data.labels") == [1, 0, 1]
    table = tmp_path / "table.csv"
    rows = [[0.1, 0.2, 0.3, 0], [1, 1, 1, 1], [-1, 1, 0, 1], [0, -1, 2, 0], [0.2, 0, 0, 1]]
    table.write_text("a,b,c,class\n" + "\n".join(",".join(map(str, row)) for row in rows))
    tab.do(lambda: page.set_input_files("#tablefile", table))
    assert page.evaluate("() => page.model.inputs") == 3
    check(tab)
    for method, loss in (("adamw", "logistic"), ("sgd", "squares")):
        page.select_option("#method", method)
        page.select_option("#loss", loss)
        for field, value in (("rate", 0.05), ("decay", 0.01), ("batch", 3), ("speed", 2)):
            tab.set(f"#{field}", value)
        tab.do(lambda: page.click("#step"))
        check(tab)
    page.click("#run")
    page.wait_for_function("() => page.model.step > 8")
    page.click("#run")
    page.wait_for_function("() => document.querySelector('#run').textContent === 'Run'")
    tab.settle()
    check(tab)
    page.locator("#when").fill("0")
    tab.settle()
    first = page.evaluate("() => JSON.stringify(page.model.history[0].network)")
    assert page.evaluate("() => JSON.stringify(page.model.network)") == first
    assert page.evaluate("() => page.model.accuracy(false)") <= 1
    box = page.locator("#history").bounding_box()
    page.locator("#history").click(position={"x": box["width"] - 9, "y": box["height"] / 2})
    tab.settle()
    last = page.evaluate("() => JSON.stringify(page.model.history.at(-1).network)")
    assert page.evaluate("() => JSON.stringify(page.model.network)") == last
    page.click("#forget")
    assert "not trained" in page.text_content("#progress")
    page.click("#nodata")
    page.click("#step")
    page.wait_for_function("() => document.querySelector('#status').textContent.includes('`X`')")


def test_a_complaint_stays_when_a_picture_comes_that_was_asked_for_before(tab):
    def described(act):
        tab.do(lambda: tab.page.evaluate(act))
        tab.page.wait_for_function("() => !window.page.undescribed")
        return tab.page.text_content("#status")

    complain = "window.page.complain(new Error('no data'))"
    assert described(f"() => {{ window.page.refresh(); {complain}; }}") == "no data"
    assert "cells, drawn in" in described("() => window.page.refresh()")


@pytest.mark.parametrize("inputs", [1, 3, 10])
def test_other_numbers_of_inputs_are_trained(tab, inputs):
    page = tab.page
    tab.do(lambda: tab.set("#inputs", inputs))
    assert page.evaluate("() => page.model.data.points[0].length") == inputs
    tab.do(lambda: page.click("#step"))
    assert "loss" in page.text_content("#progress")
    check(tab)


def test_what_python_is_asked(tab, tmp_path):
    page = tab.page
    network = small([2, 5, 4, 1], 3)
    tab.open(network, tmp_path)
    cx = tab.complex()
    tab.do(lambda: tab.set("#parts", 3))
    clusters = rt.spectral_clustering(cx, 3)
    assert page.evaluate("() => [...page.frame.arrays.clusters]") == clusters.labels.tolist()
    assert ", ".join(map(str, clusters.sizes)) in tab.wait_for_text("#parted")
    tab.do(lambda: tab.set("#mode", 3))
    domains = rt.nodal_domains(cx, rt.spectrum(cx, 3).vectors[:, 2])
    assert page.evaluate("() => [...page.frame.arrays.nodal]") == domains.strong.tolist()
    assert f"{domains.n_strong} strong" in tab.wait_for_text("#parted")
    page.click("#nulls")
    text = tab.wait_for_text("#nullresult")
    cut = rt.fiedler(cx)
    labels = rt.decision_regions(cx).labels > 0
    own = rt.agreement(cut.partition, labels, cx.adjacency).accuracy
    assert f"this network {100 * own:.1f} %" in text
    page.click("#curves")
    uncut = rt.decompose(network, rt.Box(-1.2, 1.2))
    assert f"the {uncut.n_cells} cells" in tab.wait_for_text("#curvenote")
    assert page.locator("#curve .band").count() >= 1
    pytest.importorskip("sklearn")
    page.select_option("#real", "iris")
    page.wait_for_function("() => page.model.data.points.length === 100")
    tab.settle()
    check(tab)


def test_a_late_answer_of_the_other_provider_changes_nothing(tab):
    page = tab.page
    page.evaluate(
        """() => {
          const ask = page.python.ask.bind(page.python);
          page.python.ask = (...all) => ask(...all).then((frame) => new Promise((resolve) => {
            page.release = () => resolve(frame);
          }));
        }"""
    )
    page.select_option("#colour", "clusters")
    page.wait_for_function("() => page.release")
    tab.do(lambda: page.select_option("#colour", "label"))
    page.evaluate("() => { page.release(); return new Promise((resolve) => setTimeout(resolve)); }")
    assert page.evaluate("() => page.frame.arrays.clusters === undefined")
    check(tab)


def test_files(tab, tmp_path):
    page = tab.page
    network = small([2, 4, 3, 1], 2)
    tab.open(network, tmp_path)
    tab.do(lambda: page.click("#step"))
    cx = tab.complex()

    def saved(name):
        with page.expect_download() as found:
            page.click(f"#{name}")
        path = tmp_path / found.value.suggested_filename
        found.value.save_as(path)
        return path

    assert saved("png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert saved("svg").read_text().count("<polygon") >= cx.n_cells
    assert network_of(json.loads(saved("json").read_text())) == network_of(
        page.evaluate("() => page.model.network")
    )
    networkx = pytest.importorskip("networkx")
    graph = networkx.read_graphml(saved("graphml"), node_type=int)
    assert sorted(map(sorted, graph.edges)) == cx.adjacency.tolist()
    run = subprocess.run([sys.executable, saved("python")], capture_output=True, text=True)
    assert f"Complex({cx.n_cells} cells" in run.stdout, run.stderr
    assert rt.load(saved("npz")) == cx
    assert len(saved("csv").read_text().splitlines()) == 1 + cx.n_cells
    assert saved("vtu").read_text().startswith("<")
    pytest.importorskip("matplotlib")
    assert "<html" in saved("report").read_text()
    assert saved("film").read_bytes()[:3] == b"GIF"


def test_stories(tab):
    for k in range(5):
        tab.do(lambda k=k: tab.page.click(f"#story{k}"))
        cx = check(tab)
        if k == 2:
            patterns = {tuple(row[:3].astype(int)) for row in cx.patterns}
            assert patterns == {(1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0)}
    assert tab.page.input_value("#decay") == "1"


def test_a_network_file_of_another_kind(tab, tmp_path):
    network = small([2, 4, 1], 9)
    path = tmp_path / "network.npz"
    pairs = [
        (f"{k}{i}", p)
        for i, one in enumerate(network.layers)
        for k, p in zip("Wb", one, strict=True)
    ]
    np.savez(path, **dict(pairs))
    tab.do(lambda: tab.page.set_input_files("#file", path))
    assert network_of(tab.page.evaluate("() => page.model.network")) == network
    check(tab)
    broken = tmp_path / "broken.npz"
    broken.write_bytes(base64.b64decode("AAAA"))
    tab.page.set_input_files("#file", broken)
    tab.page.wait_for_function("() => document.querySelector('#status').classList.contains('bad')")


def test_tabs_have_their_own_state(browser, served, tmp_path):
    tabs = [Tab(browser, served), Tab(browser, served)]
    for k, tab in enumerate(tabs):
        tab.open(small([2, 4, 1], 20 + k), tmp_path)
    for tab in tabs:
        check(tab)
    found = [tab.facts() for tab in tabs]
    assert found[0] != found[1]
    for tab in tabs:
        tab.close()


@pytest.mark.parametrize("width", [390, 820])
def test_narrow_screens_have_no_sideways_scrolling_and_every_control_a_name(browser, served, width):
    tab = Tab(browser, served, viewport={"width": width, "height": 844})
    page = tab.page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    nameless = page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, textarea')].filter((e) =>"
        " !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label')"
        "?.textContent.trim())).map((e) => e.id)"
    )
    assert nameless == []
    tab.close()
