"""The SVG of a community: whole, safe, the same each time, and readable."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from api.labels import Box, Label, place_labels, shortened
from api.svg import BANDS, draw
from graph.pictures import Bond, Member, Portrait
from jobs.pictures import compose

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("1")</script>&\x00\ud800"\'>'
LEGEND_CIRCLES, LEGEND_LINES = len(BANDS) + 1, 3


def portrait(
    n: int, name: str = "Filter & Co", who: str = "Ayşe", bands: tuple[str | None, ...] = (None,)
) -> Portrait:
    """A community in which everybody responds to the next, in turn kindly, harshly and without a mood."""
    members = [
        Member(
            f"c{k}", f"{who} {k}", bands[k % len(bands)], 2.0 - k / (n + 1), float(k % 2), float(1 - k % 2)
        )
        for k in range(n)
    ]
    bonds = [Bond(k, (k + 1) % n, 1.0 + k, (0.5, -0.5, 0.0)[k % 3]) for k in range(n) if n > 1]
    return Portrait("g", name, "2026-01-31T09:00:00.000Z", tuple(members), 2, tuple(bonds))


def drawn(known: Portrait) -> ElementTree.Element:
    """The parsed document."""
    return ElementTree.fromstring(draw(compose(known)))


def of_class(root: ElementTree.Element, tag: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(SVG + tag) if kind in one.get("class", "").split()]


@pytest.mark.parametrize("n", [0, 1, 2, 50, 310])
def test_each_member_is_a_circle_and_each_tie_a_line(n: int) -> None:
    picture = compose(portrait(n))
    root = ElementTree.fromstring(draw(picture))
    legend = LEGEND_CIRCLES if n else LEGEND_CIRCLES - 1
    assert len(of_class(root, "circle", "m")) == min(n, 300) + legend
    assert len(of_class(root, "path", "tie")) == len(picture.lines) + LEGEND_LINES
    bad = sum(line.sign < 0 for line in picture.lines)
    assert len(of_class(root, "path", "bad")) == bad + 2  # one in the legend, and the tip


def test_the_head_says_whom_how_many_and_when() -> None:
    text = [one.text or "" for one in drawn(portrait(310)).iter(SVG + "text")]
    assert text[0] == "Filter & Co"
    assert "300 of 310 shown" in text[1]
    assert "as of 2026-01-31 09:00 UTC" in text[1]
    assert "310 ties" in text[2]
    assert "density 0.32%" in text[2]


def test_bands_differ_by_colour_outline_and_letter() -> None:
    bands = tuple(band or None for band, _, _ in BANDS)
    root = drawn(portrait(12, bands=bands))
    style = root.findtext(SVG + "style", "")
    for band, kind, word in BANDS:
        assert len(of_class(root, "circle", kind)) >= 3, band
        assert any(word in (one.text or "") for one in root.iter(SVG + "text"))
    rules = [re.search(rf"^\.?.*?\.{kind}\{{(.*?)\}}", style, re.MULTILINE) for _, kind, _ in BANDS]
    assert len({rule[1] for rule in rules if rule}) == len(BANDS)
    letters = [one.text for one in of_class(root, "text", "l")]
    assert all(letters.count(kind) == 3 for _, kind, _ in BANDS if kind != "U")


def test_names_are_text_whatever_they_hold() -> None:
    root = drawn(portrait(6, name=EVIL, who=EVIL))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g", "circle",
    }  # fmt: skip
    shown = [one.text or "" for one in root.iter(SVG + "title")]
    assert shown[0] == '<script>alert("1")</script>&"\'>'
    assert "<script" not in draw(compose(portrait(6, name=EVIL, who=EVIL)))


def test_nothing_is_fetched_and_nothing_runs() -> None:
    text = draw(compose(portrait(20)))
    assert re.findall(r"https?://[^\"' )]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|href|@import|url\((?!#)|\son\w+=", text)


def test_readers_of_the_screen_are_told_what_it_shows() -> None:
    root = drawn(portrait(4))
    assert root.get("role") == "img"
    described = root.findtext(SVG + "desc", "")
    assert "4 members" in described
    assert "Most advocacy: Ayşe 1, Ayşe 3." in described
    tips = [one.findtext(SVG + "title", "") for one in of_class(root, "circle", "m")]
    assert tips[0].startswith("Ayşe 0: no voice yet, reach 2.00")


def test_a_community_without_scores_says_so() -> None:
    assert any("Nobody here" in (one.text or "") for one in drawn(portrait(0)).iter(SVG + "text"))


def test_the_same_community_has_the_same_bytes() -> None:
    assert draw(compose(portrait(90))) == draw(compose(portrait(90)))


def test_no_name_stands_over_another() -> None:
    labels = [Label(f"A rather long name {n}", 200 + 30 * (n % 4), 150 + 25 * (n // 4), 9) for n in range(20)]
    page = Box(0, 0, 900, 500)
    boxes = place_labels(labels, [(one.x, one.y, one.radius) for one in labels], page)
    assert [(a, b) for a, b in combinations(boxes, 2) if a.over(b) > 0] == []
    assert all(box.left >= 0 and box.right <= 900 and box.top >= 0 and box.bottom <= 500 for box in boxes)


def test_a_long_name_is_cut() -> None:
    assert shortened("Abc def", 5) == "Abc…"
    assert shortened("Abc", 3) == "Abc"
