"""What is drawn of a community: whom, how large, where, and which ties."""

import math
from itertools import combinations

import pytest

from graph.pictures import Bond, Member, Portrait
from jobs.pictures import DRAWN, HEIGHT, TIES_DRAWN, WIDTH, compose


def portrait(reach: list[float], bonds: list[Bond], **given: float) -> Portrait:
    """A community of as many members as there are reaches."""
    members = [
        Member(
            f"c{n}", f"Name {n}", "NEUTRAL", value, given.get(f"advocacy{n}", 0.0), given.get(f"harm{n}", 0.0)
        )
        for n, value in enumerate(reach)
    ]
    return Portrait("g", "Filter", "2026-01-01T00:00:00.000Z", tuple(members), 0, tuple(bonds))


def crowd(n: int) -> Portrait:
    """Many members of falling reach, each of whom responds to two before."""
    bonds = [Bond(k, k // step, 1.0 + k % 3, (k % 3) - 1.0) for k in range(1, n) for step in (2, 3)]
    return portrait([2.0 - k / n for k in range(n)], bonds)


def test_area_is_reach_and_no_two_circles_touch() -> None:
    picture = compose(crowd(120))
    for disc in picture.discs:
        assert math.pi * disc.radius**2 == pytest.approx(picture.per_reach * disc.member.reach)
        assert disc.radius - 0.2 <= disc.x <= WIDTH - disc.radius + 0.2
        assert disc.radius - 0.2 <= disc.y <= HEIGHT - disc.radius + 0.2
    for a, b in combinations(picture.discs, 2):
        assert math.hypot(a.x - b.x, a.y - b.y) > a.radius + b.radius


def test_of_more_than_300_those_with_most_reach_are_drawn_and_all_are_counted() -> None:
    known = crowd(400)
    picture = compose(known)
    assert (len(picture.discs), picture.members, picture.ties) == (DRAWN, 400, len(known.bonds))
    assert [disc.member for disc in picture.discs] == list(known.members[:DRAWN])
    assert all(max(line.source, line.target) < DRAWN for line in picture.lines)
    assert picture.density == len(known.bonds) / (400 * 399)


def test_of_many_ties_the_strongest_are_drawn() -> None:
    bonds = [Bond(a, b, 1.0 + (a * 60 + b), 0.0) for a in range(60) for b in range(60) if a != b]
    picture = compose(portrait([1.0] * 60, bonds))
    assert len(picture.lines) == TIES_DRAWN < picture.ties
    assert min((line.source, line.target) for line in picture.lines) > (38, 0)


def test_the_sign_of_a_tie_is_that_of_its_mood() -> None:
    bonds = [Bond(0, 1, 1.0, -0.3), Bond(1, 2, 1.0, 0.04), Bond(2, 0, 1.0, 0.05)]
    found = {(line.source, line.target): line.sign for line in compose(portrait([1.0] * 3, bonds)).lines}
    assert found == {(0, 1): -1, (1, 2): 0, (2, 0): 1}


def test_ten_of_most_advocacy_and_ten_of_most_harm_are_named() -> None:
    scores = {f"advocacy{n}": 1.0 + n for n in range(15)} | {f"harm{n}": 1.0 for n in range(20, 24)}
    ranks = [disc.rank for disc in compose(portrait([1.0] * 30, [], **scores)).discs]
    assert [n for n, rank in enumerate(ranks) if rank == "advocacy"] == list(range(5, 15))
    assert [n for n, rank in enumerate(ranks) if rank == "harm"] == list(range(20, 24))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_communities_have_a_picture(n: int) -> None:
    picture = compose(portrait([1.0] * n, [Bond(0, 1, 1.0, 0.5)] if n == 2 else []))
    assert len(picture.discs) == n
    assert all(math.isfinite(disc.x + disc.y) and disc.radius > 0 for disc in picture.discs)
    assert picture.density == (0.5 if n == 2 else 0.0)


def test_the_same_portrait_has_the_same_picture() -> None:
    assert compose(crowd(80)) == compose(crowd(80))
