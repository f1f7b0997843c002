"""The schema comes up once, in order, whoever asks and however often."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph import migrate as module
from graph.driver import Engine, Graph, Transaction
from graph.errors import Conflict, Taken
from graph.migrate import embedded_schema, indexed, migrate, migrations, status

FORGET = "MATCH (m:Migration) WHERE $numbers IS NULL OR m.number IN $numbers DELETE m"


async def _forget(tx: Transaction, *, numbers: list[int] | None = None) -> None:
    await (await tx.run(FORGET, numbers=numbers)).consume()


@pytest.fixture
async def restored(graph: Graph) -> AsyncIterator[Graph]:
    """A graph whose migrations are put back after the test."""
    yield graph
    await graph.write(_forget)
    await migrate(graph)


async def test_running_it_twice_applies_nothing_more(graph: Graph) -> None:
    assert await migrate(graph) == []
    assert all(one.applied_at for one in await status(graph))


async def test_two_at_once_apply_each_migration_once(restored: Graph) -> None:
    await restored.write(_forget)
    first, second = await asyncio.gather(migrate(restored), migrate(restored))
    assert len(first) + len(second) == len(migrations())
    assert [] in (first, second)


async def test_one_killed_half_way_is_finished_by_the_next(restored: Graph) -> None:
    await restored.write(_forget)
    task = asyncio.create_task(migrate(restored))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await migrate(restored)
    assert all(one.applied_at for one in await status(restored))


async def test_a_changed_migration_is_refused(restored: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    first = migrations()[0]
    changed = module.Migration(first.number, first.name, "another", first.statements)
    monkeypatch.setattr(module, "migrations", lambda: [changed])
    with pytest.raises(Conflict, match="0001_model was changed"):
        await migrate(restored)


async def test_a_migration_of_data_runs_on_both_engines(
    restored: Graph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "9000_words.cypher").write_text(
        "// words\nMERGE (:Word\n  {name: 'topluluk'});\nMERGE (:Word {name: 'ses'});\n"
    )
    found = migrations(tmp_path)
    monkeypatch.setattr(module, "migrations", lambda: found)
    assert [one.number for one in await migrate(restored)] == [9000]
    row = await restored.read_one("MATCH (w:Word) RETURN count(w) AS words")
    assert row is not None
    assert row["words"] == 2


async def test_keys_are_unique_on_nodes_and_relationships(graph: Graph) -> None:
    async def twice(tx: Transaction, query: str) -> None:
        for _ in range(2):
            await (await tx.run(query)).consume()

    for query in (
        "CREATE (:Customer {uid: 'a', externalId: 'a'})",
        "CREATE (:X)-[:ADVOCATED {uid: 'a', externalId: 'a'}]->(:X)",
    ):
        with pytest.raises(Taken):
            await graph.write(twice, query)


async def test_every_index_of_the_model_is_online(graph: Graph) -> None:
    rows = await graph.read(
        "SHOW INDEXES YIELD state, labelsOrTypes, properties RETURN state, labelsOrTypes, properties"
    )
    online = {(row[1][0], *row[2]) for row in rows if row["state"] == "ONLINE" and row[1]}
    assert indexed(graph.engine) <= online


async def test_a_ranking_is_read_from_its_index(graph: Graph) -> None:
    if graph.engine is not Engine.NEO4J:
        pytest.skip("only Neo4j explains a plan; the embedded engine is measured in benchmarks")
    async with graph.transaction() as tx:
        query = (
            "EXPLAIN MATCH (n:Customer) WHERE n.advocacyA > 0 RETURN n.uid ORDER BY n.advocacyA DESC LIMIT 5"
        )
        plan = (await (await tx.run(query)).consume()).plan
    assert "NodeIndexSeekByRange" in str(plan)
    assert "Sort" not in str(plan)
    assert "Top" not in str(plan)


async def test_the_full_text_index_answers_by_one_name_on_both_engines(graph: Graph) -> None:
    async def create(tx: Transaction) -> None:
        await (
            await tx.run("CREATE (:Idea {uid: 'i', externalId: 'i', titleKey: 'daha hizli kargo'})")
        ).consume()

    await graph.write(create)
    query = "CALL db.index.fulltext.queryNodes('Idea[titleKey]', $q) YIELD node RETURN node.uid AS uid"
    for _ in range(50):  # Neo4j's full text is eventually consistent
        if rows := await graph.read(query, q="kargo"):
            break
        await asyncio.sleep(0.05)
    assert [row["uid"] for row in rows] == ["i"]


def test_every_schema_statement_has_a_form_for_the_embedded_engine() -> None:
    for migration in migrations():
        for statement in migration.statements:
            commands = embedded_schema(statement)
            assert (commands is not None) == statement.startswith("CREATE"), statement
            assert commands is None or len(commands) == (
                0 if ", r." in statement or ", n." in statement else 3
            )


OLD = """
CREATE (c:Customer {uid: 'c', externalId: 'c'}), (g:Community {uid: 'g', externalId: 'g'}),
       (h:Community {uid: 'h', externalId: 'h'}), (m:Mention {uid: 'm', externalId: 'm'})
CREATE (c)-[:WROTE]->(m), (c)-[:MEMBER_OF {since: 'a'}]->(g), (c)-[:MEMBER_OF {since: 'a', until: 'b'}]->(h)
"""
NEW = """
MATCH (c:Customer)-[r:MEMBER_OF|WAS_MEMBER_OF]->(g)
MATCH (m:Mention)
RETURN type(r) AS type, g.uid AS at, r.community AS community, r.since AS since, r.until AS until, m.author AS author
ORDER BY type
"""


async def test_what_an_older_version_wrote_gets_the_keys_that_pages_are_read_by(restored: Graph) -> None:
    async def create(tx: Transaction) -> None:
        await (await tx.run(OLD)).consume()

    await restored.write(create)
    await restored.write(_forget, numbers=[2])
    await migrate(restored)
    found = [tuple(row) for row in await restored.read(NEW)]
    assert found == [
        ("MEMBER_OF", "g", "g", "a", None, "c"),
        ("WAS_MEMBER_OF", "h", None, "a", "b", "c"),
    ]
