"""Where names stand beside their circles: over no other name, and over as few circles as can be."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LINE = 18.0
EM = 13.0
LONGEST = 26
# a name as near as this to a circle is taken for the circle's
NEAR = 4.0
# distances from the circle at which a name is tried, and the directions: beside, below, above, aslant
DISTANCES = (NEAR, 16.0, 32.0, 52.0, 76.0, 104.0, 136.0, 172.0)
# what a pixel of distance, and one of name over name, weigh against one of a hidden circle
FAR, UNREADABLE = 6.0, 1_000.0
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


class Box(NamedTuple):
    """A rectangle by its edges; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: "Box") -> float:
        """The area two rectangles share."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)


@dataclass(frozen=True, slots=True)
class Label:
    """A name and the circle it belongs to."""

    name: str
    x: float
    y: float
    radius: float

    @property
    def text(self) -> str:
        """The name as it is shown."""
        return shortened(self.name, LONGEST)


def shortened(text: str, most: int) -> str:
    """Text of at most so many characters, cut at the end by …"""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def text_width(text: str) -> float:
    """About how wide a line of text is, rather more than less: nobody knows the reader's font."""
    ems = {"W": 1.05, "F": 1.05}
    return EM * sum(ems.get(unicodedata.east_asian_width(one), 0.62) for one in text)


def place_labels(
    labels: Sequence[Label], circles: Sequence[tuple[float, float, float]], page: Box
) -> list[Box]:
    """A rectangle inside the page for each label, the largest circle's first chosen."""
    discs = [Box(x - r - NEAR, y - r - NEAR, x + r + NEAR, y + r + NEAR) for x, y, r in circles]
    taken: dict[int, Box] = {}
    for number in sorted(range(len(labels)), key=lambda number: (-labels[number].radius, number)):
        label, others = labels[number], list(taken.values())
        tried = list(_candidates(label, page))
        left, top, right, bottom = zip(*tried, strict=True)
        around = Box(min(left), min(top), max(right), max(bottom))
        near = [disc for disc in discs if disc.over(around)]
        taken[number] = min(tried, key=lambda box: _cost(label, box, others, near))
    return [taken[number] for number in range(len(labels))]


def _candidates(label: Label, page: Box) -> Iterator[Box]:
    wide = text_width(label.text)
    for distance in DISTANCES:
        far = label.radius + distance
        for right, down in SIDES:
            aslant = 0.7 if right and down else 1.0
            x, y = label.x + right * far * aslant, label.y + down * far * aslant
            left = x if right > 0 else x - wide if right < 0 else x - wide / 2
            top = y if down > 0 else y - LINE if down < 0 else y - LINE / 2
            left = min(max(left, page.left), page.right - wide)
            top = min(max(top, page.top), page.bottom - LINE)
            yield Box(left, top, left + wide, top + LINE)


def _cost(label: Label, box: Box, names: Sequence[Box], discs: Sequence[Box]) -> float:
    """A name over a name cannot be read; over a circle it can, but hides it; far away it has to be looked for."""
    x, y = min(max(label.x, box.left), box.right), min(max(label.y, box.top), box.bottom)
    far = math.hypot(x - label.x, y - label.y) - label.radius
    hidden = sum(box.over(disc) for disc in discs)
    return FAR * max(far, 0.0) + hidden + UNREADABLE * sum(box.over(other) for other in names)
