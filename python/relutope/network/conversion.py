"""Networks from what users have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..errors import InvalidNetworkError
from .network import Network

__all__ = ["NetworkLike", "as_network"]


class TorchModule(Protocol):
    """A `torch.nn.Module`."""

    def forward(self, *args: Any, **kwargs: Any) -> Any: ...
    def state_dict(self, *args: Any, **kwargs: Any) -> Any: ...


class Estimator(Protocol):
    """A scikit-learn estimator."""

    def fit(self, X: Any, y: Any) -> Any: ...
    def predict(self, X: Any) -> Any: ...


NetworkLike: TypeAlias = (
    Network | TorchModule | Estimator | Sequence[tuple[ArrayLike, ArrayLike]] | str | Path
)


@ieee_arithmetic
def as_network(network: NetworkLike) -> Network:
    """Turns what users have into a `Network`.

    Parameters
    ----------
    network : Network, torch.nn.Module, scikit-learn estimator, sequence of (W, b), str or Path
        A file is read by `load_network`. Of scikit-learn, ``MLPClassifier`` and ``MLPRegressor``
        with ReLUs, also at the end of a pipeline of ``StandardScaler`` and ``MinMaxScaler``.

    Returns
    -------
    Network

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError

    See Also
    --------
    load_network, Network.from_torch, Network.from_arrays
    """
    if isinstance(network, Network):
        return network
    if any(kind.__module__.split(".")[0] == "torch" for kind in type(network).__mro__):
        return Network.from_torch(network)
    if type(network).__module__.split(".")[0] == "sklearn":
        from .importing.from_sklearn import graph_of_sklearn
        from .importing.imported import built

        return built(Network, lambda: graph_of_sklearn(network))
    if isinstance(network, str | Path):
        from .importing.loading import load_network

        return load_network(network)
    if isinstance(network, Sequence) and not isinstance(network, str):
        return Network(network)
    raise InvalidNetworkError(
        f"`network` must be a relutope.Network, a torch.nn.Module, a list of (W, b) pairs or a "
        f"file, got {type(network).__name__}"
    )
