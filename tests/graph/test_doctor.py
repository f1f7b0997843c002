"""What the doctor finds on a healthy graph, and on one without its schema."""

import pytest

from graph import doctor, migrate
from graph.driver import Graph
from graph.migrate import Migration


async def test_a_healthy_graph_passes_every_check(graph: Graph) -> None:
    found = await doctor.check(graph)
    assert [one for one in found if not one.ok] == []
    assert {one.name for one in found} == {"graph", "durability", "migrations", "indexes", "clock", "driver"}


async def test_a_missing_migration_is_named_with_its_remedy(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = "CREATE INDEX x IF NOT EXISTS FOR (n:Customer) ON (n.shoeSize) // DOUBLE"
    later = Migration(9001, "shoes", "sum", (statement,))
    known = migrate.migrations()
    monkeypatch.setattr(migrate, "migrations", lambda: [*known, later])
    bad = {one.name: one for one in await doctor.check(graph) if not one.ok}
    assert bad["migrations"].found == "missing: shoes"
    assert bad["indexes"].found == "not online: Customer.shoeSize"
    assert "muhatap migrate" in bad["migrations"].fix
