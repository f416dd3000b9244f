"""Small ONNX models made of a few nodes, for the tests of the reader."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

__all__ = [
    *("Model", "TensorProto", "array", "check", "helper", "integers"),
    *("numpy_helper", "onnx", "runtime_outputs"),
]

RNG = np.random.default_rng(0)


def array(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def integers(*values):
    return np.array(values, dtype=np.int64)


class Model:
    """A model made of nodes; every constant is an initializer of its own."""

    def __init__(self, shape, opset=17, kind=TensorProto.FLOAT):
        self.shape, self.opset, self.kind = shape, opset, kind
        self.nodes, self.constants, self.last = [], [], "x"

    def add(self, operator, *inputs, on=None, outputs=1, domain="", **attributes):
        """A node that takes the last value (or those named by `on`) and then constants.

        A constant None is an input that is left out.
        """
        names = [self.last] if on is None else list(on)
        for value in inputs:
            if value is None:
                names.append("")
                continue
            names.append(f"c{len(self.constants)}")
            self.constants.append(numpy_helper.from_array(np.asarray(value), names[-1]))
        self.last = f"v{len(self.nodes)}"
        results = [self.last] + [f"{self.last}_{k}" for k in range(1, outputs)]
        name = f"{operator} {len(self.nodes)}"
        node = helper.make_node(operator, names, results, name=name, domain=domain, **attributes)
        self.nodes.append(node)
        return self

    def save(self, path, outputs=None):
        x = helper.make_tensor_value_info("x", self.kind, self.shape)
        named = [outputs] if isinstance(outputs, str) else outputs or [self.last]
        ys = [helper.make_tensor_value_info(name, self.kind, None) for name in named]
        graph = helper.make_graph(self.nodes, "model", [x], ys, self.constants)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        onnx.save(model, path)
        return path


def runtime_outputs(path, X):
    """What onnxruntime computes for the rows of `X`, all outputs joined."""
    session = ort.InferenceSession(path)
    entry = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 1 for size in entry.shape]
    kind = np.float64 if "double" in entry.type else np.float32
    found = [session.run(None, {entry.name: x.reshape(shape).astype(kind)}) for x in X]
    return np.array([np.concatenate([np.ravel(v) for v in row]) for row in found])


def check(path, scale=1.0, **options):
    """Loads a network and compares it with onnxruntime on random inputs."""
    net = rt.load_network(path, **options)
    X = (np.random.default_rng(1).uniform(-scale, scale, (20, net.input_dim))).astype(np.float32)
    expected = runtime_outputs(path, X)
    np.testing.assert_allclose(net.forward(X), expected, rtol=1e-4, atol=2e-5)
    return net
