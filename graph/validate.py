"""What a written value must look like: each check says what is wrong, where, and how to mend it."""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from graph.errors import Invalid
from graph.records import instant
from graph.text import bare, clean

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

LINE = 200
PROSE = 10_000
URL = 2_000
LIST = 250
LINKS = 10
MARKS_IN_A_ROW = 4

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def line(value: object, field: str, *, maximum: int = LINE) -> str:
    """One line of text to show: 1 to `maximum` characters, none of them a control or direction mark."""
    found = _short(value, field, maximum).strip()
    if not found:
        raise Invalid(f"{field} is empty: give 1 to {maximum} characters.", field=field)
    if mark := _HIDDEN.search(found):
        raise Invalid(f"{field} holds the invisible character U+{ord(mark[0]):04X}: remove it.", field=field)
    return found


def prose(value: object, field: str, *, maximum: int = PROSE) -> str:
    """Text of several lines, up to `maximum` characters, without control characters but tab and line end."""
    found = _short(value, field, maximum)
    if _SURROGATE.search(found):
        raise Invalid(f"{field} holds half a surrogate pair: send valid Unicode.", field=field)
    kept = clean(found)[0]
    if not kept.strip():
        raise Invalid(f"{field} is empty: give 1 to {maximum} characters.", field=field)
    return kept


def identifier(value: object, field: str) -> str:
    """The id of a record, ours or the one it was imported with."""
    return line(value, field=field)


def handle(value: object, field: str) -> str:
    """The name of an account on a channel: visible characters only, no pile of combining marks."""
    found = line(value, field=field)
    if not bare(found):
        raise Invalid(f"{field} is empty but for @: give the name of the account.", field=field)
    marks = 0
    for character in unicodedata.normalize("NFC", found):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Cf", "Co", "Cn"} or marks > MARKS_IN_A_ROW:
            raise Invalid(
                f"{field} holds U+{ord(character):04X}, which cannot be seen: remove it.", field=field
            )
    return found


def number(value: object, field: str, *, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number between `low` and `high`, both included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid(f"{field} is not a number: give {_asked(low, high)}.", field=field)
    if not low <= value <= high:
        raise Invalid(f"{field} is {value:g}: give {_asked(low, high)}.", field=field)
    return float(value)


def _asked(low: float, high: float) -> str:
    """The numbers from `low` to `high` in words."""
    least, most = f"{low:.15g}", f"{high:.15g}"
    if math.isinf(high):
        return "a number" if math.isinf(low) else f"a number of {least} or more"
    return f"a number of {most} or less" if math.isinf(low) else f"a number between {least} and {most}"


def moment(value: object, field: str) -> str:
    """An instant with its zone, as fixed-width UTC text."""
    found = _short(value, field, 40)
    try:
        return instant(found)
    except (Invalid, ValueError) as error:
        message = f"{field} is no instant with a zone: write it like 2026-01-31T12:00:00+03:00."
        raise Invalid(message, field=field) from error


def day(value: object, field: str) -> str:
    """A calendar date, YYYY-MM-DD."""
    found = _short(value, field, 10)
    try:
        return date.fromisoformat(found).isoformat()
    except ValueError as error:
        raise Invalid(f"{field} is no date: give one as 2026-01-31.", field=field) from error


def choice(kind: type[E], value: object, field: str) -> E:
    """One of the values of an enumeration."""
    try:
        return kind(_short(value, field, LINE))
    except ValueError as error:
        raise Invalid(f"{field} is none of {', '.join(kind)}: choose one of them.", field=field) from error


def url(value: object, field: str) -> str:
    """A web address."""
    found = line(value, field, maximum=URL)
    if not _URL.fullmatch(found):
        raise Invalid(
            f"{field} is no web address: begin it with https:// and leave no space in it.", field=field
        )
    return found


def links(values: Sequence[object], field: str) -> list[str]:
    """At most 10 web addresses that begin with https://, each once."""
    found = [url(value, field) for value in several(values, field, maximum=LINKS)]
    if any(not link.lower().startswith("https://") for link in found):
        raise Invalid(f"{field} holds an address without https://: give its secure one.", field=field)
    return found


def several(values: Sequence[T], field: str, *, maximum: int = LIST) -> list[T]:
    """A list of at most `maximum` entries, each kept once, in the order given."""
    if len(values) > maximum:
        raise Invalid(f"{field} has {len(values)} entries: give at most {maximum} at a time.", field=field)
    return list(dict.fromkeys(values))


def _short(value: object, field: str, maximum: int) -> str:
    """Refuse what is no text or too long before anything reads it, so a 10 MB field costs nothing."""
    if not isinstance(value, str):
        raise Invalid(f"{field} is not text: give 1 to {maximum} characters.", field=field)
    if len(value) > maximum:
        raise Invalid(f"{field} has {len(value)} characters: give at most {maximum}.", field=field)
    return value
