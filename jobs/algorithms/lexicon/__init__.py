"""Words and what they say, −1 … 1: plain files, written for this project, one entry a line."""

from functools import cache
from importlib.resources import files


@cache
def entries(name: str) -> tuple[tuple[str, float], ...]:
    """The entries of a list, in the order of its file."""
    lines = (files(__package__) / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple((word, float(valence)) for word, valence in pairs)
