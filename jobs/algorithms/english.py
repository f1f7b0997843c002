"""Reads the mood of English texts by VADER's rules, with more of the words of customers."""

from functools import cache
from typing import Any

from jobs.algorithms import emoji
from jobs.algorithms.lexicon import entries
from jobs.algorithms.mood import Evidence, Mood, weigh

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
        found = _vader().polarity_scores(emoji.silenced(text))
        return weigh([*found["evidence"], *emoji.evidence(text)], found["emphasis"])


@cache
def _vader() -> Any:
    # a tenth of a second to load: not before the first English text
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer, SentiText

    class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]
        """VADER up to the step where it adds up."""

        def score_valence(self, sentiments: list[float], text: str) -> dict[str, Any]:
            words = SentiText(text).words_and_emoticons
            evidence = [
                Evidence(self._said(word, valence), valence / SCALE)
                for word, valence in zip(words, sentiments, strict=False)
                if valence
            ]
            return {"evidence": evidence, "emphasis": self._punctuation_emphasis(text) / SCALE}

        def _said(self, word: str, valence: float) -> str:
            return f"not {word}" if self.lexicon.get(word.lower(), 0.0) * valence < 0 else word

    vader = Vader()
    vader.lexicon.update({word: SCALE * valence for word, valence in entries("english")})
    return vader
