"""A local search against the decomposition of the same problem, for tests and fuzzing."""

from __future__ import annotations

from typing import Any

import numpy as np

Facets = dict[tuple[int, int], tuple[int, ...]]


def explored(network: Any, x0: Any, domain: Any = None, **options: Any) -> Any:
    """All cells, from `x0` on."""
    from relutope.decomposition.exploring import explore

    return explore(network, x0, domain=domain, max_cells=10**6, **options)


def exploration_differences(cx: Any, found: Any) -> list[str]:
    """What a complete local search says otherwise than the complex `cx`; the order does not count.

    Where a cell has no point among the doubles, only that nothing false is said.
    """
    numbers = {tuple(row): i for i, row in enumerate(cx.patterns.tolist())}
    patterns = [tuple(row) for row in found.patterns.tolist()]
    strange = [i for i, row in enumerate(patterns) if row not in numbers]
    if strange or len(set(patterns)) < len(patterns):
        return [f"cells {strange} do not exist, or cells are listed twice"]
    to = [numbers[row] for row in patterns]
    wanted = facets_of_complex(cx)
    got, texts = facets_of_exploration(found, to, numbers)
    if found.complete and len(to) != cx.n_cells:
        texts.append(f"called complete with {len(to)} of {cx.n_cells} cells")
    if not found.complete and found.n_unresolved == 0:
        texts.append(f"stopped with {found.n_cells} of {found.n_known} known cells")
    expected = {pair: zeros for pair, zeros in wanted.items() if pair[0] in set(to)}
    if got != expected:
        texts.append(f"facets {sorted(set(got.items()) ^ set(expected.items()))[:4]}")
    edges = {tuple(sorted((to[i], to[j]))) for i, j in found.adjacency.tolist()}
    if edges != {pair for pair in wanted if pair[0] < pair[1] and set(pair) <= set(to)}:
        texts.append("the adjacency differs")
    return texts


def facets_of_complex(cx: Any) -> Facets:
    pairs = zip(cx.adjacency.tolist(), cx.facet_neurons, strict=True)
    edges = {(i, j): tuple(zeros.tolist()) for (i, j), zeros in pairs}
    return edges | {(j, i): zeros for (i, j), zeros in edges.items()}


def facets_of_exploration(
    found: Any, to: list[int], numbers: dict[tuple[bool, ...], int]
) -> tuple[Facets, list[str]]:
    """Facets by the numbers that the complex gives to cells, and contradictions."""
    got: Facets = {}
    texts = []
    for i in range(found.n_cells):
        beyond = found.neighbour_patterns(i).tolist()
        for zeros, j, row in zip(
            found.facets(i), found.facet_neighbours(i).tolist(), beyond, strict=True
        ):
            other = numbers.get(tuple(row))
            if other is None or (j >= 0 and to[j] != other) or (j < 0 and other in to):
                texts.append(f"cell {i}: neighbour {j} in {zeros.tolist()} contradicts its pattern")
                continue
            if (to[i], other) in got:
                texts.append(f"cell {i}: neighbour {j} twice")
            got[to[i], other] = tuple(zeros.tolist())
    return got, texts


def starts(cx: Any, seed: int) -> list[Any]:
    """Points of the domain: in the middle of nothing, on a vertex, in a corner."""
    rng = np.random.default_rng(seed)
    lower = getattr(cx.domain, "lower", np.full(cx.dim, -np.inf))
    upper = getattr(cx.domain, "upper", np.full(cx.dim, np.inf))
    candidates = [rng.normal(size=cx.dim), np.zeros(cx.dim), lower, np.clip(lower, -3.0, upper)]
    if len(cx.vertices):
        candidates.append(cx.vertices[rng.integers(len(cx.vertices))])
    finite = [np.clip(x, lower, upper) for x in candidates if np.isfinite(x).all()]
    return [x for x in finite if not hasattr(cx.domain, "A") or cx.domain.contains(x[None])[0]]
