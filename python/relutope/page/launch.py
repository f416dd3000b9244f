"""Starting the page's server."""

from __future__ import annotations

import ipaddress
import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..decomposition.complex import Complex
from ..domain.box import Box
from ..errors import MissingDependencyError
from ..network.conversion import NetworkLike, as_network
from .problems import network_json

__all__ = ["app", "bound_socket", "first_shown"]


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one.

    Raises
    ------
    OSError
        If the address is taken or not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)  # who is told the address may come before the server accepts
    except OSError as error:
        listening.close()
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from None
    return listening


@ieee_arithmetic
def app(
    shown: NetworkLike | Complex | None = None,
    *,
    data: tuple[ArrayLike, ArrayLike] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    open_browser: bool = True,
    say: Callable[[str], object] = print,
) -> None:
    """Serve the page until interrupted: build, train and decompose a network in the browser.

    Parameters
    ----------
    shown : Network, torch.nn.Module, path, list of (W, b) or Complex, optional
        The network that is shown at first, without linear units; of a complex over a bounded box
        also the box, made symmetric.
    data : pair (X, y), optional
        Points, shape (k, n) with n up to 10, and their classes 0 to 7.
    host : str
        Loopback unless you say otherwise; who knows the token then reaches the page over the
        network, unencrypted.
    port : int
        0 is any free one.
    open_browser : bool
    say : callable
        Receives the address, with its token, and warnings.

    Raises
    ------
    MissingDependencyError
        Without the extra ``app``.
    ValueError
        If the network has linear units, or `data` does not fit.
    OSError
        If the address is taken.

    See Also
    --------
    live, report
    """
    at_first = first_shown(shown, data)
    try:
        import uvicorn

        from .server import MOST_MESSAGE, Settings, make_app
    except ImportError as error:
        raise MissingDependencyError(
            f"the page needs {error.name}, which is not installed: pip install 'relutope[app]'"
        ) from error
    listening = bound_socket(host, port)
    number = int(listening.getsockname()[1])
    shown_host = f"[{host}]" if ":" in host else host
    hosts = tuple(dict.fromkeys([shown_host, "127.0.0.1", "localhost", "[::1]"]))
    settings = Settings(port=number, hosts=hosts, at_first=at_first)
    address = f"http://{shown_host}:{number}/?token={settings.token}"
    if not _is_loopback(host):
        say(f"warning: {host} is reachable from other machines, and nothing is encrypted")
    say(address)
    if open_browser:
        threading.Timer(0.3, webbrowser.open, [address]).start()
    config = uvicorn.Config(
        make_app(settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=MOST_MESSAGE,
        ws_per_message_deflate=False,  # frames stay on this machine; packing them takes longer
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listening])


def first_shown(
    shown: NetworkLike | Complex | None, data: tuple[ArrayLike, ArrayLike] | None = None
) -> dict[str, Any]:
    """What the page reads when it opens: ``network``, ``box`` and ``data``, as far as given.

    Raises
    ------
    ValueError
        If the network has linear units, or `data` does not fit.
    """
    found: dict[str, Any] = {}
    if shown is not None:
        network = shown.network if isinstance(shown, Complex) else as_network(shown)
        if any(network.linear_units):
            raise ValueError(
                f"`shown` is {network}, which has linear units; the page shows networks without "
                "(a complex that is cut by its outputs has them: give the network)"
            )
        found["network"] = network_json(network)
    if isinstance(shown, Complex) and isinstance(shown.domain, Box):
        reach = np.abs([shown.domain.lower, shown.domain.upper]).max()
        if np.isfinite(reach) and reach > 0:
            found["box"] = float(reach)
    if data is not None:
        points, labels = np.asarray(data[0], dtype=np.float64), np.asarray(data[1])
        whole = labels.ndim == 1 and len(labels) and np.isin(labels, range(8)).all()
        if points.ndim != 2 or len(points) != len(labels) or not whole or points.shape[1] > 10:
            raise ValueError(
                f"`data` has shapes {points.shape} and {labels.shape}; give points (k, n), n up to "
                "10, and k classes from 0 to 7"
            )
        found["data"] = {"points": points.tolist(), "labels": labels.astype(int).tolist()}
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
