"""Every ONNX operator that is read, with all its attributes: the same as onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt
from onnx_models import Model, TensorProto, array, check, integers, numpy_helper
from relutope.network.importing.registry import ONNX


def image(*, opset=17):
    """Two channels of 4 x 5."""
    return Model([1, 2, 4, 5], opset)


def vector(n=4, *, opset=17):
    return Model([1, n], opset)


def f(value):
    return np.float32(value)


def joined(operator, count=2, **attributes):
    """An operator of several values computed from the input."""
    model = vector().add("Relu")
    names = [model.last, "x"]
    if count > 2:
        model.add("Neg", on=["x"])
        names.append(model.last)
    return model.add(operator, on=names[:count], **attributes)


def ahead(operator, value, **attributes):
    """An operator whose first input is constant."""
    model = vector().add("Relu")
    model.constants.append(numpy_helper.from_array(value, "ahead"))
    return model.add(operator, on=["ahead", model.last], **attributes)


def split(count, **given):
    model = Model([1, 6], given.pop("opset", 17))
    sizes = given.pop("sizes", None)
    model.add("Split", *([] if sizes is None else [integers(*sizes)]), outputs=count, **given)
    names = [model.last] + [f"{model.last}_{k}" for k in range(1, count)]
    return model.add("Concat", on=names[::-1], axis=1)


MODELS = {
    "Abs": lambda: vector().add("Abs"),
    "Add, broadcast": lambda: image().add("Add", array(2, 1, 5)),
    "Add to a larger constant": lambda: vector().add("Add", array(3, 4)),
    "AveragePool, ceil": lambda: image().add(
        "AveragePool", kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1
    ),
    "AveragePool, padding counted": lambda: image().add(
        "AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=1
    ),
    "AveragePool, same": lambda: image().add(
        "AveragePool", kernel_shape=[2, 3], auto_pad="SAME_UPPER", strides=[2, 2]
    ),
    "Cast": lambda: vector().add("Cast", to=TensorProto.DOUBLE).add("Cast", to=TensorProto.FLOAT),
    "Clip": lambda: vector().add("Clip", f(-0.3), f(0.4)),
    "Clip below": lambda: vector().add("Clip", f(-0.3)),
    "Clip above": lambda: vector().add("Clip", None, f(0.4)),
    "Clip, before opset 11": lambda: vector(opset=9).add("Clip", min=-0.25, max=0.4),
    "Clip, bounds the wrong way round": lambda: vector().add("Clip", f(0.5), f(-0.5)),
    "Clip, no bounds": lambda: vector().add("Clip").add("Relu"),
    "Compress": lambda: vector().add("Compress", np.array([1, 0, 1, 1], dtype=bool), axis=1),
    "Concat with constants": lambda: concat_with_constants(),
    "ConstantOfShape": lambda: filled(),
    "ConvTranspose": lambda: image().add(
        "ConvTranspose", array(2, 3, 2, 3), array(3), strides=[2, 1], pads=[0, 1, 1, 0]
    ),
    "ConvTranspose, all attributes": lambda: image().add(
        "ConvTranspose",
        array(2, 2, 2, 2),
        group=2,
        strides=[3, 2],
        dilations=[2, 1],
        output_padding=[1, 1],
        kernel_shape=[2, 2],
    ),
    "ConvTranspose, same upper": lambda: image().add(
        "ConvTranspose", array(2, 3, 4, 3), auto_pad="SAME_UPPER", strides=[2, 1]
    ),
    "ConvTranspose, same lower": lambda: image().add(
        "ConvTranspose", array(2, 3, 4, 3), auto_pad="SAME_LOWER", strides=[1, 2]
    ),
    "ConvTranspose to a shape": lambda: image().add(
        "ConvTranspose", array(2, 3, 4, 4), output_shape=[5, 6], strides=[2, 2]
    ),
    "ConvTranspose in one dimension": lambda: Model([1, 2, 5]).add(
        "ConvTranspose", array(2, 1, 3), strides=[2]
    ),
    "Conv in three dimensions": lambda: Model([1, 2, 3, 3, 2]).add(
        "Conv", array(2, 2, 2, 2, 1), array(2), pads=[1, 0, 0, 0, 1, 0]
    ),
    "CumSum": lambda: vector().add("CumSum", integers(1)),
    "CumSum, exclusive from the end": lambda: vector().add(
        "CumSum", integers(1), exclusive=1, reverse=1
    ),
    "DepthToSpace": lambda: Model([1, 8, 2, 3]).add("DepthToSpace", blocksize=2),
    "DepthToSpace, CRD": lambda: Model([1, 8, 2, 3]).add("DepthToSpace", blocksize=2, mode="CRD"),
    "Div": lambda: vector().add("Div", f(255)),
    "Div by several": lambda: vector().add("Div", np.abs(array(4)) + 1),
    "Div of integers": lambda: integer_division(),
    "Dropout": lambda: vector().add("Dropout", f(0.5)),
    "Einsum": lambda: image().add("Einsum", array(2, 3), equation="nchw,cd->ndhw"),
    "Einsum, batch and sums": lambda: image().add(
        "Einsum", array(4, 5, 2), equation="n c h w, h w d -> n c d"
    ),
    "Einsum, implicit": lambda: vector().add("Einsum", array(4, 3), equation="bi,ij"),
    "Einsum of one": lambda: image().add("Einsum", equation="nchw->wc"),
    "Expand": lambda: Model([1, 3, 1]).add("Expand", integers(2, 1, 4)),
    "Gather, negative": lambda: image().add("Gather", integers(-1, 0), axis=3),
    "Gather of one": lambda: image().add("Gather", np.array(1), axis=2),
    "GatherElements": lambda: vector().add("GatherElements", integers(3, -4, 1)[None], axis=1),
    "GatherND": lambda: image().add("GatherND", np.array([[0, 1, 2], [0, 0, -1]])),
    "Gemm, turned": lambda: Model([3, 2]).add("Gemm", array(3, 4), array(4), transA=1),
    "GlobalMaxPool in one dimension": lambda: Model([1, 2, 5]).add("GlobalMaxPool"),
    "HardSigmoid": lambda: vector().add("HardSigmoid"),
    "HardSigmoid, steeper": lambda: vector().add("HardSigmoid", alpha=0.75, beta=0.25),
    "If": lambda: conditional(),
    "LeakyRelu": lambda: vector().add("LeakyRelu", alpha=-0.5),
    "MatMul with a vector": lambda: vector().add("MatMul", array(4)),
    "MatMul, batched constant": lambda: Model([1, 2, 3, 4]).add("MatMul", array(2, 4, 2)),
    "MatMul, batched, on the left": lambda: batched_left(),
    "Max of three": lambda: joined("Max", 3),
    "Max with a constant": lambda: vector().add("Max", array(4), array(1)),
    "MaxPool, dilated": lambda: image().add("MaxPool", kernel_shape=[2, 2], dilations=[2, 3]),
    "MaxPool in one dimension": lambda: Model([1, 2, 7]).add(
        "MaxPool", kernel_shape=[3], strides=[2], auto_pad="SAME_LOWER"
    ),
    "Mean": lambda: joined("Mean", 3),
    "Min": lambda: joined("Min", 3),
    "Min with a constant": lambda: vector().add("Min", array(4)),
    "Mul by a constant ahead": lambda: ahead("Mul", array(3, 4)),
    "Neg": lambda: vector().add("Neg"),
    "PRelu": lambda: image().add("PRelu", array(2, 1, 1)),
    "PRelu, one slope": lambda: vector().add("PRelu", array(1)),
    "Pad": lambda: image().add("Pad", integers(0, 0, 1, 2, 0, 1, 0, 3), f(0.5)),
    "Pad, cut": lambda: image().add("Pad", integers(0, 0, -1, 1, 0, 0, 0, -2)),
    "Pad, reflected": lambda: image().add("Pad", integers(0, 0, 1, 2, 0, 0, 3, 1), mode="reflect"),
    "Pad, edge": lambda: image().add("Pad", integers(0, 0, 1, 2, 0, 0, 3, 1), mode="edge"),
    "Pad, before opset 11": lambda: image(opset=9).add(
        "Pad", pads=[0, 0, 1, 0, 0, 0, 0, 2], value=1.5
    ),
    "Pad, some axes": lambda: image(opset=18).add("Pad", integers(1, 2), None, integers(-1)),
    "ReduceL1": lambda: image().add("ReduceL1", axes=[1, 3]),
    "ReduceMax": lambda: image().add("ReduceMax", axes=[-1], keepdims=0),
    "ReduceMax of all": lambda: image().add("ReduceMax"),
    "ReduceMax, axes as input": lambda: image(opset=18).add("ReduceMax", integers(2)),
    "ReduceMean": lambda: image().add("ReduceMean", axes=[2, 3]),
    "ReduceMean, axes as input": lambda: image(opset=18).add("ReduceMean", integers(1), keepdims=0),
    "ReduceMin": lambda: image().add("ReduceMin", axes=[1, 2], keepdims=0),
    "ReduceSum": lambda: image().add("ReduceSum", integers(1, -1), keepdims=0),
    "ReduceSum of all": lambda: image().add("ReduceSum"),
    "ReduceSum of nothing": lambda: image().add("ReduceSum", noop_with_empty_axes=1).add("Relu"),
    "Reshape, kept": lambda: image().add("Reshape", integers(0, -1, 5)),
    "Resize, nearest": lambda: image().add(
        "Resize", None, np.float32([1, 1, 2, 1.5]), mode="nearest"
    ),
    "Resize, linear": lambda: image().add("Resize", None, np.float32([1, 1, 2, 3]), mode="linear"),
    "Resize to sizes": lambda: image().add(
        "Resize",
        None,
        None,
        integers(1, 2, 7, 3),
        mode="linear",
        coordinate_transformation_mode="align_corners",
    ),
    "Resize as torch does": lambda: image().add(
        "Resize",
        None,
        np.float32([1, 1, 0.5, 2]),
        mode="linear",
        coordinate_transformation_mode="pytorch_half_pixel",
    ),
    "Resize, asymmetric": lambda: image().add(
        "Resize",
        None,
        np.float32([1, 1, 2, 2]),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    ),
    "Resize, rounded up": lambda: image().add(
        "Resize",
        None,
        np.float32([1, 1, 1.5, 2]),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="ceil",
    ),
    "Resize, before opset 11": lambda: image(opset=10).add("Resize", np.float32([1, 1, 2, 3])),
    "ScatterElements": lambda: vector().add(
        "ScatterElements", integers(2, 0)[None], array(1, 2), axis=1
    ),
    "ScatterND": lambda: image().add("ScatterND", np.array([[0, 1]]), array(1, 4, 5)),
    "Shape and Size": lambda: sizes_of(),
    "Shrink": lambda: vector().add("Shrink", lambd=0.25, bias=0.25),
    "Slice": lambda: image().add("Slice", integers(1, -9), integers(9, -1), integers(2, 3)),
    "Slice, backwards": lambda: image().add(
        "Slice", integers(-1, 3), integers(-99, 0), integers(2, -1), integers(-1, -2)
    ),
    "Slice, before opset 10": lambda: image(opset=9).add(
        "Slice", starts=[0, 1], ends=[1, 3], axes=[1, 2]
    ),
    "SpaceToDepth": lambda: Model([1, 2, 4, 6]).add("SpaceToDepth", blocksize=2),
    "Split": lambda: split(2, axis=1),
    "Split, sizes": lambda: split(3, axis=1, sizes=[1, 2, 3]),
    "Split, before opset 13": lambda: split(3, axis=-1, split=[3, 2, 1], opset=11),
    "Split, unequal": lambda: split(4, axis=1, num_outputs=4, opset=18),
    "Sub from a constant": lambda: ahead("Sub", array(4)),
    "Sum": lambda: joined("Sum", 3),
    "ThresholdedRelu": lambda: vector().add("ThresholdedRelu", alpha=0.0),
    "Tile": lambda: vector().add("Tile", integers(2, 3)),
    "Transpose by default": lambda: image().add("Transpose"),
    "Trilu": lambda: image().add("Trilu", np.array(1), upper=1),
    "Trilu, lower": lambda: image().add("Trilu", np.array(-1), upper=0),
    "Unsqueeze, before opset 13": lambda: vector(opset=11).add("Unsqueeze", axes=[0, 3]),
    "Upsample": lambda: image(opset=9).add("Upsample", np.float32([1, 1, 2, 3]), mode="nearest"),
    "Upsample, linear": lambda: image(opset=9).add(
        "Upsample", np.float32([1, 1, 2, 2]), mode="linear"
    ),
    "Where": lambda: chosen(),
    "Scaler": lambda: vector().add(
        "Scaler", domain="ai.onnx.ml", offset=[0.5, 1, 2, 3], scale=[1, 0.3, 0.25, 2.0]
    ),
    "ArrayFeatureExtractor": lambda: vector().add(
        "ArrayFeatureExtractor", integers(2, 0), domain="ai.onnx.ml"
    ),
    "double precision": lambda: (
        Model([1, 3], kind=TensorProto.DOUBLE)
        .add("MatMul", RANDOM.standard_normal((3, 4)))
        .add("Relu")
    ),
    "half precision": lambda: (
        Model([1, 3])
        .add("Cast", to=TensorProto.FLOAT16)
        .add("MatMul", array(3, 4).astype(np.float16))
        .add("Cast", to=TensorProto.FLOAT)
    ),
}

RANDOM = np.random.default_rng(3)


def concat_with_constants():
    model = vector().add("Relu")
    model.constants.append(numpy_helper.from_array(array(1, 2), "more"))
    return model.add("Concat", on=["more", model.last, "more"], axis=-1)


def filled():
    value = numpy_helper.from_array(np.float32([2.5]))
    model = vector().add("ConstantOfShape", integers(1, 4), on=[], value=value)
    return model.add("Add", on=["x", model.last])


def integer_division():
    """-7 / 2 is -3 in integers, and chooses an entry."""
    model = vector().add("Div", integers(-7), integers(2), on=[])
    return model.add("Gather", on=["x", model.last], axis=1).add("Relu")


def conditional():
    """A branch that a constant condition chooses, as exporters write for squeeze."""
    from onnx import helper

    model = vector()
    model.constants.append(numpy_helper.from_array(np.array(False), "condition"))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    branches = [
        helper.make_graph([helper.make_node(op, ["x"], ["y"])], op, [], [y])
        for op in ("Tanh", "Neg")
    ]
    return model.add("If", on=["condition"], then_branch=branches[0], else_branch=branches[1])


def batched_left():
    model = Model([1, 2, 3, 4]).add("Relu")
    model.constants.append(numpy_helper.from_array(array(2, 5, 3), "left"))
    return model.add("MatMul", on=["left", model.last])


def sizes_of():
    model = image().add("Shape", start=1, end=3)
    model.add("Cast", to=TensorProto.FLOAT).add("ReduceProd", keepdims=1)
    count = model.last
    model.add("Size", on=["x"]).add("Cast", to=TensorProto.FLOAT)
    model.add("Add", on=[count, model.last])
    return model.add("Mul", on=["x", model.last])


def chosen():
    model = vector().add("Neg")
    mask = np.array([[True, False, False, True]])
    model.constants.append(numpy_helper.from_array(mask, "mask"))
    return model.add("Where", on=["mask", "x", model.last])


@pytest.mark.parametrize("name", MODELS)
def test_operators(name, tmp_path):
    check(MODELS[name]().save(tmp_path / "model.onnx"), 2.0)


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax", "Sigmoid"])
@pytest.mark.parametrize("opset", [11, 17])
def test_last_activations_are_left_off(operator, opset, tmp_path):
    model = vector(opset=opset).add("MatMul", array(4, 3))
    path = model.add(operator).add("Identity").save(tmp_path / "model.onnx")
    net = rt.load_network(path)
    assert any(operator in note and "left off" in note for note in net.notes)
    W = numpy_helper.to_array(model.constants[0])
    x = np.random.default_rng(0).standard_normal((5, 4))
    np.testing.assert_allclose(net.forward(x), x @ W, rtol=1e-6, atol=1e-6)


JUMPS = {
    "Threshold": lambda: vector().add("ThresholdedRelu", alpha=1.0),
    "Shrink": lambda: vector().add("Shrink", lambd=0.5, bias=0.0),
    "cubic": lambda: image().add("Resize", None, np.float32([1, 1, 2, 2]), mode="cubic"),
    "cropped": lambda: image().add(
        "Resize",
        np.float32([0, 0, 0, 0, 1, 1, 1, 1]),
        np.float32([1, 1, 2, 2]),
        mode="linear",
        coordinate_transformation_mode="tf_crop_and_resize",
    ),
    "adding scatter": lambda: vector(opset=18).add(
        "ScatterElements", integers(0)[None], array(1, 1), axis=1, reduction="add"
    ),
    "two factors": lambda: joined("Mul"),
    "computed condition": lambda: computed_condition(),
    "random numbers": lambda: random_numbers(),
    "integers": lambda: (
        vector().add("Cast", to=TensorProto.INT32).add("Cast", to=TensorProto.FLOAT)
    ),
}


def computed_condition():
    model = vector().add("Greater", f(0))
    return model.add("Where", on=[model.last, "x", "x"])


def random_numbers():
    model = vector().add("RandomNormal", on=[], shape=[1, 4])
    return model.add("Add", on=["x", model.last])


@pytest.mark.parametrize("name", JUMPS)
def test_what_is_not_piecewise_linear_is_refused(name, tmp_path):
    with pytest.raises(rt.UnsupportedLayerError, match=r": node '"):
        rt.load_network(JUMPS[name]().save(tmp_path / "model.onnx"))


def test_every_operator_is_tried():
    """Those of this file and of test_import_onnx."""
    from test_import_onnx import MODELS as OTHERS

    tried = {node.op_type for build in (MODELS | OTHERS).values() for node in build().nodes}
    left_off = {"Softmax", "LogSoftmax", "Sigmoid"}
    elsewhere = {"CastLike", "Scatter", "ZipMap"}
    assert set(ONNX) <= tried | left_off | elsewhere
