"""What one request carries: who asks, of which graph, and what it cost to answer."""

import logging
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.auth import Caller
from api.filter_values import LookUp
from api.plans import Plan
from api.settings import ApiSettings
from graph import publication, tokens
from graph.driver import Graph, Transaction
from graph.errors import GraphError, Unavailable
from graph.publication import in_slots
from graph.records import now
from graph.tokens import Role
from jobs.queue import Queue

LOG = logging.getLogger("muhatap.api")
# A reader may hold on to a slot for this long and a request's time-out; a run waits longer before it overwrites.
SLOTS_SECONDS = 1.0
TOKEN_SECONDS = 0.9
TOKENS = 1000


def public(error: GraphError) -> str:
    """The message of an expected failure as a caller may see it: where the database is, is for the log."""
    if not isinstance(error, Unavailable):
        return error.message
    LOG.warning("%s", error.message.partition("\n")[0])
    return "The database or the queue cannot answer now; send the same request again in a moment."


@dataclass(slots=True)
class Slots:
    """The published slots, as read at most a second ago."""

    graph: Graph
    known: dict[str, str] = field(default_factory=dict)
    read_at: float = float("-inf")

    async def current(self) -> Mapping[str, str]:
        """The letter of each publication's slot."""
        begun = time.monotonic()
        if begun - self.read_at > SLOTS_SECONDS:
            self.learn(await publication.slots(self.graph), begun)
        return self.known

    def learn(self, slots: dict[str, str], begun: float) -> None:
        """Keep what a reading that began then (`time.monotonic`) has found."""
        if begun > self.read_at:
            self.known, self.read_at = slots, begun


@dataclass(slots=True)
class Tokens:
    """The tokens seen last; a revoked one is refused within a second."""

    graph: Graph
    known: OrderedDict[str, tuple[float, Caller | None]] = field(default_factory=OrderedDict)

    async def caller(self, token: str) -> Caller | None:
        """Who this token speaks for."""
        kept = self.known.get(token)
        if kept and time.monotonic() - kept[0] < TOKEN_SECONDS:
            return kept[1]
        found = await tokens.verify(self.graph, token, now=now())
        caller = Caller(found.key, found.name, found.role, found.customer) if found else None
        self.known[token] = (time.monotonic(), caller)
        if len(self.known) > TOKENS:
            self.known.popitem(last=False)
        return caller


@dataclass(slots=True)
class Timed:
    """A block whose time is added up; every request passes several, which a generator would make slow."""

    milliseconds: dict[str, float]
    phase: str
    begun: float = 0.0

    def __enter__(self) -> None:
        self.begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = (time.perf_counter() - self.begun) * 1000
        self.milliseconds[self.phase] = self.milliseconds.get(self.phase, 0.0) + spent


@dataclass(slots=True)
class Explain:
    """What an answer took: the statements, and milliseconds by phase."""

    cypher: list[str] = field(default_factory=list)
    milliseconds: dict[str, float] = field(default_factory=dict)

    def timed(self, phase: str) -> "Timed":
        """Add the time of the block to a phase."""
        return Timed(self.milliseconds, phase)

    def as_dict(self) -> dict[str, Any]:
        """The answer's `extensions.explain`."""
        spent = {f"{phase}Ms": round(value, 3) for phase, value in self.milliseconds.items()}
        return {"statements": len(self.cypher), "cypher": self.cypher, **spent}


@dataclass(slots=True)
class Context:
    """What one request carries."""

    graph: Graph
    queue: Queue | None
    settings: ApiSettings
    caller: Caller
    slots: Slots
    explain: Explain = field(default_factory=Explain)

    async def run(
        self, plan: Plan, parameters: dict[str, Any], tx: Transaction | None = None
    ) -> dict[str, Any]:
        """The answer of a plan, by a statement of its own or in a transaction."""
        read = plan.read
        if not read.text:  # nothing was asked for but __typename, as health checks do, or all of it skipped
            return read.build((), parameters)
        parameters |= {
            "caller": self.caller.customer,
            "now": now(),
            "sees": self.caller.role is not Role.CUSTOMER,
        }
        published = await self.slots.current() if read.slots else {}
        for name, value in parameters.items():
            if isinstance(value, LookUp):
                with self.explain.timed("search"):
                    parameters[name] = await value.find(self.graph, value.text)
        if plan.searches:
            with self.explain.timed("search"):
                parameters |= await plan.search(self.graph, parameters)
        # what no statement names would only be packed, sent and typed
        text, sent = read.text, {name: parameters[name] for name in read.names}
        if read.by_ids is not None:
            found = await self._read(in_slots(read.by_ids.ids, published), sent, tx)
            if (ids := read.by_ids.page(found, sent)) is not None:
                text, sent["ids"] = read.by_ids.text, ids
        answer = await self._read(in_slots(text, published), sent, tx)
        with self.explain.timed("shape"):
            return read.build(answer[0], parameters)

    async def _read(self, text: str, parameters: Mapping[str, Any], tx: Transaction | None) -> Sequence[Any]:
        self.explain.cypher.append(text)
        with self.explain.timed("database"):
            if tx is None:
                return await self.graph.read(text, **parameters)
            result = await tx.run(text, dict(parameters))
            return [record async for record in result]
