"""Emoji and emoticons, which say the same in every language."""

import re
from functools import cache

from jobs.algorithms.lexicon import entries
from jobs.algorithms.mood import Evidence

# a heap of the same sign says hardly more than a few of them
REPEATS = 3


def evidence(text: str) -> list[Evidence]:
    """What the emoji and emoticons of a text say, each sign up to three times.

    Examples
    --------
    >>> [each.word for each in evidence("süper 😍 :)")]
    ['😍', ':)']
    """
    signs, known = _signs()
    seen: dict[str, int] = {}
    found = []
    for sign in signs.findall(text):
        seen[sign] = seen.get(sign, 0) + 1
        if seen[sign] <= REPEATS:
            found.append(Evidence(sign, known[sign] / seen[sign]))
    return found


def silenced(text: str) -> str:
    """The text with a space for each emoji and emoticon."""
    return _signs()[0].sub(" ", text)


@cache
def _signs() -> tuple[re.Pattern[str], dict[str, float]]:
    known = dict(entries("emoji"))
    longest_first = sorted(known, key=len, reverse=True)
    # an emoticon of letters, as xD, is one only if it stands alone
    forms = [
        rf"(?<!\w){re.escape(sign)}(?!\w)" if _wordy(sign) else re.escape(sign) for sign in longest_first
    ]
    # most places in a text can be passed over by their character alone
    first = "".join(re.escape(letter) for letter in sorted({sign[0] for sign in known}))
    return re.compile(f"(?=[{first}])(?:{'|'.join(forms)})"), known


def _wordy(sign: str) -> bool:
    return sign[0].isalnum() or sign[-1].isalnum()
