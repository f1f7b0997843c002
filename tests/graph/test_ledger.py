"""The ledger: its entries add up to every balance, whatever happens in whatever order and at the same time."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import acts, customers, ledger, mentions, programme, rewards
from graph.driver import Graph, Transaction
from graph.errors import Invalid, NotAllowed, NotFound, Taken
from graph.ledger import Amounts
from graph.programme import ActKind, Member, MemberState
from graph.rewards import RedemptionState

NOW, LATER, MUCH_LATER = (f"2026-0{month}-01T00:00:00.000Z" for month in (2, 3, 6))
CONSENT = {"channel": "app", "wording": "I join."}
BALANCES = """
MATCH (b:ProgrammeMember {customer: $customer})
RETURN b.earned AS earned, b.spendable AS spendable, b.owed AS owed
"""
ENTRIES = """
MATCH (b:ProgrammeMember {customer: $customer})-[:HAS_ENTRY]->(l)
RETURN l.kind AS kind, l.earned AS earned, l.spendable AS spendable, l.owed AS owed, l.at AS at ORDER BY l.uid
"""
STOCK = "MATCH (w:Reward {uid: $uid}) RETURN w.stock AS stock"


async def member(graph: Graph) -> str:
    who = (await graph.write(customers.upsert, now=NOW, fields={})).uid
    await graph.write(programme.invite, customer=who, now=NOW, **CONSENT)
    await graph.write(programme.join, customer=who, now=NOW, **CONSENT)
    return who


async def act(graph: Graph, who: str) -> str:
    """A review, which earns 15 points, not judged yet."""
    said = await graph.write(mentions.record, author=who, channel="x", text="Good.", at=NOW, now=NOW)
    return (await graph.write(acts.record, customer=who, kind="REVIEW", now=NOW, mention=said.uid)).uid


async def earned(graph: Graph, who: str) -> str:
    """An accepted review."""
    made = await act(graph, who)
    await graph.write(acts.judge, act=made, accepted=True, by="eva", now=NOW)
    return made


async def reward(graph: Graph, **fields: object) -> str:
    return (await graph.write(rewards.upsert, now=NOW, fields={"name": "Cup", "points": 10} | fields)).uid


async def balances(graph: Graph, who: str) -> tuple[int, int, int]:
    row = await graph.read_one(BALANCES, customer=who)
    assert row is not None
    return row["earned"], row["spendable"], row["owed"]


async def entries(graph: Graph, who: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await graph.read(ENTRIES, customer=who)]


async def sums(graph: Graph, who: str) -> tuple[int, int, int]:
    booked = await entries(graph, who)
    earned, spendable, owed = (sum(row[name] for row in booked) for name in ("earned", "spendable", "owed"))
    return earned, spendable, owed


async def stock(graph: Graph, uid: str) -> int | None:
    row = await graph.read_one(STOCK, uid=uid)
    return None if row is None else row["stock"]


async def test_an_accepted_act_earns_and_a_redemption_spends_without_touching_the_rank(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph, stock=1)
    await earned(graph, who)
    made = await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)
    assert made.state is RedemptionState.REQUESTED
    assert await balances(graph, who) == await sums(graph, who) == (15, 5, 0)
    assert [row["kind"] for row in await entries(graph, who)] == ["EARN", "SPEND"]
    assert await stock(graph, cup) == 0


async def test_a_cancelled_redemption_gives_points_and_stock_back_once(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph, stock=1)
    await earned(graph, who)
    made = await graph.write(rewards.redeem, customer=who, reward=cup, now=NOW)
    for _ in range(2):
        await graph.write(rewards.cancel, redemption=made.uid, by="eva", now=LATER, reason="broken")
    assert await balances(graph, who) == await sums(graph, who) == (15, 15, 0)
    assert await stock(graph, cup) == 1
    with pytest.raises(NotAllowed, match="cancelled"):
        await graph.write(rewards.fulfil, redemption=made.uid, by="eva", now=LATER)


async def test_a_fulfilled_redemption_stands(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph)
    await earned(graph, who)
    made = await graph.write(rewards.redeem, customer=who, reward=cup, now=NOW)
    for _ in range(2):
        await graph.write(rewards.fulfil, redemption=made.uid, by="eva", now=LATER)
    with pytest.raises(NotAllowed, match="handed out"):
        await graph.write(rewards.cancel, redemption=made.uid, by="eva", now=LATER)
    assert await stock(graph, cup) is None


async def test_what_was_spent_before_a_reversal_is_owed_and_paid_first(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph)
    wrong = await earned(graph, who)
    await graph.write(rewards.redeem, customer=who, reward=cup, now=NOW)
    for _ in range(2):
        await graph.write(acts.reverse, act=wrong, by="eva", reason="bought", now=LATER)
    assert await balances(graph, who) == await sums(graph, who) == (0, 0, 10)
    with pytest.raises(NotAllowed, match="10 points too few"):
        await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)
    await earned(graph, who)
    assert await balances(graph, who) == await sums(graph, who) == (15, 5, 0)
    assert [row["kind"] for row in await entries(graph, who)] == ["EARN", "SPEND", "REVERSE", "EARN"]


async def test_a_refusal_earns_nothing_and_may_be_mended_but_a_reversal_stands(graph: Graph) -> None:
    who = await member(graph)
    made = await act(graph, who)
    with pytest.raises(Invalid, match="reason"):
        await graph.write(acts.judge, act=made, accepted=False, by="eva", now=NOW)
    await graph.write(acts.judge, act=made, accepted=False, by="eva", now=NOW, reason="off topic")
    with pytest.raises(NotAllowed, match="only one that was accepted"):
        await graph.write(acts.reverse, act=made, by="eva", reason="x", now=NOW)
    assert await balances(graph, who) == (0, 0, 0)
    for _ in range(2):
        await graph.write(acts.judge, act=made, accepted=True, by="eva", now=LATER)
    assert await balances(graph, who) == (15, 15, 0)
    with pytest.raises(NotAllowed, match="reverse what was accepted"):
        await graph.write(acts.judge, act=made, accepted=False, by="eva", now=LATER, reason="x")
    await graph.write(acts.reverse, act=made, by="eva", reason="x", now=LATER)
    with pytest.raises(NotAllowed, match="a reversal stands"):
        await graph.write(acts.judge, act=made, accepted=True, by="eva", now=LATER)


async def test_declared_points_hold_for_what_is_accepted_after(graph: Graph) -> None:
    who = await member(graph)
    before = await earned(graph, who)
    await graph.write(programme.set_points, points={ActKind.REVIEW: 100})
    await earned(graph, who)
    assert await balances(graph, who) == (115, 115, 0)
    await graph.write(acts.reverse, act=before, by="eva", reason="x", now=LATER)
    assert await balances(graph, who) == (100, 100, 0)
    assert await graph.write(programme.points_of, ActKind.REFERRAL) == 50
    for wrong in (-1, 1.5, True, 10**9):
        with pytest.raises(Invalid, match="reviewPoints"):
            await graph.write(programme.set_points, points={ActKind.REVIEW: wrong})


async def test_a_limit_holds_for_a_member_and_a_period(graph: Graph) -> None:
    who, other = await member(graph), await member(graph)
    cup = await reward(graph, points=1, memberLimit=1, limitDays=60)
    for each in (who, other):
        await earned(graph, each)
        await graph.write(rewards.redeem, customer=each, reward=cup, now=NOW)
    with pytest.raises(NotAllowed, match="in 60 days"):
        await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)
    await graph.write(rewards.redeem, customer=who, reward=cup, now=MUCH_LATER)
    ever = await reward(graph, points=1, memberLimit=1)
    first = await graph.write(rewards.redeem, customer=who, reward=ever, now=NOW)
    with pytest.raises(NotAllowed, match="may have 1"):
        await graph.write(rewards.redeem, customer=who, reward=ever, now=MUCH_LATER)
    await graph.write(rewards.cancel, redemption=first.uid, by="eva", now=LATER)
    await graph.write(rewards.redeem, customer=who, reward=ever, now=MUCH_LATER)


async def test_who_left_redeems_nothing_and_keeps_the_points(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph)
    await earned(graph, who)
    await graph.write(programme.leave, customer=who, now=NOW)
    with pytest.raises(NotAllowed, match="does not take part"):
        await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)
    await graph.write(programme.join, customer=who, now=LATER, **CONSENT)
    await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)
    assert await balances(graph, who) == (15, 5, 0)


async def test_a_reward_is_one_by_external_id_and_changes_in_part(graph: Graph) -> None:
    cup: dict[str, object] = {"name": "Cup", "points": 5, "stock": 2}
    first = await graph.write(rewards.upsert, now=NOW, external_id="cup", fields=cup)
    again = await graph.write(rewards.upsert, now=NOW, external_id="cup", fields={"stock": None})
    assert (first.created, again.created, again.uid) == (True, False, first.uid)
    assert await stock(graph, first.uid) is None
    other = await graph.write(rewards.upsert, now=NOW, fields={"name": "Bag", "points": 1})
    with pytest.raises(Taken, match="cup"):
        await graph.write(rewards.upsert, now=NOW, uid=other.uid, external_id="cup", fields={})
    wrong: list[tuple[dict[str, object], str]] = [
        ({"name": "x"}, "points"),
        ({"points": 1}, "name"),
        ({"name": "x", "points": 0}, "points"),
        ({"name": "x", "points": 1, "stock": -1}, "stock"),
        ({"name": "x", "points": 1, "limitDays": 0}, "limitDays"),
        ({"name": "x", "points": 1, "colour": "red"}, "colour"),
    ]
    for fields, named in wrong:
        with pytest.raises(Invalid, match=named):
            await graph.write(rewards.upsert, now=NOW, fields=fields)
    for work in (rewards.fulfil, rewards.cancel):
        with pytest.raises(NotFound, match="no redemption"):
            await graph.write(work, redemption="none", by="eva", now=NOW)
    with pytest.raises(NotFound, match="no reward"):
        await graph.write(rewards.redeem, customer=await member(graph), reward="none", now=NOW)


async def test_twenty_members_redeem_the_last_five(graph: Graph) -> None:
    everyone = [await member(graph) for _ in range(20)]
    for who in everyone:
        await earned(graph, who)
    cup = await reward(graph, stock=5)
    tries = [graph.write(rewards.redeem, customer=who, reward=cup, now=LATER) for who in everyone]
    done = await asyncio.gather(*tries, return_exceptions=True)
    refused = [one for one in done if isinstance(one, NotAllowed)]
    assert len(refused) == 15, [one for one in done if not isinstance(one, NotAllowed)]
    assert all("out of stock" in one.message for one in refused)
    assert await stock(graph, cup) == 0
    found = [await balances(graph, who) for who in everyone]
    assert sorted(found) == [(15, 5, 0)] * 5 + [(15, 15, 0)] * 15
    assert found == [await sums(graph, who) for who in everyone]


async def test_one_member_from_twenty_clients_spends_what_there_is(graph: Graph) -> None:
    who, cup = await member(graph), await reward(graph)
    for _ in range(3):
        await earned(graph, who)
    late = [await act(graph, who) for _ in range(2)]
    spending = [graph.write(rewards.redeem, customer=who, reward=cup, now=LATER) for _ in range(20)]
    earning = [graph.write(acts.judge, act=one, accepted=True, by="eva", now=LATER) for one in late * 2]
    done = await asyncio.gather(*spending, *earning, return_exceptions=True)
    redeemed = [one for one in done if isinstance(one, rewards.Redemption)]
    assert [one for one in done if isinstance(one, Exception) and not isinstance(one, NotAllowed)] == []
    assert 4 <= len(redeemed) <= 7
    assert await balances(graph, who) == await sums(graph, who) == (75, 75 - 10 * len(redeemed), 0)


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "refuse", "reverse", "redeem", "cancel", "fulfil", "leave", "join"]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS, together=st.booleans())
async def test_any_sequence_adds_up(graph: Graph, operations: list[tuple[str, int]], together: bool) -> None:
    who, cup = await member(graph), await reward(graph, points=20, stock=3, memberLimit=2)
    made = [await act(graph, who) for _ in range(4)]
    done: list[str] = []

    async def operate(name: str, at: int) -> None:
        with suppress(NotAllowed):
            if name == "earn":
                await graph.write(acts.judge, act=made[at], accepted=True, by="eva", now=LATER)
            elif name == "refuse":
                await graph.write(acts.judge, act=made[at], accepted=False, by="eva", now=LATER, reason="x")
            elif name == "reverse":
                await graph.write(acts.reverse, act=made[at], by="eva", reason="x", now=LATER)
            elif name == "redeem":
                done.append((await graph.write(rewards.redeem, customer=who, reward=cup, now=LATER)).uid)
            elif name in {"cancel", "fulfil"} and done:
                work = rewards.cancel if name == "cancel" else rewards.fulfil
                await graph.write(work, redemption=done[at % len(done)], by="eva", now=LATER)
            elif name == "leave":
                await graph.write(programme.leave, customer=who, now=LATER)
            elif name == "join":
                await graph.write(programme.join, customer=who, now=LATER, **CONSENT)

    if together:
        await asyncio.gather(*(operate(*each) for each in operations))
    else:
        for each in operations:
            await operate(*each)
            await _holds(graph, who, cup)
    await _holds(graph, who, cup)


KEPT = """
MATCH (b:ProgrammeMember {customer: $customer})
OPTIONAL MATCH (b)-[:DID]->(d:ProgrammeAct {state: 'ACCEPTED'})
WITH b, coalesce(sum(d.points), 0) AS accepted
OPTIONAL MATCH (b)-[:REDEEMED]->(r) WHERE r.state <> 'CANCELLED'
RETURN accepted, count(r) AS redeemed
"""


async def _holds(graph: Graph, who: str, cup: str) -> None:
    """What is true of a ledger at any time."""
    have = await balances(graph, who)
    assert have == await sums(graph, who)
    row = await graph.read_one(KEPT, customer=who)
    assert row is not None
    earned_, spendable, owed = have
    assert min(have) >= 0
    assert spendable == 0 or owed == 0
    assert earned_ == row["accepted"]
    assert earned_ - 20 * row["redeemed"] == spendable - owed
    left = await stock(graph, cup)
    assert left == 3 - row["redeemed"]
    assert row["redeemed"] <= 2


MEMBERS = st.builds(
    lambda spendable, owed: Member("u", "c", MemberState.ACTIVE, 0, spendable, 0 if spendable else owed),
    st.integers(0, 100),
    st.integers(0, 100),
)


@given(MEMBERS, st.integers(0, 100))
def test_what_comes_in_pays_debts_and_what_is_missing_becomes_one(held: Member, points: int) -> None:
    for amounts, sign in (
        (ledger.incoming(held, points, earned=True), 1),
        (ledger.outgoing(held, points, earned=True), -1),
    ):
        assert isinstance(amounts, Amounts)
        assert amounts.earned == amounts.spendable - amounts.owed == sign * points
        spendable, owed = held.spendable + amounts.spendable, held.owed + amounts.owed
        assert min(spendable, owed) == 0 <= max(spendable, owed)


async def test_nothing_is_booked_twice(graph: Graph) -> None:
    who = await member(graph)
    made = await earned(graph, who)

    async def again(tx: Transaction) -> None:
        await ledger.earn(tx, await programme.hold(tx, who), act=made, points=15, now=LATER)

    with pytest.raises(Taken):
        await graph.write(again)
    assert await balances(graph, who) == await sums(graph, who) == (15, 15, 0)
