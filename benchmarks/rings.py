"""Can a vote be bought? Hired voters push an idea of the bottom tenth in real conversations.

python -m benchmarks.rings DATA, where the folders of DATA that hold votes and are named polis-… or pabulib-…
are attacked. 1, 5 and 20 % as many hired voters as there are honest ones push SEEDS ideas, each alone.
red-dwarf, which computes Pol.is's consensus, is asked if it is installed (peers.txt).
Movement is by how many hundredths of the list the idea rises; the order is compared without an attack.
"""

import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.cluster.vq
from rich.console import Console
from rich.table import Table
from scipy.stats import kendalltau, rankdata

from benchmarks.folders import files
from benchmarks.ring_kinds import ATTACKS, read
from jobs.algorithms.bridging import bridging
from jobs.algorithms.consensus import Votes, wilson_lower_bound
from jobs.algorithms.rings import rings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KINDS = ("polis-", "pabulib-")
SHARES = (0.01, 0.05, 0.2)
SEEDS = 3
OURS, RAW = "effective", "for − against"
OPINION = (
    "Pol.is consensus",
    "red-dwarf",
    "Community Notes",
)  # without votes against, these say the same of all ideas
FEWEST_VOTES = 7  # of a participant, to be in a group of Pol.is
MOST_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """How far one attack of one size moves ideas of one folder by one score, in hundredths of the list."""

    folder: str
    attack: str
    share: float
    score: str
    movement: float


def net(votes: Votes) -> Floats:
    """Votes for less votes against."""
    return np.bincount(votes.idea, votes.value, votes.ideas).astype(np.float64)


def effective(votes: Votes) -> Floats:
    """The same after the discount of rings, from votes alone: without addresses or days of joining."""
    weight = rings(votes, np.zeros(votes.ideas, np.int64)).weights()
    return np.bincount(votes.idea, votes.value * weight, votes.ideas).astype(np.float64)


def wilson(votes: Votes) -> Floats:
    """Lower bound of the share of votes for an idea."""
    up = np.bincount(votes.idea[votes.value > 0], minlength=votes.ideas)
    return wilson_lower_bound(up, np.bincount(votes.idea, minlength=votes.ideas))


def notes(votes: Votes) -> Floats:
    """The intercept of Community Notes' model."""
    return bridging(votes.voter, votes.idea, votes.value, votes.ideas).intercept


def polis(votes: Votes) -> Floats:
    """Group-aware consensus of Pol.is: the product over opinion groups of (agrees + 1)/(votes + 2).

    Groups are found as Pol.is finds them: those who voted on seven ideas (or all) are projected on the first
    two principal components of the votes, unseen ones at the mean, stretched by √(ideas/votes cast), and
    divided by k-means into the two to five groups of the best silhouette, here of distances to centres.
    """
    cast = np.bincount(votes.voter, minlength=votes.voters)
    busy = np.flatnonzero(cast >= min(FEWEST_VOTES, votes.ideas))
    table = np.full((votes.voters, votes.ideas), np.nan, dtype=np.float32)
    table[votes.voter, votes.idea] = votes.value
    table = table[busy]
    mean = np.nansum(table, axis=0) / np.maximum((~np.isnan(table)).sum(axis=0), 1)
    centred = np.where(np.isnan(table), 0, table - mean)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    place = centred @ axes.T * np.sqrt(votes.ideas / cast[busy])[:, None]
    group = _groups(place.astype(np.float64))
    said = [
        ((table[group == g] > 0).sum(0) + 1) / ((~np.isnan(table[group == g])).sum(0) + 2) for g in set(group)
    ]
    consensus: Floats = np.prod(said, axis=0)
    return consensus


def red_dwarf(votes: Votes) -> Floats:
    """The same consensus by the package that publishes the computation, as it is; NaN for ideas without votes."""
    from reddwarf.implementations.polis import run_pipeline  # a peer, in an environment of its own

    names = ("participant_id", "statement_id", "vote", "modified")
    columns = (votes.voter, votes.idea, votes.value, np.zeros_like(votes.voter))
    cast = zip(*(column.tolist() for column in columns), strict=True)
    rows = [dict(zip(names, vote, strict=True)) for vote in cast]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = run_pipeline(
            votes=rows, random_state=0, min_user_vote_threshold=min(FEWEST_VOTES, votes.ideas)
        )
    agreed = found.group_aware_consensus["agree"]
    return np.array([agreed.get(idea, np.nan) for idea in range(votes.ideas)])


def _groups(place: Floats) -> Ints:
    best, found = -np.inf, np.zeros(len(place), dtype=np.int64)
    places = len(np.unique(np.round(place, 6), axis=0))
    for number in range(2, min(MOST_GROUPS, 2 + len(place) // 12, places) + 1):
        centres, label = scipy.cluster.vq.kmeans2(place, number, minit="++", seed=0)
        far = np.sort(np.linalg.norm(place[:, None] - centres[None], axis=2), axis=1)
        score = float(np.mean(1 - far[:, 0] / np.maximum(far[:, 1], 1e-12)))
        if score > best:
            best, found = score, label.astype(np.int64)
    return found


SCORES: dict[str, Callable[[Votes], Floats]] = {
    OURS: effective,
    RAW: net,
    "Wilson": wilson,
    "Pol.is consensus": polis,
    **({"red-dwarf": red_dwarf} if importlib.util.find_spec("reddwarf") else {}),
    "Community Notes": notes,
}


def folders(data: Path) -> list[Path]:
    """The conversations."""
    return sorted(each for each in data.iterdir() if each.name.startswith(KINDS) and files(each, "votes"))


def run(data: Path) -> Iterator[Row]:
    """Every attack of every size on every score; those of opinions only where somebody votes against."""
    for folder in folders(data):
        votes = read(folder)
        scores = dict(SCORES)
        if not (votes.value < 0).any():
            scores = {name: score for name, score in scores.items() if name not in OPINION}
        before = {name: score(votes) for name, score in scores.items()}
        bottom = np.argsort(before[RAW], kind="stable")[: max(1, votes.ideas // 10)]
        for number, attack in enumerate(ATTACKS):
            for share in SHARES:
                moved: dict[str, list[float]] = {name: [] for name in scores}
                for seed in range(SEEDS):
                    random = np.random.default_rng([seed, number])
                    target = int(random.choice(bottom))
                    pushed = attack.on(votes, target, max(1, round(share * votes.voters)), random)
                    for name, score in scores.items():
                        moved[name].append(place(score(pushed), target) - place(before[name], target))
                for name, found in moved.items():
                    yield Row(folder.name, attack.name, share, name, float(np.mean(found)))


def place(score: Floats, target: int) -> float:
    """Where an idea stands: 0 last, 100 first, ties at their mean."""
    ranks = rankdata(np.nan_to_num(np.round(score, 9), nan=-np.inf))
    return float(100 * (ranks[target] - 1) / max(len(ranks) - 1, 1))


def order(data: Path) -> Table:
    """What the discount does to the honest order: Kendall's tau, and the rings it sees where none was hired."""
    shown = Table(title="Without an attack: order by effective against order by votes for less votes against")
    for name in ("folder", "votes", "voters", "ideas", "tau", "rings"):
        shown.add_column(name, justify="left" if name == "folder" else "right")
    for folder in folders(data):
        votes = read(folder)
        seen = rings(votes, np.zeros(votes.ideas, np.int64))
        tau = kendalltau(net(votes), effective(votes)).statistic
        counts = (len(votes), votes.voters, votes.ideas)
        shown.add_row(folder.name, *map(str, counts), f"{tau:.3f}", str(len(seen.size)))
    return shown


def by(rows: Sequence[Row], field: str) -> Table:
    """Mean movement without its sign by attack, share or folder, and that of ours as a part of the raw count's."""
    shown = Table(title=f"Hired voters: movement in hundredths of the list, by {field}")
    shown.add_column(field)
    for name in (*SCORES, f"{OURS} / {RAW}"):
        shown.add_column(name, justify="right")
    for value in [*dict.fromkeys(getattr(row, field) for row in rows), None]:
        mine = [row for row in rows if value is None or getattr(row, field) == value]
        mean = {name: _mean([abs(row.movement) for row in mine if row.score == name]) for name in SCORES}
        part = mean[OURS] / mean[RAW] if mean[RAW] else float("nan")
        name = "all" if value is None else f"{value:.0%}" if isinstance(value, float) else str(value)
        shown.add_row(name, *(f"{found:.1f}" for found in mean.values()), f"{part:.2f}")
    return shown


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def main(arguments: list[str]) -> None:
    """Print the tables."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.exit("usage: python -m benchmarks.rings DATA")
    rows = list(run(Path(arguments[0])))
    console = Console()
    console.print(order(Path(arguments[0])))
    for field in ("attack", "share", "folder"):
        console.print(by(rows, field))


if __name__ == "__main__":
    main(sys.argv[1:])
