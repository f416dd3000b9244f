"""Certified distances of digits to the nearest change of the decision, in a given time.

    python benchmarks/robustness.py NETWORK.onnx DIGITS.csv --images 3 --seconds 60

A row of the file holds a label and the pixels, 0 to 255. Of each image the lower bound at half the
time, the interval when the time ends, and with --attack what projected gradient descent finds in
the maximum norm (torch, float64; 10 starts, 100 steps, 12 halvings of the radius).
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import relutope as rt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network")
    parser.add_argument("digits")
    parser.add_argument("--images", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--norm", type=float, default=float("inf"))
    parser.add_argument("--attack", action="store_true")
    arguments = parser.parse_args()
    network = rt.load_network(arguments.network)
    rows = np.loadtxt(arguments.digits, delimiter=",", max_rows=arguments.images, ndmin=2)
    for number, row in enumerate(rows):
        search = rt.Robustness(network, row[1:] / 255, norm=arguments.norm, domain=rt.Box(0, 1))
        start, first = time.perf_counter(), 0.0
        while (left := arguments.seconds - (time.perf_counter() - start)) > 0 and not search.exact:
            search.run(max_seconds=left if first else min(left, arguments.seconds / 2))
            first = first or search.lower
        print(f"image {number}: {first:.6g} at half the time, then {search}", flush=True)
        if arguments.attack:
            print(f"    projected gradient: {attacked(network, row[1:] / 255):.6g}", flush=True)


def attacked(network: rt.Network, x: np.ndarray) -> float:
    """The least radius at which projected gradient descent changes the decision."""
    import torch

    torch.manual_seed(0)
    layers = [(torch.tensor(W), torch.tensor(b)) for W, b in network.layers]

    def outputs(z):
        for W, b in layers[:-1]:
            z = torch.relu(z @ W.T + b)
        return z @ layers[-1][0].T + layers[-1][1]

    start = torch.tensor(x)[None]
    label = int(outputs(start).argmax())

    def succeeds(radius):
        lower, upper = (start - radius).clamp(0, 1), (start + radius).clamp(0, 1)
        z = lower + (upper - lower) * torch.rand(10, len(x), dtype=torch.float64)
        for _ in range(100):
            z.requires_grad_(True)
            f = outputs(z)
            if (f.argmax(1) != label).any():
                return True
            others = f.clone()
            others[:, label] = -torch.inf
            (f[:, label] - others.max(1).values).sum().backward()
            z = torch.clamp(z.detach() - radius / 20 * z.grad.sign(), lower, upper)
        return bool((outputs(z).argmax(1) != label).any())

    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if succeeds(middle) else (middle, high)
    return high


if __name__ == "__main__":
    main()
