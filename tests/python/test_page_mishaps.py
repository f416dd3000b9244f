"""What goes wrong around `relutope app`: closed tabs, dead workers, no WebAssembly, bad input."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from any_browser import CHROMIUM
from relutope.page.problems import network_of
from relutope.plotting.viewer import has_engine
from test_page_browser import WAIT, Tab, check, serving
from test_wasm import network_json, small

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ASK = "() => page.python.ask('complex', page.request).then((frame) => frame.header.n_cells)"
HEAVY = {"draws": 100}  # random curves of thousands of cells: minutes


@pytest.fixture
def server(tmp_path):
    """The process that serves the page, and its address; its engine is the browser's."""
    with serving(tmp_path, "browser") as served:
        yield served


def workers(process):
    """Processes of tabs: those that a process has started to compute."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
            words = status.with_name("cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == process.pid and b"spawn_main" in words:
            found.append(int(status.parent.name))
    return found


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def ask_heavily(page):
    """A question to Python that takes minutes."""
    layers = rt.as_network(rt.mlp([2, 60, 60, 1], seed=1)).layers
    page.evaluate(
        """([network, more]) => {
          const asked = { network, domain: { lower: [-2, -2], upper: [2, 2] }, outputs: "sign" };
          page.python.ask("curves", { ...asked, ...more }).catch((e) => (window.ended = e.kind));
        }""",
        [{"layers": [{"W": W.tolist(), "b": b.tolist()} for W, b in layers]}, HEAVY],
    )


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@linux
def test_a_tab_closed_in_the_middle_of_a_computation_frees_its_process(browser, server):
    process, address = server
    closed, other = Tab(browser, address), Tab(browser, address)
    ask_heavily(closed.page)
    wait_for(lambda: len(workers(process)) == 1)
    closed.context.close()
    wait_for(lambda: not workers(process))
    assert process.poll() is None
    check(other)  # the other tab does not notice
    found = other.page.evaluate(ASK)
    assert found == other.complex().n_cells
    other.close()


@linux
@pytest.mark.parametrize("wait", [0.0, 0.03, 0.3])
def test_a_tab_closed_while_its_process_starts_leaves_none_behind(browser, server, wait):
    process, address = server
    tab = Tab(browser, address)
    ask_heavily(tab.page)
    time.sleep(wait)
    tab.context.close()
    time.sleep(0.5)
    wait_for(lambda: not workers(process))


@linux
def test_a_process_that_dies_is_replaced(browser, server):
    process, address = server
    tab = Tab(browser, address)
    ask_heavily(tab.page)
    wait_for(lambda: len(workers(process)) == 1)
    time.sleep(0.5)
    os.kill(workers(process)[0], signal.SIGKILL)
    tab.page.wait_for_function("() => window.ended === 'cancelled'")
    found = tab.page.evaluate(ASK)
    assert found == tab.complex().n_cells
    check(tab)
    tab.close()


def test_a_computation_of_python_is_stopped_by_the_button(browser, server):
    _, address = server
    tab = Tab(browser, address)
    ask_heavily(tab.page)
    tab.page.click("#cancel")
    tab.page.wait_for_function("() => window.ended === 'cancelled'")
    check(tab)
    tab.close()


def test_the_engine_s_worker_that_dies_is_replaced_and_the_state_stays(browser, server, tmp_path):
    _, address = server
    tab = Tab(browser, address)
    network = small([2, 5, 3, 1], 4)
    tab.open(network, tmp_path)
    tab.page.evaluate(
        """() => {
          page.worker.worker.onerror(new ErrorEvent("error", { message: "out of memory" }));
        }"""
    )
    assert tab.page.evaluate("() => page.worker.restarts") == 1
    tab.do(lambda: tab.set("#value", 0.25))
    W, b = network.layers[0]
    changed = rt.Network(
        [(np.vstack([[0.25, W[0, 1]], W[1:]]), b), *network.layers[1:]],
    )
    assert network_of(tab.page.evaluate("() => page.model.network")) == changed
    check(tab)
    tab.close()


def test_without_webassembly_python_answers(browser, server):
    _, address = server
    context = browser.new_context()
    context.add_init_script("delete window.WebAssembly;")
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(address)
    page.wait_for_function("() => window.page.frame?.header.provider === 'python'")
    assert "by Python" in page.text_content("#status")
    context.close()


def test_the_site_says_in_one_line_that_it_needs_webassembly(browser, tmp_path):
    rt.page.write_site(tmp_path)
    context = browser.new_context()
    context.add_init_script("delete window.WebAssembly;")
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.wait_for_function("() => document.querySelector('#status').classList.contains('bad')")
    assert "does not run in this browser" in page.text_content("#status")
    context.close()


def test_a_server_that_ends_is_told_of_and_the_browser_goes_on(browser, tmp_path):
    with serving(tmp_path, "browser") as (process, address):
        tab = Tab(browser, address)
        process.terminate()
        process.wait()
        tab.page.click("#nulls")
        tab.page.wait_for_function(
            "() => document.querySelector('#status').classList.contains('bad')"
        )
        assert "connection to Python" in tab.page.text_content("#status")
        tab.do(lambda: tab.set("#value", 0.25))
        check(tab)
        tab.context.close()


@pytest.mark.parametrize(
    ("control", "value", "words"),
    [
        ("#widths", "8, 0", "1 to 8 hidden layers of 1 to 128 neurons"),
        ("#widths", "many", "1 to 8 hidden layers of 1 to 128 neurons"),
        ("#inputs", "11", "1 to 10 inputs"),
        ("#formula", "x +", "ends too early"),
        ("#formula", "constructor('alert(1)')()", "not understood"),
    ],
)
def test_bad_input_is_refused_in_words(browser, server, control, value, words):
    _, address = server
    tab = Tab(browser, address)
    before = tab.facts()
    tab.set(control, value)
    assert words in tab.wait_for_text("#status")
    assert tab.facts() == before
    tab.close()


def test_numbers_that_are_none_change_nothing(browser, server):
    _, address = server
    tab = Tab(browser, address)
    before = tab.page.evaluate("() => JSON.stringify(page.model.network)")
    tab.page.evaluate(
        """() => {
          for (const value of [NaN, Infinity, -Infinity]) page.model.setValue(value, true);
        }"""
    )
    tab.set("#value", "")
    assert tab.page.evaluate("() => JSON.stringify(page.model.network)") == before
    check(tab)
    tab.close()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"layers": []}',
        '{"layers": [{"W": [[1, 2]], "b": [0]}]}',
        '{"layers": [{"W": [[1, 2], [3]], "b": [0, 0]}, {"W": [[1, 1]], "b": [0]}]}',
        '{"layers": [{"W": [[1, 2]], "b": [0]}, {"W": [[1, 1]], "b": [0]}]}',
        '{"layers": [{"W": [[1, null]], "b": [0]}, {"W": [[1]], "b": [0]}]}',
        '{"layers": [{"W": [[1, 1e999]], "b": [0]}, {"W": [[1]], "b": [0]}]}',
    ],
)
def test_broken_networks_are_refused_and_the_picture_stays(browser, server, tmp_path, text):
    _, address = server
    tab = Tab(browser, address)
    before = tab.facts()
    path = tmp_path / "broken.json"
    path.write_text(text)
    tab.page.set_input_files("#file", path)
    tab.page.wait_for_function("() => document.querySelector('#status').classList.contains('bad')")
    assert tab.facts() == before
    tab.close()


def test_too_many_cells_are_refused_in_words_and_the_picture_stays(browser, server, tmp_path):
    _, address = server
    tab = Tab(browser, address)
    cells = tab.complex().n_cells
    path = tmp_path / "large.json"
    layers = rt.as_network(rt.mlp([2, 100, 100, 1], seed=0)).layers
    path.write_text(json.dumps(network_json(rt.Network(layers))))
    tab.page.evaluate(
        """() => {
          const ask = page.worker.ask.bind(page.worker);
          page.worker.ask = (c, r, k) => ask(c, c === "complex" ? { ...r, maxCells: 3000 } : r, k);
        }"""
    )
    tab.page.set_input_files("#file", path)
    tab.page.wait_for_function("() => document.querySelector('#status').classList.contains('bad')")
    assert "more than 3,000 cells" in tab.page.text_content("#status")
    assert tab.page.evaluate("() => page.frame.header.n_cells") == cells
    tab.close()


def test_what_is_changed_while_a_training_computes_is_kept(browser, server):
    """The answer of steps that began before is not put over it."""
    _, address = server
    tab = Tab(browser, address)
    page = tab.page
    page.click("#run")
    page.wait_for_function("() => page.model.step > 20")
    page.evaluate("() => page.model.zero()")
    page.click("#run")
    page.wait_for_function("() => !page.training.busy")
    page.evaluate(
        """() => {
          page.model.reset();
          const ask = page.worker.ask.bind(page.worker);
          page.worker.ask = (c, r, k) => ask(c, r, k).then(async (answer) => {
            if (c === "train") await new Promise((resolve) => setTimeout(resolve, 300));
            return answer;
          });
          document.querySelector("#step").click();
          page.model.setValue(0.625, true);
        }"""
    )
    time.sleep(0.6)
    tab.settle()
    assert page.evaluate("() => page.model.value") == 0.625
    assert page.evaluate("() => page.model.step") == 0
    check(tab)
    tab.close()


def test_facts_of_a_training_are_grey_until_it_rests(browser, server):
    _, address = server
    tab = Tab(browser, address)
    page = tab.page
    first = tab.facts()
    page.click("#run")
    page.wait_for_function("() => page.model.step > 20")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-fact] dd')].every(e => e.matches('.stale'))"
    )
    page.wait_for_function(
        "(first) => document.querySelector('[data-fact=cells] dd').textContent !== first",
        arg=first["cells"],
    )
    page.click("#run")
    page.wait_for_function("() => !page.training.busy")
    tab.settle()
    check(tab)
    tab.close()
