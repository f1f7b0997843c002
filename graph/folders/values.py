"""Reads the text of a cell as the value the graph stores; a ValueError says what is wrong with it."""

import math
import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from graph import phases, records, validate
from graph.errors import GraphError
from graph.referrals import code_key
from graph.text import identity_key, normalise_email, normalise_phone

Value = str | int | float | bool | list[str]
Read = Callable[[str], Value]

ID_LIMIT = 200
LINE_LIMIT = 1_000
TEXT_LIMIT = 2**20
URL_LIMIT = 2_000
_INNER = re.compile(r"[\\|]")
_ESCAPED = re.compile(r"\\([\\|])")
_PART = re.compile(r"(?:\A|\|)((?:\\[\\|]|[^|])*)", re.DOTALL)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def text(cell: str, limit: int = TEXT_LIMIT) -> str:
    """Text of any number of lines, kept as written."""
    if len(cell) > limit:
        raise ValueError(f"{len(cell):,} characters are too many, at most {limit:,}")
    return cell


def line(cell: str) -> str:
    """A short text such as a name or a title."""
    return text(cell, LINE_LIMIT)


def zone(cell: str) -> str:
    """The IANA name of a time zone."""
    return _checked(lambda: phases.zone(cell.strip(), "time_zone").key)


def url(cell: str) -> str:
    """A web address."""
    if not cell.lower().startswith(("http://", "https://")):
        raise ValueError(f"{shown(cell)} is not a web address: it begins with https://")
    return text(cell, URL_LIMIT)


def secure(cell: str) -> str:
    """A web address that begins with https://."""
    if not cell.lower().startswith("https://"):
        raise ValueError(f"{shown(cell)} does not begin with https://")
    return text(cell, URL_LIMIT)


def identifier(cell: str) -> str:
    """The id of a record, without the blanks around it."""
    return text(cell.strip(), ID_LIMIT)


def handle(cell: str) -> str:
    """An account of a customer, `channel:handle`."""
    channel, separator, name = cell.strip().partition(":")
    if not (separator and channel.strip() and name.strip()):
        raise ValueError(f"{shown(cell)} is not written as channel:handle")
    return _checked(lambda: f"{validate.line(channel, 'channel')}:{validate.handle(name, 'handle')}")


def account(cell: str) -> str:
    """The key of an account on a channel, however it is typed."""
    channel, _, name = handle(cell).partition(":")
    return identity_key(channel, name)


def code(cell: str) -> str:
    """The code of a referral link, however it is typed."""
    found = code_key(identifier(cell))
    if not found:
        raise ValueError(f"{shown(cell)} is no code")
    return found


def instant(cell: str) -> str:
    """An instant with its zone, in milliseconds; a plain date is the start of that day in UTC."""
    try:
        return records.instant_or_day(cell)
    except GraphError as error:
        raise ValueError(
            f"{shown(cell)} is not an instant with a zone, such as 2026-01-31T09:00:00Z, nor a date"
        ) from error


def day(cell: str) -> str:
    """A calendar date."""
    try:
        return records.day(cell.strip())
    except GraphError as error:
        raise ValueError(f"{shown(cell)} is not a date such as 2026-01-31") from error


def number(low: float = -math.inf, high: float = math.inf) -> Callable[[str], float]:
    """Finite numbers from `low` to `high`."""

    def read(cell: str) -> float:
        try:
            found = float(cell) if "_" not in cell else math.nan
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise ValueError(f"{shown(cell)} is not a number such as 0.5")
        if not low <= found <= high:
            raise ValueError(f"{found:g} is not {_range(low, high)}")
        return found + 0.0  # -0.0 is 0.0

    return read


def integer(low: int, high: int = 2**53) -> Callable[[str], int]:
    """Whole numbers from `low` to `high`."""
    within = number(low, high)

    def read(cell: str) -> int:
        found = within(cell)
        if found != math.floor(found):
            raise ValueError(f"{shown(cell)} is not a whole number")
        return math.floor(found)

    return read


def choice(kinds: type[StrEnum]) -> Read:
    """One word of an enumeration, in any case."""
    return word(*kinds)


def word(*words: str) -> Read:
    """One of these words, in any case."""
    known = {str(each): str(each) for each in words}

    def read(cell: str) -> str:
        found = known.get(cell.strip().upper())
        if found is None:
            raise ValueError(f"{shown(cell)} is none of {', '.join(known)}")
        return found

    return read


def boolean(cell: str) -> bool:
    """A cell that says true or false."""
    found = _BOOLEANS.get(cell.strip().lower())
    if found is None:
        raise ValueError(f"{shown(cell)} is neither true nor false")
    return found


def email(cell: str) -> str:
    """An e-mail address in its stored form."""
    found = normalise_email(cell.strip())
    if found is None:
        raise ValueError(f"{shown(cell)} is not an e-mail address such as name@example.org")
    return found


def phone(cell: str) -> str:
    """A telephone number in its stored form."""
    found = normalise_phone(cell.strip())
    if found is None:
        raise ValueError(f"{shown(cell)} is not a telephone number such as +90 212 555 00 00")
    return found


def joined(parts: Iterable[str]) -> str:
    r"""One cell of several texts: `|` between them, and `\` before a `|` or `\` inside one.

    >>> print(joined(["x:a|b", "y:c"]))
    x:a\|b|y:c
    """
    return "|".join(_INNER.sub(r"\\\g<0>", part) for part in parts)


def split(cell: str) -> list[str]:
    r"""The texts that `joined` made a cell of; a `\` before any other sign stands for itself.

    >>> split(r"x:a\|b|y:c\d")
    ['x:a|b', 'y:c\\d']
    """
    if "\\" not in cell:
        return cell.split("|")
    return [_ESCAPED.sub(r"\1", part) for part in _PART.findall(cell)]


def shown(cell: str) -> str:
    """A cell as a reason quotes it."""
    return repr(cell if len(cell) <= 60 else f"{cell[:59]}…")


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except GraphError as error:
        raise ValueError(error.message) from error


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{low:g} or more"
    return f"between {low:g} and {high:g}"
