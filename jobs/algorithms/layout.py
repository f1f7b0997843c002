"""Where the nodes of a small graph are drawn: groups apart, no two circles over each other.

The forces are those of ForceAtlas2 with logarithmic attraction [1]_, whose minimum separates groups that are
tied more among themselves than to others [2]_; steps shrink as in Fruchterman and Reingold's annealing [3]_.

References
----------
.. [1] Jacomy, Venturini, Heymann, Bastian: ForceAtlas2, a continuous graph layout algorithm for handy network
   visualization, PLoS ONE 9(6), 2014, https://doi.org/10.1371/journal.pone.0098679
.. [2] Noack: Energy models for graph clustering, JGAA 11(2), 2007, https://doi.org/10.7155/jgaa.00154
.. [3] Fruchterman, Reingold: Graph drawing by force-directed placement, Software: Practice and Experience
   21(11), 1991, https://doi.org/10.1002/spe.4380211102
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 300
REPULSION, GRAVITY = 1.0, 0.05
GOLDEN = np.pi * (3 - np.sqrt(5))
# fewer nodes keep together in the middle
FILLING = 40
SEPARATIONS = 300
GAP = 5.0
# between the rows of nodes without ties and the others: room for a line of text
MARGIN = 28.0


def layout(radii: Floats, source: Ints, target: Ints, weight: Floats, width: float, height: float) -> Floats:
    """The centre of each circle in a box from (0, 0) to (`width`, `height`), in the unit of the radii.

    Nodes without a tie stand in rows at the lower edge. Nothing is left to chance: the start is a spiral in the
    order of the nodes, so the same input gives the same places.

    Parameters
    ----------
    radii : array of float
        Radius of each node's circle.
    source, target : array of int
        The ties; loops are not allowed, and directions do not matter.
    weight : array of float
        Strength of each tie, > 0.

    Returns
    -------
    array of float, shape (n, 2)

    Examples
    --------
    >>> pair = layout(np.ones(2), np.array([0]), np.array([1]), np.ones(1), 100, 50)
    >>> bool(np.hypot(*(pair[1] - pair[0])) > 2)
    True
    """
    n = len(radii)
    tied = np.zeros(n, dtype=bool)
    tied[source] = tied[target] = True
    places = np.zeros((n, 2))
    alone = np.flatnonzero(~tied)
    places[alone], used = _rows(radii[alone], width, height)
    chosen = np.flatnonzero(tied)
    if len(chosen):
        number = np.cumsum(tied) - 1
        found = _forced(len(chosen), number[source], number[target], weight)
        box = np.array([width, height - used])
        inner = box * min(1.0, np.sqrt(len(chosen) / FILLING))
        fitted = _fitted(found, radii[chosen], inner) + (box - inner) / 2
        places[chosen] = _separated(fitted, radii[chosen], box)
    return places


def _rows(radii: Floats, width: float, height: float) -> tuple[Floats, float]:
    """Circles in rows from the lower edge up, and the height they take."""
    places, x, used, tallest = np.zeros((len(radii), 2)), 0.0, 0.0, 0.0
    for at, radius in enumerate(radii.tolist()):
        if x and x + 2 * radius > width:
            x, used, tallest = 0.0, used + tallest + GAP, 0.0
        places[at] = x + radius, height - used - radius
        x, tallest = x + 2 * radius + GAP, max(tallest, 2 * radius)
    return places, used + tallest + (MARGIN if len(radii) else 0.0)


def _forced(n: int, source: Ints, target: Ints, weight: Floats) -> Floats:
    """Places where attraction along ties, repulsion of all and a pull to the middle are near their balance."""
    rank = np.arange(n)
    spiral = np.column_stack([np.cos(rank * GOLDEN), np.sin(rank * GOLDEN)])
    places: Floats = np.sqrt(rank + 0.5)[:, None] * spiral
    mass: Floats = 1.0 + np.bincount(np.concatenate([source, target]), minlength=n).astype(np.float64)
    hottest = float(np.sqrt(n))
    for step in range(STEPS):
        force = _repulsion(places, mass) - GRAVITY * mass[:, None] * places
        pull = places[target] - places[source]
        length = np.hypot(pull[:, 0], pull[:, 1])[:, None] + 1e-9
        pull *= weight[:, None] * np.log1p(length) / length
        for axis in (0, 1):
            force[:, axis] += np.bincount(source, weights=pull[:, axis], minlength=n)
            force[:, axis] -= np.bincount(target, weights=pull[:, axis], minlength=n)
        size = np.hypot(force[:, 0], force[:, 1])[:, None] + 1e-9
        places += force / size * np.minimum(size, hottest * (1 - step / STEPS) ** 2)
    return places


def _repulsion(places: Floats, mass: Floats) -> Floats:
    x, y = (places[:, axis, None] - places[None, :, axis] for axis in (0, 1))
    strength = REPULSION * mass[:, None] * mass[None, :] / (x * x + y * y + 1e-9)
    pushed: Floats = np.column_stack([(x * strength).sum(axis=1), (y * strength).sum(axis=1)])
    return pushed


def _fitted(places: Floats, radii: Floats, box: Floats) -> Floats:
    """The places turned so that their long side lies along the box's, and spread over it."""
    centred = places - places.mean(axis=0)
    xx, yy = np.square(centred).sum(axis=0)
    turn = 0.5 * np.arctan2(2 * (centred[:, 0] * centred[:, 1]).sum(), xx - yy)
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = centred[:, 0] * cos + centred[:, 1] * sin, centred[:, 1] * cos - centred[:, 0] * sin
    edge = float(radii.max())
    return np.column_stack([_spread(x, edge, box[0]), _spread(y, edge, box[1])])


def _spread(values: Floats, edge: float, length: float) -> Floats:
    """Values from `edge` to `length` − `edge`; the middle if they are all the same."""
    low, high = values.min(), values.max()
    if high - low < 1e-6:
        return np.full(len(values), length / 2)
    share: Floats = (values - low) / (high - low)
    return edge + share * max(length - 2 * edge, 0.0)


def _separated(places: Floats, radii: Floats, box: Floats) -> Floats:
    """The places after circles that overlap have pushed each other apart, all inside the box."""
    rank = np.arange(len(radii))
    # two at one place have no direction
    moved: Floats = places + 1e-3 * np.column_stack([np.cos(rank), np.sin(rank)])
    wanted = radii[:, None] + radii[None, :] + GAP
    np.fill_diagonal(wanted, 0.0)
    low = radii[:, None]
    high = np.maximum(box[None, :] - low, low)
    for _ in range(SEPARATIONS):
        apart = moved[:, None, :] - moved[None, :, :]
        distance = np.hypot(apart[:, :, 0], apart[:, :, 1]) + 1e-9
        missing = np.maximum(wanted - distance, 0.0)
        if missing.max() < 0.1:
            break
        moved += (apart * (missing / distance / 2)[:, :, None]).sum(axis=1)
        np.clip(moved, low, high, out=moved)
    return moved
