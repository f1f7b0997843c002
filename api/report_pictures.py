"""The pictures of a report as SVG: support with its intervals, the opinion map, agreement by community."""

import statistics
from collections.abc import Mapping, Sequence

from api.labels import shortened, text_width
from api.report_words import percent
from api.svg import plain
from jobs.reports import Bar, Cells, Plane, Point

WIDTH = 920.0
LABEL = 360.0
BAR_ROW, CELL_ROW = 30.0, 26.0
MAP = 560.0
LONGEST_NAME = 18
DARK_FROM = 0.8  # the shade on which white reads better than black
TURNED = 0.7  # of the length of a label that is turned, its height

# The colours of Okabe and Ito, which stay apart in every kind of colour blindness; each has a shape of its own, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195")
OTHER = "#9aa1a9"
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
    "M-4-4h8v8h-8z",
    "M0-5.4L5 3.8H-5z",
    "M0-5.6L5.6 0 0 5.6-5.6 0z",
    "M0 5.4L5-3.8H-5z",
    "M-5.2-1.7h3.5v-3.5h3.4v3.5h3.5v3.4h-3.5v3.5h-3.4v-3.5h-3.5z",
    "M0-5.5L5.2-1.7 3.2 4.4H-3.2L-5.2-1.7z",
)
SMALL = "M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0z"
STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:13px;fill:#1c1f24}
.small{fill:#5b636e;font-size:12px}.end{text-anchor:end}.mid{text-anchor:middle}.on{fill:#fff}
.rail{fill:#eef0f3}.bar{fill:#56b4e9}.interval{stroke:#1c1f24;stroke-width:1.5}.grid{stroke:#d5d9de}
.frame{fill:#fafbfc;stroke:#d5d9de}.dot{fill-opacity:.72}
.name{font-size:26px;font-weight:700;paint-order:stroke;stroke:#fff;stroke-width:6px;stroke-linejoin:round}
"""


def support(bars: tuple[Bar, ...], locale: str) -> str:
    """Bars of the share for each idea, with their intervals."""
    left, long = LABEL + 12, WIDTH - LABEL - 112
    height = 22 + BAR_ROW * len(bars) + 24
    parts = []
    for mark in range(0, 101, 25):
        x = left + long * mark / 100
        parts.append(f'<path class="grid" d="M{x:.1f} 14V{height - 24:.1f}"/>')
        parts.append(_text(x, height - 6, percent(mark / 100, locale), "small mid"))
    for number, bar in enumerate(bars):
        y = 18 + BAR_ROW * number
        low, high = left + long * bar.low, left + long * bar.high
        parts += [
            f"<g><title>{plain(bar.title)}</title>",
            _text(LABEL, y + 17, _fitted(bar.title), "end"),
            f'<rect class="rail" x="{left:.1f}" y="{y + 4:.1f}" width="{long:.1f}" height="18" rx="3"/>',
            f'<rect class="bar" x="{left:.1f}" y="{y + 4:.1f}" width="{long * bar.share:.1f}" height="18" rx="3"/>',
            f'<path class="interval" d="M{low:.1f} {y + 13:.1f}H{high:.1f}M{low:.1f} {y + 8:.1f}v10'
            f'M{high:.1f} {y + 8:.1f}v10"/>',
            _text(left + long + 10, y + 17, f"{percent(bar.share, locale)} · {bar.votes:,}", "small"),
            "</g>",
        ]
    return _svg(WIDTH, height, parts)


def by_community(plane: Plane, said: Mapping[str, str]) -> str:
    """Voters on the plane, each marked by a community."""
    names = [shortened(name, 34) for name, _ in plane.places]
    return _opinions(plane, names, said["others"], [])


def by_camp(plane: Plane, said: Mapping[str, str]) -> str:
    """Voters on the plane, each marked by the group of opinions, whose letter is in its middle."""
    names = [said["camp"].format(letter=letter) for letter, _ in plane.places]
    letters = []
    for place, (letter, _) in enumerate(plane.places):
        own = [_at(point) for point in plane.points if point.place == place]
        if own:
            x, y = (statistics.median(axis) for axis in zip(*own, strict=True))
            letters.append(_text(x, y + 9, letter, "name mid"))
    return _opinions(plane, names, said["no_camp"], letters)


def _opinions(plane: Plane, names: Sequence[str], others: str, above: Sequence[str]) -> str:
    """The plane, those in no part shown first, so that they hide nobody."""
    rows = [(place, name, plane.places[place][1]) for place, name in enumerate(names)]
    rows += [(-1, others, plane.others)] if plane.others else []
    parts = [f'<rect class="frame" x=".5" y=".5" width="{MAP:g}" height="{MAP:g}" rx="6"/>']
    parts += [
        _shape(*_at(point), point.place) for point in sorted(plane.points, key=lambda point: point.place)
    ]
    parts += above
    for number, (place, name, count) in enumerate(rows):
        y = 22 + 26 * number
        parts += [_shape(MAP + 30, y, place), _text(MAP + 46, y + 4.5, f"{name} · {count:,}")]
    return _svg(WIDTH, MAP + 1, parts)


def _at(point: Point) -> tuple[float, float]:
    return 12 + (MAP - 24) * point.x, 12 + (MAP - 24) * (1 - point.y)


def _shape(x: float, y: float, place: int) -> str:
    path, colour = (SHAPES[place], COLOURS[place]) if place >= 0 else (SMALL, OTHER)
    return f'<path class="dot" fill="{colour}" transform="translate({x:.1f} {y:.1f})" d="{path}"/>'


def agreement(cells: Cells, said: Mapping[str, str], locale: str) -> str:
    """A heat map of ideas by communities; the shade and the number say the same."""
    wide = min(84.0, (WIDTH - LABEL - 102) / max(len(cells.communities), 1))
    names = [shortened(name or said["nobody"], LONGEST_NAME) for name in cells.communities]
    head = 20 + TURNED * max(map(text_width, names), default=0.0)
    height = head + CELL_ROW * len(cells.ideas) + 8
    parts = []
    for number, label in enumerate(names):
        x = LABEL + 12 + wide * (number + 0.5)
        turned = f"translate({x:.1f} {head - 8:.1f}) rotate(-42)"
        parts.append(f'<text class="small" transform="{turned}">{plain(label)}</text>')
    for row, (title, approvals) in enumerate(zip(cells.ideas, cells.approval, strict=True)):
        y = head + CELL_ROW * row
        parts += [
            f"<g><title>{plain(title)}</title>",
            _text(LABEL, y + 17, _fitted(title), "end"),
            "</g>",
        ]
        for number, approval in enumerate(approvals):
            x = LABEL + 12 + wide * number
            parts.append(
                f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" height="{CELL_ROW - 2:.1f}" rx="2" '
                f'fill="{_shade(approval)}"/>'
            )
            if approval is not None:
                dark = " on" if approval > DARK_FROM or approval < 1 - DARK_FROM else ""
                parts.append(_text(x + wide / 2, y + 17.5, percent(approval, locale), f"mid{dark}"))
    return _svg(WIDTH, height, parts)


def _fitted(title: str) -> str:
    """A title cut to the room it has."""
    most = len(title)
    while text_width(shortened(title, most)) > LABEL - 6 and most > 1:
        most -= 1
    return shortened(title, most)


def _shade(approval: float | None) -> str:
    """From orange, against, over white to blue, for."""
    if approval is None:
        return "#f3f4f6"
    end = (0x00, 0x72, 0xB2) if approval >= 0.5 else (0xD5, 0x5E, 0x00)
    share = abs(approval - 0.5) * 2
    return "#" + "".join(f"{round(255 + (one - 255) * share):02x}" for one in end)


def _text(x: float, y: float, said: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{plain(said)}</text>'


def _svg(width: float, height: float, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"])
