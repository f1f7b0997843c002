"""What is published of a run: a row of scores and their parts for each customer and each membership."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms.parts import Part, Parts
from jobs.algorithms.reach import ALPHA, Reach
from jobs.influence.acts import ACTS, act_lists
from jobs.influence.measure import Known, Measured, Scores

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PAST = ("reach", "standing", "voice")
PARTS = ("partScore", "partKind", "partValue", "partFrom", "partShare")
PROPERTIES = (
    *("reach", "standing", "voice", "advocacy", "harm"),
    *("reachMargin", "standingMargin", "voiceMargin", "advocacyMargin", "harmMargin"),
    *("standingPeople", "voiceActs", "band", "trust", "vouched", "trustedAdvocacy", "trustedHarm"),
    *("reachPercentile", "trustPercentile", "doubtfulReach", "person", "accounts"),
    *PARTS,
    *ACTS,
)


def score_rows(known: Known, measured: Measured, slot: str) -> Iterator[dict[str, Any]]:
    """What is written of each customer; who is not ranked loses what an earlier run left in the slot."""
    uids = known.population.uids
    names = [*uids, ""]
    described = _described(measured.overall, slot, names, None)
    bands = measured.overall.bands(known.population.bands)
    people = _people(measured.persons, uids, slot)
    for uid, band, person, scores in zip(uids, bands, people, described, strict=True):
        now = {name: [scores[name + slot] or 0.0] for name in PAST}
        yield {
            "uid": uid,
            "scores": {**scores, **person, "band" + slot: band},
            "past": {"at": [known.as_of or ""], **now},
        }
    nothing: dict[str, list[Any]] = {name: [] for name in ("at", *PAST)}
    for uid in known.population.unranked:
        yield {"uid": uid, "scores": _nothing(slot), "past": nothing}


def member_rows(known: Known, measured: Measured, slot: str) -> Iterator[dict[str, Any]]:
    """What is written of each membership; those that ended lose what an earlier run left in the slot."""
    uids, communities, inside = known.population.uids, known.members.communities, measured.memberships
    names = [*uids, ""]
    pairs = zip(inside.customers.tolist(), inside.communities.tolist(), strict=True)
    described = _described(measured.inside, slot, names, inside.customers)
    for (customer, community), scores in zip(pairs, described, strict=True):
        yield {"uid": uids[customer], "community": communities[community], "scores": scores}
    for uid, ended in known.members.unranked:
        yield {"uid": uid, "community": ended, "scores": _nothing(slot)}


def _described(
    scores: Scores, slot: str, names: Sequence[str], members: Ints | None
) -> Iterator[dict[str, Any]]:
    """The properties of each row: scores, and their parts as parallel lists.

    A tie inside a community is between memberships; `members` says whose.
    """
    columns, n = scores.columns(), len(scores.reach.values)
    keys = [name + slot for name in (*columns, *PARTS, *ACTS)]
    reached = scores.reach.parts()
    shares = _shares(scores.reach, reached)
    if members is not None:
        named = np.where(reached.other >= 0, members[reached.other] if len(members) else -1, -1)
        reached = Parts(reached.owner, reached.kind, named, reached.value)
    explained = zip(
        _pieces(reached, "REACH", names, n, shares),
        _pieces(scores.standing.parts(), "STANDING", names, n),
        _pieces(scores.voice.parts(), "VOICE", names, n),
        strict=True,
    )
    for values, pieces, acts in zip(
        zip(*columns.values(), strict=True), explained, act_lists(scores, n), strict=True
    ):
        lists = ([*chain.from_iterable(lists)] for lists in zip(*pieces, strict=True))
        yield dict(zip(keys, (*values, *lists, *acts), strict=True))


def _shares(reach: Reach, parts: Parts) -> Floats:
    """Of all that a neighbour gives, the share which this part got, 0 to 1; 0 for what is nobody's."""
    named = parts.kind == Part.NEIGHBOUR
    return np.divide(parts.value, ALPHA * reach.values[parts.other], out=np.zeros(len(named)), where=named)


def _pieces(
    parts: Parts, score: str, names: Sequence[str], n: int, shares: Floats | None = None
) -> Iterator[tuple[list[Any], ...]]:
    """For each owner, the parts of one score as parallel lists: score, kind, value, from whom, their share."""
    kinds = [part.name for part in Part]
    ends = np.searchsorted(parts.owner, np.arange(n + 1))
    given = np.zeros(len(parts.owner)) if shares is None else shares
    for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        yield (
            [score] * (last - first),
            [kinds[kind] for kind in parts.kind[first:last].tolist()],
            parts.value[first:last].tolist(),
            [names[other] for other in parts.other[first:last].tolist()],
            given[first:last].tolist(),
        )


def _people(persons: Ints, uids: Sequence[str], slot: str) -> Iterator[dict[str, Any]]:
    """Of several accounts of a person each names the first, and the first names all."""
    several = np.flatnonzero(np.bincount(persons)[persons] > 1)
    accounts: dict[int, list[str]] = {}
    for account in several.tolist():
        accounts.setdefault(int(persons[account]), []).append(uids[account])
    for account, person in enumerate(persons.tolist()):
        named = uids[person] if person in accounts else None
        yield {"person" + slot: named, "accounts" + slot: accounts.get(account)}


def _nothing(slot: str) -> dict[str, None]:
    return {name + slot: None for name in PROPERTIES}
