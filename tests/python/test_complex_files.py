"""Files of complexes: what they hold, what is refused, and writers that do not disturb readers."""

from __future__ import annotations

import io
import json
import re
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest

import relutope as rt

NETWORK = [([[1, 0], [0, 1], [1, 1], [-1, 0]], [0, 0, -1, 0]), ([[1, -1, 1, 2]], [0.5])]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "cx.npz"
    rt.decompose(NETWORK, rt.Box([-2, -2], [2, np.inf]), outputs="sign").save(path)
    return path.read_bytes()


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out.getvalue()


def array(data):
    return np.load(io.BytesIO(data))


def as_member(values):
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def refused(tmp_path, data):
    """What loading these bytes says."""
    path = tmp_path / "damaged.npz"
    path.write_bytes(data)
    with pytest.raises(rt.InvalidFileError, match=r"`path`: .*damaged\.npz: ") as caught:
        rt.load(path)
    return str(caught.value).split("damaged.npz: ", 1)[1]


def test_what_is_saved_is_loaded(tmp_path):
    slanted = rt.Network([([[1.0]], [0.0]), ([[1.0]], [1.0])]).minus_level(-(2.0**-60))
    cases = [
        rt.decompose(NETWORK, None),
        rt.decompose(NETWORK, rt.Polytope([[-1, 0], [0, -1], [1, 1]], [1, 1, 1]), engine="lp"),
        rt.decompose(NETWORK, rt.Box([-2, -2], [2, np.inf]), outputs="sign"),
        rt.decompose(rt.Network([*NETWORK[:1], (np.eye(4), np.zeros(4)), *NETWORK[1:]], [4, 1])),
        rt.decompose(slanted, rt.Box(-2, 2)),
        rt.decompose([(np.zeros((1, 2)), [0.0]), ([[1.0]], [0.0])], rt.Box(-1, 1)),
    ]
    for k, cx in enumerate(cases):
        cx.save(tmp_path / f"{k}.npz")
        again = rt.load(tmp_path / f"{k}.npz")
        assert again.network == cx.network
        assert again.domain == cx.domain
        assert again.n_output_neurons == cx.n_output_neurons
        assert np.array_equal(again.patterns, cx.patterns)
        assert np.array_equal(again.adjacency, cx.adjacency)
        assert np.array_equal(again.vertices, cx.vertices)
        again.save(tmp_path / "again.npz")
        assert (tmp_path / "again.npz").read_bytes() == (tmp_path / f"{k}.npz").read_bytes()


def test_the_header(good):
    header = json.loads(members(good)["header.json"])
    assert (header["format"], header["version"]) == ("relutope-complex", 3)
    assert header["relutope"] == rt.__version__
    assert len(header["network"]) == 64
    assert header["domain"] == "box"
    assert set(header["stats"]) >= {"engine", "outputs"}
    assert not {"seconds", "threads"} & set(header["stats"])


def test_files_of_another_kind(tmp_path, good):
    assert "no zip archive" in refused(tmp_path, b"hello")
    assert "no zip archive" in refused(tmp_path, b"")
    assert "no zip archive" in refused(tmp_path, good[:-100])
    assert "header.json is missing" in refused(tmp_path, packed({"a.txt": b"x"}))
    assert "no archive or is damaged" in refused(tmp_path, good[:300] + b"????" + good[304:])
    with pytest.raises(FileNotFoundError, match="`path`: there is no file"):
        rt.load(tmp_path / "nothing.npz")


def test_other_versions(tmp_path, good):
    contents = members(good)
    header = json.loads(contents["header.json"]) | {"version": 4, "relutope": "9.0"}
    contents["header.json"] = json.dumps(header).encode()
    assert "version 4 of the format, written by relutope '9.0'" in refused(
        tmp_path, packed(contents)
    )


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("facet_neighbour", lambda a: a + 1000, "names cells that do not exist"),
        ("facet_neighbour", lambda a: np.roll(a, 1), "."),
        ("facet_neighbour", lambda a: np.where(a == 1, 2, a), "."),
        ("facet_neighbour", lambda a: a.astype(np.int64), "is of type int64"),
        ("facet_neighbour", lambda a: a[:-1], "expected"),
        ("facet_id", lambda a: a + 100, "forms that do not exist"),
        ("facet_id", lambda a: np.where(a == 1, 2, a), "."),
        ("facet_id", lambda a: np.where(a < 0, -90, a), "forms that do not exist"),
        ("facet_begin", lambda a: a[::-1].copy(), "does not divide the facets"),
        ("facet_begin", lambda a: a[:-1], "expected"),
        ("patterns", lambda a: a[::-1].copy(), "do not increase"),
        ("patterns", lambda a: a | np.uint64(1 << 63), "more bits than there are neurons"),
        ("patterns", lambda a: a ^ np.uint64(1), "."),
        ("special_facet", lambda a: a + 10**6, "special_facet"),
        ("special_ids", lambda a: a + 10**6, "special_ids"),
        ("W0", lambda a: a + 1, "not the one that its header names"),
        ("b_low1", lambda a: a + 1e-30, "not the one that its header names"),
        ("b_low1", lambda a: a * np.nan, "not finite"),
        ("W1", lambda a: a[:, :-1], "expected"),
        ("lower", lambda a: a + 10, "domain cannot be used"),
        ("lower", lambda a: a[:1], "expected"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, good, name, change, message):
    contents = members(good)
    before = array(contents[f"{name}.npy"])
    after = change(before)
    if np.array_equal(before, after):
        pytest.skip("there is nothing to change")
    contents[f"{name}.npy"] = as_member(after)
    assert re.search(message, refused(tmp_path, packed(contents)))


@pytest.mark.parametrize("name", ["patterns", "facet_id", "W0", "b_low0", "upper", "special_begin"])
def test_members_that_are_missing(tmp_path, good, name):
    contents = members(good)
    del contents[f"{name}.npy"]
    assert refused(tmp_path, packed(contents)) == f"{name} is missing"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cells", 10**12),
        ("cells", -1),
        ("cells", "7"),
        ("layers", 10**9),
        ("linear_units", [9]),
        ("linear_units", None),
        ("domain", "sphere"),
        ("stats", []),
        ("stats", {}),
        ("stats", {"engine": "vertex", "outputs": "sign", "signs": [1, 2]}),
        ("network", None),
        ("format", "other"),
    ],
)
def test_headers_that_do_not_fit(tmp_path, good, key, value):
    contents = members(good)
    header = json.loads(contents["header.json"]) | {key: value}
    contents["header.json"] = json.dumps(header).encode()
    refused(tmp_path, packed(contents))


def declaring(shape, dtype="<f8", rest=b""):
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + rest


@pytest.mark.parametrize(
    "data",
    [
        declaring((10**6, 10**6)),
        declaring((2**62, 2)),
        declaring((10**30,)),
        declaring((-1,)),
        declaring((2,), "|O", b"\0" * 16),
        declaring((2,), "<c16", b"\0" * 32),
        declaring((2,), "<U9", b"\0" * 72),
        declaring("1e3"),
        b"\x93NUMPY\x03\x00\xff\xff\xff\xff",
        b"\x93NUMPY\x01\x00\x02\x00((",
        b"",
    ],
)
def test_declared_sizes_and_types(tmp_path, good, data):
    contents = members(good) | {"patterns.npy": data}
    tracemalloc.start()
    refused(tmp_path, packed(contents))
    with pytest.raises(rt.InvalidNetworkError, match=r"damaged\.npz"):
        rt.load_network(tmp_path / "damaged.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_bombs(tmp_path, good):
    contents = members(good)
    bomb = declaring((1 << 26,), "<u8") + bytes(1 << 29)
    tracemalloc.start()
    data = packed(contents | {"patterns.npy": bomb}, zipfile.ZIP_DEFLATED)
    del bomb
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    assert "unpacks to" in refused(tmp_path, data)
    assert tracemalloc.get_traced_memory()[1] - before < 64 << 20
    tracemalloc.stop()
    # A member that claims more than deflate can make of its bytes.
    lie = bytearray(packed(contents, zipfile.ZIP_DEFLATED))
    place = lie.rfind(b"PK\x01\x02")
    lie[place + 24 : place + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    assert "cannot hold" in refused(tmp_path, bytes(lie))


def test_what_compresses_well_is_saved_so_that_it_is_read(tmp_path):
    wide = np.zeros((600, 1200))
    wide[:, :2] = 1.0
    network = [([[1.0, 0.0]] + [[0.0, 0.0]] * 1199, np.zeros(1200)), (wide, np.zeros(600))]
    cx = rt.decompose([*network, (np.ones((1, 600)), [0.0])], rt.Box(-1, 1))
    cx.save(tmp_path / "cx.npz")
    assert rt.load(tmp_path / "cx.npz").network == cx.network


def test_two_writers_and_a_reader_of_one_path(tmp_path):
    rng = np.random.default_rng(0)
    complexes = [
        rt.decompose([(rng.normal(size=(h, 2)), rng.normal(size=h)), (np.ones((1, h)), [0.0])])
        for h in (8, 30)
    ]
    path = tmp_path / "same.npz"
    complexes[0].save(path)
    faults: list[str] = []

    def write(cx):
        for _ in range(20):
            cx.save(path)

    def read():
        for _ in range(20):
            found = rt.load(path).n_cells
            if found not in [cx.n_cells for cx in complexes]:
                faults.append(f"{found} cells")

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as error:
            faults.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(write, cx)) for cx in complexes]
    threads.append(threading.Thread(target=guarded, args=(read,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [file.name for file in tmp_path.iterdir()] == ["same.npz"]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    cx = rt.decompose(NETWORK, rt.Box(-2, 2))
    cx.save(tmp_path / "cx.npz")
    before = (tmp_path / "cx.npz").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OSError, match=r"No space left on device: .*cx\.npz"):
        cx.save(tmp_path / "cx.npz")
    assert (tmp_path / "cx.npz").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
