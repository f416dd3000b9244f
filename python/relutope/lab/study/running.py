"""One study from data to folder; interrupted, it keeps what it has."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...common.files import mark_failed, replacing, write_text
from ...common.reading import read_json
from ...errors import InvalidFileError
from ..runs import Outcome, one_blas_thread, versions
from ..training import train
from .options import InvalidOptionError, Options
from .preparing import prepare
from .under_way import Study

__all__ = ["run"]

FILES = (
    "report.html",
    "table.csv",
    "table.parquet",
    "model.pt",
    "weights.npz",
    "complex.npz",
    "study.json",
)
"""Everything a study writes."""


def run(
    options: Options,
    *,
    replace: bool = False,
    resume: bool = False,
    progress: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> Outcome:
    """Run the study and write its folder.

    Files: ``report.html``, ``table.csv`` or ``.parquet``, ``model.pt`` (state dict),
    ``weights.npz`` (W0, b0, W1, ...), ``complex.npz`` (:func:`relutope.load` reads it),
    ``study.json`` (settings, versions, results). Each is written beside its place and renamed.

    Parameters
    ----------
    options : Options
    replace : bool
        Clear the folder first if an earlier study is in it.
    resume : bool
        Go on with an interrupted study in the folder: the training is run again, which gives the
        same weights, and what was recorded is not computed again. It starts where there is none.
    progress : bool
        Progress bar on standard error.
    say : callable
        Receives one line per stage.

    Returns
    -------
    Outcome
        After KeyboardInterrupt with `interrupted` set: table, weights and settings so far are
        written.

    Raises
    ------
    InvalidOptionError
        For options that do not fit, or a folder that is not empty.
    OSError
        If a file cannot be written. As after any other error, the state in ``study.json`` is
        "failed", and what was written before stays.
    """
    prepare(options)  # refuses before anything is written
    if resume and (options.out / "study.json").exists():
        if _comparable_state(options) == "complete":
            done = f"complete already; report: {options.out / 'report.html'}"
            return Outcome(options.out, False, 0, done)
    else:
        _claim(options.out, replace)
    study = prepare(options, resume=True)
    if study.tracker.rows:
        say(f"{len(study.tracker.rows)} records are in the folder already")
    _write_settings(study, "running")
    try:
        with one_blas_thread():
            _train(study, progress)
            _write_model(study)
            cells = f"{study.complex.n_cells:,} cells, {study.complex.n_edges:,} edges"
            say(f"{cells}; writing the report")
            study.complex.save(study.file("complex.npz"))
            _write_report(study)
        _write_settings(study, "complete")
        _state_file(options).unlink(missing_ok=True)
    except KeyboardInterrupt:
        return _interrupted(study)
    except BaseException:
        mark_failed(study.file("study.json"))
        raise
    return Outcome(
        options.out, False, len(study.tracker.rows), f"report: {study.file('report.html')}"
    )


def _claim(folder: Path, replace: bool) -> None:
    """Make the folder; an earlier study in it is cleared if `replace`, anything else refused."""
    if folder.exists() and not folder.is_dir():
        raise InvalidOptionError(f"`out`: got {str(folder)!r}, which is a file, expected a folder")
    if folder.is_dir() and any(folder.iterdir()):
        if not (replace and (folder / "study.json").exists()):
            remedy = "choose another one" + (
                ", or replace it with --force" if (folder / "study.json").exists() else ""
            )
            raise InvalidOptionError(
                f"`out`: got {str(folder)!r}, which is not empty, expected a new folder; {remedy}"
            )
        for name in (*FILES, "table.csv.state.json", "table.parquet.state.json"):
            (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


def _comparable_state(options: Options) -> str:
    """The state of the study in the folder.

    Raises
    ------
    InvalidOptionError
        If it has other settings, or was made by other versions, whose weights may differ.
    """
    record = read_json(options.out / "study.json")
    if not isinstance(record, dict):
        raise InvalidFileError(f"`out`: {options.out / 'study.json'} is damaged; take --force")
    mine = json.loads(json.dumps(options.as_dict() | {"out": ""}))
    theirs = dict(record.get("options") or {}) | {"out": ""}
    changed = sorted(name for name in mine if mine[name] != theirs.get(name))
    if changed or record.get("versions") != versions():
        what = ", ".join(f"`{name}`" for name in changed) or "the versions of its parts"
        raise InvalidOptionError(
            f"`resume`: the study in {options.out} differs in {what}; give the same options, or "
            "start again with --force"
        )
    return str(record.get("state"))


def _state_file(options: Options) -> Path:
    """What a table needs to be continued."""
    return options.out / f"table.{options.table}.state.json"


def _train(study: Study, progress: bool) -> None:
    options, data = study.options, study.data
    start = time.perf_counter()
    held_out = (data.X[study.test_rows], data.y[study.test_rows]) if len(study.test_rows) else None
    train(
        study.model,
        data.X[study.train_rows],
        data.y[study.train_rows],
        loss="bce" if options.task == "classification" else "mse",
        epochs=options.epochs,
        lr=options.lr,
        weight_decay=options.weight_decay,
        callbacks=[study.tracker, study.keep],
        validation=held_out,
        progress=progress,
    )
    study.seconds["training and tracking"] = time.perf_counter() - start


def _write_model(study: Study) -> None:
    import torch

    from ...network.conversion import as_network

    packed = io.BytesIO()  # so that a full disk is an OSError
    torch.save(study.model.state_dict(), packed)
    with replacing(study.file("model.pt")) as fresh:
        fresh.write_bytes(packed.getvalue())
    arrays: dict[str, Any] = {}
    for k, (W, b) in enumerate(as_network(study.model).layers):
        arrays |= {f"W{k}": W, f"b{k}": b}
    with replacing(study.file("weights.npz")) as fresh:
        np.savez(fresh, **arrays)


def _write_report(study: Study) -> None:
    from ..report import render, style
    from . import classification, regression

    start = time.perf_counter()
    pages = {"classification": classification.page, "regression": regression.page}
    with style():
        page = pages[study.options.task](study)
    write_text(study.file("report.html"), render(page))
    study.seconds["report"] = time.perf_counter() - start


def _write_settings(study: Study, state: str) -> None:
    rows = study.tracker.rows
    record = {
        "state": state,
        "options": study.options.as_dict(),
        "command": study.options.command(),
        "domain": [study.domain.lower.tolist(), study.domain.upper.tolist()],
        "rows": len(rows),
        "last": _without_nan(rows[-1]) if rows else None,
        "seconds": {name: round(value, 2) for name, value in study.seconds.items()},
        "versions": versions(),
    }
    write_text(study.file("study.json"), json.dumps(record, indent=2) + "\n")


def _without_nan(row: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN: undefined measures become null."""
    return {name: None if value != value else value for name, value in row.items()}


def _interrupted(study: Study) -> Outcome:
    rows, table = study.tracker.rows, study.tracker.path
    assert table is not None
    if not rows:
        message = "interrupted before the first record: nothing but the settings is kept"
    else:
        study.tracker.save(table)
        _write_model(study)
        message = (
            f"interrupted: {len(rows)} records up to step {rows[-1]['step']} are kept in {table}, "
            f"the weights in {study.file('model.pt')}; complex and report may be missing; the "
            "same command with --resume goes on"
        )
    _write_settings(study, "interrupted")
    return Outcome(study.options.out, True, len(rows), message)
