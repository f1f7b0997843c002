"""How alike short texts are, by the beginnings of their words and by runs of three letters."""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
import numpy.typing as npt

from jobs.algorithms.turkish import plain

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WORD = re.compile(r"\w+")
# Five letters of a Turkish word find what a full analysis of its suffixes finds, and serve English too.
STEM = 5
STEM_WEIGHT = 1.0
LENGTH = 0.4  # how much a longer text counts less
ALIKE = 0.5  # of the runs of two words
SHORT = 3  # letters of the shortest root that suffixes are taken off
# number, whose it is, and case, without Turkish letters
INFLECTION = re.compile(
    "(?:l[ae]r)?(?:[iu]m(?:[iu]z)?|[iu]n(?:[iu]z)?|s?[iu])?(?:n?[dt][ae]n?|[yn]?[ae]|n?[iu]n|[yn]?[iu]|y?l[ae])?"
)
# With what a suffix begins: after a vowel, and after any other letter.
AFTER_VOWEL, AFTER_OTHERS = "dlmnsy", "adeiltu"
BODY_WORDS = 100
# Words that say nothing of the matter.
ENGLISH = (
    "a an and are as at be by for from i in is it its let me my of on or our so that the their them this to us we with "
    "you your can could should would please"
)
TURKISH = (  # without its letters
    "bir bu su ve ile icin de da mi mu ya ki o ben biz siz cok daha gibi kadar olsun olsa istiyorum istiyoruz lutfen "
    "yapilsin edilsin verilsin konsun eklensin falan diye"
)
COMMON = frozenset(f"{ENGLISH} {TURKISH}".split())
# What people call by several names; each name is read as the first of its line.
SAME = {
    name: names.split()[0]
    for names in (
        "wifi wireless kablosuz",
        "dark koyu karanlik",
        "theme mode tema mod",
        "plug outlet outlets plugs socket sockets",
        "bike bicycle bicycles bikes cycle",
        "phone handset handsets phones",
        "cheap lower cheaper",
        "telefon mobil cep",
        "sinyal sebeke",
        "seniors senior elderly pensioner pensioners",
        "yasli emekli yaslilar emekliler",
        "integration integrate integrations",
        "entegrasyon entegrasyonu butunlesme",
        "senkron esitleme senkronizasyon",
        "delete remove",
        "many bulk",
        "topluca toplu",
        "sil silme",
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Like:
    """A text that is like another: its number, and how much, 0 to 1."""

    number: int
    likeness: float


def words(text: str) -> list[str]:
    """The words of a text in lower case and without Turkish letters, by their common name.

    Examples
    --------
    >>> words("Kablosuz İnternet, lütfen!")
    ['wifi', 'internet', 'lutfen']
    """
    return [SAME.get(word, word) for word in WORD.findall(plain(text))]


def runs(word: str, *, ends: bool = True) -> Iterator[str]:
    """The runs of three letters of a word between blanks; without the last if its end is not known.

    Examples
    --------
    >>> list(runs("yol")), list(runs("yol", ends=False))
    ([' yo', 'yol', 'ol '], [' yo', 'yol'])
    """
    framed = f" {word} " if ends else f" {word}"
    return (framed[start : start + 3] for start in range(len(framed) - 2))


def roots(word: str) -> Iterator[str]:
    """The words of less than five letters that a longer one may be, with other suffixes.

    Examples
    --------
    >>> list(roots("yollari")), list(roots("yolu")), list(roots("kalemler"))
    (['yol', 'yola', 'yole', 'yoli', 'yolu'], [], [])
    """
    for length in range(SHORT, STEM):
        if len(word) > STEM and INFLECTION.fullmatch(word, length):
            yield from (word[:length] + vowel for vowel in ["", *"aeiu"][: 5 if length < STEM - 1 else 1])


def beginnings(word: str) -> Iterator[str]:
    """How words may begin, in five letters at most, that are this one with its suffixes, with others, or without.

    Examples
    --------
    >>> "kutus" in beginnings("kutular"), list(beginnings("kalemler"))
    (True, ['kalem'])
    """
    for root in (word[:STEM], *roots(word)):
        yield root
        if len(root) == STEM - 1:
            yield from (root + letter for letter in (AFTER_VOWEL if root[-1] in "aeiou" else AFTER_OTHERS))


def signs(text: str, *, typing: bool = False) -> dict[str, float]:
    """What a text is found by, and how much each of it counts: beginnings of words, and runs of three letters.

    While it is being `typing`, the last word may go on. Common words are left out, unless there are no others.
    """
    said = words(text)
    telling = [word for word in said if word not in COMMON] or said
    found: dict[str, float] = {}
    for place, word in enumerate(telling):
        open_ended = typing and place == len(telling) - 1 and text[-1:].isalnum()
        if not open_ended or len(word) >= STEM:
            found["=" + word[:STEM]] = STEM_WEIGHT
        for run in runs(word, ends=not open_ended):
            found[run] = 1.0
    return found


def shared(text: str, other: str) -> list[str]:
    """The words of `other`, as they are written there, that are like a word of `text`; in their order, each once.

    Alike are words of one beginning, which may be all of the shorter but its last letter, and those that share half
    of their runs of three letters.

    Examples
    --------
    >>> shared("bisiklet yolları", "Sahile bisiklet yolu")
    ['bisiklet', 'yolu']
    """
    mine = [word for word in words(text) if word not in COMMON]
    found = []
    for written in WORD.findall(other):
        word = SAME.get(plain(written), plain(written))
        if word not in COMMON and any(_alike(word, each) for each in mine):
            found.append(written)
    return list(dict.fromkeys(found))


def _alike(one: str, other: str) -> bool:
    differ = (at for at, (mine, its) in enumerate(zip(one, other, strict=False)) if mine != its)
    if next(differ, min(len(one), len(other))) >= min(STEM, max(3, min(len(one), len(other)) - 1)):
        return True
    these, those = set(runs(one)), set(runs(other))
    return 2 * len(these & those) >= ALIKE * (len(these) + len(those))


@dataclass(slots=True)
class Likenesses:
    """Many short texts, of which those most like a new one are found; texts are numbered as they come.

    A text is as like another as what the two share tells of the first: Σ w·log(1 + N/n) over the signs that both
    have, by the same sum over all signs of the first, where n of N texts have a sign and w is its weight; divided
    by (their number in the other by that in the first) to the power of .4 if it is longer. Words are cut after five
    letters [1]_.

    References
    ----------
    .. [1] F. Can et al., "Information retrieval on Turkish texts", JASIST 59(3), 2008,
       https://doi.org/10.1002/asi.20750

    Examples
    --------
    >>> known = Likenesses()
    >>> for title in ("Sahile bisiklet yolu", "Parka köpek bahçesi"):
    ...     known.add(title)
    0
    1
    >>> [like.number for like in known.nearest("bisklet yollari", 5)]
    [0]
    """

    holders: dict[str, "array[int]"] = field(default_factory=dict)
    sizes: "array[float]" = field(default_factory=lambda: array("d"))
    groups: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, title: str, body: str = "", group: int = 0) -> int:
        """Add a text and say its number; of the body only the beginnings of words count. `group` is 0 upwards."""
        number = len(self.sizes)
        found = signs(title)
        more = {"=" + word[:STEM] for word in words(body)[:BODY_WORDS] if word not in COMMON}
        for sign in found.keys() | more:
            self.holders.setdefault(sign, array("i")).append(number)
        self.sizes.append(max(1, len(found)))
        self.groups.append(group)
        return number

    def drop(self, number: int) -> None:
        """Find this text no more."""
        self.groups[number] = -1

    def nearest(self, text: str, count: int, *, typing: bool = False, group: int | None = None) -> list[Like]:
        """The texts most like this one, of one group if it is given, most alike first and then as they came."""
        asked = signs(text, typing=typing)
        total = 0.0
        held: list[Ints] = []
        worth: list[Floats] = []
        for sign, weight in asked.items():
            holders = self.holders.get(sign)
            value = weight * log(1 + len(self.sizes) / (len(holders) if holders else 1))
            total += value
            if holders:
                held.append(np.array(holders, np.int64))
                worth.append(np.full(len(holders), value))
        if not held:
            return []
        return self._best(held, worth, total, len(asked), count, group)

    def saying(self, text: str) -> list[int]:
        """The texts that have each word of this one in them, but for words that say nothing; as they came.

        A word is there by its first five letters, by a short root of it, whose suffixes may be others, or in a title
        by half of its runs of three letters.

        Examples
        --------
        >>> known = Likenesses()
        >>> for title in ("Sahile bisiklet yolu", "Bisiklet parkı"):
        ...     known.add(title)
        0
        1
        >>> known.saying("BİSİKLETLER yolu"), known.saying("bisklet"), known.saying("ve"), known.saying("yolları")
        ([0], [0, 1], [], [0])
        """
        telling = [word for word in words(text) if word not in COMMON]
        there = np.array(self.groups) >= (0 if telling else len(self.groups))
        for word in telling:
            found = list(runs(word))
            begun = [self.holders.get("=" + stem, ()) for stem in beginnings(word)]
            stems = np.concatenate([np.array(holders, np.int64) for holders in begun])
            held = [np.array(self.holders[run], np.int64) for run in found if run in self.holders]
            counts = np.bincount(np.concatenate([*held, stems[:0]]), minlength=len(self.sizes))
            alike = counts >= ALIKE * len(found)
            alike[stems] = True
            there &= alike
        numbers: list[int] = np.flatnonzero(there).tolist()
        return numbers

    def _best(
        self,
        held: Sequence[Ints],
        worth: Sequence[Floats],
        total: float,
        asked: int,
        count: int,
        group: int | None,
    ) -> list[Like]:
        points = np.bincount(np.concatenate(held), np.concatenate(worth), len(self.sizes)) / total
        points /= np.maximum(np.array(self.sizes) / asked, 1.0) ** LENGTH
        groups = np.array(self.groups)
        points[groups < 0 if group is None else groups != group] = 0.0
        best = np.flatnonzero(points)
        if len(best) > count:
            least = np.partition(points[best], -count)[-count]
            best = best[points[best] >= least]
        order = best[np.lexsort((best, -points[best]))][:count]
        return [Like(int(number), float(points[number])) for number in order]
