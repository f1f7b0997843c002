"""Watches the graph for all subscribers of this process: one look a second, however many they are."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from api.context import Slots
from graph.driver import Graph
from graph.errors import GraphError
from graph.live import PUBLICATIONS, State, Topic, look
from graph.records import now

LOG = logging.getLogger("muhatap.api")
LOOK_SECONDS = 1.0
T = TypeVar("T")


class Ended(Exception):
    """A subscription is over: its token no longer holds, or, without a message, this process stops."""


class Watch:
    """What the topics followed here were when last looked at.

    A lost look loses nothing: a state is compared with the one a subscriber knows, so whoever was slow, or came
    after a database that was away, sees the latest and never a queue of what was before.
    """

    def __init__(self, graph: Graph, slots: Slots) -> None:
        self.graph, self.slots = graph, slots
        self.closed = False
        self._followed: Counter[Topic] = Counter()
        self._seen: dict[Topic, State] = {}
        self._turn = asyncio.Event()
        self._answers: dict[Hashable, asyncio.Task[Any]] = {}
        self._reading: set[asyncio.Task[Any]] = set()
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, *topics: Topic) -> Iterator[None]:
        """Look at these topics too, as long as the block lasts."""
        self._followed.update(topics)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            self._followed -= Counter(topics)
            if not self._followed and self._looking:
                self._looking.cancel()
                self._looking, self._seen = None, {}

    async def changed(self, topic: Topic, known: object, key: Topic) -> State:
        """The state of a topic, once it is another than the known one.

        Raises
        ------
        Ended
            When the token of this key is revoked or expired, or this process stops.
        """
        while True:
            turn = self._turn
            self.check(key)
            if topic in self._seen and self._seen[topic] != known:
                return self._seen[topic]
            await turn.wait()

    def check(self, key: Topic) -> None:
        """Go on only while this process serves, and the token holds; until it was looked at, it does."""
        if self.closed:
            raise Ended
        revoked, expires = (self._seen.get(key, (None, None))) or ("gone", None)
        if revoked is not None or (expires is not None and expires <= now()):
            raise Ended("This token is unknown, expired or revoked.")

    async def shared(self, key: Hashable, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `read` answers, asked once between two looks for all who ask under the same key."""
        if self.closed:
            raise Ended
        if key not in self._answers:
            task = self._answers[key] = asyncio.create_task(read())
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        try:
            # who goes away ends only their own waiting
            answer: T = await asyncio.shield(self._answers[key])
        except asyncio.CancelledError:
            if self.closed:
                raise Ended from None
            raise
        return answer

    def close(self) -> None:
        """End every subscription now."""
        self.closed = True
        for task in self._reading:
            task.cancel()
        self._wake()

    def _wake(self) -> None:
        turn, self._turn, self._answers = self._turn, asyncio.Event(), {}
        turn.set()

    async def _look_on(self) -> None:
        away = False
        while True:
            begun = time.monotonic()
            try:
                await self._look(begun)
                away = False
            except GraphError as error:
                if not away:
                    LOG.warning("subscriptions wait: %s", error.message.partition("\n")[0])
                away = True
            except Exception:
                LOG.exception("subscriptions wait")
            self._wake()
            await asyncio.sleep(max(0.0, begun + LOOK_SECONDS - time.monotonic()))

    async def _look(self, begun: float) -> None:
        found = await look(self.graph, set(self._followed))
        shown = {topic.of: state[0] for topic in PUBLICATIONS if (state := found[topic])}
        self.slots.learn({name: slot for name, slot in shown.items() if slot}, begun)
        self._seen = found
