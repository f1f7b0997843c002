"""The programme: consent first, evidence of one's own, and nothing to those who left."""

from typing import Any

import pytest

from graph import acts, advocacy, challenges, customers, ideas, mentions, programme
from graph.acts import ActState
from graph.driver import Graph
from graph.errors import GraphError, Invalid, NotAllowed, NotFound, Taken
from graph.programme import MemberState
from tests.decided import decided

NOW, LATER = "2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z"
ASKED = {"channel": "email", "wording": "Would you like to join?"}
CONSENT = {"channel": "app", "wording": "I join, and may be written to.", "proof": "click 17"}
STEPS = """
MATCH (:ProgrammeMember {customer: $customer})-[:HAS_STEP]->(u)
RETURN u.state AS state, u.channel AS channel, u.wording AS wording, u.proof AS proof, u.at AS at ORDER BY u.uid
"""


async def customer(graph: Graph, **fields: object) -> str:
    return (await graph.write(customers.upsert, now=NOW, fields=fields)).uid


async def member(graph: Graph, **fields: object) -> str:
    """The customer of a new active member."""
    who = await customer(graph, **fields)
    await graph.write(programme.invite, customer=who, now=NOW, **ASKED)
    await graph.write(programme.join, customer=who, now=NOW, **CONSENT)
    return who


async def mention(graph: Graph, author: str, **given: Any) -> str:
    made = await graph.write(
        mentions.record, author=author, channel="x", text="Good coffee.", at=NOW, now=NOW, **given
    )
    return str(made.uid)


async def link(graph: Graph, giver: str, receiver: str, kind: str, **given: Any) -> str:
    made = await graph.write(
        advocacy.record, giver=giver, receiver=receiver, kind=kind, weight=1.0, now=NOW, **given
    )
    return str(made.uid)


async def idea(graph: Graph, author: str | None) -> str:
    challenge = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    made = await graph.write(
        ideas.idea_submit, challenge=challenge.uid, author=author, title="Decaf", now=NOW
    )
    return made.uid


async def steps(graph: Graph, who: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await graph.read(STEPS, customer=who)]


async def test_consent_is_kept_with_its_words_and_proof(graph: Graph) -> None:
    who = await member(graph)
    assert await steps(graph, who) == [
        ("INVITED", "email", ASKED["wording"], None, NOW),
        ("ACTIVE", "app", CONSENT["wording"], "click 17", NOW),
    ]


async def test_an_invitation_is_sent_once(graph: Graph) -> None:
    who = await customer(graph)
    first = await graph.write(programme.invite, customer=who, now=NOW, **ASKED)
    again = await graph.write(programme.invite, customer=who, now=LATER, **ASKED)
    assert first == again
    assert len(await steps(graph, who)) == 1


async def test_who_left_or_declined_is_not_invited_but_comes_back_with_new_consent(graph: Graph) -> None:
    gone, shy = await member(graph), await customer(graph)
    await graph.write(programme.invite, customer=shy, now=NOW, **ASKED)
    await graph.write(programme.leave, customer=gone, now=NOW)
    await graph.write(programme.decline, customer=shy, now=NOW)
    for who, state in ((gone, "LEFT"), (shy, "DECLINED")):
        with pytest.raises(NotAllowed, match="do not write to them"):
            await graph.write(programme.invite, customer=who, now=LATER, **ASKED)
        back = await graph.write(programme.join, customer=who, now=LATER, **CONSENT)
        assert back.state is MemberState.ACTIVE
        assert [step[0] for step in await steps(graph, who)][-2:] == [state, "ACTIVE"]


async def test_leaving_twice_is_leaving_once_and_joining_twice_is_joining_once(graph: Graph) -> None:
    who = await member(graph)
    await graph.write(programme.join, customer=who, now=LATER, **CONSENT)
    for _ in range(2):
        assert (await graph.write(programme.leave, customer=who, now=LATER)).state is MemberState.LEFT
    assert [step[0] for step in await steps(graph, who)] == ["INVITED", "ACTIVE", "LEFT"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"kind": "STAFF"}, "staff"), ({"kind": "BOT"}, "bot"), ({"suspended": True}, "suspended")],
)
async def test_only_customers_in_good_standing_take_part(
    graph: Graph, fields: dict[str, object], why: str
) -> None:
    who = await customer(graph, **fields)
    with pytest.raises(NotAllowed, match=why):
        await graph.write(programme.invite, customer=who, now=NOW, **ASKED)
    taking_part = await member(graph)
    await graph.write(customers.upsert, now=NOW, uid=taking_part, fields=fields)
    with pytest.raises(NotAllowed, match=why):
        await graph.write(programme.hold_active, taking_part)


async def test_nobody_joins_uninvited(graph: Graph) -> None:
    who = await customer(graph)
    with pytest.raises(NotFound, match="invite them first"):
        await graph.write(programme.join, customer=who, now=NOW, **CONSENT)
    with pytest.raises(NotFound, match="no customer"):
        await graph.write(programme.join, customer="none", now=NOW, **CONSENT)
    await graph.write(programme.invite, customer=who, now=NOW, **ASKED)
    with pytest.raises(NotAllowed, match="decline instead"):
        await graph.write(programme.leave, customer=who, now=NOW)


async def test_acts_are_shown_by_evidence_of_their_own_kind(graph: Graph) -> None:
    ada, bob = await member(graph), await customer(graph)
    asked, adopted = await mention(graph, bob), await idea(graph, ada)
    await decided(graph, adopted, "PLANNED")
    evidence: dict[str, dict[str, Any]] = {
        "REFERRAL": {"link": await link(graph, ada, bob, "REFERRAL", outcome="bought", value=9.5)},
        "ANSWER": {"mention": await mention(graph, ada, in_reply_to=asked)},
        "REVIEW": {"mention": await mention(graph, ada)},
        "DEFENCE": {"link": await link(graph, ada, bob, "DEFENCE")},
        "IDEA_ADOPTED": {"idea": adopted},
    }
    for kind, given in evidence.items():
        made = await graph.write(acts.record, customer=ada, kind=kind, now=NOW, **given)
        assert (made.kind.value, made.state) == (kind, ActState.RECORDED)
        again = await graph.write(acts.record, customer=ada, kind=kind, now=LATER, **given)
        assert again == made
    stored = await graph.read_one("MATCH (d:ProgrammeAct {kind: 'REFERRAL'}) RETURN properties(d) AS own")
    assert stored is not None
    assert (stored["own"]["outcome"], stored["own"]["value"], stored["own"]["counterpart"]) == (
        "bought",
        9.5,
        bob,
    )


async def test_evidence_that_shows_something_else_is_refused(graph: Graph) -> None:
    ada, bob = await member(graph), await member(graph)
    other, own = await mention(graph, bob), await mention(graph, ada)
    to_oneself = await mention(graph, ada, in_reply_to=own)
    warning = await link(graph, ada, bob, "WARNING")
    declined = await idea(graph, ada)
    await decided(graph, declined, "DECLINED")
    adopted = await idea(graph, None)
    await decided(graph, adopted, "PLANNED")
    wrong: list[tuple[str, dict[str, Any], type[GraphError], str]] = [
        ("REVIEW", {"mention": other}, Invalid, "not by this member"),
        ("REVIEW", {"mention": "none"}, NotFound, "no mention none"),
        ("REVIEW", {}, Invalid, "one mention or advocacy link"),
        ("REVIEW", {"mention": own, "link": warning}, Invalid, "nothing else"),
        ("ANSWER", {"mention": own}, Invalid, "answers nobody else"),
        ("ANSWER", {"mention": to_oneself}, Invalid, "answers nobody else"),
        ("REFERRAL", {"link": warning}, Invalid, "of the kind WARNING"),
        ("REFERRAL", {"mention": own}, Invalid, "one advocacy link"),
        ("IDEA_ADOPTED", {"idea": declined}, Invalid, "not adopted"),
        ("IDEA_ADOPTED", {"idea": await idea(graph, ada)}, Invalid, "not adopted"),
        ("IDEA_ADOPTED", {"idea": adopted}, Invalid, "not by this member"),
        ("BRAVERY", {"mention": own}, Invalid, "kind is none of"),
    ]
    for kind, given, error, why in wrong:
        with pytest.raises(error, match=why):
            await graph.write(acts.record, customer=ada, kind=kind, now=NOW, **given)
    await graph.write(acts.record, customer=ada, kind="REVIEW", now=NOW, mention=own)
    with pytest.raises(Taken, match="REVIEW"):
        await graph.write(acts.record, customer=ada, kind="DEFENCE", now=NOW, mention=own)


async def test_who_left_records_nothing_but_is_paid_for_what_was(graph: Graph) -> None:
    ada = await member(graph)
    own, later = await mention(graph, ada), await mention(graph, ada)
    act = await graph.write(acts.record, customer=ada, kind="REVIEW", now=NOW, mention=own)
    await graph.write(programme.leave, customer=ada, now=NOW)
    with pytest.raises(NotAllowed, match="does not take part"):
        await graph.write(acts.record, customer=ada, kind="REVIEW", now=NOW, mention=later)
    await graph.write(acts.judge, act=act.uid, accepted=True, by="eva", now=LATER)
    assert (await graph.write(programme.hold, ada)).spendable == 15
