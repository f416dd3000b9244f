"""Networks: affine layers with a ReLU after every one but the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InvalidNetworkError

__all__ = ["Network", "as_network"]

FloatArray = NDArray[np.float64]


class Network:
    """A feed-forward ReLU network over the reals, with exactly the given weights.

    ``h_0 = x``, ``h_l = max(W_l h_{l-1} + b_l, 0)`` for the hidden layers, ``f = W h + b`` for the
    last one. Weights are doubles, hence dyadic rationals; nothing is rounded in the network that
    relutope describes.

    Parameters
    ----------
    layers : sequence of (W, b)
        ``W`` of shape (out, in), ``b`` of shape (out,); at least two layers. Types that a double
        holds exactly (float32, float16, bfloat16 tensors, small integers) are taken exactly.

    Raises
    ------
    InvalidNetworkError
        If there are fewer than two layers, shapes do not fit, a number is not finite, or a number
        is not exactly a double.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])  # |x|
    >>> net.forward([[-2.0], [3.0]]).ravel().tolist()
    [2.0, 3.0]
    """

    def __init__(self, layers: Iterable[tuple[ArrayLike, ArrayLike]]) -> None:
        self.layers: list[tuple[FloatArray, FloatArray]] = _checked_layers(layers)
        # What one double cannot hold of the biases; see `minus_level`.
        self._bias_low = [np.zeros_like(b) for _, b in self.layers]

    @classmethod
    def from_arrays(cls, layers: Iterable[tuple[ArrayLike, ArrayLike]]) -> Network:
        """Same as ``Network(layers)``."""
        return cls(layers)

    @classmethod
    def from_torch(cls, module: Any) -> Network:
        """Reads a ``torch.nn.Sequential``.

        Linear, ReLU, Flatten, Identity and (in eval mode, or with p = 0) Dropout are understood;
        nested Sequentials are flattened, neighbouring Linears need a ReLU between them.

        Parameters
        ----------
        module : torch.nn.Module

        Raises
        ------
        UnsupportedLayerError
            Names the layer and what is supported.
        InvalidNetworkError
            If the order of the layers is not Linear, ReLU, ..., Linear.
        """
        from ._torch_import import layers_from_torch

        return cls(layers_from_torch(module))

    @property
    def input_dim(self) -> int:
        """Number of inputs n."""
        return int(self.layers[0][0].shape[1])

    @property
    def output_dim(self) -> int:
        """Number of outputs m."""
        return int(self.layers[-1][0].shape[0])

    @property
    def hidden_widths(self) -> list[int]:
        """Number of neurons of each hidden layer."""
        return [W.shape[0] for W, _ in self.layers[:-1]]

    @property
    def n_neurons(self) -> int:
        """Number N of hidden neurons, which are numbered layer by layer."""
        return sum(self.hidden_widths)

    def preactivations(self, X: ArrayLike) -> FloatArray:
        """Preactivations of all hidden neurons in floating point.

        Parameters
        ----------
        X : array_like, shape (k, n)

        Returns
        -------
        ndarray of float64, shape (k, N)
        """
        return np.concatenate(self._run(X)[:-1], axis=1)

    def patterns(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Which neurons are active at each row of `X`, evaluated in floating point; (k, N)."""
        return self.preactivations(X) > 0

    def forward(self, X: ArrayLike) -> FloatArray:
        """The network's outputs in floating point.

        Parameters
        ----------
        X : array_like, shape (k, n)

        Returns
        -------
        ndarray of float64, shape (k, m)
        """
        return self._run(X)[-1]

    def _run(self, X: ArrayLike) -> list[FloatArray]:
        h = np.asarray(X, dtype=np.float64)
        if h.ndim != 2 or h.shape[1] != self.input_dim:
            raise ValueError(f"`X` must have shape (k, {self.input_dim}), got {h.shape}")
        results = []
        for W, b in self.layers:
            z = h @ W.T + b
            results.append(z)
            h = np.maximum(z, 0.0)
        return results

    def minus_level(self, level: float) -> Network:
        """This network with ``f - level`` as one more hidden neuron, exactly.

        The bias ``b - level`` need not be a double; its rounding error is kept beside it.

        Raises
        ------
        InvalidNetworkError
            If the network has more than one output.
        """
        if self.output_dim != 1:
            raise InvalidNetworkError(
                f"a level set needs a network with one output, this one has {self.output_dim}"
            )
        if not np.isfinite(level):
            raise ValueError(f"`level` must be finite, got {level}")
        W, b = self.layers[-1]
        exact = Fraction(float(b[0])) - Fraction(float(level))
        high = float(exact)
        low = float(exact - Fraction(high))
        result = Network([*self.layers[:-1], (W, np.array([high])), ([[1.0]], [0.0])])
        result._bias_low = [*self._bias_low[:-1], np.array([low]), np.zeros(1)]
        return result

    def _core_layers(self) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
        return [(W, b, low) for (W, b), low in zip(self.layers, self._bias_low, strict=True)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        mine, others = self._core_layers(), other._core_layers()
        return len(mine) == len(others) and all(
            np.array_equal(a, b)
            for x, y in zip(mine, others, strict=True)
            for a, b in zip(x, y, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        widths = "-".join(str(w) for w in [self.input_dim, *self.hidden_widths, self.output_dim])
        return f"Network({widths})"


def as_network(network: Any) -> Network:
    """Turns what users have into a `Network`.

    Parameters
    ----------
    network : Network, torch.nn.Sequential, or sequence of (W, b)

    Returns
    -------
    Network

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
    """
    if isinstance(network, Network):
        return network
    if any(kind.__module__.split(".")[0] == "torch" for kind in type(network).__mro__):
        return Network.from_torch(network)
    if isinstance(network, Sequence):
        return Network(network)
    raise InvalidNetworkError(
        f"`network` must be a relutope.Network, a torch.nn.Sequential or a list of (W, b) pairs, "
        f"got {type(network).__name__}"
    )


def _checked_layers(layers: Iterable[Any]) -> list[tuple[FloatArray, FloatArray]]:
    checked: list[tuple[FloatArray, FloatArray]] = []
    for k, layer in enumerate(layers):
        try:
            W_given, b_given = layer
        except (TypeError, ValueError):
            raise InvalidNetworkError(f"`layers[{k}]` must be a pair (W, b)") from None
        W = _exact_doubles(f"W of layer {k}", W_given)
        b = _exact_doubles(f"b of layer {k}", b_given)
        if W.ndim != 2 or 0 in W.shape:
            raise InvalidNetworkError(f"`W` of layer {k} must have shape (out, in), got {W.shape}")
        if b.shape != (W.shape[0],):
            raise InvalidNetworkError(
                f"`b` of layer {k} must have shape ({W.shape[0]},) to fit W, got {b.shape}"
            )
        if checked and checked[-1][0].shape[0] != W.shape[1]:
            raise InvalidNetworkError(
                f"`W` of layer {k} takes {W.shape[1]} inputs, but layer {k - 1} has "
                f"{checked[-1][0].shape[0]} outputs"
            )
        checked.append((W, b))
    if len(checked) < 2:
        raise InvalidNetworkError(
            f"a network needs a hidden layer and an output layer, got {len(checked)} layer(s)"
        )
    return checked


def _exact_doubles(name: str, value: Any) -> FloatArray:
    """`value` as doubles, provided that this changes no number."""
    try:
        given = np.asarray(value)
        if np.iscomplexobj(given):
            raise InvalidNetworkError(f"`{name}` is complex; weights must be real")
        if isinstance(value, (list, tuple)) and given.dtype.kind == "f":
            given = np.array(value, dtype=object)  # NumPy would round integers in a mixed list
        array = np.array(given, dtype=np.float64, order="C")
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidNetworkError(f"`{name}` is not an array of real numbers: {error}") from None
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InvalidNetworkError(
            f"`{name}` has the value {array[where]} at index {where}; weights must be finite"
        )
    if given.dtype.kind not in "fb" or given.dtype.itemsize > 8:
        # As Python numbers: NumPy would round an integer before comparing it with a double.
        numbers = given.astype(object).ravel().tolist()
        changed = [a for a, b in zip(numbers, array.ravel().tolist(), strict=True) if a != b]
        if changed:
            raise InvalidNetworkError(
                f"`{name}` has {changed[0]!r}, which is not exactly a double; scale the "
                "neuron's weights and bias by a common positive factor"
            )
    array.flags.writeable = False
    return array
