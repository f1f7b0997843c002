"""Every tool that is measured computes the same, and the floor is what its name says."""

import numpy as np

from benchmarks.floor import Floor, held, peak
from benchmarks.influence import FLOOR, TOOLS, run, synthetic
from jobs.algorithms.csr import CSRGraph


def test_networkit_and_ours_agree_with_scipy_and_the_floor_has_as_many_steps() -> None:
    rows = {row.tool: row for row in run([(500, 4000)], tools=["ours", "networkit", FLOOR])}
    assert rows.keys() == {"ours", "networkit", FLOOR}
    for tool in ("ours", "networkit"):
        distance = rows[tool].distance
        assert distance is not None
        assert distance < 1e-7
    steps = int(rows[FLOOR].note.split(", ")[1].split()[0])
    assert 10 < steps < 100
    assert "networkit" in TOOLS


def test_the_floor_is_measured_on_the_arrays_themselves() -> None:
    made = synthetic(500, 4000)
    floor = Floor.of(CSRGraph(made.source, made.target, made.weight, made.n).pull, 3)
    assert floor.loop in ("csr_matvec", "take + reduceat")
    assert floor.seconds >= 0


def test_memory_is_what_is_held_and_what_was_held_at_most() -> None:
    before = held()
    kept = np.ones(8_000_000)
    assert kept.sum() == 8_000_000
    assert held() - before > 40e6
    assert peak() - before > 40e6
