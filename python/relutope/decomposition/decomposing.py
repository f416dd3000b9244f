"""The main entry point."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack, overload

from ..common.arguments import Engine
from ..common.arithmetic import ieee_arithmetic
from ..common.progress import Progress
from ..domain.box import Box, FlatBox
from ..domain.polytope import Polytope
from ..network.conversion import NetworkLike, as_network
from ..search.crew import Executors
from ..search.domains import checked_domain
from ..search.problem import Outputs
from .complex import Complex
from .partial import PartialComplex
from .sliced import Slice
from .slicing import slice
from .solving import solved, stored

if TYPE_CHECKING:
    from .stored import Store

__all__ = ["decompose"]


class Options(TypedDict, total=False):
    """What `decompose` takes by keyword."""

    outputs: Outputs | None
    engine: Engine
    threads: int | None
    max_cells: int | None
    max_seconds: float | None
    progress: Progress
    resume: PartialComplex | None
    executor: Executors | None
    memory_limit: int | None


class StoreOptions(TypedDict, total=False):
    """What `decompose` takes by keyword with a store."""

    outputs: Outputs | None
    engine: Engine
    threads: int | None
    max_cells: int | None
    max_seconds: float | None
    progress: Progress
    executor: Executors | None
    memory_limit: int | None


@overload
def decompose(
    network: NetworkLike,
    domain: Box | Polytope | str | Path | None = ...,
    *,
    store: str | Path,
    **options: Unpack[StoreOptions],
) -> Store: ...


@overload
def decompose(
    network: NetworkLike, domain: Box | Polytope | None = ..., **options: Unpack[Options]
) -> Complex: ...


@overload
def decompose(network: NetworkLike, domain: FlatBox, **options: Unpack[Options]) -> Slice: ...


@overload
def decompose(
    network: NetworkLike, domain: str | Path, **options: Unpack[Options]
) -> Complex | Slice: ...


@ieee_arithmetic
def decompose(
    network: NetworkLike,
    domain: Box | FlatBox | Polytope | str | Path | None = None,
    *,
    outputs: Outputs | None = None,
    engine: Engine = "auto",
    threads: int | None = None,
    max_cells: int | None = None,
    max_seconds: float | None = None,
    progress: Progress = False,
    resume: PartialComplex | None = None,
    executor: Executors | None = None,
    store: str | Path | None = None,
    memory_limit: int | None = None,
) -> Complex | Slice | Store:
    """All cells of a ReLU network's input space and how they touch, exactly.

    A cell is the closure of an open set on which every hidden preactivation has one strict sign or
    vanishes identically. Every sign is certified: floating point with a proven error bound,
    integers when that is not enough. Degenerate weights (zero biases, repeated or opposite neurons,
    zero rows, hyperplanes through each other's intersections) are ordinary input.

    Parameters
    ----------
    network : Network, torch.nn.Module, sequence of (W, b), or path of a file
        Weights are taken exactly; a sequence of (W, b) has a ReLU after each layer but the last.
        See `Network`, `Network.from_torch` and `load_network`.
    domain : Box, FlatBox, Polytope, or path of a ``.vnnlib`` file, optional
        Where to look; all of R^n by default. A `FlatBox` fixes inputs: the result is then
        ``slice(network, domain=domain)``, the cells of the network as a function of the others.
    outputs : {None, "sign", "argmax"}
        Whether cells are also cut by the decision that the outputs make: "sign" cuts them where the
        one output is 0; "argmax" such that on each cell one of several outputs is largest, or
        several are on the whole cell. See `decision_regions` and `decision_boundary`. The cuts are
        further neurons, the last columns of `patterns`: for "sign" one, f; for "argmax" m - 1 of
        them, ``f_k - max(f_0, ..., f_(k-1))`` for k = 1 to m - 1. `Complex.n_output_neurons` says
        how many they are. The outputs of ``Complex.network`` stay the same.

        The complex is a refinement: where one output wins there are still many cells, and with
        "argmax" some are cut where two outputs are equal that a later one exceeds.
    engine : {"auto", "vertex", "lp"}
        "vertex" holds each cell by its vertices, at most 16 essential dimensions; "lp" by
        halfspaces and linear programs with certificates, any dimension. The cells, facets and
        neighbours are the same. "auto" takes the one that is faster in the essential dimension.
    threads : int, optional
        Worker threads; all processors that this process may use by default. The result does not
        depend on it.
    max_cells : int, optional
        Stop with an error when there are more cells than this.
    max_seconds : float, optional
        Stop with an error after this wall time. The error has what had been found, as a
        `PartialComplex`: ``except StoppedError as stopped: stopped.partial``.
    progress : bool or callable
        Show progress on stderr during long searches; or a callable that is told the cells found,
        the parts of the search that are done, and all parts. If it returns True, the search stops.
    resume : PartialComplex, optional
        What an earlier call had found of the same network over the same domain when it was stopped,
        by this process or another (`PartialComplex.save`, `load`). The search goes on from there,
        and the complex is the same as if it had never been stopped.
    executor : concurrent.futures.Executor or callable, optional
        Who searches, instead of threads of this process: a pool of processes, the workers of Dask
        or MPI; or a callable that makes such an executor, which is then called again when workers
        were killed. The result does not depend on it.
    store : str or Path, optional
        A folder: cells are written there while they are found, and not kept in memory. The same
        call goes on with what is there already, also after the process was killed.
    memory_limit : int, optional
        How many bytes of memory the cells may take, with all that is needed to find them and with
        the vertices and faces that the complex makes later: not this process, but what this call
        adds to it. The search stops with an error before it would take more; the error has what
        had been found, as after `max_seconds`, and an estimate of what would be enough. The limit
        stays with the complex, as `Complex.memory_limit`. With `store`: about how many bytes of
        memory the search may take. Not with an `executor`, unless there is a store.

    Returns
    -------
    Complex
        A `Slice` if the domain fixes inputs, a `Store` if `store` is given.

    Raises
    ------
    InvalidNetworkError, UnsupportedLayerError
        If the network cannot be used, or `outputs` does not fit its number of outputs.
    InvalidDomainError
        If the domain is empty or does not fit the network.
    EngineError
        If the engine is unknown or cannot hold so many dimensions.
    CellLimitError
        If there are more than `max_cells` cells.
    StoppedError
        After `max_seconds`, before more than `memory_limit` is taken, or when `progress` returns
        True; its `partial` has the cells so far.
    ValueError
        If `resume` or `store` holds cells of another network, domain or engine.
    BusyError
        If another process writes the store.
    OSError
        If the store cannot be written; what was found before is in it.
    KeyboardInterrupt
        On Ctrl-C, within a fraction of a second.

    See Also
    --------
    count, slice, explore, load, open_store, verify

    Examples
    --------
    >>> import relutope as rt
    >>> net = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, -1.0]], [0.0])]
    >>> cx = rt.decompose(net, rt.Box(-1, 1))
    >>> cx.n_cells, cx.n_edges, cx.f_vector.tolist()
    (4, 4, [9, 12, 4])
    """
    given = checked_domain(domain)
    network = as_network(network)
    if store is not None:
        if isinstance(given, FlatBox) or resume is not None:
            raise ValueError(
                "`store` goes without a FlatBox and without `resume`; it is gone on from by itself"
            )
        return stored(
            network,
            given,
            store,
            outputs=outputs,
            engine=engine,
            threads=threads,
            max_cells=max_cells,
            max_seconds=max_seconds,
            progress=progress,
            executor=executor,
            memory_limit=memory_limit,
        )
    solve = (
        partial(slice, network, domain=given)
        if isinstance(given, FlatBox)
        else partial(solved, network, given)
    )
    return solve(
        outputs=outputs,
        engine=engine,
        threads=threads,
        max_cells=max_cells,
        max_seconds=max_seconds,
        progress=progress,
        resume=resume,
        executor=executor,
        memory_limit=memory_limit,
    )
