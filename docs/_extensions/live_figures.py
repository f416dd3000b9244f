"""The directive ``live-figure``: a network that the reader decomposes while it is changed.

Its content is Python that sets ``network`` (layers, or a module) and ``box``. Where the package was
built without its WebAssembly core, a line says so instead.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from sphinx.application import Sphinx

from relutope import Box, as_network
from relutope.plotting.viewer import Record, has_engine, live_figure, live_scripts, style

STILL = "<p><em>A live figure stands here where scripts and WebAssembly are on.</em></p>"


class LiveFigure(Directive):
    """A figure in HTML, by its name on the page."""

    required_arguments = 1
    has_content = True
    option_spec = {"outputs": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        names: dict[str, Any] = {"Box": Box}
        exec("\n".join(self.content), names)
        html = live_figure(
            [Record(0, as_network(names["network"]))],
            names["box"],
            name=self.arguments[0],
            outputs=self.options.get("outputs"),
            still=STILL,
        )
        return [nodes.raw("", html, format="html")]


def add_scripts(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """The engine, once on each page with such a figure: it works from a file, without a server."""
    if doctree is None or not has_engine():
        return
    if any('class="relutope-live"' in raw.astext() for raw in doctree.findall(nodes.raw)):
        context["metatags"] = f"{context.get('metatags', '')}<style>{style()}</style>"
        context["body"] += live_scripts()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("live-figure", LiveFigure)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
