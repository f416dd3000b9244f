"""The live view of notebooks: its state, without a notebook. test_browser.py looks at it."""

from __future__ import annotations

import builtins
import json
import sys

import numpy as np
import pytest

import relutope as rt
from relutope.errors import MissingDependencyError
from relutope.plotting.viewer import has_engine
from test_wasm import small

BOX = rt.Box(-1, 1)


def test_without_anywidget_one_line_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "anywidget"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("relutope.common.extras.find_spec", lambda package: None)
    with pytest.raises(MissingDependencyError) as caught:
        rt.live(small([2, 3, 1], 0), BOX)
    assert str(caught.value).count("\n") == 0
    assert "pip install 'relutope[notebook]'" in str(caught.value)


def test_nothing_of_it_is_loaded_before_it_is_used():
    imported = []
    original = builtins.__import__

    def watching(name, *args, **kwargs):
        imported.append(name)
        return original(name, *args, **kwargs)

    builtins.__import__ = watching
    try:
        assert callable(rt.live)
    finally:
        builtins.__import__ = original
    assert not [name for name in imported if name.startswith("anywidget")]


@pytest.fixture
def widgets():
    pytest.importorskip("anywidget")
    if not has_engine():
        pytest.skip("the WebAssembly core is not built; see cpp/wasm/build")


@pytest.mark.usefixtures("widgets")
class TestState:
    def test_the_network_comes_back_exactly(self):
        network = small([2, 5, 4, 1], 3)
        view = rt.live(network, BOX)
        assert view.network == network
        state = json.loads(json.dumps(view.get_state(["recording", "weights", "index", "bits"])))
        assert state["weights"] == state["recording"]["records"][0]["network"]
        assert state["recording"]["domain"] == {"lower": [-1.0, -1.0], "upper": [1.0, 1.0]}
        assert view.pattern is None

    def test_biases_of_two_doubles_are_kept(self):
        network = small([2, 4, 1], 1).minus_level(1e-30)
        if any(network.linear_units):
            pytest.skip("the level did not fit into the biases")
        view = rt.live(network, BOX)
        assert any(low.any() for low in network.bias_low)
        assert view.network == network

    def test_what_the_reader_does_is_heard(self):
        view = rt.live(small([2, 3, 1], 0), BOX)
        heard = []
        view.observe(lambda change: heard.append(view.network), "weights")
        dragged = json.loads(json.dumps(view.weights))
        dragged["layers"][0]["W"][0] = [0, 7]  # JSON of a browser has no 7.0
        view.set_state({"weights": dragged, "bits": [1, 0, 1]})
        assert view.network.layers[0][0][0].tolist() == [0.0, 7.0]
        assert [one == view.network for one in heard] == [True]
        assert view.pattern.tolist() == [True, False, True]
        assert view.pattern.dtype == np.bool_

    def test_another_network_can_be_shown(self):
        view = rt.live(small([2, 3, 1], 0), BOX)
        other = small([2, 8, 3, 1], 1)
        view.network = other
        assert view.network == other
        assert len(view.weights["layers"]) == 3
        with pytest.raises(ValueError, match="takes one of 2 inputs"):
            view.network = small([1, 3, 1], 0)
        assert view.network == other

    def test_a_training_and_a_complex(self):
        view = rt.live({10: small([2, 3, 1], 1), 0: small([2, 3, 1], 0)}, BOX, by="degree")
        steps = [one["step"] for one in view.recording["records"]]
        assert (steps, view.index, view.recording["colour"]) == ([0, 10], 1, "degree")
        assert view.network == small([2, 3, 1], 1)
        cx = rt.decompose(small([2, 4, 1], 2), rt.Polytope([[1, 1], [-1, 0], [0, -1]], [1, 0, 0]))
        view = rt.live(cx)
        assert view.network == cx.network
        assert view.recording["domain"]["halfspaces"] == [[-1, -1, 1], [1, 0, 0], [0, 1, 0]]
        assert rt.live(small([2, 4, 1], 2)).recording["domain"] is None
        half = rt.live(small([1, 4, 1], 2), rt.Box([0.0], [np.inf])).recording["domain"]
        assert half == {"lower": [0.0], "upper": [None]}

    @pytest.mark.parametrize(
        ("network", "options", "words"),
        [
            (small([3, 4, 1], 0), {}, "3 inputs"),
            (small([2, 4, 1], 0), {"by": "label"}, "`by`"),
            (small([2, 4, 1], 0), {"by": "beauty"}, "`by`"),
            ({}, {}, "empty"),
        ],
        ids=["three inputs", "class without outputs", "unknown colouring", "no networks"],
    )
    def test_what_cannot_be_shown_is_refused(self, network, options, words):
        with pytest.raises(ValueError, match=words):
            rt.live(network, BOX, **options)

    def test_a_cut_complex_is_refused(self):
        cx = rt.decompose(small([2, 4, 1], 0), BOX, outputs="sign")
        with pytest.raises(ValueError, match="outputs"):
            rt.live(cx)
