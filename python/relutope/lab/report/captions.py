"""Captions of a report, kept in a file beside its code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from string import Template
from typing import Any

from .page import Panel, Section

__all__ = ["Captions"]


class Captions:
    """The file ``captions.toml`` of a package; ``$names`` in its texts are filled in.

    Parameters
    ----------
    package : str
        Where the file is.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    @cached_property
    def _entries(self) -> dict[str, Any]:
        text = files(self.package).joinpath("captions.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)

    def entry(self, name: str) -> Any:
        """What stands under the dotted `name`."""
        entry: Any = self._entries
        for part in name.split("."):
            entry = entry[part]
        return entry

    def panel(
        self, name: str, body: str, fill: Mapping[str, str] | None = None, *, width: int = 6
    ) -> Panel:
        """The panel `name`: ``title`` and ``caption``."""
        entry = self.entry(name)
        title, caption = (Template(entry[k]).substitute(fill or {}) for k in ("title", "caption"))
        return Panel(title, caption, body, width)

    def section(
        self, name: str, panels: Sequence[Panel], fill: Mapping[str, str] | None = None
    ) -> Section:
        """The section `name`, ``title`` and ``intro``, with the given panels."""
        entry = self.entry(name)
        return Section(entry["title"], Template(entry["intro"]).substitute(fill or {}), panels)

    def items(self, name: str, fill: Mapping[str, str] | None = None) -> list[str]:
        """The list of texts under `name`."""
        return [Template(item).substitute(fill or {}) for item in self.entry(name)]
