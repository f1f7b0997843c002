"""Links that need no login: each is signed, and does one thing for one customer."""

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from graph.home import unusable
from graph.keeper import write_private
from graph.settings import GraphSettings

PURPOSE = b"unsubscribe\n"
FILE = "link.key"


def key_of(settings: GraphSettings) -> bytes:
    """The key that signs links: the one given, else one made once and kept in the home.

    Raises
    ------
    Unavailable
        When nothing can be kept in the home.
    """
    if settings.link_secret is not None:
        return settings.link_secret.get_secret_value().encode()
    try:
        return _kept(settings.home / FILE)
    except OSError as error:
        raise unusable(
            "The key that signs links in e-mails is kept in the home", settings.home, error
        ) from error


@lru_cache
def _kept(path: Path) -> bytes:
    if not path.exists():
        made = path.with_name(f".{FILE}.{secrets.token_hex(4)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(made, secrets.token_urlsafe(32))
        try:
            os.link(made, path)  # whoever comes second takes what the first has made
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()


def unsubscribe_token(key: bytes, customer: str) -> str:
    """What proves that a link was made for this customer (uid)."""
    return f"{_text(customer.encode())}.{_text(_signature(key, customer))}"


def unsubscriber(key: bytes, token: str) -> str | None:
    """The customer (uid) a token was made for; None if it was not made with this key."""
    who, _, signature = token.partition(".")
    try:
        customer = _bytes(who).decode()
        return customer if hmac.compare_digest(_bytes(signature), _signature(key, customer)) else None
    except ValueError:
        return None


def _signature(key: bytes, customer: str) -> bytes:
    return hmac.digest(key, PURPOSE + customer.encode(), hashlib.sha256)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
