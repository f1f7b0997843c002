"""Decisions: a workflow that a plain model follows step by step, drafts nobody sees, versions that stay."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import challenges, customers, decisions, ideas, votes
from graph.driver import Graph
from graph.errors import Closed, Conflict, GraphError, Invalid, NotAllowed, NotFound, Taken
from graph.ideas import IdeaStatus
from tests.decided import decided

NOW = "2026-01-02T00:00:00.000Z"
LIES = (
    "MATCH (i:Idea {uid: $uid})-[:HAS_STATUS]->(s:StatusChange) RETURN s.from AS a, s.to AS b ORDER BY s.uid"
)
SAID = """
MATCH (i:Idea {uid: $uid})-[:HAS_ANSWER]->(u:Answer)
RETURN u.version AS version, u.text AS text, i.answer = u.uid AS current ORDER BY u.version
"""
OWN = "MATCH (i:Idea {uid: $uid}) RETURN properties(i) AS own"

# written again, so that a slip in the table of the code is seen
ALLOWED = {
    "OPEN": "OPEN UNDER_REVIEW PLANNED DELIVERED DECLINED",
    "UNDER_REVIEW": "OPEN UNDER_REVIEW PLANNED IN_PROGRESS DELIVERED DECLINED",
    "PLANNED": "UNDER_REVIEW PLANNED IN_PROGRESS DELIVERED DECLINED",
    "IN_PROGRESS": "PLANNED IN_PROGRESS DELIVERED DECLINED",
    "DELIVERED": "IN_PROGRESS DELIVERED",
    "DECLINED": "UNDER_REVIEW DECLINED",
}


async def idea(graph: Graph) -> str:
    challenge = await graph.write(challenges.challenge_open, title="Which?", now=NOW)
    given: dict[str, Any] = {"author": None, "title": "Decaf", "now": NOW}
    return (await graph.write(ideas.idea_submit, challenge=challenge.uid, **given)).uid


async def draft(graph: Graph, uid: str, status: str, **more: Any) -> str:
    given = {"reason": "Wanted.", "answer": "We will.", "by": "team", "now": NOW} | more
    return (await graph.write(decisions.decide, idea=uid, status=status, **given)).uid


async def publish(graph: Graph, *drafts: str) -> list[decisions.Published]:
    return await graph.write(decisions.publish, drafts=drafts, by="team", now=NOW)


@dataclass(slots=True)
class Model:
    """What an idea should be, in plain values."""

    status: str = "OPEN"
    draft: dict[str, Any] | None = None
    steps: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    planned: str | None = None
    shipped: str | None = None

    def refuses(self, given: dict[str, Any]) -> bool:
        """Whether such a decision may not be drafted now."""
        to = given["status"]
        wordless = given["answer"] is None and (
            to in {"PLANNED", "DELIVERED", "DECLINED"} or to == self.status
        )
        undated = given["planned_for"] is not None and to not in {"PLANNED", "IN_PROGRESS"}
        unshipped = given["shipped_url"] is not None and to != "DELIVERED"
        return to not in ALLOWED[self.status].split() or wordless or undated or unshipped

    def publish(self) -> None:
        """The draft becomes what is."""
        assert self.draft is not None
        to, made = self.draft["status"], self.draft
        self.steps.append((self.status, to))
        self.said += [made["answer"]] if made["answer"] else []
        adopted = to in {"PLANNED", "IN_PROGRESS", "DELIVERED"}
        self.planned = (made["planned_for"] or self.planned) if adopted else None
        self.shipped = (made["shipped_url"] or self.shipped) if to == "DELIVERED" else None
        self.status, self.draft = to, None


DECISIONS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(list(ALLOWED)),
        "answer": st.sampled_from([None, "Yes.", "No."]),
        "planned_for": st.sampled_from([None, None, None, "2026-06-01"]),
        "shipped_url": st.sampled_from([None, None, None, "https://example.org/new"]),
    }
)
ACTS = st.one_of(
    st.tuples(st.just("decide"), DECISIONS),
    st.tuples(st.just("edit"), DECISIONS),
    st.tuples(st.sampled_from(["publish", "publish", "publish", "discard"]), st.none()),
)


@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=8, max_size=14))
async def test_the_workflow_is_that_of_the_model(graph: Graph, acts: list[tuple[str, Any]]) -> None:
    uid, model, drafted = await idea(graph), Model(), "none"
    for act, given_ in acts:
        more = {"reason": "Because.", "by": "team", "now": NOW}
        try:
            if act == "decide":
                refused = model.draft is not None or model.refuses(given_)
                drafted = (await graph.write(decisions.decide, idea=uid, **given_, **more)).uid
            elif act == "edit":
                refused = model.draft is None or model.refuses(given_)
                await graph.write(decisions.edit, draft=drafted, **given_, **more)
            else:
                refused = model.draft is None
                await (
                    publish(graph, drafted)
                    if act == "publish"
                    else graph.write(decisions.discard, draft=drafted)
                )
        except GraphError:
            assert refused, (act, given_, model)
            continue
        assert not refused, (act, given_, model)
        if act == "publish":
            model.publish()
        else:
            model.draft = None if act == "discard" else given_
    own = (await graph.read(OWN, uid=uid))[0]["own"]
    assert (own.get("status"), own.get("plannedFor"), own.get("shippedUrl")) == (
        model.status,
        model.planned,
        model.shipped,
    )
    adopted = model.status in {"PLANNED", "IN_PROGRESS", "DELIVERED"}
    assert own.get("roadmapKey") == ((model.planned or "9999-12-31") if adopted else None)
    assert [(row["a"], row["b"]) for row in await graph.read(LIES, uid=uid)] == model.steps
    said = [(row["version"], row["text"], row["current"]) for row in await graph.read(SAID, uid=uid)]
    assert said == [(n, text, n == len(model.said)) for n, text in enumerate(model.said, 1)]


def test_the_table_of_steps_is_the_one_meant() -> None:
    assert {one.value: set(to) for one, to in decisions.STEPS.items()} == {
        one: {IdeaStatus(name) for name in to.split()} for one, to in ALLOWED.items()
    }


async def test_of_many_decisions_at_once_one_is_drafted_and_published_once(graph: Graph) -> None:
    uid = await idea(graph)
    made = await asyncio.gather(*(draft(graph, uid, "PLANNED") for _ in range(8)), return_exceptions=True)
    drafts = [one for one in made if isinstance(one, str)]
    assert len(drafts) == 1
    assert all(isinstance(one, str | Taken) for one in made)
    told = await asyncio.gather(*(publish(graph, *drafts) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, list) for one in told) == 1
    assert all(isinstance(one, list | NotFound) for one in told)
    assert len(await graph.read(SAID, uid=uid)) == 1


async def test_several_are_published_together_or_not_at_all(graph: Graph) -> None:
    uids = [await idea(graph) for _ in range(3)]
    drafts = [await draft(graph, uid, "PLANNED") for uid in uids]
    with pytest.raises(NotFound):
        await publish(graph, *drafts, "gone")
    assert [len(await graph.read(LIES, uid=uid)) for uid in uids] == [0, 0, 0]
    both = await asyncio.gather(
        publish(graph, *drafts), publish(graph, *drafts[::-1]), return_exceptions=True
    )
    assert sum(isinstance(one, list) for one in both) == 1
    assert [len(await graph.read(LIES, uid=uid)) for uid in uids] == [1, 1, 1]


async def test_a_decision_about_what_has_changed_is_refused(graph: Graph) -> None:
    uid = await idea(graph)
    with pytest.raises(Conflict, match="OPEN by now"):
        await draft(graph, uid, "PLANNED", from_status="UNDER_REVIEW")
    made = await draft(graph, uid, "PLANNED", from_status="OPEN")
    await graph.write(_moved, uid=uid)
    with pytest.raises(Conflict, match="discard"):
        await publish(graph, made)
    await graph.write(decisions.discard, draft=made)
    await graph.write(_merged, uid=uid, original=await idea(graph))
    with pytest.raises(NotAllowed, match="original"):
        await draft(graph, uid, "DECLINED")


async def _moved(tx: Any, *, uid: str) -> None:
    await (await tx.run("MATCH (i:Idea {uid: $uid}) SET i.status = 'DECLINED'", {"uid": uid})).consume()


async def _merged(tx: Any, *, uid: str, original: str) -> None:
    query = "MATCH (i:Idea {uid: $a}), (o:Idea {uid: $b}) CREATE (i)-[:DUPLICATE_OF]->(o)"
    await (await tx.run(query, {"a": uid, "b": original})).consume()


async def test_an_unusable_decision_is_refused_beside_its_field(graph: Graph) -> None:
    uid = await idea(graph)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"status": "LOST"}, "status"),
        ({"status": "IN_PROGRESS"}, "status"),
        ({"reason": " "}, "reason"),
        ({"answer": None}, "answer"),
        ({"planned_for": "soon"}, "plannedFor"),
        ({"status": "DELIVERED", "shipped_url": "http://example.org"}, "shippedUrl"),
        ({"status": "DELIVERED", "shipped_url": "javascript:alert(1)"}, "shippedUrl"),
    ]
    for given_, where in wrong:
        with pytest.raises((Invalid, NotAllowed)) as refused:
            await draft(graph, uid, **({"status": "PLANNED"} | given_))
        assert refused.value.field == where
    with pytest.raises(NotFound):
        await draft(graph, "nothing", "PLANNED")
    with pytest.raises(Invalid):
        await publish(graph)


async def test_a_delivered_idea_takes_no_votes(graph: Graph) -> None:
    uid = await idea(graph)
    await decided(graph, uid, "DELIVERED")
    with pytest.raises(Closed, match="DELIVERED"):
        await graph.write(votes.cast_vote, idea=uid, voter=await _voter(graph), value=1, now=NOW)


async def _voter(graph: Graph) -> str:
    return (await graph.write(customers.upsert, now=NOW, fields={})).uid
