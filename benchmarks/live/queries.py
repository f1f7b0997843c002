"""The three reads in each server's own words, and their answers in one form, so that all can be compared."""

import base64
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

Answer = Any


class Dialect(StrEnum):
    """How a server is asked."""

    MUHATAP = "muhatap"
    NEO4J_GRAPHQL = "neo4j-graphql"
    LOADERS = "loaders"
    BARE = "bare"


READS = ("page", "medium", "small")
PATHS = {Dialect.MUHATAP: "/graphql", Dialect.NEO4J_GRAPHQL: "/graphql", Dialect.LOADERS: "/graphql/"}

MUHATAP = {
    "page": """{ advocates(first: 50) { nodes { reach standing advocacy customer { id name city
        memberships { nodes { role community { name } } }
        mentions(first: 5) { nodes { text at sentiment channel } }
        advocated(first: 5) { nodes { weight kind to: receiver { name } } } } } } }""",
    "medium": """{ communities(first: 20) { nodes { name memberCount
        members(first: 3) { nodes { customer { name } influence { advocacy } } } } } }""",
    "small": "query($id: ID!) { customer(id: $id) { name city influence { advocacy } } }",
}
NEO4J_GRAPHQL = {
    "page": """{ customers(limit: 50, where: {advocacy: {gt: 0}}, sort: [{advocacy: DESC}]) {
        uid name city reach standing advocacy
        communitiesConnection { edges { properties { role } node { name } } }
        mentions(limit: 5, sort: [{at: DESC}]) { text at sentiment channel }
        advocatedConnection(first: 5, sort: [{edge: {weight: DESC}}]) {
            edges { properties { weight kind } node { name } } } } }""",
    "medium": """{ communities(limit: 20, sort: [{name: ASC}]) { name
        membersConnection { aggregate { count { nodes } } }
        members(limit: 3, sort: [{advocacy: DESC}]) { name advocacy } } }""",
    "small": "query($uid: ID!) { customers(where: {uid: {eq: $uid}}) { name city advocacy } }",
}
LOADERS = {
    "page": """{ advocates(first: 50) { uid name city reach standing advocacy
        memberships { role community { name } }
        mentions(first: 5) { text at sentiment channel }
        advocated(first: 5) { weight kind to { name } } } }""",
    "medium": "{ communities(first: 20) { name memberCount members(first: 3) { name advocacy } } }",
    "small": "query($uid: ID!) { customer(uid: $uid) { name city advocacy } }",
}
DOCUMENTS = {Dialect.MUHATAP: MUHATAP, Dialect.NEO4J_GRAPHQL: NEO4J_GRAPHQL, Dialect.LOADERS: LOADERS}


def request(dialect: Dialect, read: str, uid: str) -> tuple[str, str]:
    """The path and the body of one read; the uid is that of any customer, for the small one."""
    if dialect is Dialect.BARE:
        return f"/{read}", json.dumps({"uid": uid})
    variables = {"id": _node_id(uid), "uid": uid}
    key = "id" if dialect is Dialect.MUHATAP else "uid"
    body = {"query": DOCUMENTS[dialect][read]}
    return PATHS[dialect], json.dumps(
        body | ({"variables": {key: variables[key]}} if read == "small" else {})
    )


def answer(dialect: Dialect, read: str, body: bytes) -> Answer:
    """What was answered, in the words of the bare server, unordered lists sorted."""
    parsed = json.loads(body)
    if parsed.get("errors") or parsed.get("data") is None:
        raise ValueError(f"{dialect} answered {read} with {body[:500]!r}")
    value = FORMS[dialect, read](parsed["data"])
    if read == "page":
        for advocate in value:
            advocate["memberships"].sort(key=json.dumps)
    return value


def _node_id(uid: str) -> str:
    return base64.b64encode(f"Customer:{uid}".encode()).decode()


def _uid(node_id: str) -> str:
    return base64.b64decode(node_id).decode().partition(":")[2]


def _muhatap_page(data: Any) -> Answer:
    return [_muhatap_advocate(**entry) for entry in data["advocates"]["nodes"]]


def _muhatap_advocate(customer: dict[str, Any], **influence: float) -> dict[str, Any]:
    lists = {name: customer[name]["nodes"] for name in ("memberships", "mentions", "advocated")}
    return {**customer, "id": _uid(customer["id"]), **influence, **lists}


def _muhatap_medium(data: Any) -> Answer:
    return [
        group | {"members": [entry["customer"] | entry["influence"] for entry in group["members"]["nodes"]]}
        for group in data["communities"]["nodes"]
    ]


def _muhatap_small(data: Any) -> Answer:
    customer = dict(data["customer"])
    return customer | customer.pop("influence")


def _neo4j_page(data: Any) -> Answer:
    return [_neo4j_advocate(**customer) for customer in data["customers"]]


def _neo4j_advocate(uid: str, communitiesConnection: Any, advocatedConnection: Any, **rest: Any) -> Answer:
    memberships = [
        edge["properties"] | {"community": edge["node"]} for edge in communitiesConnection["edges"]
    ]
    advocated = [edge["properties"] | {"to": edge["node"]} for edge in advocatedConnection["edges"]]
    return {"id": uid, **rest, "memberships": memberships, "advocated": advocated}


def _neo4j_medium(data: Any) -> Answer:
    return [
        {
            "name": group["name"],
            "memberCount": group["membersConnection"]["aggregate"]["count"]["nodes"],
            "members": group["members"],
        }
        for group in data["communities"]
    ]


def _loaders_page(data: Any) -> Answer:
    return [{"id": customer.pop("uid"), **customer} for customer in data["advocates"]]


FORMS: dict[tuple[Dialect, str], Callable[[Any], Answer]] = {
    (Dialect.MUHATAP, "page"): _muhatap_page,
    (Dialect.MUHATAP, "medium"): _muhatap_medium,
    (Dialect.MUHATAP, "small"): _muhatap_small,
    (Dialect.NEO4J_GRAPHQL, "page"): _neo4j_page,
    (Dialect.NEO4J_GRAPHQL, "medium"): _neo4j_medium,
    (Dialect.NEO4J_GRAPHQL, "small"): lambda data: data["customers"][0],
    (Dialect.LOADERS, "page"): _loaders_page,
    (Dialect.LOADERS, "medium"): lambda data: data["communities"],
    (Dialect.LOADERS, "small"): lambda data: data["customer"],
    (Dialect.BARE, "page"): lambda data: data,
    (Dialect.BARE, "medium"): lambda data: data,
    (Dialect.BARE, "small"): lambda data: data,
}
