"""What happened in each community, and what follows from it: arrays in, values out.

What a member says in a place counts there and nowhere else, what they say in none counts in all their
communities. A detected community has no place of its own: whatever its members say counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graph.happenings import Asked, Said, Spoken, Wanted
from graph.influence import MemberTable, Population, Ties
from jobs.algorithms.collective import Action, Raised, collective_actions
from jobs.algorithms.concerned import concerned
from jobs.algorithms.consensus import wilson_lower_bound
from jobs.algorithms.continuity import NONE, Overlaps, overlap
from jobs.algorithms.health import WINDOW, Acts, Happenings, Health, Moods, Questions, Replies, Warn, health
from jobs.algorithms.membership import Memberships
from jobs.algorithms.mood import NEUTRAL_BELOW
from jobs.algorithms.wording import same_words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MATTERS = 5  # subjects and ideas shown of a community
WEEKS = 26
MONDAY = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True, slots=True)
class Known:
    """What a run reads; `detected` says of each community whether it was found in the ties."""

    as_of: np.datetime64
    population: Population
    members: MemberTable
    detected: npt.NDArray[np.bool_]
    ties: Ties
    said: Said
    asked: Asked
    subjects: Spoken
    subject_uids: Sequence[str]
    words: Spoken
    signatures: Sequence[npt.NDArray[Any]]
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Matter:
    """What a community speaks of: by how many members, in how many mentions, in which mood (None: unknown)."""

    subject: int
    members: int
    mentions: int
    mood: float | None


@dataclass(frozen=True, slots=True)
class Together:
    """A collective action with the mentions that make it up, one a member, the worst moods first."""

    action: Action
    subject: int | None
    mentions: list[str]


@dataclass(frozen=True, slots=True)
class Week:
    """The mood of a week that begins on this day (since 1970), and the mentions it is of."""

    day: int
    mood: float
    mentions: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run found out; each list has one place a community."""

    health: list[Health]
    concerned: list[dict[Warn, list[int]]]
    weeks: list[list[Week]]
    matters: list[list[Matter]]
    ideas: list[list[tuple[str, float, int, int]]]
    actions: list[list[Together]]
    overlaps: Overlaps


def measure(known: Known) -> Measured:
    """Everything about every community; the same data gives the same answer."""
    number = len(known.members.communities)
    inside = Memberships.of(known.members.customer, known.members.community, len(known.population))
    happened = _happenings(known, inside)
    found = health(inside, number, happened, known.as_of)
    return Measured(
        found,
        concerned(inside, found, happened, known.as_of),
        _weeks(happened.moods, known.as_of, number),
        _matters(known, inside, number),
        _ideas(known.wanted, number),
        _actions(known, inside, number),
        _overlaps(known),
    )


def _placed(known: Known, inside: Memberships, author: Ints, place: Ints) -> tuple[Ints, Ints]:
    """In which communities each thing was said by a member: positions in what was given, and memberships."""
    rows, node = inside.each(author)
    community = inside.communities[node]
    here = (place[rows] == NONE) | (place[rows] == community) | known.detected[community]
    return rows[here], node[here]


def _happenings(known: Known, inside: Memberships) -> Happenings:
    rows, node = _placed(known, inside, known.said.author, known.said.place)
    _, sources, targets = inside.between(known.ties.source, known.ties.target)
    at, mood = known.said.at[rows], known.said.mood[rows]
    felt = ~np.isnan(mood)
    moods = Moods(
        inside.communities[node[felt]], known.said.author[rows[felt]], mood[felt], known.said.at[rows[felt]]
    )
    return Happenings(Acts(node, at), sources, targets, *_questions(known, inside), moods)


def _questions(known: Known, inside: Memberships) -> tuple[Questions, Replies]:
    """Questions once for each community they were asked in, also by strangers; and their replies likewise."""
    asked = known.asked
    rows, node = _placed(known, inside, asked.asker, asked.place)
    strange = np.flatnonzero((asked.place != NONE) & (inside.find(asked.asker, asked.place) == NONE))
    rows = np.concatenate([rows, strange])
    community = np.concatenate([inside.communities[node], asked.place[strange]])
    starts = np.searchsorted(asked.question, np.arange(len(asked.asker) + 1))
    counts = (starts[1:] - starts[:-1])[rows]
    question = np.repeat(np.arange(len(rows)), counts)
    within = np.arange(len(question)) - np.repeat(np.cumsum(counts) - counts, counts)
    reply = starts[rows][question] + within
    author = asked.author[reply]
    return (
        Questions(community, asked.asker[rows], asked.at[rows]),
        Replies(question, author, asked.replied[reply], author == NONE),
    )


def _days(at: npt.NDArray[np.datetime64]) -> Ints:
    return at.astype("datetime64[D]").astype(np.int64)


def _weeks(moods: Moods, as_of: np.datetime64, number: int) -> list[list[Week]]:
    """The mood of each community in the last 26 weeks in which a mood is known."""
    day = _days(moods.at)
    monday = day - (day + MONDAY) % 7
    last = int(as_of.astype("datetime64[D]").astype(np.int64))
    chosen = ~np.isnat(moods.at) & (monday > last - 7 * WEEKS) & (day <= last)
    pairs, at, counts = np.unique(
        np.stack([moods.community[chosen], monday[chosen]]), axis=1, return_inverse=True, return_counts=True
    )
    mean = np.bincount(at.reshape(-1), weights=moods.value[chosen], minlength=len(counts)) / counts
    found: list[list[Week]] = [[] for _ in range(number)]
    for community, week, mood, mentions in zip(*pairs.tolist(), mean.tolist(), counts.tolist(), strict=True):
        found[community].append(Week(week, mood, mentions))
    return found


def _matters(known: Known, inside: Memberships, number: int) -> list[list[Matter]]:
    """What each community spoke of in the last window, by how many members spoke of it."""
    spoken = known.subjects
    rows, node = _placed(known, inside, spoken.author, spoken.place)
    recent = spoken.at[rows] > known.as_of - WINDOW
    rows, community = rows[recent], inside.communities[node[recent]]
    triples = np.stack([community, spoken.matter[rows], spoken.author[rows]])
    people = np.unique(triples, axis=1)[:2]
    pairs, members = np.unique(people, axis=1, return_counts=True)
    _, at, mentions = np.unique(triples[:2], axis=1, return_inverse=True, return_counts=True)
    felt = ~np.isnan(spoken.mood[rows])
    known_moods = np.bincount(at.reshape(-1)[felt], minlength=len(mentions))
    total = np.bincount(at.reshape(-1)[felt], weights=spoken.mood[rows[felt]], minlength=len(mentions))
    found: list[list[Matter]] = [[] for _ in range(number)]
    for place in np.lexsort([pairs[1], -mentions, -members, pairs[0]]).tolist():
        shown = found[int(pairs[0][place])]
        if len(shown) < MATTERS:
            mood = float(total[place] / known_moods[place]) if known_moods[place] else None
            shown.append(Matter(int(pairs[1][place]), int(members[place]), int(mentions[place]), mood))
    return found


def _ideas(wanted: Wanted, number: int) -> list[list[tuple[str, float, int, int]]]:
    """The open ideas with most support among the members of each community: uid, support, for, votes."""
    support = wilson_lower_bound(wanted.ups, wanted.votes)
    found: list[list[tuple[str, float, int, int]]] = [[] for _ in range(number)]
    names = np.array(wanted.ideas, dtype=np.str_)
    for place in np.lexsort([names, -support, wanted.community]).tolist():
        shown = found[int(wanted.community[place])]
        if len(shown) < MATTERS and support[place] > 0:
            row = float(support[place]), int(wanted.ups[place]), int(wanted.votes[place])
            shown.append((wanted.ideas[place], *row))
    return found


def _actions(known: Known, inside: Memberships, number: int) -> list[list[Together]]:
    """The collective actions in each community, the latest first; one by wording only if no subject tells it."""
    rows, node = _placed(known, inside, known.said.author, known.said.place)
    dated = ~np.isnat(known.said.at[rows])
    done = np.stack([node[dated], _days(known.said.at[rows[dated]])])
    nodes, days = np.unique(done, axis=1)
    activity = (inside.communities[nodes], days)
    found: list[list[Together]] = [[] for _ in range(number)]
    for together in _raised(known, inside, activity, known.subjects, known.subjects.matter, named=True):
        found[together.action.community].append(together)
    subjects = {together.subject for shown in found for together in shown}
    told = set(
        known.subjects.uid[
            np.isin(known.subjects.matter, [each for each in subjects if each is not None])
        ].tolist()
    )
    groups = same_words(known.signatures)
    alone = groups == NONE
    groups[alone] = len(groups) + np.flatnonzero(alone)
    for together in _raised(known, inside, activity, known.words, groups[known.words.matter], named=False):
        if 2 * sum(uid.encode() in told for uid in together.mentions) < len(together.mentions):
            found[together.action.community].append(together)
    return [sorted(shown, key=lambda each: (-each.action.until, -each.action.members)) for shown in found]


def _raised(
    known: Known,
    inside: Memberships,
    activity: tuple[Ints, Ints],
    spoken: Spoken,
    matter: Ints,
    *,
    named: bool,
) -> list[Together]:
    """The collective actions in what was said; of a subject only what is said in a bad mood is a demand."""
    rows, node = _placed(known, inside, spoken.author, spoken.place)
    if named:
        bad = spoken.mood[rows] <= -NEUTRAL_BELOW
        rows, node = rows[bad], node[bad]
    raised = Raised(inside.communities[node], matter[rows], spoken.author[rows], _days(spoken.at[rows]))
    last = int(known.as_of.astype("datetime64[D]").astype(np.int64))
    return [
        Together(action, action.matter if named else None, _mentions(spoken, rows[action.rows]))
        for action in collective_actions(raised, activity, last)
    ]


def _mentions(spoken: Spoken, rows: Ints) -> list[str]:
    """One mention of each member, the worst first."""
    mood = np.nan_to_num(spoken.mood[rows])
    order = np.lexsort([spoken.uid[rows], spoken.at[rows], mood])
    first = np.sort(np.unique(spoken.author[rows[order]], return_index=True)[1])
    return [uid.decode() for uid in spoken.uid[rows[order[first]]].tolist()]


def _overlaps(known: Known) -> Overlaps:
    """What detected communities share with declared ones."""
    found = known.detected[known.members.community]
    labels = np.full(len(known.population), NONE, dtype=np.int64)
    labels[known.members.customer[found]] = known.members.community[found]
    return overlap(labels, known.members.customer[~found], known.members.community[~found])
