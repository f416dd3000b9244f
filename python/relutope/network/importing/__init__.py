"""Networks and domains that others have made.

The readers (`from_torch`, `from_onnx`) describe a network by tensors (`tensor`), whose operations
build a small graph of affine maps and ReLUs (`nodes`). What a layer means is said once for all
formats, in `layers`, and found by the tables of `registry`: to add a layer type, add a function
there. `lower` turns the graph into the layers of a `relutope.Network` without rounding anything,
and `imported` compares the result with the runtime that it comes from.
"""
