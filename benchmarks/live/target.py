"""Which graph the measured Python servers ask, from the environment that the harness gives each of them."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import neo4j

Ask = Callable[..., Awaitable[list[neo4j.Record]]]


@dataclass(frozen=True, slots=True)
class Target:
    """A live graph behind Bolt."""

    url: str
    user: str
    password: str
    database: str
    embedded: bool = False
    version: str = ""

    def environment(self) -> dict[str, str]:
        """What a server needs to find it."""
        return {
            "LIVE_URL": self.url,
            "LIVE_USER": self.user,
            "LIVE_PASSWORD": self.password,
            "LIVE_DATABASE": self.database,
            "LIVE_EMBEDDED": "1" if self.embedded else "",
        }

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Ask]:
        """A function that runs one read and answers its rows, over one driver."""
        async with neo4j.AsyncGraphDatabase.driver(
            self.url,
            auth=(self.user, self.password),
            warn_notification_severity="OFF",
            telemetry_disabled=True,
        ) as driver:

            async def ask(statement: str, **parameters: Any) -> list[neo4j.Record]:
                async with driver.session(database=self.database, default_access_mode="READ") as session:
                    result = await session.run(statement, parameters)
                    return [record async for record in result]

            yield ask


def target() -> Target:
    """The graph that the harness named."""
    word = os.environ.__getitem__
    return Target(
        word("LIVE_URL"),
        word("LIVE_USER"),
        word("LIVE_PASSWORD"),
        word("LIVE_DATABASE"),
        bool(os.environ.get("LIVE_EMBEDDED")),
    )
