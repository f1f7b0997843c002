"""Opaque ids and connections."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from graph.errors import Invalid

T = TypeVar("T")


@strawberry.interface(description="Anything that has an opaque id of its own.")
class Node:
    """Anything that has an opaque id of its own."""

    id: strawberry.ID = strawberry.field(description="Opaque id.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = strawberry.field(description="There are more after this page.")
    has_previous_page: bool = strawberry.field(description="There are some before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first one; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last one, for `after`; null on an empty page."
    )


@strawberry.type(description="One place in a list, with its cursor.")
class Edge(Generic[T]):
    """One place in a list, with its cursor."""

    cursor: str = strawberry.field(description="Opaque place in this list.")
    node: T = strawberry.field(description="What stands there.")


@strawberry.type(description="A list in pages.")
class Connection(Generic[T]):
    """A list in pages."""

    nodes: list[T] = strawberry.field(description="What stands on this page.")
    edges: list[Edge[T]] = strawberry.field(description="The same with a cursor each.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int | None = strawberry.field(
        description="How many there are in all; counted only if asked."
    )


def to_global_id(type_name: str) -> Callable[[str], str]:
    """The function from a uid to the opaque id of this type."""
    prefix = type_name + ":"

    def encode(uid: str) -> str:
        return base64.b64encode((prefix + uid).encode()).decode()

    return encode


def from_global_id(text: Any, type_name: str | None = None) -> tuple[str, str]:
    """The type and the uid of an opaque id.

    Raises
    ------
    Invalid
        When the text is no id of ours, or of another type than `type_name`.
    """
    try:
        kind, _, uid = base64.b64decode(str(text).encode("ascii"), validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        kind, uid = "", ""
    wanted = f" of the type {type_name}" if type_name else ""
    if not kind or not uid or len(uid) > 200 or (type_name and kind != type_name):
        raise Invalid(f"{str(text)[:80]!r} is no id{wanted}: give one that this API answered.", field="id")
    return kind, uid
