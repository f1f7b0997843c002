"""Does standing foretell how a member will be rated? Against counting, PageRank and fairness-goodness.

A folder holds the earlier ratings in `advocacy` and the later ones in `labels` (rater, rated, weight, at).
Each measure is learned from the earlier ones, and asked for the sign of every later rating of a member who
had been rated before: area under the ROC curve, .5 is a coin.
"""

from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import numpy.typing as npt

from benchmarks.attack_kinds import Acts
from benchmarks.attack_scores import vouched_standing
from benchmarks.folders import rows
from graph.records import instant
from jobs.algorithms.acts import counted
from jobs.algorithms.csr import CSRGraph
from jobs.algorithms.decay import LANDMARK, decay, instants
from jobs.algorithms.standing import estimate, fairness_goodness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """How well one measure foretells the signs."""

    measure: str
    auc: float
    ratings: int
    peer: bool


@dataclass(frozen=True, slots=True)
class _Ratings:
    rater: Ints
    rated: Ints
    weight: Floats
    at: npt.NDArray[np.datetime64]


def standing_table(folder: Path) -> list[Row]:
    """One row a measure for the ratings of a folder, ours first."""
    number: dict[str, int] = {}
    links = rows(folder, "advocacy", ("id", "from", "to", "kind", "weight", "at"))
    rated = [row for row in links if row["kind"] == "RATING"]
    earlier, ids = _ratings(rated, ("from", "to"), number), [row["id"] for row in rated]
    asked_for = rows(folder, "labels", ("rater", "rated", "weight", "at"))
    later = _ratings(list(asked_for), ("rater", "rated"), number)
    n = len(number)
    known = np.bincount(earlier.rated, minlength=n)[later.rated] > 0
    asked, good = later.rated[known], later.weight[known] > 0
    acts = Acts(n, earlier.rater, earlier.rated, earlier.weight, earlier.at, True)
    scores = {
        "standing": (_standing(earlier, ids, n), False),
        "vouched standing": (vouched_standing(acts), False),
    }
    scores |= {name: (score, True) for name, score in _peers(earlier, n).items()}
    return [
        Row(name, area_under_curve(score[asked], good), len(asked), peer)
        for name, (score, peer) in scores.items()
    ]


def area_under_curve(scores: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """The chance that a positive case scores above a negative one, ties half (Mann-Whitney)."""
    values, at, counts = np.unique(scores, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    rank = (upto - (counts - 1) / 2)[at] if len(values) else np.zeros(0)
    hits = int(positive.sum())
    misses = len(positive) - hits
    if not hits or not misses:
        return 0.5
    return float((rank[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def _standing(ratings: _Ratings, ids: list[str], n: int) -> Floats:
    kinds = np.zeros(len(ids), dtype=np.int64)
    chosen = counted(kinds, ratings.rater, ratings.rated, ratings.at, ids)
    rater, rated, weight = ratings.rater[chosen], ratings.rated[chosen], ratings.weight[chosen]
    fairness = fairness_goodness(rater, rated, weight, n).fairness
    dated = ratings.at[~np.isnat(ratings.at)]
    as_of = dated.max() if len(dated) else LANDMARK
    return estimate(rated, weight, decay(ratings.at[chosen], as_of), fairness[rater], n).values


def _peers(ratings: _Ratings, n: int) -> dict[str, Floats]:
    rater, rated, weight = ratings.rater, ratings.rated, ratings.weight
    up = weight > 0
    rank = nx.pagerank(CSRGraph(rater[up], rated[up], weight[up], n))  # type: ignore[call-overload]
    return {
        "count of ratings": np.bincount(rated, minlength=n).astype(np.float64),
        "PageRank on positive ratings": np.array([rank[node] for node in range(n)]),
        "fairness-goodness": fairness_goodness(rater, rated, weight, n).goodness,
        "mean rating": np.bincount(rated, weights=weight, minlength=n)
        / np.maximum(np.bincount(rated, minlength=n), 1),
    }


def _ratings(given: list[dict[str, str]], ends: tuple[str, str], number: dict[str, int]) -> _Ratings:
    source, target = ends
    return _Ratings(
        np.array([number.setdefault(row[source], len(number)) for row in given], dtype=np.int64),
        np.array([number.setdefault(row[target], len(number)) for row in given], dtype=np.int64),
        np.array([float(row["weight"]) for row in given], dtype=np.float64),
        instants([instant(row["at"]) if row["at"] else None for row in given]),
    )
