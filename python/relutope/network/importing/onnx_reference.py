"""An ONNX model as the reference that its network is compared with, where onnxruntime is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .nodes import Floats
from .onnx_feed import Feed
from .onnx_model import Model

__all__ = ["Reference"]


class Reference:
    """What onnxruntime computes for the values `names`, joined."""

    name = "onnxruntime"

    def __init__(self, model: Model, feed: Feed, names: list[str]) -> None:
        self.model = model
        self.feed = feed
        self.names = names

    def outputs(self, X: Floats) -> Iterator[tuple[Floats, float]]:
        session = self.session()
        if session is None:
            return
        try:
            rows = [self.row(session, x) for x in X]
        except Exception:  # what this version of onnxruntime cannot run is not compared
            return
        yield np.stack(rows), self.model.roundoff()

    def session(self) -> Any:
        """None where onnxruntime is not installed, or does not take the model."""
        try:
            import onnxruntime
        except ImportError:
            return None
        proto = type(self.model.proto)()
        proto.CopyFrom(self.model.proto)
        known = {value.name: value for value in proto.graph.output}
        wanted = [
            known.get(name) or self.model.onnx.helper.make_empty_tensor_value_info(name)
            for name in self.names
        ]
        del proto.graph.output[:]
        proto.graph.output.extend(wanted)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            return onnxruntime.InferenceSession(
                proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception:
            return None

    def row(self, session: Any, x: Floats) -> Floats:
        """The outputs for one input."""
        feed: dict[str, Any] = dict(self.feed.fixed)
        types = {value.name: self.model.dtype(value) for value in self.model.inputs}
        parts = np.split(x, np.cumsum(self.feed.sizes)[:-1])
        for (name, shape), part in zip(self.feed.shapes.items(), parts, strict=True):
            one = part.reshape(shape).astype(types[name])
            feed[name] = np.repeat(one, self.feed.batch, axis=0)
        found = [np.asarray(value, dtype=np.float64) for value in session.run(None, feed)]
        return np.concatenate([value.reshape(self.feed.batch, -1)[0] for value in found])
