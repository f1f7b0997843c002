"""Cursors of keyset pages: the keys of a row, opaque to whoever carries them."""

import base64
import binascii
from collections.abc import Sequence
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
