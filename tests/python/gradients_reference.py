"""Gradients of everything that `relutope.differentiable` gives, against central differences.

python tests/python/gradients_reference.py --networks 500     random networks in 1 to 3 dimensions
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

import relutope as rt
from relutope.differentiable import Geometry, distances, persistence_loss
from small_networks import random_network

WIDTHS = ([1, 6, 4, 1], [2, 6, 5, 1], [2, 4, 4, 3, 1], [3, 5, 4, 1])


def tensors(layers):
    return [
        tuple(torch.tensor(np.array(part, dtype=np.float64), requires_grad=True) for part in layer)
        for layer in layers
    ]


def arrays(layers):
    return [(W.detach().numpy(), b.detach().numpy()) for W, b in layers]


def described(cx):
    """What must not change where derivatives are taken."""
    return cx.patterns.tobytes(), cx.vertex_signs.tobytes(), cx.adjacency.tobytes()


QUANTITIES = ("vertices", "values", "facet_measures", "cell_volumes", "edge_lengths", "centroids")


def assert_gradients(layers, domain, seed):
    """Directional derivatives of everything against central differences; False if they cannot be
    taken, since the combinatorics change nearby."""
    given = tensors(layers)
    cx = rt.decompose(arrays(given), domain)
    made = Geometry(cx, given)
    rng = np.random.default_rng(seed)
    direction = [tuple(rng.normal(size=part.shape) for part in layer) for layer in given]
    step = 2.0**-24
    moved = []
    for sign in (1, -1):
        near = [
            tuple(p.detach().numpy() + sign * step * d for p, d in zip(layer, ways, strict=True))
            for layer, ways in zip(given, direction, strict=True)
        ]
        there = rt.decompose(near, domain)
        if described(there) != described(cx):
            return False
        moved.append(Geometry(there, tensors(near)))
    for name in QUANTITIES:
        value = getattr(made, name)
        if not value.requires_grad:  # nothing there, or points of one dimension
            continue
        weights = torch.as_tensor(rng.normal(size=value.shape))
        finite = torch.isfinite(value)
        total = (value[finite] * weights[finite]).sum()
        flat = [part for layer in given for part in layer]
        gradients = torch.autograd.grad(total, flat, retain_graph=True, allow_unused=True)
        ways = [d for layer in direction for d in layer]
        slope = sum(
            (g * torch.as_tensor(d)).sum().item()
            for g, d in zip(gradients, ways, strict=True)
            if g is not None
        )
        up, down = ((getattr(m, name)[finite] * weights[finite]).sum().item() for m in moved)
        expected = (up - down) / (2 * step)
        scale = max(1.0, abs(slope), (value[finite] ** 2).sum().item())
        assert abs(slope - expected) < 1e-4 * scale, name
    return True


def assert_gradients_of_losses(layers, domain, seed):
    """The same of distances to facets, and of the loss of a topology."""
    given = tensors(layers)
    rng = np.random.default_rng(seed)
    direction = [rng.normal(size=part.shape) for layer in given for part in layer]
    X = rng.uniform(-0.9, 0.9, (5, len(layers[0][0][0])))
    step = 2.0**-24
    flat = [part for layer in given for part in layer]
    moved = []
    for sign in (1, -1):
        parts = [p.detach().numpy() + sign * step * d for p, d in zip(flat, direction, strict=True)]
        moved.append(tensors(list(zip(parts[::2], parts[1::2], strict=True))))
    same = described(rt.decompose(arrays(given), domain))
    if any(described(rt.decompose(arrays(there), domain)) != same for there in moved):
        return

    def near(net):
        found = distances(Geometry(rt.decompose(arrays(net), domain), net), X)
        return found[torch.isfinite(found)].sum()

    for name, loss in (
        ("distances", near),
        ("persistence_loss", lambda net: persistence_loss(net, domain, [2, 1], margin=0.1)),
    ):
        slopes = torch.autograd.grad(loss(given), flat, allow_unused=True)
        slope = sum(
            (g * torch.as_tensor(d)).sum().item()
            for g, d in zip(slopes, direction, strict=True)
            if g is not None
        )
        up, down = (loss(there).item() for there in moved)
        assert abs(slope - (up - down) / (2 * step)) < 1e-4 * max(1.0, abs(slope)), name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=500)
    wanted = parser.parse_args().networks
    taken, seed, start = 0, 0, time.perf_counter()
    while taken < wanted:
        widths = WIDTHS[seed % len(WIDTHS)]
        layers, box = random_network(widths, seed), rt.Box(-1, 1, dim=widths[0])
        if assert_gradients(layers, box, seed):
            assert_gradients_of_losses(layers, box, seed)
            taken += 1
        seed += 1
    print(
        f"{taken} networks agree; {seed - taken} have other combinatorics nearby and were left out "
        f"({time.perf_counter() - start:.0f} s)"
    )


if __name__ == "__main__":
    main()
