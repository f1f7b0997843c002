"""What any power iteration on these arrays has to pay: the memory-gather floor, and the memory of a run.

The floor is one compiled loop over the same CSR arrays, on one thread: y[v] += data[e]·x[indices[e]] for every tie,
as often as the iteration needs steps, and nothing else (no sink, no jump, no step size). Two loops are candidates:
scipy's `csr_matvec`, and numpy's `take` into a buffer with a product and `add.reduceat`; the quicker one counts.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rich.table import Table
from scipy.sparse import _sparsetools

Floats = npt.NDArray[np.float64]

MEMORY_SIZES = ((100_000, 1_000_000), (1_000_000, 5_000_000), (1_000_000, 10_000_000))
MEASURE = """
import sys
import numpy as np
from benchmarks.floor import held, peak
from jobs.algorithms.reach import reach
source, target, weight = (np.load(f"{sys.argv[1]}/{name}.npy") for name in ("source", "target", "weight"))
before = held()
reach(source, target, weight, int(sys.argv[2]))
print(before, peak())
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """CPU seconds of the gathers and sums of some steps, by the quicker of the loops, and which that was."""

    loop: str
    seconds: float

    @classmethod
    def of(cls, pull: sp.csr_matrix, steps: int) -> "Floor":
        """Measure so many steps of both loops on these arrays."""
        x = np.random.default_rng(3).random(pull.shape[1])
        loops = {"csr_matvec": _matvec(pull, x), "take + reduceat": _reduceat(pull, x)}
        timed = {name: sum(_seconds(loop) for _ in range(steps)) for name, loop in loops.items()}
        quickest = min(timed, key=lambda name: timed[name])
        return cls(quickest, timed[quickest])


def _matvec(pull: sp.csr_matrix, x: Floats) -> Callable[[], object]:
    n = len(x)
    y = np.zeros(n)
    return lambda: _sparsetools.csr_matvec(n, n, pull.indptr, pull.indices, pull.data, x, y)


def _reduceat(pull: sp.csr_matrix, x: Floats) -> Callable[[], object]:
    starts = pull.indptr[:-1][np.diff(pull.indptr) > 0]
    terms, y = np.empty(pull.nnz), np.empty(len(starts))

    def step() -> object:
        np.take(x, pull.indices, out=terms, mode="clip")
        np.multiply(terms, pull.data, out=terms)
        return np.add.reduceat(terms, starts, out=y)

    return step


def _seconds(loop: Callable[[], object]) -> float:
    began = time.process_time()
    loop()
    return time.process_time() - began


def held() -> int:
    """The memory this process holds now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def peak() -> int:
    """The most memory this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes a run holds while it computes reach: of its input, and at most beside it."""

    customers: int
    ties: int
    before: int
    most: int


def memory(make: Callable[[int, int], Sequence[npt.NDArray[Any]]]) -> list[Memory]:
    """Each size in a process of its own, which is given sources, targets and weights and makes nothing else."""
    found = []
    for n, m in MEMORY_SIZES:
        with tempfile.TemporaryDirectory(prefix="muhatap-bench-") as folder:
            columns = make(n, m)
            for name, column in zip(("source", "target", "weight"), columns, strict=True):
                np.save(Path(folder, f"{name}.npy"), column)
            command = [sys.executable, "-c", MEASURE, folder, str(n)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        before, most = map(int, said.split())
        found.append(Memory(n, len(columns[0]), before, most))
    return found


def memory_table(rows: list[Memory]) -> Table:
    """The rows, and bytes a customer and a tie that fit them."""
    sides = np.array([[row.customers, row.ties] for row in rows], dtype=float)
    grown = np.array([row.most - row.before for row in rows], dtype=float)
    customer, tie = np.linalg.lstsq(sides / sides.max(0), grown, rcond=None)[0] / sides.max(0)
    caption = f"beside the input, about {customer:.0f} bytes a customer and {tie:.0f} a tie"
    shown = Table(title="Memory of reach", caption=caption)
    for name in ("customers", "ties", "with input MiB", "at most MiB", "of the compute MiB"):
        shown.add_column(name, justify="right")
    for row in rows:
        sizes = (row.before, row.most, row.most - row.before)
        shown.add_row(f"{row.customers:,}", f"{row.ties:,}", *(f"{size / 2**20:,.0f}" for size in sizes))
    return shown
