"""Opens the graph, reads it and writes it through the official Bolt driver, whichever engine answers."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions as faults

from graph.embedded import DATABASE, USER, Endpoint, embedded_engine
from graph.errors import Taken, Unavailable
from graph.settings import GraphSettings

Transaction: TypeAlias = neo4j.AsyncManagedTransaction
T = TypeVar("T")
P = ParamSpec("P")

OLDEST_NEO4J = (5, 23)  # the first with CALL (x) { … }
ADDRESS = re.compile(r"(bolt|neo4j)(\+s|\+ssc)?://[^/?]+(/?|/?\?.*)")
READ_ATTEMPTS = 5
# a MERGE that lost a race wins at its next try; a real duplicate fails at each
RACE_ATTEMPTS = 5
FIRST_DELAY = 0.02
GONE = "Neo.ClientError.Statement.EntityNotFound"
# what another try, or another server of the cluster, may answer
PASSING = (faults.TransientError, faults.ServiceUnavailable, faults.SessionExpired)


class Engine(StrEnum):
    """Who answers behind Bolt."""

    ARCADEDB = "ARCADEDB"
    NEO4J = "NEO4J"


@dataclass(slots=True, eq=False, weakref_slot=True)
class Graph:
    """An open connection to the graph, safe to share between tasks of one event loop."""

    engine: Engine
    version: str
    url: str
    settings: GraphSettings
    endpoint: Endpoint | None
    _driver: neo4j.AsyncDriver
    _session_config: dict[str, Any]
    _idle: list[neo4j.AsyncSession] = field(default_factory=list)

    async def read(self, query: str, /, **parameters: Any) -> list[neo4j.Record]:
        """All rows of one auto-commit read, tried again while the fault may pass."""
        try:
            async with asyncio.timeout(self.settings.graph_timeout):
                for attempt in range(READ_ATTEMPTS - 1):
                    try:
                        return await self._run(query, parameters)
                    except PASSING as error:
                        if isinstance(error, faults.IncompleteCommit):
                            raise
                        await asyncio.sleep(_delay(attempt))
                return await self._run(query, parameters)
        except (TimeoutError, faults.DriverError, faults.Neo4jError) as error:
            raise self._explained(error, self.settings.graph_timeout) from error

    async def read_one(self, query: str, /, **parameters: Any) -> neo4j.Record | None:
        """The first row, if there is one."""
        rows = await self.read(query, **parameters)
        return rows[0] if rows else None

    async def scan_one(self, query: str, /, **parameters: Any) -> neo4j.Record | None:
        """The first row of a read of the whole graph, which may take as long as that is large: for jobs alone."""
        async with aclosing(self.stream(query, **parameters)) as rows:
            return await anext(rows, None)

    async def stream(self, query: str, /, **parameters: Any) -> AsyncGenerator[neo4j.Record]:
        """The rows of a read as they come, for results that should not be held as a whole."""
        async with self._driver.session(**self._session_config | {"fetch_size": 1000}) as session:
            try:
                async for record in await session.run(query, parameters):
                    yield record
            except (faults.DriverError, faults.Neo4jError) as error:
                raise self._explained(error, self.settings.graph_timeout) from error

    async def write(
        self,
        work: Callable[Concatenate[Transaction, P], Awaitable[T]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `work(tx, …)` in one transaction; deadlocks, lost leaders and lost MERGE races run it again."""
        seconds = self.settings.graph_write_timeout
        bounded = neo4j.unit_of_work(timeout=seconds)(work)
        try:
            async with asyncio.timeout(seconds):
                for attempt in range(RACE_ATTEMPTS - 1):
                    try:
                        return await self._execute(bounded, *args, **kwargs)
                    except faults.ClientError as error:
                        if not _lost_race(error):
                            raise
                    await asyncio.sleep(_delay(attempt))
                return await self._execute(bounded, *args, **kwargs)
        except (TimeoutError, faults.DriverError, faults.Neo4jError) as error:
            raise self._explained(error, seconds) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[neo4j.AsyncTransaction]:
        """A transaction of the caller's own, without retry, rolled back unless it commits: for locks."""
        config = self._session_config | {"default_access_mode": neo4j.WRITE_ACCESS}
        try:
            async with self._driver.session(**config) as session, await session.begin_transaction() as tx:
                yield tx
        except (faults.DriverError, faults.Neo4jError) as error:
            raise self._explained(error, self.settings.graph_write_timeout) from error

    async def close(self) -> None:
        """Close every connection; the embedded engine is let go by `open_graph`."""
        idle, self._idle = self._idle, []
        for session in idle:
            await session.close()
        await self._driver.close()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[neo4j.AsyncSession]:
        # a session kept open costs a third less than a new one; one that failed is not kept
        session = self._idle.pop() if self._idle else self._driver.session(**self._session_config)
        try:
            yield session
        except BaseException as error:
            if not isinstance(error, Exception):
                session.cancel()  # what is in flight is cut off, not waited for
            await session.close()
            raise
        self._idle.append(session)

    async def _run(self, query: str, parameters: dict[str, Any]) -> list[neo4j.Record]:
        async with self._session() as session:
            result = await session.run(query, parameters)
            return [record async for record in result]

    async def _execute(self, work: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        async with self._session() as session:
            return await session.execute_write(work, *args, **kwargs)

    def _explained(self, error: Exception, seconds: float) -> Exception:
        if isinstance(error, faults.ConstraintError):
            return Taken(f"Another record already has this key: {error.message}")
        if isinstance(error, faults.ClientError) and error.code == GONE:
            return Unavailable(
                f"The graph at {self.url} was busy with the same record; repeat the same request"
            )
        if isinstance(error, TimeoutError):
            return Unavailable(f"The graph at {self.url} gave no answer within {seconds:g} s")
        if isinstance(error, faults.IncompleteCommit):
            return Unavailable(f"The graph at {self.url} went away while committing; repeat the same request")
        if isinstance(error, PASSING):
            return Unavailable(f"The graph at {self.url} does not answer now: {_first_line(error)}")
        return error


@asynccontextmanager
async def open_graph(settings: GraphSettings) -> AsyncIterator[Graph]:
    """The graph of these settings: a Neo4j by URL, else the embedded engine of this home."""
    if settings.graph_url is None:
        async with embedded_engine(settings) as endpoint:
            auth = (USER, endpoint.password)
            graph = await _connect(settings, endpoint.url, auth, DATABASE, endpoint)
            try:
                yield graph
            finally:
                await graph.close()
    else:
        password = settings.graph_password
        given = None if password is None else (settings.graph_user, password.get_secret_value())
        graph = await _connect(settings, settings.graph_url, given, settings.graph_database, None)
        try:
            yield graph
        finally:
            await graph.close()


async def _connect(
    settings: GraphSettings,
    url: str,
    auth: tuple[str, str] | None,
    database: str,
    endpoint: Endpoint | None,
) -> Graph:
    shown = _without_password(url)
    if not ADDRESS.fullmatch(url):
        raise Unavailable(
            f"MUHATAP_GRAPH_URL {shown} is not an address like bolt://host:7687 or neo4j://host"
        )
    try:
        driver = neo4j.AsyncGraphDatabase.driver(
            url,
            auth=auth,
            connection_timeout=settings.graph_connect_timeout,
            connection_acquisition_timeout=settings.graph_timeout,
            max_connection_pool_size=settings.graph_pool,
            max_transaction_retry_time=min(30.0, settings.graph_write_timeout),
            initial_retry_delay=FIRST_DELAY,
            notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
            telemetry_disabled=True,
        )
    except (faults.ConfigurationError, ValueError) as error:
        raise Unavailable(f"MUHATAP_GRAPH_URL {shown} cannot be used: {_first_line(error)}") from error
    config: dict[str, Any] = {
        "database": database,
        "default_access_mode": neo4j.READ_ACCESS,
        "fetch_size": -1,
    }
    if url.startswith("neo4j"):  # in a cluster, a read must not miss what this process wrote before
        config["bookmark_manager"] = neo4j.AsyncGraphDatabase.bookmark_manager()
    try:
        engine, version = await _who_answers(driver, database, shown, settings)
    except BaseException:
        await driver.close()
        raise
    return Graph(engine, version, shown, settings, endpoint, driver, config)


async def _who_answers(
    driver: neo4j.AsyncDriver, database: str, url: str, settings: GraphSettings
) -> tuple[Engine, str]:
    seconds = settings.graph_connect_timeout
    try:
        async with asyncio.timeout(seconds * 2):
            agent = (await driver.get_server_info()).agent
            async with driver.session(database=database) as session:
                await (await session.run("RETURN 1")).consume()
    except faults.AuthError as error:
        raise Unavailable(
            f"The graph at {url} refused user {settings.graph_user!r}: {_first_line(error)}; "
            "check MUHATAP_GRAPH_USER and MUHATAP_GRAPH_PASSWORD"
        ) from error
    except faults.ClientError as error:
        raise Unavailable(
            f"The graph at {url} has no database {database!r} ready: {_first_line(error)}; "
            "check MUHATAP_GRAPH_DATABASE, or wait until it has started"
        ) from error
    except (TimeoutError, OSError, ValueError, faults.DriverError, faults.Neo4jError) as error:
        raise Unavailable(
            f"No graph answers at {url}: {_first_line(error) or f'silent for {seconds * 2:g} s'}; "
            "is it running, and is MUHATAP_GRAPH_URL right?"
        ) from error
    return _engine_of(agent, url)


def _engine_of(agent: str, url: str) -> tuple[Engine, str]:
    if found := re.search(r"ArcadeDB ([\d.]+)", agent):
        return Engine.ARCADEDB, found[1]
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if found is None:
        raise Unavailable(f"{agent!r} answers at {url}; Neo4j 5.26 is needed")
    if (int(found[1]), int(found[2])) < OLDEST_NEO4J:
        raise Unavailable(f"{agent} answers at {url}; Neo4j 5.23 or later is needed, 5.26 LTS is best")
    return Engine.NEO4J, agent.removeprefix("Neo4j/")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _lost_race(error: faults.ClientError) -> bool:
    """Another transaction made the key first; the embedded engine may also see its record before it is there."""
    return isinstance(error, faults.ConstraintError) or error.code == GONE


def _first_line(error: BaseException) -> str:
    text = error.message if isinstance(error, faults.Neo4jError) else str(error)
    return (text or "").strip().partition("\n")[0]


def _delay(attempt: int) -> float:
    return float(FIRST_DELAY * 3**attempt) * random.uniform(0.5, 1.5)
