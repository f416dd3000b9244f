"""Pages about a complex, a training, or one's own network and data."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import relutope as rt
from relutope.cli.command import main
from relutope.lab.report.live import can_live, fitting
from relutope.plotting.viewer import Record, has_engine


@pytest.fixture(scope="module")
def cells():
    return rt.decompose(rt.mlp([2, 6, 1], seed=1), rt.Box(-1, 1))


def is_self_contained(html: str) -> bool:
    return not re.search(r'src="(?!data:)|href="https?:|url\(https?:|@import', html)


def test_a_page_says_what_is_on_it_and_nothing_else(cells, tmp_path):
    html = rt.report(tmp_path / "cells.html", cells, title="Six & more").read_text()
    assert "<h1>Six &amp; more</h1>" in html
    assert f"<strong>{cells.n_cells:,} cells</strong>" in html
    assert "The training" not in html
    assert "The relutope developers" in html
    assert "Topological Signatures" not in html
    assert is_self_contained(html)
    assert html.count('class="relutope-live"') == has_engine()
    for target in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{target}"' in html


def test_a_training_has_its_table_its_files_and_its_networks(tmp_path):
    tracker = rt.Tracker(rt.Box(-1, 1, dim=2), measures=["cells"], path=tmp_path / "t.csv")
    networks = {}
    for step, seed in enumerate([3, 4, 5]):
        networks[step] = rt.mlp([2, 4, 1], seed=seed)
        tracker(step, networks[step], {"loss": 1.0 / (step + 1)})
    place = tmp_path / "page.html"
    html = rt.report(
        place, tracker.complex, table=tracker, networks=networks, files=[tmp_path / "t.csv"]
    ).read_text()
    assert 'href="t.csv"' in html
    assert "Load this in Python" in html
    assert "read_table(&#x27;t.csv&#x27;)" in html
    if has_engine():
        text = re.search(r'<script type="application/json" id="live">(.*?)</script>', html)[1]
        assert [record["step"] for record in json.loads(text)["records"]] == [0, 1, 2]


def test_nothing_is_no_report(tmp_path):
    with pytest.raises(ValueError, match="nothing to show"):
        rt.report(tmp_path / "page.html")


def test_browsers_are_given_what_they_can_decompose(cells):
    assert can_live(cells.network, cells.domain) == has_engine()
    assert not can_live(cells.network, None)
    assert not can_live(cells.network, cells.domain, n_cells=10**6)
    assert not can_live(rt.as_network(rt.mlp([3, 4, 1])), rt.Box(-1, 1, dim=3))


def test_a_network_and_data_of_ones_own_from_the_shell(tmp_path, capsys):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    lines = [f"{a},{b},{'in' if a > 0 else 'out'}" for a, b in X]
    (tmp_path / "own.csv").write_text("a,b,kind\n" + "\n".join(lines) + "\n")
    layers = rt.as_network(rt.mlp([2, 5, 1], seed=2)).layers
    arrays = {
        f"{name}{k}": v
        for k, layer in enumerate(layers)
        for name, v in zip("Wb", layer, strict=True)
    }
    np.savez(tmp_path / "net.npz", **arrays)
    place, data = str(tmp_path / "net.npz"), str(tmp_path / "own.csv")
    assert main(["report", place, "--data", data, "--target", "kind", "--json"]) == 0
    html = (tmp_path / "net.html").read_text()
    assert json.loads(capsys.readouterr().out)["file"] == str(tmp_path / "net.html")
    assert "cells" in html
    assert is_self_contained(html)
    assert main(["report", place, "--data", data]) == 1
    assert "'kind' is" in capsys.readouterr().err


def test_track_writes_a_page(tmp_path, capsys):
    for step in (0, 10):
        rt.Checkpoints(tmp_path / "run")(step, rt.mlp([2, 4, 1], seed=step), {"loss": 0.5})
    words = ["track", str(tmp_path / "run"), "--domain", "-1", "1", "--widths", "2", "4", "1"]
    assert main([*words, "--measures", "cells", "--report", str(tmp_path / "run.html")]) == 0
    html = (tmp_path / "run.html").read_text()
    assert "The training" in html
    assert html.count('class="relutope-live"') == has_engine()


def test_a_long_training_does_not_make_a_large_page(tmp_path):
    networks = {k: rt.mlp([2, 48, 48, 1], seed=k) for k in range(0, 400, 2)}
    box = rt.Box(-1, 1, dim=2)
    page = rt.report(tmp_path / "long.html", networks=networks, domain=box)
    html = page.read_text()
    assert page.stat().st_size < 5_000_000
    if has_engine():
        text = re.search(r'<script type="application/json" id="live">(.*?)</script>', html)[1]
        steps = [one["step"] for one in json.loads(text)["records"]]
        assert (steps[0], steps[-1]) == (0, 398)
        assert f"{len(steps)} of the 200 recorded steps" in html
        gaps = np.diff(steps)
        assert gaps.max() - gaps.min() <= 2  # recorded steps are two apart


def test_a_short_training_keeps_all_its_steps():
    records = [Record(k, rt.as_network(rt.mlp([2, 8, 1], seed=k))) for k in range(50)]
    assert fitting(records) == records


def test_networks_of_more_neurons_than_the_engine_takes_stay_still():
    box = rt.Box(-1, 1, dim=2)
    assert can_live(rt.as_network(rt.mlp([2, 500, 1], seed=0)), box) == has_engine()
    assert not can_live(rt.as_network(rt.mlp([2, 501, 1], seed=0)), box)
