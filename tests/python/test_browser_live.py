"""Live figures where things go wrong, and in notebooks, in headless Chromium without a network."""

from __future__ import annotations

import json

import pytest

import relutope as rt
import test_browser
from relutope.plotting.viewer import Record, live_figure, live_page, recording_json, style
from relutope.plotting.viewer.bundle import notebook_module
from test_browser import Watched, expected, shown
from test_wasm import small

pytestmark = test_browser.pytestmark
BOX = rt.Box(-1.5, 1.5)
FIGURE = "document.querySelector('.relutope-live').figure"


def opened(browser, tmp_path, network, domain=BOX, *, outputs="sign", before="", **options):
    """A page with one figure; `before` is a script that runs before all others."""
    watched = Watched(browser, offline=True, **options)
    if before:
        watched.tab.add_init_script(before)
    path = tmp_path / "page.html"
    figure = live_figure(
        [Record(0, network)], domain, outputs=outputs, still="<p id='still'>still</p>"
    )
    path.write_text(live_page("Cells", figure))
    watched.tab.goto(path.as_uri())
    return watched


def say(watched, words):
    """Waits until the status line has these words."""
    watched.tab.wait_for_function(
        "(w) => document.querySelector('.live-status')?.textContent.includes(w)", arg=words
    )


def asked(watched, network, domain=BOX, **request):
    """The kind of error that the engine answers with, or its number of cells."""
    question = recording_json([Record(0, network)], domain)
    return watched.tab.evaluate(
        f"(request) => {FIGURE}.provider.ask('complex', request)"
        ".then((f) => f.header.n_cells, (e) => [e.kind, e.message])",
        {
            "network": question["records"][0]["network"],
            "domain": question["domain"],
            "want": ["outlines"],
            **request,
        },
    )


def test_a_worker_that_dies_is_replaced_and_the_picture_stays(browser, tmp_path):
    network = small([2, 6, 4, 1], 1)
    watched = opened(browser, tmp_path, network)
    known = expected(network, BOX)
    assert shown(watched, known) == known
    watched.tab.evaluate(
        f"() => {{ const figure = {FIGURE}; window.old = figure.provider.worker;"
        " figure.request(); window.old.terminate();"
        " window.old.onerror(new ErrorEvent('error', { message: 'killed' })); }"
    )
    watched.tab.wait_for_function(f"() => {FIGURE}.provider.worker !== window.old")
    assert shown(watched, known) == known
    assert watched.tab.evaluate(f"() => {FIGURE}.provider.restarts") == 1
    assert watched.tab.evaluate(f"() => {FIGURE}.view.frame.header.n_cells") == int(known["cells"])
    assert asked(watched, small([2, 9, 1], 2)) == rt.decompose(small([2, 9, 1], 2), BOX).n_cells
    assert watched.complaints == []


def test_a_worker_that_cannot_start_is_not_started_for_ever(browser, tmp_path):
    """Every worker fails at once: the still picture stays with one line, and few are made."""
    failing = """
      window.made = 0;
      window.Worker = class {
        constructor() {
          window.made += 1;
          setTimeout(() => this.onerror(new ErrorEvent('error', { message: 'no memory' })));
        }
        postMessage() {}
        terminate() {}
      };"""
    watched = opened(browser, tmp_path, small([2, 3, 1], 0), before=failing)
    say(watched, "stays still: the engine's worker ended: no memory")
    assert watched.tab.text_content("#still") == "still"
    assert watched.tab.evaluate("() => window.made") == 2  # from a blob, from a data address


def test_without_webassembly_the_still_picture_stays_with_one_line(browser, tmp_path):
    off = "delete globalThis.WebAssembly"
    watched = opened(browser, tmp_path, small([2, 3, 1], 0), before=off)
    say(watched, "WebAssembly is switched off")
    assert watched.tab.text_content("#still") == "still"
    assert watched.tab.locator(".live-status").count() == 1
    assert watched.complaints == []


def test_where_workers_from_blobs_are_forbidden_it_works_all_the_same(browser, tmp_path):
    network = small([2, 6, 4, 1], 1)
    path = tmp_path / "page.html"
    page = live_page("Cells", live_figure([Record(0, network)], BOX, outputs="sign"))
    assert "worker-src blob:" in page
    path.write_text(page.replace("worker-src blob:", "worker-src data:"))
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    known = expected(network, BOX)
    assert shown(watched, known) == known


def test_a_long_computation_tells_of_it_and_can_be_stopped(browser, tmp_path):
    """The worker is held back until the reader has pressed the button."""
    waiting = """
      const Real = window.Worker;
      window.held = 0;
      window.Worker = class extends Real {
        postMessage(message, ...rest) {
          if (message.command === 'complex' && window.held++ === 0) return; // never answered
          super.postMessage(message, ...rest);
        }
      };"""
    network = small([2, 6, 4, 1], 1)
    watched = opened(browser, tmp_path, network, before=waiting)
    say(watched, "computing complex for")
    watched.tab.click(".live-status button")
    say(watched, "Stopped")
    assert watched.tab.locator(".live-status button").is_hidden()
    watched.tab.select_option("select >> nth=0", "degree")  # asks again
    known = expected(network, BOX)
    assert shown(watched, known) == known


def test_too_many_cells_are_refused_with_words_and_the_picture_stays(browser, tmp_path):
    network, wide = small([2, 6, 4, 1], 1), rt.Box(-100, 100)
    watched = opened(browser, tmp_path, network, wide)
    known = expected(network, wide)
    assert shown(watched, known) == known
    large = small([2, 480, 1], 0)
    assert rt.count(large, wide, max_cells=100_001).n_cells > 100_000
    kind, words = asked(watched, large, wide)
    assert kind == "cells"
    assert "more than 100,000 cells" in words
    assert asked(watched, network, wide) == int(known["cells"])
    assert asked(watched, network, wide, maxCells=3)[0] == "cells"
    watched.tab.evaluate(
        f"(network) => {FIGURE}.setNetwork(network)",
        recording_json([Record(0, large)], wide)["records"][0]["network"],
    )
    say(watched, "more than 100,000 cells")
    assert watched.tab.evaluate(f"() => {FIGURE}.view.frame.header.n_cells") == int(known["cells"])


def test_the_picture_that_stays_gets_its_facts(browser, tmp_path):
    """A picture fails while the facts of the one before are still to be asked for."""
    wide = rt.Box(-100, 100)
    watched = opened(browser, tmp_path, small([2, 6, 4, 1], 1), wide)
    watched.fact("lambda")
    stays, large = small([2, 5, 3, 1], 2), small([2, 480, 1], 0)
    jsons = [
        recording_json([Record(0, one)], wide)["records"][0]["network"] for one in (stays, large)
    ]
    watched.tab.evaluate(
        f"async ([stays, large]) => {{ await {FIGURE}.setNetwork(stays);"
        f" await {FIGURE}.setNetwork(large); }}",
        jsons,
    )
    known = expected(stays, wide)
    assert shown(watched, known) == known
    say(watched, "more than 100,000 cells")


def test_memory_is_given_back(browser, tmp_path):
    """A worker that has grown is replaced after its answer: the next begins with little."""
    watched = opened(browser, tmp_path, small([2, 3, 1], 0))
    watched.fact("lambda")
    grown = """(limit) => {
      const provider = document.querySelector('.relutope-live').figure.provider;
      window.before = provider.worker;
      const hear = provider.hear.bind(provider);
      provider.hear = (message) => {
        if (message.frame) {
          [window.memory, message.memory] = [message.memory, limit];
          provider.hear = hear;
        }
        hear(message);
      };
    }"""
    watched.tab.evaluate(grown, 300 * 2**20)
    assert asked(watched, small([2, 9, 1], 2)) > 1
    assert watched.tab.evaluate("() => window.memory") < 64 * 2**20
    assert watched.tab.evaluate(f"() => {FIGURE}.provider.worker !== window.before")
    assert asked(watched, small([2, 9, 1], 2)) > 1


@pytest.mark.parametrize(
    "domain",
    [None, rt.Box([0, -1], [float("inf"), 1]), rt.Polytope([[1, 1], [-1, 0], [0, -1]], [1, 0, 0])],
    ids=["everywhere", "a half strip", "a triangle"],
)
def test_domains_of_every_kind(browser, tmp_path, domain):
    network = small([2, 5, 3, 1], 4)
    watched = opened(browser, tmp_path, network, domain)
    known = {**expected(network, domain), "euler": watched.fact("euler")}
    assert shown(watched, known) == known
    assert watched.complaints == []


def test_only_what_has_a_meaning_is_stated(browser, tmp_path):
    """Without `outputs` there are no decisions; several outputs have no level sets."""
    names = "() => [...document.querySelectorAll('.live-facts div')].map((d) => d.dataset.fact)"
    always = ["cells", "edges", "f", "euler", "lambda", "time"]
    for width, outputs, further in ((1, None, []), (3, "argmax", ["regions"])):
        folder = tmp_path / str(width)
        folder.mkdir()
        watched = opened(browser, folder, small([2, 4, width], 0), outputs=outputs)
        watched.fact("lambda")
        assert sorted(watched.tab.evaluate(names)) == sorted(always + further)
        assert watched.complaints == []


STUB = """
  const state = JSON.parse(document.getElementById('state').textContent);
  const listeners = {};
  window.sent = [];
  window.model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; },
    save_changes: () => window.sent.push(structuredClone(state)),
    on: (name, f) => { listeners[name] = f; },
    off: (name) => { delete listeners[name]; },
    receive: (name, value) => { state[name] = value; listeners[`change:${name}`]?.(); },
  };
  const code = document.getElementById('module').textContent;
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  window.module = (await import(address)).default;
  window.end = await module.render({ model, el: document.getElementById('cell') });
"""


def notebook_page(network):
    """What a notebook's page does with a widget: its module, its state, an element."""
    recording = recording_json([Record(0, network)], BOX, outputs="sign")
    weights = recording["records"][0]["network"]
    state = {"recording": recording, "weights": weights, "index": 0, "bits": []}
    return (
        f"<!doctype html><style>{style()}</style><div id=cell></div>"
        f"<script type='application/json' id=state>{json.dumps(state)}</script>"
        f"<script type='text/plain' id=module>{notebook_module()}</script>"
        f"<script type=module>{STUB}</script>"
    )


def test_the_view_of_a_notebook_computes_without_its_kernel(browser, tmp_path):
    network = small([2, 6, 4, 1], 1)
    path = tmp_path / "notebook.html"
    path.write_text(notebook_page(network))
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    known = expected(network, BOX)
    assert shown(watched, known) == known
    assert watched.tab.evaluate("() => window.sent") == [], "nothing has changed"

    layers = [(W.copy(), b) for W, b in network.layers]
    layers[0][0][0, 0] = 0.25  # the reader drags the first weight
    number = watched.tab.locator('input[type="number"]').first
    number.fill("0.25")
    number.press("Enter")
    watched.tab.wait_for_function("() => window.sent.length === 1")
    sent = watched.tab.evaluate("() => window.sent[0].weights")
    dragged = rt.Network([(one["W"], one["b"]) for one in sent["layers"]])
    assert dragged == rt.Network(layers)
    known = expected(dragged, BOX)
    assert shown(watched, known) == known

    other = small([2, 7, 1], 5)  # the kernel sets another network
    weights = recording_json([Record(0, other)], BOX)["records"][0]["network"]
    watched.tab.evaluate("(w) => model.receive('weights', w)", weights)
    known = expected(other, BOX)
    watched.tab.wait_for_function(
        "(n) => document.querySelector('[data-fact=cells] dd').textContent === n",
        arg=known["cells"],
    )
    assert shown(watched, known) == known
    assert len(watched.tab.evaluate("() => window.sent")) == 1, "what came is not sent back"

    canvas = watched.tab.locator("canvas").last
    canvas.click(position={"x": 150, "y": 150})
    watched.tab.wait_for_function("() => window.sent.length === 2")
    bits = watched.tab.evaluate("() => window.sent[1].bits")
    cx = rt.decompose(other, BOX, outputs="sign")
    assert bits in cx.patterns.astype(int).tolist()

    worker = f"{FIGURE}.provider"
    watched.tab.evaluate(f"() => {{ window.provider = {worker}; window.end(); }}")
    assert watched.tab.evaluate("() => [window.provider.worker, window.provider.closed]") == [
        None,
        True,
    ]
    assert watched.tab.locator(".relutope-live").count() == 0
    assert watched.complaints == []


def test_two_views_of_one_widget_follow_each_other(browser, tmp_path):
    """JupyterLab shows a widget again in a new view: both have one model."""
    path = tmp_path / "notebook.html"
    path.write_text(notebook_page(small([2, 6, 4, 1], 1)))
    watched = Watched(browser, offline=True)
    watched.tab.goto(path.as_uri())
    watched.fact("lambda")
    other = small([2, 7, 1], 5)
    weights = recording_json([Record(0, other)], BOX)["records"][0]["network"]
    watched.tab.evaluate(
        "async (w) => { model.set('weights', w); const el = document.createElement('div');"
        " document.getElementById('cell').replaceChildren(el);"
        " await module.render({ model, el }); }",
        weights,
    )
    known = expected(other, BOX)
    watched.tab.wait_for_function(
        "(n) => document.querySelector('[data-fact=cells] dd').textContent === n",
        arg=known["cells"],
    )
    assert shown(watched, known) == known


def test_facts_of_an_earlier_network_are_not_put_beside_a_later_picture(browser, tmp_path):
    """The answers to both questions for facts are held back until both networks were drawn."""
    watched = opened(browser, tmp_path, small([2, 6, 4, 1], 1))
    watched.fact("lambda")
    held = f"""() => {{
      const {{ provider }} = {FIGURE};
      const ask = provider.ask.bind(provider);
      window.held = [];
      provider.ask = (command, request, kind) => {{
        const answer = ask(command, request, kind);
        if (kind !== 'facts') return answer;
        return answer.then((frame) => new Promise((go) => window.held.push(() => go(frame))));
      }};
    }}"""
    watched.tab.evaluate(held)
    first, second = small([2, 5, 1], 3), small([2, 7, 1], 5)
    for count, network in enumerate((first, second), start=1):
        watched.tab.evaluate(
            f"(network) => {FIGURE}.setNetwork(network)",
            recording_json([Record(0, network)], BOX)["records"][0]["network"],
        )
        watched.tab.wait_for_function("(n) => window.held.length === n", arg=count)
    stale = "() => document.querySelector('[data-fact=f] dd').classList.contains('stale')"
    watched.tab.evaluate("() => window.held[0]()")
    assert watched.tab.evaluate(stale)
    watched.tab.evaluate("() => window.held[1]()")
    known = expected(second, BOX)
    assert shown(watched, known) == known
    assert watched.complaints == []
