"""The page as one document, for the server and as a file of its own."""

from __future__ import annotations

import base64
import gzip
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..common.files import write_text
from ..plotting.viewer.bundle import WORKER, bundle, engine_bytes, has_engine, in_script

__all__ = ["assets", "index_html", "page_script", "static_html", "write_site"]

_VIEWER = (
    "network.js",
    "training.js",
    "frame.js",
    "raster.js",
    "colours.js",
    "maps.js",
    "svg.js",
    "layers.js",
    "view.js",
    "space.js",
    "providers.js",
    "dom.js",
)
_OWN = (
    "samples.js",
    "expression.js",
    "model.js",
    "stories.js",
    "charts.js",
    "diagram.js",
    "exports.js",
    "controls.js",
    "agreement.js",
    "nerve.js",
    "overlay.js",
    "pace.js",
    "connection.js",
    "facts.js",
    "trainer.js",
    "readout.js",
    "points.js",
    "files.js",
    "panels.js",
    "page.js",
)


def page_script() -> str:
    """All of the page's scripts as one, without imports."""
    return bundle(_VIEWER) + "\n" + bundle(_OWN, f"{__package__}.static")


def _style() -> str:
    return files(__package__).joinpath("static", "page.css").read_text(encoding="utf-8")


def assets() -> dict[str, tuple[str, bytes]]:
    """Media type and bytes of the files that the page asks its server for."""
    found = {
        "page.js": ("text/javascript", page_script().encode()),
        "worker.js": ("text/javascript", bundle(WORKER).encode()),
        "page.css": ("text/css", _style().encode()),
    }
    if has_engine():
        found["relutope.wasm"] = ("application/wasm", engine_bytes())
    return found


def index_html(config: dict[str, Any]) -> str:
    """The document that the server sends; `config` is read by the script."""
    engine = "/static/relutope.wasm" if has_engine() else None
    stated = in_script({**config, "engine": engine, "worker": "/static/worker.js"})
    head = '<link rel="stylesheet" href="/static/page.css">'
    return _document(head, stated, '<script type="module" src="/static/page.js"></script>')


def static_html() -> str:
    """The page with everything inside; works from any web host, or opened as a file.

    Raises
    ------
    MissingDependencyError
        If this installation was made without the WebAssembly core.
    """
    packed = base64.b64encode(gzip.compress(engine_bytes(), mtime=0)).decode("ascii")
    config = in_script({"socket": None, "engine": None, "worker": None, "packed": True})
    policy = (
        "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
        "worker-src blob:; style-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_style()}</style>'
    )
    scripts = (
        f'<script type="text/plain" id="packed">{packed}</script>'
        f'<script type="application/json" id="worker-source">{in_script(bundle(WORKER))}</script>'
        f'<script type="module">{page_script()}</script>'
    )
    return _document(head, config, scripts)


def write_site(folder: str | Path) -> Path:
    """Writes the page that needs no Python into a folder, as ``index.html``.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.

    Returns
    -------
    Path
        The file.
    """
    target = Path(folder) / "index.html"
    write_text(target, static_html())
    return target


def _document(head: str, config: str, scripts: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>relutope</title>{head}</head><body>"
        "<noscript>This page draws with scripts; allow them, or use the package from "
        "Python.</noscript>"
        f'<script type="application/json" id="config">{config}</script>{scripts}</body></html>'
    )
