"""Pictures of complexes, functions and what is computed of them; matplotlib is imported on use."""

from __future__ import annotations

from .animation import aligned_fiedler, animate
from .bent import plot_bent_hyperplanes
from .charts import (
    plot_barcode,
    plot_betti_curves,
    plot_histogram,
    plot_persistence_diagram,
    plot_spectrum,
    plot_training,
)
from .figures import new_axes, new_figure, save
from .graphs import plot_agreement, plot_nerve
from .interactive import save_html
from .layers import plot_cells, plot_dual_graph, plot_facets, plot_level, signed_ranks
from .morse import plot_critical_cells, plot_reeb_graph
from .notebook import live
from .picture import plot
from .polygons import cell_polygons, facet_segments, level_segments
from .quantities import QUANTITIES, Quantity, quantity
from .solid import plot_surface

__all__ = [
    "QUANTITIES",
    "Quantity",
    "aligned_fiedler",
    "animate",
    "cell_polygons",
    "facet_segments",
    "level_segments",
    "live",
    "new_axes",
    "new_figure",
    "plot",
    "plot_agreement",
    "plot_barcode",
    "plot_bent_hyperplanes",
    "plot_betti_curves",
    "plot_cells",
    "plot_critical_cells",
    "plot_dual_graph",
    "plot_facets",
    "plot_histogram",
    "plot_level",
    "plot_nerve",
    "plot_persistence_diagram",
    "plot_reeb_graph",
    "plot_spectrum",
    "plot_surface",
    "plot_training",
    "quantity",
    "save",
    "save_html",
    "signed_ranks",
]
