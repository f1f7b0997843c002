"""Spreads notices to everybody they concern, and sends what is due."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graph import deliveries, notices
from graph.consents import Channel
from graph.deliveries import Message
from graph.driver import Graph
from graph.errors import Invalid
from graph.notices import Reason
from graph.records import now
from jobs.letters import letter
from jobs.links import key_of, unsubscribe_token
from jobs.senders import Caller, Mailer, NotSent, caller, mailer
from jobs.settings import JobSettings

# Customers of a transaction: whoever of them writes meanwhile makes the embedded engine run it again, the sooner over
# the better.
CHUNK = 50
NEWS = 7 * 86_400.0  # seconds: what was decided longer ago is told to nobody any more
CALLS = 8  # of the webhook at once
# A claim lasts for this many silences of the other side; a letter takes five at most, and none is begun
# in the second half of a claim, so nobody sends what another sender may have claimed meanwhile.
LEASE = 12
LONGEST_DELAY = 8 * 3600.0


def channels(settings: JobSettings) -> set[Channel]:
    """The ways out, beside the inbox, that are set up."""
    found = {Channel.EMAIL: mailer(settings), Channel.WEBHOOK: caller(settings)}
    return {channel for channel, way in found.items() if way is not None}


async def spread(graph: Graph, settings: JobSettings, *, notice: str) -> int:
    """Put a notice in all inboxes and write down what is to be sent; returns how many hear it.

    Each chunk is a transaction that notes how far it is: after a crash the next run goes on from there.
    """
    found = await notices.get(graph, notice)
    if found.done:
        return 0
    people, muted = await notices.concerned(graph, found)
    rest = [uid for uid in people if uid > found.reached]
    ways = channels(settings)
    for start in range(0, len(rest), CHUNK):
        chunk = rest[start : start + CHUNK]
        await graph.write(notices.enter, notice=notice, people=chunk, channels=ways, now=now())
    for start in range(0, len(muted), CHUNK):
        chunk = muted[start : start + CHUNK]
        await graph.write(notices.skip_muted, notice=notice, people=chunk, now=now())
    await graph.write(notices.mark_spread, notice=notice, now=now())
    return len(people)


async def announce_decided(graph: Graph) -> int:
    """Tell of challenges that the clock has decided; returns how many."""
    at = now()
    found = await notices.untold(graph, since=deliveries.after(at, -NEWS), now=at)
    for challenge in found:
        await graph.write(notices.announce_decided, challenge=challenge, now=at)
    return len(found)


async def deliver(graph: Graph, settings: JobSettings) -> int:
    """Send all that is due; returns how many messages were accepted."""
    if not channels(settings):
        return 0
    accepted = 0
    async with _office(graph, settings) as office:
        while uids := await deliveries.due(graph, now=now()):
            done = await office.send(uids)
            accepted += done
            if office.mail_is_away:
                break
    return accepted


@asynccontextmanager
async def _office(graph: Graph, settings: JobSettings) -> AsyncIterator["Office"]:
    post = mailer(settings)
    key = key_of(graph.settings) if post else b""  # before anything is claimed
    office = Office(graph, settings, post, caller(settings), key)
    try:
        yield office
    finally:
        if office.mailer is not None:
            await asyncio.to_thread(office.mailer.close)


@dataclass(slots=True)
class Office:
    """One sender at work, with its connection to the mail server."""

    graph: Graph
    settings: JobSettings
    mailer: Mailer | None
    caller: Caller | None
    key: bytes
    mail_is_away: bool = False
    # calls are made at once and recorded one by one: their records lie side by side
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, uids: Sequence[str]) -> int:
        """Claim these deliveries and send what is due of them; returns how many messages were accepted."""
        settings, lease = self.settings, LEASE * self.settings.send_timeout
        ends = time.monotonic() + lease / 2
        messages = await self.graph.write(
            deliveries.claim,
            uids=uids,
            now=now(),
            lease=lease,
            gap=settings.email_gap,
            attempts=settings.send_attempts,
        )
        letters = [one for one in messages if one.channel is Channel.EMAIL]
        calls = [one for one in messages if one.channel is Channel.WEBHOOK]
        slices = [[one] for one in letters] + [
            calls[start : start + CALLS] for start in range(0, len(calls), CALLS)
        ]
        accepted = 0
        for place, group in enumerate(slices):
            if time.monotonic() > ends:
                rest = [one for later in slices[place:] for one in later]
                await self.graph.write(deliveries.release, messages=rest, now=now())
                break
            accepted += sum(await _finished(asyncio.gather(*map(self._send, group))))
        return accepted

    async def _send(self, message: Message) -> bool:
        try:
            await asyncio.to_thread(self._way(message))
        except NotSent as error:
            self.mail_is_away |= error.away
            async with self.recording:
                await self._failed(message, error)
            return False
        async with self.recording:
            await self.graph.write(deliveries.mark_sent, message=message, now=now())
        return True

    def _way(self, message: Message) -> Callable[[], None]:
        """What hands a message over."""
        if message.channel is Channel.WEBHOOK:
            way = self.caller
            if way is None:
                raise NotSent("the webhook is no longer set up")
            return lambda: way.send(message)
        post = self.mailer
        if post is None:
            raise NotSent("e-mail is no longer set up")
        if self.mail_is_away:
            raise NotSent("no mail server answers", away=True)
        settings = self.settings
        token = unsubscribe_token(self.key, message.customer)
        link = f"{(settings.public_url or '').rstrip('/')}/unsubscribe?token={token}"
        try:
            made = letter(message, sender=settings.smtp_from or "", link=link)
        except Invalid as error:
            raise NotSent(error.message, for_good=True) from error
        return lambda: post.send(made)

    async def _failed(self, message: Message, error: NotSent) -> None:
        over = error.for_good or message.attempts >= self.settings.send_attempts
        again = None if over else deliveries.after(now(), self.delay(message.attempts))
        reason = Reason.REFUSED if error.for_good else Reason.GAVE_UP
        await self.graph.write(
            deliveries.mark_failed, message=message, error=error.message, again=again, reason=reason
        )

    def delay(self, attempts: int) -> float:
        """Seconds until the next attempt after so many: four times as long each, at most 8 hours, scattered."""
        return min(LONGEST_DELAY, self.settings.send_delay * 4.0 ** (attempts - 1)) * random.uniform(0.5, 1)


async def _finished(work: asyncio.Future[list[bool]]) -> list[bool]:
    """What a worker that is stopped has begun is finished first: what was accepted is recorded."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await work
        raise
