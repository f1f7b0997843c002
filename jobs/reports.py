"""Decides what of a challenge is drawn and where: a function of the report alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.reports import Report, ReportedIdea
from jobs.algorithms.consensus import wilson_lower_bound
from jobs.algorithms.opinions import opinion_map

Floats = npt.NDArray[np.float64]

POINTS = 1_500  # those with most votes
COLOURED = 7
BARS = 15
ROWS = 25
COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """An idea and the share for it, 0 to 1, with the ends of its 95 % interval (Wilson)."""

    title: str
    share: float
    low: float
    high: float
    votes: int


@dataclass(frozen=True, slots=True)
class Point:
    """A voter on the map, x and y between 0 and 1; `place` is one of the communities shown, −1 the others."""

    x: float
    y: float
    place: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Approval by idea and community, 0 to 1; None where it does not count."""

    ideas: tuple[str, ...]
    communities: tuple[str, ...]
    approval: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the pictures of a report show."""

    bars: tuple[Bar, ...]
    points: tuple[Point, ...]
    places: tuple[tuple[str, int], ...]  # community and how many of its voters
    others: int
    cells: Cells


def ranked(report: Report) -> list[ReportedIdea]:
    """The ideas by support, most first; those without a tally last."""

    def key(idea: ReportedIdea) -> tuple[float, str]:
        support = idea.tally.support if idea.tally else None
        return -(support if support is not None else -1.0), idea.external_id

    return sorted(report.ideas, key=key)


def drawn(report: Report) -> Drawn:
    """Everything the pictures show."""
    order = ranked(report)
    points, places, others = _points(report)
    return Drawn(tuple(_bars(order)), points, places, others, _cells(order))


def _bars(order: list[ReportedIdea]) -> list[Bar]:
    bars = []
    for idea in order:
        found = idea.tally
        votes = found.up + found.down + found.passed if found else 0
        if found and votes:
            low, against = wilson_lower_bound([found.up, votes - found.up], [votes, votes]).tolist()
            bars.append(Bar(idea.title, found.up / votes, low, 1.0 - against, votes))
    return bars[:BARS]


def _points(report: Report) -> tuple[tuple[Point, ...], tuple[tuple[str, int], ...], int]:
    """Voters on the map, with the largest of their communities that is shown."""
    votes, members = report.votes, report.members
    n = len(votes.voters)
    size = np.bincount(members.community, minlength=len(report.communities))
    shown = [int(one) for one in np.argsort(-size, kind="stable")[:COLOURED] if size[one]]
    belongs = np.full(n, -1)
    for place in range(len(shown) - 1, -1, -1):  # the largest is written last
        belongs[members.voter[members.community == shown[place]]] = place
    at = opinion_map(votes.voter, votes.idea, votes.value, n, len(votes.ideas))
    chosen = np.sort(np.argsort(-np.bincount(votes.voter, minlength=n), kind="stable")[:POINTS])
    unit = _unit(at[chosen])
    points = tuple(
        Point(float(x), float(y), int(place)) for (x, y), place in zip(unit, belongs[chosen], strict=True)
    )
    counts = [int((belongs == place).sum()) for place in range(len(shown))]
    names = tuple((report.communities[one], count) for one, count in zip(shown, counts, strict=True))
    return points, names, int((belongs < 0).sum())


def _unit(places: Floats) -> Floats:
    """Places between 0 and 1, both axes on one scale; the farthest hundredths are drawn at the edge."""
    if not len(places):
        return places
    low, high = np.quantile(places, [0.01, 0.99], axis=0)
    wide = (high - low).max() or 1.0
    unit: Floats = np.clip((places - (low + high) / 2) / wide + 0.5, 0.0, 1.0)
    return unit


def _cells(order: list[ReportedIdea]) -> Cells:
    ideas = [(idea.title, idea.tally.shares) for idea in order if idea.tally and idea.tally.shares][:ROWS]
    votes: dict[str, int] = {}
    for _, shares in ideas:
        for share in shares:
            if share.counted:
                votes[share.community] = votes.get(share.community, 0) + share.up + share.down + share.passed
    names = sorted(votes, key=lambda name: (not name, -votes[name], name))[:COLUMNS]
    rows = []
    for _, shares in ideas:
        counted = {share.community: share.approval for share in shares if share.counted}
        rows.append(tuple(counted.get(name) for name in names))
    return Cells(tuple(title for title, _ in ideas), tuple(names), tuple(rows))
