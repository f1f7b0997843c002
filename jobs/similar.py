"""Finds the ideas that are like a text, while it is typed: their words are kept in memory, as the graph has them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from weakref import WeakKeyDictionary

from graph import similar
from graph.driver import Graph
from graph.errors import GraphError
from graph.records import now, parse_instant, to_instant
from graph.similar import Worded
from jobs.algorithms.likeness import Likenesses, shared

# What a transaction of another process wrote under an earlier instant may show later, and clocks differ.
OVERLAP = timedelta(seconds=60)
# Less than this is no likeness: one common beginning in a text of other words.
LEAST = 0.1
SPARE = 20
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Similar:
    """An idea that is like a text: how much, 0 to 1, and those of its words that are."""

    idea: str
    similarity: float
    words: tuple[str, ...]


@dataclass(slots=True)
class Known:
    """The words of all ideas of a graph, and since when changes are to be read; at first, behind which uid."""

    likenesses: Likenesses = field(default_factory=Likenesses)
    numbers: dict[str, tuple[int, str]] = field(default_factory=dict)
    uids: list[str] = field(default_factory=list)
    challenges: dict[str, int] = field(default_factory=dict)
    since: str = ""
    begun: str = ""
    after: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self, graph: Graph) -> None:
        """Read what has changed; at first everything, in pages between which others have their turn.

        A request that has no time left is cancelled; the next one goes on behind the last page.
        """
        async with self.lock:
            begun: str = now()
            if self.since:
                self._learn(await similar.read_changed(graph, since=self.since))
            else:
                begun = self.begun = self.begun or begun
                async for page in similar.read_all(graph, after=self.after):
                    self._learn(page)
                    self.after = page[-1].uid
                    await asyncio.sleep(0)
            self.since = to_instant(parse_instant(begun) - OVERLAP)

    def _learn(self, page: Sequence[Worded]) -> None:
        for worded in page:
            number, at = self.numbers.get(worded.uid, (None, ""))
            if number is not None and at == worded.at:
                continue
            if number is not None:
                self.likenesses.drop(number)
            group = self.challenges.setdefault(worded.challenge, len(self.challenges))
            self.numbers[worded.uid] = self.likenesses.add(worded.title, worded.body, group), worded.at
            self.uids.append(worded.uid)


KNOWN: "WeakKeyDictionary[Graph, Known]" = WeakKeyDictionary()


async def warm(graph: Graph) -> None:
    """Read the words of all ideas before anybody asks; a database that is away is asked again by who does."""
    with suppress(GraphError):
        await KNOWN.setdefault(graph, Known()).catch_up(graph)


async def similar_ideas(
    graph: Graph, text: str, *, challenge: str | None, count: int, besides: str = "", typing: bool = True
) -> list[Similar]:
    """At most `count` published ideas like a text, the most alike first, of one challenge if it is given.

    While it is being `typing`, its last word may go on. In place of a duplicate stands its original.
    """
    known = KNOWN.setdefault(graph, Known())
    await known.catch_up(graph)
    if challenge is not None and challenge not in known.challenges:
        return []
    group = None if challenge is None else known.challenges[challenge]
    likes = known.likenesses.nearest(text, count + SPARE, typing=typing, group=group)
    found = [(known.uids[like.number], min(1.0, like.likeness)) for like in likes if like.likeness >= LEAST]
    return await _shown(graph, text, [each for each in found if each[0] != besides], count, besides)


async def _shown(
    graph: Graph, text: str, found: Sequence[tuple[str, float]], count: int, besides: str
) -> list[Similar]:
    if not found:
        return []
    shown = await similar.read_shown(graph, [uid for uid, _ in found])
    best: dict[str, Similar] = {}
    for uid, likeness in found:
        if uid in shown and shown[uid].uid != besides:
            idea = shown[uid]
            best.setdefault(idea.uid, Similar(idea.uid, likeness, tuple(shared(text, idea.title))))
    return list(best.values())[:count]


async def saying(graph: Graph, text: str) -> list[str]:
    """The ideas, at most `MOST` and the latest of them, that have each word of a text in title or text.

    For a duplicate stands its original, too.
    """
    known = KNOWN.setdefault(graph, Known())
    await known.catch_up(graph)
    uids = [known.uids[number] for number in known.likenesses.saying(text)]
    latest = sorted(uids, reverse=True)[:MOST]
    shown = await similar.read_shown(graph, latest)
    return list(dict.fromkeys([*latest, *(each.uid for each in shown.values())]))


async def similar_to(graph: Graph, idea: str, *, count: int) -> list[Similar]:
    """The ideas of the same challenge that are like this one."""
    words = await similar.read_words(graph, idea)
    if words is None:
        return []
    title, challenge = words
    return await similar_ideas(graph, title, challenge=challenge, count=count, besides=idea, typing=False)
