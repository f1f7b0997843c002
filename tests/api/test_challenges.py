"""Challenges over HTTP: their rules, phases and audience, and what customers see of a hidden tally."""

from typing import Any

from graph.driver import Transaction
from graph.tokens import Role
from tests.api.calls import as_customer, call, code, make, person, refusal
from tests.api.conftest import Client

RULES = """challenge { title question phase timeZone opensAt voteAt closesAt decidedAt kind ideaLimitCount
  voteLimitCount budgetPoints untrustedShare hasHiddenTally categories currency costBudget audience }"""
ENDS = "2999-01-01T00:00:00.000Z"


async def challenge(client: Client, **more: Any) -> str:
    return await make(client, "challengeOpen", title="Which?", **more)


async def idea(client: Client, title: str, question: str, **more: Any) -> str:
    return await make(client, "ideaSubmit", challengeId=question, title=title, **more)


async def test_every_rule_is_kept_edited_and_cleared(client: Client) -> None:
    given: dict[str, Any] = {
        "timeZone": "Europe/Berlin",
        "opensAt": "2026-01-01T09:00",
        "voteAt": "2026-07-01T09:00",
        "closesAt": "2999-01-01T00:00:00+00:00",
        "decidedAt": "2999-02-01",
        "kind": "POINTS",
        "ideaLimitCount": 2,
        "voteLimitCount": 3,
        "budgetPoints": 10,
        "untrustedShare": 0.5,
        "hasHiddenTally": True,
        "categories": ["b", "a", "b"],
        "currency": "TRY",
        "costBudget": 99.5,
        "audience": {"city": {"eq": "Bursa"}, "not": {"kind": ["BOT"]}},
    }
    shown = given | {
        "title": "Which?",
        "question": None,
        "phase": "VOTE",
        "opensAt": "2026-01-01T08:00:00.000Z",
        "voteAt": "2026-07-01T07:00:00.000Z",
        "closesAt": ENDS,
        "decidedAt": "2999-01-31T23:00:00.000Z",
        "categories": ["a", "b"],
        "audience": '{"city":{"eq":"Bursa"},"not":{"kind":["BOT"]}}',
    }
    opened = await call(client, "challengeOpen", f"{RULES[:-1]} id }}", title="Which?", **given)
    which = opened["challenge"].pop("id")
    assert opened == {"challenge": shown, "errors": []}
    edited = await call(client, "challengeEdit", RULES, challengeId=which, title="Who?", audience=None)
    assert edited["challenge"] == shown | {"title": "Who?", "audience": None}
    cleared = dict.fromkeys(given)
    edited = await call(client, "challengeEdit", RULES, challengeId=which, **cleared)
    plain = {"timeZone": "UTC", "kind": "UP_DOWN_PASS", "hasHiddenTally": False, "categories": []}
    assert edited["challenge"] == shown | cleared | plain | {"title": "Who?", "phase": "OPEN"}


async def test_refusals_name_their_input(client: Client) -> None:
    which, ada = await challenge(client), await person(client, "Ada")
    cases: list[tuple[dict[str, Any], tuple[str, list[str]]]] = [
        ({"timeZone": "Mars"}, ("INVALID", ["timeZone"])),
        ({"timeZone": "Europe/Berlin", "voteAt": "2026-03-29T02:30"}, ("INVALID", ["voteAt"])),
        ({"kind": "POINTS"}, ("INVALID", ["budgetPoints"])),
        ({"ideaLimitCount": 0}, ("INVALID", ["ideaLimitCount"])),
        ({"costBudget": 1.0}, ("INVALID", ["currency"])),
        ({"title": None}, ("INVALID", ["title"])),
    ]
    for given, expected in cases:
        assert await refusal(client, "challengeEdit", challengeId=which, **given) == expected, given
    asked = await idea(client, "Decaf", which)
    await call(client, "ideaVote", "", ideaId=asked, voterId=ada, choice="DOWN")
    found = await refusal(client, "challengeEdit", challengeId=which, kind="APPROVAL")
    assert found == ("CLOSED", ["kind"])
    found = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP", points=1)
    assert found == ("INVALID", ["points"])


async def test_a_challenge_is_closed_early(client: Client) -> None:
    which, ada = await challenge(client, closesAt=ENDS), await person(client, "Ada")
    asked = await idea(client, "Decaf", which)
    listed = "{ challenges(filter: {phase: [REVIEW], kind: [UP_DOWN_PASS]}) { totalCount } }"
    assert (await client.data(listed))["challenges"]["totalCount"] == 0
    moved = await call(client, "challengeAdvance", "challenge { phase }", challengeId=which, phase="REVIEW")
    assert moved == {"challenge": {"phase": "REVIEW"}, "errors": []}
    assert (await client.data(listed))["challenges"]["totalCount"] == 1
    assert (await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP"))[0] == "CLOSED"
    found = await refusal(client, "challengeAdvance", challengeId=which, phase="VOTE")
    assert found == ("CLOSED", ["phase"])


async def test_only_the_audience_takes_part(client: Client) -> None:
    kahve = await make(client, "communityUpsert", name="Kahve")
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    await call(client, "communityJoin", "", customerId=ada, communityId=kahve)
    which = await challenge(client, audience={"memberOf": {"id": [kahve]}, "reach": {"gte": 0}})
    asked = await idea(client, "Decaf", which)
    found = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP")
    assert found == ("NOT_ALLOWED", ["voterId"])  # nobody has a reach before the first run
    await call(client, "challengeEdit", "", challengeId=which, audience={"memberOf": {"id": [kahve]}})
    await call(client, "ideaVote", "", ideaId=asked, voterId=ada, choice="UP")
    assert await refusal(client, "ideaVote", ideaId=asked, voterId=bob, choice="UP") == found
    found = await refusal(client, "ideaSubmit", challengeId=which, authorId=bob, title="Mine")
    assert found == ("NOT_ALLOWED", ["authorId"])


async def test_customers_do_not_change_challenges(client: Client) -> None:
    which = await challenge(client)
    await person(client, "Ada")
    mine = await as_customer(client, "Ada")
    for name in ("challengeEdit", "challengeAdvance"):
        given = {"challengeId": which} | ({"phase": "REVIEW"} if name == "challengeAdvance" else {})
        document = f"mutation($i: C{name[1:]}Input!) {{ {name}(input: $i) {{ errors {{ code }} }} }}"
        assert code(await mine(document, i=given)) == "FORBIDDEN"
    assert code(await mine("{ challenges { nodes { audience } } }")) == "FORBIDDEN"
    agent = await client.as_role(Role.AGENT)
    assert (await agent.data("{ challenges { nodes { audience } } }"))["challenges"]["nodes"] != []


async def test_votes_over_the_pace_are_refused(client: Client) -> None:
    ada, asked = await person(client, "Ada"), await idea(client, "Decaf", await challenge(client))
    await call(client, "ideaVote", "", ideaId=asked, voterId=ada, choice="UP")
    text = "MATCH (c:Customer {externalId: 'Ada'}) SET c.votesPaid = c.votesPaid + 120000"

    async def spend(tx: Transaction) -> None:
        await tx.run(text)

    await client.graph.write(spend)
    found = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="DOWN")
    assert found == ("TOO_FAST", ["voterId"])
    assert (await call(client, "ideaVote", "", ideaId=asked, voterId=ada, choice="UP"))["errors"] == []


async def tallied(client: Client, **supports: float) -> None:
    """Publish the support of ideas, by title."""

    async def publish(tx: Transaction) -> None:
        await tx.run(
            "MERGE (p:Publication {name: 'tally'}) SET p.slot = 'B', p.run = 'r', p.publishedAt = 'x'"
        )
        for title, support in supports.items():
            text = "MATCH (i:Idea {title: $t}) SET i += {upB: 1, downB: 0, passedB: 0, supportB: $s, risingB: $s}"
            await tx.run(text, t=title, s=support)

    await client.graph.write(publish)


async def grouped(tx: Transaction) -> None:
    """Two groups of opinions in every challenge, one of them against idea B."""
    await tx.run(
        """MATCH (h:Challenge), (i:Idea {title: 'B'}) SET h.groupLabelB = ['A', 'B'], h.groupSizeB = [9, 7],
        h.opinionSeparationB = 0.75, h.groupIdeaOfB = [1], h.groupIdeaB = [i.uid], h.groupIdeaValueB = [-1],
        h.groupIdeaShareB = [0.75], h.groupIdeaOtherB = [0.25]"""
    )


async def test_a_hidden_tally_shows_nowhere_to_customers(client: Client) -> None:
    hiding, plain = await challenge(client, hasHiddenTally=True), await challenge(client)
    ids = {title: await idea(client, title, hiding) for title in "ABC"}
    ids["D"] = await idea(client, "D", plain)
    await tallied(client, A=0.1, B=0.9, C=0.5, D=0.3)
    await client.graph.write(grouped)
    groups = """query($id: ID!) { node(id: $id) { ... on Challenge { opinionSeparation opinionGroups {
      label voterCount ideas { value share shareOfOthers idea { title } } } } } }"""
    ada = await person(client, "Ada")
    mine = await as_customer(client, "Ada")
    listed = """query($f: IdeaFilter, $l: IdeaList!) { ideas(list: $l, filter: $f) {
      totalCount nodes { title tally { support } } edges { cursor } } }"""

    async def titles(who: Client, list_: str, filter_: dict[str, Any] | None = None) -> str:
        found = (await who.data(listed, f=filter_, l=list_))["ideas"]
        assert found["totalCount"] == len(found["nodes"])
        seen = {node["title"] for node in found["nodes"] if node["tally"]}
        assert seen <= ({"D"} if who is mine and hidden else set("ABCD"))
        assert len({edge["cursor"] for edge in found["edges"]}) == len(found["edges"])
        return "".join(node["title"] for node in found["nodes"])

    strong = {"support": {"gte": 0.2}}
    for hidden in (True, False):
        for list_ in ("POPULAR", "RISING"):
            assert await titles(client, list_) == "BCDA"
            assert await titles(mine, list_) == ("DABC" if hidden else "BCDA")
        assert await titles(client, "POPULAR", strong) == "BCD"
        assert await titles(mine, "POPULAR", strong) == ("D" if hidden else "BCD")
        assert await titles(mine, "POPULAR", {"not": strong}) == ("ABC" if hidden else "A")
        node = "query($id: ID!) { node(id: $id) { ... on Idea { tally { upCount } } } }"
        assert ((await mine.data(node, id=ids["A"]))["node"]["tally"] is None) is hidden
        parted = (await client.data(groups, id=hiding))["node"]
        assert [(one["label"], one["voterCount"], len(one["ideas"])) for one in parted["opinionGroups"]] == [
            ("A", 9, 0),
            ("B", 7, 1),
        ]
        told = {"value": -1, "share": 0.75, "shareOfOthers": 0.25, "idea": {"title": "B"}}
        assert parted["opinionGroups"][1]["ideas"] == [told]
        none: dict[str, Any] = {"opinionSeparation": None, "opinionGroups": []}
        assert (await mine.data(groups, id=hiding))["node"] == (none if hidden else parted)
        if hidden:
            vote = """mutation($i: ID!, $v: ID!) { ideaVote(input: {ideaId: $i, voterId: $v, choice: UP}) {
              idea { tally { support } } errors { code } } }"""
            shown = await mine.data(vote, i=ids["A"], v=ada)
            assert shown["ideaVote"] == {"idea": {"tally": None}, "errors": []}
            await call(client, "challengeAdvance", "", challengeId=hiding, phase="REVIEW")


async def test_to_open_a_challenge_once_more_changes_what_is_given_and_leaves_the_rest(
    client: Client,
) -> None:
    shown = "challenge { title question opensAt closesAt kind }"
    first = {
        "title": "Which?",
        "question": "Which coffee?",
        "opensAt": "2026-01-01T00:00:00.000Z",
        "closesAt": "2999-01-01T00:00:00.000Z",
        "kind": "APPROVAL",
    }
    await call(client, "challengeOpen", shown, externalId="c", **first)
    again = await call(client, "challengeOpen", shown, externalId="c", title="What?")
    assert again == {"challenge": first | {"title": "What?"}, "errors": []}
    cleared = await call(client, "challengeOpen", shown, externalId="c", title="What?", closesAt=None)
    assert cleared == {"challenge": first | {"title": "What?", "closesAt": None}, "errors": []}


async def test_a_rule_is_refused_by_the_name_it_was_given_under(client: Client) -> None:
    document = (
        "mutation($input: ChallengeOpenInput!) { challengeOpen(input: $input) { errors { message field } } }"
    )
    found = await client.data(document, input={"title": "Which?", "ideaLimitCount": -1})
    message = "ideaLimitCount is -1: give a number between 1 and 1000000."
    assert found == {"challengeOpen": {"errors": [{"message": message, "field": ["ideaLimitCount"]}]}}
