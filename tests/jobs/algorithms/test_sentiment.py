"""A mood is read by suffix, by the words around and by emoji; the words that made it are told."""

import time
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.algorithms.clauses import clauses
from jobs.algorithms.lexicon import entries
from jobs.algorithms.mood import Label, label
from jobs.algorithms.sentiment import LONGEST_TEXT, VERSION, analyse
from jobs.algorithms.turkish import read_word

POSITIVE = """
Çok güzel bir ürün, herkese tavsiye ederim
Paketleme özenliydi, teşekkürler
hiç sorun yaşamadım
Sorunsuz geldi
kötü değil
sıkıntı yok
COK BEGENDIM
Çoook güzelll
Kargo geç geldi ama ürün mükemmel
Teşekkürler 😍
fiyatına göre gayet iyi
Kahvesi enfes, çalışanlar güler yüzlü
memnun kaldık, yine geleceğiz
sorunum hızlıca çözüldü
Sorunumu beş dakikada çözdüler
en ufak bir problem yasamadim
Hiç üzmedi
Couldn't be happier
No complaints
Great service, thanks!
not bad at all
The crew was friendly and helpful
I love this coffee 😍
"""

NEGATIVE = """
Hiç beğenmedim
begenmedim
tavsiye etmiyorum
Hiç memnun kalmadım
hiç güzel değil
iyi değil
Kargom hala gelmedi
Uygulama çalışmıyor
Ürün güzel ama kargo berbat
Müşteri hizmetleri ilgisiz, kimse cevap vermiyor
urun bozuk cikti
kandırıldım
Tam bir hayal kırıklığı
tatsız tuzsuz bir yemekti
sorunum çözülmedi
Bu kadar kötü hizmet görmedim
Maalesef anlamadı
Keşke almasaydım
Daha iyi olabilirdi
Şikayetimi dinlemediler
I’ll never buy again
Don't waste your money
iki saattir bekliyorum 😡
REZALET
paramı iade etmediler
My flight was delayed for 3 hours
I don't like it
worst coffee ever 😡
Not good
The app crashes and support is useless
"""

NEUTRAL = """
Yarın saat üçte toplantı var
Ankara'dan İstanbul'a bilet aldım
Mağaza kaçta açılıyor?
What time does the store open?
The parcel is blue.
"""


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("text", _lines(POSITIVE))
def test_praise_is_positive(text: str) -> None:
    assert analyse(text).mood.label is Label.POSITIVE


@pytest.mark.parametrize("text", _lines(NEGATIVE))
def test_complaint_is_negative(text: str) -> None:
    assert analyse(text).mood.label is Label.NEGATIVE


@pytest.mark.parametrize("text", _lines(NEUTRAL))
def test_plain_fact_is_neutral_and_has_no_reason(text: str) -> None:
    mood = analyse(text).mood
    assert (mood.label, mood.confidence, mood.why) == (Label.NEUTRAL, 0.0, ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Kargo hızlıydı ama ürün bozuk çıktı", ("+hızlıydı", "−bozuk çıktı")),
        ("tavsiye etmiyorum", ("−tavsiye etmiyorum",)),
        ("hiç sorun çıkmadı", ("+sorun çıkmadı",)),
        ("not good", ("−not good",)),
        ("they hung up on me", ("−hung up on",)),
        ("👍", ("+👍",)),
    ],
)
def test_the_words_that_made_it_are_told(text: str, why: tuple[str, ...]) -> None:
    assert analyse(text).mood.why == why


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ("çok güzel bir ürün", "güzel bir ürün"),
        ("güzel bir ürün", "biraz güzel bir ürün"),
        ("REZALET bir hizmet", "rezalet bir hizmet"),
        ("güzel ürün 😍", "güzel ürün"),
        ("The food was great!!!", "The food was great"),
    ],
)
def test_stress_strengthens(stronger: str, weaker: str) -> None:
    assert abs(analyse(stronger).mood.score) > abs(analyse(weaker).mood.score)


def test_the_clause_after_a_contrast_weighs_more() -> None:
    assert (
        analyse("Kargo kötü ama ürün güzel").mood.score > 0 > analyse("Ürün güzel ama kargo kötü").mood.score
    )
    assert [clause.weight for clause in clauses("Eski söz. Biri iyi, biri kötü fakat öteki iyi")] == [
        1,
        0.5,
        0.5,
        1.5,
    ]


@pytest.mark.parametrize(
    "word", ["beğenmedim", "beğenmiyorum", "beğenmez", "beğenmeyen", "begenmedik", "sevmem"]
)
def test_a_verb_is_negated_by_its_suffix(word: str) -> None:
    read = read_word(word)
    assert read.valence is not None
    assert read.valence > 0
    assert read.negated


@pytest.mark.parametrize("word", ["sorunsuz", "sıkıntısızdı", "problemsiz", "lezzetsiz", "kusursuz"])
def test_without_turns_a_noun_round(word: str) -> None:
    text = analyse(f"ürün {word}").mood
    assert text.label is (Label.NEGATIVE if word == "lezzetsiz" else Label.POSITIVE)


@pytest.mark.parametrize(
    "word", ["güvenlik", "hastane", "açık", "seviye", "çok", "tamam", "namaz", "temmuz", "artık"]
)
def test_a_word_that_only_looks_like_another_says_nothing(word: str) -> None:
    assert not read_word(word).valence
    assert not read_word(word).negated


def test_a_small_score_is_neutral() -> None:
    assert [label(score) for score in (0.05, 0.0499, -0.0499, -0.05)] == [
        Label.POSITIVE, Label.NEUTRAL, Label.NEUTRAL, Label.NEGATIVE,
    ]  # fmt: skip


def test_emoji_speak_in_any_language() -> None:
    assert analyse("素晴らしい 😍").mood.label is Label.POSITIVE
    assert analyse("素晴らしい").mood.label is Label.NEUTRAL


def test_a_heap_of_one_emoji_says_little_more_than_three() -> None:
    assert analyse("👍" * 500).mood.score == analyse("👍👍👍").mood.score


WORDS = [
    "hiç",
    "çok",
    "güzel",
    "kötü",
    "değil",
    "yok",
    "ama",
    "beğenmedim",
    ",",
    ".",
    "😡",
    "not",
    "good",
    "but",
]
texts = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=150)
@given(texts)
def test_any_text_has_a_mood_within_its_range_always_the_same(text: str) -> None:
    found = analyse(text)
    assert found == analyse(text)
    assert -1 <= found.mood.score <= 1
    assert 0 <= found.mood.confidence <= 1
    assert found.mood.label is label(found.mood.score)
    assert found.version == VERSION


@pytest.mark.parametrize(
    "text", ["la" * 50_000, "güzel ama " * 5_000, ":(" * 20_000, "a" * 100_000, "but good " * 5_000]
)
def test_a_long_text_is_read_in_no_time(text: str) -> None:
    analyse("güzel"), analyse("the good")
    started = time.perf_counter()
    analyse(text)
    assert time.perf_counter() - started < 1
    assert analyse(text) == analyse(text[:LONGEST_TEXT])


def test_a_mood_cannot_be_changed() -> None:
    mood: Any = analyse("güzel").mood
    with pytest.raises(FrozenInstanceError):
        mood.score = 0


@pytest.mark.parametrize(("name", "least"), [("turkish", 1500), ("english", 300), ("emoji", 80)])
def test_a_lexicon_is_clean(name: str, least: int) -> None:
    words = [word for word, _ in entries(name)]
    assert len(words) == len(set(words)) >= least
    assert all(-1 <= valence <= 1 and word == word.strip() for word, valence in entries(name))
