"""`token`, `tokens` and `revoke`: who may ask the API."""

from datetime import UTC, datetime, timedelta

from api.cli.shell import ready_graph, run_async, say, say_json, show, table
from graph import tokens
from graph.console import customer_uid
from graph.driver import Graph
from graph.errors import Invalid
from graph.records import now, to_instant
from graph.settings import GraphSettings
from graph.tokens import ApiKey


def token(role: str, *, name: str | None, customer: str | None, days: float | None, json: bool) -> None:
    """Make a token; the secret alone goes to stdout, so that it can be kept by $(…)."""
    secret, key = run_async(_token(role, name, customer, days))
    if json:
        say_json({"token": secret, "role": key.role, "name": key.name, "expiresAt": key.expires_at})
        return
    ends = f"until {key.expires_at}" if key.expires_at else "until it is revoked"
    say(f"a token of role {key.role} {ends}, printed this once:", stderr=True)
    say(secret)


async def _token(role: str, name: str | None, customer: str | None, days: float | None) -> tuple[str, ApiKey]:
    async with ready_graph(GraphSettings()) as graph:
        uid = None if customer is None else await customer_uid(graph, customer)
        return await make_token(graph, role, name=name, customer=uid, days=days)


async def make_token(
    graph: Graph, role: str, *, name: str | None, customer: str | None = None, days: float | None = None
) -> tuple[str, ApiKey]:
    """A token and its record; it ends after some days, or never."""
    try:
        ends = None if days is None else to_instant(datetime.now(UTC) + timedelta(days=days))
    except OverflowError as error:
        raise Invalid(f"{days:g} days are too many: leave --days out for a token that never ends") from error
    return await graph.write(
        tokens.create, name=name or role.lower(), role=role, now=now(), customer=customer, expires_at=ends
    )


def listed(*, json: bool) -> None:
    """Print every token but its secret, oldest first."""
    keys = run_async(_listed())
    moment = now()
    if json:
        say_json([_as_json(key, moment) for key in keys])
        return
    shown = table("", "id", "begins with", "role", "name", "made", "state")
    for key in keys:
        shown.add_row(key.uid, f"{key.prefix}…", key.role, key.name, key.created_at[:10], _state(key, moment))
    show(shown)


async def _listed() -> list[ApiKey]:
    async with ready_graph(GraphSettings()) as graph:
        return await tokens.listed(graph)


def _state(key: ApiKey, moment: str) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at[:10]}"
    if key.expires_at is None:
        return "good until it is revoked"
    return f"{'good until' if key.expires_at > moment else 'ended'} {key.expires_at[:10]}"


def _as_json(key: ApiKey, moment: str) -> dict[str, object]:
    return {
        "id": key.uid,
        "prefix": key.prefix,
        "role": key.role,
        "name": key.name,
        "customer": key.customer,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "good": key.revoked_at is None and (key.expires_at is None or key.expires_at > moment),
    }


def revoke(uid: str) -> None:
    """End a token at once; ending it again changes nothing."""
    run_async(_revoke(uid))
    say(f"token {uid} is revoked")


async def _revoke(uid: str) -> None:
    async with ready_graph(GraphSettings()) as graph:
        await graph.write(tokens.revoke, uid=uid, now=now())
