"""Continue a table: a file beside it holds the settings and what measures keep in mind.

It is written before the table, and holds the last two records: whichever of the two files a kill
leaves behind, the state of the table's last row is there.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.files import write_text
from ..common.reading import read_json
from ..domain.box import Box
from ..errors import InvalidFileError
from .evaluation import Inquiry
from .recorded_table import read_table

if TYPE_CHECKING:
    from ..domain.polytope import Polytope

__all__ = ["Continuation", "domain_settings"]


class Continuation:
    """The file beside a table, and the table as it was found.

    Parameters
    ----------
    table : Path
    settings : mapping
        What must agree for the table to be continued (JSON).

    Attributes
    ----------
    rows : list of dict
        Of the table; empty if there is none.
    left_out : dict of int to str
        Its column of that name, by step.
    path : Path
        The file beside it: its name and ``.state.json``.

    Raises
    ------
    InvalidFileError
        If the table was made with other settings, or without such a file, or one of the two is
        damaged.
    """

    def __init__(self, table: Path, settings: Mapping[str, Any]) -> None:
        self.path = table.with_name(f"{table.name}.state.json")
        self.settings = json.loads(json.dumps(settings))
        self.rows: list[dict[str, Any]] = []
        self.left_out: dict[int, str] = {}
        self._records: list[dict[str, Any]] = []
        if table.exists():
            self._read(table)

    def _read(self, table: Path) -> None:
        if not self.path.exists():
            raise InvalidFileError(
                f"`path`: {table} cannot be continued, since {self.path.name} is not beside it: it "
                "was made without `resume`; give another `path`, or move the table away"
            )
        state = _checked(read_json(self.path), self.path)
        for name, value in self.settings.items():
            before = state["settings"].get(name)
            if before != value:
                raise InvalidFileError(
                    f"`{name}`: the table {table} was made with {before!r}, got {value!r}; take "
                    "the same settings, or another `path`"
                )
        columns = read_table(table, growing=True)
        remarks = columns.pop("left_out", [])
        if not all(type(step) is int for step in columns.get("step", [None])):
            raise InvalidFileError(f"`path`: {table} has no column of steps")
        rows = zip(*columns.values(), strict=True)
        self.rows = [
            {name: v for name, v in zip(columns, row, strict=True) if v is not None} for row in rows
        ]
        self.left_out = {
            row["step"]: text for row, text in zip(self.rows, remarks, strict=False) if text
        }
        self._records = [r for r in state["records"] if r["step"] <= self.last_step]
        if self.rows and self.last_step not in [r["step"] for r in self._records]:
            raise InvalidFileError(
                f"`path`: {self.path.name} does not know the last row of {table}, step "
                f"{self.last_step}; was the table changed? Give another `path`"
            )

    @property
    def last_step(self) -> int:
        """Step of the last row; -1 without one."""
        return self.rows[-1]["step"] if self.rows else -1

    def restore(self, inquiry: Inquiry) -> None:
        """Give the measures what they had in mind after the table's last row."""
        if self._records:
            last = copy.deepcopy(self._records[-1])
            inquiry.memory = last["memory"]
            inquiry.costs.seconds, inquiry.costs.last = last["seconds"], last["last"]

    def store(self, step: int, inquiry: Inquiry) -> None:
        """Write the state after the record of `step`; before the table is written."""
        record = {
            "step": step,
            "memory": copy.deepcopy(inquiry.memory),
            "seconds": dict(inquiry.costs.seconds),
            "last": dict(inquiry.costs.last),
        }
        self._records = [*self._records[-1:], record]
        state = {"settings": self.settings, "records": self._records}
        write_text(self.path, json.dumps(state) + "\n")


def _checked(state: Any, path: Path) -> dict[str, Any]:
    """What `Continuation.store` has written, or an error."""
    records = state.get("records") if isinstance(state, dict) else None
    kinds = {"step": int, "memory": dict, "seconds": dict, "last": dict}
    good = (
        isinstance(records, list)
        and isinstance(state.get("settings"), dict)
        and all(
            isinstance(record, dict)
            and all(type(record.get(name)) is kind for name, kind in kinds.items())
            for record in records
        )
    )
    if not good:
        raise InvalidFileError(f"`path`: {path} is not the state of a table, or is damaged")
    return dict(state)


def domain_settings(domain: Box | Polytope | None) -> Any:
    """A domain as JSON, bit for bit."""
    if domain is None:
        return "R^n"
    if isinstance(domain, Box):
        return {"lower": domain.lower.tolist(), "upper": domain.upper.tolist()}
    return {"A": domain.A.tolist(), "b": domain.b.tolist()}
