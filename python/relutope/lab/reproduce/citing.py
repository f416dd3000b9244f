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
    "masden2022": """\
@misc{masden2022,
  author = {Masden, Marissa},
  title = {Algorithmic Determination of the Combinatorial Structure of the Linear Regions of
    {ReLU} Neural Networks},
  eprint = {2207.07696},
  archivePrefix = {arXiv},
  year = {2022},
}
""",
    "grigsbylindsey2020": """\
@misc{grigsbylindsey2020,
  author = {Grigsby, J. Elisenda and Lindsey, Kathryn},
  title = {On Transversality of Bent Hyperplane Arrangements and the Topological Expressiveness
    of {ReLU} Neural Networks},
  eprint = {2008.09052},
  archivePrefix = {arXiv},
  year = {2020},
}
""",
    "johnson2019": """\
@inproceedings{johnson2019,
  author = {Johnson, Jesse},
  title = {Deep, Skinny Neural Networks are not Universal Approximators},
  booktitle = {International Conference on Learning Representations},
  year = {2019},
}
""",
    "serra2018": """\
@inproceedings{serra2018,
  author = {Serra, Thiago and Tjandraatmadja, Christian and Ramalingam, Srikumar},
  title = {Bounding and Counting Linear Regions of Deep Neural Networks},
  booktitle = {International Conference on Machine Learning},
  year = {2018},
}
""",
    "ergengrillo2024": """\
@misc{ergengrillo2024,
  author = {Ergen, Ekin and Grillo, Moritz},
  title = {Topological Expressivity of {ReLU} Neural Networks},
  eprint = {2310.11130},
  archivePrefix = {arXiv},
  year = {2023},
}
""",
    "humayun2024": """\
@inproceedings{humayun2024,
  author = {Humayun, Ahmed Imtiaz and Balestriero, Randall and Baraniuk, Richard},
  title = {Deep Networks Always Grok and Here is Why},
  booktitle = {International Conference on Machine Learning},
  eprint = {2402.15555},
  archivePrefix = {arXiv},
  year = {2024},
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
