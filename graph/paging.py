"""Keyset pages: the ids of one in the order of an index, and cursors, opaque to whoever carries them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph.errors import Invalid


def cursor(keys: Sequence[Any]) -> str:
    """The cursor of a row whose order keys these are."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def keys_of(text: str) -> tuple[Any, Any]:
    """The order key and the tie of a cursor.

    Raises
    ------
    Invalid
        When the text is no cursor of ours.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise Invalid("That is no cursor: give back an endCursor as it came.", field="after") from error
    if not isinstance(keys, list) or len(keys) != 2 or not all(_plain(key) for key in keys):
        raise Invalid("That is no cursor: give back an endCursor as it came.", field="after")
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
