"""Fixtures shared by all tests: the exact truth files, and one deterministic Hypothesis profile.

A test with an argument ``truth_case`` runs once per file of the truth folder (``../shared/truth``
beside the repository); ``@pytest.mark.truth(where=condition)`` keeps only the entries of
``index.json`` that satisfy the condition. Where the folder is absent these tests are skipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import lcm
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from any_browser import CHROMIUM

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
TRUTH = SHARED / "truth"

# A failure prints the network as a literal at once; `--hypothesis-profile=shrink` looks, for
# minutes, for a smaller one.
COMMON = hypothesis.settings(
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
WITHOUT_SHRINKING = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("shrink", COMMON)
hypothesis.settings.register_profile("relutope", COMMON, phases=WITHOUT_SHRINKING)
hypothesis.settings.load_profile("relutope")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "truth(where=condition): keep the truth files whose index entry satisfies it"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "truth_case" not in metafunc.fixturenames:
        return
    if not (TRUTH / "index.json").exists():
        reason = f"no truth files at {TRUTH.parent.name}/{TRUTH.name} beside the repository"
        metafunc.parametrize(
            "truth_case", [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
        )
        return
    marker = metafunc.definition.get_closest_marker("truth")
    index = json.loads((TRUTH / "index.json").read_text())
    names = [entry["file"] for entry in index if marker is None or marker.kwargs["where"](entry)]
    metafunc.parametrize(
        "truth_case", names, indirect=True, ids=[name.removesuffix(".json") for name in names]
    )


@pytest.fixture
def truth_case(request: pytest.FixtureRequest) -> TruthCase:
    return load_truth(request.param)


@cache
def load_truth(name: str) -> TruthCase:
    return TruthCase(json.loads((TRUTH / name).read_text()))


def number(text: str) -> Fraction:
    """A number of a truth file: a hexadecimal float, an integer or ``p/q``."""
    return Fraction(float.fromhex(text)) if "x" in text else Fraction(text)


@dataclass(frozen=True)
class TruthCase:
    """One truth file: a network, a domain, and the exact answers (see the README of the truth
    folder).
    """

    data: dict[str, Any]

    @property
    def truth(self) -> dict[str, Any]:
        return self.data["truth"]

    @property
    def dim(self) -> int:
        return int(self.data["network"]["input_dim"])

    @property
    def float64_exact(self) -> bool:
        """Whether `layers` is the network itself; if not, its hidden rows were scaled and only its
        cells are the same.
        """
        return bool(self.data["network"]["float64_exact"])

    @cached_property
    def exact_layers(self) -> list[tuple[list[list[Fraction]], list[Fraction]]]:
        return [
            (
                [[number(v) for v in row] for row in layer["W_exact"]],
                [number(v) for v in layer["b_exact"]],
            )
            for layer in self.data["network"]["layers"]
        ]

    @cached_property
    def layers(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The network in float64; a single hidden layer with rational weights is scaled, row by
        row, to integers.
        """
        layers = self.exact_layers
        if not self.float64_exact:
            assert len(layers) == 2, "only one hidden layer can be scaled row by row"
            scales = [
                lcm(*(v.denominator for v in [*row, b])) for row, b in zip(*layers[0], strict=True)
            ]
            layers = [
                (
                    [[v * s for v in row] for row, s in zip(layers[0][0], scales, strict=True)],
                    [b * s for b, s in zip(layers[0][1], scales, strict=True)],
                ),
                layers[1],
            ]
        arrays = [(np.array(W, dtype=float), np.array(b, dtype=float)) for W, b in layers]
        exact_again = [
            ([[Fraction(v) for v in row] for row in W.tolist()], [Fraction(v) for v in b.tolist()])
            for W, b in arrays
        ]
        assert exact_again[:-1] == layers[:-1]
        return arrays

    @property
    def exact_box(self) -> tuple[list[Fraction], list[Fraction]] | None:
        domain = self.data["domain"]
        if domain["type"] == "Rn":
            return None
        return [number(domain["lo_exact"])] * self.dim, [number(domain["hi_exact"])] * self.dim

    @property
    def domain(self) -> Any:
        """The domain as `relutope.Box`, or None for R^n."""
        import relutope

        if self.exact_box is None:
            return None
        return relutope.Box(
            [float(v) for v in self.exact_box[0]], [float(v) for v in self.exact_box[1]]
        )

    @cached_property
    def complex(self) -> Any:
        """The decomposition by the package (made once per test run)."""
        import relutope

        return relutope.decompose(self.layers, self.domain)


@pytest.fixture(scope="module")
def browser():
    """Chromium without windows, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()
