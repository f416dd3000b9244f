"""Pictures of the gallery's examples, whose figures no window manager knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sphinx_gallery.scrapers import figure_rst

from relutope.plotting import save


class DrawnFigures:
    """Saves the figure behind an example's `fig`, `ax` or `axes`: pyplot knows none of them.

    Every page of the gallery answers with a picture, so one without is an error.
    """

    def __repr__(self) -> str:
        return "DrawnFigures"

    def __call__(self, block: Any, block_vars: dict[str, Any], gallery_conf: Any) -> str:
        names = block_vars["example_globals"]
        found = next((names[name] for name in ("fig", "ax", "axes") if name in names), None)
        if found is None:
            if Path(block_vars["src_file"]).parent.name == "gallery":
                raise ValueError("the example leaves no picture: no `fig`, `ax` or `axes`")
            return ""
        figure = np.ravel(np.asarray(found, dtype=object))[0].get_figure(root=True)
        if getattr(figure, "shown_in_gallery", False):
            return ""
        figure.shown_in_gallery = True
        path = next(block_vars["image_path_iterator"])
        save(figure, path, dpi=180)
        return str(figure_rst([path], gallery_conf["src_dir"]))
