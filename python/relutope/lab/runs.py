"""What studies and reproductions share: how a run ended, on what, and with how many threads."""

from __future__ import annotations

import platform
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ..common.version import VERSION

__all__ = ["Outcome", "one_blas_thread", "versions"]


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
