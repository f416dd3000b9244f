from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Report: TypeAlias = Callable[[int, int, int], object] | None

MAX_VERTEX_DIMENSION: int

def in_own_environment(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What `function` returns, called with rounding to nearest and subnormals kept."""

class BrokenComplex(RuntimeError): ...
class EmptyDomain(Exception): ...
class TooManyCells(Exception): ...
class TooManyFacets(Exception): ...
class OutOfMemoryLimit(Exception): ...
class UnfitProgress(ValueError): ...

# Number of columns, row pointers, columns (increasing in each row), values.
CompressedRows = tuple[int, Int, Int, Float]

class Network:
    """Layers are (weights, bias, low part of the bias).

    Weights are a matrix or compressed rows, as ``(A.shape[1], A.indptr, A.indices, A.data)`` of a
    ``scipy.sparse.csr_array`` A with sorted indices. Work and memory go with the entries that are
    not zero. A hidden layer's last `linear_units` units have no ReLU. Where hidden units
    are very large or very small, those from layer `balanced_from` on get another size, if it is
    given: signs and outputs stay.
    """

    def __init__(
        self,
        layers: Sequence[tuple[Float | CompressedRows, Float, Float]],
        linear_units: Sequence[int],
        balanced_from: int | None = None,
    ) -> None: ...
    def point_signs(self, points: Float) -> NDArray[np.int8]: ...
    def with_inputs(self, kept: Sequence[int]) -> Network: ...

def independent_columns(matrix: Float) -> list[int]: ...

class CellComplex:
    complete: Final[bool]
    bytes: Final[int]
    full: Final[bool]
    jobs: Final[dict[str, Any]]
    num_cells: Final[int]
    num_edges: Final[int]
    patterns: Final[NDArray[np.uint64]]
    facet_begin: Final[Int]
    facet_id: Final[NDArray[np.int32]]
    facet_neighbour: Final[NDArray[np.int32]]
    special_facet: Final[Int]
    special_begin: Final[Int]
    special_ids: Final[NDArray[np.int32]]
    zero_cell: Final[Int]
    zero_neuron: Final[NDArray[np.int32]]
    counts: Final[dict[str, int]]
    programs: Final[dict[str, int]]

def edges_of(begin: Int, neighbour: NDArray[np.int32]) -> tuple[Int, Int]: ...

class VertexComplex:
    num_vertices: Final[int]
    num_finite: Final[int]
    coordinates: Final[Float]
    infinite_coordinates: Final[Float]
    cell_begin: Final[Int]
    cell_vertices: Final[NDArray[np.int32]]
    output: Final[Float]
    output_rank: Final[Int]
    def exact_point(self, vertex: int) -> tuple[list[int], list[int], int]: ...
    def interior_points(self) -> tuple[Float, NDArray[np.uint8]]: ...
    def on_facets(
        self, cells: CellComplex, vertices: Sequence[int], ids: Sequence[int]
    ) -> NDArray[np.bool_]: ...
    def neuron_signs(self, cells: CellComplex) -> NDArray[np.int8]: ...
    def face_counts(self, cells: CellComplex, infinite_side: Sequence[int]) -> Int: ...
    def part_counts(
        self, cells: CellComplex, infinite_side: Sequence[int]
    ) -> tuple[Int, NDArray[np.uint64]]: ...
    def face_lattice(
        self, cells: CellComplex, infinite_side: Sequence[int], max_bytes: int | None = None
    ) -> FaceLattice: ...
    nbytes: Final[int]
    def cell_outlines(self, cells: CellComplex) -> tuple[Int, Int, Int]: ...
    def triangulate_cells(self, cells: CellComplex) -> tuple[Int, Int]: ...
    def triangulate_facets(self, cells: CellComplex) -> tuple[Int, Int]: ...

class FaceLevel:
    num_proper: Final[int]
    vertex_begin: Final[Int]
    vertices: Final[NDArray[np.int32]]
    facet_begin: Final[Int]
    facets: Final[NDArray[np.int32]]
    orientation: Final[NDArray[np.int8]]
    cell_begin: Final[Int]
    cell_faces: Final[NDArray[np.int32]]

class PersistencePairs:
    dimension: Final[NDArray[np.int32]]
    birth: Final[NDArray[np.int32]]
    death: Final[NDArray[np.int32]]
    cycle_begin: Final[Int]
    cycle_faces: Final[NDArray[np.int32]]
    cycle_coefficients: Final[NDArray[np.int32]]

class FaceLattice:
    dimension: Final[int]
    def level(self, dimension: int) -> FaceLevel: ...
    def persistence_pairs(
        self, steps: Sequence[NDArray[np.int32]], prime: int, cycles: bool
    ) -> PersistencePairs: ...

def search_cells(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    threads: int,
    max_cells: int | None,
    report: Report,
    keep: bool = False,
    compared: int = 0,
    resumed: dict[str, Any] | None = None,
    max_bytes: int | None = None,
) -> CellComplex: ...
def link_found(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    resumed: dict[str, Any],
) -> CellComplex: ...

# (prefix, begin, end, after), see cpp/refinement/common/search_task.hpp
Task: TypeAlias = tuple[Sequence[int], int, int, Sequence[int] | NDArray[np.uint64]]

def num_children(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    by_vertices: bool,
    count_until: int | None = None,
) -> int: ...
def search_task(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    task: Task,
    pause_at: int,
    report: Report = None,
) -> tuple[CellComplex, list[tuple[list[int], int, int, list[int]]]]: ...
def search_task_vertices(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    task: Task,
    pause_at: int,
    near: bool,
    report: Report = None,
) -> tuple[CellComplex, VertexComplex, list[tuple[list[int], int, int, list[int]]]]: ...
def lp_search_task(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    task: Task,
    pause_at: int,
    report: Report = None,
) -> tuple[LpCells, list[tuple[list[int], int, int, list[int]]]]: ...
def count_task(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    task: Task,
    pause_at: int,
    by_vertices: bool,
    report: Report = None,
) -> tuple[int, list[tuple[list[int], int, int, list[int]]]]: ...

class LpCells:
    num_cells: Final[int]
    complete: Final[bool]
    bytes: Final[int]
    full: Final[bool]
    patterns: Final[NDArray[np.uint64]]
    interior: Final[Float]
    exact_cells: Final[list[int]]
    def exact_interior(self, index: int) -> tuple[list[int], int]: ...
    def state(self) -> dict[str, Any]: ...
    counts: Final[dict[str, int]]

def search_lp(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    threads: int,
    max_cells: int | None,
    report: Report,
    keep: bool = False,
    resumed: dict[str, Any] | None = None,
    max_bytes: int | None = None,
) -> LpCells: ...
def link_lp(
    found: LpCells,
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    sides: bool,
    threads: int,
    report: Report = None,
    max_bytes: int | None = None,
) -> CellComplex: ...
def count_cells(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    by_vertices: bool,
    threads: int,
    max_cells: int | None,
    max_seconds: float | None,
    report: Report,
) -> tuple[int, bool, int, int]: ...

# See `relutope.network.core.bound_boxes`.
RowBounds = tuple[Float, Float, Float, Float, Float, Float]

def bound_boxes(
    network: Network,
    inputs: Float,
    outputs: Float,
    constant: Float,
    rounded: Sequence[bool],
    lower: Float,
    upper: Float,
    neuron_lower: Float,
    neuron_upper: Float,
) -> RowBounds: ...
def bound_balls(
    network: Network,
    inputs: Float,
    outputs: Float,
    constant: Float,
    rounded: Sequence[bool],
    lower: Float,
    upper: Float,
    neuron_lower: Float,
    neuron_upper: Float,
    centre: Float,
    radii: Float,
    norm: float,
) -> RowBounds: ...
def estimate_cells(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    threads: int,
    batches: int,
    population: float,
    seed: int,
    report: Report,
    first_batch: int = 0,
) -> tuple[list[float], bool]: ...
def search_vertices(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    cells: CellComplex,
    threads: int,
    outputs: bool,
    points: bool,
    compared: int,
    report: Report,
    near: bool = False,
    max_bytes: int | None = None,
) -> VertexComplex: ...

class FacetArrays(TypedDict):
    begin: Int
    neuron: NDArray[np.int32]
    neighbour: Int
    zero_begin: Int
    zeros: NDArray[np.int32]

class Explorer:
    def __init__(
        self,
        network: Network,
        lower: Float,
        upper: Float,
        halfspaces: Float,
        by_first_layer: bool,
        whole: Network,
        whole_lower: Float,
        whole_upper: Float,
        whole_halfspaces: Float,
        origin: Float,
        nearest: bool,
    ) -> None: ...
    def start(self, pattern: NDArray[np.uint8], point: Float) -> bool: ...
    def run(
        self, max_cells: int, radius: float, report: Report, max_bytes: int | None = None
    ) -> None: ...
    bytes: Final[int]
    num_cells: Final[int]
    num_waiting: Final[int]
    num_without_point: Final[int]
    exhausted: Final[bool]
    patterns: Final[NDArray[np.uint64]]
    points: Final[Float]
    distances: Final[Float]
    def facets(self) -> FacetArrays: ...
    def facet_distances(self, cell: int) -> list[float]: ...
    def state(self) -> dict[str, NDArray[Any]]: ...
    def restore(self, arrays: dict[str, NDArray[Any]]) -> None: ...
    def neighbour_patterns(self, cell: int) -> NDArray[np.uint64]: ...
    counts: Final[dict[str, int]]
