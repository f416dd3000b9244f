"""Reading again what has been saved."""

from __future__ import annotations

from pathlib import Path

from ..common.archive import Archive
from ..common.arithmetic import ieee_arithmetic
from ..complex import storage
from ..complex.stored_problem import read_header
from ..errors import InvalidFileError
from . import stored_exploration
from .complex import Complex
from .exploring import Exploration

__all__ = ["load"]


@ieee_arithmetic
def load(path: str | Path) -> Complex | Exploration:
    """Reads what `Complex.save` or `Exploration.save` has written.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Complex or Exploration

    Raises
    ------
    InvalidFileError
        If the file is no such file, is damaged, or its arrays do not fit together.
    FileNotFoundError
        If there is no such file.

    See Also
    --------
    Complex.save, Exploration.save, decompose, explore
    """
    place = Path(path)
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(place)!r}")
    try:
        with Archive(place) as archive, archive.decoding():
            if read_header(archive).get("format") == stored_exploration.FORMAT:
                stored = stored_exploration.read(archive)
                return Exploration.from_stored(stored)
            return Complex(storage.read(archive))
    except InvalidFileError as error:
        raise InvalidFileError(f"`path`: {error}") from None
