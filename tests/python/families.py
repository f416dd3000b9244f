"""The kinds of networks that the campaign makes, and what each is compared with.

A case is a network, a domain, and a question to the package whose answer `reference` gives in
rational arithmetic. Everything is drawn from one generator: a seed and a number name a case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

import fuzz
import reference
from convolutions import Convolution
from fuzz import Row, Sample

Make = Callable[[np.random.Generator], "Case | Convolution"]

FAMILIES: dict[str, Make] = {}


@dataclass(frozen=True)
class Case:
    """A network on a domain, and what to ask about it.

    Attributes
    ----------
    sample : Sample
        The network; its domain is one of the parameters t if there is an `embedding`.
    embedding : tuple of lists, optional
        Origin and basis: the network is sliced along ``origin + t @ basis``.
    argmax : bool
        Cells are also cut where another output becomes the largest.
    slope : float, optional
        All neurons are leaky, with this slope; imported from torch.
    """

    sample: Sample
    embedding: tuple[list[float], list[list[float]]] | None = None
    argmax: bool = False
    slope: float | None = None

    def literal(self) -> str:
        """A Python expression for the case."""
        return f"Case({self.sample.literal()}, {self.embedding!r}, {self.argmax!r}, {self.slope!r})"

    def reference(self) -> reference.ReferenceComplex:
        """The right answer."""
        s = self.sample
        layers = reference.exact_layers(s.layers, s.linear_units)
        if self.slope is not None:
            layers = leaky_layers(layers, Fraction(self.slope))
        if self.embedding is not None:
            layers = [along(layers[0], *self.embedding), *layers[1:]]
        if self.argmax:
            layers = with_running_maxima(layers)
        box = None
        if s.box is not None:
            box = ([Fraction(v) for v in s.box[0]], [Fraction(v) for v in s.box[1]])
        rows = [([Fraction(v) for v in w], Fraction(c)) for w, c in s.halfspaces]
        return reference.decompose(layers, box, rows)

    def complex(self, **options: Any) -> Any:
        """The package's answer."""
        import relutope as rt

        s = self.sample
        if self.slope is not None:
            network: Any = rt.Network.from_torch(leaky_module(s.layers, self.slope))
        else:
            network = rt.Network(s.arrays(), s.linear_units or None)
        if self.argmax:
            options["outputs"] = "argmax"
        if self.embedding is not None:
            found = rt.slice(network, embedding=self.embedding, domain=s.domain(), **options)
            return found.complex
        return rt.decompose(network, s.domain(), **options)


# -- the same networks in other words, exactly


def along(layer: Any, origin: list[float], basis: list[list[float]]) -> Any:
    """A first layer as a function of t, on ``origin + t @ basis``."""
    W, b, *linear = layer
    directions = [[Fraction(v) for v in row] for row in basis]
    start = [Fraction(v) for v in origin]
    slopes = [[sum(w * d for w, d in zip(row, v, strict=True)) for v in directions] for row in W]
    shifts = [
        c + sum(w * v for w, v in zip(row, start, strict=True)) for row, c in zip(W, b, strict=True)
    ]
    return (slopes, shifts, *linear)


def leaky_layers(layers: list[Any], slope: Fraction) -> list[Any]:
    """``leaky(z) = (1 - s) relu(z) + s z``: every unit twice, the second time without ReLU."""
    W, b = layers[0][:2]
    result = [([*W, *W], [*b, *b], len(W))]
    for k, (W, b, *_) in enumerate(layers[1:], 1):
        wide = [[(1 - slope) * v for v in row] + [slope * v for v in row] for row in W]
        last = k == len(layers) - 1
        result.append((wide, b) if last else ([*wide, *wide], [*b, *b], len(wide)))  # type: ignore[arg-type]
    return result


def leaky_module(layers: Any, slope: float) -> Any:
    """The same as a torch module, in doubles."""
    import torch

    parts: list[Any] = []
    for W, b in layers:
        linear = torch.nn.Linear(len(W[0]), len(W), dtype=torch.float64)
        linear.weight.data = torch.tensor(W, dtype=torch.float64)
        linear.bias.data = torch.tensor(b, dtype=torch.float64)
        parts += [linear, torch.nn.LeakyReLU(slope)]
    return torch.nn.Sequential(*parts[:-1])


def with_running_maxima(layers: list[Any]) -> list[Any]:
    """One more layer per output but the first: ``f_k - max(f_0, ..., f_(k-1))`` as its neuron.

    Beside it units without ReLU carry the outputs, and in front of them the maximum so far.
    """
    *hidden, (W, b) = layers
    m = len(W)
    result = [*hidden, (W, b, m)]
    one, zero = Fraction(1), Fraction(0)
    maximum = [one if j == 0 else zero for j in range(m)]
    for k in range(1, m):
        width = len(maximum)
        carried = [[one if j == width - m + i else zero for j in range(width)] for i in range(m)]
        neuron = [f - g for f, g in zip(carried[k], maximum, strict=True)]
        rows = [neuron, maximum, *carried]
        result.append((rows, [zero] * len(rows), m + 1))
        maximum = [one, one] + [zero] * m
    return [*result, ([[one] * (m + 2)], [zero])]


# -- families


def family(make: Make) -> Make:
    """Registers a family under the name of its function."""
    FAMILIES[make.__name__.replace("_", " ")] = make
    return make


@family
def degenerate(rng: np.random.Generator) -> Case:
    """Repeated, opposite, parallel, zero and dead rows, linear units, boxes on hyperplanes."""
    return Case(fuzz.sample(rng))


def small(
    rng: np.random.Generator,
    n: int,
    widths: list[int],
    numbers: Any,
    *,
    boxed: bool = True,
    outputs: int = 1,
    related: bool = True,
) -> Sample:
    """A network of given widths, in a box or on all of R^n."""
    box = fuzz.random_box(rng, n) if boxed else None
    layers, fan_in = [], n
    for depth, width in enumerate(widths):
        rows: list[Row] = []
        for _ in range(width):
            if related:
                row = fuzz.random_row(rng, fan_in, numbers, rows, box if depth == 0 else None)
            else:
                row = numbers(rng, fan_in), numbers(rng, 1)[0]
            rows.append(row)
        layers.append(([w for w, _ in rows], [b for _, b in rows]))
        fan_in = width
    last = [numbers(rng, fan_in) for _ in range(outputs)]
    return Sample([*layers, (last, numbers(rng, outputs))], box)


def some_numbers(rng: np.random.Generator) -> Any:
    return fuzz.NUMBERS[int(rng.integers(len(fuzz.NUMBERS)))]


@family
def thirty_layers(rng: np.random.Generator) -> Case:
    """One input, thirty layers of one to three neurons."""
    widths = rng.integers(1, 4, 30).tolist()
    numbers = (fuzz.ternary, fuzz.generic, fuzz.quantised)[int(rng.integers(3))]
    return Case(small(rng, 1, widths, numbers, boxed=bool(rng.random() < 0.7)))


@family
def linear_units(rng: np.random.Generator) -> Case:
    """Some units of each layer, or all, have no ReLU."""
    n = int(rng.choice([1, 2, 3]))
    widths = rng.integers(1, 4, int(rng.integers(2, 4))).tolist()
    case = small(rng, n, widths, some_numbers(rng), boxed=bool(rng.random() < 0.6))
    return Case(replace(case, linear_units=tuple(int(rng.integers(w + 1)) for w in widths)))


@family
def ties_of_argmax(rng: np.random.Generator) -> Case:
    """Outputs that are equal on whole cells, along facets or nowhere."""
    n, outputs = int(rng.choice([1, 2, 2])), int(rng.integers(2, 5))
    sample = small(
        rng,
        n,
        rng.integers(1, 4, int(rng.integers(1, 3))).tolist(),
        fuzz.integers,
        boxed=bool(rng.random() < 0.7),
        outputs=outputs,
    )
    W, b = sample.layers[-1]
    if rng.random() < 0.5:  # one output is a copy of another
        i, j = rng.integers(outputs, size=2).tolist()
        W[i], b[i] = list(W[j]), b[j]
    return Case(sample, argmax=True)


@family
def polytopes(rng: np.random.Generator) -> Case:
    """Domains with repeated, scaled and redundant sides, and sides through vertices."""
    n = int(rng.choice([1, 2, 2, 3]))
    sample = small(rng, n, rng.integers(1, 4, int(rng.integers(1, 3))).tolist(), some_numbers(rng))
    rows = [fuzz.random_halfspace(rng, n, sample.layers[0]) for _ in range(int(rng.integers(1, 4)))]
    w, c = rows[0]
    rows.append(([2 * v for v in w], 2 * c + float(rng.choice([0.0, 0.0, 1.0]))))
    if rng.random() < 0.3:
        rows.append(([0.0] * n, float(rng.choice([0.0, 1.0]))))
    rows = [row for row in rows if np.isfinite([*row[0], row[1]]).all()]
    return Case(replace(sample, halfspaces=tuple(rows)))


@family
def flat_boxes(rng: np.random.Generator) -> Case:
    """Some inputs are fixed: a slice along the others."""
    n = int(rng.choice([2, 3, 4]))
    free = sorted(rng.choice(n, int(rng.integers(1, min(n, 3))), replace=False).tolist())
    sample = small(rng, n, rng.integers(1, 4, 2).tolist(), some_numbers(rng), boxed=False)
    origin = [0.0 if j in free else float(rng.integers(-2, 3)) / 2 for j in range(n)]
    basis = [[float(j == k) for j in range(n)] for k in free]
    return Case(replace(sample, box=fuzz.random_box(rng, len(free))), (origin, basis))


@family
def slices_through_vertices(rng: np.random.Generator) -> Case:
    """Planes and lines with small integers, through the crossings of integer hyperplanes."""
    n, k = int(rng.choice([2, 3, 5])), int(rng.choice([1, 1, 2]))
    sample = small(rng, n, rng.integers(1, 4, 2).tolist(), fuzz.integers, boxed=False)
    while True:
        basis = rng.integers(-1, 2, (k, n)).astype(float)
        if np.linalg.matrix_rank(basis) == k:
            break
    origin = rng.integers(-1, 2, n).astype(float).tolist()
    box = fuzz.random_box(rng, k) if rng.random() < 0.7 else None
    return Case(replace(sample, box=box), (origin, basis.tolist()))


@family
def scales(rng: np.random.Generator) -> Case:
    """Rows and columns at scales up to 2^+-300."""
    n = int(rng.choice([1, 2, 3]))
    widths = rng.integers(1, 4, int(rng.integers(1, 4))).tolist()
    sample = small(rng, n, widths, fuzz.integers, boxed=bool(rng.random() < 0.6))
    layers = []
    for W, b in sample.layers:
        exponents = rng.choice([0, 0, 300, -300, 150, -60], len(W))
        table = np.ldexp(np.column_stack([W, b]), exponents[:, None])
        layers.append((table[:, :-1].tolist(), table[:, -1].tolist()))
    return Case(replace(sample, layers=layers))


@family
def subnormals(rng: np.random.Generator) -> Case:
    """Weights and biases below the smallest normal number."""

    def numbers(rng: np.random.Generator, k: int) -> list[float]:
        tiny = rng.integers(-3, 4, k) * rng.choice([5e-324, 1e-310, 2.0**-1022, 1.0], k)
        return [float(v) for v in tiny]

    n = int(rng.choice([1, 2, 3]))
    widths = rng.integers(1, 4, int(rng.integers(1, 3))).tolist()
    return Case(small(rng, n, widths, numbers, boxed=bool(rng.random() < 0.6)))


@family
def one_ulp_apart(rng: np.random.Generator) -> Case:
    """Rows that are copies of others, but for a unit in the last place."""
    n = int(rng.choice([1, 2, 2, 3]))
    widths = rng.integers(2, 4, int(rng.integers(1, 3))).tolist()
    numbers = (fuzz.generic, fuzz.integers, fuzz.quantised)[int(rng.integers(3))]
    sample = small(rng, n, widths, numbers, boxed=bool(rng.random() < 0.6))
    layers = []
    for W, b in sample.layers[:-1]:
        table = np.column_stack([W, b])
        i, j = rng.integers(len(table), size=2).tolist()
        table[i] = table[j]
        column = int(rng.integers(table.shape[1]))
        table[i, column] = np.nextafter(table[i, column], rng.choice([-np.inf, np.inf]))
        layers.append((table[:, :-1].tolist(), table[:, -1].tolist()))
    return Case(replace(sample, layers=[*layers, sample.layers[-1]]))


@family
def leaky(rng: np.random.Generator) -> Case:
    """Leaky slopes, negative ones and ones above 1 among them, as torch modules."""
    n = int(rng.choice([1, 2]))
    widths = rng.integers(1, 4, int(rng.integers(1, 3))).tolist()
    slope = float(rng.choice([0.01, 0.25, 0.1, 0.5, 2.0, -0.5]))
    numbers = (fuzz.integers, fuzz.generic, fuzz.quantised)[int(rng.integers(3))]
    return Case(small(rng, n, widths, numbers), slope=slope)


def random_convolution(rng: np.random.Generator, pool: str | None) -> Convolution:
    channels, size = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    length = size + (1 if channels == 2 or pool == "max" else 2)
    positions = length - size + 1
    units = channels * (positions // 2 if pool else positions)
    numbers = (fuzz.integers, fuzz.generic, fuzz.quantised)[int(rng.integers(3))]
    return Convolution(
        [numbers(rng, size) for _ in range(channels)],
        numbers(rng, channels),
        length,
        pool,
        numbers(rng, units),
        fuzz.random_box(rng, length),
    )


@family
def convolutions(rng: np.random.Generator) -> Convolution:
    """Convolutions, half of them with average pooling, as torch modules."""
    return random_convolution(rng, "average" if rng.random() < 0.5 else None)


@family
def pools(rng: np.random.Generator) -> Convolution:
    """Maxima over pairs of a convolution's units."""
    return random_convolution(rng, "max")
