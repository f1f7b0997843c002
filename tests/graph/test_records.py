"""Ids and instants."""

import threading
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Invalid
from graph.records import instant, new_uid, now, parse_instant, to_instant, uid_at


def test_uids_are_version_7_and_sort_by_creation() -> None:
    uids = [new_uid() for _ in range(5000)]
    assert uids == sorted(set(uids))
    assert {(uuid.UUID(uid).version, uuid.UUID(uid).variant) for uid in uids} == {(7, uuid.RFC_4122)}


def test_a_uid_carries_its_millisecond() -> None:
    stamp = uuid.UUID(new_uid()).int >> 80
    assert abs(stamp / 1000 - datetime.now(UTC).timestamp()) < 5


def test_uids_of_instants_sort_by_them_and_then_by_turn() -> None:
    older = [uid_at("2020-01-01T00:00:00.001Z") for _ in range(100)]
    assert older == sorted(set(older)) < [uid_at("2020-01-01T00:00:00.002Z")] < [new_uid()]
    assert {uuid.UUID(uid).version for uid in [*older, uid_at("1900-01-01T00:00:00.000Z")]} == {7}


def test_uids_of_threads_never_meet() -> None:
    uids: list[str] = []
    threads = [threading.Thread(target=lambda: uids.extend(new_uid() for _ in range(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(uids)) == 8000


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-01-01T09:00:00+03:00", "2026-01-01T06:00:00.000Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
        ("2026-01-01T00:00:00.123999Z", "2026-01-01T00:00:00.123Z"),
        ("2026-01-31T23:59:59.999Z", "2026-01-31T23:59:59.999Z"),
        # as long as a stored one, and written otherwise
        ("2026-W05-6T09:00:00.000Z", "2026-01-31T09:00:00.000Z"),
        ("2026-01-31T09:00:00,000Z", "2026-01-31T09:00:00.000Z"),
        ("2026-01-31 09:00:00.000Z", "2026-01-31T09:00:00.000Z"),
    ],
)
def test_an_instant_is_stored_as_utc_cut_to_milliseconds(given: str, stored: str) -> None:
    assert instant(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "yesterday",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00+10:00",
        "2026-02-30T00:00:00.000Z",
        "2026-01-01T00:60:00.000Z",
    ],
)
def test_what_is_no_instant_with_a_zone_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="2026-01-01T09:00:00"):
        instant(given)


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)))
def test_stored_instants_sort_like_time(value: datetime) -> None:
    text = to_instant(value)
    assert len(text) == 24
    assert abs((parse_instant(text) - value).total_seconds()) < 0.001
    assert (text < now()) == (parse_instant(text) < parse_instant(now()))
