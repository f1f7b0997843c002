"""A mail server and a webhook on loopback, which keep what they accept."""

import asyncio
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TypeAlias, TypeVar

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
S = TypeVar("S", "MailServer", "Hook")


@dataclass(slots=True)
class MailServer:
    """SMTP enough for one client: `refuse` answers an address with a code; `accepted` runs before the last 250."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    accepted: Callable[[], None] = lambda: None

    async def talk(self, reader: Reader, writer: Writer) -> None:
        """One connection."""
        say = Say(writer)
        await say("220 here")
        while line := (await reader.readline()).decode().strip():
            word = line.partition(" ")[0].upper()
            if word == "EHLO":
                await say("250-here\r\n250 SMTPUTF8")
            elif word == "RCPT":
                code = self.refuse.get(line.partition("<")[2].partition(">")[0].lower(), 250)
                await say(f"{code} so it is")
            elif word == "DATA":
                await say("354 go on")
                text = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(
                    BytesParser(EmailMessage, policy=email.policy.default).parsebytes(text[:-5])
                )
                self.accepted()
                await say("250 kept")
            elif word == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 well")
        writer.close()


@dataclass(slots=True)
class Hook:
    """A webhook: `statuses` are what it answers to the next calls, then 204."""

    port: int = 0
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""

    async def talk(self, reader: Reader, writer: Writer) -> None:
        """One call."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        self.calls.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if self.statuses else 204
        answer = f"HTTP/1.1 {status} so\r\nlocation: {self.location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()


@dataclass(frozen=True, slots=True)
class Say:
    """Answers by lines."""

    writer: Writer

    async def __call__(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()


@asynccontextmanager
async def listening(server: S) -> AsyncIterator[S]:
    """The server on a free port."""

    async def talk(reader: Reader, writer: Writer) -> None:
        try:
            await server.talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as found:
        server.port = found.sockets[0].getsockname()[1]
        yield server
