"""The page: what its server lets in, what its commands answer, what its formulas refuse."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

import relutope as rt
from relutope.page.commands import answer
from relutope.page.launch import first_shown
from relutope.page.problems import RequestError, network_json
from relutope.page.site import has_engine, page_script, write_site
from relutope.plotting.viewer import decode_frame
from test_viewer import bundle_names
from test_wasm import small
from wasm_engine import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx`")

STATIC = ROOT / "python" / "relutope" / "page" / "static"
BOX = {"lower": [-1, -1], "upper": [1, 1]}
DEEP = base64.b64encode(b"[" * 100_000).decode()
TURNED = {"lower": [2, 2], "upper": [1, 1]}


def question(network, **more):
    return {"network": network_json(network), "domain": BOX} | more


def test_the_command_complex_says_what_the_package_says():
    network = small([2, 8, 5, 1], 3)
    cx = rt.decompose(network, rt.Box(-1, 1), outputs="sign")
    want = ["outlines", "patterns", "edges", "decisions", "f_vector", "betti", "spectrum"]
    request = question(network, outputs="sign", want=[*want, "persistence"], modes=5)
    header, arrays = decode_frame(answer("complex", {**request, "betti": [{"of": "level"}]}))
    assert header["n_cells"] == cx.n_cells
    assert header["f_vector"] == cx.f_vector.tolist()
    assert header["betti"] == [rt.betti(cx, "level").tolist()]
    assert header["fiedler"]["value"] == rt.fiedler(cx).value
    np.testing.assert_array_equal(arrays["patterns"], cx.patterns)
    np.testing.assert_array_equal(arrays["adjacency"], cx.adjacency)
    np.testing.assert_array_equal(arrays["spectrum"], rt.spectrum(cx, 5).values)
    pairs = rt.persistence(cx)
    assert [(k, (b, d)) for k, b, d in arrays["persistence"].tolist()] == pairs


def test_slices_and_everywhere():
    network = small([4, 6, 1], 2)
    through = {"origin": [0, 0, 0.5, -0.5], "basis": [[1, 0, 0, 0], [0, 1, 0, 0]]}
    request = question(network, slice=through, want=["patterns"])
    header, _ = decode_frame(answer("complex", request))
    origin, basis = np.array(through["origin"]), np.array(through["basis"])
    cut = rt.slice(network, embedding=(origin, basis), domain=rt.Box(-1, 1))
    assert header["n_cells"] == cut.complex.n_cells
    plane = small([2, 6, 1], 2)
    request = {**question(plane, want=["patterns", "bounded"]), "domain": None}
    header, arrays = decode_frame(answer("complex", request))
    assert header["domain"] is None
    assert arrays["bounded"].sum() == rt.decompose(plane).bounded.sum()


@pytest.mark.parametrize(
    ("command", "request_", "words"),
    [
        ("shutdown", {}, "unknown"),
        ("complex", {}, "network"),
        ("complex", [], "unknown"),
        ("complex", {"network": {"layers": []}}, "layer"),
        ("complex", {"network": {"layers": [{"W": [["x"]], "b": [0]}] * 2}}, "number"),
        ("complex", question(small([2, 3, 1], 0), want=["__class__"]), "want"),
        ("complex", question(small([2, 3, 1], 0), outputs="argmax"), "argmax"),
        ("complex", question(small([2, 30, 1], 0), maxCells=5), "smaller window"),
        ("complex", question(small([2, 3, 1], 0), domain=TURNED), "no interior"),
        ("open", {"name": "model.pt", "data": ""}, "cannot be opened"),
        ("open", {"name": "../../etc/passwd", "data": ""}, "cannot be opened"),
        ("open", {"name": "a.json", "data": "%%%"}, "damaged"),
        ("open", {"name": "a.json", "data": DEEP}, "recursion|JSON"),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_answered_are_refused_in_words(command, request_, words):
    with pytest.raises(RequestError, match=words):
        answer(command, request_)


def test_a_pickle_in_an_uploaded_archive_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = tmp_path / "bomb.npz"
    np.savez(path, W0=np.array([Bomb()], dtype=object), b0=np.zeros(1))
    data = base64.b64encode(path.read_bytes()).decode()
    with pytest.raises(RequestError):
        answer("open", {"name": "bomb.npz", "data": data})
    assert not (tmp_path / "ran").exists()


def test_files_that_are_too_large_or_swell_are_refused():
    huge = base64.b64encode(bytes(9 * 2**20)).decode()
    with pytest.raises(RequestError, match="8 MiB"):
        answer("open", {"name": "a.npz", "data": huge})
    packed = io.BytesIO()
    np.savez_compressed(packed, W0=np.zeros((4000, 40_000), dtype=np.float32), b0=np.zeros(3))
    data = base64.b64encode(packed.getvalue()).decode()
    with pytest.raises(RequestError):
        answer("open", {"name": "a.npz", "data": data})


def test_files_of_networks_are_opened(tmp_path):
    network = small([2, 4, 1], 1)
    path = tmp_path / "n.npz"
    np.savez(path, **{f"{k}{i}": p for i, layer in enumerate(network.layers)
                      for k, p in zip("Wb", layer, strict=True)})  # fmt: skip
    for name, data in (
        ("n.npz", path.read_bytes()),
        ("n.json", json.dumps(network_json(network)).encode()),
    ):
        found = answer("open", {"name": name, "data": base64.b64encode(data).decode()})
        assert found["network"] == network_json(network)


def test_what_is_shown_at_first():
    network = small([2, 4, 1], 3)
    assert first_shown(None) == {}
    cx = rt.decompose(network, rt.Box([-1, -2], [3, 1]))
    points, labels = np.zeros((3, 2)), np.array([0, 1, 7])
    found = first_shown(cx, (points, labels))
    assert found["network"] == network_json(network)
    assert found["box"] == 3.0
    assert found["data"] == {"points": points.tolist(), "labels": [0, 1, 7]}
    assert "box" not in first_shown(rt.decompose(network))


@pytest.mark.parametrize(
    ("points", "labels"),
    [(np.zeros((2, 2)), [0]), (np.zeros(2), [0, 1]), (np.zeros((1, 11)), [0]),
     (np.zeros((1, 2)), [8]), (np.zeros((1, 2)), [0.5]), (np.zeros((0, 2)), [])],
    ids=["rows", "flat", "wide", "many classes", "half", "none"],
)  # fmt: skip
def test_data_that_cannot_be_shown_are_refused(points, labels):
    with pytest.raises(ValueError, match="data"):
        first_shown(None, (points, labels))


def test_networks_with_linear_units_are_not_shown():
    network = small([2, 3, 1], 0)
    with pytest.raises(ValueError, match="linear units"):
        first_shown(rt.decompose(network, rt.Box(-1, 1), outputs="sign"))


def test_the_app_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(rt.MissingDependencyError, match="uvicorn"):
        rt.app(open_browser=False)


# -- the server


OWN = {"origin": "http://127.0.0.1:4321", "host": "127.0.0.1:4321"}


@pytest.fixture
def served():
    pytest.importorskip("starlette")
    pytest.importorskip("httpx")
    from starlette.testclient import TestClient

    from relutope.page.server import Settings, make_app

    settings = Settings(port=4321, token="secret")
    with TestClient(make_app(settings), base_url="http://127.0.0.1:4321") as client:
        yield client


def test_the_token_opens_the_page_and_is_kept_in_a_cookie(served):
    assert served.get("/").status_code == 403
    assert served.get("/?token=wrong").status_code == 403
    assert served.get("/static/page.js").status_code == 403
    found = served.get("/?token=secret")
    assert found.status_code == 200
    assert "secret" not in found.text
    cookie = found.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert served.get("/").status_code == 200
    assert served.get("/static/page.js").status_code == 200
    assert served.get("/static/../commands.py").status_code == 404
    assert served.get("/static/server.py").status_code == 404


def test_every_answer_forbids_what_the_page_does_not_need(served):
    headers = served.get("/?token=secret").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1:9999"},
        {"host": "127.0.0.1"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:4321"},
    ],
)
def test_foreign_hosts_and_origins_are_refused_even_with_the_token(served, headers):
    assert served.get("/?token=secret", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/socket", {"origin": "http://127.0.0.1:4321"}),
        ("/socket?token=wrong", {"origin": "http://127.0.0.1:4321"}),
        ("/socket?token=secret", {}),
        ("/socket?token=secret", {"origin": "http://evil.example"}),
        ("/socket?token=secret", {"origin": "http://127.0.0.1:4321", "host": "evil.example"}),
    ],
)
def test_sockets_need_the_token_and_the_page_s_origin(served, path, headers):
    from starlette.websockets import WebSocketDisconnect

    both = {"host": "127.0.0.1:4321", **headers}
    with pytest.raises(WebSocketDisconnect), served.websocket_connect(path, headers=both):
        pass


def test_a_conversation(served):
    headers = OWN
    network = small([2, 5, 1], 6)
    with served.websocket_connect("/socket?token=secret", headers=headers) as socket:
        request = question(network, want=["patterns", "f_vector"])
        head = json.dumps({"id": 7, "command": "complex"})
        socket.send_text(f"{head}\n{json.dumps(request)}")
        found = socket.receive_bytes()
        assert int.from_bytes(found[:8], "little") == 7
        header, _ = decode_frame(found[8:])
        assert header["f_vector"] == rt.decompose(network, rt.Box(-1, 1)).f_vector.tolist()
        for request in ("{}", "", "{", "[" * 5000, "null", '"x"', "NaN"):
            socket.send_text(f"{head}\n{request}")
            refused = json.loads(socket.receive_text())
            assert refused["id"] == 7
            assert refused["error"]["kind"] == "input"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "x"}', '{"id": 1}', "[" * 5000, "NaN"])
def test_what_is_no_question_ends_the_conversation(served, text):
    from starlette.websockets import WebSocketDisconnect

    headers = OWN
    with served.websocket_connect("/socket?token=secret", headers=headers) as socket:
        socket.send_text(text)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


# -- the scripts


def run_node(code):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    run = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def formula(text):
    code = f"""
    import {{ parseFormula }} from {json.dumps((STATIC / "expression.js").as_uri())};
    let found;
    try {{
      found = parseFormula({json.dumps(text)})(0.5, -2);
    }} catch (error) {{
      found = error.message;
    }}
    console.log(JSON.stringify(found));
    """
    return run_node(code)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", 0.5),
        ("x*y + 1", 0.0),
        ("-x^2", -0.25),
        ("2^-1", 0.5),
        ("max(x, y, 1.5e0) - relu(y)", 1.5),
        ("(x > 0) - (y > 0)", 1),
        ("sin(pi*x)", 1.0),
    ],
)
def test_formulas(text, value):
    assert formula(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x +",
        "alert(1)",
        "constructor('return 1')()",
        "x.constructor",
        "__proto__",
        "toString(x)",
        "fetch('/')",
        "x; y",
        "`x`",
        "x" * 300,
    ],
)
def test_formulas_that_are_none_are_refused(text):
    assert isinstance(formula(text), str)


def test_the_page_s_script_has_no_two_things_of_one_name():
    names = bundle_names(page_script())
    assert len(names) > 60
    assert len(set(names)) == len(names)


@pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built")
def test_the_site_is_one_file_that_refers_to_nothing_outside(tmp_path):
    path = write_site(tmp_path / "site")
    text = path.read_text()
    assert path.name == "index.html"
    assert "src=" not in text.split("<script", 1)[0]
    assert len(text) < 1_000_000


@pytest.mark.skipif(shutil.which("tsc") is None, reason="typescript is not installed")
def test_types_of_the_page():
    run = subprocess.run(["tsc", "-p", str(STATIC)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
