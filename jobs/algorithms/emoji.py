"""Emoji and emoticons, which say the same in every language."""

import re
from functools import cache

from jobs.algorithms.lexicon import entries
from jobs.algorithms.mood import Evidence

# a heap of the same sign says hardly more than a few of them
REPEATS = 3


def take_out(text: str) -> tuple[list[Evidence], str]:
    """What the emoji and emoticons of a text say, each sign up to three times, and the text without them.

    Examples
    --------
    >>> said, left = take_out("süper 😍 :)")
    >>> [each.word for each in said], left
    (['😍', ':)'], 'süper    ')
    """
    pattern, known = _signs()
    signs = pattern.findall(text)
    if not signs:
        return [], text
    seen: dict[str, int] = {}
    found = []
    for sign in signs:
        seen[sign] = seen.get(sign, 0) + 1
        if seen[sign] <= REPEATS:
            found.append(Evidence(sign, known[sign] / seen[sign]))
    return found, pattern.sub(" ", text)


@cache
def _signs() -> tuple[re.Pattern[str], dict[str, float]]:
    known = dict(entries("emoji"))
    # each form begins with its first character as it is: such a search passes over all other characters fast
    return re.compile("|".join(map(_form, sorted(known, key=len, reverse=True)))), known


def _form(sign: str) -> str:
    escaped = [re.escape(letter) for letter in sign]
    # an emoticon of letters, as xD, is one only if it stands alone
    alone = rf"(?<!\w{escaped[0]})" if sign[0].isalnum() else ""
    return escaped[0] + alone + "".join(escaped[1:]) + (r"(?!\w)" if sign[-1].isalnum() else "")
