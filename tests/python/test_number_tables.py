"""Tables of numbers from files: what is one, and that all else is one error that names the file."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest

import relutope as rt
from relutope.common.number_tables import read_numbers

NET = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.5]), ([[1.0, -1.0]], [0.0])]


def saved(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def declared(shape, descr="<f8", data=bytes(64)):
    """A file whose header says what its data need not hold."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(11 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\n3,-4.5e1\n", [[1, 2], [3, -45]]),
        ("# title\n 1 \t 2 # end\n\n.5, 3.\n", [[1, 2], [0.5, 3]]),
        ("\ufeff+1e-3 inf\r\n-INF 2E+2\n", [[1e-3, np.inf], [-np.inf, 200]]),
    ],
)
def test_texts(tmp_path, text, rows):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert read_numbers(path).tolist() == rows


@pytest.mark.parametrize(
    "array", [np.arange(6).reshape(2, 3), np.float32([0.1, 2]), np.asfortranarray(np.eye(3))]
)
def test_arrays(tmp_path, array):
    path = tmp_path / "table.npy"
    path.write_bytes(saved(array))
    read = read_numbers(path)
    assert read.dtype == np.float64
    assert read.tolist() == array.tolist()
    read += 1  # a copy, not the file
    assert path.read_bytes() == saved(array)


BAD = {
    "underscore.txt": b"1_0 2",
    "digits.txt": "\u0661 2".encode(),
    "words.csv": b"x,y\n1,2\n",
    "hex.txt": b"0x10 2",
    "ragged.txt": b"1 2\n3\n",
    "empty.txt": b"\n# nothing\n",
    "binary.txt": b"\xff\xfe\x00",
    "empty.npy": b"",
    "text.npy": b"1 2 3",
    "terabytes.npy": declared("(1000000000000,)"),
    "exabytes.npy": declared("(1000000000, 1000000000)"),
    "overflow.npy": declared("(4611686018427387904, 8)"),
    "negative.npy": declared("(-1, 2)"),
    "cut.npy": saved(np.arange(100.0))[:-8],
    "objects.npy": declared("(2,)", "|O"),
    "complex.npy": saved(np.array([1j, 2])),
    "words.npy": saved(np.array(["a", "b"])),
    "booleans.npy": saved(np.array([True, False])),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(rt.InvalidFileError, match=f"^`points`: .*{name}"):
        read_numbers(path, "points")


def test_files_that_are_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^`points`: there is no file .*none\.npy"):
        read_numbers(tmp_path / "none.npy", "points")


@pytest.mark.parametrize(
    "command",
    [
        ["explore", "{net}", "--at", "{file}"],
        ["slice", "{net}", "--points", "{file}"],
        ["count", "{net}", "--polytope", "{file}"],
        ["robustness", "{net}", "--input", "{file}"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("name", ["complex.npy", "terabytes.npy", "words.csv"])
def test_commands_name_option_and_file(tmp_path, capsys, command, name):
    from relutope.cli import main

    path, net = tmp_path / name, tmp_path / "net.npz"
    path.write_bytes(BAD[name])
    arrays = {f"{n}{k}": a for k, pair in enumerate(NET) for n, a in zip("Wb", pair, strict=True)}
    np.savez(net, **arrays)
    assert main([word.format(net=net, file=path) for word in command]) != 0
    said = capsys.readouterr().err
    assert name in said
    assert "no table of numbers" in said
    assert len(said.splitlines()) == 1, said


def test_a_compressed_network_may_not_unpack_to_anything(tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed")
    path = tmp_path / "bomb.onnx.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    with pytest.raises(rt.InvalidNetworkError, match=r"bomb\.onnx\.gz unpacks to more than"):
        rt.load_network(path)


@pytest.mark.parametrize("row", ["1_0,2,", "\u0661,2,", "0x1,2,"])
def test_networks_in_text_take_decimal_numbers_only(tmp_path, row):
    lines = ["1,2,1,2,", "2,1,", "0,", "0,0,", "1,1,", "0,0,0,", "1,1,1,", row, "0.5,"]
    path = tmp_path / "net.nnet"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(rt.InvalidNetworkError, match=r"net\.nnet"):
        rt.load_network(path)
    path.write_text("\n".join(lines).replace(row, "10,2,"), encoding="utf-8")
    assert rt.load_network(path).input_dim == 2


@pytest.mark.parametrize("suffix", [".pt", ".pt2"])
def test_archives_of_torch_are_checked_whatever_they_hold(tmp_path, suffix):
    pytest.importorskip("torch", reason="torch is not installed")
    import zipfile

    path = tmp_path / f"bomb{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/constants.pkl", bytes(100 << 20))
        archive.writestr("net/data.pkl", b"")
    with pytest.raises(rt.InvalidNetworkError, match=rf"bomb\{suffix}.*(larger|more|unpack)"):
        rt.load_network(path, allow_pickle=True)
