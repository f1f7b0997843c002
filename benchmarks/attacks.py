"""Can a score be bought? Rings, bought praise and brigades on real communities, against simpler scores.

python -m benchmarks.attacks DATA, where DATA holds the folders bitcoin-alpha, wiki-vote and college-messages.
Each attack is made SEEDS times on PUSHED accounts, low and middle ones (at most at the 60th percentile of every
score compared) or, by a brigade, middle and high ones (at least at the 40th). Movement is the mean change of
their percentile among the honest accounts, in points of a hundred; only accounts that somebody responded to
have one.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy.stats import kendalltau

from benchmarks.attack_kinds import ANYBODY, ATTACKS, FRESH, ORDINARY, Acts, Attack, read
from benchmarks.attack_scores import REACH, STANDING, Score
from jobs.algorithms.percentiles import EXACT, percentiles

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FOLDERS = ("bitcoin-alpha", "wiki-vote", "college-messages")
KINDS = (FRESH, ORDINARY, ANYBODY)
SIZES = (10, 50, 200)
SEEDS = 3
PUSHED = 5
PRAISED = (0.0, 60.0)  # percentiles of the pushed accounts before the attack
SCORNED = (40.0, 100.0)  # and of the targets of a brigade
BUSY = 90.0  # percentile of in-degree under which an account is ordinary


@dataclass(frozen=True, slots=True)
class Row:
    """What one attack does to one score: movement of the pushed, order and distinct values of the honest."""

    folder: str
    family: str
    attack: str
    whose: str
    size: int
    score: str
    peer: bool
    movement: float
    tau: float
    distinct: float


def run(data: Path, folders: Sequence[str] = FOLDERS, sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Every attack of every size on every score that the acts of a folder speak of."""
    for folder in folders:
        acts = read(data / folder)
        yield from _family(folder, "reach", REACH, acts, sizes)
        if acts.signed:
            yield from _family(folder, "standing", STANDING, acts, sizes)


def _family(
    folder: str, family: str, scores: Sequence[Score], acts: Acts, sizes: Sequence[int]
) -> Iterator[Row]:
    heard = np.bincount(acts.target, minlength=acts.n)
    known = heard > 0
    before = {score.name: score.of(acts) for score in scores}
    places = np.array([percentiles(values, values[known]) for values in before.values()])
    ordinary = np.flatnonzero(percentiles(heard, heard) <= BUSY)
    for attack in ATTACKS:
        if attack.sign < 0 and family == "reach":
            continue
        least, most = PRAISED if attack.sign > 0 else SCORNED
        eligible = np.flatnonzero(known & ((places >= least) & (places <= most)).all(axis=0))
        for size in sizes:
            made = [_made(attack, size, acts, eligible, ordinary, seed) for seed in range(SEEDS)]
            for score in scores:
                found = [
                    _effect(before[score.name], score.of(acts.joined(added)), pushed, honest & known)
                    for added, pushed, honest in made
                ]
                mean = (float(np.mean(column)) for column in zip(*found, strict=True))
                yield Row(folder, family, attack.name, attack.whose, size, score.name, score.peer, *mean)


def _made(
    attack: Attack, size: int, acts: Acts, eligible: Ints, ordinary: Ints, seed: int
) -> tuple[Acts, Ints, Mask]:
    """The acts of an attack, the accounts it pushes, and who has no part in it."""
    rng = np.random.default_rng([seed, size])
    pushed = rng.choice(eligible, PUSHED, replace=False)
    pool = np.arange(acts.n) if attack.whose == ANYBODY else ordinary
    others = rng.permutation(np.setdiff1d(pool, pushed))[:size]
    colluders = acts.n + np.arange(size) if attack.whose == FRESH else others
    honest = np.ones(acts.n, dtype=bool)
    honest[pushed] = False
    honest[others] = False
    return attack.on(acts, pushed, colluders), pushed, honest


def _effect(before: Floats, after: Floats, pushed: Ints, honest: Mask) -> tuple[float, float, float]:
    """Movement of the pushed, Kendall's tau and the share of distinct values of the honest."""
    was, now = before[honest], after[: len(before)][honest]
    moved = percentiles(after[pushed], now) - percentiles(before[pushed], was)
    distinct = len(np.unique(np.round(was, EXACT))) / len(was)
    tau = kendalltau(np.round(was, EXACT), np.round(now, EXACT)).statistic
    return float(moved.mean()), float(tau), distinct


def table(rows: Sequence[Row], folder: str, family: str) -> Table:
    """Movement by attack and size, a column a score, and the worst order and distinctness of ours."""
    mine = [row for row in rows if (row.folder, row.family) == (folder, family)]
    shown = Table(title=f"Bought {family}, {folder}: mean change of percentile")
    scores = list(dict.fromkeys(row.score for row in mine))
    for name in ("attack", "accounts", *scores):
        shown.add_column(name, justify="left" if name == "attack" else "right")
    for attack, size in dict.fromkeys((row.attack, row.size) for row in mine):
        moved = {row.score: row.movement for row in mine if (row.attack, row.size) == (attack, size)}
        shown.add_row(attack, str(size), *(f"{moved[name]:+.1f}" for name in scores))
    return shown


def summary(rows: Sequence[Row]) -> Table:
    """Of each score: its movement in all against the first peer's, and what stays of the honest order."""
    shown = Table(
        title="All attacks",
        caption="movement: mean of attacks and sizes, without sign; no tau where all are equal",
    )
    names = ("folder", "score", *(f"{whose} accounts" for whose in KINDS), "lowest tau", "distinct")
    for name in names:
        shown.add_column(name, justify="left" if name in ("folder", "score") else "right")
    for folder, family, score in dict.fromkeys((row.folder, row.family, row.score) for row in rows):
        mine = [row for row in rows if (row.folder, row.family, row.score) == (folder, family, score)]
        tau, distinct = min(row.tau for row in mine), mine[0].distinct
        moved = (f"{_mean([row for row in mine if row.whose == whose]):.1f}" for whose in KINDS)
        shown.add_row(folder, score, *moved, f"{tau:.3f}", f"{distinct:.0%}")
    return shown


def _mean(rows: Sequence[Row]) -> float:
    return float(np.mean([abs(row.movement) for row in rows]))


def main(arguments: list[str]) -> None:
    """Print the tables."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.exit("usage: python -m benchmarks.attacks DATA")
    rows = list(run(Path(arguments[0])))
    console = Console()
    for folder, family in dict.fromkeys((row.folder, row.family) for row in rows):
        console.print(table(rows, folder, family))
    console.print(summary(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
