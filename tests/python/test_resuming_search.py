"""A search that was stopped goes on, in this process or another, and its complex is the same."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
import time
import zipfile

import numpy as np
import pytest

import relutope as rt
from clusters import layers
from relutope.cli import main
from relutope.search.part import Part
from relutope.search.problem import Problem
from relutope.search.tasks import first_tasks, joined


def wide(neurons=110, dim=4):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(neurons, dim))
    return [(W, rng.normal(size=neurons)), (np.ones((1, neurons)), [0.0])]


BOX = rt.Box(-1, 1, dim=4)
ENGINES = pytest.mark.parametrize("engine", ["vertex", "lp"])


def thin():
    """Cells without a double inside them, and neurons that vanish on whole cells."""
    up = np.nextafter(1.0, 2.0)
    W = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    b = np.array([-1.0, -up, 0.0, 0.0, 0.5])
    V = np.array([[1.0, -1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0, 1.0]])
    return [(W, b), (V, [0.0, 0.0]), (np.ones((1, 2)), [0.0])]


def first_cells(problem, engine, kept):
    """What a search that was stopped after its first cells would have left."""
    if not isinstance(problem, Problem):
        problem = Problem(rt.as_network(problem[0]), problem[1])
    if engine == "vertex":
        tasks = first_tasks(problem, "vertex")  # a small search has no parts otherwise
        nothing = joined(problem, "vertex", len(tasks), [], tasks)
        part = Part.of(problem, problem.search_cells(1, None, None, nothing.state()))
    else:
        part = Part.of(problem, problem.search_lp(1, None, None))
    state, cells = part.state(), 0
    done = []
    for job, count in enumerate(state["job_cells"].tolist()):
        take = min(count, kept - cells)
        done.append(take == count)
        cells += take
        state["job_cells"][job] = take
    state["job_done"] = np.array(done, dtype=np.uint8)
    few = state["zero_cell"] < kept
    state["zero_cell"], state["zero_neuron"] = state["zero_cell"][few], state["zero_neuron"][few]
    state["patterns"] = state["patterns"][:kept]
    if engine == "lp":
        points = part.points
        here = points.exact_cell < kept
        exact = [p for p, keep in zip(points.exact_points, here, strict=True) if keep]
        inner = type(points)(points.points[:kept], points.exact_cell[here], exact)
        return rt.PartialComplex(Part.listed(problem, state, inner))
    facets = state["facet_begin"][kept]
    special = state["special_facet"] < facets
    state["facet_begin"], state["facet_id"] = (
        state["facet_begin"][: kept + 1],
        state["facet_id"][:facets],
    )
    state["special_facet"] = state["special_facet"][special]
    state["special_begin"] = state["special_begin"][: special.sum() + 1]
    state["special_ids"] = state["special_ids"][: state["special_begin"][-1]]
    return rt.PartialComplex(Part.of(problem, problem.link_found(state)))


@ENGINES
def test_a_stopped_search_goes_on_and_is_stopped_again(engine, tmp_path):
    endless = rt.mlp([6, 60, 60, 60, 1], seed=0), rt.Box(-9, 9, dim=6)
    options = {"engine": engine, "threads": 1, "progress": lambda *_: True}
    with pytest.raises(rt.StoppedError) as first:
        rt.decompose(*endless, **options)
    part = first.value.partial
    part.save(tmp_path / "part.npz")
    for same in (part, pickle.loads(pickle.dumps(part)), rt.load(tmp_path / "part.npz")):
        assert (same.patterns == part.patterns).all()
        with pytest.raises(rt.StoppedError) as second:
            rt.decompose(*endless, resume=same, **options)
        more = second.value.partial
        assert more.n_cells == second.value.n_cells >= part.n_cells
        known = {row.tobytes() for row in more.patterns}
        assert all(row.tobytes() in known for row in part.patterns[::7])


@ENGINES
def test_the_bytes_of_the_resumed_complex_are_those_of_the_whole(engine, tmp_path):
    network, box = wide(14, 3), rt.Box(-1, 1, dim=3)
    whole = rt.decompose(network, box, engine=engine)
    part = first_cells((network, box), engine, whole.n_cells // 2)
    cx = rt.decompose(network, box, resume=part)
    assert cx == whole
    assert (cx.interior_points == whole.interior_points).all()
    for name in ("patterns", "adjacency", "vertices"):
        assert getattr(cx, name).tobytes() == getattr(whole, name).tobytes()


@ENGINES
@pytest.mark.parametrize("kept", [0, 1, 4, 7])
@pytest.mark.parametrize("domain", [None, rt.Box(-3, 3), rt.Polytope([[1, 1], [-1, 0]], [1, 2])])
def test_thin_and_flat_cells_come_back_from_a_file(engine, kept, domain, tmp_path):
    whole = rt.decompose(thin(), domain, engine=engine)
    part = first_cells((thin(), domain), engine, min(kept, whole.n_cells))
    part.save(tmp_path / "part.npz")
    again = rt.load(tmp_path / "part.npz")
    assert again.n_cells == part.n_cells
    cx = rt.decompose(thin(), domain, resume=again)
    assert cx == whole
    assert (cx.interior_points == whole.interior_points).all()


def test_a_part_of_a_degenerate_complex_knows_its_edges_after_loading(tmp_path):
    rng = np.random.default_rng(1)
    W = rng.integers(-2, 3, size=(14, 5)).astype(float)
    network, box = [(W, np.zeros(14)), (np.ones((1, 14)), [0.0])], rt.Box(-1, 1, dim=5)
    part = first_cells((network, box), "vertex", 200)
    part.save(tmp_path / "part.npz")
    again = rt.load(tmp_path / "part.npz")
    assert (again.adjacency == part.adjacency).all()
    assert (again.open_cells == part.open_cells).all()
    assert rt.decompose(network, box, resume=again) == rt.decompose(network, box)


def test_outputs_and_slices_go_on_too():
    network, flat = rt.mlp([3, 20, 20, 3], seed=0), rt.FlatBox([-4, -4, 0.5], [4, 4, 0.5])
    whole = rt.decompose(network, flat, outputs="argmax")
    part = first_cells(whole.complex.solution.problem, "vertex", whole.n_cells // 2)
    assert rt.decompose(network, flat, outputs="argmax", resume=part) == whole
    with pytest.raises(ValueError, match="of another `network`"):
        rt.decompose(network, rt.FlatBox([-4, -4, 1], [4, 4, 1]), outputs="argmax", resume=part)


def test_what_does_not_fit_is_refused():
    part = first_cells((thin(), rt.Box(-3, 3)), "vertex", 2)
    with pytest.raises(ValueError, match="of another `domain`"):
        rt.decompose(thin(), rt.Box(-2, 3), resume=part)
    with pytest.raises(ValueError, match="of another `network`"):
        rt.decompose(wide(3, 2), rt.Box(-3, 3), resume=part)
    with pytest.raises(ValueError, match="of another `network`"):
        rt.decompose(thin(), rt.Box(-3, 3), outputs="sign", resume=part)
    with pytest.raises(ValueError, match="was found by 'vertex'"):
        rt.decompose(thin(), rt.Box(-3, 3), engine="lp", resume=part)


def test_a_limit_counts_what_was_found_before():
    part = first_cells((thin(), rt.Box(-3, 3)), "vertex", 4)
    with pytest.raises(rt.CellLimitError):
        rt.decompose(thin(), rt.Box(-3, 3), max_cells=5, resume=part)


def rewritten(source, target, changes):
    """The archive with some of its arrays changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.removesuffix(".npy") in changes:
                with old.open(name) as stream:
                    array = changes[name.removesuffix(".npy")](np.lib.format.read_array(stream))
                with new.open(name, "w") as stream:
                    np.lib.format.write_array(stream, array)
            else:
                new.writestr(name, data)
    return target


def put(index, value):
    def change(array):
        array = array.copy()
        array[index] = value
        return array

    return change


FAULTS = {
    "vertex": [
        ("patterns", lambda a: a[::-1].copy()),
        ("patterns", put((0, 0), 1 << 40)),
        ("job_cells", put(0, 3)),
        ("job_done", lambda a: a[:-1].copy()),
        ("job_done", put(0, 2)),
        ("facet_id", put(0, 99)),
        ("facet_begin", put(1, -5)),
        ("special_ids", put(0, -99)),
        ("zero_neuron", put(0, 77)),
        ("facet_id", lambda a: a[:-1].copy()),
    ],
    "lp": [
        ("points", put((0, 0), np.nan)),
        ("points", lambda a: a[::-1].copy()),
        ("points", put((0, 0), 1000.0)),
        ("exact_cell", put(0, 2**63)),
        ("zero_neuron", put(0, 77)),
        ("zero_neuron", put(0, 0)),
        ("zero_cell", lambda a: a[:-1].copy()),
    ],
}


@pytest.mark.parametrize(
    ("engine", "index"), [(engine, k) for engine in FAULTS for k in range(len(FAULTS[engine]))]
)
def test_damaged_files_are_refused(engine, index, tmp_path):
    name, change = FAULTS[engine][index]
    first_cells((thin(), rt.Box(-3, 3)), engine, 6).save(tmp_path / "good.npz")
    path = rewritten(tmp_path / "good.npz", tmp_path / "bad.npz", {name: change})
    with pytest.raises(rt.InvalidFileError):
        rt.load(path)


def test_a_file_that_hides_cells_gives_no_wrong_complex(tmp_path):
    """All parts are said to be done: the facets that lead nowhere show that they are not."""
    first_cells((thin(), rt.Box(-3, 3)), "vertex", 6).save(tmp_path / "good.npz")
    path = rewritten(
        tmp_path / "good.npz", tmp_path / "bad.npz", {"job_done": lambda a: np.ones_like(a)}
    )
    with pytest.raises(ValueError, match="`resume` does not hold cells of this network"):
        rt.decompose(thin(), rt.Box(-3, 3), resume=rt.load(path))


def test_the_command_goes_on(tmp_path, capsys):
    network, box = wide(14, 3), rt.Box(-1, 1, dim=3)
    arrays = {f"{x}{k}": a for k, layer in enumerate(network) for x, a in zip("Wb", layer)}  # noqa: B905
    np.savez(tmp_path / "net.npz", **arrays)
    out, left = tmp_path / "cells.npz", tmp_path / "cells.partial.npz"
    command = ["decompose", str(tmp_path / "net.npz"), "--box", "-1", "1", "--resume"]
    assert main(command) == 1
    assert "needs --out" in capsys.readouterr().err
    command += ["--out", str(out)]
    assert main(command) == 0
    assert "from the beginning" in capsys.readouterr().err
    whole = rt.load(out)
    first_cells((network, box), "vertex", 30).save(left)
    assert main(command) == 0
    assert rt.load(out) == whole
    assert not left.exists()
    first_cells((network, rt.Box(-2, 1, dim=3)), "vertex", 30).save(left)
    assert main(command) == 1
    assert "--resume holds cells of another" in capsys.readouterr().err
    assert left.exists()


def test_an_exploration_is_kept_and_goes_on(tmp_path, capsys, monkeypatch):
    network = wide(14, 3)
    arrays = {f"{x}{k}": a for k, layer in enumerate(network) for x, a in zip("Wb", layer)}  # noqa: B905
    np.savez(tmp_path / "net.npz", **arrays)
    out = tmp_path / "around.npz"
    command = ["explore", str(tmp_path / "net.npz"), "--at", "0", "0", "0.1", "--order", "nearest"]
    assert main([*command, "--resume"]) == 1
    assert "needs --out with an .npz file" in capsys.readouterr().err
    command += ["--out", str(out), "--resume", "--max-cells"]
    assert main([*command, "10"]) == 0
    assert "from the beginning" in capsys.readouterr().err
    assert rt.load(out).n_cells == 10
    assert main([*command, "50"]) == 0
    whole = rt.explore(network, [0, 0, 0.1], order="nearest", max_cells=50)
    assert rt.load(out) == whole

    def interrupted(exploration, **options):
        raise rt.StoppedError("`progress` returned True", 50, 1.0, 0.0)

    with monkeypatch.context() as patch:
        patch.setattr(rt.Exploration, "run", interrupted)
        assert main([*command, "60"]) == 130
    assert rt.load(out) == whole
    command[3:6] = ["0", "0", "0.2"]
    assert main([*command, "60"]) == 1
    assert "no exploration of this network from this point" in capsys.readouterr().err


def test_a_killed_exploration_goes_on_from_its_file(tmp_path, capsys):
    out = tmp_path / "around.npz"
    network = layers([30, 40, 40, 1])
    arrays = {f"{x}{k}": a for k, layer in enumerate(network) for x, a in zip("Wb", layer)}  # noqa: B905
    np.savez(tmp_path / "net.npz", **arrays)
    command = ["explore", str(tmp_path / "net.npz"), "--at", *["0.1"] * 30, "--out", str(out)]
    code = f"""
        from relutope.cli import explore, main
        explore._SAVED_SECONDS = 0.0
        main({[*command, "--max-cells", "100000"]!r})
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)]) as process:
        while not out.exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    kept = rt.load(out)
    more = kept.n_cells + 50
    assert main([*command, "--resume", "--max-cells", str(more)]) == 0
    again = rt.explore(network, [0.1] * 30, max_cells=more)
    assert (rt.load(out).patterns == again.patterns).all()
