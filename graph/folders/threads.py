"""Sees to it that a comment answers one of its own idea, whichever of the two an import moves."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, LiteralString

from graph.driver import Graph
from graph.folders.reader import Fault
from graph.folders.report import WITHOUT
from graph.folders.shapes import Entry, first
from graph.folders.values import shown

IDEA, ANSWERED = 1, 5
PLACES: LiteralString = """UNWIND $ids AS id MATCH (n:Comment {externalId: id})-[:ON_IDEA]->(i:Idea)
RETURN collect([id, i.externalId, [(n)-[:REPLIES_TO]->(x:Comment) | x.externalId],
  [(n)<-[:REPLIES_TO]-(x:Comment) | x.externalId]]) AS rows"""
# What waits until a file is read, by column and record: for which other record, and by which line.
Wanted = dict[tuple[str, str], tuple[int, str]]


class Threads:
    """What rows say of comments: in a dry run all rows so far, else those of one batch; the rest is stored."""

    def __init__(self, graph: Graph, *, dry: bool) -> None:
        self._graph = graph
        self._dry = dry
        self._ideas: dict[str, str] = {}
        self._answered: dict[str, str] = {}  # in a dry run, where nothing is stored
        self._answers: defaultdict[str, set[str]] = defaultdict(set)

    async def part(self, entries: list[Entry], wanted: Wanted) -> None:
        """Puts off every answer, named or stored, that is on another idea by now: a row to come may move either."""
        ideas, answered, answers = await self._places(entries)
        for entry in entries:
            comment, named = str(entry.values[0]), _named(entry)
            other = named or answered.get(comment)
            if other and ideas.get(other, ideas[comment]) != ideas[comment]:
                entry.values[ANSWERED], key = None, ("reply_to", comment)
                if named or wanted.get(key, (0, other))[1] == other:
                    wanted[key] = entry.line, other
            elif named and self._dry:
                self._answered[comment] = named
                self._answers[named].add(comment)
            for each in sorted(answers[comment]):
                if ideas[each] != ideas[comment]:
                    wanted.setdefault(("reply_to", each), (entry.line, comment))

    async def settle(self, entries: list[Entry], faults: list[Fault]) -> None:
        """Leaves without any those that answer a comment of another idea, or name one that is nowhere (None here).

        A fault says where it is, and which one a comment no longer answers.
        """
        ideas, answered, _ = await self._places(entries)
        for entry in entries:
            comment, named = str(entry.values[0]), _named(entry)
            held = answered.get(comment)
            if named and ideas[named] == ideas[comment]:
                continue
            entry.values[ANSWERED] = []
            said = [f"{shown(named)} is on another idea, {shown(ideas[named])}"] if named else []
            said += (
                [f"{shown(comment)} no longer answers {shown(held)}"] if held else [WITHOUT] if named else []
            )
            if said:
                faults.append(Fault(entry.line, f"reply_to: {'; '.join(said)}"))

    async def _places(
        self, entries: list[Entry]
    ) -> tuple[dict[str, str], dict[str, str], dict[str, set[str]]]:
        """The idea of each comment concerned; of those of the entries what they answer, and what answers them."""
        if not self._dry:
            self._ideas.clear()
        self._ideas |= {str(e.values[0]): str(first(e.values[IDEA])) for e in entries if e.values[IDEA]}
        mine = {str(entry.values[0]) for entry in entries}
        rows = await self._stored(mine)
        answered = {each: to for each, _, others, _ in rows for to in others} | self._answered
        answers = {each: set(self._answers.get(each, ())) for each in mine}
        for each, _, _, others in rows:
            answers[each].update(others)
        for each, others in answers.items():
            answers[each] = {other for other in others if self._answered.get(other, each) == each}
        near = {str(named) for entry in entries if (named := _named(entry))}
        near.update(*answers.values(), (answered[each] for each in mine & answered.keys()))
        rows += await self._stored(near - mine - self._ideas.keys())
        return {each: idea for each, idea, *_ in rows} | self._ideas, answered, answers

    async def _stored(self, ids: Iterable[str]) -> list[Any]:
        row = await self._graph.read_one(PLACES, ids=sorted(ids)) if ids else None
        return list(row["rows"]) if row else []


def _named(entry: Entry) -> str | None:
    named = first(entry.values[ANSWERED])
    return None if named is None else str(named)
