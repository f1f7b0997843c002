"""Keyset pages: the ids of one in the order of an index, and cursors, opaque to whoever carries them."""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph.errors import Invalid

PAGE = {"first", "after"}  # the arguments that choose a page of a list, and not the list


def mark(place: str, arguments: Mapping[str, Any]) -> int:
    """What tells the cursors of this field with this order, filter and other arguments from those of others.

    >>> mark("Query.ideas", {"first": 5, "filter": None}) == mark("Query.ideas", {"after": "x", "filter": {}})
    True
    """
    chosen = {
        name: given for name, given in arguments.items() if name not in PAGE and given not in (None, {})
    }
    return zlib.crc32(orjson.dumps([place, chosen], default=str, option=orjson.OPT_SORT_KEYS))


def cursor(keys: Sequence[Any]) -> str:
    """The cursor of a row whose order keys and mark these are."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def keys_of(text: str, place: str, marked: int) -> tuple[Any, Any]:
    """The order key and the tie of a cursor of the list of this mark.

    Raises
    ------
    Invalid
        When the text is no cursor of ours, or of another list.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        keys = None
    if not isinstance(keys, list) or len(keys) != 3 or keys[2] != marked or not all(map(_plain, keys)):
        raise Invalid(
            f"after: no cursor of this list of {place}. Give an endCursor of the same field, order, filter and "
            "arguments, or leave after out to begin anew.",
            field="after",
        )
    return keys[0], keys[1]


def _plain(key: Any) -> bool:
    return key is None or (isinstance(key, (str, int, float)) and not isinstance(key, bool))


@dataclass(frozen=True, slots=True)
class ByIds:
    """Two statements in place of one: the ids of a page in the order of an index, then what was asked of them."""

    ids: str
    text: str
    limit: str
    complete: bool

    def page(self, rows: Sequence[Any], parameters: Mapping[str, Any]) -> list[str] | None:
        """The ids of the page among the rows, which are one more; None where only a sort of all can tell them.

        That is if equal keys stand on both sides of the page's end, or if rows without the key may follow.
        """
        limit = parameters[self.limit]
        if len(rows) > limit:
            if rows[limit]["key"] == rows[limit - 1]["key"]:
                return None
        elif not self.complete and len(rows) < limit:
            return None
        place = {row["key"]: number for number, row in reversed(list(enumerate(rows)))}
        return [row["id"] for row in sorted(rows[:limit], key=lambda row: (place[row["key"]], row["id"]))]
