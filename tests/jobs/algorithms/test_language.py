"""Turkish and English are told apart in a few words, typed with or without Turkish letters."""

import pytest

from jobs.algorithms.language import language


@pytest.mark.parametrize(
    "text",
    [
        "kargom nerede",
        "guzel",
        "TEŞEKKÜRLER!",
        "urun bozuk cikti",
        "iPhone kılıfı çok güzel",
        "Siparişim üç gündür yola çıkmadı, lütfen bilgi verin.",
        "Müşteri hizmetleri sorunumu çözdü https://example.com/a?b=c",
    ],
)
def test_turkish_is_found(text: str) -> None:
    assert language(text) == "tr"


@pytest.mark.parametrize(
    "text",
    ["where is my parcel", "love it", "worst airline ever", "The battery lasts for days.", "@shop thanks!"],
)
def test_english_is_found(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "👍👍",
        "12345",
        "https://example.com/the/best",
        "@ayse @mehmet",
        "Где моя посылка, уже неделю жду",
        "商品很好",
        "Das ist wirklich sehr gut und ich bin damit ganz zufrieden",
        "Je suis très content de ce produit, merci beaucoup",
        "\ud800",
    ],
)
def test_what_is_neither_is_none(text: str) -> None:
    assert language(text) is None
