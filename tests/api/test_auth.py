"""Who may ask, who may see what, and what nobody is shown."""

from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from api.app import create_app
from api.auth import policy_of, policy_of_condition
from api.filters import FILTERS
from api.relay import to_global_id
from api.schema import SCHEMA
from api.settings import ApiSettings, Environment
from graph import mentions, tokens
from graph.driver import Transaction
from graph.records import now
from graph.tokens import Role
from tests.api.calls import code, person
from tests.api.conftest import Client

EXPLAIN = {"x-muhatap-explain": "1"}
CHUNK = 40  # conditions that fit into one filter
GOOD = "{ challenges { totalCount } }"
PAYLOADS = [
    *("'", '"', "\\", "`", "}", "{c}", "{{c}}", "$p1_first", "//", "/* */", "\n", "\t", "%", "*", "?"),
    *(
        "' OR 1=1 //",
        "' OR true RETURN 1 //",
        '" OR ""="',
        "'}) DETACH DELETE c //",
        "') RETURN 1 UNION MATCH (n)",
    ),
    *(
        "x' AND c.email STARTS WITH 'a",
        "@influence",
        "@tally",
        "A@influence",
        "$ids",
        "\\u0027 OR 1=1",
        "\\\\' OR 1",
    ),
    *("`; MATCH (n) DETACH DELETE n", "CALL db.labels()", "LOAD CSV FROM 'file:///etc/passwd' AS x", "İ'ı"),
]


def served(client: Client, **settings: Any) -> httpx.AsyncClient:
    """The same graph under other settings."""
    app = create_app(client.graph, None, ApiSettings(**settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer muh_wrong", "Basic YTpi", "bearer x y", "Bearer " + "x" * 9000],
)
async def test_without_a_known_token_nothing_is_answered(client: Client, header: str) -> None:
    sent = {"authorization": header} if header else {}
    answer = await client.http.post("/graphql", json={"query": GOOD}, headers=sent)
    assert answer.status_code == 401
    assert code(answer.json()) == "UNAUTHENTICATED"
    assert "data" not in answer.json()


async def test_a_revoked_or_expired_token_is_refused(client: Client) -> None:
    revoked, key = await client.graph.write(tokens.create, name="r", role=Role.AGENT, now=now())
    await client.graph.write(tokens.revoke, uid=key.uid, now=now())
    past = "2026-01-01T00:00:00Z"
    expired, _ = await client.graph.write(
        tokens.create, name="e", role=Role.AGENT, now=now(), expires_at=past
    )
    for token in (revoked, expired):
        assert code(await Client(client.http, token, client.graph)(GOOD)) == "UNAUTHENTICATED"


def arguments(root: str, field: Any, mention: str, customer: str) -> str:
    """Arguments that are accepted."""
    kind = "Community" if root == "community" else "Customer"
    given = []
    for name, argument in field.args.items():
        if name in {"first", "order"} or not (is_non_null_type(argument.type) or name == "text"):
            continue
        values = {"id": f'"{to_global_id(kind)("none")}"', "list": "NEWEST", "action": "REMOVED"}
        values |= {"withDuplicates": "false", "challengeId": f'"{to_global_id("Challenge")("none")}"'}
        values["voterId"] = f'"{to_global_id("Customer")(customer)}"'
        values["customerId"] = f'"{to_global_id("Customer")("none")}"'
        values["actId"] = f'"{to_global_id("Mention")(mention)}"'
        given.append(f"{name}: {values.get(name, chr(34) + 'x' + chr(34))}")
    return f"({', '.join(given)})" if given else ""


def root(name: str) -> GraphQLObjectType:
    """A root type of the schema."""
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


QUERY, MUTATION = root("Query"), root("Mutation")


@pytest.mark.parametrize(
    ("root_field", "narrowed"),
    [
        ("ideas(list: NEWEST, filter: $f)", {"author": {"reach": {"gt": 1}}}),
        ("ideas(list: NEWEST, filter: $f)", {"or": [{"not": {"author": {"city": {"eq": "x"}}}}]}),
        ("ideas(list: NEWEST, filter: $f)", {"author": {"wrote": {}}}),
        ("ideas(list: NEWEST, filter: $f)", {"voter": {"name": {"eq": "x"}}}),
        ("communities(filter: $f)", {"hasWarning": False}),
        ("communities(filter: $f)", {"and": [{}, {"hasCollectiveAction": None}]}),
    ],
)
async def test_nobody_narrows_by_what_they_may_not_read(
    client: Client, root_field: str, narrowed: dict[str, Any]
) -> None:
    await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    kind = "IdeaFilter" if "ideas" in root_field else "CommunityFilter"
    document = f"query($f: {kind}) {{ {root_field} {{ totalCount }} }}"
    customer = await client.as_role(Role.CUSTOMER, row["uid"])
    for asked in ({"f": narrowed}, {"f": {"not": narrowed}}):
        assert code(await customer(document, **asked)) == "FORBIDDEN"
        assert "errors" not in await client(document, **asked)


async def test_a_customer_narrows_by_what_everybody_may_read(client: Client) -> None:
    await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    customer = await client.as_role(Role.CUSTOMER, row["uid"])
    by = '{title: {contains: "x"}, author: {name: {eq: "Ada"}, memberOf: {name: {eq: "x"}}}}'
    answer = await customer(f"{{ ideas(list: NEWEST, filter: {by}) {{ totalCount }} }}")
    assert answer["data"] == {"ideas": {"totalCount": 0}}


def test_every_condition_has_a_policy() -> None:
    for name, fields in FILTERS.fields.items():
        for condition in fields:
            assert policy_of_condition(name, condition), condition


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_the_root_fields_of_its_policy(client: Client, role: Role) -> None:
    await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    said = await client.graph.write(
        mentions.record, author=row["uid"], channel="app", text="hm", at=None, now=now()
    )
    reader = await client.as_role(role, row["uid"] if role is Role.CUSTOMER else None)
    for name, field in QUERY.fields.items():
        document = f"{{ {name}{arguments(name, field, said.uid, row['uid'])} {{ __typename }} }}"
        answer = await reader(document, headers=EXPLAIN)
        if role in policy_of("Query", name):
            assert "errors" not in answer, answer
        else:
            assert code(answer) == "FORBIDDEN", name
            assert answer["data"] is None
            assert answer["extensions"]["explain"]["statements"] == 0


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_the_fields_of_its_policy(client: Client, role: Role) -> None:
    await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    reader = await client.as_role(role, row["uid"] if role is Role.CUSTOMER else None)
    for kind in (
        "Customer",
        "Community",
        "Mention",
        "Product",
        "Challenge",
        "Idea",
        "JobRun",
        "AdvocacyLink",
        "ProgrammeMember",
        "ProgrammeAct",
        "LedgerEntry",
        "Reward",
        "Redemption",
        "ReferralLink",
        "IdeaMerge",
        "IdeaSplit",
        "Answer",
        "StatusChange",
        "DecisionDraft",
        "Comment",
        "Notice",
        "InboxEntry",
        "Consent",
    ):
        identity = to_global_id(kind)("none")
        made = SCHEMA.type_map[kind]
        assert isinstance(made, GraphQLObjectType)
        for name, field in made.fields.items():
            below = "{ __typename }" if getattr(get_named_type(field.type), "fields", None) else ""
            document = f'{{ node(id: "{identity}") {{ ... on {kind} {{ {name} {below} }} }} }}'
            answer = await reader(document, headers=EXPLAIN)
            if role in policy_of(kind, name):
                assert answer["data"] == {"node": None}, (kind, name)
            else:
                assert code(answer) == "FORBIDDEN", (kind, name)
                assert answer["extensions"]["explain"]["statements"] == 0


INPUTS = {
    "ideaFollow": '{ideaId: "x", customerId: "x"}',
    "ideaUnfollow": '{ideaId: "x", customerId: "x"}',
    "consentGive": '{customerId: "x", channel: EMAIL, wording: "x"}',
    "consentWithdraw": '{customerId: "x", channel: EMAIL}',
    "inboxRead": '{customerId: "x"}',
    "noticeRetry": '{noticeId: "x"}',
    "customerUpsert": '{name: "x"}',
    "communityUpsert": '{name: "x"}',
    "communityJoin": '{customerId: "x", communityId: "x"}',
    "communityLeave": '{customerId: "x", communityId: "x"}',
    "mentionRecord": '{authorId: "x", channel: "x", text: "x"}',
    "mentionDelete": '{id: "x"}',
    "advocacyRecord": '{giverId: "x", receiverId: "x", kind: RATING}',
    "advocacyRetract": '{id: "x"}',
    "referralLinkUpsert": '{advocateId: "x"}',
    "referralVisit": '{code: "x", visitor: "x"}',
    "referralJoin": '{code: "x", customerId: "x"}',
    "referralConvert": '{customerId: "x"}',
    "challengeOpen": '{title: "x"}',
    "ideaSubmit": '{challengeId: "x", title: "x"}',
    "ideaVote": '{ideaId: "x", voterId: "x", choice: UP}',
    "challengeEdit": '{challengeId: "x"}',
    "challengeAdvance": '{challengeId: "x", phase: REVIEW}',
    "ideaEdit": '{ideaId: "x", editorId: "x"}',
    "ideaClassify": '{ideaId: "x", topicIds: []}',
    "ideaModerate": '{ideaId: "x", state: HELD, reason: "x"}',
    "ideaAppeal": '{ideaId: "x", authorId: "x", text: "x"}',
    "ideaDecide": '{ideaId: "x", status: PLANNED, reason: "x"}',
    "ideaDecisionEdit": '{draftId: "x", status: PLANNED, reason: "x"}',
    "ideaDecisionDiscard": '{draftId: "x"}',
    "ideaDecisionPublish": '{draftIds: ["x"]}',
    "ideaMerge": '{duplicateIds: ["x"], originalId: "x", reason: "x"}',
    "ideaMergeUndo": '{mergeId: "x"}',
    "ideaSplit": '{ideaId: "x", parts: [{title: "x"}], reason: "x"}',
    "ideaSplitUndo": '{splitId: "x"}',
    "commentAdd": '{ideaId: "x", authorId: "x", text: "x"}',
    "commentEdit": '{commentId: "x", authorId: "x", text: "x"}',
    "commentDelete": '{commentId: "x"}',
    "commentModerate": '{commentId: "x", state: HELD, reason: "x"}',
    "commentAppeal": '{commentId: "x", authorId: "x", text: "x"}',
    "programmeSet": "{}",
    "programmeInvite": '{customerId: "x", channel: "x", wording: "x"}',
    "programmeJoin": '{customerId: "x", channel: "x", wording: "x"}',
    "programmeDecline": '{customerId: "x"}',
    "programmeLeave": '{customerId: "x"}',
    "actRecord": '{customerId: "x", kind: REVIEW}',
    "actJudge": '{actId: "x", verdict: ACCEPT}',
    "actReverse": '{actId: "x", reason: "x"}',
    "rewardUpsert": '{name: "x", points: 1}',
    "rewardRedeem": '{customerId: "x", rewardId: "x"}',
    "redemptionFulfil": '{redemptionId: "x"}',
    "redemptionCancel": '{redemptionId: "x"}',
    "influenceRun": "{}",
    "communityDetect": "{}",
    "tallyRun": "{}",
}


def test_every_mutation_is_in_the_table() -> None:
    assert set(INPUTS) == set(MUTATION.fields)


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_changes_what_its_policy_says(client: Client, role: Role) -> None:
    await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    writer = await client.as_role(role, row["uid"] if role is Role.CUSTOMER else None)
    for name, given in INPUTS.items():
        arguments = f"(input: {given})" if given else ""
        answer = await writer(f"mutation {{ {name}{arguments} {{ errors {{ code }} }} }}", headers=EXPLAIN)
        if role not in policy_of("Mutation", name):
            assert code(answer) == "FORBIDDEN", name
            assert answer["extensions"]["explain"]["statements"] == 0
        elif "errors" in answer:  # a customer for somebody else
            assert role is Role.CUSTOMER
            assert code(answer) == "FORBIDDEN"


async def test_a_payload_shows_no_more_than_its_reader_may_see(client: Client) -> None:
    ada = await person(client, "Ada")
    (row,) = await client.graph.read("MATCH (c:Customer) RETURN c.uid AS uid")
    mine = await client.as_role(Role.CUSTOMER, row["uid"])
    kahve = await client.data('mutation { communityUpsert(input: {name: "K"}) { community { id } } }')
    document = """mutation($c: ID!, $g: ID!) {
      communityJoin(input: {customerId: $c, communityId: $g}) { membership { customer { email } } }
    }"""
    answer = await mine(document, c=ada, g=kahve["communityUpsert"]["community"]["id"])
    assert code(answer) == "FORBIDDEN"
    assert await client.graph.read("MATCH ()-[m:MEMBER_OF]->() RETURN m") == []


async def test_only_named_origins_may_ask_from_a_browser(client: Client) -> None:
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with served(client, cors_origins=["https://brand.example"]) as http:
        for origin, allowed in (("https://brand.example", True), ("https://evil.example", False)):
            answer = await http.options("/graphql", headers={"origin": origin, **ask})
            shown = answer.headers.get("access-control-allow-origin")
            assert shown == (origin if allowed else None)
            assert "access-control-allow-credentials" not in answer.headers
    answer = await client.http.options("/graphql", headers={"origin": "https://brand.example", **ask})
    assert "access-control-allow-origin" not in answer.headers


async def test_an_internal_error_is_masked_under_an_id(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async def spoil(tx: Transaction) -> None:
        await tx.run("CREATE (h:Challenge {uid: 'h', title: 'secret'})")  # without its external id

    await client.graph.write(spoil)
    answer = await client("{ challenges { nodes { externalId } } }")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["message"] == "Something went wrong here. Quote this error id when you ask for help."
    assert error["extensions"]["errorId"] in caplog.text
    assert "Traceback" not in str(answer)


async def test_explain_is_for_development_and_administrators(client: Client) -> None:
    agent = await client.as_role(Role.AGENT)
    assert "extensions" in await agent(GOOD, headers=EXPLAIN)
    async with served(client, environment=Environment.PRODUCTION) as http:
        for token, shown in ((agent.token, False), (client.token, True)):
            answer = await Client(http, token, client.graph)(GOOD, headers=EXPLAIN)
            assert ("extensions" in answer) is shown
            assert "extensions" not in await Client(http, token, client.graph)(GOOD)


def texts(kind: Any, depth: int = 2) -> list[Any]:
    """Values of a filter type that hold `@` where a text may stand."""
    found: list[Any] = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if hasattr(inner, "fields"):
            if depth:
                wrap = is_list_type(field.type)
                found += [{name: [each] if wrap else each} for each in texts(inner, depth - 1)]
        elif inner.name == "String":
            found.append({name: ["@"] if is_list_type(field.type) else "@"})
    return found


def put(value: Any, payload: str) -> Any:
    """The same with a payload in place of `@`."""
    if isinstance(value, dict):
        return {name: put(item, payload) for name, item in value.items()}
    if isinstance(value, list):
        return [put(item, payload) for item in value]
    return payload if value == "@" else value


@pytest.mark.parametrize(
    "field",
    [
        "customers",
        "mentions",
        "ideas",
        "comments",
        "challenges",
        "communities",
        "programmeMembers",
        "programmeActs",
        "redemptions",
    ],
)
async def test_no_text_of_a_filter_reaches_the_statement(client: Client, field: str) -> None:
    kind: Any = get_named_type(QUERY.fields[field].args["filter"].type)
    given = "list: NEWEST, " if field == "ideas" else ""
    document = f"query($f: {kind.name}) {{ {field}({given}filter: $f) {{ totalCount nodes {{ id }} }} }}"
    asked = texts(kind)
    for start in range(0, len(asked), CHUNK):
        statements = set()
        for payload in PAYLOADS:
            filters = put({"or": asked[start : start + CHUNK]}, payload)
            answer = await client(document, headers=EXPLAIN, f=filters)
            assert "errors" not in answer, (payload, answer)
            statements.add("\n".join(answer["extensions"]["explain"]["cypher"]))
        assert len(statements) == 1


async def test_no_handle_reaches_the_statement(client: Client) -> None:
    document = "query($c: String!, $h: String!) { customerByIdentity(channel: $c, handle: $h) { id } }"
    statements = set()
    for payload in PAYLOADS:
        answer = await client(document, headers=EXPLAIN, c=payload, h=payload)
        assert answer["data"] == {"customerByIdentity": None}
        statements.add("\n".join(answer["extensions"]["explain"]["cypher"]))
    assert len(statements) == 1


async def test_what_is_stored_comes_back_to_the_letter(client: Client) -> None:
    shown = (
        "mutation($n: String!) { challengeOpen(input: {title: $n}) { challenge { title } errors { code } } }"
    )
    statements = set()
    for payload in PAYLOADS:
        answer = await client(shown, headers=EXPLAIN, n=f"x{payload}x".replace("\n", " ").replace("\t", " "))
        payload_shown = answer["data"]["challengeOpen"]
        assert payload_shown["errors"] == []
        expected = f"x{payload}x".replace("\n", " ").replace("\t", " ")
        assert payload_shown["challenge"]["title"] == expected
        statements.add("\n".join(answer["extensions"]["explain"]["cypher"]))
    assert len(statements) == 1
    found = await client.data("{ challenges { totalCount } }")
    assert found["challenges"]["totalCount"] == len(PAYLOADS)
