"""Questions of the page that take longer than a picture: clusters, null models, random curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import relutope as rt

from .problems import RequestError, decomposed, network_of

__all__ = ["betti_curves", "clusters", "domains", "null_models", "real_data"]

MOST_DRAWS = 100
MOST_PARTS = 24
_NULLS = {"shuffled weights": rt.shuffled_weights, "untrained": rt.untrained}


def clusters(cx: rt.Complex, request: Mapping[str, Any]) -> tuple[dict[str, Any], NDArray[Any]]:
    """A partition of the cells by the lowest eigenvectors of the normalised Laplacian.

    Parameters
    ----------
    cx : Complex
    request : mapping
        ``parts``, from 1, and ``weight``.

    Returns
    -------
    stated : dict
        ``sizes`` and ``normalized_cut``.
    labels : ndarray of int32, shape (n_cells,)
    """
    parts = _count(request, "parts", 4, MOST_PARTS)
    found = rt.spectral_clustering(cx, min(parts, cx.n_cells), request.get("weight", "unit"))
    stated = {"sizes": found.sizes.tolist(), "normalized_cut": found.normalized_cut}
    return stated, found.labels.astype(np.int32)


def domains(cx: rt.Complex, request: Mapping[str, Any]) -> tuple[dict[str, Any], NDArray[Any]]:
    """The strong nodal domains of an eigenvector of the dual graph's Laplacian.

    Parameters
    ----------
    cx : Complex
    request : mapping
        ``mode``, 1 for the constant, 2 for the Fiedler vector; ``weight``, ``normalized``.

    Returns
    -------
    stated : dict
        ``mode``, ``value`` of the eigenvalue, ``n_strong``, ``n_weak``, ``n_zero``.
    domain : ndarray of int32, shape (n_cells,)
        -1 where the vector is 0.
    """
    mode = min(_count(request, "mode", 2, 64), cx.n_cells)
    weight, normalized = request.get("weight", "unit"), bool(request.get("normalized", False))
    spectrum = rt.spectrum(cx, mode, weight, normalized=normalized)
    found = rt.nodal_domains(cx, spectrum.vectors[:, mode - 1], weight)
    counts = {name: int(getattr(found, name)) for name in ("n_strong", "n_weak", "n_zero")}
    stated = {"mode": mode, "value": float(spectrum.values[mode - 1]), **counts}
    return stated, found.strong.astype(np.int32)


def betti_curves(request: Mapping[str, Any]) -> dict[str, Any]:
    """Mean Betti curves of the cells in random order, with bands.

    Parameters
    ----------
    request : mapping
        The complex, ``draws`` and ``seed``.

    Returns
    -------
    dict
        ``grid`` of the share of cells; ``mean``, ``low``, ``high``, one list for each dimension.
    """
    from ..topology import random_betti_curves

    cx = decomposed({**request, "outputs": None})
    draws = _count(request, "draws", 20, MOST_DRAWS, least=2)
    found = random_betti_curves(cx, draws, seed=_count(request, "seed", 0, 2**31, least=0))
    curves = {name: getattr(found, name).tolist() for name in ("grid", "mean", "low", "high")}
    return {"draws": draws, "n_cells": cx.n_cells, **curves}


def null_models(request: Mapping[str, Any]) -> dict[str, Any]:
    """The agreement of Fiedler cut and classes, of this network and of null models.

    Parameters
    ----------
    request : mapping
        The complex of a network with one output, ``draws``, ``weight``, ``normalized``.

    Returns
    -------
    dict
        ``own``, and a list under the name of each null model: `Agreement.accuracy`, null where
        a network's Fiedler partition or its classes are not two parts.
    """
    network = network_of(request["network"])
    if network.output_dim != 1:
        raise RequestError("the agreement is that of networks with one output")
    draws = _count(request, "draws", 10, MOST_DRAWS)
    found: dict[str, Any] = {"own": _accuracy(request, network)}
    for name, make in _NULLS.items():
        found[name] = [_accuracy(request, make(network, seed)) for seed in range(draws)]
    return found


def _accuracy(request: Mapping[str, Any], network: rt.Network) -> float | None:
    cx = decomposed({**request, "outputs": "sign"}, network)
    weight, normalized = request.get("weight", "unit"), bool(request.get("normalized", False))
    labels = rt.cell_labels(cx)
    if cx.n_cells < 2 or labels.all() or not labels.any():
        return None
    cut = rt.fiedler(cx, weight, normalized=normalized)
    if not np.isfinite(cut.value) or cut.value <= 0:
        return None
    return float(rt.agreement(cut.partition, labels, cx.adjacency).accuracy)


def real_data(request: Mapping[str, Any]) -> dict[str, Any]:
    """A data set of the package, in two columns.

    Parameters
    ----------
    request : mapping
        ``name``, one of the real tables.

    Returns
    -------
    dict
        ``points`` and ``labels``, ``title`` and ``axes``.
    """
    from ..lab.datasets import load
    from ..lab.real_tables import CLASSIFICATION

    name = request["name"]
    if name not in CLASSIFICATION:
        raise RequestError(f"there is no table {name!r}; use one of {', '.join(CLASSIFICATION)}")
    found = load(name)
    return {
        "points": found.X.tolist(),
        "labels": found.y.astype(int).tolist(),
        "title": found.title,
        "axes": list(found.features),
    }


def _count(request: Mapping[str, Any], name: str, usual: int, most: int, least: int = 1) -> int:
    number = int(request.get(name, usual))
    if not least <= number <= most:
        raise RequestError(f"`{name}` is {number}; give {least} to {most}")
    return number
