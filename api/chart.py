"""A customer's scores over the runs as SVG: one small panel a score, each with its own scale."""

import math
from collections.abc import Iterator

from api.labels import shortened
from api.svg import BAND_WORDS, plain, words
from graph.pictures import Course, History

LEFT, RIGHT, TOP, FOOT = 178.0, 122.0, 92.0, 82.0
PLOT_WIDTH, PLOT_HEIGHT, GAP = 490.0, 104.0, 30.0
PAGE_WIDTH = LEFT + PLOT_WIDTH + RIGHT
LONGEST_TITLE = 40
DOTS = 26  # with more runs a line needs no dots
TICKS = 3
DATE_APART = 92.0

SAID = {"reach": "how far they carry", "standing": "what others say", "voice": "what they say"}

# The colours of Okabe and Ito, lighter on a dark ground; the panels are told apart by their words.
STYLE = """
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:13px;fill:#1c1f24}
.ground{fill:#fff;stroke:#d5d9de}
.h{font-size:22px;font-weight:700}.small{fill:#5b636e;font-size:12px}.end{text-anchor:end}.mid{text-anchor:middle}
.score{font-weight:600}.now{font-weight:700;font-size:15px}
.grid{stroke:#e6e9ed}.even{stroke:#9aa1a9;stroke-dasharray:4 3}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.margin{stroke-width:7;stroke-opacity:.28}
.reach{stroke:#0072b2}.standing{stroke:#00795c}.voice{stroke:#b84f00}
.dot{stroke:none}.dot.reach{fill:#0072b2}.dot.standing{fill:#00795c}.dot.voice{fill:#b84f00}
.none{fill:#fff;stroke-width:1.5}.hit{fill:transparent;stroke:none}
@media (prefers-color-scheme:dark){
text{fill:#e8eaed}.ground{fill:#15181c;stroke:#3a4048}.small{fill:#a6adb6}.grid{stroke:#2b3038}.even{stroke:#7b828a}
.reach{stroke:#56b4e9}.standing{stroke:#2fc79d}.voice{stroke:#f2955c}
.dot.reach{fill:#56b4e9}.dot.standing{fill:#2fc79d}.dot.voice{fill:#f2955c}.none{fill:#15181c}}
"""


def chart(history: History) -> str:
    """The SVG document of a history; the same history gives the same bytes."""
    height = TOP + len(history.courses) * (PLOT_HEIGHT + GAP) - GAP + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PAGE_WIDTH:g} {height:g}" role="img" '
        f'width="{PAGE_WIDTH:g}" height="{height:g}" aria-labelledby="title desc">',
        f'<title id="title">{plain(history.name)}</title>',
        f'<desc id="desc">{plain(_described(history))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x=".5" y=".5" width="{PAGE_WIDTH - 1:g}" height="{height - 1:g}" rx="10"/>',
        words(24, 40, shortened(history.name, LONGEST_TITLE), "h"),
        words(24, 64, _head(history), "small"),
        *_panels(history),
        *_dates(history, height - FOOT + 20),
        *(words(24, height - 34 + 18 * line, said, "small") for line, said in enumerate(_foot(history))),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(history: History) -> str:
    n, band = len(history.at), BAND_WORDS.get(history.band or "", "no voice yet")
    if not n:
        return "No run has scored them yet: staff, bots and suspended accounts are not scored."
    return f"{band} · {n} run{'' if n == 1 else 's'}, the last one as of {_day(history.at[-1])}"


def _foot(history: History) -> Iterator[str]:
    yield "Dashed: the mean reach of all; neither good nor bad. What was not known in a run counts as 0 in it."
    if any(course.margin is not None for course in history.courses):
        yield "The bar at the last run is its interval of 95 %."


def _described(history: History) -> str:
    told = [f"{_head(history)}."]
    for course in history.courses:
        if course.values:
            low, high = min(course.values), max(course.values)
            told.append(
                f"{course.name.capitalize()} {_now(course)}, from {low:.2f} to {high:.2f} in these runs."
            )
    return " ".join(told)


def _now(course: Course) -> str:
    if course.last is None:
        return "unknown"
    return f"{_number(course.last)}" + (f" ± {course.margin:.2f}" if course.margin is not None else "")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _panels(history: History) -> Iterator[str]:
    for place, course in enumerate(history.courses):
        top = TOP + place * (PLOT_HEIGHT + GAP)
        yield words(24, top + 14, course.name.capitalize(), "score")
        yield words(24, top + 32, SAID[course.name], "small")
        yield f'<g transform="translate({LEFT:g} {top:g})">'
        yield from _scale(course)
        if course.values:
            yield from _course(course, history.at)
        yield "</g>"


def _ticks(course: Course) -> list[float]:
    """The numbers beside a panel, lowest first: of reach round ones from 0 upwards, else −1, 0, 1."""
    if course.name != "reach":
        return [-1.0, 0.0, 1.0]
    most = max([1.0, *course.values, (course.last or 0.0) + (course.margin or 0.0)])
    rough = most / TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
    return [step * number for number in range(math.ceil(most / step) + 1)]


def _y(course: Course, value: float) -> float:
    low, *_, high = _ticks(course)
    return PLOT_HEIGHT * (1 - (min(max(value, low), high) - low) / (high - low))


def _x(place: int, count: int) -> float:
    return PLOT_WIDTH * (place / (count - 1) if count > 1 else 0.5)


def _scale(course: Course) -> Iterator[str]:
    for tick in _ticks(course):
        y = _y(course, tick)
        yield f'<path class="grid" d="M0 {y:.1f}h{PLOT_WIDTH:g}"/>'
        yield words(-8, y + 4, f"{tick:g}".replace("-", "−"), "small end")
    even = 1.0 if course.name == "reach" else 0.0
    yield f'<path class="even" d="M0 {_y(course, even):.1f}h{PLOT_WIDTH:g}"/>'


def _course(course: Course, at: tuple[str | None, ...]) -> Iterator[str]:
    count = len(course.values)
    points = [(_x(place, count), _y(course, value)) for place, value in enumerate(course.values)]
    x, y = points[-1]
    if course.last is not None and course.margin is not None:
        high, low = _y(course, course.last + course.margin), _y(course, course.last - course.margin)
        yield f'<path class="margin {course.name}" d="M{x:.1f} {high:.1f}V{low:.1f}"/>'
    if count > 1:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path class="line {course.name}" d="M{path}"/>'
    for place, (dot_x, dot_y) in enumerate(points):
        told = f"<title>{_day(at[place])}: {_number(course.values[place])}</title>"
        shown = place == count - 1 or count <= DOTS
        kind = f"dot {course.name}" if shown else "hit"
        if place == count - 1 and course.last is None:
            kind = f"none {course.name}"
        yield f'<circle class="{kind}" cx="{dot_x:.1f}" cy="{dot_y:.1f}" r="{4 if shown else 5}">{told}</circle>'
    value, margin = (*_now(course).split(" ± "), "")[:2]
    base = min(max(y + 5, 12.0), PLOT_HEIGHT - (14.0 if margin else 0.0))
    yield words(PLOT_WIDTH + 16, base, value, "now")
    yield words(PLOT_WIDTH + 16, base + 16, f"± {margin}", "small") if margin else ""


def _dates(history: History, y: float) -> Iterator[str]:
    """The day of the last run, and of as many before, in even steps, as there is room for."""
    count = len(history.at)
    step = max(1, math.ceil((count - 1) * DATE_APART / PLOT_WIDTH))
    for place in range(count - 1, -1, -step):
        yield words(LEFT + _x(place, count), y, _day(history.at[place]), "small mid")


def _day(at: str | None) -> str:
    return at[:10] if at else "no date"
