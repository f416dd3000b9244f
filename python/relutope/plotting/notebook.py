"""Live pictures in notebooks, by the reader's browser instead of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from numpy.typing import ArrayLike

from ..common.arithmetic import ieee_arithmetic
from ..common.extras import require
from ..complex.cell_complex import CellComplex
from ..domain.box import Box
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from .viewer import Record, recording_json

if TYPE_CHECKING:
    from .live_view import LiveView

__all__ = ["live"]

COLOURINGS = ("pattern", "value", "gradient", "fiedler", "cut", "degree", "active")
"""What a live view can colour cells by; "label" where cells are cut by the outputs."""


@ieee_arithmetic
def live(
    network: NetworkLike | CellComplex | Mapping[int, NetworkLike],
    domain: Box | Polytope | None = None,
    by: str | None = None,
    *,
    outputs: Literal["sign", "argmax"] | None = None,
    data: tuple[ArrayLike, ArrayLike | None] | None = None,
) -> LiveView:
    """A network in a notebook, to drag its weights and watch its cells, exactly.

    The reader's browser decomposes the network, not the kernel, which stays free: it hears of new
    weights when the reader pauses, and of the cell that was clicked. Pan, zoom, hover, colour by
    something else; vertices, Betti numbers and the Fiedler cut change along. Works in Jupyter, VS
    Code, marimo and wherever else anywidget does.

    Parameters
    ----------
    network : network, Complex, or mapping of int to network
        Anything that `as_network` takes, of one or two inputs, without linear units; a complex
        stands for its network and domain. Networks by step can be scrubbed through.
    domain : Box or Polytope, optional
        Where to look; all of R^n by default.
    by : {"pattern", "value", "gradient", "fiedler", "cut", "degree", "active", "label"}, optional
        What colours cells at first; by default the class where `outputs` cuts cells, else the
        pattern.
    outputs : {"sign", "argmax"}, optional
        Also cut cells where the decision changes, as `relutope.decompose` does.
    data : pair (X, y), optional
        Points to draw, shape (k, n), with labels 0, 1, ... or None.

    Returns
    -------
    LiveView
        A widget. ``view.network`` is the network as it is now, and can be set; ``view.pattern`` is
        the pattern of the cell that was clicked, or None; ``view.observe(function, "weights")``
        calls a function after each change.

    Raises
    ------
    MissingDependencyError
        If anywidget is not installed, or relutope was installed without its WebAssembly core.
    ValueError
        If the network has other than one or two inputs, or linear units, or the colouring is
        unknown.

    See Also
    --------
    relutope.decompose, relutope.plotting.save_html, relutope.report

    Examples
    --------
    >>> import relutope as rt
    >>> view = rt.live(rt.mlp([2, 6, 1], seed=1), rt.Box(-1, 1))  # doctest: +SKIP
    >>> view  # shows it, as the last line of a cell  # doctest: +SKIP
    >>> rt.decompose(view.network, rt.Box(-1, 1)).n_cells  # doctest: +SKIP
    """
    require("anywidget", "a live view", "notebook")
    from .live_view import LiveView

    if isinstance(network, CellComplex):
        if network.n_output_neurons:
            raise ValueError(
                "`network` is a complex that its outputs have cut; give its network, and `outputs`"
            )
        domain = network.domain if domain is None else domain
        network = network.network
    steps = network if isinstance(network, Mapping) else {0: network}
    records = [Record(int(step), as_network(one)) for step, one in sorted(steps.items())]
    points, labels = data if data is not None else (None, None)
    recording = recording_json(
        records, domain, outputs=outputs, points=points, labels=labels, unit="step"
    )
    known = (*COLOURINGS, "label") if outputs else COLOURINGS
    if by is not None and by not in known:
        raise ValueError(f"`by` is {by!r}; use one of {', '.join(known)}")
    return LiveView({**recording, "colour": by} if by else recording)
