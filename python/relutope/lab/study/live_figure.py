"""The study's figure that the reader's browser decomposes anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...plotting.viewer import Record
from ..report import Section
from ..report.live import can_live, live_body
from . import words

if TYPE_CHECKING:
    from .under_way import Study

__all__ = ["live_sections"]


def live_sections(study: Study) -> list[Section]:
    """The section with the live figure; none where this installation has no engine for it."""
    if not can_live(study.complex.network, study.domain):
        return []
    rows = {int(row["step"]): row for row in study.tracker.rows}
    records = [
        Record(step, network, f"loss {rows[step]['loss']:.3g}")
        for step, network in sorted(study.recorded.items())
        if step in rows
    ]
    classes = study.options.task == "classification"
    body = live_body(
        records,
        study.domain,
        name="training",
        outputs="sign" if classes else None,
        points=study.data.X[study.train_rows],
        labels=study.data.y[study.train_rows] if classes else None,
    )
    return [words.section("live", [words.panel("live.figure", body, width=12)])]
