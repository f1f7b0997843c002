"""Decides what of a community is drawn, how large and where: a function of the portrait alone."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graph.pictures import Bond, Member, Portrait
from jobs.algorithms.layout import layout
from jobs.algorithms.mood import NEUTRAL_BELOW

Floats = npt.NDArray[np.float64]

DRAWN = 300
TIES_DRAWN = 1_200
NAMED = 10
WIDTH, HEIGHT = 1_200.0, 720.0
# the circles cover this share of the box at most; no radius is larger, nor that of the mean
COVER, LARGEST, MEAN = 0.10, 56.0, 18.0
THINNEST, THICKEST = 0.7, 3.5


@dataclass(frozen=True, slots=True)
class Disc:
    """A member in the picture: whether another one there is tied to it, and what it is named for.

    `rank` is advocacy or harm, for those who are among the first in it; `responders` counts all members.
    """

    member: Member
    x: float
    y: float
    radius: float
    responders: int
    tied: bool
    rank: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A tie in the picture, between two discs by their place; `sign` is 1, −1 or 0."""

    source: int
    target: int
    width: float
    sign: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn of a community, and the facts that stand beside it.

    `per_reach` is the area of a disc of reach 1, `density` the share of ordered pairs of members with a tie,
    `bands` how many members each band has, "" for those without one.
    """

    name: str
    as_of: str | None
    members: int
    unranked: int
    ties: int
    density: float
    bands: dict[str, int]
    per_reach: float
    discs: tuple[Disc, ...]
    lines: tuple[Line, ...]


def compose(portrait: Portrait) -> Picture:
    """The members with most reach as discs whose area is their reach, and the strongest ties between them."""
    members = portrait.members[:DRAWN]
    n, bonds = len(portrait.members), portrait.bonds
    shown = [bond for bond in bonds if bond.source < len(members) and bond.target < len(members)]
    shown.sort(key=lambda bond: (-bond.weight, bond.source, bond.target))
    unit = _unit([member.reach for member in members])
    radii = unit * np.sqrt(np.array([member.reach for member in members], dtype=float))
    return Picture(
        name=portrait.name,
        as_of=portrait.as_of,
        members=n,
        unranked=portrait.unranked,
        ties=len(bonds),
        density=len(bonds) / (n * (n - 1)) if n > 1 else 0.0,
        bands=_bands(portrait),
        per_reach=math.pi * unit**2,
        discs=_discs(portrait, members, radii, shown),
        lines=_lines(shown[:TIES_DRAWN]),
    )


def _unit(reach: list[float]) -> float:
    """The radius of reach 1, in the unit of the box."""
    if not reach or max(reach) <= 0:
        return 0.0
    covering = math.sqrt(COVER * WIDTH * HEIGHT / (math.pi * math.fsum(reach)))
    return min(covering, LARGEST / math.sqrt(max(reach)), MEAN)


def _places(radii: Floats, shown: list[Bond]) -> Floats:
    source = np.array([bond.source for bond in shown], dtype=np.int64)
    target = np.array([bond.target for bond in shown], dtype=np.int64)
    weight = np.array([bond.weight for bond in shown], dtype=float)
    # pulls of one order of magnitude: a tie of many acts holds closer, but not hundreds of times
    pull = 0.5 + np.log1p(weight / np.median(weight)) if weight.any() else np.ones(len(weight))
    return layout(radii, source, target, pull, WIDTH, HEIGHT)


def _discs(
    portrait: Portrait, members: tuple[Member, ...], radii: Floats, shown: list[Bond]
) -> tuple[Disc, ...]:
    responders = np.bincount([bond.target for bond in portrait.bonds], minlength=len(portrait.members))
    tied = {end for bond in shown for end in (bond.source, bond.target)}
    ranks = _ranks(members)
    columns = (_places(radii, shown).tolist(), radii.tolist(), responders[: len(members)].tolist())
    return tuple(
        Disc(member, x, y, radius, count, number in tied, ranks.get(number))
        for number, (member, (x, y), radius, count) in enumerate(zip(members, *columns, strict=True))
    )


def _ranks(members: tuple[Member, ...]) -> dict[int, str]:
    """Those with most advocacy and those with most harm; nobody has both."""
    found: dict[int, str] = {}
    for score in ("advocacy", "harm"):
        values = [(-getattr(member, score), number) for number, member in enumerate(members)]
        found |= {number: score for value, number in sorted(values)[:NAMED] if value < 0}
    return found


def _lines(bonds: list[Bond]) -> tuple[Line, ...]:
    strongest = max((bond.weight for bond in bonds), default=0.0) or 1.0
    return tuple(
        Line(
            bond.source,
            bond.target,
            THINNEST + (THICKEST - THINNEST) * math.sqrt(bond.weight / strongest),
            0 if abs(bond.mood) < NEUTRAL_BELOW else int(math.copysign(1, bond.mood)),
        )
        for bond in bonds
    )


def _bands(portrait: Portrait) -> dict[str, int]:
    counts: dict[str, int] = {}
    for member in portrait.members:
        counts[member.band or ""] = counts.get(member.band or "", 0) + 1
    return counts
