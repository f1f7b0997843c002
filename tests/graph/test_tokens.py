"""A token proves who asks, until it expires or is revoked; only its hash is kept."""

import pytest

from graph import customers, tokens
from graph.driver import Graph
from graph.errors import Invalid, NotFound
from graph.tokens import Role, Viewer

NOW, SOON, LATE = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


async def test_token_is_known_by_its_secret_alone(graph: Graph) -> None:
    token, key = await graph.write(tokens.create, name="ci", role="AGENT", now=NOW)
    assert token.startswith("muh_")
    assert token.startswith(key.prefix)
    assert len(token) == 4 + 43
    assert await tokens.verify(graph, token, now=NOW) == Viewer(key.uid, "ci", Role.AGENT, None)
    for wrong in ("", "muh_", token[:-1], token + "x", key.prefix, "x" * 10_000, "\ud83d"):
        assert await tokens.verify(graph, wrong, now=NOW) is None


async def test_only_the_hash_is_kept(graph: Graph) -> None:
    token, key = await graph.write(tokens.create, name="ci", role="AGENT", now=NOW)
    (row,) = await graph.read("MATCH (k:ApiKey) RETURN k{.*} AS key")
    assert token not in str(dict(row["key"]))
    assert await tokens.listed(graph) == [key]


async def test_token_ends_when_it_expires(graph: Graph) -> None:
    token, _ = await graph.write(tokens.create, name="ci", role="AGENT", now=NOW, expires_at=SOON)
    assert await tokens.verify(graph, token, now=NOW) is not None
    assert await tokens.verify(graph, token, now=SOON) is None


async def test_token_ends_when_revoked(graph: Graph) -> None:
    token, key = await graph.write(tokens.create, name="ci", role="ADMINISTRATOR", now=NOW)
    await graph.write(tokens.revoke, uid=key.uid, now=SOON)
    await graph.write(tokens.revoke, uid=key.uid, now=LATE)
    assert await tokens.verify(graph, token, now=SOON) is None
    (listed,) = await tokens.listed(graph)
    assert listed.revoked_at == SOON
    with pytest.raises(NotFound):
        await graph.write(tokens.revoke, uid="nothing", now=NOW)


async def test_customer_token_speaks_for_a_customer(graph: Graph) -> None:
    customer = await graph.write(customers.upsert, now=NOW, fields={})
    token, _ = await graph.write(tokens.create, name="app", role="CUSTOMER", now=NOW, customer=customer.uid)
    viewer = await tokens.verify(graph, token, now=NOW)
    assert viewer is not None
    assert viewer.customer == customer.uid
    with pytest.raises(Invalid, match="give the customer"):
        await graph.write(tokens.create, name="app", role="CUSTOMER", now=NOW)
    with pytest.raises(NotFound):
        await graph.write(tokens.create, name="app", role="CUSTOMER", now=NOW, customer="nobody")
    with pytest.raises(Invalid, match="ADMINISTRATOR"):
        await graph.write(tokens.create, name="app", role="KING", now=NOW)
