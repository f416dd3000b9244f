"""The study's figure that the reader's browser decomposes anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...plotting.viewer import Record, has_engine, live_figure
from ..report import Section
from . import words

if TYPE_CHECKING:
    from .under_way import Study

__all__ = ["live_sections"]

_MOST_POINTS = 400


def live_sections(study: Study) -> list[Section]:
    """The section with the live figure; none where this installation has no engine for it."""
    if not has_engine():
        return []
    rows = {int(row["step"]): row for row in study.tracker.rows}
    records = [
        Record(step, network, f"loss {rows[step]['loss']:.3g}")
        for step, network in sorted(study.recorded.items())
        if step in rows
    ]
    shown = study.train_rows[:_MOST_POINTS]
    classes = study.options.task == "classification"
    body = live_figure(
        records,
        study.domain,
        name="training",
        outputs="sign" if classes else None,
        points=study.data.X[shown],
        labels=study.data.y[shown].astype(np.int64) if classes else None,
        unit="update",
        still="<p>This figure needs scripts and WebAssembly; all other pictures are still.</p>",
    )
    return [words.section("live", [words.panel("live.figure", body, width=12)])]
