"""Reading again what has been saved."""

from __future__ import annotations

from pathlib import Path

from ..common.archive import Archive
from ..common.arithmetic import ieee_arithmetic
from ..complex import storage
from ..complex.stored_problem import read_header
from ..errors import InvalidFileError
from . import stored_exploration, stored_partial, stored_slice
from .complex import Complex
from .exploration import Exploration
from .partial import PartialComplex
from .sliced import Slice

__all__ = ["load"]


@ieee_arithmetic
def load(path: str | Path) -> Complex | Exploration | PartialComplex | Slice:
    """Reads what the `save` of a complex, a part of one, an exploration or a slice has written.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Complex, Exploration, PartialComplex or Slice

    Raises
    ------
    InvalidFileError
        If the file is no such file, is damaged, or its arrays do not fit together.
    FileNotFoundError
        If there is no such file.

    See Also
    --------
    Complex.save, Exploration.save, PartialComplex.save, Slice.save, decompose, explore, slice
    """
    place = Path(path)
    if not place.is_file():
        raise FileNotFoundError(f"`path`: there is no file {str(place)!r}")
    try:
        with Archive(place) as archive, archive.decoding():
            format = read_header(archive).get("format")
            if format == stored_exploration.FORMAT:
                return Exploration.from_stored(stored_exploration.read(archive))
            if format == stored_partial.FORMAT:
                return PartialComplex(stored_partial.read(archive))
            if format == stored_slice.FORMAT:
                solution, network, maps = stored_slice.read(archive)
                return Slice(Complex(solution), network, maps)
            return Complex(storage.read(archive))
    except InvalidFileError as error:
        raise InvalidFileError(f"`path`: {error}") from None
