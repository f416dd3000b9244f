"""What studies and reproductions share: how a run ended, on what, and with how many threads."""

from __future__ import annotations

import platform
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..common.version import VERSION

__all__ = ["Outcome", "machine", "one_blas_thread", "versions"]


@dataclass(frozen=True)
class Outcome:
    """Where the results are, and whether the study ended early."""

    folder: Path
    interrupted: bool
    rows: int
    message: str


def one_blas_thread() -> AbstractContextManager[object]:
    """Small matrices gain nothing from threads, and lose tenfold when the processor is shared; the
    number of threads also changes the last bits of an eigenvector.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


@cache
def machine() -> str:
    """The processor, and the kernels that its linear algebra uses: others round differently.

    Training in floating point goes apart after thousands of updates when a last bit differs.
    """
    import numpy as np  # noqa: F401 - whose kernels they are
    from threadpoolctl import threadpool_info

    name = platform.processor()
    about = Path("/proc/cpuinfo")
    if about.exists():  # where the former says no more than the architecture
        lines = (line.partition(":") for line in about.read_text().splitlines())
        name = next((text.strip() for key, _, text in lines if key.strip() == "model name"), name)
    kernels = {str(found["architecture"]) for found in threadpool_info() if "architecture" in found}
    blas = f"BLAS kernels {' and '.join(sorted(kernels))}" if kernels else ""
    return ", ".join(part for part in (name, platform.machine(), blas) if part)


def versions() -> dict[str, str]:
    """Versions that a result may depend on."""
    from importlib.metadata import PackageNotFoundError, version

    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "unknown"

    return {
        "relutope": VERSION,
        "python": platform.python_version(),
        **{package: of(package) for package in ("torch", "numpy", "scipy")},
        "system": f"{platform.system()} {platform.machine()}",
    }
