"""`load_network` and `load_domain` apart from ONNX: suffixes, arrays, pickles, VNN-LIB."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

import relutope as rt

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"
LAYERS = [(np.array([[1.0], [1.0]]), np.array([0.0, 0.5])), (np.array([[2.0, -1.0]]), np.zeros(1))]


def arrays():
    return {f"{name}{k}": a for k, pair in enumerate(LAYERS) for name, a in zip("Wb", pair)}  # noqa: B905


def test_arrays(tmp_path):
    np.savez(tmp_path / "plain.npz", **arrays())
    assert rt.load_network(tmp_path / "plain.npz") == rt.Network(LAYERS)
    np.savez(tmp_path / "linear.npz", **arrays(), linear_units=[1])
    assert rt.load_network(tmp_path / "linear.npz") == rt.Network(LAYERS, [1])
    assert rt.decompose(str(tmp_path / "linear.npz"), rt.Box(-1, 1)).n_neurons == 1


@pytest.mark.parametrize(
    "change", [{"W0": None}, {"W3": np.zeros(1)}, {"other": np.zeros(1)}, dict.fromkeys(arrays())]
)
def test_arrays_with_other_names(tmp_path, change):
    named = {k: v for k, v in (arrays() | change).items() if v is not None}
    np.savez(tmp_path / "net.npz", **named)
    with pytest.raises(rt.InvalidNetworkError, match="must hold arrays W0, b0"):
        rt.load_network(tmp_path / "net.npz")


def test_a_file_that_is_no_archive(tmp_path):
    (tmp_path / "net.npz").write_text("nothing of the kind")
    with pytest.raises(rt.InvalidNetworkError, match=r"no \.npz file"):
        rt.load_network(tmp_path / "net.npz")


@pytest.mark.parametrize("name", ["net", "net.txt", "net.pkl"])
def test_unknown_suffix(name):
    with pytest.raises(rt.InvalidNetworkError, match=rf"`path`: .*\.onnx.*{name}"):
        rt.load_network(name)
    with pytest.raises(rt.InvalidDomainError, match=rf"`path`: .*vnnlib.*{name}"):
        rt.load_domain(name)


def test_missing_files(tmp_path):
    for load, name in ((rt.load_network, "net.onnx"), (rt.load_domain, "box.vnnlib")):
        with pytest.raises(FileNotFoundError, match="`path`: there is no file"):
            load(tmp_path / name)


def test_torch_modules(tmp_path):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    torch.save(module, tmp_path / "net.pt")
    with pytest.raises(rt.InvalidNetworkError, match=r"runs code.*allow_pickle=True"):
        rt.load_network(tmp_path / "net.pt")
    net = rt.load_network(tmp_path / "net.pt", allow_pickle=True)
    assert net == rt.Network.from_torch(module)
    torch.save(module.state_dict(), tmp_path / "state.pth")
    with pytest.raises(rt.InvalidNetworkError, match=r"holds weights alone .*give `architecture`"):
        rt.load_network(tmp_path / "state.pth", allow_pickle=True)
    (tmp_path / "net.pt").write_text("nothing of the kind")
    with pytest.raises(rt.InvalidNetworkError, match="cannot be unpickled"):
        rt.load_network(tmp_path / "net.pt", allow_pickle=True)


def test_restriction_to_an_affine_subspace():
    net = rt.Network([([[0.1, 0.2, 0.3]], [0.1]), ([[1.0]], [0.0])])
    plane = net.after_affine([[0.1, 0.0], [0.0, 0.7], [0.3, 0.3]], [0.1, 0.2, 0.3])
    assert repr(plane) == "Network(2-0+3-1-1)"
    t = np.random.default_rng(0).standard_normal((5, 2))
    x = t @ plane.layers[0][0].T + plane.layers[0][1]
    np.testing.assert_allclose(plane.forward(t), net.forward(x), rtol=1e-12)
    with pytest.raises(rt.InvalidNetworkError, match="takes 3 inputs"):
        net.after_affine(np.ones((2, 2)), np.zeros(2))


def test_restriction_and_level_sets_keep_long_biases():
    """The bias 1 + 2^-60 is two doubles; minus 2^-130 it is three, so f becomes a linear unit."""
    net = rt.Network([([[1.0]], [0.0]), ([[1.0]], [1.0])], [1]).minus_level(-(2.0**-60))
    (low,) = net.after_affine([[1.0]], [0.0]).bias_low[2]
    assert low == 2.0**-60
    once = rt.Network([([[1.0]], [0.0]), ([[1.0]], [1.0])], [1], [[0.0], [2.0**-60]])
    assert rt.Network(once.layers, once.linear_units) == once
    assert pickle.loads(pickle.dumps(once)) == once
    twice = once.minus_level(2.0**-130)
    assert repr(twice) == "Network(1-0+1-0+1-1-1)"
    at = rt.decompose(twice, rt.Box(-2, 2))
    assert at.n_cells == 2
    assert repr(once.minus_level(0.5)) == "Network(1-0+1-1-1)"


# -- VNN-LIB


def written(tmp_path, text, name="property.vnnlib"):
    path = tmp_path / name
    declared = "".join(f"(declare-const {v} Real)\n" for v in ("X_0", "X_1", "Y_0", "Y_1"))
    content = f"; a comment (with a parenthesis\n{declared}{text}\n"
    path.write_bytes(gzip.compress(content.encode()) if name.endswith("gz") else content.encode())
    return path


BOX = "(assert (<= X_0 0.1)) (assert (>= X_0 -1e-3)) (assert (and (<= 2 X_1) (>= 3 X_1)))"
EXPECTED = rt.Box([-1e-3, 2.0], [0.1, 3.0])


@pytest.mark.parametrize("name", ["property.vnnlib", "property.vnnlib.gz", "P.VNNLIB"])
def test_bounds(tmp_path, name):
    path = written(tmp_path, BOX + "(assert (<= Y_0 Y_1))", name)
    assert rt.load_domain(path) == EXPECTED
    assert rt.load_domain(str(path)) == EXPECTED


def test_bounds_that_are_missing_or_repeated(tmp_path):
    text = "(assert (<= X_0 1)) (assert (<= X_0 0.5)) (assert (<= X_0 2))"
    box = rt.load_domain(written(tmp_path, text))
    assert box == rt.Box([-np.inf, -np.inf], [0.5, np.inf])


def test_conditions_on_outputs_are_ignored(tmp_path):
    outputs = "(assert (or (and (<= Y_0 Y_1)) (and (>= Y_0 1.0) (<= (* 2 Y_1) 3))))"
    assert rt.load_domain(written(tmp_path, BOX + outputs)) == EXPECTED
    mixed = "(assert (or (and (<= X_0 0.05) (>= Y_0 1)) (and (<= X_0 0.05) (>= Y_1 1))))"
    box = rt.load_domain(written(tmp_path, BOX + mixed))
    assert box == rt.Box([-1e-3, 2.0], [0.05, 3.0])


@pytest.mark.parametrize("name", ["acasxu_prop_1", "acasxu_prop_3", "acasxu_prop_5"])
def test_acas_xu_properties(name):
    path = REAL / f"{name}.vnnlib"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    box = rt.load_domain(path)
    assert box.dim == 5
    assert box.bounded
    if name == "acasxu_prop_1":
        assert box.upper[0] == 0.679857769
        assert box.lower.tolist() == [0.6, -0.5, -0.5, 0.45, -0.5]


def test_acas_xu_property_with_a_fixed_input():
    path = REAL / "acasxu_prop_4.vnnlib"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    flat = rt.load_domain(path)
    assert isinstance(flat, rt.FlatBox)
    assert flat.free.tolist() == [0, 1, 3, 4]
