"""How fast one may act: a bucket of a minute's tokens, kept as the instant until which they are paid."""

import math

from graph.errors import TooFast
from graph.records import parse_instant

MINUTE = 60_000


def pay(paid: int | None, *, now: str, per_minute: int, field: str) -> int | None:
    """The new instant (ms since 1970) until which is paid, after one more act; None if all is free.

    An act costs 60,000/`per_minute` ms, and the instant is at most a minute ahead: the generic cell rate algorithm
    (ITU-T I.371), which lets `per_minute` acts through at once and then one each time that much has passed.

    Raises
    ------
    TooFast
        When a minute is paid ahead.
    """
    if per_minute <= 0:
        return None
    present = round(parse_instant(now).timestamp() * 1000)
    new = max(paid or 0, present) + MINUTE / per_minute
    if new > present + MINUTE:
        seconds = math.ceil((new - present - MINUTE) / 1000)
        raise TooFast(
            f"More than {per_minute} changes a minute: try again in {seconds} seconds.", field=field
        )
    return math.ceil(new)
