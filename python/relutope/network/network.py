"""Networks: affine layers with ReLUs after every one but the last.

One file, since half of it is what the one class says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.arguments import checked_count, checked_index
from ..common.arithmetic import ieee_arithmetic
from ..common.arrays import FloatArray
from ..common.tensors import detached
from ..errors import InvalidNetworkError
from .weights import (
    Layer,
    WrittenOut,
    checked_bias_low,
    checked_layers,
    checked_linear_units,
    is_sparse,
    same,
)

if TYPE_CHECKING:
    from .importing.nodes import Node

__all__ = ["Network"]


@ieee_arithmetic
class Network:
    """A feed-forward ReLU network over the reals, with exactly the given weights.

    ``h_0 = x``, ``h_l = max(W_l h_{l-1} + b_l, 0)`` for the hidden layers, ``f = W h + b`` for the
    last one. Weights are doubles, hence dyadic rationals; nothing is rounded in the network that
    relutope describes.

    The last units of a hidden layer may be *linear*: they pass on their value without a ReLU. They
    are no neurons: they have no number, no sign and no place in an activation pattern, and cut
    nothing. With them residual connections, leaky ReLUs, pooling and affine maps between layers
    are networks of this form with no weight changed.

    Parameters
    ----------
    layers : sequence of (W, b)
        ``W`` of shape (out, in), ``b`` of shape (out,); at least two layers. Types that a double
        holds exactly (float32, float16, bfloat16 tensors, small integers) are taken exactly. Torch
        tensors may have gradients or lie on a GPU; ``W`` may be a sparse matrix of scipy.
    linear_units : sequence of int, optional
        For each hidden layer, how many of its last units are linear; none by default, and possibly
        all of them.

    Attributes
    ----------
    notes : tuple of str
        What was rounded once, left off or chosen when the network was read from elsewhere.

    bias_low : sequence of array_like, optional
        For each layer, what is to be added to its biases, where a bias is the sum of two doubles.
        By default what the pairs in `layers` carry if they are another network's, otherwise zero.
    notes : iterable of str
        What is worth knowing of where the network comes from.

    Raises
    ------
    InvalidNetworkError
        If there are fewer than two layers, shapes do not fit, a number is not finite, a number
        is not exactly a double, or `linear_units` does not fit the hidden layers.

    Examples
    --------
    >>> import relutope as rt
    >>> net = rt.Network([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])  # |x|
    >>> net.forward([[-2.0], [3.0]]).ravel().tolist()
    [2.0, 3.0]
    >>> rt.Network([([[1.0], [1.0]], [0.0, 0.0]), ([[1.0, 2.0]], [0.0])], linear_units=[1])
    Network(1-1+1-1)

    That is ``relu(x) + 2 x``: a hidden layer of 1 neuron and 1 linear unit.
    """

    def __init__(
        self,
        layers: Iterable[tuple[ArrayLike, ArrayLike]],
        linear_units: Sequence[int] | None = None,
        bias_low: Sequence[ArrayLike] | None = None,
        *,
        notes: Iterable[str] = (),
    ) -> None:
        # Matrices of which most entries are zero are sparse (scipy's csr_array).
        given = list(layers)
        pairs = checked_layers(given)
        if bias_low is None:
            lows = checked_bias_low([getattr(layer, "bias_low", None) for layer in given], pairs)
        else:
            lows = checked_bias_low(bias_low, pairs)
        self._weights = [Layer(W, b, low) for (W, b), low in zip(pairs, lows, strict=True)]
        self._linear_units = checked_linear_units(linear_units, pairs)
        self.notes: tuple[str, ...] = tuple(notes)

    @classmethod
    def from_arrays(
        cls,
        layers: Iterable[tuple[ArrayLike, ArrayLike]],
        linear_units: Sequence[int] | None = None,
        bias_low: Sequence[ArrayLike] | None = None,
    ) -> Network:
        """Same as ``Network(layers, linear_units, bias_low)``.

        Parameters
        ----------
        layers, linear_units, bias_low
            As for the class.
        """
        return cls(layers, linear_units, bias_low)

    @classmethod
    def from_torch(
        cls,
        module: Any,
        input_shape: Any = None,
        *,
        output: str | int | None = None,
        until: str | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Network:
        """Reads a torch module, by running its forward on an input that is only followed.

        So hooks, parametrisations (weight and spectral normalisation, pruning), shape checks and
        operations in place have the effect that they have in torch. What is piecewise linear and
        continuous can be read: Linear, convolutions and their transposes, normalisations in eval
        mode, pooling, ReLU and its kin, maxima, interpolation, padding, sums, and all indexing and
        reshaping. A chain of Linear and ReLU layers becomes just these layers; the rest takes
        linear units as well, and a maximum ``max(a, b) = a + relu(b - a)`` takes a neuron. A last
        softmax or sigmoid is left off, and `notes` says so.

        The network is compared with the module on a few inputs, in double precision where it can
        be run so, and refused if it differs by more than rounding. A ``Sequential`` of
        Linear and ReLU layers in turn, without hooks and the like, is read as it stands.

        Inputs and outputs are in the order of the flattened tensors (C order: channels, rows,
        columns).

        Parameters
        ----------
        module : torch.nn.Module
            Also TorchScript, the module of an exported program, or one wrapped by torch.compile or
            DataParallel.
        input_shape : sequence of int or int, optional
            Shape of one input without the batch axis; of several inputs a list of shapes, or a
            mapping from the names of forward's arguments. By default the number of inputs of the
            first Linear layer; needed when a convolution or a pooling comes before that.
        output : str or int, optional
            Which of several outputs is meant; all are joined by default.
        until : str, optional
            The name of a layer: the network ends with its output.
        inputs : mapping of str to array_like, optional
            Values of arguments of forward that are fixed.

        Returns
        -------
        Network

        Raises
        ------
        UnsupportedLayerError
            Names the layer, the operation and what is supported.
        InvalidNetworkError
            If shapes do not fit, a layer is in training mode, or the network would be another one.

        Notes
        -----
        Nothing is rounded: where composing two affine maps would round a weight, the values between
        them become linear units. Numbers that are no doubles by definition are replaced by the
        nearest double, which is then exactly the network's: the scale ``weight / sqrt(var + eps)``
        of a batch normalisation, the reciprocal of a constant divisor, the factor 1 / k of an
        average, the weights of an interpolation. Constants in the module's code (the slope of a
        LeakyReLU) are taken in the precision of its parameters, as torch does.

        Examples
        --------
        >>> import torch, relutope as rt
        >>> conv = torch.nn.Conv2d(1, 2, kernel_size=3)
        >>> module = torch.nn.Sequential(conv, torch.nn.ReLU(), torch.nn.Flatten())
        >>> rt.Network.from_torch(module, input_shape=(1, 4, 4))
        Network(16-8-8)
        """
        from .importing.from_torch import graph_of_torch
        from .importing.imported import built
        from .importing.torch_chain import chain_of_torch

        if all(given is None for given in (input_shape, output, until, inputs)):
            chain = chain_of_torch(module)
            if chain is not None:
                return cls(chain)
        return built(
            cls,
            lambda: graph_of_torch(module, input_shape, output=output, until=until, inputs=inputs),
        )

    @classmethod
    def _from_graph(cls, output: Node) -> Network:
        from .importing.imported import Imported, built

        return built(cls, lambda: Imported(output))

    @property
    def layers(self) -> Sequence[tuple[FloatArray, FloatArray]]:
        """The layers' ``(W, b)`` as arrays, the output layer last.

        Sparse matrices, which convolutions of large images have, are written out when they are
        asked for, one at a time.
        """
        if not any(is_sparse(W) for W, _ in self._weights):
            return list(self._weights)
        return WrittenOut(self._weights)

    @property
    def sparse_layers(self) -> list[tuple[Any, FloatArray]]:
        """The layers' ``(W, b)`` as they are kept.

        A large matrix of which most entries are zero is a `scipy.sparse.csr_array`.
        """
        return list(self._weights)

    @property
    def input_dim(self) -> int:
        """Number of inputs n."""
        return int(self._weights[0][0].shape[1])

    @property
    def output_dim(self) -> int:
        """Number of outputs m."""
        return int(self._weights[-1][0].shape[0])

    @property
    def hidden_widths(self) -> list[int]:
        """Number of neurons of each hidden layer; linear units are not counted."""
        pairs = zip(self._weights[:-1], self._linear_units, strict=True)
        return [W.shape[0] - linear for (W, _), linear in pairs]

    @property
    def linear_units(self) -> list[int]:
        """Number of linear units of each hidden layer, which follow its neurons."""
        return list(self._linear_units)

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
        pairs = zip(self._run(X)[:-1], self.hidden_widths, strict=True)
        return np.concatenate([z[:, :neurons] for z, neurons in pairs], axis=1)

    def patterns(self, X: ArrayLike) -> NDArray[np.bool_]:
        """Which neurons are active at each row of `X`, evaluated in floating point; (k, N).

        Parameters
        ----------
        X : array_like, shape (k, n)
            Points.

        Returns
        -------
        ndarray of bool, shape (k, N)
        """
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
        """The values of all units of each layer before its ReLUs."""
        h = np.asarray(detached(X), dtype=np.float64)
        if h.ndim != 2 or h.shape[1] != self.input_dim:
            raise ValueError(f"`X` must have shape (k, {self.input_dim}), got {h.shape}")
        results = []
        for (W, b), neurons in zip(self._weights, [*self.hidden_widths, 0], strict=True):
            z = h @ W.T + b
            results.append(z)
            h = np.concatenate([np.maximum(z[:, :neurons], 0.0), z[:, neurons:]], axis=1)
        return results

    def preactivation(self, neuron: int) -> Network:
        """The network whose one output is the preactivation of a hidden neuron, exactly.

        Parameters
        ----------
        neuron : int
            Counted through all hidden neurons, layer by layer, as the columns of patterns.

        Returns
        -------
        Network
            Its hidden layers are those before the neuron's.

        Raises
        ------
        IndexError
            If there is no such neuron.
        """
        within = checked_index(neuron, self.n_neurons, "neurons", "neuron")
        layer = 0
        while within >= self.hidden_widths[layer]:
            within -= self.hidden_widths[layer]
            layer += 1
        (W, b), low = self._weights[layer], self.bias_low[layer]
        row, bias, rest = W[within : within + 1], b[within : within + 1], low[within : within + 1]
        if layer == 0:  # a network has a hidden layer: a linear unit
            return Network([(row, bias), ([[1.0]], [0.0])], [1], [rest, np.zeros(1)])
        layers = [*self._weights[:layer], (row, bias)]
        return Network(layers, self._linear_units[:layer], [*self.bias_low[:layer], rest])

    def truncated(self, layer: int) -> Network:
        """The network whose outputs are the units of a hidden layer, after its ReLUs, exactly.

        Parameters
        ----------
        layer : int
            Hidden layers are counted from 1.

        Returns
        -------
        Network
            Its hidden layers are the first `layer` ones; its last layer passes their units on.

        Raises
        ------
        ValueError
            If there is no such layer.

        Examples
        --------
        >>> import relutope as rt
        >>> net = rt.Network([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0]),
        ...                   ([[1.0]], [0.0])])
        >>> net.truncated(1).forward([[-2.0]]).tolist(), net.truncated(2).forward([[-2.0]]).tolist()
        ([[0.0, 2.0]], [[1.0]])
        """
        depth = checked_count("layer", layer, highest=len(self._weights) - 1)
        width = len(self._weights[depth - 1][1])
        layers = [*self._weights[:depth], (np.eye(width), np.zeros(width))]
        lows = [*self.bias_low[:depth], np.zeros(width)]
        return Network(layers, self._linear_units[:depth], lows)

    def minus_level(self, level: float) -> Network:
        """This network with ``f - level`` as one more hidden neuron, exactly.

        The bias ``b - level`` need not be a double; its rounding error is kept beside it.

        Parameters
        ----------
        level : float
            Taken as exactly this double.

        Returns
        -------
        Network

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
        (W, b), (before,) = self._weights[-1], self.bias_low[-1]
        exact = Fraction(float(b[0])) + Fraction(float(before)) - Fraction(float(level))
        high = float(exact)
        low = float(exact - Fraction(high))
        layers: list[tuple[ArrayLike, ArrayLike]] = [*self._weights[:-1]]
        linear_units = list(self._linear_units)
        bias_low = self.bias_low[:-1]
        if exact == Fraction(high) + Fraction(low):
            layers.append((W, [high]))
            bias_low.append(np.array([low]))
        else:  # too long for two doubles: f is a linear unit
            layers += [(W, b), ([[1.0]], [-float(level)])]
            linear_units.append(1)
            bias_low += [self.bias_low[-1], np.zeros(1)]
        last = ([[1.0]], [0.0])
        return Network([*layers, last], [*linear_units, 0], [*bias_low, np.zeros(1)])

    def after_affine(self, A: ArrayLike, c: ArrayLike) -> Network:
        """This network on ``x = A t + c``, as a function of t, exactly.

        So a network of many inputs is looked at on a line, a plane, or with some inputs fixed. The
        affine map becomes a layer of linear units; no product of weights is rounded.

        Parameters
        ----------
        A : array_like, shape (n, r)
        c : array_like, shape (n,)

        Returns
        -------
        Network
            With r inputs.

        Raises
        ------
        InvalidNetworkError
            If the shapes do not fit, or a number is not exactly a double.

        Examples
        --------
        >>> import relutope as rt
        >>> net = rt.Network([([[1.0, 2.0, 3.0]], [0.0]), ([[1.0]], [0.0])])
        >>> line = net.after_affine([[1.0], [0.0], [0.0]], [0.0, 1.0, -1.0])  # (t, 1, -1)
        >>> rt.decompose(line, rt.Box(-2, 2)).vertices.ravel().tolist()
        [-2.0, 1.0, 2.0]
        """
        return Network([(A, c), *self._weights], [self.input_dim, *self._linear_units])

    @property
    def bias_low(self) -> list[FloatArray]:
        """For each layer, what one double cannot hold of the biases: zero for most networks."""
        return [layer.bias_low for layer in self._weights]

    def exact_layers(self) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
        """The layers as ``(W, b, bias_low)``: each bias is exactly ``b + bias_low``.

        Returns
        -------
        list of tuple of ndarray
            Weights, biases, and the low parts of the biases.
        """
        return [(W, b, low) for (W, b), low in zip(self.layers, self.bias_low, strict=True)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        if (self.input_dim, self._linear_units) != (other.input_dim, other._linear_units):
            return False
        pairs = zip(self._weights, other._weights, strict=True)
        return all(
            same(a, b)
            for x, y in pairs
            for a, b in zip((*x, x.bias_low), (*y, y.bias_low), strict=True)
        )

    def __hash__(self) -> int:
        last = self._weights[-1][1] + 0.0  # -0.0 equals 0.0
        return hash((self.input_dim, *self.hidden_widths, *self._linear_units, last.tobytes()))

    def __repr__(self) -> str:
        pairs = zip(self.hidden_widths, self._linear_units, strict=True)
        hidden = [f"{neurons}+{linear}" if linear else str(neurons) for neurons, linear in pairs]
        if len(hidden) > 12:
            hidden = [*hidden[:3], f"({len(hidden) - 6} more)", *hidden[-3:]]
        return f"Network({'-'.join([str(self.input_dim), *hidden, str(self.output_dim)])})"
