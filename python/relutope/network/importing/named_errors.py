"""Errors of files name the file, whatever a decoder meets in it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

from ...errors import (
    InvalidFileError,
    InvalidNetworkError,
    RelutopeError,
    UnsupportedLayerError,
)

__all__ = ["naming_the_file"]

P = ParamSpec("P")
T = TypeVar("T")
_Loader = Callable[Concatenate[str | Path, P], T]


def naming_the_file(load: _Loader[P, T]) -> _Loader[P, T]:
    """Makes every error of a function that reads a network one that names its file.

    Errors of ours keep their kind. Others come from decoders that met what they do not expect, and
    become `InvalidNetworkError`; a file that is missing or may not be read stays an OSError.
    """

    @wraps(load)
    def guarded(path: str | Path, *arguments: P.args, **options: P.kwargs) -> T:
        try:
            return load(path, *arguments, **options)
        except (InvalidNetworkError, UnsupportedLayerError, InvalidFileError) as error:
            kind = InvalidNetworkError if isinstance(error, InvalidFileError) else type(error)
            if str(path) not in str(error):
                raise kind(f"`path`: {path}: {error}") from error
            if kind is type(error):
                raise
            raise kind(str(error)) from error
        except RelutopeError:
            raise
        except MemoryError:
            raise InvalidNetworkError(
                f"`path`: {path}: the network in it does not fit into memory"
            ) from None
        except OSError as error:
            of_the_system = error.filename is not None and not isinstance(error, gzip.BadGzipFile)
            if of_the_system or not Path(path).is_file():
                raise
            raise InvalidNetworkError(f"`path`: {path} cannot be read: {error}") from error
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise InvalidNetworkError(f"`path`: {path} cannot be read: {what}") from error

    return cast("_Loader[P, T]", guarded)
