from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Report = Callable[[int, int, int], object] | None

MAX_VERTEX_DIMENSION: int

class FpEnvironment:
    """Round to nearest, subnormals kept, for the thread that enters."""

    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

class EmptyDomain(Exception): ...
class TooManyCells(Exception): ...
class TooManyFacets(Exception): ...

# Number of columns, row pointers, columns (increasing in each row), values.
CompressedRows = tuple[int, Int, Int, Float]

class Network:
    """Layers are (weights, bias, low part of the bias).

    Weights are a matrix or compressed rows, as ``(A.shape[1], A.indptr, A.indices, A.data)`` of a
    ``scipy.sparse.csr_array`` A with sorted indices. Work and memory go with the entries that are
    not zero. A hidden layer's last `linear_units` units have no ReLU.
    """

    def __init__(
        self,
        layers: Sequence[tuple[Float | CompressedRows, Float, Float]],
        linear_units: Sequence[int],
    ) -> None: ...
    def point_signs(self, points: Float) -> NDArray[np.int8]: ...
    def with_inputs(self, kept: Sequence[int]) -> Network: ...

def independent_columns(matrix: Float) -> list[int]: ...

class CellComplex:
    @property
    def complete(self) -> bool: ...
    @property
    def num_cells(self) -> int: ...
    @property
    def num_edges(self) -> int: ...
    @property
    def patterns(self) -> NDArray[np.uint64]: ...
    @property
    def facet_begin(self) -> Int: ...
    @property
    def facet_id(self) -> NDArray[np.int32]: ...
    @property
    def facet_neighbour(self) -> NDArray[np.int32]: ...
    @property
    def special_facet(self) -> Int: ...
    @property
    def special_begin(self) -> Int: ...
    @property
    def special_ids(self) -> NDArray[np.int32]: ...
    @property
    def zero_cell(self) -> Int: ...
    @property
    def zero_neuron(self) -> NDArray[np.int32]: ...
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def programs(self) -> dict[str, int]: ...
    def edges(self) -> tuple[Int, Int]: ...

class VertexComplex:
    @property
    def num_vertices(self) -> int: ...
    @property
    def num_finite(self) -> int: ...
    @property
    def coordinates(self) -> Float: ...
    @property
    def infinite_coordinates(self) -> Float: ...
    @property
    def cell_begin(self) -> Int: ...
    @property
    def cell_vertices(self) -> NDArray[np.int32]: ...
    @property
    def interior(self) -> Float: ...
    @property
    def interior_inside(self) -> NDArray[np.uint8]: ...
    @property
    def output(self) -> Float: ...
    @property
    def output_rank(self) -> Int: ...
    def exact_point(self, vertex: int) -> tuple[list[int], list[int], int]: ...
    def on_facets(
        self, cells: CellComplex, vertices: Sequence[int], ids: Sequence[int]
    ) -> NDArray[np.bool_]: ...
    def neuron_signs(self, cells: CellComplex) -> NDArray[np.int8]: ...
    def face_counts(self, cells: CellComplex, infinite_side: Sequence[int]) -> Int: ...
    def face_lattice(self, cells: CellComplex, infinite_side: Sequence[int]) -> FaceLattice: ...
    def triangulate_cells(self, cells: CellComplex) -> tuple[Int, Int]: ...
    def triangulate_facets(self, cells: CellComplex) -> tuple[Int, Int]: ...

class FaceLevel:
    @property
    def num_proper(self) -> int: ...
    @property
    def vertex_begin(self) -> Int: ...
    @property
    def vertices(self) -> NDArray[np.int32]: ...
    @property
    def facet_begin(self) -> Int: ...
    @property
    def facets(self) -> NDArray[np.int32]: ...
    @property
    def orientation(self) -> NDArray[np.int8]: ...
    @property
    def cell_begin(self) -> Int: ...
    @property
    def cell_faces(self) -> NDArray[np.int32]: ...

class PersistencePairs:
    @property
    def dimension(self) -> NDArray[np.int32]: ...
    @property
    def birth(self) -> NDArray[np.int32]: ...
    @property
    def death(self) -> NDArray[np.int32]: ...
    @property
    def cycle_begin(self) -> Int: ...
    @property
    def cycle_faces(self) -> NDArray[np.int32]: ...
    @property
    def cycle_coefficients(self) -> NDArray[np.int32]: ...

class FaceLattice:
    @property
    def dimension(self) -> int: ...
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
) -> CellComplex: ...

class LpCells:
    @property
    def num_cells(self) -> int: ...
    @property
    def complete(self) -> bool: ...
    @property
    def patterns(self) -> NDArray[np.uint64]: ...
    @property
    def interior(self) -> Float: ...
    @property
    def exact_cells(self) -> list[int]: ...
    def exact_interior(self, index: int) -> tuple[list[int], int]: ...
    @property
    def counts(self) -> dict[str, int]: ...

def search_lp(
    network: Network,
    lower: Float,
    upper: Float,
    halfspaces: Float,
    threads: int,
    max_cells: int | None,
    report: Report,
    keep: bool = False,
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
) -> tuple[Float, Float, Float, Float, Float, Float]: ...
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
) -> tuple[Float, Float, Float, Float, Float, Float]: ...
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
    def run(self, max_cells: int, radius: float, report: Report) -> None: ...
    @property
    def num_cells(self) -> int: ...
    @property
    def num_waiting(self) -> int: ...
    @property
    def num_without_point(self) -> int: ...
    @property
    def exhausted(self) -> bool: ...
    @property
    def patterns(self) -> NDArray[np.uint64]: ...
    @property
    def points(self) -> Float: ...
    @property
    def distances(self) -> Float: ...
    def facets(self) -> FacetArrays: ...
    def facet_distances(self, cell: int) -> list[float]: ...
    def state(self) -> dict[str, NDArray[Any]]: ...
    def restore(self, arrays: dict[str, NDArray[Any]]) -> None: ...
    def neighbour_patterns(self, cell: int) -> NDArray[np.uint64]: ...
    @property
    def counts(self) -> dict[str, int]: ...
