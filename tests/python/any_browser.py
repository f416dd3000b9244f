"""A page in any browser, without a driver: it sends its verdict to a server of this process."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

__all__ = ["CHROMIUM", "COMMANDS", "verdict"]

CHROMIUM = os.environ.get("RELUTOPE_CHROMIUM") or shutil.which("chromium")
"""The program, or None if it is missing."""


def _chromium(profile: Path) -> list[str]:
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    return [CHROMIUM or "", *flags, f"--user-data-dir={profile}"]


def _firefox(profile: Path) -> list[str]:
    program = shutil.which("firefox-esr") or shutil.which("firefox") or ""
    return [program, "--headless", "--no-remote", "--profile", str(profile)]


COMMANDS = {"chromium": _chromium, "firefox": _firefox}
"""For each browser the command that opens a page; its first word is empty if it is missing."""


def verdict(browser: str, page: str, folder: Path, seconds: float) -> str:
    """What a page says of itself.

    The page is opened as a file. It calls ``tell(text)``, once; this function is put before its
    own scripts.
    """
    told: queue.Queue[str] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            for text in parse_qs(urlsplit(self.path).query).get("verdict", []):
                told.put(text)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}/?verdict="
    tell = (
        "<script>function tell(text) { document.title = text;"
        f' new Image().src = "{address}" + encodeURIComponent(text); }}</script>'
    )
    path = folder / "page.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{tell}{page}")
    profile = folder / browser
    profile.mkdir()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    process = subprocess.Popen(
        [*COMMANDS[browser](profile), path.as_uri()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return told.get(timeout=seconds)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        server.shutdown()
        server.server_close()
