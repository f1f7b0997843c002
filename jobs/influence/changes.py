"""What moved a score since the run before: parts that add up to the difference, from what both runs published."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.algorithms.standing import NEGATIVE_WEIGHT, PRIOR_WEIGHT

CHANGE = ("changeScore", "changeKind", "changeValue", "changeFrom")
BEFORE = ("changeSince", "reachBefore", "standingBefore", "voiceBefore")
KEPT = 10
# in this order: each step is taken from where the one before has led
STEPS = ("GONE", "FADED", "FAIRNESS", "OTHERS", "NEW")

Published = Mapping[str, Any]
Moved = tuple[str, str, float, str]


def change(before: Published | None, after: Published, since: str | None) -> dict[str, Any]:
    """The properties by `CHANGE` and `BEFORE`; all None for who was not ranked before.

    `before` and `after` are scores, parts and acts by their names without a slot; `since` is the as-of of the
    run before. The parts of each score add up to the difference of its values, an unknown one being 0.
    """
    if before is None:
        return dict.fromkeys((*CHANGE, *BEFORE))
    moved = [*_reach(before, after)]
    if before["actValue"] or after["actValue"]:
        for score in ("STANDING", "VOICE"):
            moved += _estimate(score, before, after, since or "")
    lists = [list(column) for column in zip(*moved, strict=True)] or [[], [], [], []]
    former = (since or "", *(before[name] for name in ("reach", "standing", "voice")))
    return dict(zip((*CHANGE, *BEFORE), (*lists, *former), strict=True))


def _reach(before: Published, after: Published) -> Iterator[Moved]:
    """What moved reach: for a neighbour of both runs, their own reach and the share of it that comes here."""
    old, new = _Neighbours.of(before), _Neighbours.of(after)
    others = new.others - old.others
    moved: list[tuple[str, float, str]] = []
    for who in {**old.named, **new.named}:
        mine = old.named.get(who), new.named.get(who)
        match mine:
            case (then, now) if then and now:
                moved += [(kind, value, who) for kind, value in _neighbour(then, now)]
            case (None, now) if now and old.complete:
                moved.append(("NEW", now[0], who))
            case (then, None) if then and new.complete:
                moved.append(("GONE", -then[0], who))
            case (then, now):
                # beside unnamed neighbours, who is named in one run may be one of them in the other
                others += (now[0] if now else 0.0) - (then[0] if then else 0.0)
    moved.sort(key=lambda part: (-abs(part[1]), part[2], part[0]))
    others += sum(value for _, value, _ in moved[KEPT:])
    steps = [*moved[:KEPT], ("OTHERS", others, ""), ("UNATTACHED", new.unattached - old.unattached, "")]
    return (("REACH", kind, value, who) for kind, value, who in steps if value)


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """The parts of a reach: of each named neighbour what they add, and the share they give."""

    named: dict[str, tuple[float, float]]
    others: float
    unattached: float
    complete: bool

    @classmethod
    def of(cls, published: Published) -> "_Neighbours":
        named, sums = dict[str, tuple[float, float]](), defaultdict[str, float](float)
        columns = (
            published[name] for name in ("partScore", "partKind", "partValue", "partFrom", "partShare")
        )
        for score, kind, value, who, share in zip(*columns, strict=True):
            if kind == "NEIGHBOUR":
                named[who] = value, share
            elif score == "REACH":
                sums[kind] += value
        return cls(named, sums["OTHERS"], sums["UNATTACHED"], "OTHERS" not in sums)


def _neighbour(then: tuple[float, float], now: tuple[float, float]) -> Iterator[tuple[str, float]]:
    """Value = α·reach·share: first the reach moves, then the share."""
    if then[1] and now[1]:
        moved = then[1] * (now[0] / now[1] - then[0] / then[1])
        yield "NEIGHBOUR_REACH", moved
        yield "RESPONSES", now[0] - then[0] - moved
    else:
        yield "RESPONSES", now[0] - then[0]


Act = tuple[float, float, float, str]  # what it weighs with its sign, what time left, fairness, when


def _estimate(score: str, before: Published, after: Published, since: str) -> Iterator[Moved]:
    """What moved standing or voice, step by step: an estimate is a balance by what was heard."""
    old, new = _Heard.of(score, before), _Heard.of(score, after)
    steps: dict[str, list[float]] = {step: [0.0, 0.0] for step in STEPS}

    def move(step: str, signed: float, by: float) -> None:
        steps[step][0] += signed * by
        steps[step][1] += abs(signed) * by

    for key in {**old.acts, **new.acts}:
        then, now = old.acts.get(key), new.acts.get(key)
        if then and now:
            move("FADED", then[0], (now[1] - then[1]) * then[2])
            move("FAIRNESS", then[0], now[1] * (now[2] - then[2]))
        elif then:
            move("GONE" if new.complete else "OTHERS", then[0], -then[1] * then[2])
        elif now:
            move("NEW" if old.complete or now[3] > since else "OTHERS", now[0], now[1] * now[2])
    steps["OTHERS"][0] += new.rest[0] - old.rest[0]
    steps["OTHERS"][1] += new.rest[1] - old.rest[1]
    balance, heard = old.state()
    for step in STEPS:
        former = balance / heard
        balance, heard = balance + steps[step][0], heard + steps[step][1]
        if value := balance / heard - former:
            yield score, step, value, ""


@dataclass(frozen=True, slots=True)
class _Heard:
    """The acts of an estimate by key, and what all unnamed acts together add to its balance and what was heard."""

    acts: dict[tuple[str, str, bool, int], Act]
    rest: tuple[float, float]
    complete: bool

    @classmethod
    def of(cls, score: str, published: Published) -> "_Heard":
        acts = dict[tuple[str, str, bool, int], Act]()
        seen = defaultdict[tuple[str, str, bool], int](int)
        rest, strongest, complete = 0.0, (0.0, 0.0), True
        names = ("Score", "Kind", "Value", "Of", "At", "Weight", "Left", "Fairness")
        columns = (published[f"act{name}"] or () for name in names)
        for of_score, kind, value, of, at, weight, left, fairness in zip(*columns, strict=True):
            if of_score != score:
                continue
            if kind == "OTHERS":
                rest, complete = value, False
                continue
            same = kind, of, weight < 0
            # a mention about two products is two acts
            seen[same] += 1
            signed = -NEGATIVE_WEIGHT if weight < 0 else 1.0
            acts[*same, seen[same]] = signed, left, fairness, at
            strongest = max(strongest, (abs(value), abs(signed) * left * fairness))
        if complete or not strongest[0]:
            return cls(acts, (0.0, 0.0), complete)
        heard = strongest[1] / strongest[0]
        listed = sum(abs(signed) * left * fairness for signed, left, fairness, _ in acts.values())
        return cls(acts, (rest * heard, heard - PRIOR_WEIGHT - listed), complete=False)

    def state(self) -> tuple[float, float]:
        """The balance and what was heard in all, the prior included."""
        worth = [signed * left * fairness for signed, left, fairness, _ in self.acts.values()]
        return sum(worth) + self.rest[0], sum(map(abs, worth)) + self.rest[1] + PRIOR_WEIGHT
