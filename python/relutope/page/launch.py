"""Starting the page's server."""

from __future__ import annotations

import ipaddress
import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

from ..errors import MissingDependencyError
from ..network.network import Network

__all__ = ["bound_socket", "launch"]


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
    except OSError as error:
        listening.close()
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from None
    return listening


def launch(
    network: Network | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    open_browser: bool = True,
    say: Callable[[str], object] = print,
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    network : Network, optional
        What is shown at first.
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
    OSError
        If the address is taken.
    """
    try:
        import uvicorn

        from .server import MOST_MESSAGE, Settings, make_app
    except ImportError as error:
        raise MissingDependencyError(
            f"the page needs {error.name}, which is not installed: pip install 'relutope[app]'"
        ) from error
    from .problems import network_json

    listening = bound_socket(host, port)
    number = int(listening.getsockname()[1])
    shown: dict[str, Any] | None = None if network is None else network_json(network)
    shown_host = f"[{host}]" if ":" in host else host
    hosts = tuple(dict.fromkeys([shown_host, "127.0.0.1", "localhost", "[::1]"]))
    settings = Settings(port=number, hosts=hosts, network=shown)
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
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
