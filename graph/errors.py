"""What may go wrong by design; every message says what, where and how to mend it."""

from typing import ClassVar


class GraphError(Exception):
    """An expected failure: `code` for programs, `message` for people, `field` the input it is about."""

    default_code: ClassVar[str] = "ERROR"

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.field = field


class NotFound(GraphError):
    """What was asked for is not in the graph."""

    default_code = "NOT_FOUND"


class Taken(GraphError):
    """A key that must be unique belongs to another record."""

    default_code = "TAKEN"


class Closed(GraphError):
    """The time for this act is over, or has not come."""

    default_code = "CLOSED"


class NotAllowed(GraphError):
    """Who asks may not do it."""

    default_code = "NOT_ALLOWED"


class TooFast(GraphError):
    """Too many acts in a short time."""

    default_code = "TOO_FAST"


class Invalid(GraphError):
    """An input that can never be accepted as it is."""

    default_code = "INVALID"


class Conflict(GraphError):
    """The same idempotency key came with another body, or what a decision was made against has changed."""

    default_code = "CONFLICT"


class Unavailable(GraphError):
    """The database or the queue cannot answer now."""

    default_code = "UNAVAILABLE"
