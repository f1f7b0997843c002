"""Takes from comments the comment they answer, where it is on another idea."""

from typing import LiteralString

from graph.driver import Graph
from graph.folders.reader import Fault
from graph.folders.report import WITHOUT
from graph.folders.shapes import Entry, first
from graph.folders.values import shown

IDEA, ANSWERED = 1, 5
IDEAS_OF: LiteralString = """UNWIND $ids AS id MATCH (:Comment {externalId: id})-[:ON_IDEA]->(i:Idea)
RETURN collect([id, i.externalId]) AS rows"""


class Threads:
    """The ideas of comments: in a dry run of all rows so far, else of those of one batch; the rest is stored."""

    def __init__(self, graph: Graph, *, dry: bool) -> None:
        self._graph = graph
        self._dry = dry
        self._given: dict[str, str] = {}

    async def part(self, entries: list[Entry], faults: list[Fault]) -> None:
        """Leaves no entry that answers a comment of another idea; of those that did, a fault each."""
        given = self._given
        if not self._dry:
            given.clear()
        given |= {str(e.values[0]): str(first(e.values[IDEA])) for e in entries if e.values[IDEA]}
        answers = [
            (entry, str(entry.values[0]), str(first(entry.values[ANSWERED])))
            for entry in entries
            if entry.values[ANSWERED]
        ]
        asked = {each for _, *both in answers for each in both} - given.keys()
        row = await self._graph.read_one(IDEAS_OF, ids=sorted(asked)) if asked else None
        idea = (dict(row["rows"]) if row else {}) | given
        for entry, comment, answered in answers:
            if answered in idea and idea[answered] != idea.get(comment):
                entry.values[ANSWERED] = None
                reason = f"reply_to: {shown(answered)} is on another idea, {shown(idea[answered])}"
                faults.append(Fault(entry.line, f"{reason}; {WITHOUT}"))
