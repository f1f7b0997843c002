"""A community as SVG: one file without scripts and fonts, in which text from outside is only ever text."""

import math
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from api.labels import Box, Label, place_labels, shortened, text_width
from jobs.pictures import HEIGHT, TIES_DRAWN, WIDTH, Disc, Line, Picture

LEFT, TOP, FOOT = 40.0, 96.0, 92.0
PAGE_WIDTH, PAGE_HEIGHT = WIDTH + 2 * LEFT, TOP + HEIGHT + FOOT
LONGEST_TITLE = 60
LETTER_FITS = 6.5
TIP = 4.0
BEND, MOST_BENT = 0.12, 24.0

# band, class and letter, word; the order of the legend
BANDS = (
    ("CHAMPION", "C", "champion"),
    ("ADVOCATE", "A", "advocate"),
    ("NEUTRAL", "N", "neutral"),
    ("AT_RISK", "R", "at risk"),
    ("DETRACTOR", "D", "detractor"),
    ("", "U", "no voice yet"),
)
CLASSES = {band: kind for band, kind, _ in BANDS}
BAND_WORDS = {band: word for band, _, word in BANDS}
SIGNS = {1: "good", 0: "even", -1: "bad"}

# Colours of Okabe and Ito (https://jfly.uni-koeln.de/color/), which stay apart in every kind of colour blindness;
# the picture has its own ground, so it reads on any page, and follows the reader's dark mode.
STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:13px;fill:#1c1f24}
.ground{fill:#fff;stroke:#d5d9de}
.h{font-size:26px;font-weight:700}.small{fill:#5b636e}
.tie{fill:none;stroke-opacity:.35}.good{stroke:#56b4e9}.even{stroke:#9aa1a9}
.bad{stroke:#d55e00;stroke-opacity:.85;stroke-dasharray:5 3}
.tip.good{fill:#0072b2;stroke:none}.tip.even{fill:#7b828a;stroke:none}.tip.bad{fill:#d55e00;stroke:none}
.m{stroke:#1c1f24;stroke-width:1}
.C{fill:#0072b2;stroke-width:2.5}.A{fill:#56b4e9}.N{fill:#c9ced4;stroke:#7b828a}
.R{fill:#e69f00;stroke-dasharray:2 2}.D{fill:#d55e00;stroke-width:2.5;stroke-dasharray:5 2}
.U{fill:#fff;stroke:#9aa1a9}
.tiny{stroke-width:.8}.tiny.C{stroke-width:1.6}.tiny.D{stroke-width:1.4;stroke-dasharray:2.5 1.5}
.l{text-anchor:middle;font-weight:700;pointer-events:none}.l.on{fill:#fff}.l.off{fill:#1c1f24}
.name{font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.name.harm{font-style:italic}
.lead{stroke:#1c1f24;stroke-width:.8}
@media (prefers-color-scheme:dark){
text{fill:#e8eaed}.ground{fill:#15181c;stroke:#3a4048}.small{fill:#a6adb6}.m{stroke:#e8eaed}.U{fill:#15181c}
.name{stroke:#15181c}.lead{stroke:#e8eaed}}
"""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def draw(picture: Picture) -> str:
    """The SVG document of a picture; the same picture gives the same bytes."""
    facts = _facts(picture)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_WIDTH:g} {PAGE_HEIGHT:g}" role="img" '
        f'width="{PAGE_WIDTH:g}" height="{PAGE_HEIGHT:g}" aria-labelledby="title desc">',
        f'<title id="title">{plain(picture.name)}</title>',
        f'<desc id="desc">{plain(_described(picture, facts))}</desc>',
        f"<style>{STYLE}</style>",
        "<defs>",
        *(_tip(kind) for kind in SIGNS.values()),
        "</defs>",
        f'<rect class="ground" x=".5" y=".5" width="{PAGE_WIDTH - 1:g}" height="{PAGE_HEIGHT - 1:g}" rx="10"/>',
        words(LEFT, 46, shortened(picture.name, LONGEST_TITLE), "h"),
        words(LEFT, 68, _shown(picture), "small"),
        words(LEFT, 87, facts, "small"),
        f'<g transform="translate({LEFT:g} {TOP:g})">',
        *(_tie(line, picture.discs) for line in picture.lines),
        *(_disc(disc) for disc in picture.discs),
        *_caption(picture),
        *_names(picture),
        "</g>",
        *_legend(picture),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _shown(picture: Picture) -> str:
    n, drawn = picture.members, len(picture.discs)
    said = f"{n:,} member{'' if n == 1 else 's'}"
    if drawn < n:
        said = f"{drawn:,} of {n:,} shown, those with most reach"
    if picture.unranked:
        said += f" · {picture.unranked:,} without scores: staff, bots, newcomers"
    if picture.as_of:
        said += f" · as of {picture.as_of[:16].replace('T', ' ')} UTC"
    return said


def _facts(picture: Picture) -> str:
    if not picture.members:
        return "Nobody here has a score yet."
    for_it = picture.bands.get("CHAMPION", 0) + picture.bands.get("ADVOCATE", 0)
    against = picture.bands.get("DETRACTOR", 0)
    n, bad = picture.members, sum(line.sign < 0 for line in picture.lines)
    said = f"{picture.ties:,} tie{'' if picture.ties == 1 else 's'}"
    if len(picture.lines) < picture.ties:
        most = "the strongest " if len(picture.lines) == TIES_DRAWN else ""
        said += f", {most}{len(picture.lines):,} between those shown"
    return (
        f"{said}, {bad:,} of them negative · density {picture.density:.2%} · "
        f"{for_it / n:.1%} champions or advocates · {against / n:.1%} detractors"
    )


def _described(picture: Picture, facts: str) -> str:
    said = [f"Members as circles whose area is their reach. {_shown(picture)}. {facts}"]
    for rank in ("advocacy", "harm"):
        names = [disc.member.name for disc in picture.discs if disc.rank == rank]
        said += [f"Most {rank}: {', '.join(names)}."] if names else []
    return " ".join(said)


def _tip(kind: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="tip {kind}" d="M0 0.5 5 3 0 5.5z"/></marker>'
    )


def _tie(line: Line, discs: tuple[Disc, ...]) -> str:
    """A line bent to one side, so that there and back are two; it ends in a tip at who was responded to."""
    a, b = discs[line.source], discs[line.target]
    far = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    bend = min(BEND * far, MOST_BENT) / far
    x, y = (a.x + b.x) / 2 + (b.y - a.y) * bend, (a.y + b.y) / 2 - (b.x - a.x) * bend
    start, end = _towards(a, x, y, a.radius), _towards(b, x, y, b.radius + TIP)
    kind = SIGNS[line.sign]
    return (
        f'<path class="tie {kind}" stroke-width="{line.width:.1f}" marker-end="url(#{kind})" '
        f'd="M{start[0]:.1f} {start[1]:.1f}Q{x:.1f} {y:.1f} {end[0]:.1f} {end[1]:.1f}"/>'
    )


def _towards(disc: Disc, x: float, y: float, far: float) -> tuple[float, float]:
    length = math.hypot(x - disc.x, y - disc.y)
    share = min(far, length) / length if length else 0.0
    return disc.x + (x - disc.x) * share, disc.y + (y - disc.y) * share


def _disc(disc: Disc) -> str:
    kind = CLASSES.get(disc.member.band or "", "U")
    tiny = "" if disc.radius >= LETTER_FITS else " tiny"
    circle = (
        f'<circle class="m {kind}{tiny}" cx="{disc.x:.1f}" cy="{disc.y:.1f}" r="{disc.radius:.1f}">'
        f"<title>{plain(_told(disc))}</title></circle>"
    )
    return circle + (_letter(disc.x, disc.y, kind) if not tiny and kind != "U" else "")


def _letter(x: float, y: float, kind: str) -> str:
    return f'<text class="l {"on" if kind in "CD" else "off"}" x="{x:.1f}" y="{y + 4.5:.1f}">{kind}</text>'


def _told(disc: Disc) -> str:
    member = disc.member
    return (
        f"{member.name}: {BAND_WORDS.get(member.band or '', 'no voice yet')}, reach {member.reach:.2f}, "
        f"advocacy {member.advocacy:.2f}, harm {member.harm:.2f}, {disc.responders:,} responded"
    )


def _caption(picture: Picture) -> Iterator[str]:
    """What stands above those whom no tie places."""
    if picture.lines and (top := [disc.y - disc.radius for disc in picture.discs if not disc.tied]):
        yield words(0, min(top) - 7, "no tie with anybody shown:", "small")


def _names(picture: Picture) -> Iterator[str]:
    named = [Label(disc.member.name, disc.x, disc.y, disc.radius) for disc in picture.discs if disc.rank]
    ranks = [disc.rank for disc in picture.discs if disc.rank]
    others = [(disc.x, disc.y, disc.radius) for disc in picture.discs]
    for rank, label, box in zip(
        ranks, named, place_labels(named, others, Box(0, 0, WIDTH, HEIGHT)), strict=True
    ):
        yield from _lead(label, box)
        yield words(box.left, box.bottom - 4, label.text, f"name {rank}")


def _lead(label: Label, box: Box) -> Iterator[str]:
    """A line from a name to its circle, where the two are not side by side."""
    x, y = min(max(label.x, box.left), box.right), min(max(label.y, box.top), box.bottom)
    far = math.hypot(x - label.x, y - label.y)
    if far > label.radius + 8:
        share = label.radius / far
        near = label.x + (x - label.x) * share, label.y + (y - label.y) * share
        yield f'<path class="lead" d="M{near[0]:.1f} {near[1]:.1f}L{x:.1f} {y:.1f}"/>'


def _legend(picture: Picture) -> Iterator[str]:
    x, y = LEFT + 10, TOP + HEIGHT + 32
    for band, kind, word in BANDS:
        count = f"{word} {picture.bands.get(band, 0):,}"
        yield f'<circle class="m {kind}" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
        yield "" if kind == "U" else _letter(x, y, kind)
        yield words(x + 15, y + 4.5, count)
        x += text_width(count) + 48
    if radius := math.sqrt(picture.per_reach / math.pi):
        said = "area is reach; this is 1, the mean"
        yield f'<circle class="m U" cx="{x + radius - 9:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
        yield words(x + 2 * radius - 3, y + 4.5, said)
    x, y = LEFT, y + 32
    for kind, said in (
        ("good", "responds kindly"), ("bad", "responds harshly, or rates down"), ("even", "no mood told"),
    ):  # fmt: skip
        yield f'<path class="tie {kind}" stroke-width="2.5" marker-end="url(#{kind})" d="M{x:.1f} {y:.1f}h30"/>'
        yield words(x + 44, y + 4.5, said)
        x += text_width(said) + 72
    yield words(x, y + 4.5, "named: most advocacy, and in italics most harm", "small")


def words(x: float, y: float, text: str, kind: str = "") -> str:
    """A line of text."""
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{plain(text)}</text>'


def plain(text: str) -> str:
    """Text as text: markup is escaped, and what XML cannot hold is left out."""
    return escape(_FORBIDDEN.sub("", text))
