"""Tells Turkish from English, also in the few words of a short message."""

import re
from functools import cache
from typing import Any

LANGUAGES = ("tr", "en")
# what is no word of either language: addresses, handles and tags; each of them shows one of the signs
NOISE_SIGN = re.compile(r"[@#]|//|www\.")
NOISE = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+\.\w+|[@#]\w+")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
ASCII = str.maketrans("çğıöşüâîûÇĞİÖŞÜÂÎÛ", "cgiosuaiuCGIOSUAIU")
TURKISH_LETTERS = re.compile("[ğĞışŞİ]")
# words that show a language wherever they stand, without Turkish letters since many type them so
TURKISH = """
abi acaba ama ancak artik asla bana bazi begendim begenmedim belki ben beni benim berbat bile bir biraz biz
bize bizi bizim boyle bu bugun buna bunu bunun cok cunku da daha de degil diye dun ederim eger en evet fakat
fena gayet geldi gelmedi gibi gore guzel hala harika hayir hem hep hepsi her hic hocam icin ile ise iste iyi
kadar kargo kendi ki kim kimse kotu lan lutfen memnun memnunum merhaba mi miydi mu mukemmel muydu nasil ne
neden nerede nicin niye olan olarak oldu olsun olur ona onu onun oyle param ragmen rezalet rezil sadece
sagol sanki selam sen siparis siparisim siz size sizi sizin sonra su tam tamam tavsiye tesekkur tesekkurler
tum urun urunu uzere var ve veya ya yani yarin yine yok zaten
"""
ENGLISH = """
a about after all and any are aren't awful back bad be because been before but by can can't could did didn't
do does doesn't don't ever for from get good got great had happy has have haven't he hello here hey him his
how i i'm if in into isn't it it's its just know like love me more much my need never new nice no not now of
off one only or our out please poor really she should some such terrible than thank thanks that that's the
their them then there these they this those to too up us very was wasn't we well were what when where which
who why will with won't worst would wow yes yet you your yours
"""
TURKISH_WORDS, ENGLISH_WORDS = frozenset(TURKISH.split()), frozenset(ENGLISH.split())
FEW_LETTERS = 24
ENOUGH = 400  # characters: more tell no more
SURE = 0.9
LIKELY = 0.6


def language(text: str) -> str | None:
    """The ISO 639-1 code of a text, "tr" or "en", or None when it is neither or shows too little.

    Words and letters that only one of the two has decide; where they do not, the n-grams of py3langid do
    (Lui and Baldwin 2012, "langid.py"), which know of the other languages as well.

    Parameters
    ----------
    text : str
        As it was typed, with or without Turkish letters.

    Returns
    -------
    str or None

    Examples
    --------
    >>> [language(text) for text in ("kargom hala gelmedi", "Where is my parcel?", "Где моя посылка?", "👍")]
    ['tr', 'en', None, None]
    """
    plain = without_noise(text[:ENOUGH])
    words = WORD.findall(plain.replace("’", "'"))
    letters = "".join(words)
    if len(letters) < 2 or not _latin(letters):
        return None
    folded = _folded("\n".join(words)).split("\n")
    turkish = sum(map(TURKISH_WORDS.__contains__, folded)) + 2 * bool(TURKISH_LETTERS.search(plain))
    english = sum(map(ENGLISH_WORDS.__contains__, folded))
    if turkish != english and (max(turkish, english) > 1 or len(letters) <= FEW_LETTERS):
        return "tr" if turkish > english else "en"
    return _by_ngrams(" ".join(words), few=len(letters) <= FEW_LETTERS)


def without_noise(text: str) -> str:
    """The text with a space for each address, handle and tag.

    Examples
    --------
    >>> without_noise("güzel https://example.org @ayse")
    'güzel    '
    """
    return NOISE.sub(" ", text) if NOISE_SIGN.search(text) else text


def _folded(text: str) -> str:
    lowered = text.replace("İ", "i").lower()
    return lowered if lowered.isascii() else lowered.translate(ASCII)


def _latin(letters: str) -> bool:
    return letters.isascii() or 2 * sum(letter < "\u0250" for letter in letters) > len(letters)


def _by_ngrams(text: str, *, few: bool) -> str | None:
    ranked: list[tuple[str, float]] = _identifier().rank(text)
    best, chance = ranked[0]
    if best not in LANGUAGES and chance >= SURE and not few:
        return None
    chances = dict(ranked)
    first, second = sorted(LANGUAGES, key=lambda code: -chances[code])
    both = chances[first] + chances[second]
    return first if both > 0 and chances[first] / both >= LIKELY else None


@cache
def _identifier() -> Any:
    # the model takes a second to load: not before the first text that needs it
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
