"""The decision boundary with and without the complex around it: cells, splits, CPU seconds.

python benchmarks/boundaries.py     seconds are of one thread, medians of five
"""

from __future__ import annotations

import numpy as np

import relutope as rt
from cliffs import random_network
from common import best_and_median, zoo

NAMES = ("shallow-2d", "deep-2d", "deep-3d", "deep-4d", "deep-5d", "deep-6d", "wide-2d", "wide-3d")


def main() -> None:
    networks = {name: zoo.standard(name).layers for name in NAMES}
    networks["classes-2d"] = random_network([2, 24, 24, 5], 1)
    networks["classes-3d"] = random_network([3, 20, 20, 4], 2)
    print(
        f"{'':12}{'facets':>8}{'all cells':>11}{'touched':>9}{'made':>9}{'splits':>8}"
        f"{'s, all':>9}{'s, alone':>10}{'ratio':>7}"
    )
    for name, layers in networks.items():
        box = rt.Box(-1, 1, dim=np.shape(layers[0][0])[1])
        outputs = "sign" if np.shape(layers[-1][0])[0] == 1 else "argmax"
        _, whole, cx = best_and_median(
            lambda n=layers, b=box, o=outputs: rt.decompose(
                n, b, outputs=o, engine="vertex", threads=1
            ),
            repeats=5,
        )
        _, alone, found = best_and_median(
            lambda n=layers, b=box: rt.decision_boundary(n, b, threads=1), repeats=5
        )
        touched = len(np.unique(rt.decision_boundary(cx).cells))
        print(
            f"{name:12}{len(found):8,}{cx.n_cells:11,}{touched:9,}{found.complex.n_cells:9,}"
            f"{found.complex.stats['splits']:8,}{whole:9.3f}{alone:10.3f}{whole / alone:7.1f}"
        )


if __name__ == "__main__":
    main()
