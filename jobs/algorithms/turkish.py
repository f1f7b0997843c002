"""Reads Turkish words: their root in the lexicon, and the suffixes that turn its meaning round."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import simplemma

from jobs.algorithms.lexicon import entries

ASCII = str.maketrans("çğıöşüâîû", "cgiosuaiu")
LOWER = str.maketrans({"I": "ı", "İ": "i"})
DRAWN_OUT = re.compile(r"(\w)\1{2,}")
SHORTEST_ROOT = 4
LONGEST_ENDING = 16
# consonants that soften before a vowel: et → ediyor, renk → rengi, kitap → kitabı, ağaç → ağacı
SOFTENED = str.maketrans("tkpcç", "dgbcc")

# what may follow a root, without Turkish letters
ENDING = re.compile(
    "(?:l[ae]r|l[ae]|y?[dt][iu]k?|[dt][ae]n?|y?m[iu]s|y?[iu]m|[iu]z|s[iu]n|s[iu]|y?s[ae]|n[iu]n|n[iu]|y?[iu]|y?[ae]"
    "|n?c[ae]|c[iu]|l[iu][kg]?|s[iu]z|m[ae]k?|[iu]yor|[iae]r|ur|m[ae]z|[ae]c[ae][kg]|y[ae]n|[ae]n|[iu]p|[iu]l"
    "|[iu]n|[td][iu]r|ki|[dt][iu]g|[iu]s|n|m|k)*"
)
# voice and "can", then the negation with what shows that it is one, and no noun in -me
NEGATION = re.compile(
    "(?:[iu]?l|[iu]?n|[td][iu]r|[iu]r|t|[iu]s)*(?:y?[ae])?m(?:[iu]yor|[ae](?:d[iu]|d[ae]n$|m(?:is|$|[ae])|z"
    "|y(?:[ae]c|[ae]n|[iu]p|[iu]n|[iu]z$|[ae]r[ae]k|[ae]bil)|s[iu]n(?:l[ae]r)?$|s[ae]))"
)
# of a verb nobody knows, only what can hardly be anything else
PLAIN_NEGATION = re.compile(
    r"\w{2,}m(?:[ae]d[iu](?:[mnk]|l[ae]r|n[iu]z)?|[iu]yor\w*|[ae]m[iu]s\w*|[ae]y[ae]c[ae][kg]\w*)"
)
PRIVATIVE = re.compile("s[iu]z")


class Word(NamedTuple):
    """What a word says: the valence of its root, whether a suffix negates it, whether that is counted in."""

    valence: float | None
    negated: bool = False
    counted: bool = False  # "çalışmıyor" is bad by itself, although "çalış" is not good


@lru_cache(maxsize=65_536)
def read_word(word: str) -> Word:
    """What a word says, by the longest of the lexicon's roots that fits.

    A root fits if it is the word, its lemma, or if Turkish suffixes alone make the word of it. A word typed
    without Turkish letters fits a root that loses them.

    Parameters
    ----------
    word : str
        As it was typed, in any case and inflection.

    Returns
    -------
    Word

    Examples
    --------
    >>> read_word("beğenmedim")
    Word(valence=0.65, negated=True, counted=False)
    >>> read_word("BEGENDIK").valence, read_word("dertsizdi").negated, read_word("masa").valence
    (0.65, True, None)
    """
    typed = lower(word)
    lemma = simplemma.lemmatize(typed, lang="tr")
    known = lemma != typed or simplemma.is_known(typed, lang="tr")
    accented, plain, _ = _lexicon()
    found = _read(typed, lemma, known, accented)
    if found.valence is None and not known:
        return _read(typed.translate(ASCII), lemma.translate(ASCII), known, plain)
    return found


def lower(text: str) -> str:
    """Lower case by the Turkish rule for the four i's, without drawn-out letters.

    Examples
    --------
    >>> lower("IŞIK İYİİİİ")
    'ışık iyi'
    """
    return DRAWN_OUT.sub(r"\1", text.translate(LOWER).lower())


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word in lower case without Turkish letters.

    Examples
    --------
    >>> plain("ÇOOOK")
    'cok'
    """
    return lower(word).translate(ASCII)


def find_phrase(words: Sequence[str], start: int) -> tuple[int, float] | None:
    """The longest phrase of the lexicon at a place of plain words: how many words it takes, and its valence.

    Examples
    --------
    >>> find_phrase(["tam", "bir", "hayal", "kirikligi", "oldu"], 2)
    (2, -0.75)
    """
    for phrase, valence in _lexicon()[2].get(words[start], ()):
        *first, last = words[start : start + len(phrase)]
        if tuple(first) == phrase[:-1] and last.startswith(phrase[-1]):
            return len(phrase), valence
    return None


def _read(surface: str, lemma: str, known: bool, roots: Mapping[str, float]) -> Word:
    if surface in roots:
        return Word(roots[surface])
    root = _root(surface, lemma, known, roots)
    negated = any(_follows(NEGATION, surface, stem) for stem in (root, lemma) if stem)
    negated = negated or (root is None and PLAIN_NEGATION.fullmatch(surface.translate(ASCII)) is not None)
    if negated:
        for stem in (root, *_stems(surface, lemma)):
            if stem and f"{stem}-" in roots:
                return Word(roots[f"{stem}-"], negated=True, counted=True)
    if root is None:
        return Word(None, negated)
    return Word(roots[root], negated or _follows(PRIVATIVE, surface, root))


def _stems(surface: str, lemma: str) -> Iterator[str]:
    """The stems which a lexicon may have negated, longest first: "çözülmedi" is no "çöz-" if there is "çözül-"."""
    negation = re.search("(?:y?[ae])?m[aeiuıü]", surface[1:])
    if negation and negation.start() + 1 > len(lemma):
        yield surface[: negation.start() + 1]
    yield lemma


def _root(surface: str, lemma: str, known: bool, roots: Mapping[str, float]) -> str | None:
    shortest = max(SHORTEST_ROOT, len(lemma) + 1 if known else 0, len(surface) - LONGEST_ENDING)
    for length in range(len(surface) - 1, shortest - 1, -1):
        if surface[:length] in roots and ENDING.fullmatch(surface[length:].translate(ASCII)):
            return surface[:length]
    return lemma if lemma in roots else None


def _follows(ending: re.Pattern[str], surface: str, root: str) -> bool:
    """Whether a word is this root and an ending of this kind."""
    softened = root[:-1] + root[-1:].translate(SOFTENED)
    if not surface.startswith((root, softened)):
        return False
    return ending.match(surface[len(root) :][:LONGEST_ENDING].translate(ASCII)) is not None


Phrases = Mapping[str, Sequence[tuple[tuple[str, ...], float]]]


@cache
def _lexicon() -> tuple[Mapping[str, float], Mapping[str, float], Phrases]:
    """Single roots as they are and as plain words, and plain phrases by their first word, longest first."""
    accented: dict[str, float] = {}
    folded: dict[str, float] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for entry, valence in entries("turkish"):
        words = tuple(entry.translate(ASCII).split())
        if len(words) == 1:
            accented[entry] = valence
            folded.setdefault(words[0], valence)
        else:
            phrases.setdefault(words[0], []).append((words, valence))
    for found in phrases.values():
        found.sort(key=lambda phrase: (-len(phrase[0]), -len(phrase[0][-1]), phrase[0]))
    return accented, folded, phrases
