"""Does a score find what it claims? Ideas against the groups that voted, standing against later ratings.

python -m benchmarks.quality DATA [--json], where DATA holds folders in the import format, packed or not.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson
from rich.table import Table
from scipy.stats import rankdata

from benchmarks.folders import files, rows
from benchmarks.quality_standing import Row, standing_table
from benchmarks.tables import show
from jobs.algorithms.bridging import bridging
from jobs.algorithms.consensus import Members, Shares, Votes, tally

Floats: TypeAlias = npt.NDArray[np.float64]

VOTES_IN_GROUP = 10
FEWEST_IDEAS = 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well each score orders the ideas of one folder by the approval of their least approving group."""

    folder: str
    ideas: int
    raw: float
    bridging: float
    consensus: float


def run(data: Path) -> list[Table]:
    """The tables of every folder under `data` that has what they need."""
    return [agreement_table(data), *(_standing_table(*found) for found in standings(data))]


def as_json(data: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the same tables, `ideas` and `standing`, each with the name of its folder."""
    standing = [{"folder": folder, **asdict(row)} for folder, found in standings(data) for row in found]
    return {"ideas": [asdict(found) for found in agreements(data)], "standing": standing}


def agreement_table(data: Path) -> Table:
    """Spearman correlation of each idea score with the approval of the lowest group."""
    table = Table(
        title="Ideas: Spearman with the approval of the lowest group",
        caption=f"ideas with at least {VOTES_IN_GROUP} votes in each of at least two groups, whose approval "
        "is (up + 1)/(n + 2); raw approval, up/n, is what a list by popularity shows",
    )
    for name in ("folder", "ideas", "raw approval", "bridging", "bridging − raw", "consensus"):
        table.add_column(name, justify="left" if name == "folder" else "right")
    for found in agreements(data):
        scores = (found.raw, found.bridging, found.bridging - found.raw, found.consensus)
        table.add_row(found.folder, str(found.ideas), *(f"{score:.2f}" for score in scores))
    return table


def agreements(data: Path) -> Iterator[Agreement]:
    """One line for each folder with votes, groups and enough ideas on which they differ."""
    for folder in _having(data, "votes", "memberships"):
        if found := agreement(folder):
            yield found


def agreement(folder: Path) -> Agreement | None:
    """Compare the scores of one folder; None when nobody disagrees, or two groups share too few ideas."""
    votes, members = read(folder)
    if np.ptp(votes.value) == 0:
        return None
    counted = tally(votes, members)
    lowest, groups = _lowest(counted.shares, members.communities, votes.ideas)
    chosen = groups >= 2
    if chosen.sum() < FEWEST_IDEAS:
        return None
    raw = counted.up / np.maximum(counted.up + counted.down + counted.passed, 1)
    scores = bridging(votes.voter, votes.idea, votes.value, votes.ideas).intercept
    by = [spearman(score[chosen], lowest[chosen]) for score in (raw, scores, counted.consensus)]
    return Agreement(folder.name, int(chosen.sum()), *by)


def read(folder: Path) -> tuple[Votes, Members]:
    """The votes and memberships of an import folder; of two votes of a pair the later row stands."""
    cast = rows(folder, "votes", ("voter", "idea", "value"))
    said = {(row["voter"], row["idea"]): float(row["value"]) for row in cast}
    voters, ideas = ({key: n for n, key in enumerate(sorted({pair[k] for pair in said}))} for k in (0, 1))
    memberships = rows(folder, "memberships", ("customer", "community"))
    joined = {(row["customer"], row["community"]) for row in memberships}
    groups = {key: n for n, key in enumerate(sorted({group for _, group in joined}))}
    pairs = sorted((voters[who], groups[group]) for who, group in joined if who in voters)
    member = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    votes = Votes(
        np.array([voters[who] for who, _ in said]),
        np.array([ideas[what] for _, what in said]),
        np.array(list(said.values())).astype(np.int8),
        np.full(len(said), np.nan),
        len(voters),
        len(ideas),
    )
    return votes, Members(member[:, 0], member[:, 1], len(groups))


def spearman(left: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Rank correlation, ties at their mean rank; 0 where one side is the same everywhere."""
    one, other = (ranks - ranks.mean() for ranks in (rankdata(left), rankdata(right)))
    spread = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / spread if spread else 0.0


def _lowest(shares: Shares, communities: int, ideas: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The lowest approval of an idea among its groups with enough votes, and how many those are."""
    number = shares.up + shares.down + shares.passed
    chosen = (number >= VOTES_IN_GROUP) & (shares.community < communities)
    lowest = np.full(ideas, np.inf)
    np.minimum.at(lowest, shares.idea[chosen], shares.approval[chosen])
    return lowest, np.bincount(shares.idea[chosen], minlength=ideas)


def standings(data: Path) -> Iterator[tuple[str, list[Row]]]:
    """Each folder that holds later ratings to compare with, and a row for each measure."""
    for folder in _having(data, "advocacy", "labels"):
        yield folder.name, standing_table(folder)


def _standing_table(folder: str, found: list[Row]) -> Table:
    table = Table(title=f"Standing: who will be rated well, {folder}", caption="a coin has .5")
    for name in ("measure", "area under curve", "ratings", ""):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for row in found:
        table.add_row(row.measure, f"{row.auc:.2f}", str(row.ratings), "peer" if row.peer else "ours")
    return table


def _having(data: Path, *names: str) -> list[Path]:
    return sorted(folder for folder in data.iterdir() if all(files(folder, name) for name in names))


def main(arguments: list[str]) -> None:
    """Print the tables of a folder of folders, or their rows as JSON."""
    words = [word for word in arguments if word != "--json"]
    if len(words) != 1 or not Path(words[0]).is_dir():
        sys.exit("usage: python -m benchmarks.quality DATA [--json]")
    if "--json" in arguments:
        print(orjson.dumps(as_json(Path(words[0]))).decode())
        return
    show(*run(Path(words[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
