"""Acts of real communities, and what a buyer of scores adds to them."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from graph.records import instant
from jobs.algorithms.acts import counted
from jobs.algorithms.decay import DAY, LANDMARK, Instants, instants

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# invented, or taken over: outside the top tenth by acts received, or from all
FRESH, ORDINARY, ANYBODY = "fresh", "ordinary", "anybody's"


@dataclass(frozen=True, slots=True)
class Acts:
    """Who responded to whom among n accounts, as what (−1..1), and when.

    `person` is whose each account is, by the number of one of theirs; None: each is somebody's alone.
    """

    n: int
    source: Ints
    target: Ints
    weight: Floats
    at: Instants
    signed: bool
    person: Ints | None = None

    @property
    def persons(self) -> Ints:
        """The person of each account."""
        return np.arange(self.n) if self.person is None else self.person

    @property
    def until(self) -> np.datetime64:
        """When the latest of them happened."""
        dated = self.at[~np.isnat(self.at)]
        return dated.max() if len(dated) else LANDMARK

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Acts":
        """Only some of the acts, of the same accounts."""
        return Acts(
            self.n,
            self.source[chosen],
            self.target[chosen],
            self.weight[chosen],
            self.at[chosen],
            self.signed,
            self.person,
        )

    def by_day(self) -> "Acts":
        """At most one act a pair and day, as every score of ours counts."""
        ids = np.char.zfill(np.arange(len(self.source)).astype(np.str_), 7)
        kinds = np.zeros(len(self.source), dtype=np.int64)
        return self.where(counted(kinds, self.source, self.target, self.at, ids.tolist()))

    def joined(self, added: "Acts") -> "Acts":
        """These acts and others, of as many accounts as the others speak of."""
        return Acts(
            added.n,
            np.append(self.source, added.source),
            np.append(self.target, added.target),
            np.append(self.weight, added.weight),
            np.append(self.at, added.at),
            self.signed,
            added.person,
        )


@dataclass(frozen=True, slots=True)
class Attack:
    """Who answers whom among k colluders and the pushed accounts, as what, and `whose` the colluders are.

    They are `one` if they share a handle.
    """

    name: str
    whose: str
    make: Callable[[Ints, Ints], tuple[Ints, Ints]]
    sign: float = 1.0
    patient: bool = False
    one: bool = False

    def on(self, acts: Acts, pushed: Ints, colluders: Ints) -> Acts:
        """The acts of the attack: all at the last instant, or one day after the other if it is patient."""
        s, t = self.make(colluders, pushed)
        n = max(acts.n, int(max(s.max(), t.max())) + 1)
        at = np.full(len(s), acts.until)
        if self.patient:
            at = at - np.searchsorted(np.sort(colluders), s) * DAY
        person = np.arange(n)
        if self.one:
            person[colluders] = colluders.min()
        return Acts(n, s, t, np.full(len(s), self.sign), at, acts.signed, person)


def praise(colluders: Ints, pushed: Ints) -> tuple[Ints, Ints]:
    """Each colluder answers each pushed account."""
    return np.repeat(colluders, len(pushed)), np.tile(pushed, len(colluders))


def ring(colluders: Ints, pushed: Ints) -> tuple[Ints, Ints]:
    """The colluders also answer each other."""
    s, t = (side.ravel() for side in np.meshgrid(colluders, colluders, indexing="ij"))
    praised = praise(colluders, pushed)
    return np.append(s[s != t], praised[0]), np.append(t[s != t], praised[1])


def circle(colluders: Ints, pushed: Ints) -> tuple[Ints, Ints]:
    """The pushed accounts answer the colluders as well: they are of the ring."""
    s, t = ring(colluders, pushed)
    back, forth = praise(colluders, pushed)
    return np.append(s, forth), np.append(t, back)


def fan(colluders: Ints, pushed: Ints) -> tuple[Ints, Ints]:
    """The pushed accounts answer the colluders, who answer only them."""
    back, forth = praise(colluders, pushed)
    return np.append(back, forth), np.append(forth, back)


def wheel(colluders: Ints, pushed: Ints) -> tuple[Ints, Ints]:
    """A ring in which nobody answers who answers them: the pushed answer one half and are answered by the other."""
    count, half = len(colluders), len(colluders) // 2
    steps = range(1, (count - 1) // 2 + 1)
    back, forth = praise(colluders[half:], pushed)
    begun, by = praise(colluders[:half], pushed)
    s = np.concatenate([*(colluders for _ in steps), back, by])
    t = np.concatenate([*(np.roll(colluders, -step) for step in steps), forth, begun])
    return s, t


ATTACKS = (
    Attack("ring of fresh accounts", FRESH, ring),
    Attack("the same, answered back", FRESH, circle),
    Attack("praise by fresh accounts", FRESH, praise),
    Attack("fan of fresh accounts", FRESH, fan),
    Attack("wheel of fresh accounts", FRESH, wheel),
    Attack("ring of taken-over accounts", ORDINARY, ring),
    Attack("wheel of taken-over accounts", ORDINARY, wheel),
    Attack("praise by taken-over accounts", ORDINARY, praise),
    Attack("the praise, one a day", ORDINARY, praise, patient=True),
    Attack("praise by one person's accounts", ORDINARY, praise, one=True),
    Attack("praise by anybody's accounts", ANYBODY, praise),
    Attack("brigade of fresh accounts", FRESH, praise, sign=-1.0),
    Attack("brigade of taken-over accounts", ORDINARY, praise, sign=-1.0),
    Attack("brigade of one person's accounts", ORDINARY, praise, sign=-1.0, one=True),
)


def read(folder: Path) -> Acts:
    """The links of `advocacy.csv`, else whom the mentions of `mentions.csv` name."""
    links = folder / "advocacy.csv"
    path, ends = (links, ("from", "to")) if links.exists() else (folder / "mentions.csv", ("author", "names"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[ends[0]] != row[ends[1]] and row[ends[1]]]
    number = {name: place for place, name in enumerate(sorted({row[end] for row in rows for end in ends}))}
    source, target = (np.array([number[row[end]] for row in rows], dtype=np.int64) for end in ends)
    weight = np.array([float(row.get("weight") or 1) for row in rows])
    at = instants([instant(row["at"]) if row["at"] else None for row in rows])
    return Acts(len(number), source, target, weight, at, path == links)
