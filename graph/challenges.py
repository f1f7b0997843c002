"""Challenges: questions of the brand, the rules by which customers take part in them, and their phases."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from graph import notices, phases, validate
from graph.changes import check_change
from graph.driver import Transaction
from graph.errors import Closed, Invalid
from graph.known import Noun, require
from graph.moderation import ModeratedWhen
from graph.participation import Admit, nobody
from graph.phases import INSTANTS, Phase
from graph.records import new_uid
from graph.rows import one, run
from graph.text import fold

LIMIT = 1_000_000
CATEGORIES = 50


class VoteKind(StrEnum):
    """What votes of a challenge say."""

    APPROVAL = "APPROVAL"
    UP_DOWN_PASS = "UP_DOWN_PASS"  # noqa: S105 (no password)
    POINTS = "POINTS"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Which challenge a write met, and whether it was new."""

    uid: str
    external_id: str
    created: bool


def _title(value: object, field: str) -> str:
    return validate.line(value, field)


def _count(value: object, field: str) -> int:
    found = validate.number(value, field, low=1, high=LIMIT)
    if not found.is_integer():
        raise Invalid(f"{field} is {found:g}: give a whole number.", field=field)
    return math.floor(found)


def _kind(value: object, field: str) -> str:
    return validate.choice(VoteKind, value, field).value


def _moderation(value: object, field: str) -> str:
    return validate.choice(ModeratedWhen, value, field).value


def _zone(value: object, field: str) -> str:
    return phases.zone(value, field).key


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(f"{field} is neither true nor false: give one of them.", field=field)
    return value


def _cost(value: object, field: str) -> float:
    return validate.number(value, field, low=0)


def _share(value: object, field: str) -> float:
    return validate.number(value, field, low=0, high=1)


def _categories(value: object, field: str) -> list[str] | None:
    given = value if isinstance(value, list) else [value]
    lines = [validate.line(each, field) for each in given]
    return sorted(validate.several(lines, field, maximum=CATEGORIES)) or None


def _as_given(value: object, field: str) -> object:
    return value


FIELDS: dict[str, Callable[[object, str], object]] = {
    "title": _title,
    "question": validate.prose,
    "timeZone": _zone,
    "kind": _kind,
    "moderation": _moderation,
    "ideaLimit": _count,
    "voteLimit": _count,
    "pointBudget": _count,
    "untrustedShare": _share,
    "hidesTally": _flag,
    "categories": _categories,
    "currency": _title,
    "costBudget": _cost,
    "audience": _as_given,  # text that the API made of a filter
}

# The touch takes the lock: of two changes the later one sees what the first has left.
CHALLENGE = """
MERGE (h:Challenge {externalId: $externalId})
ON CREATE SET h.uid = $uid, h.createdAt = $now
SET h.touched = coalesce(h.touched, 0) + 1
RETURN h.uid AS uid, properties(h) AS stored
"""

LOCK = """
MATCH (h:Challenge {uid: $uid})
SET h.touched = coalesce(h.touched, 0) + 1
RETURN h.externalId AS externalId, properties(h) AS stored
"""

SAVE = """
MATCH (h:Challenge {uid: $uid})
SET h += $properties
"""


async def challenge_open(
    tx: Transaction,
    *,
    title: str,
    now: str,
    question: str | None = None,
    opens_at: str | None = None,
    closes_at: str | None = None,
    external_id: str | None = None,
    fields: Mapping[str, object] | None = None,
    admit: Admit = nobody,
) -> Challenge:
    """Ask a question to which customers propose ideas; the same external id changes what is given of that challenge.

    `fields` are its rules, by the names in `FIELDS` and `INSTANTS`. A challenge without instants is a standing
    board: it takes ideas and votes without end.
    """
    named = {"question": question, "opensAt": opens_at, "closesAt": closes_at}
    given = {"title": title} | {name: value for name, value in named.items() if value is not None}
    uid = new_uid()
    key = uid if external_id is None else validate.identifier(external_id, "externalId")
    row = await one(tx, CHALLENGE, externalId=key, uid=uid, now=now) or {"uid": uid, "stored": {}}
    made = Challenge(row["uid"], key, row["uid"] == uid)
    await _change(tx, made, row["stored"], given | dict(fields or {}), admit)
    return made


async def challenge_edit(
    tx: Transaction, *, challenge: str, fields: Mapping[str, object], admit: Admit = nobody
) -> Challenge:
    """Change what is given of a challenge, None clears it; what is left out stays.

    Raises
    ------
    Closed
        When ideas or votes that it has would be against the new rules.
    """
    uid = await require(tx, Noun.CHALLENGE, challenge, "challenge")
    row = await one(tx, LOCK, uid=uid) or {"externalId": uid, "stored": {}}
    kept = Challenge(uid, row["externalId"], created=False)
    await _change(tx, kept, row["stored"], fields, admit)
    return kept


async def _change(
    tx: Transaction,
    challenge: Challenge,
    stored: Mapping[str, Any],
    given: Mapping[str, object],
    admit: Admit,
) -> None:
    properties = _read(given, stored)
    wanted = {**stored, **properties}
    changed = {name for name, value in properties.items() if value != stored.get(name)}
    if changed.intersection(INSTANTS):
        phases.check_order(wanted)
    _check_rules(wanted)
    if not challenge.created:
        await check_change(tx, challenge.uid, stored, wanted, changed, admit)
    await run(tx, SAVE, uid=challenge.uid, properties=properties)


def _read(given: Mapping[str, object], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a change brings; instants without an offset are by the challenge's clock."""
    read = {
        name: None if value is None and name != "title" else FIELDS[name](value, name)
        for name, value in given.items()
        if name not in INSTANTS
    }
    place = ZoneInfo(str(read.get("timeZone") or stored.get("timeZone") or "UTC"))
    for name in INSTANTS:
        if name in given:
            value = given[name]
            read[name] = None if value is None else phases.instant_in(value, place, name)
    if "title" in read:
        read["titleKey"] = fold(str(read["title"]))
    return read


def _check_rules(wanted: Mapping[str, Any]) -> None:
    has_points = wanted.get("kind") == VoteKind.POINTS
    if has_points and not wanted.get("pointBudget"):
        raise Invalid("Points are given out of a budget: say how many each has.", field="pointBudget")
    if wanted.get("pointBudget") and not has_points:
        raise Invalid("Only a challenge of kind POINTS has a budget of points.", field="pointBudget")
    if wanted.get("untrustedShare") is not None and not (wanted.get("voteLimit") or has_points):
        raise Invalid("A share is of a limit: say on how many ideas each may vote.", field="voteLimit")
    if wanted.get("costBudget") is not None and not wanted.get("currency"):
        raise Invalid("A budget is in a currency: name it.", field="currency")


BEGINS = {
    Phase.OPEN: "opensAt",
    Phase.COLLECT: "opensAt",
    Phase.VOTE: "voteAt",
    Phase.REVIEW: "closesAt",
    Phase.DECIDED: "decidedAt",
}
LAST = chr(0x10FFFF)  # later than every instant


async def challenge_advance(tx: Transaction, *, challenge: str, phase: str, now: str) -> Challenge:
    """Begin a later phase now; instants of phases that are passed by are now, too.

    Raises
    ------
    Closed
        When the challenge is in this phase or beyond it.
    """
    wanted = validate.choice(Phase, phase, "phase")
    uid = await require(tx, Noun.CHALLENGE, challenge, "challenge")
    row = await one(tx, LOCK, uid=uid) or {"externalId": uid, "stored": {}}
    stored = row["stored"]
    last = BEGINS.get(wanted)
    passed = INSTANTS[: INSTANTS.index(last) + 1] if last else ()
    properties = {name: now for name in passed if (stored.get(name) or (LAST if name == last else "")) > now}
    before, after = phases.phase_of(stored, now), phases.phase_of({**stored, **properties}, now)
    if after is not wanted or before is after:
        raise Closed(f"A challenge in phase {before} cannot advance to {wanted}.", field="phase")
    await run(tx, SAVE, uid=uid, properties=properties)
    if after is Phase.DECIDED:
        await notices.announce_decided(tx, challenge=uid, now=now)
    return Challenge(uid, row["externalId"], created=False)
