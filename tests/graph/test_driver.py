"""Reading and writing through the driver, and what it says when it cannot."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from neo4j import exceptions as faults
from pydantic import SecretStr

from graph.driver import Graph, Transaction, open_graph
from graph.errors import Taken, Unavailable
from graph.settings import GraphSettings

CREATE = "CREATE (n:Customer {uid: $name, name: $name}) RETURN n.name AS name"


async def _create(tx: Transaction, *, name: str) -> str:
    record = await (await tx.run(CREATE, name=name)).single()
    assert record is not None
    return str(record["name"])


async def test_a_write_is_read_back(graph: Graph) -> None:
    assert await graph.write(_create, name="Ayşe") == "Ayşe"
    found = await graph.read("MATCH (n:Customer) RETURN n.name AS name")
    assert [row["name"] for row in found] == ["Ayşe"]


async def test_each_test_starts_with_an_empty_graph(graph: Graph) -> None:
    assert await graph.read_one("MATCH (n:Customer) RETURN n") is None


async def test_many_reads_at_once_do_not_disturb_each_other(graph: Graph) -> None:
    found = await asyncio.gather(*[graph.read_one("RETURN $n AS n", n=n) for n in range(50)])
    assert [row and row["n"] for row in found] == list(range(50))


async def test_a_stream_gives_every_row(graph: Graph) -> None:
    found = [row["n"] async for row in graph.stream("UNWIND range(1, 2500) AS n RETURN n")]
    assert found == list(range(1, 2501))


async def test_a_scan_may_take_longer_than_a_read(graph: Graph) -> None:
    brief = replace(graph, settings=graph.settings.model_copy(update={"graph_timeout": 0.001}), _idle=[])
    counting = "UNWIND range(1, 100000) AS n RETURN sum(n) AS total"
    with pytest.raises(Unavailable, match=r"no answer within 0\.001 s"):
        await brief.read_one(counting)
    found = await brief.scan_one(counting)
    assert found and found["total"] == 5_000_050_000
    assert await brief.scan_one("MATCH (n:Customer) RETURN n") is None


async def test_a_failed_write_leaves_nothing(graph: Graph) -> None:
    async def fail(tx: Transaction) -> None:
        await _create(tx, name="Ali")
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed"):
        await graph.write(fail)
    assert await graph.read_one("MATCH (n:Customer) RETURN n") is None


async def test_racing_merges_make_one_node(graph: Graph) -> None:
    async def merge(tx: Transaction, *, key: str) -> None:
        query = (
            "MERGE (i:Identity {key: $key}) ON CREATE SET i.uid = $key SET i.seen = coalesce(i.seen, 0) + 1"
        )
        await (await tx.run(query, key=key)).consume()

    await asyncio.gather(*[graph.write(merge, key="x:ayse") for _ in range(12)])
    rows = await graph.read("MATCH (i:Identity) RETURN i.seen AS seen")
    assert [row["seen"] for row in rows] == [12]


async def test_crossed_writes_lose_no_update(graph: Graph) -> None:
    async def bump(tx: Transaction, *, uids: list[str]) -> None:
        for uid in uids:
            query = "MATCH (n:Customer {uid: $uid}) SET n.count = coalesce(n.count, 0) + 1"
            await (await tx.run(query, uid=uid)).consume()

    await graph.write(_create, name="a")
    await graph.write(_create, name="b")
    orders = [["a", "b"], ["b", "a"]] * 10
    await asyncio.gather(*[graph.write(bump, uids=order) for order in orders])
    rows = await graph.read("MATCH (n:Customer) RETURN n.count AS count")
    assert [row["count"] for row in rows] == [20, 20]


async def test_a_key_that_is_taken_is_said_so(graph: Graph) -> None:
    await graph.write(_create, name="a")
    with pytest.raises(Taken, match="already"):
        await graph.write(_create, name="a")


async def test_a_query_that_is_wrong_is_not_tried_again(graph: Graph) -> None:
    with pytest.raises(faults.Neo4jError):
        await graph.read("MATCH (n RETURN n")
    assert await graph.read_one("RETURN 1 AS one") is not None


async def test_a_wrong_password_is_explained(graph: Graph) -> None:
    url = graph.endpoint.url if graph.endpoint else graph.url
    settings = GraphSettings(graph_url=url, graph_user="neo4j", graph_password=SecretStr("not-this-one"))
    with pytest.raises(Unavailable, match=r"refused user 'neo4j'.*MUHATAP_GRAPH_PASSWORD"):
        async with open_graph(settings):
            pass


async def test_a_database_that_is_not_there_is_explained(graph: Graph) -> None:
    user = "root" if graph.endpoint else graph.settings.graph_user
    password = SecretStr(graph.endpoint.password) if graph.endpoint else graph.settings.graph_password
    settings = GraphSettings(
        graph_url=graph.endpoint.url if graph.endpoint else graph.url,
        graph_user=user,
        graph_password=password,
        graph_database="elsewhere",
    )
    with pytest.raises(Unavailable, match="elsewhere"):
        async with open_graph(settings):
            pass


@asynccontextmanager
async def _silent_server() -> AsyncIterator[int]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_a_silent_server_is_given_up_within_seconds() -> None:
    async with _silent_server() as port:
        started = time.monotonic()
        settings = GraphSettings(graph_url=f"bolt://127.0.0.1:{port}", graph_connect_timeout=0.5)
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}"):
            async with open_graph(settings):
                pass
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
async def test_nobody_there_is_explained_in_one_line(scheme: str) -> None:
    settings = GraphSettings(graph_url=f"{scheme}://127.0.0.1:9", graph_connect_timeout=1)
    with pytest.raises(Unavailable, match=r"No graph answers at .*MUHATAP_GRAPH_URL") as caught:
        async with open_graph(settings):
            pass
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("url", ["http://127.0.0.1", "bolt:/x", "nonsense"])
async def test_an_address_that_is_none_is_explained(url: str) -> None:
    with pytest.raises(Unavailable, match="MUHATAP_GRAPH_URL"):
        async with open_graph(GraphSettings(graph_url=url)):
            pass
