"""Who could open the door to a customer: the paths of most trust from staff or an advocate, and why to trust them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph import publication
from graph.driver import Graph
from graph.introductions import Bond, Moment, Neighbour, read_bonds, read_neighbours
from graph.records import now as present
from jobs.algorithms.paths import Near, Search, Trail, saturated, strength

STEPS = 4
# Of each person's ties the strongest are looked at, and people on the strongest paths only: a hub costs no more.
NEAREST = 50
WIDTH = 100
# A path on which somebody was harsh to the next is given up, and another one looked for, so many times.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One person who may introduce the next: how far that is trusted, 0 to 1, and what is known between them."""

    introducer: str
    introduced: str
    strength: float
    bond: Bond


@dataclass(frozen=True, slots=True)
class Introduction:
    """A path of at most four steps; `strength` is the product of its steps', `cost` −ln of it."""

    strength: float
    cost: float
    people: tuple[str, ...]
    steps: tuple[Step, ...]


class Harsh(NamedTuple):
    """A step that is not trusted, since the one was harsh to the other."""

    introducer: str
    introduced: str


async def introductions(graph: Graph, *, customer: str, count: int) -> list[Introduction]:
    """The best paths to a customer, each from somebody else, strongest first.

    A path begins at staff, an advocate or a champion, and passes no other one; nobody on it but its end is a
    detractor, and no bot or suspended account is. The search goes from the end outwards, so that it stops at the
    first who may begin; going from both ends would have to begin at all advocates. Ties are worth what they were at
    the as-of of the published scores, whose bands say who may begin: the same data gives the same answer.
    """
    published = await publication.current(graph, "influence")
    moment = Moment(
        published.slot if published else None, (published.as_of if published else None) or present()
    )
    near: dict[str, list[Neighbour]] = {}
    harsh: set[Harsh] = set()
    for _ in range(ROUNDS):
        trails = await _search(graph, Search(customer, count, WIDTH), moment, near, harsh)
        bonds = await read_bonds(graph, sorted({pair for trail in trails for pair in _pairs(trail)}), moment)
        worse = {Harsh(*pair) for pair, bond in bonds.items() if bond.mood is not None and bond.mood < 0}
        if not worse:
            break
        harsh |= worse
        trails = [trail for trail in trails if not worse & {Harsh(*pair) for pair in _pairs(trail)}]
    return [_introduction(trail, bonds) for trail in trails]


async def _search(
    graph: Graph, search: Search, moment: Moment, near: dict[str, list[Neighbour]], harsh: set[Harsh]
) -> list[Trail]:
    """The best trails; who stands near whom is kept in `near` for another search."""
    for _ in range(STEPS):
        if unknown := [person for person in search.frontier if person not in near]:
            near |= await read_neighbours(graph, unknown, moment, most=NEAREST)
        search.grow(
            {
                person: [
                    Near(other.uid, saturated(other.root**2), other.begins)
                    for other in near.get(person, ())
                    if Harsh(other.uid, person) not in harsh
                ]
                for person in search.frontier
            }
        )
    return search.found()


def _pairs(trail: Trail) -> list[tuple[str, str]]:
    """The steps of a trail as they are walked: from who begins to the customer."""
    walked = trail.people[::-1]
    return list(itertools.pairwise(walked))


def _introduction(trail: Trail, bonds: dict[tuple[str, str], Bond]) -> Introduction:
    steps = [Step(*pair, strength(*bonds[pair].weights), bonds[pair]) for pair in _pairs(trail)]
    return Introduction(trail.strength, trail.cost, trail.people[::-1], tuple(steps))


ENGLISH = {
    "RECOMMENDATION": "recommended something to",
    "REFERRAL": "brought",
    "DEFENCE": "stood up for",
    "RATING": "praised",
}
TURKISH = {
    "RECOMMENDATION": "bir öneride bulundu",
    "REFERRAL": "buraya getirdi",
    "DEFENCE": "savundu",
    "RATING": "övdü",
}


def in_english(steps: Sequence[Step]) -> str:
    """What to do, and why, as a sentence."""
    first, last = steps[0].bond.names[0], steps[-1].bond.names[1]
    why = "; ".join(_english(step.bond) for step in steps)
    return f"Ask {first} to introduce you to {last}: {why}."


def _english(bond: Bond) -> str:
    speaker, listener = bond.names
    said = f"{speaker} responded to {listener} on {_count(bond.said)}" if bond.said else ""
    heard = f"{listener} responded to {speaker} on {_count(bond.heard)}" if bond.heard else ""
    given = [f"{speaker} {ENGLISH[kind]} {listener}" for kind in bond.kinds if kind in ENGLISH]
    until = [f"last on {bond.last_at[:10]}"] if bond.last_at else []
    return ", ".join([*filter(None, (said, heard)), *given, *until])


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def in_turkish(steps: Sequence[Step]) -> str:
    """The same in Turkish, worded so that no name takes a suffix."""
    first, last = steps[0].bond.names[0], steps[-1].bond.names[1]
    why = "; ".join(_turkish(step.bond) for step in steps)
    return f"{last} ile tanıştırmasını {first} adlı kişiden isteyin: {why}."


def _turkish(bond: Bond) -> str:
    speaker, listener = bond.names
    said = f"{speaker}, {listener} adlı kişiye {bond.said} gün yanıt verdi" if bond.said else ""
    heard = f"{listener}, {speaker} adlı kişiye {bond.heard} gün yanıt verdi" if bond.heard else ""
    given = [
        f"{speaker}, {listener} adlı kişi{'ye' if kind == 'RECOMMENDATION' else 'yi'} {TURKISH[kind]}"
        for kind in bond.kinds
        if kind in TURKISH
    ]
    until = [f"son: {bond.last_at[:10]}"] if bond.last_at else []
    return ", ".join([*filter(None, (said, heard)), *given, *until])
