"""How long ONNX files take to load, how much memory, and how well they agree with onnxruntime.

    python benchmarks/importing.py FOLDER

Each file is read in a process of its own: seconds of wall clock and of CPU in `load_network`, the
process's peak memory, and the largest difference of outputs on 20 random inputs.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def measure(path: str) -> dict[str, object]:
    """What one file gives."""
    import relutope as rt

    wall, cpu = time.perf_counter(), time.process_time()
    try:
        net = rt.load_network(path)
        refused = ""
    except rt.RelutopeError as error:
        refused = str(error)
    row: dict[str, object] = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "refused": refused,
    }
    return row if refused else row | difference(net, path)


def difference(net, path: str) -> dict[str, object]:
    """The largest difference from onnxruntime and the largest output, with a last softmax."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 1 for size in entry.shape]
    batch = int(np.prod(shape)) // net.input_dim
    X = np.random.default_rng(5).uniform(-1, 1, (20, net.input_dim)).astype(np.float32)
    rows = [session.run(None, {entry.name: np.tile(x, batch).reshape(shape)}) for x in X]
    Y = np.array([np.concatenate([y.reshape(batch, -1)[0] for y in row]) for row in rows])
    Z = net.forward(X)
    if any("Softmax" in note for note in net.notes):
        Z = np.exp(Z - Z.max(axis=1, keepdims=True))
        Z /= Z.sum(axis=1, keepdims=True)
    return {"difference": float(abs(Y - Z).max()), "largest": float(abs(Y).max()), "net": repr(net)}


def main() -> None:
    if sys.argv[1] == "--one":
        print(json.dumps(measure(sys.argv[2])))
        return
    for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
        command = [sys.executable, "-W", "ignore", __file__, "--one", str(path)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        row = json.loads(found.stdout.splitlines()[-1])
        times = f"{row['wall']:6.2f} s {row['cpu']:6.2f} s CPU {row['MB']:5.0f} MB"
        if row["refused"]:
            print(f"{path.name:40} {times}  refused: {row['refused'][:120]}")
        else:
            agreement = f"{row['difference']:.1e} of {row['largest']:.1e}"
            print(f"{path.name:40} {times}  {agreement}  {row['net'][:60]}", flush=True)


if __name__ == "__main__":
    main()
