"""Bad input is an exception at the boundary that names the argument; long work can be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import relutope as rt
import zoo

GOOD = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]


def with_weight(value: float) -> list:
    return [([[1.0, value], [0.0, 1.0]], [0.0, 0.0]), GOOD[1]]


def with_bias(value: float) -> list:
    return [([[1.0, 0.0], [0.0, 1.0]], [0.0, value]), GOOD[1]]


BAD_NETWORKS = {
    "NaN weight": (with_weight(float("nan")), "W of layer 0.*nan.*finite"),
    "infinite weight": (with_weight(float("inf")), "W of layer 0.*inf.*finite"),
    "NaN bias": (with_bias(float("nan")), "b of layer 0.*nan"),
    "infinite bias": (with_bias(-float("inf")), "b of layer 0.*-inf"),
    "one layer": (GOOD[:1], "hidden layer and an output layer, got 1"),
    "no layers": ([], "got 0"),
    "bias too long": ([(GOOD[0][0], [0.0] * 3), GOOD[1]], r"`b` of layer 0.*\(2,\).*\(3,\)"),
    "bias as a column": ([(GOOD[0][0], [[0.0], [0.0]]), GOOD[1]], r"`b` of layer 0.*\(2, 1\)"),
    "weights as a vector": ([([1.0, 0.0], [0.0]), GOOD[1]], r"`W` of layer 0.*\(2,\)"),
    "layers do not fit": ([GOOD[0], ([[1.0, 2.0, 3.0]], [0.0])], "takes 3 inputs.*2 outputs"),
    "no neurons": ([(np.zeros((0, 2)), []), GOOD[1]], "`W` of layer 0"),
    "ragged rows": ([([[1.0], [1.0, 2.0]], [0.0, 0.0]), GOOD[1]], "W of layer 0"),
    "complex weights": (with_weight(1j), "complex|real"),
    "not a pair": ([(1, 2, 3), GOOD[1]], r"pair \(W, b\)"),
    "integer beyond doubles": (
        [([[1, 2**53 + 1], [0, 1]], [0, 0]), GOOD[1]],
        f"{2**53 + 1}.*not exactly a double",
    ),
    "a string": ("network", "`path`.*onnx.*'network'"),
    "a number": (7, "`network`.*int"),
}


@pytest.mark.parametrize("name", BAD_NETWORKS)
def test_bad_network(name):
    network, message = BAD_NETWORKS[name]
    with pytest.raises(rt.InvalidNetworkError, match=message):
        rt.decompose(network)


def test_integers_that_are_doubles_are_taken():
    assert rt.decompose([(np.array([[1, 2]]), np.array([3])), (np.array([[1]]), [0])]).n_cells == 2


BAD_BOXES = {
    "inverted": ((1, -1), "`lower` must be below `upper`.*1.0 and -1.0"),
    "empty": ((0, 0), "no interior"),
    "inverted on one axis": (([0, 2], [1, 1]), "axis 1"),
    "NaN": ((float("nan"), 1), "`lower` contains NaN"),
    "different lengths": (([0, 0], [1, 1, 1]), "2 entries.*3"),
    "matrix": ((np.zeros((2, 2)), 1), "`lower`.*shape"),
    "text": (("a", 1), "`lower`"),
}


@pytest.mark.parametrize("name", BAD_BOXES)
def test_bad_box(name):
    bounds, message = BAD_BOXES[name]
    with pytest.raises(rt.InvalidDomainError, match=message):
        rt.Box(*bounds)


def test_box_of_another_dimension_than_the_network():
    with pytest.raises(rt.InvalidDomainError, match=r"`domain` has 3 axes.*2 inputs"):
        rt.decompose(GOOD, rt.Box([0] * 3, [1] * 3))


@pytest.mark.parametrize("domain", [(-1, 1), "R^n", 1.0])
def test_domain_of_another_type(domain):
    with pytest.raises(rt.InvalidDomainError, match=r"`domain` must be a relutope\.Box"):
        rt.decompose(GOOD, domain)


def test_unsupported_layer_is_named():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    with pytest.raises(rt.UnsupportedLayerError, match=r"1.*Tanh.*supported"):
        rt.decompose(module)
    nested = torch.nn.Sequential(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.GELU()))
    with pytest.raises(rt.UnsupportedLayerError, match=r"0\.1.*GELU"):
        rt.decompose(nested)


def test_too_many_dimensions_says_how_many():
    n = 40
    net = [(np.eye(n), np.zeros(n)), (np.ones((1, n)), np.zeros(1))]
    with pytest.raises(rt.EngineError, match=str(n)):
        rt.decompose(net, rt.Box(-1, 1), engine="vertex")
    few = [(np.eye(n)[:3], np.zeros(3)), (np.ones((1, 3)), np.zeros(1))]
    cx = rt.decompose(few, rt.Box(-1, 1))
    with pytest.raises(rt.EngineError, match=str(n)):
        cx.vertices  # noqa: B018


def test_unknown_engine():
    with pytest.raises(rt.EngineError, match=r"`engine`.*'magic'"):
        rt.decompose(GOOD, engine="magic")


@pytest.mark.parametrize("threads", [0, -1])
def test_bad_number_of_threads(threads):
    with pytest.raises(ValueError, match="`threads`"):
        rt.decompose(GOOD, threads=threads)


@pytest.mark.parametrize("max_cells", [0, -3])
def test_bad_limit(max_cells):
    with pytest.raises(ValueError, match="`max_cells`"):
        rt.decompose(GOOD, max_cells=max_cells)


@pytest.mark.parametrize("threads", [1, 2])
def test_limit_on_cells(threads):
    layers = zoo.standard("deep-2d").layers
    with pytest.raises(rt.CellLimitError, match="`max_cells` is 100") as caught:
        rt.decompose(layers, rt.Box(-1, 1), max_cells=100, threads=threads)
    assert caught.value.n_cells > 100
    assert str(caught.value.n_cells) in str(caught.value)


def test_limit_equal_to_the_number_of_cells_is_no_error():
    assert rt.decompose(GOOD, max_cells=4).n_cells == 4
    with pytest.raises(rt.CellLimitError):
        rt.decompose(GOOD, max_cells=3)


@pytest.mark.parametrize("X", [[1.0, 2.0], [[1.0]], [[1.0, 2.0, 3.0]]])
def test_points_of_the_wrong_shape(X):
    with pytest.raises(ValueError, match="`X`"):
        rt.decompose(GOOD).locate(X)


def test_points_that_are_not_finite():
    cx = rt.decompose(GOOD, rt.Box(-1, 1))
    with pytest.raises(ValueError, match="`X`"):
        cx.locate([[float("nan"), 0.0]])


def test_every_error_is_a_relutope_error():
    for name in (
        "InvalidNetworkError",
        "InvalidDomainError",
        "UnsupportedLayerError",
        "CellLimitError",
        "EngineError",
        "InvalidComplexError",
    ):
        assert issubclass(getattr(rt, name), rt.RelutopeError)
    assert issubclass(rt.InvalidNetworkError, ValueError)
    assert issubclass(rt.InvalidDomainError, ValueError)
    assert issubclass(rt.UnsupportedLayerError, TypeError)


HUGE = """
import signal
import numpy as np, relutope as rt
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background shell
rng = np.random.default_rng(0)
widths = [4, 64, 64, 64, 1]
net = [(rng.normal(size=(m, n)), rng.normal(size=m)) for n, m in zip(widths, widths[1:])]
print("start", flush=True)
try:
    rt.decompose(net, rt.Box(-1, 1))
    print("finished", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_stops_a_long_decomposition():
    child = subprocess.Popen(
        [sys.executable, "-c", HUGE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "start\n"
        time.sleep(1.5)
        assert child.poll() is None, "the decomposition was too small for this test"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=10)
    finally:
        child.kill()
        child.wait()
    assert out == "interrupted\n"
    assert "KeyboardInterrupt" in err
