"""Networks and domains that others have made.

The readers (`from_torch`, `from_onnx`) describe a network by tensors (`tensor`), whose operations
build a small graph of affine maps and ReLUs (`graph`); `lower` turns the graph into the layers of a
`relutope.Network` without rounding anything.
"""
