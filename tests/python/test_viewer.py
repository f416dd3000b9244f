"""The viewer: frames are the same from Python and the worker; pages refer to nothing outside."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

import relutope as rt
from relutope.plotting.viewer import (
    Record,
    complex_frame,
    decode_frame,
    encode_frame,
    has_engine,
    live_figure,
    live_page,
)
from relutope.plotting.viewer.bundle import PAGE, WORKER, bundle
from relutope.plotting.viewer.frame import outlines
from test_wasm import domain_json, network_json, small
from wasm_engine import ROOT, VIEWER, Engine, floats

WANT = ["outlines", "patterns", "edges", "maps", "bounded", "f_vector"]


@pytest.fixture(scope="module")
def engine():
    running = Engine()
    yield running
    running.close()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_both_providers_make_the_same_frame(engine, dim):
    network, box = small([dim, 8, 5, 2], dim), rt.Box(-1, 2)
    cx = rt.decompose(network, box, outputs="argmax")
    want = [*WANT, "decisions"]
    mine, arrays = decode_frame(complex_frame(cx, want))
    request = {
        "network": network_json(network),
        "domain": domain_json(box, dim),
        "outputs": "argmax",
        "want": want,
    }
    found = engine("picture", request=request)
    own = {"provider", "stages"}
    theirs = {key: value for key, value in found["header"].items() if key not in own}
    assert {key: value for key, value in mine.items() if key not in own} == theirs
    exact = set(arrays) - {"maps", "outline_begin", "outline_corners", "outline_cells"}
    for name in exact if dim == 3 else set(arrays) - {"maps"}:
        np.testing.assert_array_equal(arrays[name].ravel(), floats(found["arrays"][name]), name)
        assert list(arrays[name].shape) == found["shapes"][name]
    np.testing.assert_allclose(arrays["maps"].ravel(), found["arrays"]["maps"], atol=1e-11)
    if dim == 3:  # facets are numbered in other orders
        begin, corners = arrays["outline_begin"], arrays["outline_corners"]
        own_sets = [frozenset(row.tolist()) for row in np.split(corners, begin[1:-1])]
        theirs_at = np.array(found["arrays"]["outline_begin"])
        their_corners = np.array(found["arrays"]["outline_corners"])
        their_sets = [frozenset(row.tolist()) for row in np.split(their_corners, theirs_at[1:-1])]
        pairs = np.array(found["arrays"]["outline_cells"]).reshape(-1, 2).tolist()
        expected = dict(zip(own_sets, arrays["outline_cells"].tolist(), strict=True))
        assert dict(zip(their_sets, pairs, strict=True)) == expected


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("domain", [rt.Box(-1, 2), None], ids=["box", "everywhere"])
def test_a_draft_differs_in_roundings_only(engine, dim, domain):
    network = small([dim, 9, 6, 1], 20 + dim)
    cx = rt.decompose(network, domain, outputs="sign")
    want = ["outlines", "patterns", "edges", "decisions"]
    _, exact = decode_frame(complex_frame(cx, want))
    header, mine = decode_frame(
        complex_frame(rt.decompose(network, domain, outputs="sign"), want, draft=True)
    )
    request = {
        "network": network_json(network),
        "domain": None if domain is None else domain_json(domain, dim),
        "outputs": "sign",
        "want": want,
        "draft": True,
    }
    found = engine("picture", request=request)
    assert header["draft"]
    assert found["header"]["draft"]
    theirs = {name: floats(array) for name, array in found["arrays"].items()}
    for arrays in (mine, theirs):
        for name in set(exact) - {"vertices"}:
            np.testing.assert_array_equal(np.ravel(arrays[name]), exact[name].ravel(), name)
        at = np.reshape(arrays["vertices"], exact["vertices"].shape)
        size = np.abs(exact["vertices"]).max(axis=1, keepdims=True)
        assert (np.abs(at - exact["vertices"]) <= 2.0**-29 * size).all()
    assert "draft" not in engine("picture", request={**request, "want": ["points"]})["header"]


def test_frames_of_one_language_are_read_by_the_other(engine):
    arrays = {
        "a": np.arange(5, dtype=np.uint8),
        "b": np.array([[1.5, -2.0], [np.pi, 0.0]]),
        "c": np.array([-7], dtype=np.int32),
        "d": np.zeros((0, 3), dtype=np.float32),
    }
    frame = encode_frame({"kind": "test", "text": "ü"}, arrays)
    found = engine("decode", base64=base64.b64encode(frame).decode())
    assert found["header"] == {"kind": "test", "text": "ü"}
    for name, array in arrays.items():
        assert found["shapes"][name] == list(array.shape)
        np.testing.assert_array_equal(floats(found["arrays"][name]), array.ravel())
    header, again = decode_frame(frame)
    assert header == {"kind": "test", "text": "ü"}
    for name, array in arrays.items():
        assert again[name].dtype == array.dtype
        np.testing.assert_array_equal(again[name], array)


@pytest.mark.parametrize("cut", [0, 3, 15, 16, 40, -1])
def test_a_broken_frame_is_refused(cut):
    frame = encode_frame({"kind": "test"}, {"a": np.arange(50.0)})
    with pytest.raises(ValueError, match="frame"):
        decode_frame(frame[:cut])
    with pytest.raises(ValueError, match="frame"):
        decode_frame(b"X" + frame[1:])


def test_outlines_in_the_plane_run_counter_clockwise_and_fill_the_box():
    cx = rt.decompose(small([2, 10, 8, 1], 1), rt.Box([-1, -2], [2, 3]))
    begin, corners = outlines(cx)
    total = 0.0
    for cell, row in enumerate(np.split(corners, begin[1:-1])):
        assert sorted(row.tolist()) == cx.cell_vertices[cell].tolist()
        assert row[0] == row.min()
        x, y = cx.vertices[row].T
        area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2
        assert area == pytest.approx(cx.cell_volumes[cell], abs=1e-12)
        total += area
    assert total == pytest.approx(15.0)


@pytest.mark.parametrize("sizes", [[1, 5, 3, 1], [2, 6, 4, 1]], ids=["line", "plane"])
def test_both_providers_draw_the_whole_space_alike(engine, sizes):
    """Unbounded cells end at the same points far out, in the same order."""
    network = small(sizes, 4)
    cx = rt.decompose(network, outputs="sign")
    want = ["outlines", "edges", "bounded", "decisions"]
    _, arrays = decode_frame(complex_frame(cx, want))
    request = {"network": network_json(network), "domain": None, "outputs": "sign", "want": want}
    found = engine("picture", request=request)["arrays"]
    assert not cx.bounded.all()
    assert len(arrays["vertices"]) > cx.n_finite_vertices
    for name in set(arrays) - {"vertices"}:
        np.testing.assert_array_equal(arrays[name].ravel(), floats(found[name]), name)
    np.testing.assert_allclose(arrays["vertices"].ravel(), found["vertices"], rtol=1e-12)


def test_outlines_of_unbounded_cells_in_space_and_of_lines_are_refused():
    with pytest.raises(ValueError, match="unbounded"):
        outlines(rt.decompose(small([3, 4, 1], 0)))
    with pytest.raises(ValueError, match="1 directions"):
        outlines(rt.decompose(small([2, 1, 1], 0)))


@pytest.mark.parametrize("sizes", [[1, 6, 4, 1], [2, 7, 5, 1], [3, 5, 3, 1]])
def test_volumes_and_depths_of_the_viewer_are_the_package_s(sizes, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    cx = rt.decompose(small(sizes, 5), rt.Box(-1, 1), outputs="sign")
    path = tmp_path / "frame"
    path.write_bytes(complex_frame(cx, ["outlines", "edges", "patterns"]))
    code = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ decodeFrame }} from {json.dumps((VIEWER / "frame.js").as_uri())};
    import {{ cellNumbers }} from {json.dumps((VIEWER / "colours.js").as_uri())};
    const frame = decodeFrame(Uint8Array.from(readFileSync({json.dumps(str(path))})).buffer);
    const found = ["volume", "depth", "degree"].map((by) => [...cellNumbers(frame, by)]);
    console.log(JSON.stringify(found));
    """
    run = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    volumes, depths, degrees = json.loads(run.stdout)
    np.testing.assert_allclose(volumes, cx.cell_volumes, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(degrees, [len(cx.neighbours(i)) for i in range(cx.n_cells)])
    first = sizes[1]
    deepest = np.zeros(cx.n_cells, dtype=int)
    for (i, j), zeros in zip(cx.adjacency, cx.facet_neurons, strict=True):
        own = [1 + (z >= first) for z in zeros if z < first + sizes[2]]
        for cell in (i, j):
            deepest[cell] = max([deepest[cell], *own])
    np.testing.assert_array_equal(depths, deepest)


def bundle_names(text):
    """Top-level names of a bundle, which has no imports and exports."""
    assert not re.search(r"^\s*(import|export)\s", text, re.MULTILINE)
    declared = re.compile(r"^(?:async\s+)?(?:function|class|const|let)\s+(\w+)", re.MULTILINE)
    return declared.findall(text)


@pytest.mark.parametrize("modules", [PAGE, WORKER], ids=["page", "worker"])
def test_bundles_have_no_two_things_of_one_name(modules):
    names = bundle_names(bundle(modules))
    assert len(names) > 20
    assert len(set(names)) == len(names)


@pytest.mark.skipif(shutil.which("tsc") is None, reason="typescript is not installed")
def test_types_of_the_scripts():
    run = subprocess.run(["tsc", "-p", str(VIEWER)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def figure(still="<p>still</p>"):
    records = [Record(step, small([2, 5, 1], step), f"loss {step}") for step in (0, 10)]
    points = np.array([[0.0, 0.0], [0.5, 0.5]])
    return live_figure(
        records, rt.Box(-1, 1), outputs="sign", points=points, labels=[0, 1], still=still
    )


@pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built")
def test_a_page_with_a_live_figure_refers_to_nothing_outside():
    page = live_page("A <title>", figure())
    assert "A &lt;title&gt;" in page
    outside = re.findall(
        r"""(?:src|href)\s*=\s*["']?[^"'>]+|@import|url\(""", page.split("<script")[0]
    )
    assert outside == []
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert len(page) < 1_000_000
    data = re.search(r'<script type="application/json" id="recording">(.*?)</script>', page)
    recording = json.loads(data.group(1))
    assert [one["step"] for one in recording["records"]] == [0, 10]
    assert recording["data"]["labels"] == [0, 1]


def test_without_the_engine_the_still_picture_stays(monkeypatch):
    monkeypatch.setattr("relutope.plotting.viewer.figure.has_engine", lambda: False)
    assert figure() == "<p>still</p>"


def test_networks_that_cannot_be_live_are_refused():
    with pytest.raises(ValueError, match="empty"):
        live_figure([], rt.Box(-1, 1))
    with pytest.raises(ValueError, match="3 inputs"):
        live_figure([Record(0, small([3, 4, 1], 0))], rt.Box(-1, 1))


def test_the_readme_names_every_script():
    readme = (VIEWER / "README.md").read_text()
    assert all(f"`{path.name}`" in readme for path in VIEWER.glob("*.js"))
    assert (ROOT / "cpp" / "wasm" / "build").exists()
