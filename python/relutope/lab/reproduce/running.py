"""One reproduction from options to folder; interrupted, it keeps what it has and can go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as changed
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common.files import mark_failed, write_text
from ...common.reading import read_json
from ...errors import InvalidFileError
from ...search.crew import Executors
from ...tracking.tracker import write_table
from ..runs import Outcome, machine, one_blas_thread, versions
from .options import InvalidOptionError, Options, Question, plain
from .seeds import Job, run_seeds, seed_tables

if TYPE_CHECKING:
    from .claims.study import Study

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
Results = Mapping[int, Mapping[str, Any]]

__all__ = ["reproduce"]

SETTINGS = "reproduce.json"
REPORT = "report.html"


def reproduce(
    options: Options,
    *,
    replace: bool = False,
    say: Callable[[str], object] = lambda _: None,
    executor: Executors | None = None,
) -> Outcome:
    """Run all seeds, answer the question and write the folder.

    Files: ``report.html``; tables as ``.csv``; ``pictures/`` as PDF and SVG; ``methods.txt`` and
    ``references.bib``; ``reproduce.json`` (settings, versions, verdicts); ``seeds/*.json`` (what
    each seed gave, from which the rest is made).

    Parameters
    ----------
    options : Options
    replace : bool
        Clear the folder first if an earlier reproduction is in it. Otherwise seeds that are in it
        are kept if they come from the same settings and versions, and refused if not.
    say : callable
        Receives one line per seed.
    executor : concurrent.futures.Executor or callable, optional
        Who runs the seeds, as for `decompose`, instead of ``options.workers`` processes of this
        machine. A lost worker costs its seed, which is run again.

    Returns
    -------
    Outcome
        After KeyboardInterrupt with `interrupted` set: finished seeds and their tables are written,
        and the same call goes on from there.

    Raises
    ------
    InvalidOptionError
        For options that do not fit, or a folder that holds something else.
    OSError
        If a file cannot be written. As after any other error, the state in ``reproduce.json`` is
        "failed", and the same call goes on from the seeds that were written before.
    """
    options.check()
    _claim(options, replace)
    results = {seed: found for seed in options.all_seeds if (found := _kept(options, seed))}
    if results:
        say(f"{len(results)} of {options.n_seeds} seeds are in the folder already")
    _write_settings(options, "running", {})
    try:
        _run(options, results, say, executor)
        say("writing the report")
        verdicts = _write_answer(options, results)
        _write_settings(options, "complete", verdicts)
    except KeyboardInterrupt:
        return _interrupted(options, results)
    except BaseException:
        mark_failed(options.out / SETTINGS)
        raise
    return Outcome(options.out, False, len(results), f"report: {options.out / REPORT}")


def _run(
    options: Options,
    results: dict[int, dict[str, Any]],
    say: Callable[[str], object],
    executor: Executors | None,
) -> None:
    job = _job(options.question)
    missing = [seed for seed in options.all_seeds if seed not in results]
    begin, already = time.monotonic(), len(results)

    def done(seed: int, found: dict[str, Any]) -> None:
        write_text(_seed_file(options, seed), json.dumps(found) + "\n")
        results[seed] = found
        passed, new = time.monotonic() - begin, len(results) - already
        left = passed / new * (options.n_seeds - len(results))
        count = f"{len(results)} of {options.n_seeds} done"
        say(f"seed {seed}: {count} in {passed:.0f} s, about {left:.0f} s left")

    by = f"{options.workers} at a time" if executor is None else "by an executor"
    say(f"{len(missing)} seeds to run, {by}")
    run_seeds(job, options.settings(), missing, options.workers, done, executor)


def _job(question: Question) -> Job:
    from . import fiedler, homology

    if question in ("fiedler", "homology"):
        return fiedler.run_seed if question == "fiedler" else homology.run_seed
    return _study(question).run_seed


def _study(question: Question) -> Study:
    study: Study = import_module(f".claims.{question}", __package__).STUDY
    return study


def _write_answer(options: Options, results: Results) -> Mapping[str, str]:
    """Tables and report from the seeds; returns the verdicts by name."""
    from ..report import kept_pictures, render, style
    from . import fiedler_report, homology_report
    from .citing import METHODS, bibtex
    from .claims import study

    ordered = {seed: results[seed] for seed in sorted(results)}
    with one_blas_thread(), style(), kept_pictures(options.out / "pictures"):
        if options.question in METHODS:
            answer = {"fiedler": fiedler_report.answer, "homology": homology_report.answer}
            tables, verdicts, page = answer[options.question](options, ordered)
            methods, cited = METHODS[options.question], ["bosca2026"]
        else:
            one = _study(options.question)
            tables, verdicts, page = study.answer(one, options, ordered)
            methods, cited = one.words("methods"), list(one.references)
        page = changed(page, methods=methods, bibtex=bibtex(cited))
        _write_tables(options, tables)
        write_text(options.out / "methods.txt", f"{methods}\n")
        write_text(options.out / "references.bib", page.bibtex)
        write_text(options.out / REPORT, render(page))
    return verdicts


def _write_tables(options: Options, tables: Tables) -> None:
    for name, rows in tables.items():
        names = dict.fromkeys(column for row in rows for column in row)
        columns = {column: [row.get(column) for row in rows] for column in names}
        write_table(options.out / f"{name}.csv", columns)


def _interrupted(options: Options, results: Results) -> Outcome:
    if results:
        _write_tables(options, seed_tables(results))
    _write_settings(options, "interrupted", {})
    kept = f"{len(results)} of {options.n_seeds} seeds and their tables are kept in {options.out}"
    return Outcome(
        options.out, True, len(results), f"interrupted: {kept}; the same command goes on from there"
    )


def _seed_file(options: Options, seed: int) -> Path:
    return options.out / "seeds" / f"seed-{seed}.json"


def _kept(options: Options, seed: int) -> dict[str, Any] | None:
    path = _seed_file(options, seed)
    return _read_object(path) if path.exists() else None


def _read_object(path: Path) -> dict[str, Any]:
    found = read_json(path)
    if not isinstance(found, dict):
        raise InvalidFileError(f"`out`: {path} is damaged; remove it, or start again with --force")
    return found


def _claim(options: Options, replace: bool) -> None:
    """Make the folder, or take over one with the same settings; clear it if `replace`."""
    folder = options.out
    if folder.exists() and not folder.is_dir():
        raise InvalidOptionError(f"`out`: got {str(folder)!r}, which is a file, expected a folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        return
    known = folder / SETTINGS
    if not known.exists():
        raise InvalidOptionError(
            f"`out`: got {str(folder)!r}, which is not empty, expected a new folder; choose another"
        )
    if replace:
        _clear(folder)
    elif _comparable(_read_object(known)) != _comparable(_record(options)):
        raise InvalidOptionError(
            f"`out`: got {str(folder)!r}, which holds a run with other settings or versions, or "
            "of another machine; choose another one, or replace it with --force"
        )


def _clear(folder: Path) -> None:
    for path in [*folder.glob("*.csv"), *folder.glob("seeds/seed-*.json")]:
        path.unlink()
    for path in (folder / "pictures").glob("*"):
        path.unlink()
    for name in (SETTINGS, REPORT, "methods.txt", "references.bib"):
        (folder / name).unlink(missing_ok=True)


def _record(options: Options) -> dict[str, Any]:
    return {
        "question": options.question,
        "quick": options.quick,
        "settings": plain(options.settings()),
        "versions": versions(),
        "machine": machine(),
    }


def _comparable(record: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be equal; a run that does not name its machine is taken to be of this one."""
    names = ("question", "quick", "settings", "versions", "machine")
    return {name: record.get(name, machine() if name == "machine" else None) for name in names}


def _write_settings(options: Options, state: str, verdicts: Mapping[str, str]) -> None:
    record = {
        "state": state,
        "command": options.command(),
        **_record(options),
        "seeds": options.all_seeds,
        "verdicts": dict(verdicts),
    }
    write_text(options.out / SETTINGS, json.dumps(record, indent=2) + "\n")
