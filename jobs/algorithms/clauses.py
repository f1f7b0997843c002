"""Reads the mood of Turkish sentences: what the words of a clause do to one another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from jobs.algorithms import emoji
from jobs.algorithms.mood import Evidence, Mood, weigh
from jobs.algorithms.turkish import Word, find_phrase, plain, read_word

TOKEN = re.compile(r"(?P<word>\w+(?:['’]\w+)?)|(?P<stop>[.!?…\n;]+)|(?P<pause>,)")
# VADER's weights of what stands before and after a "but"
BEFORE_CONTRAST, AFTER_CONTRAST = 0.5, 1.5
STRONGER, WEAKER, SHOUTED = 1.25, 0.7, 1.2
# "not good" is nearly bad, "not bad" is hardly good
NO_LONGER_GOOD, NO_LONGER_BAD = -0.9, -0.6
NEAR = 3
# a negated verb of less than this says little by itself
MERE_VERB = -0.2
CONTRASTS = frozenset({"ama", "amma", "fakat", "ancak", "lakin"})
STRONG = """
acayip asiri asla bayagi cidden cok ekstra en epey fazlasiyla gayet gercekten hayli inanilmaz kesinlikle
muthis oldukca olaganustu resmen son tam tamamen
"""
INTENSIFIERS = frozenset(STRONG.split())
DIMINISHERS = frozenset({"az", "azicik", "biraz", "gorece", "hafiften", "kismen", "nispeten", "pek"})
NOT = re.compile("degil(?:di|dir|im|iz|ler|mis|se)?")
ABSENT = re.compile("yok(?:tu|mus|tur)?")
NEVER = frozenset({"hic", "hicbir"})
# said of a whole sentence, and so not turned by its verb
REMARKS = frozenset({"keske", "maalesef", "malesef"})
# "the problem was solved" is good, "it would have been good" is not
SOLVED = re.compile(r"(?:coz(?:ul)?|hallet|gider(?:il)?|duzel(?:t|til)?)(?:[dt][iu]|m[iu]s|[iu]yor)\w*")
WISHED = re.compile("ol(?:abilirdi|maliydi|saydi|urdu)")
MERE_WISH = 0.5
# "I never saw such a bad one" takes nothing back
SUCH = frozenset({"boyle", "boylesi", "boylesine", "kadar", "hayatimda", "omrumde"})
SEEN = re.compile(r"(?:duy|gor|ic|karsilas|rastla|tat|yasa|ye)m[aeiu]\w+")


@dataclass(slots=True)
class Clause:
    """The words between two stops, and how much they weigh beside a contrast."""

    words: list[str] = field(default_factory=list)
    weight: float = 1.0


class TurkishMood:
    """The mood of Turkish texts, by a lexicon, suffixes and the words around."""

    def mood(self, text: str) -> Mood:
        """The mood of a text; always the same for the same text."""
        found, prose = emoji.take_out(text)
        for clause in clauses(prose):
            found += [
                Evidence(each.word, each.valence * clause.weight) for each in _Reader(clause.words).read()
            ]
        return weigh(found)


def clauses(text: str) -> list[Clause]:
    """A text cut at stops, commas and words of contrast; in a sentence the part after a contrast weighs more.

    Examples
    --------
    >>> [(clause.words, clause.weight) for clause in clauses("Kargo hızlı ama ürün kötü")]
    [(['Kargo', 'hızlı'], 0.5), (['ürün', 'kötü'], 1.5)]
    """
    found, sentence = [Clause()], 0
    for token in TOKEN.finditer(text):
        word = token.group()
        if token.lastgroup == "stop":
            sentence = len(found)
            found.append(Clause())
        elif token.lastgroup == "pause":
            found.append(Clause(weight=found[-1].weight))
        elif plain(word) in CONTRASTS:
            if not any(clause.words for clause in found[sentence:]):
                sentence = max(0, sentence - 1)  # "… . Ama …": the contrast is with the sentence before
            for clause in found[sentence:]:
                clause.weight = BEFORE_CONTRAST
            found.append(Clause(weight=AFTER_CONTRAST))
        else:
            found[-1].words.append(word)
    return [clause for clause in found if clause.words]


@dataclass(slots=True)
class _Reader:
    """Reads the words of a clause from left to right."""

    typed: Sequence[str]
    plain: list[str] = field(init=False)
    found: list[tuple[int, Evidence]] = field(default_factory=list)
    never: bool = False

    def __post_init__(self) -> None:
        self.plain = [plain(word) for word in self.typed]

    def read(self) -> list[Evidence]:
        place = 0
        while place < len(self.plain):
            if phrase := find_phrase(self.plain, place):
                self._phrase(place, *phrase)
                place += phrase[0]
            else:
                self._word(place)
                place += 1
        return [evidence for _, evidence in self.found]

    def _phrase(self, place: int, length: int, valence: float) -> None:
        end = place + length
        self._add(end - 1, " ".join(self.typed[place:end]), valence * self._degree(place))

    def _word(self, place: int) -> None:
        word = self.plain[place]
        if word in NEVER:
            self.never = True
        elif NOT.fullmatch(word):
            self._turn(place)
        elif ABSENT.fullmatch(word):
            if not self._turn(place):
                self._add(place, self.typed[place], read_word("yok").valence or 0.0)
        elif not self._settles(place):
            self._say(place)

    def _say(self, place: int) -> None:
        typed = self.typed[place]
        word = read_word(typed)
        if (self._turns(word, place) and self._turn(place)) or word.valence is None:
            return
        valence = word.valence * self._degree(place)
        if word.negated and not word.counted:
            valence = _turned(valence)
        elif self.never and not word.negated and not self._negated_later(place):
            # "hiç güzel" is negated by "hiç", "hiç beğenmedim" already by its suffix
            typed, valence, self.never = f"hiç {typed}", _turned(valence), False
        self._add(place, typed, valence)

    def _add(self, place: int, words: str, valence: float) -> None:
        self.found.append((place, Evidence(words, valence)))

    def _turn(self, place: int, share: float = 1.0) -> bool:
        """Turn round what was said just before: "iyi değil", "sorun yaşamadım"."""
        if not self.found or place - self.found[-1][0] > NEAR:
            return False
        before, said = self.found[-1]
        if self.plain[before] in REMARKS:
            return False
        words = " ".join([said.word, *self.typed[before + 1 : place + 1]])
        self.found[-1] = (place, Evidence(words, share * _turned(said.valence)))
        return True

    def _settles(self, place: int) -> bool:
        """Whether a word took back what was said: a good that is only wished for, an evil that is over."""
        said = self.found[-1][1].valence if self.found else 0.0
        if said > 0 and WISHED.fullmatch(self.plain[place]):
            return self._turn(place, MERE_WISH)
        return said < 0 and SOLVED.fullmatch(self.plain[place]) is not None and self._turn(place)

    def _turns(self, word: Word, place: int) -> bool:
        """Whether a word is a negated verb that says of what stands before it that it is not so."""
        if not word.negated or not self.found:
            return False
        if SEEN.fullmatch(self.plain[place]) and SUCH.intersection(self.plain[:place]):
            return False
        if word.counted and self.found[-1][1].valence < 0:
            # "sorunum çözülmedi" is bad twice, but "sorun yapmadı" is good
            return (word.valence or 0.0) > MERE_VERB
        return word.counted or word.valence is None

    def _negated_later(self, place: int) -> bool:
        near = range(place + 1, min(place + 1 + NEAR, len(self.typed)))
        return any(
            NOT.fullmatch(self.plain[at])
            or ABSENT.fullmatch(self.plain[at])
            or read_word(self.typed[at]).negated
            for at in near
        )

    def _degree(self, place: int) -> float:
        before = self.plain[max(0, place - 2) : place]
        degree = STRONGER if any(word in INTENSIFIERS for word in before) else 1.0
        degree *= WEAKER if any(word in DIMINISHERS for word in before) else 1.0
        typed = self.typed[place]
        return degree * (SHOUTED if len(typed) > 3 and typed.isupper() else 1.0)


def _turned(valence: float) -> float:
    return valence * (NO_LONGER_GOOD if valence > 0 else NO_LONGER_BAD)
