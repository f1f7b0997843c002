"""Why a score or a sign of abuse is what it is, in words: plain sentences in English and in Turkish.

The Turkish ones are worded so that neither a name nor a number takes a suffix: what is inflected is a word beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph.abuse import FRESH_DAYS, POINTS_A_REACH

# nearer to zero, what is said is neither good nor bad; nearer to one, a reach is that of the average
EVEN = 0.05
NAMED = 10  # neighbours of a reach


@dataclass(frozen=True, slots=True)
class Facts:
    """What is told of a customer: scores, band, and who counts most in each of them."""

    band: str | None
    reach: float
    standing: float | None
    voice: float | None
    advocacy: float | None
    harm: float | None
    people: int
    acts: int
    neighbours: int
    are_more: bool
    strongest: str | None
    passed_on: float
    spoke_most: str | None

    @classmethod
    def of(cls, values: Sequence[Any], parts: Sequence[Sequence[Any]]) -> "Facts":
        """From band, scores and counts as they are published, and parts: score, kind, value and a name or None."""
        band, reach, standing, voice, advocacy, harm, people, acts = values
        near = [part for part in parts if part[1] == "NEIGHBOUR"]
        others = [part[2] for part in parts if part[0] == "REACH" and part[1] == "OTHERS"]
        agreeing = [p for p in parts if p[0] == "STANDING" and p[3] and p[2] * (standing or 0.0) > 0]
        return cls(
            *(band, reach, standing, voice, advocacy, harm, people or 0, acts or 0),
            neighbours=len(near),
            are_more=bool(others),
            strongest=_name(near),
            passed_on=sum(part[2] for part in near) + sum(others),
            spoke_most=_name(agreeing),
        )


def _name(parts: Sequence[Sequence[Any]]) -> str | None:
    strongest = max(parts, key=lambda part: abs(part[2]), default=None)
    name: str | None = strongest[3] if strongest else None
    return name


def english(facts: Facts) -> str:
    """What the scores are made of, in English.

    Examples
    --------
    >>> english(Facts("AT_RISK", 0.62, None, -0.5, 0.0, 0.16, 0, 1, 0, False, None, 0.0, None))
    'At risk: reach 0.6 times the average; nobody responds to them. Nobody speaks of them. They speak ill of the \
brand: voice −0.50 from 1 act. In all: harm 0.16.'
    """
    band = {None: "No voice yet", "AT_RISK": "At risk"}.get(facts.band, str(facts.band).capitalize())
    told = [f"{band}: {_english_reach(facts)}", _english_standing(facts), _english_voice(facts)]
    if facts.harm:
        told.append(f"In all: harm {_figure(facts.harm)}")
    elif facts.advocacy:
        told.append(f"In all: advocacy {_figure(facts.advocacy)}")
    return ". ".join(told) + "."


def _english_reach(facts: Facts) -> str:
    even = abs(facts.reach - 1) < EVEN
    reach = "reach about the average" if even else f"reach {facts.reach:.1f} times the average"
    if not facts.strongest:
        return f"{reach}; nobody responds to them"
    share = "mostly" if facts.passed_on > facts.reach / 2 else "in part"
    if facts.are_more:
        return f"{reach}, {share} because {facts.strongest} and at least {NAMED} others respond to them"
    if facts.neighbours == 1:
        return f"{reach}, {share} because {facts.strongest} responds to them"
    others = "another one" if facts.neighbours == 2 else f"{facts.neighbours - 1} others"
    return f"{reach}, {share} because {facts.strongest} and {others} respond to them"


def _english_standing(facts: Facts) -> str:
    if facts.standing is None:
        return "Nobody speaks of them"
    how = _by_sign(facts.standing, "well", "ill", "both well and ill")
    people = "1 person" if facts.people == 1 else f"{facts.people} people"
    above = f", {facts.spoke_most} above all" if facts.spoke_most and facts.people > 1 else ""
    return f"Others speak {how} of them: standing {_figure(facts.standing)} from {people}{above}"


def _english_voice(facts: Facts) -> str:
    if facts.voice is None:
        return "They say nothing of the brand"
    how = _by_sign(facts.voice, "well", "ill", "both well and ill")
    acts = "1 act" if facts.acts == 1 else f"{facts.acts} acts"
    return f"They speak {how} of the brand: voice {_figure(facts.voice)} from {acts}"


BANDS = {
    None: "Henüz sesi yok",
    "CHAMPION": "Şampiyon",
    "ADVOCATE": "Marka elçisi",
    "NEUTRAL": "Tarafsız",
    "AT_RISK": "Risk altında",
    "DETRACTOR": "Kötüleyen",
}


def turkish(facts: Facts) -> str:
    """What the scores are made of, in Turkish.

    Examples
    --------
    >>> turkish(Facts("ADVOCATE", 3.2, None, 0.5, 0.8, 0.0, 0, 1, 5, False, "Ayşe", 2.9, None))
    'Marka elçisi: erişimi ortalamanın 3,2 katı; çoğu, ona yanıt veren Ayşe ve 4 başka kişiden geliyor. Hakkında \
kimse bir şey söylemiyor. Marka hakkında iyi konuşuyor: sesi 0,50 (1 kayıt). Sonuç: elçilik puanı 0,80.'
    """
    told = [f"{BANDS[facts.band]}: {_turkish_reach(facts)}", _turkish_standing(facts), _turkish_voice(facts)]
    if facts.harm:
        told.append(f"Sonuç: zarar puanı {_comma(facts.harm)}")
    elif facts.advocacy:
        told.append(f"Sonuç: elçilik puanı {_comma(facts.advocacy)}")
    return ". ".join(told) + "."


def _turkish_reach(facts: Facts) -> str:
    even = abs(facts.reach - 1) < EVEN
    reach = "erişimi ortalama düzeyde" if even else f"erişimi ortalamanın {_comma(facts.reach, 1)} katı"
    if not facts.strongest:
        return f"{reach}; ona yanıt veren yok"
    share = "çoğu" if facts.passed_on > facts.reach / 2 else "bir kısmı"
    if facts.are_more:
        return f"{reach}; {share}, ona yanıt veren {facts.strongest} ve en az {NAMED} başka kişiden geliyor"
    if facts.neighbours == 1:
        return f"{reach}; {share}, ona yanıt veren tek kişiden geliyor: {facts.strongest}"
    others = "bir" if facts.neighbours == 2 else facts.neighbours - 1
    return f"{reach}; {share}, ona yanıt veren {facts.strongest} ve {others} başka kişiden geliyor"


def _turkish_standing(facts: Facts) -> str:
    if facts.standing is None:
        return "Hakkında kimse bir şey söylemiyor"
    how = _by_sign(facts.standing, "iyi", "kötü", "hem iyi hem kötü")
    above = f"; en çok {facts.spoke_most}" if facts.spoke_most and facts.people > 1 else ""
    return f"Hakkında {how} konuşuluyor: itibarı {_comma(facts.standing)} ({facts.people} kişi{above})"


def _turkish_voice(facts: Facts) -> str:
    if facts.voice is None:
        return "Marka hakkında bir şey söylemiyor"
    how = _by_sign(facts.voice, "iyi", "kötü", "hem iyi hem kötü")
    return f"Marka hakkında {how} konuşuyor: sesi {_comma(facts.voice)} ({facts.acts} kayıt)"


def _by_sign(value: float, good: str, bad: str, both: str) -> str:
    return both if abs(value) < EVEN else good if value > 0 else bad


def _figure(value: float, places: int = 2) -> str:
    return f"{value:.{places}f}".replace("-", "−")


def _comma(value: float, places: int = 2) -> str:
    return _figure(value, places).replace(".", ",")


def _summary(tell: Callable[[Facts], str]) -> Callable[[Any], str]:
    return lambda read: tell(Facts.of(*read))


SENTENCES: dict[str, Callable[[Any], Any]] = {
    "summary_EN": _summary(english),
    "summary_TR": _summary(turkish),
}

# what looks like abuse: of one, of several, in Turkish
ABUSE = {
    "BURST": (
        "{n} act was done on one day.",
        "{n} acts were done on one day.",
        "Bir günde {n} eylem yapıldı.",
    ),
    "ONE_PERSON": (
        "The {n} act that concerns somebody concerns one person.",
        "All {n} acts that concern somebody concern the same person.",
        "Birini ilgilendiren {n} eylemin hepsi aynı kişiyle ilgili.",
    ),
    "MUTUAL": (
        "{n} act is for a member whose acts are for this member.",
        "{n} acts are for members whose acts are for this member.",
        "Bu üye için eylem yapan üyelerle ilgili {n} eylemi var.",
    ),
    "FRESH_ACCOUNT": (
        f"{{n}} act was done in the first {FRESH_DAYS} days of the account.",
        f"{{n}} acts were done in the first {FRESH_DAYS} days of the account.",
        f"Hesabın ilk {FRESH_DAYS} gününde {{n}} eylem yapıldı.",
    ),
    "BEYOND_INFLUENCE": (
        f"{{n}} point is more than {POINTS_A_REACH} for each unit of reach.",
        f"{{n}} points are more than {POINTS_A_REACH} for each unit of reach.",
        f"{{n}} puan, erişimin her birimi için {POINTS_A_REACH} puanı aşıyor.",
    ),
    "EVIDENCE_GONE": (
        "The evidence of {n} accepted act is gone.",
        "The evidence of {n} accepted acts is gone.",
        "Kabul edilmiş {n} eylemin kanıtı artık yok.",
    ),
}


def english_abuse(signal: Sequence[Any]) -> str:
    """A sign of abuse, its kind and measure, in English.

    >>> english_abuse(["BURST", 7, 5]), english_abuse(["EVIDENCE_GONE", 1, 1])
    ('7 acts were done on one day.', 'The evidence of 1 accepted act is gone.')
    """
    return ABUSE[signal[0]][signal[1] != 1].format(n=signal[1])


def turkish_abuse(signal: Sequence[Any]) -> str:
    """The same in Turkish.

    >>> turkish_abuse(["BURST", 7, 5])
    'Bir günde 7 eylem yapıldı.'
    """
    return ABUSE[signal[0]][2].format(n=signal[1])


REASONS: dict[str, Callable[[Any], Any]] = {"abuse_EN": english_abuse, "abuse_TR": turkish_abuse}
