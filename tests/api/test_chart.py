"""The chart of a history: whole, safe, the same each time, and readable whatever the scores are."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.chart import PAGE_WIDTH, PLOT_HEIGHT, PLOT_WIDTH, chart
from graph.pictures import Course, History

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("1")</script>&\x00\ud800"\'>'
SCORES = ("reach", "standing", "voice")


def history(
    *values: float, last: float | None = 0.5, margin: float | None = 0.2, name: str = "Ayşe"
) -> History:
    """Somebody whose three scores were these in runs of succeeding days."""
    at = tuple(f"2026-01-{day % 28 + 1:02}T09:00:00.000Z" for day in range(len(values)))
    return History(name, "ADVOCATE", at, tuple(Course(score, values, last, margin) for score in SCORES))


def drawn(known: History) -> ElementTree.Element:
    """The parsed document."""
    return ElementTree.fromstring(chart(known))


def of_class(root: ElementTree.Element, tag: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(SVG + tag) if kind in one.get("class", "").split()]


def said(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter(SVG + "text")]


@pytest.mark.parametrize(("count", "days"), [(0, 0), (1, 1), (2, 2), (12, 4), (52, 6)])
def test_each_run_is_a_point_of_each_score(count: int, days: int) -> None:
    root = drawn(history(*(0.5,) * count))
    assert len(list(root.iter(SVG + "circle"))) == 3 * count
    assert len(of_class(root, "path", "line")) == (3 if count > 1 else 0)
    dates = [text for text in said(root) if re.fullmatch(r"\d{4}-\d\d-\d\d", text)]
    assert len(dates) == days
    points = [one.findtext(SVG + "title", "") for one in of_class(root, "circle", "reach")]
    assert all(point.endswith(": 0.50") for point in points)


def test_the_head_says_who_what_and_when_and_each_panel_the_last_value_and_its_margin() -> None:
    text = said(drawn(history(0.1, 0.4, last=0.5, margin=0.25)))
    assert text[0] == "Ayşe"
    assert text[1] == "advocate · 2 runs, the last one as of 2026-01-02"
    assert [word for word in text if word in {"Reach", "Standing", "Voice"}] == ["Reach", "Standing", "Voice"]
    assert (text.count("0.50"), text.count("± 0.25"), text.count("unknown")) == (3, 3, 0)


def test_what_is_unknown_now_is_said_so_and_has_no_margin() -> None:
    root = drawn(history(0.0, 0.0, last=None, margin=None))
    assert said(root).count("unknown") == 3
    assert of_class(root, "path", "margin") == []
    assert len(of_class(root, "circle", "none")) == 3


def test_who_was_never_scored_is_told_why() -> None:
    root = drawn(history(last=None, margin=None))
    assert any("No run has scored them yet" in text for text in said(root))
    assert "No run" in root.findtext(SVG + "desc", "")


def test_a_name_is_text_and_nothing_runs_or_is_fetched() -> None:
    text = chart(history(0.5, name=EVIL))
    root = ElementTree.fromstring(text)
    assert root.findtext(SVG + "title") == '<script>alert("1")</script>&"\'>'
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "g", "path", "circle",
    }  # fmt: skip
    assert re.findall(r"https?://[^\"' )]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|href|@import|url\(|\son\w+=", text)


def test_readers_of_the_screen_are_told_the_scores() -> None:
    root = drawn(history(0.1, 0.75, last=0.75, margin=0.1))
    assert root.get("role") == "img"
    assert "Voice 0.75 ± 0.10, from 0.10 to 0.75 in these runs." in root.findtext(SVG + "desc", "")
    assert "prefers-color-scheme:dark" in root.findtext(SVG + "style", "")


NUMBER = some.floats(0, 1e6)


@given(values=some.lists(NUMBER, min_size=1, max_size=52), last=NUMBER, margin=some.none() | NUMBER)
def test_nothing_is_drawn_outside_its_panel(values: list[float], last: float, margin: float | None) -> None:
    text = chart(history(*values, last=last, margin=margin))
    root = ElementTree.fromstring(text)
    for one in root.iter(SVG + "circle"):
        assert 0 <= float(one.get("cx", "nan")) <= PLOT_WIDTH
        assert 0 <= float(one.get("cy", "nan")) <= PLOT_HEIGHT
    for path in [*of_class(root, "path", "margin"), *of_class(root, "path", "line")]:
        numbers = [float(found) for found in re.findall(r"-?[\d.]+", path.get("d", ""))]
        assert min(numbers) >= 0
        assert max(numbers[1::2]) <= PLOT_HEIGHT
    assert float(root.get("width", "0")) == PAGE_WIDTH
    assert text == chart(history(*values, last=last, margin=margin))


@given(values=some.lists(NUMBER, min_size=1, max_size=9))
def test_reach_has_at_most_five_round_ticks_from_zero_to_beyond_the_highest(values: list[float]) -> None:
    root = drawn(history(*values, last=values[-1], margin=None))
    first = next(root.iter(SVG + "g"))
    ticks = [float((one.text or "").replace("−", "-")) for one in of_class(first, "text", "end")]
    assert ticks[0] == 0
    assert 3 <= len(ticks) <= 5
    assert ticks[-1] >= max(1.0, *values) * 0.9999
