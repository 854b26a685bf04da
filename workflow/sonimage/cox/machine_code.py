"""How functions of this room become machine code, and where it is kept: the one home of what numba is told.

Code is that of a Haswell processor without fast mathematics, the same bytes on every machine. It is kept in the environment,
where `make` puts it and all processes find it: jobs, also on a cluster, and tests. Without that the first process compiles.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numba
from numba.core.caching import UserProvidedCacheLocator

numba.config.CPU_NAME, numba.config.CPU_FEATURES = "haswell", ""


def find_folder(*choices: str | Path) -> Path | None:
    """The first folder that can be made and written to; an empty choice is none."""
    for folder in map(Path, filter(None, choices)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder.absolute()
    return None


FOLDER = find_folder(numba.config.CACHE_DIR, Path(sys.prefix, "var/cache/sonimage"), ".snakemake/numba")


class ByContent(UserProvidedCacheLocator):
    """A folder for each content of a source file: copies of the project share it, two versions of the code never do."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Name of the folder: digest of the file and of this one."""
        return hashlib.sha256(Path(py_file).read_bytes() + Path(__file__).read_bytes()).hexdigest()[:16]


def compiled(*arguments: numba.types.Type) -> Callable:
    """Compile a function for arguments of these types as its module is imported, or load what is kept; refuse other types.

    Functions that call each other or share a number stand in one module: what is kept is known by the text of that alone.
    """

    def compile_function(function: Callable) -> Callable:
        usual = numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES
        numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = str(FOLDER), f"{__name__}.{ByContent.__name__}"
        try:
            return numba.njit(arguments, cache=FOLDER is not None)(function)
        except Exception:  # what is kept is spoilt, or the disk is full: that costs time and no more
            return numba.njit(arguments)(function)
        finally:
            numba.config.CACHE_DIR, numba.config.CACHE_LOCATOR_CLASSES = usual

    return compile_function
