"""The page's server: to this machine only, with a token, and without a word to other hosts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from .problems import RequestError
from .site import assets, index_html
from .workers import Cancelled, TabWorker

__all__ = ["MOST_MESSAGE", "Settings", "make_app"]

MOST_MESSAGE = 16 * 2**20  # bytes of one message of the websocket
_MOST_TABS = 16
_COOKIE = "relutope-token"


@dataclass(frozen=True)
class Settings:
    """Where the page is served, and the secret that opens it."""

    port: int
    hosts: Sequence[str] = ("127.0.0.1", "localhost", "[::1]")
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    at_first: dict[str, Any] = field(default_factory=dict)  # network, box, data: see `first_shown`

    @property
    def authorities(self) -> set[str]:
        """What the header Host may say."""
        return {f"{host}:{self.port}" for host in self.hosts}


class Guard:
    """Refuses requests with a foreign Host or Origin, or without the token, before all else."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        reason = self._reason_to_refuse(connection, scope["type"] == "websocket")
        if reason is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": reason})
        else:
            await _with_headers(PlainTextResponse(reason, 403))(scope, receive, send)

    def _reason_to_refuse(self, connection: HTTPConnection, is_socket: bool) -> str | None:
        known = self.settings.authorities
        if connection.headers.getlist("host") not in [[one] for one in known]:
            return "this page is for this machine alone: unknown Host"
        origins = connection.headers.getlist("origin")
        if (is_socket or origins) and origins not in [[f"http://{one}"] for one in known]:
            return "this page is for this machine alone: unknown Origin"
        given = (connection.query_params.get("token"), connection.cookies.get(_COOKIE))
        expected = self.settings.token.encode()
        if not any(one and secrets.compare_digest(one.encode(), expected) for one in given):
            return "open the address that `relutope app` printed, with its token"
        return None


def make_app(settings: Settings) -> ASGIApp:
    """The application, to be run by uvicorn.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    ASGI application
    """
    tabs: set[WebSocket] = set()

    async def index(_: Any) -> Response:
        policy = _policy(settings)
        text = index_html({"socket": "/socket", **settings.at_first})
        response = Response(text, media_type="text/html", headers=policy)
        response.set_cookie(_COOKIE, settings.token, httponly=True, samesite="strict")
        return _with_headers(response)

    known = assets()

    async def asset(request: Any) -> Response:
        name = request.path_params["name"]
        if name not in known:
            return _with_headers(PlainTextResponse("there is no such file", 404))
        media, data = known[name]
        return _with_headers(Response(data, media_type=media, headers=_policy(settings)))

    async def socket(connection: WebSocket) -> None:
        if len(tabs) >= _MOST_TABS:
            await connection.close(4429, "too many tabs")
            return
        await connection.accept()
        tabs.add(connection)
        try:
            await _talk(connection)
        finally:
            tabs.discard(connection)

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/static/{name}", asset),
            WebSocketRoute("/socket", socket),
        ]
    )
    return Guard(app, settings)


async def _talk(connection: WebSocket) -> None:
    """Answers a tab's questions one after the other; of those that wait, the latest of a kind."""
    worker = TabWorker()
    waiting: dict[str, dict[str, Any]] = {}
    news = asyncio.Event()

    async def answer_waiting() -> None:
        while True:
            await news.wait()
            news.clear()
            while waiting:
                message = waiting.pop(next(iter(waiting)))
                await _answer(connection, worker, message)

    answering = asyncio.create_task(answer_waiting())
    try:
        while True:
            message = _checked(await connection.receive_text())
            if message is None:
                await connection.close(4400, "this is no question")
                return
            if message["command"] == "cancel":
                worker.cancel()
                continue
            kind = message["kind"]
            if kind in waiting:
                await _refuse(connection, waiting[kind], "dropped", "a later question came")
            waiting[kind] = message
            news.set()
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        answering.cancel()
        worker.close()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await answering


def _checked(text: str) -> dict[str, Any] | None:
    """A question with an integer id and names as command and kind, or None.

    Its first line; what follows is the request, which the tab's own process reads.
    """
    if len(text) > MOST_MESSAGE:
        return None
    head, _, request = text.partition("\n")
    try:
        message = json.loads(head)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not isinstance(message.get("id"), int):
        return None
    command = message.get("command")
    if not isinstance(command, str):
        return None
    kind = str(message.get("kind") or command)[:40]
    return {"id": message["id"], "command": command, "kind": kind, "request": request}


async def _answer(connection: WebSocket, worker: TabWorker, message: dict[str, Any]) -> None:
    try:
        found = await worker.ask(message["command"], message["request"])
    except RequestError as error:
        await _refuse(connection, message, "input", str(error))
    except Cancelled as error:
        await _refuse(connection, message, "cancelled", str(error))
    else:
        if isinstance(found, bytes):
            await connection.send_bytes(message["id"].to_bytes(8, "little", signed=True) + found)
        else:
            await connection.send_text(json.dumps({"id": message["id"], "answer": found}))


async def _refuse(connection: WebSocket, message: dict[str, Any], kind: str, words: str) -> None:
    error = {"kind": kind, "message": words}
    await connection.send_text(json.dumps({"id": message["id"], "error": error}))


def _policy(settings: Settings) -> dict[str, str]:
    # Policies know no addresses of version 6; there 'self' has to do.
    known = [one for one in sorted(settings.authorities) if not one.startswith("[")]
    sockets = " ".join(f"ws://{one}" for one in known)
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
            f"style-src 'self'; img-src 'self' data: blob:; connect-src 'self' {sockets}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    }


def _with_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
