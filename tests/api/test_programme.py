"""The advocacy programme over HTTP: from the invitation to the reward, leaderboards, and signs of abuse."""

from typing import Any

import pytest

from api.relay import to_global_id
from graph.driver import Transaction
from graph.tokens import Role
from tests.api.calls import as_customer, call, code, make, pages, person, refusal
from tests.api.conftest import Client

CONSENT = {"channel": "app", "wording": "I join."}
NOBODY = to_global_id("Customer")("none")
POINTS = "earnedPoints spendablePoints owedPoints"


async def member(client: Client, name: str, **more: Any) -> str:
    """The customer id of a new active member."""
    who = await person(client, name, **more)
    await make(client, "programmeInvite", customerId=who, **CONSENT)
    await make(client, "programmeJoin", customerId=who, **CONSENT)
    return who


async def mention(client: Client, author: str, **more: Any) -> str:
    return await make(client, "mentionRecord", authorId=author, channel="x", text="Good.", **more)


async def review(client: Client, who: str, *, accept: bool = True, **more: Any) -> str:
    """The id of a review, which earns 15 points."""
    said = await mention(client, who, **more)
    act = await make(client, "actRecord", customerId=who, kind="REVIEW", mentionId=said)
    if accept:
        judged = await call(client, "actJudge", "act { state }", actId=act, verdict="ACCEPT")
        assert judged == {"act": {"state": "ACCEPTED"}, "errors": []}
    return act


async def write(client: Client, query: str, **parameters: Any) -> None:
    async def work(tx: Transaction) -> None:
        await (await tx.run(query, parameters)).consume()

    await client.graph.write(work)


async def test_from_invitation_to_reward(client: Client) -> None:
    ada = await person(client, "Ada")
    asked = {"customerId": ada, "channel": "email", "wording": "Join us?"}
    assert await call(client, "programmeInvite", "member { state customer { name } }", **asked) == {
        "member": {"state": "INVITED", "customer": {"name": "Ada"}},
        "errors": [],
    }
    shown = "member { state steps { nodes { state channel wording proof } } }"
    joined = await call(client, "programmeJoin", shown, customerId=ada, proof="form 1", **CONSENT)
    assert joined["member"]["steps"]["nodes"] == [
        {"state": "ACTIVE", "channel": "app", "wording": "I join.", "proof": "form 1"},
        {"state": "INVITED", "channel": "email", "wording": "Join us?", "proof": None},
    ]
    said = await mention(client, ada)
    shown = "act { kind state points mention { text } link { id } idea { id } member { customer { name } } }"
    recorded = await call(
        client, "actRecord", "act { id } " + shown, customerId=ada, kind="REVIEW", mentionId=said
    )
    assert recorded["act"].pop("id")
    assert recorded["act"] == {
        "kind": "REVIEW",
        "state": "RECORDED",
        "points": None,
        "mention": {"text": "Good."},
        "link": None,
        "idea": None,
        "member": {"customer": {"name": "Ada"}},
    }
    waiting = "{ programmeActs(filter: {state: [RECORDED]}) { nodes { id } } }"
    (act,) = (await client.data(waiting))["programmeActs"]["nodes"]
    shown = f"act {{ state points judgedBy }} member {{ {POINTS} }}"
    judged = await call(client, "actJudge", shown, actId=act["id"], verdict="ACCEPT")
    assert judged["act"] == {"state": "ACCEPTED", "points": 15, "judgedBy": "test"}
    assert judged["member"] == {"earnedPoints": 15, "spendablePoints": 15, "owedPoints": 0}
    cup = await make(
        client, "rewardUpsert", name="Cup", points=10, stockCount=1, limitCount=2, limitDayCount=30
    )
    reward = "reward { name stockCount limitCount limitDayCount }"
    shown = f"redemption {{ id state points {reward} }} member {{ {POINTS} }}"
    paid = await call(client, "rewardRedeem", shown, customerId=ada, rewardId=cup)
    redemption = paid["redemption"].pop("id")
    assert paid == {
        "redemption": {
            "state": "REQUESTED",
            "points": 10,
            "reward": {"name": "Cup", "stockCount": 0, "limitCount": 2, "limitDayCount": 30},
        },
        "member": {"earnedPoints": 15, "spendablePoints": 5, "owedPoints": 0},
        "errors": [],
    }
    assert await refusal(client, "rewardRedeem", customerId=ada, rewardId=cup) == (
        "NOT_ALLOWED",
        ["rewardId"],
    )
    shown = "redemption { state settledBy }"
    done = await call(client, "redemptionFulfil", shown, redemptionId=redemption)
    assert done["redemption"] == {"state": "FULFILLED", "settledBy": "test"}
    entries = f"ledger {{ nodes {{ kind {POINTS} act {{ kind }} redemption {{ state }} }} }}"
    found = await client.data(
        f"query($id: ID!) {{ customer(id: $id) {{ programme {{ {entries} }} }} }}", id=ada
    )
    assert found["customer"]["programme"]["ledger"]["nodes"] == [
        {
            "kind": "SPEND",
            "earnedPoints": 0,
            "spendablePoints": -10,
            "owedPoints": 0,
            "act": None,
            "redemption": {"state": "FULFILLED"},
        },
        {
            "kind": "EARN",
            "earnedPoints": 15,
            "spendablePoints": 15,
            "owedPoints": 0,
            "act": {"kind": "REVIEW"},
            "redemption": None,
        },
    ]


async def test_a_reversal_and_a_cancelled_redemption_have_entries_of_their_own(client: Client) -> None:
    ada = await member(client, "Ada")
    act, cup = await review(client, ada), await make(client, "rewardUpsert", name="Cup", points=10)
    redemption = await make(client, "rewardRedeem", customerId=ada, rewardId=cup)
    shown = f"act {{ state reason }} member {{ {POINTS} }}"
    back = await call(client, "actReverse", shown, actId=act, reason="paid for")
    assert back["act"] == {"state": "REVERSED", "reason": "paid for"}
    assert back["member"] == {"earnedPoints": 0, "spendablePoints": 0, "owedPoints": 10}
    shown = f"redemption {{ state reason }} member {{ {POINTS} ledger {{ nodes {{ kind }} }} }}"
    given = await call(client, "redemptionCancel", shown, redemptionId=redemption, reason="gone")
    assert given["redemption"] == {"state": "CANCELLED", "reason": "gone"}
    kinds = [entry["kind"] for entry in given["member"].pop("ledger")["nodes"]]
    assert kinds == ["REVERSE", "REVERSE", "SPEND", "EARN"]
    assert given["member"] == {"earnedPoints": 0, "spendablePoints": 0, "owedPoints": 0}


async def test_points_are_declared(client: Client) -> None:
    shown = "{ programme { referralPoints answerPoints reviewPoints defencePoints ideaAdoptedPoints } }"
    before = {
        "referralPoints": 50,
        "answerPoints": 10,
        "reviewPoints": 15,
        "defencePoints": 10,
        "ideaAdoptedPoints": 40,
    }
    assert await client.data(shown) == {"programme": before}
    payload = await call(client, "programmeSet", "programme { ideaAdoptedPoints }", ideaAdoptedPoints=99)
    assert payload == {"programme": {"ideaAdoptedPoints": 99}, "errors": []}
    assert await client.data(shown) == {"programme": before | {"ideaAdoptedPoints": 99}}
    assert await refusal(client, "programmeSet", reviewPoints=-1) == ("INVALID", ["reviewPoints"])


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("programmeInvite", {"customerId": NOBODY, **CONSENT}, ("NOT_FOUND", ["customerId"])),
        ("programmeInvite", {"channel": "", "wording": "x"}, ("INVALID", ["channel"])),
        ("programmeJoin", {"channel": "x", "wording": " "}, ("INVALID", ["wording"])),
        ("programmeDecline", {}, ("NOT_ALLOWED", ["customerId"])),
        ("actRecord", {"kind": "REVIEW"}, ("INVALID", ["mentionId"])),
        (
            "actRecord",
            {"kind": "REFERRAL", "linkId": to_global_id("AdvocacyLink")("x")},
            ("NOT_FOUND", ["linkId"]),
        ),
        ("rewardRedeem", {"rewardId": to_global_id("Reward")("x")}, ("NOT_FOUND", ["rewardId"])),
    ],
)
async def test_a_wrong_input_is_refused_beside_its_field(
    client: Client, name: str, given: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    ada = await member(client, "Ada")
    assert await refusal(client, name, **{"customerId": ada} | given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "x", "points": 1, "stockCount": -1}, ["stockCount"]),
        ({"name": "x", "points": 1, "limitCount": 0}, ["limitCount"]),
        ({"name": "x", "points": 1, "limitDayCount": 0}, ["limitDayCount"]),
        ({"name": "x"}, ["points"]),
    ],
)
async def test_a_wrong_reward_is_refused_beside_its_field(
    client: Client, given: dict[str, Any], expected: list[str]
) -> None:
    assert await refusal(client, "rewardUpsert", **given) == ("INVALID", expected)


async def test_a_redemption_sent_twice_is_paid_once(client: Client) -> None:
    ada = await member(client, "Ada")
    await review(client, ada)
    cup = await make(client, "rewardUpsert", name="Cup", points=5)
    sent = {"customerId": ada, "rewardId": cup}
    first = await call(client, "rewardRedeem", "redemption { id }", key="k", **sent)
    assert await call(client, "rewardRedeem", "redemption { id }", key="k", **sent) == first
    shown = "query($id: ID!) { customer(id: $id) { programme { spendablePoints } } }"
    assert (await client.data(shown, id=ada))["customer"]["programme"] == {"spendablePoints": 10}


async def test_a_customer_acts_for_themselves_alone(client: Client) -> None:
    ada, bob = await member(client, "Ada"), await member(client, "Bob")
    await review(client, ada)
    cup = await make(client, "rewardUpsert", name="Cup", points=5)
    mine = await as_customer(client, "Ada")
    leave = "mutation($c: ID!) { programmeLeave(input: {customerId: $c}) { errors { code } } }"
    redeem = "mutation($c: ID!, $r: ID!) { rewardRedeem(input: {customerId: $c, rewardId: $r}) { errors { code } } }"
    assert code(await mine(leave, c=bob)) == "FORBIDDEN"
    assert code(await mine(redeem, c=bob, r=cup)) == "FORBIDDEN"
    assert (await mine.data(redeem, c=ada, r=cup))["rewardRedeem"] == {"errors": []}
    assert (await mine.data(leave, c=ada))["programmeLeave"] == {"errors": []}
    assert (await mine.data("{ rewards { nodes { name points } } }"))["rewards"]["nodes"] == [
        {"name": "Cup", "points": 5}
    ]
    seen = await mine("query($id: ID!) { node(id: $id) { ... on Customer { programme { state } } } }", id=ada)
    assert code(seen) == "FORBIDDEN"


async def test_a_customer_reads_their_own_account_and_no_other(client: Client) -> None:
    ada, bob = await member(client, "Ada"), await member(client, "Bob")
    await review(client, ada)
    theirs = await review(client, bob)
    cup = await make(client, "rewardUpsert", name="Cup", points=5)
    mine = await as_customer(client, "Ada")
    redeem = """mutation($c: ID!, $r: ID!) { rewardRedeem(input: {customerId: $c, rewardId: $r}) {
      redemption { state reward { name } } member { spendablePoints }
    } }"""
    paid = await mine.data(redeem, c=ada, r=cup)
    assert paid["rewardRedeem"] == {
        "redemption": {"state": "REQUESTED", "reward": {"name": "Cup"}},
        "member": {"spendablePoints": 10},
    }
    account = """{ programmeAccount {
      state earnedPoints spendablePoints customer { name } steps { nodes { state wording } }
      acts { nodes { kind state } } redemptions { nodes { state } }
      ledger { nodes { kind spendablePoints act { kind } redemption { points } } }
    } }"""
    found = (await mine.data(account))["programmeAccount"]
    assert (found["customer"], found["spendablePoints"]) == ({"name": "Ada"}, 10)
    assert [entry["kind"] for entry in found["ledger"]["nodes"]] == ["SPEND", "EARN"]
    assert await client.data(account) == {"programmeAccount": None}
    for beyond in (
        "{ programmeAccount { customer { email } } }",
        "{ programmeAccount { customer { programme { state } } } }",
        "{ programmeAccount { acts { nodes { mention { text } } } } }",
        "{ programmeMembers { totalCount } }",
        "{ programmeAccount { state } programmeActs { nodes { state } } }",
        f'{{ programmeAccount {{ state }} node(id: "{theirs}") {{ ... on ProgrammeAct {{ state }} }} }}',
        f'{{ node(id: "{bob}") {{ ... on Customer {{ programme {{ state }} }} }} }}',
    ):
        assert code(await mine(beyond)) == "FORBIDDEN", beyond


async def test_members_are_found_by_state_points_and_person(client: Client) -> None:
    ada, bob = await member(client, "Ada"), await member(client, "Bob")
    await review(client, ada)
    await call(client, "programmeLeave", "member { state }", customerId=bob)
    document = (
        "query($f: ProgrammeMemberFilter) { programmeMembers(filter: $f) { nodes { customer { name } } } }"
    )
    for given, expected in (
        ({}, ["Bob", "Ada"]),
        ({"state": ["LEFT"]}, ["Bob"]),
        ({"earnedPoints": {"gte": 15}}, ["Ada"]),
        ({"customer": {"name": {"eq": "bob"}}}, ["Bob"]),
    ):
        found = (await client.data(document, f=given))["programmeMembers"]["nodes"]
        assert [each["customer"]["name"] for each in found] == expected


async def test_a_leaderboard_counts_a_period_in_a_total_order(client: Client) -> None:
    everyone = [await member(client, name) for name in ("Ada", "Bob", "Can", "Ece", "Gül")]
    cities = await make(client, "communityUpsert", name="Cities")
    for who in everyone[:3]:
        await call(client, "communityJoin", "membership { role }", customerId=who, communityId=cities)
    for times, who in zip((2, 1, 1, 3, 1), everyone, strict=True):
        for _ in range(times):
            await review(client, who)
    await call(client, "programmeLeave", "member { state }", customerId=everyone[3])
    shown = "customer { name } earnedPoints"
    board = await pages(client, "leaderboard", shown, "earnedPoints")
    assert board == [[30, 15], [15, 15]]
    names = [one["name"] for page in await pages(client, "leaderboard", shown, "customer") for one in page]
    assert names == ["Ada", "Bob", "Can", "Gül"]
    inside = await pages(client, "leaderboard", shown, "customer", f'communityId: "{cities}",')
    assert [one["name"] for page in inside for one in page] == ["Ada", "Bob", "Can"]


async def test_a_leaderboard_of_a_month_never_changes_by_what_comes_after(client: Client) -> None:
    ada = await member(client, "Ada")
    act = await review(client, ada)
    await write(client, "MATCH (l:LedgerEntry) SET l.at = '2026-01-31T23:59:59.999Z'")
    await review(client, ada)
    await write(client, "MATCH (l:LedgerEntry) WHERE l.at > '2026-02' SET l.at = '2026-02-01T00:00:00.000Z'")
    await call(client, "actReverse", "act { state }", actId=act, reason="x")
    await write(client, "MATCH (l:LedgerEntry {kind: 'REVERSE'}) SET l.at = '2026-03-05T00:00:00.000Z'")
    cases = [
        ('month: "2026-01"', [15]),
        ('month: "2026-02"', [15]),
        ('month: "2026-03"', []),
        ('since: "2026-01-01T00:00:00Z" until: "2026-03-01T00:00:00Z"', [30]),
        ('since: "2026-02-01T03:00:00+03:00"', []),
        ('until: "2026-02-01T03:00:00+03:00"', [15]),
        ("first: 5", [15]),
    ]
    for given, expected in cases:
        found = await client.data(f"{{ leaderboard({given}) {{ nodes {{ earnedPoints }} }} }}")
        assert [each["earnedPoints"] for each in found["leaderboard"]["nodes"]] == expected, given
    for wrong in ("2026-13", "2026-00", "26-01", "2026-01-01"):
        assert code(await client(f'{{ leaderboard(month: "{wrong}") {{ totalCount }} }}')) == "BAD_ARGUMENT"


async def signals(client: Client) -> list[tuple[str, str, int, str]]:
    shown = "{ abuseSignals { nodes { kind value reason member { customer { name } } } } }"
    found = (await client.data(shown))["abuseSignals"]["nodes"]
    return [(one["member"]["customer"]["name"], one["kind"], one["value"], one["reason"]) for one in found]


async def test_signs_of_abuse_are_shown_with_a_reason_and_change_nothing(client: Client) -> None:
    ada = await member(client, "Ada", joinedAt="2020-01-01T00:00:00Z")
    bob = await member(client, "Bob", joinedAt="2026-01-01T00:00:00Z")
    for day in range(4):
        await review(client, ada, at=f"2026-02-01T0{day}:00:00Z")
    assert await signals(client) == []
    await review(client, ada, at="2026-02-01T23:59:59Z")
    await review(client, ada, at="2026-02-02T00:00:00Z")
    assert await signals(client) == [("Ada", "BURST", 5, "5 acts were done on one day.")]
    for giver, receiver in ((ada, bob), (bob, ada)):
        for day in (10, 20, 30):
            link = await make(
                client,
                "advocacyRecord",
                giverId=giver,
                receiverId=receiver,
                kind="DEFENCE",
                at=f"2026-01-{day}T00:00:00Z",
            )
            await make(client, "actRecord", customerId=giver, kind="DEFENCE", linkId=link)
    found = await signals(client)
    assert sorted(found) == sorted(
        [
            ("Ada", "BURST", 5, "5 acts were done on one day."),
            ("Ada", "ONE_PERSON", 3, "All 3 acts that concern somebody concern the same person."),
            ("Ada", "MUTUAL", 3, "3 acts are for members whose acts are for this member."),
            ("Bob", "ONE_PERSON", 3, "All 3 acts that concern somebody concern the same person."),
            ("Bob", "MUTUAL", 3, "3 acts are for members whose acts are for this member."),
            ("Bob", "FRESH_ACCOUNT", 3, "3 acts were done in the first 30 days of the account."),
        ]
    )
    states = await client.data("{ programmeActs(first: 50) { nodes { state } } }")
    assert {act["state"] for act in states["programmeActs"]["nodes"]} == {"ACCEPTED", "RECORDED"}


async def test_points_beyond_the_influence_are_a_sign(client: Client) -> None:
    await member(client, "Ada")
    await write(
        client,
        "CREATE (:Publication {name: 'influence', slot: 'B', run: 'r', publishedAt: '2026-01-01T00:00:00.000Z'})",
    )
    setting = "MATCH (c:Customer)-[:IN_PROGRAMME]->(b) SET b.earned = $earned, c.reachB = $reach"
    for earned, reach, expected in (
        (99, 0.1, []),
        (120, 0.6, []),
        (121, 0.6, ["BEYOND_INFLUENCE"]),
        (500, None, []),
    ):
        await write(client, setting, earned=earned, reach=reach)
        assert [kind for _, kind, _, _ in await signals(client)] == expected, (earned, reach)


async def test_evidence_that_vanishes_is_a_sign(client: Client) -> None:
    ada, bob = await member(client, "Ada"), await person(client, "Bob")
    said = await mention(client, ada)
    link = await make(client, "advocacyRecord", giverId=ada, receiverId=bob, kind="DEFENCE")
    shown = [
        await make(client, "actRecord", customerId=ada, kind="REVIEW", mentionId=said),
        await make(client, "actRecord", customerId=ada, kind="DEFENCE", linkId=link),
    ]
    await call(client, "mentionDelete", "deletedId", id=said)
    await call(client, "advocacyRetract", "retractedId", id=link)
    assert await signals(client) == []
    for act in shown:
        await call(client, "actJudge", "act { state mention { id } }", actId=act, verdict="ACCEPT")
    assert await signals(client) == [("Ada", "EVIDENCE_GONE", 2, "The evidence of 2 accepted acts is gone.")]
    turkish = await client.data("{ abuseSignals { nodes { reasonTurkish } } }")
    assert turkish["abuseSignals"]["nodes"] == [
        {"reasonTurkish": "Kabul edilmiş 2 eylemin kanıtı artık yok."}
    ]


async def test_signs_are_for_managers(client: Client) -> None:
    for role, allowed in ((Role.AGENT, False), (Role.COMMUNITY_MANAGER, True)):
        answer = await (await client.as_role(role))("{ abuseSignals { totalCount } }")
        assert ("errors" not in answer) is allowed
