"""Texts that are alike: the pairs written beforehand, and the formula written again in plain Python."""

import math

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.similar import haystack, pairs
from jobs.algorithms.likeness import LENGTH, Likenesses, signs

TEXTS = st.lists(
    st.sampled_from(["yol", "yolu", "bisiklet", "kopek", "park", "parka", "dark"]), min_size=1, max_size=4
)


def test_of_a_hundred_pairs_ninety_are_found_among_the_first_five() -> None:
    known = Likenesses()
    titles = haystack(None)
    for title in titles:
        known.add(title)
    found = 0
    for pair in pairs("DEV"):
        likes = known.nearest(pair["typed"], 5, typing=True)
        found += pair["idea"] in [titles[like.number] for like in likes]
    assert found >= 90


@given(st.lists(TEXTS.map(" ".join), min_size=1, max_size=8), TEXTS.map(" ".join), st.booleans())
def test_likeness_is_what_it_is_said_to_be(texts: list[str], text: str, typing: bool) -> None:
    known = Likenesses()
    for each in texts:
        known.add(each)
    held, asked = [signs(each) for each in texts], signs(text, typing=typing)
    worth = {
        sign: weight * math.log(1 + len(texts) / (sum(sign in each for each in held) or 1))
        for sign, weight in asked.items()
    }
    expected = []
    for number, its in enumerate(held):
        common = sum(value for sign, value in worth.items() if sign in its) / sum(worth.values())
        expected.append((-common / max(1, len(its) / len(asked)) ** LENGTH, number))
    best = [(-value, number) for value, number in sorted(expected) if value < 0]
    found = known.nearest(text, len(texts), typing=typing)
    assert [round(like.likeness, 9) for like in found] == [round(value, 9) for value, _ in best]
    assert {like.number for like in found} == {number for _, number in best}


@given(TEXTS.map(" ".join), TEXTS.map(" ".join))
def test_a_text_is_wholly_like_itself_until_it_is_dropped(one: str, other: str) -> None:
    known = Likenesses()
    number, _ = known.add(one, group=1), known.add(other, group=2)
    (like,) = known.nearest(one, 5, group=1)
    assert (like.number, round(like.likeness, 9)) == (number, 1.0)
    known.drop(number)
    assert known.nearest(one, 5, group=1) == []


def test_of_the_body_the_beginnings_of_words_count() -> None:
    known = Likenesses()
    known.add("Bahçe", "Köpekler için çitli alan")
    assert [like.number for like in known.nearest("köpeklere", 1)] == [0]


def test_a_search_finds_a_short_word_under_other_suffixes_in_title_and_body() -> None:
    known = Likenesses()
    texts = [
        ("Geri dönüşüm kutusu", ""),
        ("Şubeler", "Her şubeye kutular koyun"),
        ("Gezi", "Kutuplara gidelim"),
        ("Kart", ""),
    ]
    for title, body in texts:
        known.add(title, body)
    assert [known.saying(word) for word in ("kutu", "kutular", "kutusu", "kutuları", "kutumuz")] == [
        [0, 1]
    ] * 5
    assert [known.saying(word) for word in ("kartlar", "kartı", "geri kutular")] == [[3], [3], [0]]
