"""Ids and instants as the graph stores them."""

import itertools
import os
import re
import threading
import time
from datetime import UTC, date, datetime
from typing import NewType

from graph.errors import Invalid

Uid = NewType("Uid", str)
Instant = NewType("Instant", str)

STORED = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d\.\d{3}Z", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_lock = threading.Lock()
_last = 0
_turn = itertools.count()


def new_uid() -> Uid:
    """A UUIDv7: sorts by time, and within this process always after the one before."""
    global _last
    noise = os.urandom(9)
    with _lock:
        # 48 bits of milliseconds above a 26-bit counter that starts at random and carries into the next ms
        fresh = time.time_ns() // 1_000_000 << 26 | int.from_bytes(noise[:3])
        _last = max(fresh, _last + 1)
        stamp, counter = _last >> 26, _last & (1 << 26) - 1
    # 74 bits: 12 beside the version, 62 beside the variant
    random = counter << 48 | int.from_bytes(noise[3:])
    return _uid(stamp, random)


def _uid(stamp: int, random: int) -> Uid:
    high, low = random >> 62, random & (1 << 62) - 1
    digits = f"{stamp << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low:032x}"
    return Uid(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")


def uid_at(at: str) -> Uid:
    """A UUIDv7 of a stored instant: what is older sorts before; of one instant, what was asked for first."""
    stamp = max(0, round(parse_instant(at).timestamp() * 1000))
    random = next(_turn) % 2**26 << 48 | int.from_bytes(os.urandom(6))
    return _uid(stamp, random)


def to_instant(value: datetime) -> Instant:
    """An aware datetime as 24 characters of UTC text, cut to milliseconds."""
    if value.utcoffset() is None:
        raise Invalid("An instant needs a time zone, such as 2026-01-01T09:00:00+03:00")
    return Instant(value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z")


def instant(value: str) -> Instant:
    """ISO 8601 text with a zone as stored text: `2026-01-01T00:00:00.000Z`."""
    try:
        parsed = datetime.fromisoformat(value)
        # most are written as they are stored; to take them as they are costs a third
        return Instant(value) if STORED.fullmatch(value) else to_instant(parsed)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{value!r} is not an instant; write it like 2026-01-01T09:00:00+03:00") from error


def instant_or_day(value: str) -> Instant:
    """What people type where an instant is meant: one with its zone, or a date, the start of that day in UTC."""
    given = value.strip()
    return instant(f"{given}T00:00Z" if DATE.fullmatch(given) else given)


def now() -> Instant:
    """The present instant."""
    return to_instant(datetime.now(UTC))


def parse_instant(value: str) -> datetime:
    """A stored instant as an aware datetime."""
    return datetime.fromisoformat(value)


def day(value: str) -> str:
    """An ISO date, checked: `2026-01-01`."""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise Invalid(f"{value!r} is not a date; write it like 2026-01-31") from error
