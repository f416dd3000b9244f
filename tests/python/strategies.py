"""Hypothesis strategies for networks and domains, degenerate ones on purpose.

Values are `fuzz.Sample`: layers as nested lists (they print as reproducible literals) and a box or
None. Every kind of degeneracy that is an ordinary input of the package appears: zero biases,
quantised and float32 weights, repeated, opposite and scaled rows, rows of zeros, hyperplanes on box
sides, magnitudes up to 2^+-600 and subnormal numbers.
"""

from __future__ import annotations

from hypothesis import strategies as st

from fuzz import BOXED_NEURONS, MAX_NEURONS, Sample

Row = tuple[list[float], float]

ENTRIES = {
    "integer": st.integers(-2, 2).map(float),
    "quantised": st.integers(-3, 3).map(lambda k: 0.1 * k),
    "float32": st.floats(-2, 2, width=32),
    "float64": st.floats(-2, 2),
    "huge": st.builds(
        lambda k, e: float(k) * 2.0**e, st.integers(-2, 2), st.sampled_from([0, 600])
    ),
    "tiny": st.builds(
        lambda k, e: float(k) * 2.0**e, st.integers(-2, 2), st.sampled_from([0, -600])
    ),
    "subnormal": st.sampled_from([0.0, 5e-324, -5e-324, 1e-310, 1.0, -1.0]),
}


def rows_of(n: int, entry: st.SearchStrategy[float]) -> st.SearchStrategy[Row]:
    return st.tuples(st.lists(entry, min_size=n, max_size=n), entry)


@st.composite
def boxes(draw: st.DrawFn, n: int) -> tuple[list[float], list[float]]:
    """Mostly [-1, 1]^n; otherwise sides at small integers and halves."""
    if draw(st.booleans()):
        return [-1.0] * n, [1.0] * n
    lower = [float(v) for v in draw(st.lists(st.integers(-2, 0), min_size=n, max_size=n))]
    widths = draw(st.lists(st.sampled_from([0.5, 1.0, 1.5, 3.0]), min_size=n, max_size=n))
    return lower, [lo + w for lo, w in zip(lower, widths, strict=True)]


@st.composite
def layers_of(
    draw: st.DrawFn,
    n: int,
    widths: list[int],
    box: tuple[list[float], list[float]] | None,
    entries: dict[str, st.SearchStrategy[float]],
) -> list[tuple[list[list[float]], list[float]]]:
    """Layers of the given widths; each row fresh, or related to an earlier one, or to the box."""
    entry = entries[draw(st.sampled_from(sorted(entries)))]
    biased = draw(st.sampled_from([True, True, True, False]))
    layers, fan_in = [], n
    for depth, width in enumerate(widths):
        rows: list[Row] = []
        for _ in range(width):
            rows.append(draw(row(fan_in, entry, rows, box if depth == 0 else None)))
        layers.append(([w for w, _ in rows], [b if biased else 0.0 for _, b in rows]))
        fan_in = width
    output = draw(rows_of(fan_in, ENTRIES["integer"]))
    return [*layers, ([output[0]], [output[1]])]


@st.composite
def row(
    draw: st.DrawFn,
    n: int,
    entry: st.SearchStrategy[float],
    earlier: list[Row],
    box: tuple[list[float], list[float]] | None,
) -> Row:
    kinds = ["fresh", "fresh", "fresh", "zero"]
    kinds += ["related", "related"] if earlier else []
    kinds += ["side"] if box is not None else []
    kind = draw(st.sampled_from(kinds))
    if kind == "related":
        w, b = draw(st.sampled_from(earlier))
        s = draw(st.sampled_from([1.0, -1.0, 2.0, -0.5]))
        return [s * v for v in w], s * b + draw(st.sampled_from([0.0, 0.0, 1.0]))
    if kind == "side" and box is not None:
        k, end = draw(st.integers(0, n - 1)), draw(st.integers(0, 1))
        s = draw(st.sampled_from([1.0, -1.0, 4.0]))
        return [s * (j == k) for j in range(n)], -s * box[end][k]
    if kind == "zero":
        return [0.0] * n, draw(st.sampled_from([0.0, 1.0, -1.0]))
    return draw(rows_of(n, entry))


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    dims: tuple[int, ...] = (1, 2, 3, 4, 5),
    boxed: bool | None = None,
    scale: int = 1,
    kinds: tuple[str, ...] = tuple(ENTRIES),
) -> Sample:
    """A network of 1 to 4 hidden layers, on a box or on R^n (`boxed`: None for either).

    With `scale` 1 the number of neurons suits the reference; `scale` multiplies it.
    """
    n = draw(st.sampled_from(dims))
    on_box = draw(st.booleans()) if boxed is None else boxed
    most = scale * (BOXED_NEURONS if on_box else MAX_NEURONS)[n]
    neurons = draw(st.sampled_from(range(most, most // 3, -1)))
    depth = draw(st.sampled_from(range(1, min(4, neurons) + 1)))
    widths = [neurons // depth + (k < neurons % depth) for k in range(depth)]
    box = draw(boxes(n)) if on_box else None
    entries = {kind: ENTRIES[kind] for kind in kinds}
    return Sample(draw(layers_of(n, widths, box, entries)), box)
