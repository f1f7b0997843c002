"""The report on a challenge: one closed HTML file, in which text from outside is only ever text."""

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from api.report import html
from api.report_words import WORDS
from graph import challenges, customers, decisions, ideas, moderation, reports, votes
from graph.driver import Graph
from graph.errors import NotFound
from graph.known import Noun
from graph.tallies import IdeaKey, VoteTable
from graph.voters import MemberTable
from jobs.algorithms.opinions import opinion_map
from jobs.ideas import refresh_tallies, run_tally
from jobs.reports import drawn

NOW = "2026-01-02T00:00:00.000Z"
NASTY = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """All tags and attributes of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))


async def filled(graph: Graph) -> None:
    """A challenge in which everything that comes from outside is nasty."""
    given: dict[str, Any] = {"now": NOW, "title": NASTY, "external_id": "c", "question": NASTY}
    challenge = await graph.write(challenges.challenge_open, **given)
    people = [
        (await graph.write(customers.upsert, now=NOW, fields={"name": f"{NASTY} {n}"})).uid for n in range(10)
    ]
    for number in range(2):
        made = await graph.write(
            ideas.idea_submit, challenge=challenge.uid, author=people[0], title=f"{NASTY} {number}", now=NOW
        )
        for place, voter in enumerate(people):
            value = 1 if (place < 5) == (number == 0) else -1
            await graph.write(votes.cast_vote, idea=made.uid, voter=voter, value=value, now=NOW)
    words = {"status": "DELIVERED", "reason": NASTY, "answer": NASTY, "by": NASTY, "now": NOW}
    link = 'https://example.org/"onmouseover="alert(1)'
    draft = await graph.write(decisions.decide, idea=made.uid, shipped_url=link, **words)
    await graph.write(decisions.publish, drafts=[draft.uid], by=NASTY, now=NOW)
    await run_tally(graph)


@pytest.mark.parametrize("locale", list(WORDS))
async def test_a_report_is_closed_and_holds_nothing_but_text_from_outside(graph: Graph, locale: str) -> None:
    await filled(graph)
    found = await reports.report(graph, "c")
    document = html(found, locale)
    assert document == html(await reports.report(graph, "c"), locale)
    tags = Tags()
    tags.feed(document)
    assert {tag for tag, _ in tags.found} & {
        "script",
        "img",
        "iframe",
        "link",
        "object",
        "image",
        "use",
    } == set()
    for tag, attributes in tags.found:
        assert not any(name.startswith("on") or name == "src" for name in attributes), tag
        if "href" in attributes:
            assert str(attributes["href"]).startswith("https://example.org/")
    assert "url(" not in document
    assert document.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 8
    for picture in re.findall(r"<svg.*?</svg>", document, re.DOTALL):
        ElementTree.fromstring(picture)
    assert WORDS[locale]["DELIVERED"] in document


async def test_a_report_on_nothing_says_so(graph: Graph) -> None:
    with pytest.raises(NotFound, match="no challenge none"):
        await reports.report(graph, "none")
    await graph.write(challenges.challenge_open, title="Which?", now=NOW, external_id="c")
    document = html(await reports.report(graph, "c"), "EN")
    for name in ("no_run", "map_none", "cells_none", "decisions_none"):
        assert WORDS["EN"][name] in document


async def test_a_report_is_as_of_the_latest_vote_that_is_counted(graph: Graph) -> None:
    await filled(graph)
    later, last = "2026-05-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"
    [row] = await graph.read("MATCH (i:Idea) WHERE i.status = 'OPEN' RETURN i.uid AS uid")
    voter = (await graph.write(customers.upsert, now=NOW, fields={"name": "Late"})).uid
    await graph.write(votes.cast_vote, idea=row["uid"], voter=voter, value=1, now=later)
    assert (await reports.report(graph, "c")).as_of == NOW
    await refresh_tallies(graph, ideas=[row["uid"]])
    assert (await reports.report(graph, "c")).as_of == later
    await graph.write(votes.cast_vote, idea=row["uid"], voter=voter, value=-1, now=last)
    await run_tally(graph, as_of=NOW)
    assert (await reports.report(graph, "c")).as_of == NOW


async def test_a_picture_and_the_table_are_as_wide_as_can_be_read_on_a_telephone(graph: Graph) -> None:
    await filled(graph)
    document = html(await reports.report(graph, "c"), "TR")
    wide = re.findall(r'<div class="wide">\s*<(svg|table)', document)
    assert wide == ["svg"] * document.count("<svg") + ["table"]
    assert len(wide) == 3


async def test_what_a_moderator_hid_is_in_no_report(graph: Graph) -> None:
    await filled(graph)
    hidden, shown = (await reports.report(graph, "c")).ideas
    [row] = await graph.read("MATCH (i:Idea {externalId: $id}) RETURN i.uid AS uid", id=hidden.external_id)
    given = {"uid": row["uid"], "reason": "Off topic", "by": "desk", "now": NOW}
    await graph.write(moderation.moderate, noun=Noun.IDEA, state="HIDDEN", **given)
    assert [idea.external_id for idea in (await reports.report(graph, "c")).ideas] == [shown.external_id]


async def test_the_pictures_show_what_was_voted(graph: Graph) -> None:
    await filled(graph)
    pictures = drawn(await reports.report(graph, "c"))
    assert [(bar.share, bar.votes) for bar in pictures.bars] == [(0.5, 10), (0.5, 10)]
    assert all(bar.low < 0.5 < bar.high and abs(bar.low + bar.high - 1) < 1e-12 for bar in pictures.bars)
    assert len(pictures.by_community.points) == 10
    assert sorted({round(point.x, 6) for point in pictures.by_community.points}) == [0.0, 1.0]


PUBLISHED = """
MATCH (h:Challenge), (p:Publication {name: 'tally'})
RETURN CASE p.slot WHEN 'A' THEN [h.groupLabelA, h.groupSizeA] ELSE [h.groupLabelB, h.groupSizeB] END AS groups
"""


async def test_the_groups_of_a_report_are_those_that_are_published(graph: Graph) -> None:
    await filled(graph)
    found = await reports.report(graph, "c")
    pictures = drawn(found)
    [row] = await graph.read(PUBLISHED)
    camps, plane = pictures.camps, pictures.by_camp
    assert camps and plane and not camps.common
    assert (
        [list(column) for column in zip(*plane.places, strict=True)] == row["groups"] == [["A", "B"], [5, 5]]
    )
    sides = {(round(point.x), point.place) for point in plane.points}
    assert len(sides) == 2 and {place for _, place in sides} == {0, 1}
    first, second = (sorted((saying.title, saying.value) for saying in camp.sayings) for camp in camps.camps)
    assert [(title, -value) for title, value in first] == second and len(first) == 2
    document = html(found, "EN")
    assert document.count("Group A") == 2 and '<text class="name mid"' in document


@pytest.mark.parametrize(("structure", "word"), [(True, "camps_apart"), (False, "camps_weak")])
def test_groups_are_shown_only_where_the_votes_have_some(structure: bool, word: str) -> None:
    """Two camps that agree on the last idea, or votes by chance, which part into groups all the same."""
    voter, idea = (each.ravel() for each in np.meshgrid(np.arange(60), np.arange(12), indexing="ij"))
    sides = np.where((voter < 40) == (idea < 6), 1, -1)
    by_chance = np.random.default_rng(5).choice([1, -1], len(voter))
    value = np.where(idea == 11, -1, sides) if structure else by_chance
    zeros = np.zeros(len(voter))
    keys = [IdeaKey(str(n), str(n), "c") for n in range(12)]
    votes = VoteTable(
        keys,
        [str(n) for n in range(60)],
        voter,
        idea,
        value.astype(np.int8),
        zeros,
        zeros.astype(np.int64),
    )
    shown = tuple(
        reports.ReportedIdea(key.uid, f"Idea {key.uid}", None, "OPEN", None, None, None, None, ())
        for key in keys
    )
    none = np.zeros(0, np.int64)
    report = reports.Report("t", None, None, None, None, shown, votes, MemberTable([], none, none), (), {})
    pictures = drawn(report)
    camps = pictures.camps
    assert camps and (camps.separation >= 0.6) == structure == (pictures.by_camp is not None)
    document = html(report, "EN")
    assert WORDS["EN"][word].format(separation=f"{camps.separation:.2f}") in document
    assert ("Group A" in document) == structure
    if structure:
        assert [(camp.letter, camp.size) for camp in camps.camps] == [("A", 40), ("B", 20)]
        assert [(saying.title, saying.value) for saying in camps.common] == [("Idea 11", -1)]
        assert document.count("Against:</b> Idea 11") == 1


def test_words_are_there_in_every_language() -> None:
    holes = re.compile(r"{(\w+)}")
    first, *rest = WORDS.values()
    for words in rest:
        assert {name: sorted(holes.findall(text)) for name, text in words.items()} == {
            name: sorted(holes.findall(text)) for name, text in first.items()
        }


def test_the_map_parts_camps_and_heeds_few_votes() -> None:
    rng = np.random.default_rng(3)
    camps = np.repeat([1, -1], 20)
    voter, idea = (each.ravel() for each in np.meshgrid(np.arange(40), np.arange(8), indexing="ij"))
    value = camps[voter] * np.where(idea % 2, 1, -1)
    seen = rng.random(len(voter)) < 0.6
    places = opinion_map(voter[seen], idea[seen], value[seen], 41, 9)
    assert len(set(np.sign(places[:20, 0]))) == len(set(np.sign(places[20:40, 0]))) == 1
    assert np.sign(places[0, 0]) != np.sign(places[20, 0])
    assert places[40].tolist() == [0.0, 0.0]
    again = opinion_map(voter[seen][::-1], idea[seen][::-1], value[seen][::-1], 41, 9)
    assert np.allclose(places, again)
    none = np.zeros(0, np.int64)
    assert opinion_map(none, none, none, 2, 0).tolist() == [[0.0, 0.0], [0.0, 0.0]]
