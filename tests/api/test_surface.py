"""A frontend's first day: write, read back, page, filter, all over HTTP."""

import base64
import json
from typing import Any

import pytest

from graph.tokens import Role
from tests.api.calls import code
from tests.api.conftest import Client

UPSERT = """mutation($input: CustomerUpsertInput!) {
  customerUpsert(input: $input) { customer { id name identities { channel handle } } errors { code field } }
}"""
VOTE = """mutation($idea: ID!, $voter: ID!, $choice: VoteChoice!) {
  ideaVote(input: {ideaId: $idea, voterId: $voter, choice: $choice}) {
    idea { votes { totalCount nodes { value voter { name } } } } errors { code field }
  }
}"""


async def customer(client: Client, key: str, name: str, **more: Any) -> str:
    answer = await client.data(UPSERT, input={"externalId": key, "name": name} | more)
    assert answer["customerUpsert"]["errors"] == []
    found: str = answer["customerUpsert"]["customer"]["id"]
    return found


async def idea(client: Client, author: str) -> str:
    opened = await client.data('mutation { challengeOpen(input: {title: "Which?"}) { challenge { id } } }')
    submit = """mutation($challenge: ID!, $author: ID!) {
      ideaSubmit(input: {challengeId: $challenge, authorId: $author, title: "Decaf"}) { idea { id } }
    }"""
    challenge = opened["challengeOpen"]["challenge"]["id"]
    made = await client.data(submit, challenge=challenge, author=author)
    found: str = made["ideaSubmit"]["idea"]["id"]
    return found


async def test_a_customer_is_found_by_any_spelling_of_a_handle(client: Client) -> None:
    await customer(client, "a", "Işıl", identities=[{"channel": "twitter", "handle": "@Isil"}])
    found = await client.data('{ customerByIdentity(channel: "Twitter", handle: "IŞIL") { name kind } }')
    assert found == {"customerByIdentity": {"name": "Işıl", "kind": "PERSON"}}


async def test_a_handle_of_another_is_refused_beside_its_field(client: Client) -> None:
    await customer(client, "a", "Ada", identities=[{"channel": "x", "handle": "ada"}])
    second = {"externalId": "b", "identities": [{"channel": "x", "handle": "ADA"}]}
    answer = await client.data(UPSERT, input=second)
    refusal = {"customer": None, "errors": [{"code": "TAKEN", "field": ["identities"]}]}
    assert answer["customerUpsert"] == refusal


async def test_a_vote_changes_and_is_withdrawn(client: Client) -> None:
    voter = await customer(client, "a", "Ada")
    asked = await idea(client, voter)
    for choice, values in (("UP", [1]), ("DOWN", [-1]), ("PASS", [0]), ("WITHDRAW", [])):
        answer = await client.data(VOTE, idea=asked, voter=voter, choice=choice)
        votes = answer["ideaVote"]["idea"]["votes"]
        assert [vote["value"] for vote in votes["nodes"]] == values
        assert votes["totalCount"] == len(values)


async def test_a_customer_votes_only_for_themselves(client: Client) -> None:
    ada, bob = await customer(client, "a", "Ada"), await customer(client, "b", "Bob")
    asked = await idea(client, ada)
    rows = await client.graph.read("MATCH (c:Customer {externalId: 'a'}) RETURN c.uid AS uid")
    mine = await client.as_role(Role.CUSTOMER, rows[0]["uid"])
    refused = await mine(VOTE, idea=asked, voter=bob, choice="UP")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    votes = await client.graph.read("MATCH ()-[v:VOTED]->() RETURN v")
    assert votes == []
    own = await mine(
        "mutation($i: ID!, $v: ID!) { ideaVote(input: {ideaId: $i, voterId: $v, choice: UP}) { voter { name } } }",
        i=asked,
        v=ada,
    )
    assert own["data"]["ideaVote"]["voter"] == {"name": "Ada"}


@pytest.mark.parametrize("order", ["NAME", "NEWEST", "REACH"])
async def test_pages_show_every_customer_once(client: Client, order: str) -> None:
    names = ["Can", "can", "Çan", "Ece", "Ege"]
    for place, name in enumerate(names):
        await customer(client, str(place), name)
    page = """query($order: CustomerOrder!, $after: String) {
      customers(order: $order, first: 2, after: $after) {
        totalCount nodes { externalId } pageInfo { hasNextPage endCursor }
      }
    }"""
    seen: list[str] = []
    after = None
    while True:
        found = (await client.data(page, order=order, after=after))["customers"]
        assert found["totalCount"] == 5
        seen += [node["externalId"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert sorted(seen) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "asked",
    [
        "customers(order: NEWEST)",
        'customers(order: NAME, filter: {city: {eq: "Ankara"}})',
        "customers(order: NAME)",
        "mentions",
    ],
)
async def test_a_cursor_of_another_list_is_refused(client: Client, asked: str) -> None:
    for place in range(3):
        await customer(client, str(place), "Ada", city="Izmir")
    own = 'customers(order: NAME, filter: {city: {eq: "Izmir"}}, first: 1)'
    page = await client.data(f"{{ {own} {{ nodes {{ externalId }} pageInfo {{ endCursor }} }} }}")
    after = page["customers"]["pageInfo"]["endCursor"]
    field, _, arguments = asked.rstrip(")").partition("(")
    document = f"query($after: String) {{ {field}({arguments} after: $after) {{ nodes {{ id }} }} }}"
    answer = await client(document, after=after)
    assert answer["data"] is None
    assert code(answer) == "BAD_ARGUMENT"
    assert answer["errors"][0]["message"] == (
        f"after: no cursor of this list of Query.{field}. Give an endCursor of the same field, order, filter and "
        "arguments, or leave after out to begin anew."
    )
    again = own.replace("first: 1", "first: 2, after: $after")
    rest = await client.data(f"query($after: String) {{ {again} {{ nodes {{ externalId }} }} }}", after=after)
    seen = [node["externalId"] for node in page["customers"]["nodes"] + rest["customers"]["nodes"]]
    assert sorted(seen) == ["0", "1", "2"]


async def test_a_cursor_without_a_mark_is_refused_and_that_of_an_edge_serves(client: Client) -> None:
    for place in range(2):
        await customer(client, str(place), "Ada")
    document = "query($after: String) { customers(after: $after) { nodes { name } edges { cursor } } }"
    edges = (await client.data(document))["customers"]["edges"]
    assert len((await client.data(document, after=edges[0]["cursor"]))["customers"]["nodes"]) == 1
    keys = json.loads(base64.urlsafe_b64decode(edges[0]["cursor"] + "=="))
    old = base64.urlsafe_b64encode(json.dumps(keys[:2]).encode()).decode().rstrip("=")
    assert code(await client(document, after=old)) == "BAD_ARGUMENT"


async def test_filters_nest_and_hop(client: Client) -> None:
    ada = await customer(client, "a", "Ada", city="İzmir")
    await customer(client, "b", "Bob", city="Izmir")
    await customer(client, "c", "Cem")
    record = """mutation($author: ID!) {
      mentionRecord(input: {authorId: $author, channel: "x", text: "Kahve ÇOK güzel"}) { mention { id } }
    }"""
    await client.data(record, author=ada)
    listed = "query($f: CustomerFilter) { customers(filter: $f, order: NAME) { nodes { name } } }"
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"city": {"eq": "izmir"}}, ["Ada", "Bob"]),
        ({"wrote": {"text": {"contains": "cok"}}}, ["Ada"]),
        ({"not": {"city": {"eq": "IZMIR"}}}, ["Cem"]),
        ({"or": [{"name": {"startsWith": "c"}}, {"wrote": {"channel": {"in": ["x"]}}}]}, ["Ada", "Cem"]),
        ({"and": [{"city": {"eq": "izmir"}}, {"not": {"wrote": {"isReply": False}}}]}, ["Bob"]),
        ({"or": []}, []),
    ]
    for given, expected in cases:
        answer = await client.data(listed, f=given)
        assert [node["name"] for node in answer["customers"]["nodes"]] == expected, given


async def test_a_deep_document_of_three_roots_is_one_statement(client: Client) -> None:
    ada = await customer(client, "a", "Ada")
    document = """query($id: ID!) {
      customer(id: $id) { name mentions(first: 3) { nodes { text replies(first: 2) { nodes { author { name } } } } } }
      customers { totalCount edges { cursor node { memberships { nodes { community { memberCount } } } } } }
      node(id: $id) { __typename ... on Customer { ideas { totalCount } } }
    }"""
    answer = await client(document, headers={"x-muhatap-explain": "1"}, id=ada)
    assert answer["extensions"]["explain"]["statements"] == 1
    assert answer["data"]["node"] == {"__typename": "Customer", "ideas": {"totalCount": 0}}
    assert answer["data"]["customer"] == {"name": "Ada", "mentions": {"nodes": []}}


async def test_graphql_core_answers_the_same_beside_introspection(client: Client) -> None:
    ada = await customer(client, "a", "Ada", identities=[{"channel": "x", "handle": "ada"}])
    body = "customer(id: $id) { name identities { handle } mentions { totalCount } } node(id: $id) { id __typename }"
    compiled = await client.data(f"query($id: ID!) {{ {body} }}", id=ada)
    executed = await client.data(f"query($id: ID!) {{ {body} __schema {{ queryType {{ name }} }} }}", id=ada)
    assert executed.pop("__schema") == {"queryType": {"name": "Query"}}
    assert executed == compiled


async def test_a_document_that_asks_for_no_record_is_answered(client: Client) -> None:
    assert await client.data("{ __typename ... on Query { too: __typename } }") == {
        "__typename": "Query",
        "too": "Query",
    }
    skipped = "query($no: Boolean = false) { customers @include(if: $no) { totalCount } }"
    assert await client.data(skipped) == {}
    assert await client.data(skipped, no=True) == {"customers": {"totalCount": 0}}


async def test_an_idempotency_key_answers_once_and_refuses_another_input(client: Client) -> None:
    document = """mutation($title: String!) {
      challengeOpen(input: {title: $title}, idempotencyKey: "k") { challenge { id } errors { code } }
    }"""
    first = await client.data(document, title="Which?")
    assert await client.data(document, title="Which?") == first
    other = await client.data(document, title="What?")
    assert other["challengeOpen"] == {"challenge": None, "errors": [{"code": "CONFLICT"}]}
    counted = await client.data("{ challenges { totalCount } }")
    assert counted == {"challenges": {"totalCount": 1}}


async def test_wrong_records_are_taken_back_with_their_ties(client: Client) -> None:
    ada, bob = await customer(client, "a", "Ada"), await customer(client, "b", "Bob")
    recorded = await client.data(
        """mutation($a: ID!, $b: ID!) {
          mentionRecord(input: {authorId: $a, channel: "x", text: "@bob", nameIds: [$b]}) { mention { id } }
          advocacyRecord(input: {giverId: $b, receiverId: $a, kind: RATING, weight: 0.5}) { link { id weight } }
        }""",
        a=ada,
        b=bob,
    )
    ties = "MATCH (:Customer)-[t:TIE]->(:Customer) RETURN count(t) AS n"
    assert (await client.graph.read(ties))[0]["n"] == 2
    await client.data(
        """mutation($m: ID!, $l: ID!) {
          mentionDelete(input: {id: $m}) { deletedId errors { code } }
          advocacyRetract(input: {id: $l}) { retractedId errors { code } }
        }""",
        m=recorded["mentionRecord"]["mention"]["id"],
        l=recorded["advocacyRecord"]["link"]["id"],
    )
    assert (await client.graph.read(ties))[0]["n"] == 0


async def test_advocating_to_oneself_is_refused(client: Client) -> None:
    ada = await customer(client, "a", "Ada")
    document = """mutation($a: ID!) {
      advocacyRecord(input: {giverId: $a, receiverId: $a, kind: DEFENCE}) { link { id } errors { code field } }
    }"""
    answer = await client.data(document, a=ada)
    assert answer["advocacyRecord"] == {
        "link": None,
        "errors": [{"code": "INVALID", "field": ["receiverId"]}],
    }


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ customers(first: 0) { totalCount } }", "BAD_PAGE"),
        ("{ customers(first: 101) { totalCount } }", "BAD_PAGE"),
        ('{ customers(after: "?") { nodes { id } } }', "BAD_ARGUMENT"),
        ('{ customer(id: "x") { id } }', "BAD_ID"),
        ("{ " + " ".join(f"a{n}: jobRuns {{ totalCount }}" for n in range(31)) + " }", "QUERY_TOO_LARGE"),
        (
            "{ customers(first: 100) { nodes { mentions(first: 100) { nodes { replies { totalCount } } } } } }",
            "QUERY_TOO_LARGE",
        ),
    ],
)
async def test_a_bad_document_is_refused_by_code(client: Client, document: str, code: str) -> None:
    answer = await client(document)
    assert answer["errors"][0]["extensions"]["code"] == code


async def test_an_id_of_another_type_is_refused_by_the_name_of_the_type(client: Client) -> None:
    ada = await customer(client, "a", "Ada")
    end = "give one that this API answered."
    answer = await client(f'{{ community(id: "{ada}") {{ name }} }}')
    assert answer["errors"][0]["message"] == f"{ada!r} is no id of the type Community: {end}"
    answer = await client('{ node(id: "x") { id } }')
    assert answer["errors"][0]["message"] == f"'x' is no id: {end}"


async def test_nobody_reads_without_a_token(client: Client) -> None:
    answer = await client.http.post("/graphql", json={"query": "{ ideas(list: NEWEST) { totalCount } }"})
    assert answer.status_code == 401
    wrong = Client(client.http, "muh_wrong", client.graph)
    refused = await wrong("{ ideas(list: NEWEST) { totalCount } }")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_customer_does_not_see_what_is_for_staff(client: Client) -> None:
    await customer(client, "a", "Ada")
    rows = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    reader = await client.as_role(Role.CUSTOMER, rows[0]["uid"])
    for document in (
        "{ customers { nodes { id } } }",
        "{ jobRuns { totalCount } }",
        "{ advocates { totalCount } }",
    ):
        refused = await reader(document, headers={"x-muhatap-explain": "1"})
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert refused["extensions"]["explain"]["statements"] == 0


TIED = """
CREATE (g:Community {uid: 'g', externalId: 'g', name: 'Tied', nameKey: 'tied', kind: 'DECLARED'})
CREATE (:Publication {name: 'influence', slot: 'A', run: 'r', publishedAt: '2026-01-01T00:00:00.000Z'})
WITH g UNWIND $members AS row
CREATE (c:Customer {uid: row.uid, externalId: row.uid, name: row.uid, nameKey: row.uid,
                    reachA: 1.0, advocacyA: row.score})
CREATE (c)-[:MEMBER_OF {community: g.uid, reachA: 1.0, advocacyA: row.score}]->(g)
"""


@pytest.mark.parametrize(
    "scores",
    [
        [1.0] * 7,
        [2.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5],
        [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
        [1.0, 1.0, None, None, None, None, None],
    ],
    ids=["all equal", "equal at the edge", "all apart", "absent"],
)
@pytest.mark.parametrize("first", [1, 2, 3, 7])
async def test_equal_keys_are_neither_skipped_nor_repeated(
    client: Client, scores: list[float | None], first: int
) -> None:
    members: list[dict[str, Any]] = [
        {"uid": f"c{6 - place}", "score": score} for place, score in enumerate(scores)
    ]

    async def create(tx: Any) -> None:
        await (await tx.run(TIED, members=members)).consume()

    await client.graph.write(create)
    order = [m["uid"] for m in sorted(members, key=lambda m: (-(m["score"] or -1.0), m["uid"]))]
    ranked = [uid for uid in order if next(m for m in members if m["uid"] == uid)["score"]]
    nested = "members(first: $first, after: $after) { nodes { customer { name } } pageInfo { endCursor hasNextPage } }"
    document = f"query($first: Int!, $after: String) {{ communities {{ nodes {{ page: {nested} }} }} }}"
    ranking = """query($first: Int!, $after: String) { page: advocates(first: $first, after: $after) {
      nodes { customer { name } } pageInfo { endCursor hasNextPage } } }"""
    for query, expected, at in ((document, order, True), (ranking, ranked, False)):
        seen, after = [], None
        while True:
            data = await client.data(query, first=first, after=after)
            page = data["communities"]["nodes"][0]["page"] if at else data["page"]
            seen += [node["customer"]["name"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == expected


INSTANTS = ["2026-01-03", "2026-01-01", None, "2026-01-01", "2026-01-02", None, "2026-01-04"]
DATED = """
CREATE (c:Customer {uid: 'a', externalId: 'a', name: 'a', nameKey: 'a'})
WITH c UNWIND $rows AS row
CREATE (c)-[:WROTE]->(:Mention {uid: row.uid, externalId: row.uid, author: c.uid, text: row.uid, at: row.at})
CREATE (:Customer {uid: row.uid, externalId: row.uid, name: row.uid, nameKey: row.at, cityKey: 'izmir'})
"""
DATED_PAGES = {
    "wrote": "page: mentions(first: $first, after: $after, order: %s) { nodes { name: text } ",
    "mentions": "page: mentions(first: $first, after: $after, order: %s) { nodes { name: text } ",
    "customers": 'page: customers(first: $first, after: $after, order: NAME, filter: {city: {eq: "izmir"}})'
    " { nodes { name } ",
}


@pytest.mark.parametrize("where", DATED_PAGES)
@pytest.mark.parametrize("order", ["NEWEST", "OLDEST"])
@pytest.mark.parametrize("first", [1, 2, 3, 7, 20])
async def test_what_has_no_key_comes_last_and_is_not_lost(
    client: Client, where: str, order: str, first: int
) -> None:
    made = [{"uid": f"m{7 - place}", "at": at} for place, at in enumerate(INSTANTS)]

    async def create(tx: Any) -> None:
        await (await tx.run(DATED, rows=made)).consume()

    await client.graph.write(create)
    newest = order == "NEWEST" and where != "customers"
    by_tie = sorted(made, key=lambda row: str(row["uid"]))
    dated = sorted((row for row in by_tie if row["at"]), key=lambda row: str(row["at"]), reverse=newest)
    expected = [row["uid"] for row in (*dated, *(row for row in by_tie if row["at"] is None))]
    page = f"{DATED_PAGES[where].replace('%s', order)} pageInfo {{ endCursor hasNextPage }} }}"
    author = (
        await client.data('{ customers(order: NAME, first: 1, filter: {name: {eq: "a"}}) { nodes { id } } }')
    )["customers"]["nodes"][0]["id"]
    inner = f'within: customer(id: "{author}") {{ {page} }}' if where == "wrote" else page
    seen, after = [], None
    for _ in range(len(made) + 1):
        data = await client.data(
            f"query($first: Int!, $after: String) {{ {inner} }}", first=first, after=after
        )
        found = (data["within"] if where == "wrote" else data)["page"]
        seen += [node["name"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == expected


async def test_a_page_over_absent_edge_keys_keeps_its_rows(client: Client) -> None:
    giver = await customer(client, "a", "Ada")

    async def create(tx: Any) -> None:
        query = """MATCH (f:Customer {externalId: 'a'}) UNWIND range(0, 3) AS n
        CREATE (t:Customer {uid: 't' + n, externalId: 't' + n, name: 't' + n})
        CREATE (f)-[:ADVOCATED {uid: 'l' + n, externalId: 'l' + n, kind: 'RATING'}]->(t)"""
        await (await tx.run(query)).consume()

    await client.graph.write(create)
    document = "query($id: ID!) { customer(id: $id) { advocated(first: 2) { nodes { receiver { name } } } } }"
    found = await client.data(document, id=giver)
    assert [node["receiver"]["name"] for node in found["customer"]["advocated"]["nodes"]] == ["t0", "t1"]
