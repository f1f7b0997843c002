"""Challenges, ideas, votes and the lists of ideas over HTTP."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.driver import Transaction
from tests.api.calls import as_customer, call, code, make, pages, person, refusal
from tests.api.conftest import Client

NOBODY, NO_IDEA = to_global_id("Customer")("none"), to_global_id("Idea")("none")


async def challenge(client: Client, **more: Any) -> str:
    return await make(client, "challengeOpen", title="Which?", **more)


async def idea(client: Client, title: str, question: str, **more: Any) -> str:
    return await make(client, "ideaSubmit", challengeId=question, title=title, **more)


async def test_a_challenge_is_opened_with_every_field(client: Client) -> None:
    shown = "challenge { externalId title question opensAt closesAt ideaCount }"
    given = {
        "externalId": "c",
        "title": "Which?",
        "question": "Which coffee?",
        "opensAt": "2026-01-01T00:00:00Z",
        "closesAt": "2026-02-01T00:00:00Z",
    }
    expected = given | {
        "opensAt": "2026-01-01T00:00:00.000Z",
        "closesAt": "2026-02-01T00:00:00.000Z",
        "ideaCount": 0,
    }
    assert await call(client, "challengeOpen", shown, **given) == {"challenge": expected, "errors": []}


async def test_an_idea_is_submitted_with_every_field(client: Client) -> None:
    ada = await person(client, "Ada")
    shown = """idea {
      externalId title body category cost status author { name ideas { totalCount } } challenge { title ideaCount }
      tally { support } votes { totalCount nodes { value } }
    }"""
    payload = await call(
        client,
        "ideaSubmit",
        shown,
        externalId="i",
        challengeId=await challenge(client),
        authorId=ada,
        title="Decaf",
        body="Please.",
        category="drinks",
        cost=2.5,
    )
    expected = {
        "externalId": "i",
        "title": "Decaf",
        "body": "Please.",
        "category": "drinks",
        "cost": 2.5,
        "status": "OPEN",
        "author": {"name": "Ada", "ideas": {"totalCount": 1}},
        "challenge": {"title": "Which?", "ideaCount": 1},
        "tally": None,
        "votes": {"totalCount": 0, "nodes": []},
    }
    assert payload == {"idea": expected, "errors": []}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("challengeOpen", {"title": ""}, ("INVALID", ["title"])),
        ("challengeOpen", {"title": "x", "question": "\u0000"}, ("INVALID", ["question"])),
        (
            "challengeOpen",
            {"title": "x", "opensAt": "2026-01-02T00:00:00Z", "closesAt": "2026-01-01T00:00:00Z"},
            ("INVALID", ["closesAt"]),
        ),
        ("ideaSubmit", {"challengeId": to_global_id("Challenge")("none")}, ("NOT_FOUND", ["challengeId"])),
        ("ideaSubmit", {"challengeId": NOBODY}, ("INVALID", ["challengeId"])),
        ("ideaSubmit", {"authorId": NOBODY}, ("NOT_FOUND", ["authorId"])),
        ("ideaSubmit", {"title": "\u200f"}, ("INVALID", ["title"])),
        ("ideaSubmit", {"cost": -1}, ("INVALID", ["cost"])),
        ("ideaSubmit", {"category": ""}, ("INVALID", ["category"])),
        ("ideaVote", {"ideaId": NO_IDEA}, ("NOT_FOUND", ["ideaId"])),
        ("ideaVote", {"ideaId": NOBODY}, ("INVALID", ["ideaId"])),
        ("ideaVote", {"voterId": NOBODY}, ("NOT_FOUND", ["voterId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, name: str, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    question = await challenge(client)
    sent = given
    if name == "ideaSubmit":
        sent = {"challengeId": question, "title": "Decaf"} | given
    if name == "ideaVote":
        asked = await idea(client, "Decaf", question)
        sent = {"ideaId": asked, "voterId": await person(client, "Ada"), "choice": "UP"} | given
    assert await refusal(client, name, **sent) == expected


@pytest.mark.parametrize("times", [{"closesAt": "2026-01-01T00:00:00Z"}, {"opensAt": "2999-01-01T00:00:00Z"}])
async def test_a_challenge_takes_nothing_outside_its_time(client: Client, times: dict[str, str]) -> None:
    ada, question = await person(client, "Ada"), await challenge(client, externalId="c")
    asked = await idea(client, "Decaf", question)
    await challenge(client, externalId="c", **times)
    late = await refusal(client, "ideaSubmit", challengeId=question, title="Late")
    assert late == ("CLOSED", ["challengeId"])
    vote = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP")
    assert vote[0] == "CLOSED"
    found = await client.data("{ ideas(list: NEWEST) { nodes { title votes { totalCount } } } }")
    assert found["ideas"]["nodes"] == [{"title": "Decaf", "votes": {"totalCount": 0}}]


async def test_a_delivered_idea_takes_no_vote(client: Client) -> None:
    ada, asked = await person(client, "Ada"), await idea(client, "Decaf", await challenge(client))

    async def deliver(tx: Transaction) -> None:
        await tx.run("MATCH (i:Idea) SET i.status = 'DELIVERED'")

    await client.graph.write(deliver)
    found = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP")
    assert found == ("CLOSED", ["ideaId"])


async def test_who_is_suspended_has_no_voice(client: Client) -> None:
    ada, question = await person(client, "Ada", isSuspended=True), await challenge(client)
    asked = await idea(client, "Decaf", question)
    vote = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="UP")
    assert vote == ("NOT_ALLOWED", ["voterId"])
    submit = await refusal(client, "ideaSubmit", challengeId=question, authorId=ada, title="Mine")
    assert submit == ("NOT_ALLOWED", ["authorId"])


async def test_a_vote_changes_and_is_withdrawn(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    asked = await idea(client, "Decaf", await challenge(client))
    await call(client, "ideaVote", "", ideaId=asked, voterId=bob, choice="UP")
    shown = "voter { name } idea { votes { totalCount nodes { value voter { name } } } }"
    for choice, value in (("UP", 1), ("UP", 1), ("DOWN", -1), ("PASS", 0), ("WITHDRAW", None)):
        payload = await call(client, "ideaVote", shown, ideaId=asked, voterId=ada, choice=choice)
        votes = {node["voter"]["name"]: node["value"] for node in payload["idea"]["votes"]["nodes"]}
        assert votes == {"Bob": 1} | ({} if value is None else {"Ada": value})
        assert payload["idea"]["votes"]["totalCount"] == len(votes)
        assert payload["voter"] == {"name": "Ada"}


async def test_a_vote_with_a_key_counts_once_and_refuses_another_choice(client: Client) -> None:
    ada, asked = await person(client, "Ada"), await idea(client, "Decaf", await challenge(client))
    vote = {"ideaId": asked, "voterId": ada}
    shown = "idea { votes { nodes { value } } }"
    first = await call(client, "ideaVote", shown, key="k", **vote, choice="UP")
    assert first["idea"]["votes"]["nodes"] == [{"value": 1}]
    assert await call(client, "ideaVote", shown, key="k", **vote, choice="UP") == first
    other = await call(client, "ideaVote", shown, key="k", **vote, choice="DOWN")
    assert other["errors"] == [{"code": "CONFLICT", "field": ["idempotencyKey"]}]


async def test_a_customer_proposes_and_votes_only_for_themselves(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    question = await challenge(client)
    asked = await idea(client, "Decaf", question)
    mine = await as_customer(client, "Ada")
    submit = """mutation($c: ID!, $a: ID) {
      ideaSubmit(input: {challengeId: $c, authorId: $a, title: "Mine"}) { idea { author { name } } }
    }"""
    vote = """mutation($i: ID!, $v: ID!) {
      ideaVote(input: {ideaId: $i, voterId: $v, choice: UP}) { voter { name } errors { code } }
    }"""
    for other in (bob, None):
        assert code(await mine(submit, c=question, a=other)) == "FORBIDDEN"
    assert code(await mine(vote, i=asked, v=bob)) == "FORBIDDEN"
    counted = await client.data("{ ideas(list: NEWEST) { totalCount nodes { votes { totalCount } } } }")
    assert counted["ideas"] == {"totalCount": 1, "nodes": [{"votes": {"totalCount": 0}}]}
    own = await mine.data(submit, c=question, a=ada)
    assert own["ideaSubmit"]["idea"] == {"author": {"name": "Ada"}}
    assert (await mine.data(vote, i=asked, v=ada))["ideaVote"] == {"voter": {"name": "Ada"}, "errors": []}


TALLIES: dict[str, dict[str, float]] = {
    "A": {"support": 0.5, "bridging": 0.1, "divisive": 0.2, "rising": -1.0},
    "B": {"support": 0.5, "bridging": -0.1, "divisive": 0.2, "rising": 5.0},
    "C": {"support": 0.9, "bridging": 0.1, "divisive": 0.9, "rising": -1.0},
    "D": {},
    "E": {"support": 0.5, "effective": -2.5, "forgotten": 0.25},
}
LISTS = {
    "POPULAR": "CABED",
    "BRIDGING": "ACBDE",
    "DIVISIVE": "CABDE",
    "RISING": "BACDE",
    "EFFECTIVE": "EABCD",
    "FORGOTTEN": "EABCD",
}


async def publish(client: Client) -> None:
    """Five ideas in one challenge, with tallies in slot B."""
    question = await challenge(client)
    for title in TALLIES:
        await idea(client, title, question)

    async def write(tx: Transaction) -> None:
        await tx.run(
            "CREATE (:Publication {name: 'tally', slot: 'B', run: 'r', publishedAt: 'x', asOf: 'x'})"
        )
        for title, tally in TALLIES.items():
            stored = {f"{name}B": value for name, value in tally.items()}
            await tx.run("MATCH (i:Idea {title: $t}) SET i += $stored", t=title, stored=stored)
        await tx.run(
            """MATCH (i:Idea {title: 'C'}), (g:Community) SET i.upB = 3, i.downB = 1, i.passedB = 2,
            i.shareOfB = [g.uid, '', 'opinion:B'], i.shareUpB = [2, 1, 3], i.shareDownB = [1, 0, 0],
            i.sharePassedB = [0, 2, 0], i.shareApprovalB = [0.6, 0.4, 0.8],
            i.shareCountedB = [false, true, true], i.viewByB = ['DECLARED', 'OPINION'], i.viewUntilB = [2, 3],
            i.viewConsensusB = [-2.0, 0.8], i.viewLowB = [0.0, 0.5], i.viewHighB = [1.0, 0.9],
            i.bridgingLowB = 0.05, i.bridgingHighB = 0.15, i.marksB = ['BRIDGING'],
            i.shareStanceB = ['UNDECIDED', 'AGREES', 'AGREES'], i.supportHighB = 0.95, i.ringSizeB = [4],
            i.ringValueB = [1], i.ringCountsB = [2.0], i.ringReasonB = ['BURST']"""
        )

    await make(client, "communityUpsert", name="Kahve")
    await client.graph.write(write)


@pytest.mark.parametrize("name", [*LISTS, "NEWEST"])
async def test_each_list_pages_over_ties_and_absent_tallies(client: Client, name: str) -> None:
    await publish(client)
    found = await pages(client, "ideas", "title", "title", f"list: {name}")
    assert [len(page) for page in found] == [2, 2, 1]
    shown = "".join(title for page in found for title in page)
    if name == "NEWEST":
        assert sorted(shown) == sorted(TALLIES)
    else:
        assert shown == LISTS[name]


async def test_a_tally_shows_its_parts(client: Client) -> None:
    await publish(client)
    document = """{ ideas(list: POPULAR, first: 2) { nodes { title tally {
      upCount downCount passedCount support consensus bridging divisive rising
      supportHigh effective forgotten rings { voteCount value countsAs reason }
      bridgingLow bridgingHigh marks
      communities { community { name } upCount downCount passedCount approval isCounted stance }
      consensusBy { by consensus consensusLow consensusHigh parts { opinionGroup community { name } upCount } }
    } } } }"""
    first, second = (await client.data(document))["ideas"]["nodes"]
    parts = [
        {"community": {"name": "Kahve"}, "upCount": 2, "downCount": 1, "passedCount": 0}
        | {"approval": 0.6, "isCounted": False, "stance": "UNDECIDED"},
        {"community": None, "upCount": 1, "downCount": 0, "passedCount": 2}
        | {"approval": 0.4, "isCounted": True, "stance": "AGREES"},
    ]
    counts: dict[str, Any] = {"upCount": 3, "downCount": 1, "passedCount": 2, "consensus": None}
    counts |= {"supportHigh": 0.95, "effective": None, "forgotten": None}
    counts |= {"rings": [{"voteCount": 4, "value": 1, "countsAs": 2.0, "reason": "BURST"}]}
    counts |= {"bridgingLow": 0.05, "bridgingHigh": 0.15, "marks": ["BRIDGING"]}
    kahve, rest = (
        {"opinionGroup": None, "community": c, "upCount": n} for c, n in (({"name": "Kahve"}, 2), (None, 1))
    )
    counts["consensusBy"] = [
        {
            "by": "DECLARED",
            "consensus": None,
            "consensusLow": 0.0,
            "consensusHigh": 1.0,
            "parts": [kahve, rest],
        },
        {"by": "OPINION", "consensus": 0.8, "consensusLow": 0.5, "consensusHigh": 0.9}
        | {"parts": [{"opinionGroup": "B", "community": None, "upCount": 3}]},
    ]
    assert first == {"title": "C", "tally": counts | TALLIES["C"] | {"communities": parts}}
    assert second == {"title": "A", "tally": None}


async def test_every_condition_narrows(client: Client) -> None:
    await publish(client)
    ada = await person(client, "Ada", city="Bursa")
    question = await challenge(client, externalId="q", closesAt="2999-01-01T00:00:00Z")
    asked = await idea(client, "Fıstık", question, authorId=ada, category="nuts")
    await call(client, "ideaVote", "", ideaId=asked, voterId=ada, choice="PASS")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"id": [asked]}, "Fıstık"),
        ({"title": {"contains": "FISTIK"}}, "Fıstık"),
        ({"category": {"in": ["nuts"]}}, "Fıstık"),
        ({"status": ["DELIVERED"]}, ""),
        ({"status": ["OPEN"], "support": {"gte": 0.5}}, "CABE"),
        ({"consensus": {"gte": 0}}, ""),
        ({"at": {"until": "2026-01-01T00:00:00Z"}}, ""),
        ({"challenge": {"closesAt": {"from": "2900-01-01T00:00:00Z"}}}, "Fıstık"),
        ({"challenge": {"not": {"title": {"eq": "which?"}}}}, ""),
        ({"author": {"city": {"eq": "bursa"}}}, "Fıstık"),
        ({"voter": {"id": [ada]}}, "Fıstık"),
        ({"not": {"voter": {}}}, "CABED"),
    ]
    listed = "query($f: IdeaFilter) { ideas(list: POPULAR, filter: $f) { totalCount nodes { title } } }"
    for given, expected in cases:
        found = (await client.data(listed, f=given))["ideas"]
        assert "".join(node["title"] for node in found["nodes"]) == expected, given
        assert found["totalCount"] == len(found["nodes"])


async def test_challenges_are_paged_newest_first_and_narrowed(client: Client) -> None:
    for title in "ABC":
        await make(client, "challengeOpen", title=title)
    assert await pages(client, "challenges", "title", "title") == [["C", "B"], ["A"]]
    assert await pages(client, "challenges", "title", "title", 'filter: {title: {eq: "b"}}') == [["B"]]


async def test_an_external_id_of_another_idea_is_taken_and_a_repeated_idea_is_kept_once(
    client: Client,
) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    question, other = await challenge(client), await challenge(client)
    kept = await idea(client, "Decaf", question, externalId="i", authorId=ada)
    await call(client, "ideaEdit", "", ideaId=kept, editorId=ada, title="Decaf beans", reason="Clearer.")
    assert await idea(client, "Decaf", question, externalId="i", authorId=ada) == kept
    for given in (
        {"challengeId": other, "authorId": ada},
        {"challengeId": question, "authorId": bob},
        {"challengeId": question},
    ):
        found = await refusal(client, "ideaSubmit", title="Refill", externalId="i", **given)
        assert found == ("TAKEN", ["externalId"])
    shown = await client.data("{ ideas(list: NEWEST) { nodes { title } } }")
    assert shown == {"ideas": {"nodes": [{"title": "Decaf beans"}]}}


async def test_a_choice_that_votes_of_a_challenge_do_not_have_is_refused_beside_it(client: Client) -> None:
    ada, question = await person(client, "Ada"), await challenge(client, kind="APPROVAL")
    asked = await idea(client, "Decaf", question)
    found = await refusal(client, "ideaVote", ideaId=asked, voterId=ada, choice="DOWN")
    assert found == ("INVALID", ["choice"])
