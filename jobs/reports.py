"""Decides what of a challenge is drawn and where: a function of the report alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.reports import Report, ReportedIdea
from jobs.algorithms.consensus import Votes, wilson_lower_bound
from jobs.algorithms.groups import STRUCTURED, shared
from jobs.algorithms.opinions import opinion_map
from jobs.opinions import Found, Opinions, find_opinions, votes_by_group

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

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
    """A voter on the map, x and y between 0 and 1; `place` is one of the parts shown, −1 the others."""

    x: float
    y: float
    place: int


@dataclass(frozen=True, slots=True)
class Plane:
    """The map with its voters parted in one way: parts and how many voters each has, and how many are in none."""

    points: tuple[Point, ...]
    places: tuple[tuple[str, int], ...]
    others: int


@dataclass(frozen=True, slots=True)
class Saying:
    """That an idea is liked (`value` 1) or refused (−1): by which share of a group, least first, and of others."""

    title: str
    value: int
    shares: tuple[float, ...]
    others: float | None


@dataclass(frozen=True, slots=True)
class Camp:
    """A group of opinions, and the ideas that set it apart."""

    letter: str
    size: int
    sayings: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Camps:
    """The groups of opinions, how far apart they are, and what all say; without groups if they mean nothing."""

    separation: float
    camps: tuple[Camp, ...]
    common: tuple[Saying, ...]


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
    by_community: Plane
    by_camp: Plane | None  # None without groups that mean something
    camps: Camps | None  # None if too few have voted to look for groups
    cells: Cells


def ranked(report: Report) -> list[ReportedIdea]:
    """The ideas by support, most first; those without a tally last."""

    def key(idea: ReportedIdea) -> tuple[float, str]:
        support = idea.tally.support if idea.tally else None
        return -(support if support is not None else -1.0), idea.external_id

    return sorted(report.ideas, key=key)


def drawn(report: Report) -> Drawn:
    """Everything the pictures show."""
    order, votes = ranked(report), report.votes
    voters, ideas = len(votes.voters), len(votes.ideas)
    at = opinion_map(votes.voter, votes.idea, votes.value, voters, ideas)
    own = Votes(votes.voter, votes.idea, votes.value, votes.day, voters, ideas)
    uids = [key.uid for key in votes.ideas]
    found = find_opinions(own, np.zeros(ideas, np.int64), uids, report.before)
    camps = _camps(report, found, found.found[0]) if found.found else None
    by_camp = _by_camp(report, found, camps, at) if camps and camps.camps else None
    return Drawn(tuple(_bars(order)), _by_community(report, at), by_camp, camps, _cells(order))


def _bars(order: list[ReportedIdea]) -> list[Bar]:
    bars = []
    for idea in order:
        found = idea.tally
        votes = found.up + found.down + found.passed if found else 0
        if found and votes:
            low, against = wilson_lower_bound([found.up, votes - found.up], [votes, votes]).tolist()
            bars.append(Bar(idea.title, found.up / votes, low, 1.0 - against, votes))
    return bars[:BARS]


def _by_community(report: Report, at: Floats) -> Plane:
    """Voters on the map, with the largest of their communities that is shown."""
    members = report.members
    size = np.bincount(members.community, minlength=len(report.communities))
    shown = [int(one) for one in np.argsort(-size, kind="stable")[:COLOURED] if size[one]]
    belongs = np.full(len(report.votes.voters), -1)
    for place in range(len(shown) - 1, -1, -1):  # the largest is written last
        belongs[members.voter[members.community == shown[place]]] = place
    return _plane(report, at, belongs, [report.communities[one] for one in shown])


def _by_camp(report: Report, found: Opinions, camps: Camps, at: Floats) -> Plane:
    belongs = np.full(len(report.votes.voters), -1)
    belongs[found.members.voter] = found.members.community
    return _plane(report, at, belongs, [camp.letter for camp in camps.camps])


def _plane(report: Report, at: Floats, belongs: Ints, names: Sequence[str]) -> Plane:
    number = np.bincount(report.votes.voter, minlength=len(at))
    chosen = np.sort(np.argsort(-number, kind="stable")[:POINTS])
    points = tuple(
        Point(float(x), float(y), int(place))
        for (x, y), place in zip(_unit(at[chosen]), belongs[chosen], strict=True)
    )
    counts = [int((belongs == place).sum()) for place in range(len(names))]
    return Plane(points, tuple(zip(names, counts, strict=True)), int((belongs < 0).sum()))


def _camps(report: Report, found: Opinions, each: Found) -> Camps:
    """The groups as they are now, by the letters that were published; votes without structure have none."""
    if each.separation < STRUCTURED:
        return Camps(each.separation, (), ())
    ideas = np.arange(len(report.ideas))
    titles = [idea.title for idea in report.ideas]
    names = {key.uid: title for key, title in zip(report.votes.ideas, titles, strict=True)}
    told = found.columns(list(names), np.zeros(len(ideas), np.int64))[each.conversation]
    columns = ("groupIdea", "groupIdeaValue", "groupIdeaShare", "groupIdeaOther")
    sayings: list[list[Saying]] = [[] for _ in each.letters]
    for group, uid, value, share, other in zip(
        told["groupIdeaOf"], *(told[name] for name in columns), strict=True
    ):
        sayings[group].append(Saying(names[uid], value, (share,), other))
    up, down, total = votes_by_group(found.shares, each, ideas)
    common = []
    for idea, value in shared(up, down, total):
        said = (up if value > 0 else down)[:, idea]
        shares = (said + 1) / (total[:, idea] + 2)
        common.append(Saying(titles[idea], value, tuple(sorted(shares.tolist())), None))
    sizes = zip(each.letters, each.size.tolist(), sayings, strict=True)
    camps = tuple(Camp(letter, size, tuple(own)) for letter, size, own in sizes)
    return Camps(each.separation, camps, tuple(common))


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
