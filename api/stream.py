"""Subscriptions over server-sent events: GraphQL over SSE in its mode of distinct connections.

The protocol is https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md: each answer is a `next` event, and
`complete` says that no more will come. A stream that ends without it was cut, and its client connects again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.context import SLOTS_SECONDS, Context, Explain
from api.execute import Executor
from api.settings import ApiSettings
from api.watch import LOOK_SECONDS, Ended, Watch
from graph.live import Kind, Topic

EVENTS = "text/event-stream"
ALIVE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}  # the second is for nginx
# what may be another answer in a moment
PASSING = {"UNAVAILABLE", "TIMEOUT"}
# the state that a topic has for who knows none
NEVER = object()
Answer = dict[str, Any]


class Full(Exception):
    """One subscription more than are served."""


class Places:
    """How many subscriptions this process serves, and how many of them each token has."""

    def __init__(self, settings: ApiSettings) -> None:
        self.most, self.each = settings.limit_subscriptions, settings.limit_subscriptions_each
        self.taken: Counter[str] = Counter()

    def check(self, key: str) -> None:
        """Refuse what is too much.

        Raises
        ------
        Full
            When this process, or this token, has as many as it may.
        """
        if self.taken[key] >= self.each:
            raise Full(f"A token has at most {self.each} subscriptions at once: end one first.")
        if self.taken.total() >= self.most:
            raise Full(f"This server has its {self.most} subscriptions: try again in a moment.")

    @contextmanager
    def take(self, key: str) -> Iterator[None]:
        """One of them, as long as the block lasts."""
        self.taken[key] += 1
        try:
            yield
        finally:
            self.taken -= Counter([key])


@dataclass(slots=True)
class Stream:
    """The events of one request, which came with `Accept: text/event-stream`."""

    executor: Executor
    watch: Watch
    context: Context
    query: str
    variables: Mapping[str, Any]
    name: str | None

    async def events(self) -> AsyncGenerator[bytes]:
        """What goes over the wire until it is complete, or this process stops."""
        yield ALIVE
        topic = self.executor.topic(self.context, self.query, self.variables, self.name)
        if topic is None:
            yield _next(await self._ask())
            yield COMPLETE
            return
        key = Topic(Kind.KEY, self.context.caller.key)
        with self.watch.follow(topic, key):
            try:
                async with aclosing(self._answers(topic, key)) as answers:
                    async for event in answers:
                        yield event
                yield COMPLETE
            except Ended as ended:
                if ended.args:
                    yield _next(_error("UNAUTHENTICATED", str(ended)))
                    yield COMPLETE

    async def _answers(self, topic: Topic, key: Topic) -> AsyncGenerator[bytes]:
        """The answer as it is, then each other one; signs of life between them."""
        sent, known = None, NEVER
        while True:
            answer = await self._read(topic)
            if answer is None:
                await asyncio.sleep(LOOK_SECONDS)
                self.watch.check(key)
                yield ALIVE
                continue
            if answer != sent:
                sent = await self._settled(answer, topic) if topic.kind is Kind.PUBLICATION else answer
                yield _next(sent)
            if "errors" in sent:
                return
            while (state := await self._changed(topic, known, key)) is NEVER:
                yield ALIVE
            known = state

    async def _settled(self, answer: Answer, topic: Topic) -> Answer:
        """What is published, once no process answers from the slot of before, and the run has ended, too."""
        while True:
            await asyncio.sleep(SLOTS_SECONDS)
            again = await self._read(topic)
            if again == answer:
                return answer
            answer = again or answer

    async def _changed(self, topic: Topic, known: object, key: Topic) -> object:
        """The next state of the topic, or NEVER if there was none until a sign of life is due."""
        try:
            async with asyncio.timeout(self.context.settings.subscription_ping):
                return await self.watch.changed(topic, known, key)
        except TimeoutError:
            return NEVER

    async def _read(self, topic: Topic) -> Answer | None:
        """The answer; None as long as the database cannot give it.

        What can be watched depends on the role of who asks, and on nothing else of them but for an inbox, so it
        is read for all of one role at once.
        """
        variables = orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS)
        whose = self.context.caller.customer if topic.kind is Kind.INBOX else None
        key = (self.query, self.name, variables, self.context.caller.role, whose)
        answer = await self.watch.shared(key, self._ask)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        return None if codes & PASSING else answer

    async def _ask(self) -> Answer:
        seconds = self.context.settings.request_timeout
        context = replace(self.context, explain=Explain())
        try:
            async with asyncio.timeout(seconds):
                return await self.executor.answer(context, self.query, self.variables, self.name, live=True)
        except TimeoutError:
            return _error("TIMEOUT", f"No answer within {seconds:g} s: ask for less, or try again.")


class EventResponse(StreamingResponse):
    """A stream on its way; its place is free again when it ends, however it does."""

    def __init__(self, stream: Stream, places: Places) -> None:
        self.events, self.places, self.key = stream.events(), places, stream.context.caller.key
        super().__init__(self.events, headers=HEADERS, media_type=EVENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events as an ASGI application."""
        with self.places.take(self.key):
            async with aclosing(self.events):
                await super().__call__(scope, receive, send)


def wants_events(accept: str) -> bool:
    """Whether a stream of events is what a request would like best."""
    return accept.partition(",")[0].partition(";")[0].strip().lower() == EVENTS


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(answer) + b"\n\n"


def _error(code: str, message: str) -> Answer:
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]}
