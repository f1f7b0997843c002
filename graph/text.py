"""Folds text to the keys it is searched and matched by; what people typed is kept apart, as they typed it."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

# Letters drawn like Latin ones in one case or the other; small, since that is how they meet the table.
LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕһԁԛԝӏѵү", "abekmhopctyxijshdqwlvy", strict=True)),  # Cyrillic
        **dict(zip("αβεηικνορτυχζγϲϳω", "abehiknoptuxzycjw", strict=True)),  # Greek
        **dict(zip("օսհցզոյ", "ouhgqnj", strict=True)),  # Armenian
        **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),  # small capitals
        **dict(zip("ɑɡɩıøłđðħŧ", "agiioldoht", strict=True)),
        **{"æ": "ae", "œ": "oe"},
    }
)
# The accents of European scripts. Marks that are letters to others, as the vowel signs of India, are kept.
ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Category Cf, and what else is drawn as nothing: fillers and variation selectors.
UNSEEN = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
LEFT_OUT = re.compile(f"[{UNSEEN}{ACCENTS}]+")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# The time to put a row of marks in order grows with the square of its length; symbols and emoji are no marks.
MARK = r"[^\w\s\x00-\u02ff\u2000-\u2bff\U0001f000-\U0001faff]"
FLOOD = re.compile(f"({MARK}{{32}}){MARK}+")

LEAD = re.compile(r"^[@\s]+")

LONGEST_ADDRESS = 320


def fold(text: str) -> str:
    """The search key of a text: one form for every case, accent, width and look-alike.

    >>> fold("IŞIK") == fold("ışık") == fold("İşik") == fold("ＩＳＩＫ") == "isik"
    True
    """
    folded = _fold_once(text)
    # what a letter comes apart into may be folded again; this changes few texts
    while not folded.isascii() and (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def _fold_once(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", FLOOD.sub(r"\1", LEFT_OUT.sub("", text)))
    cased = LEFT_OUT.sub("", apart).casefold()
    return unicodedata.normalize("NFKC", cased.translate(LOOK_ALIKES))


def identity_key(channel: str, handle: str) -> str:
    """The key under which a handle is one person's on its channel.

    >>> identity_key("Twitter", "@Işıl ")
    'twitter:isil'
    """
    # a colon ends the channel; a handle of nothing but accents is still somebody's
    place = fold(channel).strip().replace(":", "_")
    return f"{place}:{bare(fold(handle)) or bare(handle)}"


def bare(handle: str) -> str:
    """The handle in one width, without the signs and blanks that lead to it; empty if it names nobody.

    >>> bare(" ＠ @isil ")
    'isil'
    """
    return LEAD.sub("", unicodedata.normalize("NFKC", handle)).rstrip()


def clean(text: str) -> tuple[str, int]:
    r"""The text without control characters (tab and line ends stay) and halves of surrogate pairs; how many went.

    >>> clean("a\tb\x00\x1b\n")
    ('a\tb\n', 2)
    """
    return CONTROL.subn("", text)


def normalise_email(text: str) -> str | None:
    """The address in one form, or None if it is none; dots and tags stay, since they may be another's.

    >>> normalise_email(" Ayse.Oz@Example.ORG ")
    'ayse.oz@example.org'
    """
    if len(text) > LONGEST_ADDRESS:
        return None
    try:
        found = validate_email(text.strip().replace("İ", "i"), check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def normalise_phone(text: str, region: str = "TR") -> str | None:
    """The number as E.164, or None if it is none; `region` reads numbers without a country.

    An extension follows as RFC 3966 writes it, since behind each is another person.

    >>> normalise_phone("0532 123 45 67"), normalise_phone("0212 736 50 00 ext 5"), normalise_phone("12")
    ('+905321234567', '+902127365000;ext=5', None)
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else str(plain)
