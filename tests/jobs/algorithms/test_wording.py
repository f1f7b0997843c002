"""Near-duplicates are found, what merely sounds alike is not."""

import random
from string import ascii_lowercase

import numpy as np
import pytest

from graph.text import fold
from jobs.algorithms.wording import same_words, signature

COPIED = "Geri dolum kutularını lütfen geri getirin, her hafta çöp atıyoruz"


def _words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices(ascii_lowercase, k=9)) for _ in range(count)]


def _groups(*texts: str) -> list[int]:
    signed = [signature(fold(text)) for text in texts]
    groups: list[int] = same_words([each for each in signed if each is not None]).tolist()
    return groups


@pytest.mark.parametrize(
    "copy",
    [
        COPIED.upper().replace("i", "İ"),
        COPIED + " #köpük @kopuk https://example.org/x?y=1",
        COPIED.replace(",", " !!!"),
        "Bence " + COPIED,
    ],
)
def test_a_copy_is_the_same_text(copy: str) -> None:
    assert _groups(COPIED, copy) == [0, 0]


def test_another_demand_is_another_group_and_who_stands_alone_is_in_none() -> None:
    other = "Please sell the green beans for roasting at home again"
    alone = "Kargo hangi gün gelir bilen var mı acaba"
    assert _groups(other, COPIED, alone, COPIED, other) == [0, 1, -1, 1, 0]
    assert _groups() == []


def test_too_few_words_are_no_wording() -> None:
    assert signature(fold("Evet, dün vardı")) is None
    assert signature("") is None


def test_the_part_of_texts_that_are_joined_is_as_documented() -> None:
    chance = random.Random(5)

    def joined(shared: int, own: int) -> float:
        """Of pairs with so many words in common and so many more each, how many are one group."""
        found = 0
        for _ in range(200):
            words = _words(chance, shared + 2 * own)
            one, other = words[: shared + own], words[:shared] + words[shared + own :]
            found += _groups(" ".join(one), " ".join(other)) == [0, 0]
        return found / 200

    assert joined(18, 1) > 0.95  # .9 of all words
    assert joined(10, 5) < 0.05  # .5
    assert joined(2, 10) == 0  # .09


def test_places_agree_as_often_as_words_do() -> None:
    chance = random.Random(6)
    agree = []
    for _ in range(200):
        words = _words(chance, 15)
        one, other = signature(" ".join(words[:10])), signature(" ".join(words[5:]))
        assert one is not None
        assert other is not None
        agree.append((one == other).mean())
    assert np.mean(agree) == pytest.approx(5 / 15, abs=0.03)
