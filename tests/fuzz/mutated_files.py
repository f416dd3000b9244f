"""Damaged files of every kind that relutope reads: each must give its value or one clear error.

    python tests/fuzz/mutated_files.py --files 14000 --seed 0

Small good files are made, then changed: bytes flipped, cut, repeated, overwritten with extreme
numbers; archives also inside, with their checksums made right again, so that what comes after the
decoders is reached. An outcome counts as a fault if it is an exception that is no RelutopeError or
does not name the file, if it takes longer than a few seconds, or if it needs more memory than four
times the file's arrays and 64 MiB.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import signal
import sys
import tempfile
import time
import tracemalloc
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import relutope as rt

SECONDS = 20
FREE_BYTES = 64 << 20
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1)
WORDS = ("nan", "-", "1e999", "1_0", "(", ")", "X_9", "and", "", "9" * 400, "null", "-1", "[[")

Bytes = bytes
Reader = Callable[[Path], object]


def network() -> rt.Network:
    rng = np.random.default_rng(7)
    layers = [(rng.standard_normal((6, 2)), rng.standard_normal(6))]
    layers.append((rng.standard_normal((4, 6)), rng.standard_normal(4)))
    layers.append((rng.standard_normal((1, 4)), np.zeros(1)))
    return rt.Network(layers, [1, 0])


def _arrays(path: Path) -> None:
    layers = network().layers
    arrays = {
        f"{n}{k}": a for k, pair in enumerate(layers) for n, a in zip("Wb", pair, strict=True)
    }
    np.savez(path, **arrays, linear_units=[1, 0])


def _complex(path: Path) -> None:
    domain = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [1, 1, 1])
    rt.decompose(network(), domain, outputs="sign").save(path)


def _degenerate_complex(path: Path) -> None:
    W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 0.0], [0.0, 0.0]])
    layers = [(W, np.zeros(5)), (np.ones((3, 5)), -np.ones(3)), (np.ones((1, 3)), [0.0])]
    rt.decompose(layers, rt.Box([-1, -np.inf], [1, 2])).save(path)


def _exploration(path: Path) -> None:
    domain = rt.Polytope([[-1, 0], [0, -1], [1, 1]], [1, 1, 1])
    rt.explore(network(), [0.1, 0.2], domain=domain, max_cells=5, outputs="sign").save(path)


def _nearest_exploration(path: Path) -> None:
    rt.explore(network(), [0.1, 0.2], max_cells=4, order="nearest").save(path)


def _further(path: Path) -> object:
    found = rt.load(path)
    assert isinstance(found, rt.Exploration)
    return found.run(max_cells=3), found.adjacency, found.interior_points


def _slice(path: Path) -> None:
    rt.slice(network(), [[0, 0], [1, 0.5], [0.5, 1]], outputs="sign").save(path)


def _nnet(path: Path) -> None:
    lines = ["// a network", "2,2,1,3,", "2,3,1,", "0,", "-1,-1,", "1,1,", "0,0.5,1,", "1,2,3,"]
    lines += ["1.0,-2.0,", "0.5,1.0e-1,", "-1,1,", "0.1,", "0.2,", "0.3,", "1,-1,2.5,", "0.5,"]
    path.write_text("\n".join(lines) + "\n")


def _property(path: Path) -> None:
    text = "; a property\n"
    text += "".join(f"(declare-const {v} Real)\n" for v in ("X_0", "X_1", "Y_0"))
    text += (
        "(assert (<= X_0 0.5))\n(assert (>= X_0 (- 0.5)))\n(assert (and (<= 0 X_1) (< X_1 1)))\n"
    )
    several = "" if path.name.startswith("domain") else " (= X_1 0.25)"
    text += f"(assert (or (<= Y_0 (* 2.5 X_0)) (and (>= Y_0 1e2){several})))\n"
    data = text.encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def _table(path: Path) -> None:
    from relutope.tracking.recorded_table import write_table

    columns: dict[str, list[Any]] = {"step": [0, 1, 2], "loss": [0.5, None, 1e-9]}
    write_table(path, columns | {"left_out": ['a, "b"', None, "line\nbreak"]})


def _state(path: Path) -> None:
    tracker = rt.Tracker(rt.Box(-1, 1), measures=["count"], path=path, resume=True)
    tracker(0, network(), {"loss": 0.5})
    tracker(1, network(), {"loss": 0.25})


def _resumed(path: Path) -> object:
    return rt.Tracker(rt.Box(-1, 1), measures=["count"], path=path, resume=True)


def _torch_state(path: Path) -> None:
    import torch

    torch.save({"state_dict": rt.mlp([2, 4, 1]).state_dict(), "metrics": {"loss": 0.5}}, path)


def _checkpoint(path: Path) -> object:
    from relutope.tracking.checkpoints import load_checkpoint

    return load_checkpoint(path, rt.mlp([2, 4, 1]))


def _torch_module(path: Path) -> None:
    import torch

    torch.save(rt.mlp([2, 4, 1]), path)


def _onnx(path: Path) -> None:
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(3)
    nodes = [
        helper.make_node("Conv", ["x", "K"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("Gemm", ["f", "W", "b"], ["g"], transB=1),
        helper.make_node("MatMul", ["g", "V"], ["y"]),
    ]
    constants = [
        numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)
        for name, shape in (("K", (2, 1, 3, 3)), ("W", (3, 8)), ("b", (3,)), ("V", (3, 2)))
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants)
    data = helper.make_model(graph).SerializeToString()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def _read_table(path: Path) -> object:
    from relutope.tracking.recorded_table import read_table

    return read_table(path)


# kind: (file name, writer, reader)
KINDS: dict[str, tuple[str, Callable[[Path], None], Reader]] = {
    "network.npz": ("network.npz", _arrays, rt.load_network),
    "network.onnx": ("network.onnx", _onnx, rt.load_network),
    "network.onnx.gz": ("network.onnx.gz", _onnx, rt.load_network),
    "network.nnet": ("network.nnet", _nnet, rt.load_network),
    "module.pt": ("module.pt", _torch_module, lambda p: rt.load_network(p, allow_pickle=True)),
    "weights.pt": ("step-3.pt", _torch_state, _checkpoint),
    "complex.npz": ("complex.npz", _complex, rt.load),
    "degenerate.npz": ("degenerate.npz", _degenerate_complex, rt.load),
    "exploration.npz": ("exploration.npz", _exploration, _further),
    "nearest.npz": ("nearest.npz", _nearest_exploration, _further),
    "slice.npz": ("slice.npz", _slice, rt.load),
    "property.vnnlib": ("property.vnnlib", _property, rt.load_property),
    "domain.vnnlib": ("domain.vnnlib", _property, rt.load_domain),
    "property.vnnlib.gz": ("property.vnnlib.gz", _property, rt.load_property),
    "table.csv": ("table.csv", _table, _read_table),
    "table.parquet": ("table.parquet", _table, _read_table),
    "state.json": ("state.csv", _state, _resumed),
}


# -- changes


def changed(data: Bytes, rng: random.Random) -> Bytes:
    """The bytes with one to four random changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(CHANGES)(data, rng)
    return data


def _flip(data: Bytes, rng: random.Random) -> Bytes:
    out = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 2, 8))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _cut(data: Bytes, rng: random.Random) -> Bytes:
    return data[: rng.randrange(len(data) + 1)]


def _remove(data: Bytes, rng: random.Random) -> Bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 2, 4, 40, 400)) :]


def _repeat(data: Bytes, rng: random.Random) -> Bytes:
    start, length = rng.randrange(len(data) + 1), rng.choice((1, 4, 40, 400))
    return data[: start + length] + data[start:]


def _overwrite(data: Bytes, rng: random.Random) -> Bytes:
    size = rng.choice((1, 2, 4, 8))
    number = (rng.choice(EXTREMES) & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    start = rng.randrange(len(data) + 1)
    return data[:start] + number + data[start + size :]


def _noise(data: Bytes, rng: random.Random) -> Bytes:
    start, length = rng.randrange(len(data) + 1), rng.choice((1, 3, 17, 200))
    return data[:start] + rng.randbytes(length) + data[start + length :]


def _word(data: Bytes, rng: random.Random) -> Bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + rng.choice(WORDS).encode() + data[start + rng.randrange(4) :]


CHANGES = (_flip, _cut, _remove, _repeat, _overwrite, _noise, _word)


def changed_inside(data: Bytes, rng: random.Random) -> Bytes:
    """A zip or gzip file with changed contents and right checksums."""
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(changed(gzip.decompress(data), rng), mtime=0)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(members))
    action = rng.randrange(8)
    if action == 0:
        del members[name]
    elif action == 1:
        members[name] = members[rng.choice(sorted(members))]
    elif action == 2 and name.endswith(".npy"):
        members[name] = _other_array(members[name], rng)
    else:
        members[name] = changed(members[name], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return out.getvalue()


def _other_array(data: Bytes, rng: random.Random) -> Bytes:
    """The array with some entries changed, or of another shape or type."""
    array = np.load(io.BytesIO(data))
    flat = array.reshape(-1).copy()
    if len(flat):
        place = rng.randrange(len(flat))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flat[place] = np.array(rng.choice((0, 1, -1, 7, 1000, 2**31 - 1))).astype(flat.dtype)
    options = (
        flat.reshape(array.shape),
        flat,
        flat[:-1],
        np.tile(flat, 2),
        array.astype(np.float32),
        array[::-1],
        array.T,
    )
    out = io.BytesIO()
    np.save(out, rng.choice(options))
    return out.getvalue()


# -- running


class TooLong(BaseException):
    """Not an Exception, so that nothing takes it for one of its own."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    # Of processor time, so that a busy machine makes no faults; ten times as long if nothing runs.
    handlers = {kind: signal.signal(kind, stop) for kind in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(10 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for kind, handler in handlers.items():
            signal.signal(kind, handler)


def outcome(reader: Reader, path: Path, trusted: bool = False) -> tuple[str, str]:
    """What reading gives: "read", "refused", or the kind of fault; and the message.

    Of a trusted pickle the memory is its own business: it runs code.
    """
    tracemalloc.start()
    try:
        with limited(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader(path)
        what, message = "read", ""
    except rt.RelutopeError as error:
        message = str(error)
        what = "refused" if path.name.split(".")[0] in message else "FAULT: does not name the file"
    except TooLong:
        what, message = "FAULT: takes too long", ""
    except Exception as error:
        what, message = f"FAULT: {type(error).__name__}", str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if not trusted and peak > FREE_BYTES + 4 * path.stat().st_size:
        what, message = "FAULT: memory", f"{peak >> 20} MiB"
    return what, message


def run(
    files: int,
    seed: int,
    folder: Path,
    kinds: dict[str, tuple[str, Callable[[Path], None], Reader]] = KINDS,
    say: Callable[[str], object] = print,
) -> dict[str, Counter[str]]:
    """Reads so many changed files; counts of outcomes by kind. Faulty files stay in `folder`."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    good: dict[str, bytes] = {}
    for kind, (name, write, read) in kinds.items():
        place = folder / kind.replace(".", "_")
        place.mkdir(parents=True, exist_ok=True)
        write(place / name)
        read(place / name)
        target = place / "state.csv.state.json" if kind == "state.json" else place / name
        good[kind] = target.read_bytes()
    for k in range(files):
        kind = list(kinds)[k % len(kinds)]
        name, _, read = kinds[kind]
        rng = random.Random(f"{seed} {k}")
        place = folder / kind.replace(".", "_")
        target = place / "state.csv.state.json" if kind == "state.json" else place / name
        packed = good[kind][:2] in (b"PK", b"\x1f\x8b")
        inside = packed and rng.random() < 0.7
        data = (changed_inside if inside else changed)(good[kind], rng)
        target.write_bytes(data)
        what, message = outcome(read, place / name, trusted=kind == "module.pt")
        counts[kind][what] += 1
        if what.startswith("FAULT"):
            kept = folder / f"fault-{k}-{target.name}"
            kept.write_bytes(data)
            say(f"{kept.name}: {what}: {message[:300]}")
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=1400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder for faulty files")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    folder = arguments.out or Path(tempfile.mkdtemp(prefix="mutated-"))
    begin = time.monotonic()
    kinds = {kind: KINDS[kind] for kind in arguments.kinds}
    counts = run(arguments.files, arguments.seed, folder, kinds)
    for kind, found in counts.items():
        print(f"{kind:20} {json.dumps(found)}")
    faults = sum(n for c in counts.values() for what, n in c.items() if what.startswith("FAULT"))
    print(f"{arguments.files} files, {faults} faults, {time.monotonic() - begin:.0f} s; {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
