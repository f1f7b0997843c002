"""What ties and acts say of each customer, overall and inside each community: arrays in, arrays out.

Where the design leaves room, this is decided: a mood counts from |sentiment| ≥ .05, once for each product the
mention names, else once for the brand, and at most once per author, product and day; a warning is negative
whatever the sign of its weight; a recommendation without product says something of the brand and of whom it
recommends. Inside a community, reach comes from ties between members, standing from acts between members and
voice from all acts of a member; a mention placed in a community counts in no other. Trust is not measured there: a
ring would be the largest circle of the community it founds. A member has the trust they have overall, and vouched
is from acts between members.

Reach, standing and voice are of accounts; in trust, vouched and the number of people, those of one person are one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graph.influence import Acts, MemberTable, Population, Ties
from jobs.algorithms import decay
from jobs.algorithms.acts import counted
from jobs.algorithms.bands import Band, bands
from jobs.algorithms.influence import advocacy, harm, margin
from jobs.algorithms.membership import Memberships
from jobs.algorithms.persons import persons
from jobs.algorithms.reach import Reach, reach
from jobs.algorithms.standing import Estimate, estimate, fairness_goodness
from jobs.influence.said import Said
from jobs.influence.trusted import Doubt, Trusted
from jobs.ties import aged, codes, made

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Margined = tuple[Floats, Floats]

MOODS = ("REPLY", "SHARE", "NAMING", "MOOD")
STANDING = ("RATING", "DEFENCE", "REPLY", "NAMING")
VOICE = ("MOOD", "RECOMMENDATION", "WARNING", "REFERRAL")


@dataclass(frozen=True, slots=True)
class Known:
    """What a run reads: a pure function of the graph and its as-of; `shared` are accounts and what they share."""

    as_of: str | None
    population: Population
    members: MemberTable
    acts: Acts
    ties: Ties | None
    shared: tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Scores:
    """The estimates of each customer, or of each membership, and what follows from them."""

    reach: Reach
    standing: Estimate
    voice: Estimate
    about: Said
    by: Said
    trust: Floats
    vouched: Floats
    people: Ints
    acts: Ints
    doubt: Doubt

    def columns(self) -> dict[str, list[Any]]:
        """Each score by customer with its margin, and how many acts and people they come from; unknown is None."""
        r, s, v = self.reach, self.standing, self.voice
        return {
            **scored(
                (r.values, r.margin()), (s.values, s.margin()), (v.values, v.margin()), s.known, v.known
            ),
            "standingPeople": self.people.tolist(),
            "voiceActs": self.acts.tolist(),
            **vetted(self.trust, self.vouched, v.values, s.known, v.known, self.doubt),
        }

    def bands(self, former: Ints) -> list[str | None]:
        """The band of each customer, given that of the run before."""
        return named_bands(self.voice.values, self.standing.values, self.acts, self.people, former)


def scored(
    reached: Margined, stood: Margined, spoke: Margined, stands: Mask, speaks: Mask
) -> dict[str, list[Any]]:
    """The five scores and their margins, from values and margins of reach, standing and voice, and who has any."""
    against = (-spoke[0], spoke[1])
    return {
        "reach": reached[0].tolist(),
        "standing": _maybe(stood[0], stands),
        "voice": _maybe(spoke[0], speaks),
        "advocacy": _maybe(advocacy(reached[0], spoke[0], stood[0]), speaks),
        "harm": _maybe(harm(reached[0], spoke[0], stood[0]), speaks),
        "reachMargin": reached[1].tolist(),
        "standingMargin": _maybe(stood[1], stands),
        "voiceMargin": _maybe(spoke[1], speaks),
        "advocacyMargin": _maybe(margin(reached, spoke, stood), speaks),
        "harmMargin": _maybe(margin(reached, against, stood), speaks),
    }


def vetted(
    trust: Floats, vouched: Floats, voice: Floats, stands: Mask, speaks: Mask, doubt: Doubt
) -> dict[str, list[Any]]:
    """Trust and what follows from it, given who has a standing and a voice."""
    return {
        "trust": trust.tolist(),
        "vouched": _maybe(vouched, stands),
        "trustedAdvocacy": _maybe(advocacy(trust, voice, vouched), speaks),
        "trustedHarm": _maybe(harm(trust, voice, vouched), speaks),
        "reachPercentile": _maybe(doubt.reach, doubt.known),
        "trustPercentile": _maybe(doubt.trust, doubt.known),
        "doubtfulReach": doubt.found().tolist(),
    }


def named_bands(voice: Floats, standing: Floats, acts: Ints, people: Ints, former: Ints) -> list[str | None]:
    """The name of the band of each customer, given that of the run before; None is none yet."""
    found = bands(voice, standing, acts, people, former)
    return [None if band == Band.UNKNOWN else Band(band).name for band in found.tolist()]


@dataclass(frozen=True, slots=True)
class Measured:
    """All scores of a run."""

    overall: Scores
    inside: Scores
    memberships: Memberships
    ties: int
    persons: Ints


def measure(known: Known) -> Measured:
    """Every score of every customer, overall and inside each community; the same data gives the same bits."""
    n, until = len(known.population), decay.until(known.as_of)
    acts = _signed(known.acts)
    about, by = _about(acts), _by(acts)
    fairness = fairness_goodness(about.source, about.target, about.weight, n).fairness
    ties = made(known.acts, n, until) if known.ties is None else aged(known.ties, until)
    inside = Memberships.of(known.members.customer, known.members.community, n)
    heard, spoken = (Said.of(acts, np.arange(len(acts)), fairness, until) for acts in (about, by))
    trusted = Trusted.of(ties, persons(*known.shared, n), until)
    overall = _overall(ties, heard, spoken, trusted)
    members = _members(ties, *_inside(about, by, inside, fairness, until), trusted, inside)
    return Measured(overall, members, inside, len(ties.source), trusted.persons)


def _overall(ties: Ties, about: Said, by: Said, trusted: Trusted) -> Scores:
    n = len(trusted.values)
    far = reach(ties.source, ties.target, ties.weight, n)
    standing = _estimate(about, about.acts.target, about.acts.source, n)
    voice = _estimate(by, by.acts.source, by.acts.target, n)
    heard = np.bincount(ties.target, minlength=n) > 0
    return Scores(
        reach=far,
        standing=standing,
        voice=voice,
        about=about,
        by=by,
        trust=trusted.values,
        vouched=trusted.vouched(about, about.acts.target, n),
        people=standing.people(trusted.persons, trusted.persons),
        acts=voice.acts(),
        doubt=Doubt.of(far.values, trusted.values, heard),
    )


def _members(
    ties: Ties, about: Said, rated: Ints, by: Said, speakers: Ints, trusted: Trusted, inside: Memberships
) -> Scores:
    n, who = len(inside), inside.customers
    rows, here, there = inside.between(ties.source, ties.target)
    standing = _estimate(about, rated, about.acts.source[about.rows], n)
    voice = _estimate(by, speakers, by.acts.target[by.rows], n)
    return Scores(
        reach=reach(here, there, ties.weight[rows], n, blocks=inside.communities),
        standing=standing,
        voice=voice,
        about=about,
        by=by,
        trust=trusted.values[who],
        vouched=trusted.vouched(about, rated, n),
        people=standing.people(trusted.persons, trusted.persons[who]),
        acts=voice.acts(),
        doubt=Doubt(np.full(n, np.nan), np.full(n, np.nan)),
    )


def _signed(acts: Acts) -> Acts:
    """The acts that say something, by their weight: warnings always warn."""
    weight = np.where(acts.kind == "WARNING", -np.abs(acts.weight), acts.weight)
    signed = Acts(acts.kind, acts.source, acts.target, weight, acts.at, acts.subject, acts.place, acts.ids)
    return signed.where(weight != 0)


def _about(acts: Acts) -> Acts:
    """The counted acts that say something of whom they are addressed to."""
    brand = np.array([not subject for subject in acts.subject], dtype=bool)
    chosen = np.isin(acts.kind, STANDING) | ((acts.kind == "RECOMMENDATION") & brand)
    return _counted(acts.where(chosen))


def _by(acts: Acts) -> Acts:
    """The counted acts that say something of the brand or a product; a mood is towards its product."""
    return _counted(acts.where(np.isin(acts.kind, VOICE)))


def _counted(acts: Acts) -> Acts:
    subject = np.unique(np.array(acts.subject, dtype=np.str_), return_inverse=True)[1]
    target = np.where(acts.kind == "MOOD", subject, acts.target)
    return acts.where(counted(codes(acts.kind), acts.source, target, acts.at, acts.ids))


def _estimate(said: Said, owner: Ints, other: Ints, n: int) -> Estimate:
    return estimate(owner, said.acts.weight[said.rows], said.left, said.fairness, n, others=other)


def _inside(
    about: Acts, by: Acts, inside: Memberships, fairness: Floats, until: np.datetime64
) -> tuple[Said, Ints, Said, Ints]:
    """What members say of members, and what each member says, with the membership each act is of."""
    rows, _, node = inside.between(about.source, about.target)
    rows, rated = _placed(about, inside, rows, node)
    heard = Said.of(about, rows, fairness, until)
    rows, node = inside.each(by.source)
    rows, speakers = _placed(by, inside, rows, node)
    return heard, rated, Said.of(by, rows, fairness, until), speakers


def _placed(acts: Acts, inside: Memberships, rows: Ints, node: Ints) -> tuple[Ints, Ints]:
    """Leave out what was said in another community."""
    place = acts.place[rows]
    here = (place < 0) | (place == inside.communities[node])
    return rows[here], node[here]


def _maybe(values: Floats, known: Mask) -> list[float | None]:
    return [
        value if is_known else None for value, is_known in zip(values.tolist(), known.tolist(), strict=True)
    ]
