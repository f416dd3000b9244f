"""What to cite: BibTeX entries, and paragraphs that can be pasted into a methods section."""

from __future__ import annotations

from collections.abc import Sequence

from ...common.version import VERSION

__all__ = ["METHODS", "REFERENCES", "bibtex"]

REFERENCES = {
    "bosca2026": """\
@inproceedings{bosca2026,
  author = {Bosca and Rask and Tanweer and Tawfeek and Stone},
  title = {Topological Signatures of {ReLU} Neural Network Activation Patterns},
  series = {PMLR},
  volume = {321},
  year = {2026},
}
""",
    "dhayalkar2025": """\
@misc{dhayalkar2025,
  author = {Dhayalkar, Sahil Rajesh},
  title = {Discrete Functional Geometry of {ReLU} Networks via {ReLU} Transition Graphs},
  eprint = {2509.03056},
  archivePrefix = {arXiv},
  year = {2025},
}
""",
    "haninrolnick2019": """\
@inproceedings{haninrolnick2019,
  author = {Hanin, Boris and Rolnick, David},
  title = {Complexity of Linear Regions in Deep Networks},
  booktitle = {International Conference on Machine Learning},
  year = {2019},
}
""",
    "haninrolnick2019few": """\
@inproceedings{haninrolnick2019few,
  author = {Hanin, Boris and Rolnick, David},
  title = {Deep {ReLU} Networks Have Surprisingly Few Activation Patterns},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2019},
}
""",
    "gainesbi2026": """\
@inproceedings{gainesbi2026,
  author = {Gaines, Blake B. and Bi, Jinbo},
  title = {Characterizing the Discrete Geometry of {ReLU} Networks},
  booktitle = {International Conference on Learning Representations},
  year = {2026},
}
""",
}
"""Entries by key."""

METHODS = {
    "fiedler": (
        "Binary classifiers with two inputs were trained by full-batch AdamW. All cells over a "
        "square were computed exactly (relutope). The Fiedler partition of the dual graph was "
        "compared with the sign of the network by the adjusted Rand index, on the network's own "
        "cells and, under the same function, on cells of untrained, shuffled and other trained "
        "networks, a lattice, Voronoi cells and random lines. One-sided sign-flip tests over "
        "seeds; the largest p-value over the other cells counts; all but the primary hypothesis "
        "were corrected together by Holm's method."
    ),
    "homology": (
        "Regression networks were trained by full-batch Adam. All cells over the samples' bounding "
        "box were computed exactly (relutope) every few updates, with Betti curves of filtrations "
        "in random order. Rank correlations with the training loss were compared over seeds with "
        "those of random labels, undirected drift and the losses of other runs, by sign-flip tests "
        "corrected by Holm's method."
    ),
}
"""For the two questions of the source paper."""


def bibtex(keys: Sequence[str]) -> str:
    """The entries of the references and of this package.

    Examples
    --------
    >>> bibtex([]).splitlines()[0]
    '@software{relutope,'
    """
    own = (
        "@software{relutope,\n"
        "  author = {{The relutope developers}},\n"
        "  title = {relutope: exact polyhedral decomposition of {ReLU} networks},\n"
        f"  version = {{{VERSION}}},\n"
        "}\n"
    )
    return "\n".join([own, *(REFERENCES[key] for key in keys)])
