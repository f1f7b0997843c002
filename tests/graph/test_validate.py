"""What inputs are refused, and that the refusal says where and how to mend it."""

import time
from collections.abc import Callable

import pytest

from graph import validate
from graph.errors import Invalid
from graph.tokens import Role

HUGE = "x" * 10_000_000


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (validate.line, ""),
        (validate.line, "   "),
        (validate.line, "a" * 201),
        (validate.line, "two\nlines"),
        (validate.line, "nul\x00"),
        (validate.line, "bidi\u202etxet"),
        (validate.line, "half \ud83d"),
        (validate.line, 7),
        (validate.prose, "a" * 10_001),
        (validate.prose, "\x00"),
        (validate.prose, "half \ud83d"),
        (validate.handle, "@"),
        (validate.handle, "@ ＠"),
        (validate.handle, "zero\u200bwidth"),
        (validate.handle, "tag\U000e0041"),
        (validate.handle, "z" + "\u0335" * 20),
        (validate.number, float("nan")),
        (validate.number, float("inf")),
        (validate.number, True),
        (validate.number, "1"),
        (validate.moment, "2026-01-01T00:00:00"),
        (validate.moment, "yesterday"),
        (validate.moment, None),
        (validate.day, "2026-02-30"),
        (validate.day, "2026-02-01T00:00:00Z"),
        (validate.url, "javascript:alert(1)"),
        (validate.url, "https://a b"),
    ],
)
def test_refused_value_names_its_field(check: Callable[[object, str], object], value: object) -> None:
    with pytest.raises(Invalid) as caught:
        check(value, "field")
    assert caught.value.field == "field"
    assert "field" in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "check", [validate.line, validate.prose, validate.handle, validate.moment, validate.day, validate.url]
)
def test_ten_megabytes_are_refused_at_once(check: Callable[[object, str], object]) -> None:
    start = time.perf_counter()
    with pytest.raises(Invalid):
        check(HUGE, "field")
    assert time.perf_counter() - start < 0.05


def test_longest_value_passes() -> None:
    assert validate.line("a" * 200, "name") == "a" * 200
    assert validate.prose("a" * 10_000, "text") == "a" * 10_000


def test_turkish_and_emoji_names_are_kept_as_typed() -> None:
    for name in ("İŞIK Ağaoğlu", "👩‍👩‍👧 aile", "José", "北京"):
        assert validate.line(name, "name") == name


def test_prose_keeps_lines_and_drops_control_characters() -> None:
    assert validate.prose("bir\n\tiki\x07", "text") == "bir\n\tiki"


def test_number_outside_its_range_is_refused() -> None:
    assert validate.number(-1, "weight", low=-1, high=1) == -1.0
    with pytest.raises(Invalid, match=r"between -1 and 1"):
        validate.number(1.01, "weight", low=-1, high=1)


def test_moment_is_stored_as_utc() -> None:
    assert validate.moment("2026-01-01T03:00:00.123456+03:00", "at") == "2026-01-01T00:00:00.123Z"


def test_unknown_choice_lists_what_there_is() -> None:
    with pytest.raises(Invalid, match="CUSTOMER, AGENT"):
        validate.choice(Role, "KING", "role")


def test_list_is_bounded_and_keeps_each_entry_once() -> None:
    assert validate.several(["b", "a", "b"], "names") == ["b", "a"]
    with pytest.raises(Invalid, match="at most 250"):
        validate.several([str(n) for n in range(251)], "names")


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        ({"low": 0}, -1, "n is -1: give a number of 0 or more."),
        ({"high": 5}, 6, "n is 6: give a number of 5 or less."),
        ({"low": 1, "high": 1_000_000}, 0, "n is 0: give a number between 1 and 1000000."),
        ({}, "six", "n is not a number: give a number."),
    ],
)
def test_a_number_is_asked_for_within_its_bounds(
    bounds: dict[str, float], value: object, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        validate.number(value, "n", **bounds)
    assert refused.value.message == message
