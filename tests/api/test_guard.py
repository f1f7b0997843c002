"""What asks too much, or is no request at all, is refused by code before the graph is asked."""

# ruff: noqa: E501

import time
from typing import Any

import httpx
import orjson
import pytest
from graphql import DocumentNode, OperationDefinitionNode, parse

from api.app import create_app
from api.execute import Executor
from api.guard import NODES, Guard
from api.schema import SCHEMA
from api.settings import ApiSettings
from tests.api.calls import code
from tests.api.conftest import Client

EXPLAIN = {"x-muhatap-explain": "1"}
LIMITS = ApiSettings()


def levels(depth: int) -> str:
    """A document of so many levels."""
    inner = "id"
    for _ in range(depth - 3):
        inner = f"shares {{ {inner} }}"
    return f"{{ mentions {{ totalCount nodes {{ {inner} }} }} }}"


def measured(document: str) -> Any:
    """What the guard makes of a document."""
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Guard(SCHEMA, parsed, {}).weigh(operation)


def many_fragments(number: int) -> str:
    spread = " ".join(f"...F{n}" for n in range(number))
    made = " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(number))
    return f"{{ challenges {{ totalCount }} {spread} }} {made}"


def nested_aliases(number: int) -> str:
    return "{ customers { nodes { " + " ".join(f"a{n}: id" for n in range(number)) + " } } }"


def tokens(number: int) -> str:
    """A document of exactly so many tokens: 21 around a list, the rest in it."""
    words = '"a" ' * (number - 21)
    return f"{{ customers(filter: {{externalId: {{in: [{words}]}}}}) {{ totalCount __typename }} }}"


AT_LIMIT = {
    "tokens": (tokens(1000), tokens(1001), "QUERY_TOO_LARGE"),
    "aliases": (nested_aliases(30), nested_aliases(31), "QUERY_TOO_LARGE"),
    "root fields": (
        "{ " + "challenges { totalCount } " * 20 + "}",
        "{ " + "challenges { totalCount } " * 21 + "}",
        "QUERY_TOO_LARGE",
    ),
    "directives": (
        "{ challenges { totalCount " + "totalCount @include(if: true) " * 50 + "} }",
        "{ challenges { totalCount " + "totalCount @include(if: true) " * 51 + "} }",
        "QUERY_TOO_LARGE",
    ),
    "page": (
        "{ customers(first: 100) { totalCount } }",
        "{ customers(first: 101) { totalCount } }",
        "BAD_PAGE",
    ),
    "empty page": (
        "{ customers(first: 1) { totalCount } }",
        "{ customers(first: 0) { totalCount } }",
        "BAD_PAGE",
    ),
    "text": (
        "{ challenges { totalCount } } #" + "x" * (16 * 1024 - 31),
        "{ challenges { totalCount } } #" + "x" * (16 * 1024 - 30),
        "QUERY_TOO_LARGE",
    ),
    "Turkish text": (
        "{ challenges { totalCount } } #" + "ış" * (4 * 1024 - 8) + "x",
        "{ challenges { totalCount } } #" + "ış" * (4 * 1024 - 8) + "xx",
        "QUERY_TOO_LARGE",
    ),
    "depth": (levels(12), levels(13), "QUERY_TOO_LARGE"),
}


@pytest.mark.parametrize("what", AT_LIMIT)
async def test_a_limit_is_answered_and_one_more_is_refused(client: Client, what: str) -> None:
    allowed, refused, expected = AT_LIMIT[what]
    answer = await client(allowed, headers=EXPLAIN)
    assert "errors" not in answer, answer
    refusal = await client(refused, headers=EXPLAIN)
    assert code(refusal) == expected
    assert refusal.get("extensions", {"explain": {"statements": 0}})["explain"]["statements"] == 0


def with_limits(client: Client, **limits: int) -> Client:
    """The same client of a server with other limits."""
    app = create_app(client.graph, None, ApiSettings(**limits))  # type: ignore[arg-type]
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
    return Client(http, client.token, client.graph)


async def test_fragments_are_limited(client: Client) -> None:
    assert "errors" not in await client(many_fragments(19))
    wide = with_limits(client, limit_root_fields=100)
    async with wide.http:
        assert "errors" not in await wide(many_fragments(50))
        assert code(await wide(many_fragments(51))) == "QUERY_TOO_LARGE"


def test_the_weight_counts_levels_lists_and_things() -> None:
    document = "{ customers(first: 10) { nodes { id mentions(first: 5) { nodes { a: id names { id } } } } } }"
    weight = measured(document)
    assert (weight.depth, weight.aliases) == (6, 1)
    assert weight.lists == 1 + 10 * (1 + 5 * 1)
    assert weight.nodes == 10 * (1 + 5 * (1 + 10))


async def test_a_thousand_lists_are_answered_and_more_are_refused(client: Client) -> None:
    beside = " ".join(f"a{n}: ideas(first: 1) {{ totalCount }}" for n in range(9))
    inside = f"{{ customers(first: 100) {{ nodes {{ {beside} }} }} jobRuns {{ totalCount }} }}"
    assert measured(inside).lists == 902
    assert "errors" not in await client(inside)
    over = inside.replace("nodes { ", "nodes { b: ideas { totalCount } ")
    assert measured(over).lists == 1002
    assert code(await client(over, headers=EXPLAIN)) == "QUERY_TOO_LARGE"


async def test_a_hundred_thousand_things_are_answered_and_one_more_is_refused(client: Client) -> None:
    # with fewer lists than this there are never so many things
    wide = with_limits(client, limit_cost=1002)
    full = " ".join(f"a{n}: mentions(first: 100) {{ totalCount }}" for n in range(9))
    inside = f"{{ customers(first: 100) {{ nodes {{ {full} mentions(first: 99) {{ totalCount }} }} }} }}"
    over = inside.replace("{ customers", "{ challenges(first: 1) { totalCount } customers")
    async with wide.http:
        assert measured(inside).nodes == NODES == 100_000
        assert "errors" not in await wide(inside)
        assert measured(over).nodes == NODES + 1
        refusal = await wide(over, headers=EXPLAIN)
    assert code(refusal) == "QUERY_TOO_LARGE"
    assert f"{NODES + 1} things" in refusal["errors"][0]["message"]


@pytest.mark.parametrize("size", [10, 20, 40, 60])
async def test_a_fragment_bomb_costs_nothing(client: Client, size: int) -> None:
    made = [f"fragment F{n} on Customer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(size)]
    document = (
        "{ customers { nodes { ...F0 } } } " + " ".join(made) + f" fragment F{size} on Customer {{ id }}"
    )
    executor = Executor(LIMITS)
    begun = time.process_time()
    weight: Any = None
    try:
        operation = executor._operation(document, None)
        weight = Guard(SCHEMA, operation.document, {}).weigh(operation.definition)
    except Exception as error:
        weight = str(error)
    assert time.process_time() - begun < 2, weight  # exponential growth would take minutes
    answer = await client(document, headers=EXPLAIN)
    assert answer["extensions"]["explain"]["statements"] <= 1
    if size >= 60:
        assert code(answer) == "QUERY_TOO_LARGE"


async def test_a_bomb_of_deep_fragments_is_refused_unread(client: Client) -> None:
    made = [
        f"fragment F{n} on Mention {{ inReplyTo {{ ...F{n + 1} }} shares {{ ...F{n + 1} }} }}"
        for n in range(40)
    ]
    document = "{ mentions { nodes { ...F0 } } } " + " ".join(made) + " fragment F40 on Mention { id }"
    answer = await client(document, headers=EXPLAIN)
    assert code(answer) == "QUERY_TOO_LARGE"
    assert answer["extensions"]["explain"]["statements"] == 0


async def test_ten_thousand_aliases_are_refused_at_once(client: Client) -> None:
    # within the 16 kB of a document there is room for about two thousand
    document = "{ " + " ".join(f"a{n}:__typename" for n in range(900)) + " }"
    begun = time.process_time()
    assert code(await client(document)) == "QUERY_TOO_LARGE"
    assert time.process_time() - begun < 1  # following each would take many seconds, and minutes
    long = "{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }"
    assert code(await client(long)) == "QUERY_TOO_LARGE"


async def test_braces_without_end_are_refused(client: Client) -> None:
    document = "{ mentions { nodes " + "{ shares " * 300 + "{ id }" + " }" * 300 + " } }"
    assert code(await client(document)) in {"QUERY_TOO_LARGE", "GRAPHQL_PARSE_FAILED"}
    lists = "{ customers(filter: {id: " + "[" * 480 + "]" * 480 + "}) { totalCount } }"
    assert code(await client(lists)) in {"QUERY_TOO_LARGE", "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize("depth", [5, 30, 300, 1200, 5000])
async def test_a_filter_that_nests_too_deep_is_refused_by_code(client: Client, depth: int) -> None:
    inner: Any = '{"name": {"eq": "a"}}'
    text = '{"not": ' * depth + inner + "}" * depth
    body = f'{{"query": "query($f: CustomerFilter) {{ customers(filter: $f) {{ totalCount }} }}", "variables": {{"f": {text}}}}}'
    answer = await post(client, body.encode())
    assert answer.status_code < 500
    if depth == 5:
        assert answer.json() == {"data": {"customers": {"totalCount": 0}}}
    else:
        assert code(answer.json()) in {"BAD_ARGUMENT", "BAD_REQUEST", "BAD_VARIABLE"}


async def test_a_filter_of_too_many_conditions_is_refused_by_code(client: Client) -> None:
    document = "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
    answer = await client(document, f={"or": [{"name": {"eq": "a"}}] * 90})
    assert "errors" not in answer
    answer = await client(document, headers=EXPLAIN, f={"or": [{"name": {"eq": "a"}}] * 5000})
    assert code(answer) == "BAD_ARGUMENT"
    assert answer["extensions"]["explain"]["statements"] == 0


async def post(client: Client, content: bytes, **headers: str) -> httpx.Response:
    sent = {"authorization": f"Bearer {client.token}", "content-type": "application/json"} | headers
    return await client.http.post("/graphql", content=content, headers=sent)


GOOD = "{ challenges { totalCount } }"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"query",
    "half": b'{"query": "{',
    "invalid UTF-8": b'{"query": "\xff\xfe"}',
    "lone surrogate": b'{"query": "\\ud800"}',
    "byte order mark": b'\xef\xbb\xbf{"query": "{ __typename }"}',
    "null": b"null",
    "number": b"1",
    "text": b'"{ challenges { totalCount } }"',
    "true": b"true",
    "list": b"[]",
    "batch": orjson.dumps([{"query": GOOD}] * 2),
    "deep list": b"[" * 100_000,
    "deep closed list": b"[" * 2000 + b"]" * 2000,
    "deep object": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "NaN": b'{"query": NaN}',
    "infinity": b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
    "huge exponent": b'{"query": 1e999}',
    "huge integer": b'{"query": ' + b"9" * 5000 + b"}",
    "no query": b"{}",
    "query null": b'{"query": null}',
    "query number": b'{"query": 1}',
    "query list": b'{"query": ["{ __typename }"]}',
    "query empty": b'{"query": ""}',
    "query blank": b'{"query": " \\n "}',
    "query comment": b'{"query": "# nothing"}',
    "query null byte": b'{"query": "{ __typename \\u0000 }"}',
    "only a fragment": b'{"query": "fragment F on Query { __typename }"}',
    "two operations": b'{"query": "query A { __typename } query B { __typename }"}',
    "subscription": b'{"query": "subscription { __typename }"}',
    "type definition": b'{"query": "type A { b: Int }"}',
    "unknown operation": b'{"query": "query A { __typename }", "operationName": "B"}',
    "operation number": b'{"query": "{ __typename }", "operationName": 1}',
    "variables list": b'{"query": "{ __typename }", "variables": []}',
    "variables text": b'{"query": "{ __typename }", "variables": "{}"}',
    "variable missing": b'{"query": "query($a: ID!) { node(id: $a) { id } }"}',
    "variable of a wrong type": b'{"query": "query($a: Int!) { customers(first: $a) { totalCount } }", "variables": {"a": "1"}}',
    "variable too large": b'{"query": "query($a: Int!) { customers(first: $a) { totalCount } }", "variables": {"a": 99999999999}}',
    "variable beyond all": b'{"query": "query($a: Int!) { customers(first: $a) { totalCount } }", "variables": {"a": '
    + b"9" * 400
    + b"}}",
    "unknown type": b'{"query": "query($a: Nothing) { __typename }"}',
    "cyclic fragments": b'{"query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"}',
    "self fragment": b'{"query": "{ ...A } fragment A on Query { ...A }"}',
    "unknown fragment": b'{"query": "{ ...A }"}',
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_malformed_body_is_refused_with_a_code(client: Client, what: str) -> None:
    answer = await post(client, BODIES[what])
    assert answer.status_code < 500
    assert answer.headers["content-type"] == "application/json"
    assert code(answer.json()) in {
        *("BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_VARIABLE"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ],
)
async def test_what_a_form_can_send_is_refused(client: Client, kind: str) -> None:
    answer = await post(client, orjson.dumps({"query": GOOD}), **{"content-type": kind})
    assert answer.status_code == 415
    assert code(answer.json()) == "BAD_REQUEST"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_answered(client: Client, method: str) -> None:
    answer = await client.http.request(method, "/graphql", params={"query": GOOD})
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/json"
    assert code(answer.json()) == "BAD_REQUEST"


async def test_a_body_is_read_to_its_limit_and_no_further(client: Client) -> None:
    start = orjson.dumps({"query": GOOD, "variables": {"a": ""}})
    room = LIMITS.limit_body - len(start)
    full = orjson.dumps({"query": GOOD, "variables": {"a": "x" * room}})
    assert len(full) == LIMITS.limit_body
    assert (await post(client, full)).json() == {"data": {"challenges": {"totalCount": 0}}}
    answer = await post(client, full + b" ")
    assert answer.status_code == 413
    assert code(answer.json()) == "BODY_TOO_LARGE"


async def test_a_refused_document_is_refused_every_time(client: Client) -> None:
    for _ in range(3):
        assert code(await client(nested_aliases(31))) == "QUERY_TOO_LARGE"
        assert code(await client("{ nothing }")) == "GRAPHQL_VALIDATION_FAILED"


def test_a_document_is_weighed_without_following_a_fragment_twice() -> None:
    made = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))
    document: DocumentNode = parse(f"{{ ...F0 }} {made} fragment F200 on Query {{ __typename }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    begun = time.process_time()
    Guard(SCHEMA, document, {}).weigh(operation)
    assert time.process_time() - begun < 1  # following each would take many seconds, and minutes


async def test_what_a_context_read_is_counted(client: Client) -> None:
    answer = await client(GOOD, headers=EXPLAIN)
    explain = answer["extensions"]["explain"]
    assert explain["statements"] == len(explain["cypher"]) == 1
    assert {"compileMs", "databaseMs", "shapeMs"} <= set(explain)
