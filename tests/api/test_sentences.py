"""The sentences say the right thing of every kind of score, and in Turkish no name or number takes a suffix."""

import doctest

import pytest

from api import sentences
from api.sentences import Facts, english, turkish


def _facts(**given: object) -> Facts:
    nothing = dict.fromkeys(("band", "standing", "voice", "advocacy", "harm", "strongest", "spoke_most"))
    plain = {"reach": 1.0, "people": 0, "acts": 0, "neighbours": 0, "are_more": False, "passed_on": 0.0}
    return Facts(**(nothing | plain | given))  # type: ignore[arg-type]


def test_the_examples_hold() -> None:
    assert doctest.testmod(sentences).failed == 0


@pytest.mark.parametrize(
    ("given", "in_english", "in_turkish"),
    [
        (
            {},
            "reach about the average; nobody responds to them",
            "erişimi ortalama düzeyde; ona yanıt veren yok",
        ),
        (
            {"reach": 2.0, "strongest": "Ali", "neighbours": 1, "passed_on": 0.5},
            "reach 2.0 times the average, in part because Ali responds to them",
            "erişimi ortalamanın 2,0 katı; bir kısmı, ona yanıt veren tek kişiden geliyor: Ali",
        ),
        (
            {"reach": 9.0, "strongest": "Ali", "neighbours": 10, "are_more": True, "passed_on": 8.0},
            "mostly because Ali and at least 10 others respond to them",
            "çoğu, ona yanıt veren Ali ve en az 10 başka kişiden geliyor",
        ),
        (
            {"standing": -0.5, "people": 3, "spoke_most": "Ece"},
            "Others speak ill of them: standing −0.50 from 3 people, Ece above all.",
            "Hakkında kötü konuşuluyor: itibarı −0,50 (3 kişi; en çok Ece).",
        ),
        (
            {"voice": 0.01, "acts": 2},
            "They speak both well and ill of the brand: voice 0.01 from 2 acts.",
            "Marka hakkında hem iyi hem kötü konuşuyor: sesi 0,01 (2 kayıt).",
        ),
        ({"voice": -0.5, "harm": 0.25}, "In all: harm 0.25.", "Sonuç: zarar puanı 0,25."),
    ],
)
def test_each_score_is_told(given: dict[str, object], in_english: str, in_turkish: str) -> None:
    assert in_english in english(_facts(**given))
    assert in_turkish in turkish(_facts(**given))


@pytest.mark.parametrize("name", ["Ayşe", "Can", "Gül", "Özgür", "Ali", "Umut", "O'Neil", "x"])
@pytest.mark.parametrize("neighbours", [1, 2, 5])
def test_a_turkish_name_stands_as_it_is(name: str, neighbours: int) -> None:
    told = turkish(_facts(strongest=name, neighbours=neighbours, spoke_most=name, people=2, standing=0.5))
    assert told.count(name + " ve ") + told.count(f": {name}.") == 1
    assert f"en çok {name})" in told


def test_who_spoke_most_agrees_with_the_score() -> None:
    parts = [
        ["STANDING", "NEGATIVE", -0.4, "Can"],
        ["STANDING", "POSITIVE", 0.9, ""],
        ["STANDING", "POSITIVE", 0.2, "Ece"],
    ]
    assert Facts.of(["NEUTRAL", 1.0, 0.7, None, None, None, 3, None], parts).spoke_most == "Ece"
