"""What a text's words say together: a score, its label, how sure it is, and which words made it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

NEUTRAL_BELOW = 0.05
# VADER's alpha of 15 belongs to valences of −4 … 4; ours are −1 … 1
ALPHA = 15 / 16
DOUBT = 0.5
REASONS = 8


class Label(StrEnum):
    """A mood in a word."""

    POSITIVE = "POSITIVE"
    NEUTRAL = "NEUTRAL"
    NEGATIVE = "NEGATIVE"


class Evidence(NamedTuple):
    """A word as it was written, and what it says where it stands: about −1 … 1, more if stressed."""

    word: str
    valence: float


@dataclass(frozen=True, slots=True)
class Mood:
    """How a text sounds: score −1 … 1, its label, confidence 0 … 1, and the words that made it."""

    score: float
    label: Label
    confidence: float
    why: tuple[str, ...] = ()


class MoodAnalyser(Protocol):
    """Whoever can tell the mood of texts in one language."""

    def mood(self, text: str) -> Mood:
        """The mood of a text; always the same for the same text."""
        ...


def label(score: float) -> Label:
    """The label of a score: neutral below .05 either way, as VADER has it.

    Examples
    --------
    >>> label(0.05), label(0.049), label(-0.3)
    (<Label.POSITIVE: 'POSITIVE'>, <Label.NEUTRAL: 'NEUTRAL'>, <Label.NEGATIVE: 'NEGATIVE'>)
    """
    if abs(score) < NEUTRAL_BELOW:
        return Label.NEUTRAL
    return Label.POSITIVE if score > 0 else Label.NEGATIVE


def weigh(evidence: Iterable[Evidence], emphasis: float = 0.0) -> Mood:
    r"""Add up what the words say [1]_.

    score = s/√(s² + 15/16), s = Σ valence, lengthened by `emphasis`;
    confidence = \|Σ valence\| / (Σ \|valence\| + ½): near 1 if many words agree, 0 if none speaks or they cancel out.

    Parameters
    ----------
    evidence : iterable of Evidence
        The words that say something, negation and stress already applied.
    emphasis : float
        What punctuation adds to the length of the sum, in units of valence.

    Returns
    -------
    Mood
        With the strongest words, in the order in which they stand, as the reason.

    References
    ----------
    .. [1] C. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
       Media Text", ICWSM 2014.

    Examples
    --------
    >>> weigh([Evidence("harika", 0.75)])
    Mood(score=0.6124, label=<Label.POSITIVE: 'POSITIVE'>, confidence=0.6, why=('+harika',))
    >>> weigh([]).label
    <Label.NEUTRAL: 'NEUTRAL'>
    """
    spoken = [each for each in evidence if each.valence]
    total = math.fsum(each.valence for each in spoken)
    volume = math.fsum(abs(each.valence) for each in spoken)
    stressed = total + math.copysign(emphasis, total) if total else 0.0
    score = round(stressed / math.sqrt(stressed * stressed + ALPHA), 4)
    return Mood(score, label(score), round(abs(total) / (volume + DOUBT), 4), _reasons(spoken))


def _reasons(spoken: Sequence[Evidence]) -> tuple[str, ...]:
    strongest = sorted(range(len(spoken)), key=lambda place: -abs(spoken[place].valence))[:REASONS]
    signed = (
        f"{'+' if spoken[place].valence > 0 else '−'}{spoken[place].word}" for place in sorted(strongest)
    )
    return tuple(dict.fromkeys(signed))
