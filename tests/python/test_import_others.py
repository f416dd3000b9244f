"""Networks from other files and objects: NNet, weights with an architecture, scikit-learn, ..."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pytest

import relutope as rt
from onnx_models import Model, TensorProto, array, helper, integers, numpy_helper, onnx

RNG = np.random.default_rng(0)


# -- NNet

NNET = """// a comment
// another
2,2,1,3,
2,3,1,
0,
-1.0,-2.0,
1.0,2.0,
{means}
{ranges}
1.0,0.5,
-1.0,2.0,
0.25,-0.75,
0.1,
-0.2,
0.3,
1.0,-2.0,0.5,
0.75,
"""


def test_nnet(tmp_path):
    path = tmp_path / "net.nnet"
    path.write_text(NNET.format(means="0.0,0.0,0.0,", ranges="1.0,1.0,1.0,"))
    W = [[1.0, 0.5], [-1.0, 2.0], [0.25, -0.75]]
    plain = rt.Network([(W, [0.1, -0.2, 0.3]), ([[1.0, -2.0, 0.5]], [0.75])])
    assert rt.load_network(path) == plain
    assert rt.load_network(path).notes == ()
    path.write_text(NNET.format(means="0.5,-1.0,3.0,", ranges="4.0,3.0,10.0,"))
    net = rt.load_network(path)
    X = RNG.standard_normal((10, 2))
    scaled = plain.forward((X - [0.5, -1.0]) / [4.0, 3.0]) * 10 + 3
    np.testing.assert_allclose(net.forward(X), scaled, rtol=1e-12)
    assert any("reciprocal" in note for note in net.notes)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:80],
        lambda text: text.replace("2,2,1,3,", "9,2,1,3,"),
        lambda text: text.replace("2,3,1,", "2,999999999,1,"),
        lambda text: text.replace("0.75,\n", "three,\n"),
        lambda text: "",
    ],
)
def test_files_that_are_no_nnet(change, tmp_path):
    path = tmp_path / "net.nnet"
    path.write_text(change(NNET.format(means="0.0,0.0,0.0,", ranges="1.0,1.0,1.0,")))
    with pytest.raises(rt.InvalidNetworkError, match=r"is not an \.nnet file"):
        rt.load_network(path)
    with pytest.raises(rt.InvalidNetworkError, match="takes no options"):
        rt.load_network(path, input_shape=(2,))


# -- torch


@pytest.fixture
def module():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    nn = torch.nn
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))


def test_weights_with_an_architecture(module, tmp_path):
    import torch

    expected = rt.Network.from_torch(module)
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    torch.save({"state_dict": module.state_dict(), "epoch": 3}, tmp_path / "checkpoint.pth")
    other = torch.nn.Sequential(*[type(m)(*sizes(m)) for m in module])
    before = other[0].weight.detach().clone()
    for name in ("weights.pt", "checkpoint.pth"):
        for architecture in ([2, 4, 3, 1], other):
            assert rt.load_network(tmp_path / name, architecture=architecture) == expected
    assert torch.equal(before, other[0].weight)
    with pytest.raises(rt.InvalidNetworkError, match=r"weights alone \(0\.weight \(4, 2\)"):
        rt.load_network(tmp_path / "weights.pt")
    for architecture in ([2, 4, 1], [2], torch.nn.Linear(2, 1)):
        with pytest.raises(rt.InvalidNetworkError, match=r"^`architecture`"):
            rt.load_network(tmp_path / "weights.pt", architecture=architecture)
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(rt.InvalidNetworkError, match="holds a list"):
        rt.load_network(tmp_path / "list.pt", architecture=[2, 1])


def sizes(layer):
    return (layer.in_features, layer.out_features) if hasattr(layer, "in_features") else ()


def test_safetensors(module, tmp_path):
    torch_files = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    torch_files.save_file(module.state_dict(), tmp_path / "weights.safetensors")
    # That format sorts the names, which are those of the architecture.
    net = rt.load_network(tmp_path / "weights.safetensors", architecture=module)
    assert net == rt.Network.from_torch(module)
    assert rt.load_network(tmp_path / "weights.safetensors", architecture=[2, 4, 3, 1]) == net
    (tmp_path / "weights.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(rt.InvalidNetworkError, match=r"is no \.safetensors file"):
        rt.load_network(tmp_path / "weights.safetensors", architecture=module)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_programs(module, tmp_path):
    import torch

    expected = rt.Network.from_torch(module)
    torch.jit.script(module).save(str(tmp_path / "script.pt"))
    assert rt.load_network(tmp_path / "script.pt") == expected
    torch.export.save(torch.export.export(module, (torch.zeros(1, 2),)), tmp_path / "program.pt2")
    assert rt.load_network(tmp_path / "program.pt2", input_shape=2) == expected
    (tmp_path / "program.pt2").write_bytes(b"nothing of the kind")
    with pytest.raises(rt.InvalidNetworkError, match="no exported program"):
        rt.load_network(tmp_path / "program.pt2")


def test_whole_modules_must_be_allowed(module, tmp_path):
    import torch

    torch.save(module, tmp_path / "module.pt")
    with pytest.raises(rt.InvalidNetworkError, match=r"allow_pickle=True.*`architecture`"):
        rt.load_network(tmp_path / "module.pt")
    net = rt.load_network(tmp_path / "module.pt", allow_pickle=True, until="2")
    assert net == rt.Network.from_torch(module[:3])


def test_points_and_weights_may_be_tensors(module):
    import torch

    layers = [(module[k].weight, module[k].bias) for k in (0, 2, 4)]
    cx = rt.decompose(layers, rt.Box(-2, 2))
    assert cx.network == rt.Network.from_torch(module)
    X = torch.randn(5, 2, requires_grad=True)
    assert cx.locate(X).tolist() == cx.locate(X.detach().numpy()).tolist()
    half = X.detach().bfloat16()
    assert cx.locate(half).tolist() == cx.locate(half.float().numpy()).tolist()
    np.testing.assert_array_equal(cx.network.forward(X), cx.network.forward(X.detach().numpy()))


# -- scikit-learn


def fitted(kind, targets, **options):
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is missing")
    X = RNG.standard_normal((80, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return X, build(networks, kind, options).fit(X, targets(X))


def build(networks, kind, options):
    return getattr(networks, kind)(hidden_layer_sizes=(6, 5), max_iter=5, **options)


def test_regressors():
    X, model = fitted("MLPRegressor", lambda X: X[:, 0] + X[:, 1])
    net = rt.as_network(model)
    assert repr(net) == "Network(3-6-5-1)"
    np.testing.assert_allclose(net.forward(X).ravel(), model.predict(X), rtol=1e-12)
    assert rt.decompose(model, rt.Box(-0.5, 0.5)).n_cells > 1


@pytest.mark.parametrize("classes", [2, 4])
def test_classifiers(classes):
    X, model = fitted("MLPClassifier", lambda X: (X[:, 0] * 2).astype(int) % classes)
    net = rt.as_network(model)
    scores = net.forward(X)
    labels = (scores[:, 0] > 0).astype(int) if classes == 2 else scores.argmax(axis=1)
    assert (model.classes_[labels] == model.predict(X)).all()
    assert any("left off" in note for note in net.notes)


def test_pipelines():
    pipelines = pytest.importorskip("sklearn.pipeline", reason="scikit-learn is missing")
    from sklearn.base import clone
    from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler

    X, model = fitted("MLPRegressor", lambda X: X[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = pipelines.make_pipeline(StandardScaler(), MinMaxScaler(), model).fit(X, X[:, 1])
        other = pipelines.make_pipeline(PolynomialFeatures(), clone(model)).fit(X, X[:, 1])
    net = rt.as_network(whole)
    np.testing.assert_allclose(net.forward(X).ravel(), whole.predict(X), rtol=1e-9)
    with pytest.raises(rt.UnsupportedLayerError, match="PolynomialFeatures in a pipeline"):
        rt.as_network(other)


def test_other_estimators_are_refused():
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is missing")
    from sklearn.linear_model import LinearRegression

    with pytest.raises(rt.UnsupportedLayerError, match=r"LinearRegression.*MLPClassifier"):
        rt.as_network(LinearRegression())
    with pytest.raises(rt.InvalidNetworkError, match="not fitted"):
        rt.as_network(networks.MLPRegressor())
    _, model = fitted("MLPRegressor", lambda X: X[:, 0], activation="tanh")
    with pytest.raises(rt.UnsupportedLayerError, match="'tanh' is not piecewise linear"):
        rt.as_network(model)
    model.activation, model.out_activation_ = "relu", "exp"
    with pytest.raises(rt.UnsupportedLayerError, match="'exp' of the outputs"):
        rt.as_network(model)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.filterwarnings("ignore")
def test_classifiers_through_onnx(classes, zipmap, tmp_path):
    skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")
    X, model = fitted("MLPClassifier", lambda X: (X[:, 0] * 2).astype(int) % classes)
    options = {id(model): {"zipmap": zipmap}}
    proto = skl2onnx.to_onnx(model, X[:1].astype(np.float32), options=options)
    (tmp_path / "model.onnx").write_bytes(proto.SerializeToString())
    net = rt.load_network(tmp_path / "model.onnx")
    np.testing.assert_allclose(net.forward(X), rt.as_network(model).forward(X), atol=1e-5)
    assert any("label" in note for note in net.notes)


# -- ONNX files with several inputs and outputs


def test_compressed_files(tmp_path):
    path = Model([1, 3]).add("MatMul", array(3, 2)).add("Relu").save(tmp_path / "model.onnx")
    with gzip.open(tmp_path / "model.onnx.gz", "wb") as file:
        file.write(path.read_bytes())
    assert rt.load_network(tmp_path / "model.onnx.gz") == rt.load_network(path)
    (tmp_path / "model.onnx.gz").write_bytes(path.read_bytes())
    with pytest.raises(rt.InvalidNetworkError, match=r"^`path`: \S+ is no gzip file"):
        rt.load_network(tmp_path / "model.onnx.gz")


def two_inputs(path):
    a = helper.make_tensor_value_info("a", TensorProto.FLOAT, ["batch", 2])
    b = helper.make_tensor_value_info("b", TensorProto.FLOAT, [1, 2])
    names = ["sum", "relu", "label"]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names[:2]]
    outputs.append(helper.make_tensor_value_info("label", TensorProto.INT64, None))
    nodes = [
        helper.make_node("ArgMax", ["relu"], ["label"], name="decide", axis=1),
        helper.make_node("Relu", ["sum"], ["relu"]),
        helper.make_node("Add", ["a", "b"], ["sum"], name="add"),
    ]
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [a, b], outputs)), path)
    return path


def test_several_inputs_and_outputs_in_any_order(tmp_path):
    path = two_inputs(tmp_path / "model.onnx")
    net = rt.load_network(path)
    x = np.array([[1.0, -2.0, 0.5, 0.5]])
    assert net.forward(x).tolist() == [[1.5, -1.5, 1.5, 0.0]]
    assert any("inputs a, b are joined" in note for note in net.notes)
    assert any("outputs sum, relu are joined" in note for note in net.notes)
    assert any("'label' is left off" in note for note in net.notes)
    assert rt.load_network(path, output="relu").forward(x).tolist() == [[1.5, 0.0]]
    assert rt.load_network(path, until="add").forward(x).tolist() == [[1.5, -1.5]]
    fixed = rt.load_network(path, inputs={"b": [0.5, 0.5]}, output="sum")
    assert fixed.forward([[1.0, -2.0]]).tolist() == [[1.5, -1.5]]
    with pytest.raises(rt.InvalidNetworkError, match=r"no input 'c'; there are \['a', 'b'\]"):
        rt.load_network(path, inputs={"c": [0.0]})
    with pytest.raises(rt.InvalidNetworkError, match=r"`output`: there is no output 'none'"):
        rt.load_network(path, output="none")
    with pytest.raises(rt.InvalidNetworkError, match="no node or value 'none'; nodes are decide"):
        rt.load_network(path, until="none")
    with pytest.raises(rt.UnsupportedLayerError, match=r"'decide' \(ArgMax\)"):
        rt.load_network(path, output="label")


@pytest.mark.parametrize(
    ("shape", "weight"),
    [([3], (2, 3)), ([3, 1], (2, 3)), ([3, 2], (4, 3))],
)
def test_vectors_columns_and_matrices(shape, weight, tmp_path):
    model = Model(shape)
    model.constants.append(numpy_helper.from_array(array(*weight), "W"))
    model.add("MatMul", on=["W", "x"]).add("Relu")
    path = model.save(tmp_path / "model.onnx")
    net = rt.load_network(path)
    assert net.input_dim == int(np.prod(shape))
    W = numpy_helper.to_array(model.constants[0])
    x = RNG.standard_normal(shape)
    np.testing.assert_allclose(net.forward(x.reshape(1, -1))[0], np.maximum(W @ x, 0).ravel())


def test_a_batch_that_shapes_repeat(tmp_path):
    """A Reshape to the fixed batch, as exporters write it."""
    model = Model([16, 2, 3]).add("Reshape", integers(16, 6)).add("MatMul", array(6, 4))
    net = rt.load_network(model.add("Relu").save(tmp_path / "model.onnx"))
    assert repr(net) == "Network(6-4-4)"
    assert net.notes == ("the file fixes a batch of 16; one of it is taken",)


def test_an_array_where_entries_are_rows(tmp_path):
    """The first axis is no batch if the network mixes it."""
    model = Model([4, 2]).add("Transpose").add("MatMul", array(4, 3))
    net = rt.load_network(model.save(tmp_path / "model.onnx"))
    assert repr(net) == "Network(8-0+8-6)"
    assert net.notes == ("the first axis, of 4, is no batch: all of it is one input",)
