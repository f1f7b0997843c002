"""Reads the language and the mood of a text, offline, and says which words made it."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.algorithms import emoji
from jobs.algorithms.clauses import TurkishMood
from jobs.algorithms.english import EnglishMood
from jobs.algorithms.language import language, without_noise
from jobs.algorithms.mood import Mood, MoodAnalyser, weigh

VERSION = "lexicon-3"
LONGEST_TEXT = 4_000


class EmojiMood:
    """The mood of texts in a language without a lexicon: of their emoji alone."""

    def mood(self, text: str) -> Mood:
        """The mood of a text; always the same for the same text."""
        return weigh(emoji.take_out(text)[0])


ANALYSERS: Mapping[str | None, MoodAnalyser] = {"tr": TurkishMood(), "en": EnglishMood(), None: EmojiMood()}


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was read out of a text, and by which version of the reader."""

    language: str | None
    mood: Mood
    version: str


def analyse(text: str) -> Analysis:
    """The language and the mood of a text.

    Parameters
    ----------
    text : str
        As it was typed; what comes after 4,000 characters is not read.

    Returns
    -------
    Analysis

    Examples
    --------
    >>> found = analyse("Paketleme çok özenliydi, teşekkürler")
    >>> found.language, found.mood.label.value, found.mood.why
    ('tr', 'POSITIVE', ('+özenliydi', '+teşekkürler'))
    >>> analyse("Hiç beğenmedim").mood.label.value, analyse("not good at all").mood.why
    ('NEGATIVE', ('−not good',))
    """
    read = text[:LONGEST_TEXT]
    found = language(read)
    return Analysis(found, ANALYSERS[found].mood(without_noise(read)), VERSION)
