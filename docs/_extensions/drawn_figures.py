"""Pictures of the gallery's examples, whose figures no window manager knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sphinx_gallery.scrapers import figure_rst

from relutope.plotting import save


class DrawnFigures:
    """Saves the figures behind an example's `ax` or `axes`: none of them is known to pyplot."""

    def __repr__(self) -> str:
        return "DrawnFigures"

    def __call__(self, block: Any, block_vars: dict[str, Any], gallery_conf: Any) -> str:
        names = block_vars["example_globals"]
        found = names.get("ax", names.get("axes"))
        if found is None:
            return ""
        figure = np.ravel(np.asarray(found, dtype=object))[0].get_figure(root=True)
        if getattr(figure, "shown_in_gallery", False):
            return ""
        figure.shown_in_gallery = True
        path = next(block_vars["image_path_iterator"])
        save(figure, path, dpi=180)
        return str(figure_rst([path], gallery_conf["src_dir"]))
