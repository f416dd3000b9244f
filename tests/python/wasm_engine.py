"""The WebAssembly core under node, asked by tests. Skips where node or the built core is absent."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
VIEWER = ROOT / "python" / "relutope" / "plotting" / "viewer"


class Engine:
    """A node process that answers one question after the other."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed")
        if not (VIEWER / "relutope.wasm").exists():
            pytest.skip("the WebAssembly core is not built; see cpp/wasm/build")
        script = ROOT / "tests" / "wasm" / "answers.mjs"
        self.process = subprocess.Popen(
            [node, str(script), str(VIEWER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, command: str, **question: Any) -> Any:
        """The whole answer: ``{"answer": ...}`` or ``{"error": kind, "message": ...}``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        text = json.dumps({"command": command, **question}, allow_nan=False)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __call__(self, command: str, **question: Any) -> Any:
        """The answer; an error fails the test."""
        found = self.ask(command, **question)
        assert "answer" in found, found
        return found["answer"]

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.process.wait(timeout=20)


def network_json(network: Any) -> dict[str, Any]:
    """A `relutope.Network` as the engine takes it."""
    linear = [*network.linear_units, 0]
    return {
        "layers": [
            {"W": W.tolist(), "b": b.tolist(), "linear": k}
            for (W, b), k in zip(network.layers, linear, strict=True)
        ]
    }


def domain_json(domain: Any, n: int) -> dict[str, Any] | None:
    """A `relutope.Box`, `relutope.Polytope` or None; infinite bounds as null."""
    if domain is None:
        return None
    if hasattr(domain, "A"):
        rows = np.column_stack([-domain.A, domain.b]).tolist()
        return {"lower": [None] * n, "upper": [None] * n, "halfspaces": rows}
    box = domain.with_dim(n)
    lower, upper = (
        [float(x) if np.isfinite(x) else None for x in bounds] for bounds in (box.lower, box.upper)
    )
    return {"lower": lower, "upper": upper}


def floats(values: Any) -> np.ndarray:
    """Numbers, with infinities and NaN spelt out as the engine's JSON has them."""
    return np.array([float(x) for x in values], dtype=np.float64)
