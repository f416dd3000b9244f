"""`load_network` on ONNX files: the same function as onnxruntime computes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from onnx_models import Model, TensorProto, array, check, integers, numpy_helper

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_networks"


def conv_shape():
    return Model([1, 2, 6, 5])


MODELS = {
    "matrix, bias, relu": lambda: (
        Model([1, 3]).add("MatMul", array(3, 4)).add("Add", array(4)).add("Relu")
    ),
    "gemm with all attributes": lambda: Model([1, 3]).add(
        "Gemm", array(4, 3), array(4), alpha=0.5, beta=2.0, transB=1
    ),
    "gemm without bias": lambda: Model([1, 3]).add("Gemm", array(3, 4)).add("Relu"),
    "matrix on the left": lambda: left_product(),
    "vector": lambda: Model([1, 3]).add("MatMul", array(3)).add("Relu"),
    "arithmetic": lambda: (
        Model([1, 3])
        .add("Sub", array(3))
        .add("Mul", array(1, 3))
        .add("Div", np.float32(4))
        .add("Neg")
        .add("LeakyRelu", alpha=0.3)
        .add("LeakyRelu")
    ),
    "constant minus value": lambda: reversed_operands("Sub"),
    "constant plus value": lambda: reversed_operands("Add"),
    "constant times value": lambda: reversed_operands("Mul"),
    "residual": lambda: residual("Add"),
    "residual difference": lambda: residual("Sub"),
    "sum of three": lambda: residual("Sum"),
    "maximum of values": lambda: residual("Max"),
    "joined": lambda: residual("Concat", axis=1),
    "convolution": lambda: conv_shape().add(
        "Conv", array(4, 1, 2, 3), array(4), group=2, pads=[1, 0, 0, 2], strides=[1, 2]
    ),
    "convolution, padded to the same size": lambda: conv_shape().add(
        "Conv", array(2, 2, 2, 2), auto_pad="SAME_UPPER", strides=[2, 1]
    ),
    "convolution, padded below": lambda: conv_shape().add(
        "Conv", array(2, 2, 2, 2), auto_pad="SAME_LOWER"
    ),
    "convolution, not padded": lambda: conv_shape().add(
        "Conv", array(1, 2, 2, 2), auto_pad="VALID", dilations=[2, 1]
    ),
    "convolution in one dimension": lambda: Model([1, 2, 9]).add("Conv", array(3, 2, 3)),
    "maximum pooling": lambda: conv_shape().add(
        "MaxPool", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]
    ),
    "maximum pooling, rounded up": lambda: conv_shape().add(
        "MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1
    ),
    "average pooling": lambda: conv_shape().add(
        "AveragePool", kernel_shape=[3, 2], pads=[1, 0, 1, 1], strides=[2, 1]
    ),
    "average pooling with padding": lambda: conv_shape().add(
        "AveragePool", kernel_shape=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "average over all": lambda: conv_shape().add("Relu").add("GlobalAveragePool").add("Flatten"),
    "maximum over all": lambda: conv_shape().add("GlobalMaxPool"),
    "batch normalisation": lambda: (
        conv_shape()
        .add("Conv", array(3, 2, 2, 2))
        .add("BatchNormalization", array(3), array(3), array(3), array(3) ** 2 + 1, epsilon=1e-3)
        .add("Relu")
    ),
    "shapes": lambda: (
        conv_shape()
        .add("Transpose", perm=[0, 2, 3, 1])
        .add("Reshape", integers(0, 3, -1))
        .add("Unsqueeze", integers(0, -1))
        .add("Squeeze", integers(-1))
        .add("Squeeze")
        .add("Flatten", axis=-1)
        .add("Identity")
        .add("Cast", to=TensorProto.FLOAT)
        .add("Relu")
    ),
    "cuts": lambda: (
        conv_shape()
        .add("Slice", integers(1, -1), integers(6, -9), integers(2, 3), integers(2, -1))
        .add("Gather", integers(1, 0, 1), axis=1)
        .add("Relu")
    ),
    "old squeeze": lambda: (
        Model([1, 1, 4], opset=11).add("Squeeze", axes=[1]).add("Unsqueeze", axes=[2]).add("Relu")
    ),
    "dropout": lambda: Model([1, 3]).add("Dropout").add("Relu"),
    "shape computed in the model": lambda: computed_shape(),
    "weights computed in the model": lambda: computed_weights(),
}


def left_product():
    model = Model([1, 3]).add("Transpose", perm=[1, 0])
    value = model.last
    model.constants.append(numpy_helper.from_array(array(2, 3), "left"))
    return model.add("MatMul", on=["left", value]).add("Relu")


def reversed_operands(operator):
    model = Model([1, 3]).add("Relu")
    model.constants.append(numpy_helper.from_array(array(3), "left"))
    return model.add(operator, on=["left", model.last])


def residual(operator, **attributes):
    model = Model([1, 3]).add("MatMul", array(3, 4)).add("Relu")
    before = model.last
    model.add("MatMul", array(4, 4)).add("Relu").add("MatMul", array(4, 4))
    names = [before, model.last] + ["v0"] * (operator == "Sum")
    return model.add(operator, on=names, **attributes).add("Relu")


def computed_shape():
    """As exporters write x.view(x.size(0), -1)."""
    model = conv_shape().add("Shape")
    model.add("Gather", integers(0)).add("Unsqueeze", integers(0))
    model.add("Squeeze", integers(0))
    batch = model.last
    model.constants.append(numpy_helper.from_array(integers(-1), "rest"))
    model.add("Concat", on=[batch, "rest"], axis=0)
    return model.add("Reshape", on=["x", model.last]).add("Relu")


def computed_weights():
    model = Model([1, 3])
    model.add("Constant", on=[], value=numpy_helper.from_array(array(4, 3)))
    model.add("Transpose").add("Mul", np.float32(2)).add("Reshape", integers(3, 4))
    return model.add("MatMul", on=["x", model.last]).add("Relu")


@pytest.mark.parametrize("name", MODELS)
def test_models(name, tmp_path):
    check(MODELS[name]().save(tmp_path / "model.onnx"))


def test_a_chain_has_just_its_layers(tmp_path):
    model = Model([1, 3]).add("Gemm", array(4, 3), array(4), transB=1).add("Relu")
    path = model.add("MatMul", array(4, 2)).add("Add", array(2)).save(tmp_path / "model.onnx")
    net = rt.load_network(str(path))
    W, b, V, c = (numpy_helper.to_array(constant) for constant in model.constants)
    assert net == rt.Network([(W, b), (V.T, c)])
    assert rt.as_network(path) == rt.as_network(str(path)) == net
    assert rt.decompose(path, rt.Box(-1, 1)).n_neurons == 4


def test_open_sizes(tmp_path):
    batch = Model(["batch", 2, 6]).add("Relu").save(tmp_path / "batch.onnx")
    assert check(batch).input_dim == 12
    size = Model(["batch", 2, "size"]).add("Relu").save(tmp_path / "size.onnx")
    with pytest.raises(rt.InvalidNetworkError, match=r"'x'.*leaves sizes open; give `input_shape`"):
        rt.load_network(size)
    assert rt.load_network(size, input_shape=(2, 5)).input_dim == 10
    with pytest.raises(rt.InvalidNetworkError, match=r"`input_shape` is \(3, 5\)"):
        rt.load_network(size, input_shape=(3, 5))
    two = Model([2, 3]).add("Relu").save(tmp_path / "two.onnx")
    net = rt.load_network(two)
    assert net.input_dim == net.output_dim == 3
    assert net.notes == ("the file fixes a batch of 2; one of it is taken",)


def constant_only():
    return Model([1, 3]).add("Identity", array(3), on=[])


UNSUPPORTED = {
    "operator": (
        lambda: Model([1, 3]).add("Relu").add("Tanh"),
        r"'Tanh 1' \(Tanh\).*not piecewise linear.*`until=`",
    ),
    "foreign operator": (
        lambda: Model([1, 3]).add("Riddle"),
        r"'Riddle 0' \(Riddle\).*not supported.*Relu",
    ),
    "attribute": (lambda: Model([1, 3]).add("Relu", odd=1), r"\(Relu\).*unsupported.*odd"),
    "computed weights": (lambda: residual("MatMul"), r"'MatMul 5' \(MatMul\).*two computed"),
    "product": (lambda: residual("Mul"), r"\(Mul\): the product of two computed"),
    "reciprocal": (lambda: reversed_operands("Div"), r"\(Div\).*division by a computed"),
    "cast": (lambda: Model([1, 3]).add("Cast", to=TensorProto.INT64), r"\(Cast\).*INT64 rounds"),
    "inner softmax": (
        lambda: Model([1, 3]).add("Softmax").add("Relu"),
        r"\(Relu\): it follows a softmax",
    ),
    "rounding": (lambda: Model([1, 3]).add("Floor"), r"\(Floor\).*continuous"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_supported_is_named(name, tmp_path):
    build, message = UNSUPPORTED[name]
    with pytest.raises(rt.UnsupportedLayerError, match=message):
        rt.load_network(build().save(tmp_path / "model.onnx"))


def batch_norm_in_training():
    values = [np.ones(2, dtype=np.float32)] * 4
    return conv_shape().add("BatchNormalization", *values, outputs=3, training_mode=1)


INVALID = {
    "matrix that does not fit": (lambda: Model([1, 3]).add("MatMul", array(4, 2)), r"\(1, 3\)"),
    "shape that does not fit": (lambda: Model([1, 3]).add("Reshape", integers(2, 2)), r"\(2, 2\)"),
    "squeeze": (lambda: Model([1, 3]).add("Squeeze", integers(1)), "not all 1"),
    "division": (lambda: Model([1, 3]).add("Div", np.float32(0)), "division by zero"),
    "training": (batch_norm_in_training, "training mode"),
    "dropout in training": (
        lambda: Model([1, 3]).add("Dropout", np.float32(0.5), np.array(True)),
        "training mode",
    ),
    "constant output": (constant_only, "does not depend on the input"),
}


@pytest.mark.parametrize("name", INVALID)
def test_what_cannot_be_used_is_explained(name, tmp_path):
    build, message = INVALID[name]
    with pytest.raises(rt.InvalidNetworkError, match=message):
        rt.load_network(build().save(tmp_path / "model.onnx"))


def test_files_that_are_no_models(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(rt.InvalidNetworkError, match="not a valid ONNX file"):
        rt.load_network(path)


def test_a_value_that_nothing_makes(tmp_path):
    with pytest.raises(rt.InvalidNetworkError, match=r"\(Relu\): nothing .* makes .* 'y'"):
        rt.load_network(Model([1, 3]).add("Relu", on=["y"]).save(tmp_path / "model.onnx"))


def test_missing_onnx_names_the_remedy(tmp_path, monkeypatch):
    path = Model([1, 3]).add("Relu").save(tmp_path / "model.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(rt.MissingDependencyError, match=r"pip install 'relutope\[onnx\]'"):
        rt.load_network(path)


# -- real networks


def real(name):
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return path


@pytest.mark.parametrize("name", ["acasxu_1_1", "acasxu_3_3", "acasxu_5_9"])
def test_acas_xu(name):
    net = check(real(f"{name}.onnx"), 0.5)
    assert repr(net) == "Network(5-50-50-50-50-50-50-5)"


def test_mnist():
    net = check(real("mnist_256x4.onnx"))
    assert repr(net) == "Network(784-256-256-256-256-10)"
    table = np.loadtxt(real("mnist_test_100.csv"), delimiter=",")
    digits, images = table[:, 0], table[:, 1:] / 255
    assert (net.forward(images).argmax(axis=1) == digits).mean() > 0.9


def test_acas_xu_over_a_part_of_a_property():
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    net = rt.load_network(real("acasxu_1_1.onnx"))
    domain = rt.load_domain(real("acasxu_prop_5.vnnlib"))
    middle, half = (domain.lower + domain.upper) / 2, (domain.upper - domain.lower) / 2
    small = rt.decompose(net, rt.Box(middle - 0.02 * half, middle + 0.02 * half))
    assert small.n_cells > 1
    small.validate()
    # In three of the five inputs, which the independent verification can do quickly.
    part = rt.decompose(net.after_affine(np.diag(half)[:, 2:], middle), rt.Box(-0.1, 0.1))
    assert part.n_cells > 1
    part.validate()
    rt.verify(part, sample=2).raise_if_failed()
