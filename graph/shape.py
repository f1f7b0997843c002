"""The Python that names the values of a row again: expressions as text, which `graph.read` puts together."""

from collections.abc import Callable, Iterable

from graph.selection import Constant, Page, Scalar, Selection

Python = Callable[[str], str]
Part = Callable[[str, str, str], str]  # of the rows read, the rows shown, and the total


def constant(value: str) -> Python:
    """What needs no row."""
    return lambda x: repr(value)


def at(place: int, python: Python) -> Python:
    """What stands at a place of a row."""
    return lambda x: python(f"{x}[{place}]")


def mapping(items: Iterable[tuple[str, str]]) -> str:
    """A dict of keys and expressions."""
    return "{" + ", ".join(f"{key!r}: {value}" for key, value in items) + "}"


def scalar(selected: Scalar) -> Python:
    """A value as its field wants it."""
    if selected.shape:
        return lambda x: f"{selected.shape}({x})"
    if selected.required:
        return lambda x: f"({x} if {x} is not None else required(None))"
    return lambda x: x


def listed(key: str, item: str, row: str) -> Part:
    """The nodes or edges of a page."""
    return lambda rows, shown, total: f"{key!r}: [{row} for {item} in {shown}]"


def total(key: str) -> Part:
    """How many there are in all."""
    return lambda rows, shown, total: f"{key!r}: {total}"


def typename(key: str, value: str) -> Part:
    """The type of the connection, which needs no row."""
    return lambda rows, shown, total: f"{key!r}: {value!r}"


def page_info(key: str, fields: Selection, page: Page) -> Part:
    """Whether there is more on either side, and the cursors of the first and the last row."""
    constants = [each for each in fields if isinstance(each, Constant)]

    def build(rows: str, shown: str, total: str) -> str:
        answers = {
            "hasNextPage": f"len({rows}) > p['{page.prefix}_first']",
            "hasPreviousPage": repr(page.after),
            "startCursor": f"(cursor({rows}[0][-1]) if {rows} else None)",
            "endCursor": f"(cursor({shown}[-1][-1]) if {rows} else None)",
        }
        return f"{key!r}: {mapping((c.key, answers.get(c.value, repr(c.value))) for c in constants)}"

    return build
