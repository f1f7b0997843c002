"""Folds text to the keys it is searched and matched by; what people typed is kept apart, as they typed it."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

# The four i's of Turkish, as keyboards without them write it.
TURKISH_I = str.maketrans({"I": "i", "İ": "i", "ı": "i"})
# Letters of other alphabets that are drawn like a Latin one, after case folding.
LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕһԁԛԝ", "abekmhopctyxijshdqw", strict=True)),
        **dict(zip("αβεικνορτυχζ", "abeiknoptuxz", strict=True)),
        **{"ø": "o", "ł": "l", "đ": "d", "ħ": "h"},
    }
)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
TURKISH_ALPHABET = {letter: place for place, letter in enumerate("abcçdefgğhıijklmnoöprsştuüvyz")}


def fold(text: str) -> str:
    """The search key of a text: one form for every case, accent, width and look-alike.

    >>> fold("IŞIK") == fold("ışık") == fold("isik") == "isik"
    True
    """
    folded = _fold_once(text)
    # a letter may come apart only after its accent went; the second pass changes few texts
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    if text.isascii():
        return text.lower()
    wide = unicodedata.normalize("NFKC", text)
    cased = wide.translate(TURKISH_I).casefold().translate(TURKISH_I)
    apart = unicodedata.normalize("NFD", cased)
    kept = "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFKC", kept.translate(LOOK_ALIKES))


def identity_key(channel: str, handle: str) -> str:
    """The key under which a handle is one person's on its channel.

    >>> identity_key("Twitter", "@Işıl ")
    'twitter:isil'
    """
    return f"{fold(channel.strip())}:{fold(handle.strip().removeprefix('@'))}"


def clean(text: str) -> tuple[str, int]:
    """The text without control characters (tab and line breaks stay) and lone surrogates, and their number."""
    return CONTROL.subn("", text)


def normalise_email(text: str) -> str | None:
    """The address in one form, or None if it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def normalise_phone(text: str, region: str = "TR") -> str | None:
    """The number as E.164, or None if it is none; `region` reads numbers without a country."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def turkish_sort_key(text: str) -> list[tuple[int, str]]:
    """A key that sorts by the 29 letters; others by their folded form, before them."""
    lowered = text.replace("I", "ı").replace("İ", "i").lower()
    return [(TURKISH_ALPHABET.get(letter, -1), letter) for letter in lowered]
