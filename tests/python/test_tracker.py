"""The tracker records known numbers at the chosen steps, and its table survives the round trip."""

import math

import numpy as np
import pytest

import relutope as rt
from relutope.decisions.label_agreement import adjusted_rand_index, agreement, cell_labels
from relutope.graph.couplings import partition
from relutope.lab.training import mlp, train
from relutope.tracking.measures.registry import Snapshot, random_filtration
from relutope.tracking.recorded_table import GrowingTable
from relutope.tracking.tracker import Tracker, read_table, write_table

BOX = rt.Box(-1, 1, dim=2)
QUADRANTS = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.array([-0.5]))]
"""f = relu(x) + relu(y) - 1/2: four cells, labels positive in three of them or fewer."""

PATH_OF_SIX = [(k, k + 1) for k in range(5)]


def test_equal_partitions_agree_completely_under_either_naming():
    labels = [False, False, False, True, True, True]
    for parts in (labels, np.logical_not(labels)):
        found = agreement(parts, labels, PATH_OF_SIX)
        assert (found.accuracy, found.ari) == (1.0, 1.0)
        assert (found.boundary_cut, found.cut_boundary) == (1.0, 1.0)


def test_a_shifted_cut_has_the_shares_counted_by_hand():
    found = agreement(
        [0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], PATH_OF_SIX, volumes=[1, 1, 6, 1, 1, 2]
    )
    assert found.accuracy == pytest.approx(1 / 2)
    assert found.accuracy_by_volume == pytest.approx(9 / 12)
    assert (found.n_boundary_facets, found.n_cut_facets) == (1, 2)
    assert (found.boundary_cut, found.cut_boundary) == (0.0, 0.0)
    halfway = agreement([0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1], PATH_OF_SIX)
    assert (halfway.boundary_cut, halfway.cut_boundary) == (1.0, 0.5)


def test_without_boundary_or_cut_the_shares_are_undefined():
    found = agreement([0, 0, 0], [1, 1, 1], [(0, 1), (1, 2)])
    assert found.accuracy == 1.0
    assert math.isnan(found.boundary_cut)
    assert math.isnan(found.cut_boundary)
    assert math.isnan(found.accuracy_by_volume)


def test_adjusted_rand_index_matches_scikit_learn():
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 3, 30), rng.integers(0, 2, 30)
        assert adjusted_rand_index(a, b) == pytest.approx(adjusted_rand_score(a, b))
    assert adjusted_rand_index([0, 0], [1, 1]) == 1.0


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="partition"):
        agreement([0, 1], [0, 1, 1], [(0, 1)])


def test_labels_and_volumes_of_four_quadrants():
    cx = rt.decompose(QUADRANTS, BOX)
    assert np.allclose(cx.cell_volumes, 1.0)
    expected = cx.network.forward(cx.interior_points)[:, 0] > 0
    assert np.array_equal(cell_labels(cx), expected)
    assert not cell_labels(cx)[0]


def test_labels_need_a_single_output():
    cx = rt.decompose([(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2))], BOX)
    with pytest.raises(ValueError, match="2 outputs"):
        cell_labels(cx)


def test_a_row_has_the_known_counts_of_four_quadrants():
    tracker = Tracker(BOX, weights=["unit", "facet"])
    tracker(7, QUADRANTS, {"loss": 0.5})
    row = tracker.rows[0]
    assert (row["step"], row["loss"]) == (7, 0.5)
    assert (row["n_cells"], row["n_edges"]) == (4, 4)
    assert [row[f"f_{k}"] for k in range(3)] == [9, 12, 4]
    assert row["euler"] == 1
    assert row["unit_fiedler"] == pytest.approx(2.0)  # the 4-cycle: 2 - 2 cos(2 pi / 4)
    assert row["unit_multiplicity"] == 2
    assert row["facet_fiedler"] == pytest.approx(2.0)  # every shared facet has length 1
    assert [row[f"betti_{name}_0"] for name in ("positive", "negative", "boundary")] == [1, 1, 1]
    assert tracker.complex.n_cells == 4


def test_one_cell_has_no_partition_and_no_error():
    tracker = Tracker(BOX)
    tracker(0, [(np.zeros((1, 2)), np.ones(1)), (np.ones((1, 1)), np.zeros(1))])
    assert tracker.rows[0]["n_cells"] == 1
    assert "unit_fiedler" not in tracker.rows[0]


@pytest.mark.parametrize(
    ("steps", "expected"), [(None, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), ({1, 4}, [1, 4])]
)
def test_only_due_steps_are_recorded(steps, expected):
    tracker = Tracker(BOX, measures=["cells"], steps=steps)
    train([3], np.eye(2), [0, 1], epochs=4, callbacks=[tracker])
    assert tracker.columns()["step"] == expected


def test_random_filtration_of_four_quadrants_by_hand():
    row = random_filtration(Snapshot(rt.decompose(QUADRANTS, BOX), draws=3))
    assert 1.0 <= row["random_peak_0"] <= 1.0  # closed quadrants share the origin
    assert row["random_peak_1"] == 0.0
    assert 0.0 < row["random_mean_0"] <= 1.0


def test_measures_may_be_functions():
    def depth(snapshot):
        return {"layers": len(snapshot.complex.network.layers)}

    tracker = Tracker(BOX, measures=[depth])
    tracker(0, mlp([2, 3, 1]))
    assert tracker.rows == [{"step": 0, "layers": 2}]


def test_equal_seeds_give_equal_tables():
    tables = []
    for _ in range(2):
        tracker = Tracker(BOX, measures=["cells", "agreement", "sublevel", "random"], steps=5)
        train([6], np.eye(2), [0, 1], epochs=10, callbacks=[tracker])
        tables.append(tracker.columns())
    assert repr(tables[0]) == repr(tables[1])  # a NaN does not equal itself


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_read_back_bit_for_bit(tmp_path, suffix):
    columns = {"step": [0, 1, 10], "loss": [0.1, 1 / 3, 1e-300], "late": [None, 2.5, None]}
    path = tmp_path / f"table{suffix}"
    write_table(path, columns)
    assert read_table(path) == columns
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_undefined_shares_survive_in_csv(tmp_path):
    write_table(tmp_path / "t.csv", {"share": [float("nan")]})
    assert math.isnan(read_table(tmp_path / "t.csv")["share"][0])


def test_the_table_is_rewritten_after_every_record(tmp_path):
    tracker = Tracker(BOX, measures=["cells"], path=tmp_path / "table.csv")
    for step in range(3):
        tracker(step, mlp([2, 3, 1], seed=step))
        assert read_table(tmp_path / "table.csv")["step"] == list(range(step + 1))


def test_to_frame_has_one_row_per_record():
    tracker = Tracker(BOX, measures=["cells"])
    tracker(0, mlp([2, 3, 1]))
    assert tracker.to_frame().shape == (1, 7)


def test_inverse_weights_couple_less_where_cells_differ_more():
    layers = [([[1.0], [1.0], [1.0]], [0.0, -1.0, -2.0]), ([[1.0, 4.0, 1.0]], [0.0])]
    cx = rt.decompose(layers, rt.Box(-1, 3, dim=1))  # a path of four cells, gradient jumps 1, 4, 1
    assert partition(cx, "inverse-bend").partition.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    laplacian = [[0.5, -0.5, 0, 0], [-0.5, 0.7, -0.2, 0], [0, -0.2, 0.7, -0.5], [0, 0, -0.5, 0.5]]
    second = np.linalg.eigvalsh(laplacian)[1]  # median 1: couplings 1/2, 1/5, 1/2
    assert partition(cx, "inverse-bend").value == pytest.approx(second)


def test_weights_may_be_functions_under_a_name_of_their_own():
    tracker = Tracker(
        BOX, measures=["fiedler"], weights={"mine": lambda cx: 3.0 * rt.dual_graph(cx)}
    )
    tracker(0, QUADRANTS)
    assert tracker.rows[0]["mine_fiedler"] == pytest.approx(6.0)


def test_a_graph_in_three_pieces_has_no_agreement_but_a_row():
    def pieces(cx):
        graph = rt.dual_graph(cx)
        graph.data[:] = 0.0
        return graph

    tracker = Tracker(BOX, measures=["agreement"], weights={"none": pieces})
    tracker(0, QUADRANTS)
    assert tracker.rows[0]["none_components"] == 4
    assert "none_accuracy" not in tracker.rows[0]


def test_unknown_measures_weights_and_suffixes_are_refused():
    with pytest.raises(ValueError, match="heavy"):
        Tracker(BOX, weights=["heavy"])
    with pytest.raises(ValueError, match="volume"):
        Tracker(BOX, measures=["volume"])
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        Tracker(BOX, path="table.xlsx")


def test_rows_are_appended_while_the_columns_stay(tmp_path):
    path = tmp_path / "table.csv"
    growing = GrowingTable(path)
    rows = [{"step": 0, "a": 0.1}, {"step": 1, "a": 2.5}, {"step": 2, "a": None, "b": "x,y"}]
    inode = []
    for k, row in enumerate(rows):
        names = rows[k].keys()
        growing.add(
            lambda k=k, names=names: {n: [r.get(n) for r in rows[: k + 1]] for n in names}, row
        )
        inode.append(path.stat().st_ino)
        assert read_table(path)["step"] == list(range(k + 1))
    assert inode[0] == inode[1]
    assert read_table(path) == {"step": [0, 1, 2], "a": [0.1, 2.5, None], "b": [None, None, "x,y"]}
    with path.open("a") as file:
        file.write("3,0.1")
    assert read_table(path, growing=True)["step"] == [0, 1, 2]


def test_a_row_that_does_not_fit_on_the_disk_leaves_the_table_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    growing = GrowingTable(path)
    growing.add(lambda: {"step": [0]}, {"step": 0})
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"table\.csv"):
        growing.add(lambda: {"step": [0, 1]}, {"step": 1})
    assert path.read_bytes() == before


def test_a_row_that_was_interrupted_is_there_with_the_next(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    growing = GrowingTable(path)
    growing.add(lambda: {"step": [0]}, {"step": 0})

    def interrupted(where, text):
        with where.open("a") as file:
            file.write(text[:-1])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("relutope.tracking.recorded_table.append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            growing.add(lambda: {"step": [0, 1]}, {"step": 1})
    growing.add(lambda: {"step": [0, 1, 2]}, {"step": 2})
    assert read_table(path) == {"step": [0, 1, 2]}
