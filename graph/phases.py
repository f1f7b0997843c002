"""When a challenge takes ideas and votes: its phases, and their instants by the clock of a place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graph import validate
from graph.errors import Invalid
from graph.records import to_instant

# The instants between phases, in their order; each may be absent.
INSTANTS = ("opensAt", "voteAt", "closesAt", "decidedAt")


class Phase(StrEnum):
    """What a challenge is at: a function of its instants and of the present, stored nowhere."""

    UPCOMING = "UPCOMING"
    OPEN = "OPEN"
    COLLECT = "COLLECT"
    VOTE = "VOTE"
    REVIEW = "REVIEW"
    DECIDED = "DECIDED"

    @property
    def takes_ideas(self) -> bool:
        """Ideas may be proposed."""
        return self in {Phase.OPEN, Phase.COLLECT}

    @property
    def takes_votes(self) -> bool:
        """Votes may be cast, changed and withdrawn."""
        return self in {Phase.OPEN, Phase.VOTE}


# The same as phase_of, over a challenge `{h}` and the present `$now`.
PHASE = (
    "CASE WHEN {h}.decidedAt <= $now THEN 'DECIDED' WHEN {h}.closesAt <= $now THEN 'REVIEW' "
    "WHEN {h}.opensAt > $now THEN 'UPCOMING' WHEN {h}.voteAt IS NULL THEN 'OPEN' "
    "WHEN {h}.voteAt > $now THEN 'COLLECT' ELSE 'VOTE' END"
)


# Whether who asks may see the tally of an idea `{x}`: staff may (`$sees`), customers once votes cannot follow it.
SHOWN = (
    "($sees OR NOT EXISTS {{ MATCH ({x})-[:IN_CHALLENGE]->(kept) WHERE kept.hidesTally = true "
    "AND coalesce(kept.closesAt, '9') > $now AND coalesce(kept.decidedAt, '9') > $now }})"
)
# The same of what votes say in a challenge `{h}`.
SHOWN_IN_CHALLENGE = (
    "($sees OR coalesce({h}.hidesTally, false) = false OR coalesce({h}.closesAt, '9') <= $now "
    "OR coalesce({h}.decidedAt, '9') <= $now)"
)


def phase_of(stored: Mapping[str, Any], now: str) -> Phase:
    """The phase of a challenge with these instants; a phase begins at its instant.

    >>> standing, now = {}, "2026-01-02T00:00:00.000Z"
    >>> phase_of(standing, now), phase_of({"voteAt": "2026-02-01T00:00:00.000Z"}, now)
    (<Phase.OPEN: 'OPEN'>, <Phase.COLLECT: 'COLLECT'>)
    """
    opens, votes, closes, decided = (stored.get(name) for name in INSTANTS)
    if decided and decided <= now:
        return Phase.DECIDED
    if closes and closes <= now:
        return Phase.REVIEW
    if opens and opens > now:
        return Phase.UPCOMING
    if votes is None:
        return Phase.OPEN
    return Phase.COLLECT if votes > now else Phase.VOTE


def check_order(stored: Mapping[str, Any]) -> None:
    """Refuse instants that do not follow each other; a challenge is open for some time."""
    opens, closes = stored.get("opensAt"), stored.get("closesAt")
    if opens and closes and closes <= opens:
        raise Invalid("A challenge closes after it opens: give a later closesAt.", field="closesAt")
    given = [name for name in INSTANTS if stored.get(name)]
    for before, after in pairwise(given):
        if stored[after] < stored[before]:
            raise Invalid(f"{after} is before {before}: give a later one.", field=after)


def zone(name: object, field: str) -> ZoneInfo:
    """A time zone by its IANA name, such as Europe/Istanbul."""
    shown = validate.line(name, field)
    try:
        return ZoneInfo(shown)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{field} is no time zone: name one like Europe/Istanbul.", field=field) from error


def instant_in(value: object, place: ZoneInfo, field: str) -> str:
    """An instant with its offset, or what the clock of a place shows, as fixed-width UTC text.

    Raises
    ------
    Invalid
        When it is neither, or when that clock shows it never or twice, as clocks are put forward and back.

    >>> instant_in("2026-07-01T09:00", ZoneInfo("Europe/Berlin"), "opensAt")
    '2026-07-01T07:00:00.000Z'
    """
    text = validate.line(value, field)
    try:
        shown = datetime.fromisoformat(text)
        if shown.tzinfo is not None:
            return validate.moment(text, field)
        meant = {shown.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
        found = [at for at in meant if at.astimezone(place).replace(tzinfo=None) == shown]
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{field} is no instant: write it like 2026-01-31T09:00.", field=field) from error
    if len(found) != 1:
        often = "twice" if found else "never"
        raise Invalid(f"Clocks in {place} show {text} {often}: write {field} with its offset.", field=field)
    return to_instant(found[0])
