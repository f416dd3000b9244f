"""Some hundreds of damaged files of every kind; `tests/fuzz/mutated_files.py` makes any number."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "fuzz" / "mutated_files.py"
NEEDS = {"onnx": "onnx", "pt": "torch", "parquet": "pyarrow", "json": "torch"}


def fuzzer():
    spec = importlib.util.spec_from_file_location("mutated_files", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FUZZER = fuzzer()


@pytest.mark.parametrize("kind", FUZZER.KINDS)
def test_damaged_files(kind, tmp_path):
    needed = NEEDS.get(kind.removesuffix(".gz").rsplit(".", 1)[-1])
    if needed:
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    said: list[str] = []
    counts = FUZZER.run(30, 7, tmp_path, {kind: FUZZER.KINDS[kind]}, said.append)
    assert said == []
    assert counts[kind]["refused"] > 5


def test_the_fuzzer_sees_faults(tmp_path):
    """A reader that raises something else, forgets the name, or takes too much memory."""

    def raw(path):
        return path.read_bytes().decode("ascii")

    def nameless(path):
        raise FUZZER.rt.InvalidFileError("something is wrong")

    path = tmp_path / "property.vnnlib"
    path.write_bytes(b"\xff")
    assert FUZZER.outcome(raw, path)[0] == "FAULT: UnicodeDecodeError"
    assert FUZZER.outcome(nameless, path)[0] == "FAULT: does not name the file"
    assert FUZZER.outcome(lambda _: bytes(200 << 20), path)[0] == "FAULT: memory"
