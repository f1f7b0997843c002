"""Reads the mood of English texts by VADER's rules, with more of the words of customers."""

import re
from functools import cache
from typing import Any

from jobs.algorithms import emoji
from jobs.algorithms.lexicon import entries
from jobs.algorithms.mood import Evidence, Mood, weigh

JOINT = "\N{CHARACTER TIE}"  # no blank, and in nobody's words
SCALE = 4  # VADER's valences are −4 … 4


class EnglishMood:
    """The mood of English texts [1]_, with the words it goes by.

    References
    ----------
    .. [1] C. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
       Media Text", ICWSM 2014.
    """

    def mood(self, text: str) -> Mood:
        """The mood of a text; always the same for the same text."""
        signs, prose = emoji.take_out(text)
        found = _vader().polarity_scores(_joined(prose))
        return weigh([*found["evidence"], *signs], found["emphasis"])


def _joined(text: str) -> str:
    """The text with each phrase of the lexicon as one word, as VADER reads word by word."""
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):
        return text
    found, end = [], 0
    for match in _phrases().finditer(lowered):
        found += [text[end : match.start()], match.group().replace(" ", JOINT)]
        end = match.end()
    return "".join([*found, text[end:]]) if found else text


@cache
def _phrases() -> re.Pattern[str]:
    phrases = sorted((entry for entry, _ in entries("english") if " " in entry), key=len, reverse=True)
    # each begins with its first letter as it is: such a search passes over all other letters fast
    return re.compile("|".join(rf"{entry[0]}(?<!\w\w){re.escape(entry[1:])}(?!\w)" for entry in phrases))


@cache
def _vader() -> Any:
    # a tenth of a second to load: not before the first English text
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer, SentiText

    class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]
        """VADER up to the step where it adds up."""

        def sentiment_valence(
            self, valence: float, sentitext: Any, item: str, i: int, sentiments: list[float]
        ) -> list[float]:
            if item.lower() in self.lexicon:
                found: list[float] = super().sentiment_valence(valence, sentitext, item, i, sentiments)
                return found
            sentiments.append(0.0)  # which takes VADER as long as a word that speaks
            return sentiments

        def score_valence(self, sentiments: list[float], text: str) -> dict[str, Any]:
            words = SentiText(text).words_and_emoticons
            evidence = [
                Evidence(self._said(word, valence), valence / SCALE)
                for word, valence in zip(words, sentiments, strict=False)
                if valence
            ]
            return {"evidence": evidence, "emphasis": self._punctuation_emphasis(text) / SCALE}

        def _said(self, word: str, valence: float) -> str:
            said = word.replace(JOINT, " ")
            return f"not {said}" if self.lexicon.get(word.lower(), 0.0) * valence < 0 else said

    vader = Vader()
    vader.lexicon.update({word.replace(" ", JOINT): SCALE * valence for word, valence in entries("english")})
    return vader
