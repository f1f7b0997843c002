"""A referral link has one code; who came by several is converted once, by the first in time, never by themselves."""

import asyncio
import re
from collections import Counter
from typing import Any

import pytest

from graph import advocacy, customers, programme, referrals
from graph.customers import Handle
from graph.driver import Graph
from graph.errors import Closed, GraphError, Invalid, NotAllowed, NotFound, Taken
from graph.referrals import ALPHABET, LINKS, ReferralLink

NOW = "2026-03-01T00:00:00.000Z"
DAY = "2026-03-{:02}T00:00:00.000Z".format
LINK = """
MATCH (k:ReferralLink {uid: $uid})
RETURN k.conversions AS conversions, k.value AS value, COUNT { (k)<-[:VISITED]-() } AS visits,
  COUNT { (k)<-[:CAME_BY]-() } AS joined
"""
TIES = "MATCH (a:Customer)-[t:TIE]->(b) RETURN a.uid AS a, b.uid AS b"
LINKED = "MATCH (a:Customer)-[l:ADVOCATED]->(b) RETURN a.uid AS giver, b.uid AS receiver, l{.*} AS own"


async def _person(graph: Graph, *handles: Handle, **fields: object) -> str:
    made = await graph.write(customers.upsert, now=NOW, fields=fields, identities=handles)
    return made.uid


async def _link(graph: Graph, advocate: str | None = None, **given: Any) -> ReferralLink:
    owner = advocate or await _person(graph)
    return await graph.write(referrals.keep, advocate=owner, now=NOW, **given)


async def _counts(graph: Graph, link: ReferralLink) -> tuple[int, int, int, float]:
    (row,) = await graph.read(LINK, uid=link.uid)
    return row["visits"], row["joined"], row["conversions"], row["value"]


async def test_a_code_is_long_random_and_without_look_alikes(graph: Graph) -> None:
    codes = [referrals.new_code() for _ in range(2000)]
    assert len(set(codes)) == 2000
    assert not set(ALPHABET) & set("0O1IİL2Z5S8BUV")
    counts = Counter("".join(codes))
    assert set(counts) == set(ALPHABET)
    assert max(counts.values()) < 1.4 * min(counts.values())
    made = await _link(graph)
    assert re.fullmatch(f"[{ALPHABET}]{{10}}", made.code)
    typed = f" {made.code[:5].lower()}-{made.code[5:]} "
    assert await graph.write(referrals.visit, code=typed, visitor="v", now=NOW) == made.uid


async def test_an_advocate_has_one_link_a_product_and_label(graph: Graph) -> None:
    ann = await _person(graph)
    first, *others = await asyncio.gather(*(_link(graph, ann, label="Işık") for _ in range(10)))
    assert {each.code for each in others} == {first.code}
    assert sum(each.created for each in (first, *others)) == 1
    assert (await _link(graph, ann, label="ISIK")).uid == first.uid
    assert (await _link(graph, ann)).uid != first.uid
    assert (await _link(graph, label="Işık")).uid != first.uid


async def test_a_link_ends_or_is_switched_off_and_on(graph: Graph) -> None:
    ann, ben = await _person(graph), await _person(graph)
    link = await _link(graph, ann, fields={"endsAt": DAY(5)})
    use = [(referrals.visit, {"visitor": "v"}), (referrals.join, {"customer": ben})]
    for act, given in use:
        await graph.write(act, code=link.code, now=DAY(4), **given)  # type: ignore[arg-type]
        with pytest.raises(Closed) as over:
            await graph.write(act, code=link.code, now=DAY(5), **given)  # type: ignore[arg-type]
        assert over.value.field == "code"
    await _link(graph, ann, fields={"endsAt": None, "switchedOn": False})
    with pytest.raises(Closed):
        await graph.write(referrals.visit, code=link.code, visitor="v", now=DAY(6))
    await _link(graph, ann, fields={"switchedOn": True})
    assert await graph.write(referrals.visit, code=link.code, visitor="v", now=DAY(6)) == link.uid
    # what was reached while it was open stays reached
    await _link(graph, ann, fields={"switchedOn": False})
    assert (await graph.write(referrals.convert, customer=ben, now=DAY(7))).link == link.uid


async def test_visitors_are_counted_once_and_kept_as_a_hash(graph: Graph) -> None:
    link, other = await _link(graph), await _link(graph)
    await asyncio.gather(
        *(graph.write(referrals.visit, code=link.code, visitor=f"v{n % 4}", now=NOW) for n in range(20))
    )
    await graph.write(referrals.visit, code=other.code, visitor="v0", now=NOW)
    assert await _counts(graph, link) == (4, 0, 0, 0.0)
    assert await _counts(graph, other) == (1, 0, 0, 0.0)
    kept = await graph.read("MATCH (v:ReferralVisit) RETURN v.visitor AS name")
    assert all(re.fullmatch("[0-9a-f]{64}", row["name"]) for row in kept)


ACTS = """
MATCH (b:ProgrammeMember)-[:DID]->(d:ProgrammeAct)
RETURN b.customer AS customer, d.kind AS kind, d.state AS state, d.link AS link, d.outcome AS outcome, d.value AS value
"""


async def test_a_conversion_is_an_act_of_an_advocate_who_takes_part(graph: Graph) -> None:
    ann, ben, cem = [await _person(graph) for _ in range(3)]
    link = await _link(graph, ann)
    for customer in (ben, cem):
        await graph.write(referrals.join, code=link.code, customer=customer, now=DAY(2))
    await graph.write(referrals.convert, customer=ben, now=DAY(3))
    assert await graph.read(ACTS) == []
    for step in (programme.invite, programme.join):
        await graph.write(step, customer=ann, channel="email", wording="May we write to you?", now=DAY(3))
    given: dict[str, Any] = {"customer": cem, "outcome": "bought", "value": 40.0}
    made = await graph.write(referrals.convert, now=DAY(4), **given)
    await graph.write(referrals.convert, now=DAY(5), **given)
    act = {"customer": ann, "kind": "REFERRAL", "state": "RECORDED", "link": made.advocacy}
    assert [dict(row) for row in await graph.read(ACTS)] == [act | {"outcome": "bought", "value": 40.0}]


async def test_a_conversion_is_an_advocacy_link_with_its_tie_and_can_be_taken_back(graph: Graph) -> None:
    ann, ben = await _person(graph), await _person(graph)
    link = await _link(graph, ann)
    await graph.write(referrals.join, code=link.code, customer=ben, now=DAY(2))
    given: dict[str, Any] = {"customer": ben, "outcome": "bought", "value": 40.0}
    made = await graph.write(referrals.convert, now=DAY(9), **given)
    assert (made.link, made.created) == (link.uid, True)
    (row,) = await graph.read(LINKED)
    own = dict(row["own"])
    assert (row["giver"], row["receiver"]) == (ann, ben)
    assert (own["kind"], own["at"], own["outcomeAt"]) == ("REFERRAL", DAY(2), DAY(9))
    assert (own["outcome"], own["value"], own["referralLink"]) == ("bought", 40.0, link.uid)
    assert [(tie["a"], tie["b"]) for tie in await graph.read(TIES)] == [(ben, ann)]
    assert await _counts(graph, link) == (0, 1, 1, 40.0)

    again = await graph.write(referrals.convert, now=DAY(10), **given)
    assert (again.advocacy, again.created) == (made.advocacy, False)
    for other in ({"value": 41.0}, {"outcome": "joined"}, {"at": DAY(8)}):
        with pytest.raises(Taken):
            await graph.write(referrals.convert, now=DAY(10), **given | other)

    await graph.write(advocacy.retract, uid=made.advocacy)
    assert await _counts(graph, link) == (0, 1, 0, 0.0)
    assert await graph.read(TIES) == []
    fresh = await graph.write(referrals.convert, now=DAY(10), **given | {"value": 41.0})
    assert fresh.created
    assert await _counts(graph, link) == (0, 1, 1, 41.0)


async def test_the_first_link_inside_its_window_is_credited(graph: Graph) -> None:
    ben = await _person(graph)
    short = await _link(graph, fields={"windowDays": 3})
    first, last = await _link(graph), await _link(graph)
    for link, day in ((short, 1), (first, 5), (last, 6), (first, 8)):
        await graph.write(referrals.join, code=link.code, customer=ben, now=DAY(day))
    with pytest.raises(NotFound) as early:
        await graph.write(referrals.convert, customer=ben, now=DAY(9), at="2026-02-28T00:00:00.000Z")
    assert early.value.field == "customer"
    assert (await graph.write(referrals.convert, customer=ben, now=DAY(9))).link == first.uid


@pytest.mark.parametrize(("day", "which"), [(4, 0), (5, 1), (31, None)])
async def test_a_window_ends_to_the_millisecond_and_a_later_touch_opens_it_anew(
    graph: Graph, day: int, which: int | None
) -> None:
    ben = await _person(graph)
    links = [await _link(graph, fields={"windowDays": 3}), await _link(graph, fields={"windowDays": 25})]
    for link, at in zip(links, (1, 2), strict=True):
        await graph.write(referrals.join, code=link.code, customer=ben, now=DAY(at))
    if which is None:
        with pytest.raises(NotFound):
            await graph.write(referrals.convert, customer=ben, now=DAY(day))
        await graph.write(referrals.join, code=links[0].code, customer=ben, now=DAY(day))
        which = 0
    assert (await graph.write(referrals.convert, customer=ben, now=DAY(day))).link == links[which].uid


async def test_what_a_visitor_saw_before_joining_counts_from_then(graph: Graph) -> None:
    ben = await _person(graph)
    old, first, last, own = [await _link(graph) for _ in range(3)] + [await _link(graph, ben)]
    for link, at in ((old, "2026-01-01T00:00:00.000Z"), (own, DAY(1)), (first, DAY(2)), (last, DAY(3))):
        await graph.write(referrals.visit, code=link.code, visitor="cookie", now=at)
    await graph.write(referrals.join, code=last.code, customer=ben, visitor="cookie", now=DAY(4))
    assert [(await _counts(graph, each))[1] for each in (old, own, first, last)] == [0, 0, 1, 1]
    assert (await graph.write(referrals.convert, customer=ben, now=DAY(5))).link == first.uid


@pytest.mark.parametrize(
    ("ann", "ben"),
    [
        ({"email": "ayse@example.org"}, {"email": "ayse+2@example.org"}),
        ({"email": "ay.se@gmail.com"}, {"handle": Handle("e-posta", "AYSE@gmail.com")}),
        ({"phone": "0532 123 45 67"}, {"phone": "+90 532 1234567"}),
        ({"phone": "0532 123 45 67"}, {"handle": Handle("WhatsApp", "+905321234567")}),
    ],
)
async def test_two_accounts_of_one_person_do_not_refer_each_other(
    graph: Graph, ann: dict[str, Any], ben: dict[str, Any]
) -> None:
    link = await _link(graph, await _account(graph, **ann))
    twin = await _account(graph, **ben)
    with pytest.raises(NotAllowed, match="Nobody refers themselves"):
        await graph.write(referrals.join, code=link.code, customer=twin, now=NOW)


async def _account(graph: Graph, handle: Handle | None = None, **fields: object) -> str:
    return await _person(graph, *([handle] if handle else []), **fields)


async def test_that_two_accounts_are_one_person_may_come_out_after_they_joined(graph: Graph) -> None:
    ann, ben = await _person(graph, email="ayse@example.org"), await _person(graph)
    link = await _link(graph, ann)
    await graph.write(referrals.join, code=link.code, customer=ben, now=NOW)
    await graph.write(customers.upsert, now=NOW, uid=ben, fields={"email": "ayse+2@example.org"})
    with pytest.raises(NotFound):
        await graph.write(referrals.convert, customer=ben, now=NOW)


async def test_nobody_refers_themselves_and_only_people_in_good_standing_do(graph: Graph) -> None:
    ann, ben = await _person(graph), await _person(graph)
    link = await _link(graph, ann)
    with pytest.raises(NotAllowed) as own:
        await graph.write(referrals.join, code=link.code, customer=ann, now=NOW)
    assert own.value.field == "code"
    for fields in ({"kind": "STAFF"}, {"kind": "BOT"}, {"suspended": True}):
        other = await _person(graph, **fields)
        with pytest.raises(NotAllowed) as refused:
            await _link(graph, other)
        assert refused.value.field == "advocate"
        for act in (referrals.join, referrals.convert):
            given = {"code": link.code} if act is referrals.join else {}
            with pytest.raises(NotAllowed):
                await graph.write(act, customer=other, now=NOW, **given)  # type: ignore[arg-type]
    await graph.write(referrals.join, code=link.code, customer=ben, now=NOW)
    await graph.write(customers.upsert, now=NOW, uid=ann, fields={"suspended": True})
    with pytest.raises(NotFound):
        await graph.write(referrals.convert, customer=ben, now=NOW)
    with pytest.raises(Closed):
        await graph.write(referrals.visit, code=link.code, visitor="v", now=NOW)


async def test_of_twenty_who_convert_one_customer_at_once_one_wins(graph: Graph) -> None:
    ben = await _person(graph)
    links = [await _link(graph) for _ in range(20)]
    barrier = asyncio.Barrier(20)

    async def claim(number: int) -> str | None:
        await graph.write(referrals.join, code=links[number].code, customer=ben, now=DAY(2 + number % 3))
        await barrier.wait()
        try:
            made = await graph.write(referrals.convert, customer=ben, now=DAY(9), value=float(number))
        except Taken:
            return None
        return made.link if made.created else None

    won = [link for link in await asyncio.gather(*map(claim, range(20))) if link is not None]
    assert len(won) == 1
    conversions = await graph.read(LINKED)
    assert [row["own"]["referralLink"] for row in conversions] == won
    firsts = {links[n].uid for n in range(20) if n % 3 == 0}
    assert won[0] == min(firsts)
    assert sum([(await _counts(graph, link))[2] for link in links]) == 1


async def test_twenty_customers_converted_at_once_are_all_counted(graph: Graph) -> None:
    link = await _link(graph)
    people = [await _person(graph) for _ in range(20)]

    async def bring(uid: str) -> None:
        await graph.write(referrals.join, code=link.code, customer=uid, now=DAY(2))
        await graph.write(referrals.convert, customer=uid, now=DAY(3), value=1.5)

    await asyncio.gather(*map(bring, people))
    assert await _counts(graph, link) == (0, 20, 20, 30.0)


@pytest.mark.parametrize(
    ("error", "field", "act", "given"),
    [
        (NotFound, "code", referrals.visit, {"code": "NOTHING", "visitor": "v"}),
        (Invalid, "visitor", referrals.visit, {"visitor": " "}),
        (NotFound, "customer", referrals.join, {"customer": "nobody"}),
        (NotFound, "customer", referrals.convert, {"customer": "nobody"}),
        (Invalid, "value", referrals.convert, {"customer": "nobody", "value": -1.0}),
        (Invalid, "at", referrals.convert, {"customer": "nobody", "at": DAY(2)}),
        (NotFound, "advocate", referrals.keep, {"advocate": "nobody"}),
        (NotFound, "product", referrals.keep, {"product": "nothing"}),
        (Invalid, "windowDays", referrals.keep, {"fields": {"windowDays": 0}}),
        (Invalid, "endsAt", referrals.keep, {"fields": {"endsAt": "tomorrow"}}),
    ],
)
async def test_unusable_input_is_named(
    graph: Graph, error: type[GraphError], field: str, act: Any, given: dict[str, Any]
) -> None:
    ann = await _person(graph)
    link = await _link(graph, ann)
    base = {"advocate": ann} if act is referrals.keep else {"code": link.code}
    if act is referrals.convert:
        base = {}
    with pytest.raises(error) as caught:
        await graph.write(act, now=NOW, **base | given)
    assert caught.value.field == field


async def test_an_advocate_has_at_most_a_hundred_links(graph: Graph) -> None:
    ann = await _person(graph)
    for number in range(LINKS):
        await _link(graph, ann, label=f"spring {number}")
    with pytest.raises(NotAllowed):
        await _link(graph, ann, label="one more")
    assert not (await _link(graph, ann, label="spring 7")).created
