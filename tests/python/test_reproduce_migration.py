"""Densities of facets, grokking networks, and what the study of migration makes of them."""

import numpy as np
import pytest

from relutope.lab.reproduce.claims import delayed, migration
from relutope.lab.reproduce.claims.settings import MigrationSettings
from relutope.lab.reproduce.claims.study import judged
from relutope.lab.reproduce.descent import forward

pytest.importorskip("sklearn")

SMALL = MigrationSettings(
    dims=(2,),
    samples=(6,),
    weight_decay=(0.02,),
    updates=(4000,),
    hidden=(5, 5),
    points=3,
    uniform=6,
)
CROSS = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.array([-0.5]))]


def test_densities_of_a_cross_of_lines():
    """In the middle two segments of 0.2 in a square of 0.04; beside a line one; elsewhere none."""
    density, volume = migration.facet_density(
        CROSS, np.array([[0.0, 0.0], [0.05, 0.5], [0.5, 0.5]]), 0.1
    )
    assert density == pytest.approx([10.0, 5.0, 0.0])
    assert volume == pytest.approx([0.01, 0.02, 0.04])


def test_a_plane_has_its_area_per_volume():
    plane = [(np.array([[1.0, 1.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
    density, _ = migration.facet_density(plane, np.zeros((1, 3)), 0.5)
    assert density == pytest.approx([np.sqrt(2.0)])


def test_points_of_the_boundary_are_on_it_and_inside():
    points = migration.boundary_points(CROSS, 2, 40, np.random.default_rng(0))
    assert points.shape == (40, 2)
    assert np.abs(points).max() <= 1
    assert np.abs(forward(CROSS, points)).max() < 1e-12
    above = [CROSS[0], (CROSS[1][0], np.array([1.0]))]
    assert len(migration.boundary_points(above, 2, 40, np.random.default_rng(0))) == 0


@pytest.mark.parametrize("count", [5, 8])
def test_rows_of_the_table_are_balanced_scaled_and_apart(count):
    (X, y), (Z, z) = delayed.table_samples("digits-0-1", 3, count, 7)
    assert X.shape == (count, 3)
    assert abs(y.sum()) == count % 2
    both = np.concatenate([X, Z])
    assert both.min(axis=0) == pytest.approx([-1] * 3)
    assert both.max(axis=0) == pytest.approx([1] * 3)
    assert len(np.unique(both, axis=0)) == len(np.unique(X, axis=0)) + len(np.unique(Z, axis=0))
    assert set(np.unique(np.concatenate([y, z]))) == {-1.0, 1.0}


def test_memorised_is_the_first_update_with_all_samples_right():
    fit, held_out = delayed.table_samples("digits-0-1", 2, 6, 3)
    first = delayed.first_layers(SMALL, 2, 3)
    rule = {"lr": SMALL.lr, "weight_decay": 0.02}
    course = delayed.trained(first, fit, held_out, updates=4000, **rule)
    at = course.kept["memorised"]
    assert ((forward(at, fit[0]) >= 0) == (fit[1] > 0)).all()
    assert course.accuracy == np.mean((forward(at, held_out[0]) >= 0) == (held_out[1] > 0))
    shorter = course.memorised - 1
    before = delayed.trained(first, fit, held_out, updates=shorter, **rule)
    assert before.memorised is None
    assert not ((forward(before.kept["end"], fit[0]) >= 0) == (fit[1] > 0)).all()


def table(shift):
    """Sixteen seeds; the density at training samples changes by the shift after memorisation."""
    rng = np.random.default_rng(2)
    for seed in range(16):
        for arm in ("labels", "random"):
            for phase in migration.PHASES:
                for kind in ("uniform", *migration.KINDS):
                    moved = shift if (arm, phase, kind) == ("labels", "end", "training") else 0.0
                    yield {
                        "seed": seed,
                        "inputs": 2,
                        "arm": arm,
                        "phase": phase,
                        "kind": kind,
                        "density": 10.0 if kind == "uniform" else 10 + moved + rng.normal() / 10,
                        "matched": None if kind == "uniform" else 10 + rng.normal() / 10,
                    }


def test_claims_tell_migration_from_none_and_leave_seeds_out_by_rule():
    phases = [{"seed": s, "inputs": 2, "memorised": 10, "generalised": 500} for s in range(16)]
    phases += [
        {"seed": 16, "inputs": 2, "memorised": 0, "generalised": 0},
        {"seed": 17, "inputs": 2, "memorised": 10, "generalised": None},
        {"seed": 18, "inputs": 2, "memorised": 100, "generalised": 500},
    ]
    for shift, verdict in ((-5.0, "found"), (0.0, "not found")):
        tables = {"records": list(table(shift)), "phases": phases}
        found = {one.claim.name: one for one in judged(migration.claims(tables, SMALL))}
        first = next(iter(found.values()))
        assert first.claim.primary
        assert first.interval.n == 16
        assert first.verdict == verdict
        assert first.interval.mean == pytest.approx(shift / 10, abs=0.02)
        for null in ("random labels", "volume matches"):
            assert found[f"{first.claim.name}, beyond {null}"].verdict == verdict
        assert found[first.claim.name.replace("training samples", "the boundary")].verdict == (
            "not found"
        )
    share = found["share of seeds that generalise 10 times later, n = 2"].interval
    assert (share.n, share.mean) == (19, 16 / 19)


def test_a_seed_that_groks_has_every_kind_at_every_moment():
    found = migration.run_seed(SMALL, 0)
    (phases,) = found["phases"]
    assert 0 < phases["memorised"] < phases["generalised"]
    rows = found["records"]
    kinds = {(r["arm"], r["phase"], r["kind"]) for r in rows}
    assert len(kinds) == len(rows) == 2 * 3 * 4
    start = {(r["arm"], r["kind"]): r["density"] for r in rows if r["phase"] == "start"}
    for kind in ("uniform", "training", "held-out"):
        assert start["labels", kind] == start["random", kind]


def test_a_seed_that_does_not_generalise_has_no_records():
    short = MigrationSettings(**{**vars(SMALL), "updates": (300,)})
    found = migration.run_seed(short, 3)
    assert found["phases"][0]["generalised"] is None
    assert found["records"] == []
